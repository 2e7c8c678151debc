"""Requests to the services over HTTP, and what comes back.

Everything sent is a reading or carries an Idempotency-Key, so one broken connection is tried again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

import orjson
import requests
from requests.adapters import HTTPAdapter

from kit.peers import service_url

TIMEOUT = (1.0, 5.0)
"""Seconds to connect, and to wait for an answer."""
PIECE_TIMEOUT = (1.0, 20.0)
"""The same for each piece of a file: the database may take 15 seconds for the lines of one."""
POOL = 32
PIECE = 64 << 10
"""Bytes of a download at a time."""
SHUNNED = 3.0
"""Seconds for which nothing is read from a service that let someone wait in vain: a page with five
parts must not wait five times. Commands are always tried."""


class Down(Exception):
    """A service does not answer, or says that it cannot now."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class Refusal(Exception):
    """A service said no (RFC 9457). `errors` are Chinese messages by the field's dotted path."""

    def __init__(
        self,
        service: str,
        status: int,
        code: str,
        detail: str,
        errors: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{service} {status} {code}")
        self.service, self.status, self.code, self.detail = service, status, code, detail
        self.errors = dict(errors or {})

    @classmethod
    def read(cls, service: str, status: int, body: Any) -> Refusal:
        """The refusal in a problem document; a body that is none still makes one."""
        body = body if isinstance(body, dict) else {}
        errors: dict[str, str] = {}
        for error in body.get("errors", ()):
            name, text = error["field"], error["detail"]
            errors[name] = f"{errors[name]} {text}" if name in errors else text
        code = str(body.get("type", "")).rpartition("/")[2]
        detail = body.get("detail") or f"操作未完成（{status}）。"
        if body.get("article"):
            detail += f"（{body['article']}）"
        return cls(service, status, code, detail, errors)


@dataclass(frozen=True)
class Download:
    """A file on its way to the browser."""

    content_type: str
    disposition: str
    pieces: Iterator[bytes]


class Http(Protocol):
    """Sends one request to a service and returns its answer, JSON or a `File`; raises `Down` or `Refusal`."""

    def __call__(
        self, service: str, method: str, path: str, *, headers: Mapping[str, str],
        query: Mapping[str, str] | None = None, body: Any = None,
    ) -> Any: ...  # fmt: skip

    def download(self, service: str, path: str, *, headers: Mapping[str, str]) -> Download:
        """A file, piece by piece."""


class Network:
    """`Http` over real connections, kept open and shared by all pages of the process."""

    def __init__(self, url_of: Callable[[str], str] = service_url) -> None:
        self._url_of = url_of
        self._shunned: dict[str, float] = {}
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor a .netrc between our own services
        self._session.mount("http://", HTTPAdapter(pool_maxsize=POOL))
        self._session.mount("https://", HTTPAdapter(pool_maxsize=POOL))

    def __call__(
        self,
        service: str,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        if "Idempotency-Key" not in headers and time.monotonic() < self._shunned.get(service, 0):
            raise Down(service)
        sent = dict(headers)
        data = body if body is None or isinstance(body, BytesIO) else orjson.dumps(body)
        if data is not None:
            kind = "octet-stream" if data is body else "json"
            sent["Content-Type"] = f"application/{kind}"
        url = self._url_of(service) + path
        return _read(service, self._send(service, method, url, query, data, sent))

    def download(self, service: str, path: str, *, headers: Mapping[str, str]) -> Download:
        """A file, piece by piece: it is never held here."""
        url = self._url_of(service) + path
        answer = self._send(service, "GET", url, None, None, dict(headers), stream=True)
        if answer.status_code != 200:
            _read(service, answer)
            raise Down(service)
        return Download(
            answer.headers.get("Content-Type", "application/octet-stream"),
            answer.headers.get("Content-Disposition", "attachment"),
            answer.iter_content(PIECE),
        )

    def _send(
        self,
        service: str,
        method: str,
        url: str,
        query: Mapping[str, str] | None,
        data: bytes | BytesIO | None,
        headers: dict[str, str],
        stream: bool = False,
    ) -> requests.Response:
        for attempt in (1, 2):
            if isinstance(data, BytesIO):
                data.seek(0)
            try:
                return self._session.request(
                    method, url, params=query, data=data, headers=headers,
                    timeout=PIECE_TIMEOUT if stream else TIMEOUT, allow_redirects=False, stream=stream,
                )  # fmt: skip
            except requests.Timeout:
                self._shunned[service] = time.monotonic() + SHUNNED
                raise Down(service) from None
            except requests.ConnectionError:
                # a kept connection that the service has just closed looks like this
                if attempt == 2:
                    raise Down(service) from None
            except requests.RequestException:
                raise Down(service) from None
        raise AssertionError("unreachable")


def _read(service: str, answer: requests.Response) -> Any:
    """What an answer says. Raises Down or Refusal."""
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Down(service)
    content = _content(service, answer)
    if answer.status_code >= 400:
        raise Refusal.read(service, answer.status_code, content)
    return content


def _content(service: str, answer: requests.Response) -> Any:
    try:
        return orjson.loads(answer.content) if answer.content else {}
    except orjson.JSONDecodeError:
        raise Down(service) from None
