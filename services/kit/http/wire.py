"""HTTP/1.1 as bytes: requests read by llhttp, the head of a reply written.

llhttp (through httptools, none of its leniencies set) reads request line, headers and chunks, and
tells whether the connection is kept. Whatever is ambiguous is refused, so that a proxy in front
and this server agree about where a request ends; `Parser` adds what llhttp lets pass.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from time import time
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url

from kit.problems import Problem

MANY_HEADERS = 100
_SINGLE = frozenset(
    {
        "authorization",
        "content-length",
        "content-type",
        "expect",
        "host",
        "idempotency-key",
        "petition-seen",
        "traceparent",
        "transfer-encoding",
    }
)
_STATUS_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\n" for s in HTTPStatus}
BODILESS = frozenset({204, 304})


class Headers(dict[str, str]):
    """Header fields by lower-case name; look-ups take any case."""

    __slots__ = ()

    def __missing__(self, name: str) -> str:
        lower = name.lower()
        if lower == name:
            raise KeyError(name)
        return self[lower]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of field `name`, or `default`."""
        return super().get(name.lower(), default)


@dataclass(slots=True)
class Head:
    """A request's head. `length` is None for a chunked body, `old` means HTTP/1.0."""

    method: str
    path: str
    query: str
    headers: Headers
    length: int | None = 0
    keep: bool = True
    old: bool = False
    expects: bool = False
    remote: str = ""


@dataclass(slots=True)
class Reply:
    """An answer to be written; `body` in pieces when it is not to be held as a whole.

    `close` says that the request was not read to its end: the connection cannot go on.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Iterable[bytes] = b""
    close: bool = False


def malformed(code: str, detail: str, detail_en: str, status: int = 400) -> Problem:
    """A problem of the transport itself, before anyone knows what is wanted."""
    return Problem(status, code, detail, detail_en)


class Parser:
    """One request, fed to llhttp as it arrives.

    Whoever feeds takes care that no piece goes beyond a head's end, nor a chunk's: then nothing of
    the next request is read before this one is answered.
    """

    __slots__ = ("_fields", "_headed", "_http", "_keep", "_target", "done", "pieces")

    def __init__(self) -> None:
        self._fields: list[tuple[bytes, bytes]] = []
        self._headed, self._keep, self._target = False, False, b""
        self.done = False
        self.pieces: list[bytes] = []  # of the body
        self._http: HttpRequestParser | None = HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Read on; raises Problem 400 or 505."""
        assert self._http is not None
        try:
            self._http.feed_data(data)
        except HttpParserUpgrade:
            text = "Neither an upgrade nor a tunnel is offered."
            raise malformed("upgrade", "不支持协议升级或隧道。", text) from None
        except HttpParserError as error:
            raise _unreadable(str(error)) from None

    def head(self, block: bytes, remote: str = "") -> Head:
        """The head, which was fed to its end and came as `block`.

        Raises Problem 400, 417, 431, 501 or 505.
        """
        assert self._http is not None
        version, method = self._http.get_http_version(), self._http.get_method()
        if version not in ("1.1", "1.0"):
            raise _unreadable("Invalid HTTP version" if version > "1" else "No HTTP version")
        # llhttp takes several spaces between the parts, and RTSP for HTTP
        if not (self._headed and block.startswith(b"%b %b HTTP/" % (method, self._target))):
            raise _unreadable("Invalid request line")
        path, _, query = _origin(self._target).partition("?")
        head = Head(
            method.decode("ascii"), path, query, _headers(self._fields),
            keep=self._keep, old=version == "1.0", remote=remote,
        )  # fmt: skip
        _frame(head)
        if self.done is not (head.length == 0):
            raise _unreadable("No telling whether there is a body")
        if head.length is not None:
            self._http = None  # which knows this object: a cycle otherwise
        return head

    def on_url(self, piece: bytes) -> None:
        self._target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        assert self._http is not None
        self._headed, self._keep = True, self._http.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        self.pieces.append(piece)

    def on_message_complete(self) -> None:
        self.done = True


def _unreadable(reason: str) -> Problem:
    if reason == "Invalid HTTP version":
        return malformed("version", "只支持 HTTP/1.1。", "Only HTTP/1.1 is spoken here.", 505)
    return malformed("bad-request", "请求不符合 HTTP/1.1。", f"This is no HTTP/1.1: {reason}.")


def _headers(fields: list[tuple[bytes, bytes]]) -> Headers:
    if len(fields) > MANY_HEADERS:
        text = f"More than {MANY_HEADERS} header lines."
        raise malformed("head-too-large", "请求头过多。", text, 431)
    headers = Headers()
    for raw_name, raw_value in fields:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1").rstrip(" \t")
        if name in headers:
            if name in _SINGLE:
                text = f"The header {name} may be given once only."
                raise malformed("repeated-header", f"请求头 {name} 只能出现一次。", text)
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return headers


def _origin(target: bytes) -> str:
    if b"#" not in target:
        if target.startswith(b"/"):
            return target.decode("latin-1")
        if target.startswith((b"http://", b"https://")):  # as a proxy may send it
            with suppress(HttpParserError):
                url = parse_url(target)
                query = b"?" + url.query if url.query else b""
                return ((url.path or b"/") + query).decode("latin-1")
    raise malformed("bad-target", "请求地址无法识别。", "The request target makes no sense.")


def _frame(head: Head) -> None:
    """Decide where the body ends; raises Problem where it, or who is asked, is not plain."""
    headers = head.headers
    if not head.old and "host" not in headers:
        raise malformed("no-host", "缺少 Host 请求头。", "The Host header is missing.")
    head.length = _length(head)
    expects = headers.get("expect")
    if expects is not None and expects.lower() != "100-continue":
        raise malformed("expect", "无法满足 Expect 请求头。", "Unknown expectation.", 417)
    head.expects = expects is not None and not head.old


def _length(head: Head) -> int | None:
    """llhttp has refused what is no number, and a length beside a transfer coding."""
    coding = head.headers.get("transfer-encoding")
    if coding is None:
        return int(head.headers.get("content-length", "0"))
    if head.old:
        text = "HTTP/1.0 knows no Transfer-Encoding."
        raise malformed("coding", "HTTP/1.0 不支持传输编码。", text)
    if coding.lower() != "chunked":
        text = "Only the transfer coding chunked is known."
        raise malformed("coding", "不支持该传输编码。", text, 501)
    return None


def too_large(limit: int) -> Problem:
    """413: the body has more than `limit` bytes."""
    return malformed(
        "too-large", f"内容超过上限 {limit} 字节。", f"The body exceeds {limit} bytes.", 413
    )


def encode_head(reply: Reply, keep: bool, old: bool) -> bytes:
    fields = "".join([f"{name}: {value}\r\n" for name, value in reply.headers])
    if not fields.count("\n") == fields.count("\r") == len(reply.headers):
        raise ValueError("a line break in a response header")
    status = _STATUS_LINES.get(reply.status) or f"HTTP/1.1 {reply.status} Other\r\n"
    length = ""
    if isinstance(reply.body, bytes):
        if reply.status not in BODILESS:
            length = f"Content-Length: {len(reply.body)}\r\n"
    elif not old:
        length = "Transfer-Encoding: chunked\r\n"
    last = "Connection: close\r\n" if not keep else "Connection: keep-alive\r\n" if old else ""
    return f"{status}{_date()}{fields}{length}{last}\r\n".encode("latin-1")


_dated: tuple[int, str] = (0, "")


def _date() -> str:
    global _dated
    second = int(time())
    if _dated[0] != second:
        _dated = (second, f"Date: {formatdate(second, usegmt=True)}\r\n")
    return _dated[1]


def as_chunks(body: Iterable[bytes]) -> Iterator[bytes]:
    """The transfer coding chunked."""
    for piece in body:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
