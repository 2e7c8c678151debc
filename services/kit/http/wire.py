"""HTTP/1.1 as bytes: the head of a request read strictly, the head of a reply written.

Whatever is ambiguous is refused: two lengths, a length beside chunks, folded or spaced header
names, bare line feeds. So a proxy in front and this server agree about where a request ends.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from time import time
from typing import Any

from kit.problems import Problem

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([\x21-\x7e]+) HTTP/(\d\.\d)")
_FIELD = re.compile(rf"({_TOKEN}):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
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


def parse_head(block: bytes, remote: str = "") -> Head:
    """Read a head (without its closing blank line); raises Problem 400, 417, 501 or 505."""
    first, *lines = block.decode("latin-1").split("\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise malformed("bad-request-line", "请求行无法识别。", "The request line makes no sense.")
    method, target, version = line.groups()
    if version not in ("1.1", "1.0"):
        raise malformed("version", "只支持 HTTP/1.1。", "Only HTTP/1.1 is spoken here.", 505)
    headers = _fields(lines)
    path, _, query = _origin(target).partition("?")
    head = Head(method, path, query, headers, old=version == "1.0", remote=remote)
    _frame(head)
    return head


def _fields(lines: list[str]) -> Headers:
    headers = Headers()
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is None:
            raise malformed("bad-header", "请求头无法识别。", "A header line makes no sense.")
        name, value = found[1].lower(), found[2].rstrip(" \t")
        if name in headers:
            if name in _SINGLE:
                text = f"The header {name} may be given once only."
                raise malformed("repeated-header", f"请求头 {name} 只能出现一次。", text)
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return headers


def _origin(target: str) -> str:
    if target.startswith(("http://", "https://")):  # the absolute form, as a proxy may send it
        target = "/" + target.split("//", 1)[1].partition("/")[2]
    if not target.startswith("/") or "#" in target:
        raise malformed("bad-target", "请求地址无法识别。", "The request target makes no sense.")
    return target


def _frame(head: Head) -> None:
    """Decide where the body ends and whether the connection goes on."""
    headers = head.headers
    if not head.old and "host" not in headers:
        raise malformed("no-host", "缺少 Host 请求头。", "The Host header is missing.")
    head.length = _length(head)
    expects = headers.get("expect")
    if expects is not None and expects.lower() != "100-continue":
        raise malformed("expect", "无法满足 Expect 请求头。", "Unknown expectation.", 417)
    head.expects = expects is not None and not head.old
    options = headers.get("connection", "").lower()
    head.keep = "keep-alive" in options if head.old else "close" not in options


def _length(head: Head) -> int | None:
    length, coding = head.headers.get("content-length"), head.headers.get("transfer-encoding")
    if coding is not None:
        if length is not None or head.old:
            text = "Transfer-Encoding excludes Content-Length and HTTP/1.0."
            raise malformed("two-lengths", "请求体的长度不明确。", text)
        if coding.lower() != "chunked":
            text = "Only the transfer coding chunked is known."
            raise malformed("coding", "不支持该传输编码。", text, 501)
        return None
    if length is None:
        return 0
    if not (length.isascii() and length.isdigit() and len(length) <= 15):
        raise malformed("bad-length", "Content-Length 无效。", "Content-Length is no number.")
    return int(length)


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
