"""Requests to a container without a socket: for tests, through everything but the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kit.http.server import Server
from kit.http.wire import Head, Headers, too_large


@dataclass(slots=True)
class Result:
    """An answer: status, headers by name in any case, body."""

    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        """The body's JSON value."""
        return orjson.loads(self.body)


class Client:
    """Calls the routes of a started nameko container (`HTTP_ADDRESS: ""`: it listens nowhere)."""

    def __init__(self, container: Any, headers: Mapping[str, str] | None = None) -> None:
        self._door = container.shared_extensions[Server].door
        self._headers = dict(headers or {})

    def get(self, url: str, **headers: str) -> Result:
        """GET `url`; `headers` with underscores for hyphens."""
        return self.request("GET", url, headers=_named(headers))

    def post(self, url: str, json: Any = None, **headers: str) -> Result:
        """POST `json` to `url`; `headers` with underscores for hyphens."""
        body = b"" if json is None else orjson.dumps(json)
        named = {"content-type": "application/json"} | _named(headers)
        return self.request("POST", url, body=body, headers=named)

    def request(
        self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Result:
        """Any request; the body's length is set for you."""
        path, _, query = url.partition("?")
        merged = self._headers | dict(headers or {})
        given = Headers((name.lower(), value) for name, value in merged.items())
        head = Head(method, path, query, given, length=len(body), remote="127.0.0.1")

        def read(_head: Head, limit: int) -> bytes:
            if len(body) > limit:
                raise too_large(limit)
            return body

        reply = self._door.answer(head, read)
        content = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        answered = Headers((name.lower(), value) for name, value in reply.headers)
        return Result(reply.status, answered, content)


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-").lower(): value for name, value in headers.items()}
