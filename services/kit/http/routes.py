"""`route` and `page`: how a service's method becomes an HTTP entrypoint of nameko."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import eventlet
import orjson
from marshmallow import Schema, fields
from nameko.extensions import register_entrypoint
from nameko.web.handlers import HttpRequestHandler

from kit.http.answers import to_reply
from kit.http.paths import parameters
from kit.http.payload import json_of
from kit.http.request import Request, form_of, query_of
from kit.http.server import Server
from kit.http.wire import Head, Reply
from kit.identity import Scope
from kit.log import bind

F = TypeVar("F", bound=Callable[..., Any])
LIMIT = 1 << 20
"""Bytes of a body, unless a route says otherwise."""


class Route(HttpRequestHandler):  # type: ignore[misc]
    """A route of a service; made by `route` and `page`."""

    server = Server()

    def __init__(
        self,
        method: str,
        url: str,
        scope: Scope,
        *,
        body: type[Schema] | None = None,
        query: type[Schema] | None = None,
        out: type[Schema] | None = None,
        status: int = 200,
        command: bool = False,
        limit: int = LIMIT,
        summary: str = "",
        tags: Sequence[str] = (),
        page: bool = False,
        direct: bool = False,
        raw: bool = False,
    ) -> None:
        super().__init__(method, url)
        self.scope, self.status, self.command, self.limit = scope, status, command, limit
        self.summary, self.tags, self.page, self.direct = summary, tags, page, direct
        self.raw, self.large = raw, limit > LIMIT
        self.body, self.query, self.out = body, query, out
        self._body: Schema | None = body() if body else None
        self._query: Schema | None = query() if query else None
        self._out: Schema | None = out() if out else None
        self._lists = _list_names(self._query)
        self._checking = False

    def setup(self) -> None:
        """Register with the server; raises TypeError where the method's parameters do not fit."""
        super().setup()
        method = getattr(self.container.service_cls, self.method_name)
        names = parameters(self.url) + ["body"] * (self.body is not None)
        try:
            inspect.signature(method).bind(None, None, **dict.fromkeys(names))
        except TypeError as error:
            raise TypeError(f"{self.method_name} for {self.url}: {error}") from None
        self._checking = bool(self.container.config.get("CHECK_ANSWERS")) and self.out is not None

    def stop(self) -> None:
        """No new requests from here on; those in progress are waited for."""
        self.server.drain()
        super().stop()

    def arguments(
        self, request: Request, head: Head, raw: bytes, values: dict[str, Any]
    ) -> dict[str, Any]:
        """The method's keyword arguments; fills in the request's query, form, files.

        Raises Problem 400 or 415, and ValidationError, which becomes 422.
        """
        self._load_query(request, head.query)
        if self.page:
            if raw:
                request.form, request.files = form_of(head, raw)
        elif self.raw:
            request.raw = raw
        else:
            data = json_of(head, raw, wanted=self._body is not None)
            if self._body is not None:
                values["body"] = self._body.load(data)
        return values

    def _load_query(self, request: Request, text: str) -> None:
        if not text and self._query is None:
            return
        given: dict[str, Any] = {
            name: texts if name in self._lists else texts[0] if len(texts) == 1 else texts
            for name, texts in query_of(text).items()
        }
        if self._query is not None:
            request.query = self._query.load(given)
        elif self.page:
            request.query = given
        elif given:
            _NOTHING.load(given)  # a filter misspelt must not look like one that was heeded

    def reply(self, result: Any) -> Reply:
        """The reply for what the method returned.

        With CHECK_ANSWERS in the configuration (tests), an answer unlike its schema is an error.
        """
        reply = to_reply(result, self.status)
        if self._checking and self._out is not None and isinstance(reply.body, bytes):
            errors = self._out.validate(orjson.loads(reply.body))
            if errors:
                raise AssertionError(f"{self.url} does not answer as {self.out}: {errors}")
        return reply


class _Nothing(Schema):
    """Refuses every field."""


_NOTHING = _Nothing()


def route(
    method: str,
    url: str,
    *,
    scope: Scope | None = None,
    body: type[Schema] | None = None,
    query: type[Schema] | None = None,
    out: type[Schema] | None = None,
    status: int = 200,
    command: bool = False,
    limit: int = LIMIT,
    summary: str = "",
    tags: Sequence[str] = (),
    direct: bool = False,
    raw: bool = False,
) -> Callable[[F], F]:
    """Make a method answer `method url` with JSON.

    The method is called with a `Request`, the url's parameters (`<number>`, `<int:page>`) by name
    and, where there is a body schema, `body`. It returns a dict, an Answer, a werkzeug Response, or
    None (204).

    Args:
        scope: who may call it; a route without one does not start (TypeError).
        body, query: marshmallow schemas that the request must meet; unknown fields are refused.
        out: schema of the answer, for OpenAPI.
        status: of a good answer.
        command: it changes something: needs `Idempotency-Key`, waits while the outbox is too long.
        limit: bytes of the body at most.
        summary: for OpenAPI; by default the docstring's first line.
        tags: groups in OpenAPI.
        direct: answer without a worker and without dependencies (health, metrics).
        raw: the body is no JSON but bytes of any kind (a file): `request.raw`.
    """
    return _registering(
        method, url, scope, body=body, query=query, out=out, status=status, command=command,
        limit=limit, summary=summary, tags=tags, direct=direct, raw=raw,
    )  # fmt: skip


def page(
    method: str, url: str, *, scope: Scope | None = None, limit: int = LIMIT
) -> Callable[[F], F]:
    """Make a method answer `method url` with a page: it gets `request.form`, `.files`, `.cookies`.

    The method returns HTML as a str, or a werkzeug Response. Problems are rendered by the service
    class's static method `on_problem(problem, request | None) -> str | Response | None`, if any.
    """
    return _registering(method, url, scope, limit=limit, page=True)


def _registering(method: str, url: str, scope: Scope | None, **options: Any) -> Callable[[F], F]:
    if scope is None:
        raise TypeError(f"a route that declares no scope does not start: {method} {url}")

    def register(function: F) -> F:
        wrapped = _traced(function)
        register_entrypoint(wrapped, Route(method, url, scope, **options))
        return wrapped

    return register


def _traced(function: F) -> F:
    """The method, with its log lines under the request's trace, in the worker's own greenthread."""

    @functools.wraps(function)
    def traced(self: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        bind(request.trace or "", getattr(self, "name", "").partition(".")[2])
        try:
            return function(self, request, *args, **kwargs)
        except eventlet.Timeout as timeout:  # no Exception: nameko would lose it, and the answer
            raise TimeoutError("time limit inside a worker") from timeout

    return traced  # type: ignore[return-value]


def _list_names(schema: Schema | None) -> frozenset[str]:
    """The query fields that may be repeated."""
    if schema is None:
        return frozenset()
    items = schema.load_fields.items()
    return frozenset(
        str(field.data_key or name) for name, field in items if isinstance(field, fields.List)
    )
