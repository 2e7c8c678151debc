"""Which route a path means: `/petitions/<number>`, `/pages/<int:page>`, `/static/<path:name>`."""

import re
from collections.abc import Iterable
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import unquote_to_bytes

from kit.problems import Problem, not_found

_PARAMETER = re.compile(r"<(?:(int|path):)?([a-z_][a-z0-9_]*)>")
_PATTERNS = {"": r"([^/]+)", "int": r"(\d{1,15})", "path": r"(.+)"}


class Routable(Protocol):
    """What the map needs to know of a route."""

    method: str
    url: str


R = TypeVar("R", bound=Routable)


def parameters(url: str) -> list[str]:
    """The names of a template's parameters, in order."""
    return [name for _, name in _PARAMETER.findall(url)]


def braces(url: str) -> str:
    """The template as OpenAPI writes it: `/petitions/{number}`."""
    return _PARAMETER.sub(r"{\2}", url)


class Template(Generic[R]):
    """The routes of one template, by method."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.routes: dict[str, R] = {}
        self.names = [(name, kind == "int") for kind, name in _PARAMETER.findall(url)]

    def pattern(self) -> str:
        """A regular expression with one group for each parameter."""
        parts, position = [], 0
        for found in _PARAMETER.finditer(self.url):
            parts += [re.escape(self.url[position : found.start()]), _PATTERNS[found[1] or ""]]
            position = found.end()
        return "".join(parts) + re.escape(self.url[position:])

    def rank(self) -> list[tuple[int, str]]:
        """Fixed words go before parameters, so that the more special template wins."""
        return [(2 if "<path:" in p else int("<" in p), p) for p in self.url.split("/")]


class Paths(Generic[R]):
    """All templates of a server, as one dictionary and one regular expression."""

    def __init__(self, routes: Iterable[R]) -> None:
        templates: dict[str, Template[R]] = {}
        for route in routes:
            template = templates.setdefault(route.url, Template(route.url))
            for method in route.method.upper().split(","):
                if template.routes.setdefault(method, route) is not route:
                    raise TypeError(f"two routes for {method} {route.url}")
        self._fixed = {t.url: t for t in templates.values() if not t.names}
        ranked = sorted((t for t in templates.values() if t.names), key=Template.rank)
        self._groups: dict[int, Template[R]] = {}
        patterns, group = [], 1
        for template in ranked:
            self._groups[group] = template
            patterns.append(f"({template.pattern()})")
            group += 1 + len(template.names)
        self._any = re.compile("|".join(patterns) if patterns else r"(?!)")

    def match(self, method: str, path: str) -> tuple[R, dict[str, Any]]:
        """The route and its parameters; HEAD means GET. Raises Problem 404 or 405."""
        template = self._fixed.get(path)
        values: dict[str, Any] = {}
        if template is None:
            found = self._any.fullmatch(path)
            if found is None:
                raise not_found("此地址", "such path")
            assert found.lastindex is not None
            template = self._groups[found.lastindex]
            texts = found.groups()[found.lastindex : found.lastindex + len(template.names)]
            for (name, whole), text in zip(template.names, texts, strict=True):
                values[name] = int(text) if whole else _text(text)
        route = template.routes.get("GET" if method == "HEAD" else method)
        if route is None:
            raise _not_allowed(template.routes)
        return route, values


def _text(raw: str) -> str:
    if "%" not in raw:
        return raw
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise not_found("此地址", "such path") from None
    if not text.isprintable():
        raise not_found("此地址", "such path")
    return text


def _not_allowed(routes: dict[str, Any]) -> Problem:
    allowed = ", ".join(sorted(routes) + ["HEAD"] * ("GET" in routes))
    return Problem(
        405,
        "method",
        f"此地址只支持：{allowed}。",
        f"Only these methods work here: {allowed}.",
        headers={"Allow": allowed},
    )
