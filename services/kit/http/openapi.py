"""OpenAPI 3.1 from the routes' schemas."""

import inspect
from collections.abc import Iterator
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from kit.http.paths import _PARAMETER, braces
from kit.http.routes import Route

VERSION = "1"


class _FieldError(Schema):
    field = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    detail_en = fields.String(required=True)


class _Problem(Schema):
    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    detail_en = fields.String(required=True)
    instance = fields.String()
    rule = fields.String()
    article = fields.String()
    errors = fields.List(fields.Nested(_FieldError))


def routes_of(service_class: type) -> Iterator[tuple[Route, Any]]:
    """The JSON routes of a service class with their methods, in the order of their urls."""
    found = [
        (entrypoint, method)
        for _, method in inspect.getmembers(service_class, inspect.isfunction)
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ())
        if isinstance(entrypoint, Route) and not entrypoint.page
    ]
    yield from sorted(found, key=lambda pair: (pair[0].url, pair[0].method))


def spec_for(service_class: Any) -> dict[str, Any]:
    """The OpenAPI document of a service class; needs no running service."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title=f"petition {service_class.name}",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": inspect.getdoc(service_class) or ""},
        plugins=[plugin],
    )
    _components(spec)
    paths: dict[str, dict[str, Any]] = {}
    for route, method in routes_of(service_class):
        for verb in route.method.lower().split(","):
            paths.setdefault(braces(route.url), {})[verb] = _operation(route, method)
    for path, operations in paths.items():
        spec.path(path=path, operations=operations)
    document: dict[str, Any] = spec.to_dict()
    return document


def _schema_name(schema: Any) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    return cls.__name__.lstrip("_").removesuffix("Schema") or cls.__name__


def _components(spec: APISpec) -> None:
    spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT (EdDSA)"}
    )
    spec.components.parameter(
        "IdempotencyKey",
        "header",
        {
            "name": "Idempotency-Key",
            "required": True,
            "description": "The same on every attempt of one command.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        },
    )
    spec.components.parameter(
        "PetitionSeen",
        "header",
        {
            "name": "Petition-Seen",
            "description": "What the caller has seen, `routing:5 intake:3`; waited for up to 2 s.",
            "schema": {"type": "string"},
        },
    )
    content = {"application/problem+json": {"schema": _Problem}}
    spec.components.response("Problem", {"description": "A problem (RFC 9457)", "content": content})


def _operation(route: Route, method: Any) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": method.__name__,
        "summary": route.summary or (inspect.getdoc(method) or "").partition("\n")[0],
        "tags": list(route.tags),
        "parameters": _parameters(route),
        "responses": {str(route.status): _success(route), "default": "Problem"},
        "x-scope": route.scope.name,
    }
    if route.scope.name != "public":
        operation["security"] = [{"token": []}]
    content: dict[str, Any]
    if route.body is not None:
        content = {"application/json": {"schema": route.body}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.raw:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(route: Route) -> list[Any]:
    found: list[Any] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if kind == "int" else "string"},
        }
        for kind, name in _PARAMETER.findall(route.url)
    ]
    if route.query is not None:
        found.append({"in": "query", "schema": route.query})
    if route.command:
        found += ["IdempotencyKey", "PetitionSeen"]
    return found


def _success(route: Route) -> dict[str, Any]:
    description: dict[str, Any] = {"description": "Done"}
    if route.out is not None:
        description["content"] = {"application/json": {"schema": route.out}}
    if route.command:
        description["headers"] = {
            "Petition-Sequence": {
                "description": "This service's sequence after the command, `routing:5`.",
                "schema": {"type": "string"},
            }
        }
    return description
