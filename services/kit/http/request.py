"""What a route's method is given (`Request`) and may give back (`Answer`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from random import getrandbits
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from kit.http.wire import Head, Headers
from kit.identity import PUBLIC_ACTOR, Actor
from kit.problems import Problem

_KEY = re.compile(r"[\x20-\x7e]{1,128}")
_SEEN = re.compile(r"[a-z]{1,32}:\d{1,18}(?: +[a-z]{1,32}:\d{1,18}){0,15}")
_TRACE = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_LOOPBACK = ("127.0.0.1", "::1")
_MANY_FIELDS = 200


@dataclass(slots=True)
class Request:
    """One request, after everything that can be checked without the service's data was checked.

    Args:
        actor: on whose behalf it runs.
        headers: by name, in any case.
        query: as the route's query schema loaded it (a page without one: plain strings).
        idempotency_key: of a command; "" elsewhere.
        seen: sequence by source, from `Petition-Seen`.
        route: the route's template, never the path itself.
        trace: W3C traceparent, the caller's trace continued or a new one.
        form, files, cookies: of a page; a page's authenticator has the cookies already.
        raw: the body of a route that takes a file.
        remote: the client's address, as told by a proxy on this machine if there is one.
        body_hash: SHA-256 over method, path and raw body; of a command only.
    """

    actor: Actor = PUBLIC_ACTOR
    headers: Headers = field(default_factory=Headers)
    query: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)
    route: str = ""
    trace: str | None = None
    form: MultiDict[str, str] = field(default_factory=MultiDict)
    files: MultiDict[str, FileStorage] = field(default_factory=MultiDict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    remote: str = ""
    body_hash: bytes = b""
    raw: bytes = b""
    method: str = "GET"
    path: str = "/"


@dataclass(slots=True)
class Answer:
    """An answer with a status or headers of its own; `status` None means the route's."""

    data: dict[str, Any]
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def trace_of(headers: Headers) -> str:
    """This hop's traceparent: the caller's trace id, or a new one, with a span id of our own."""
    given = headers.get("traceparent")
    if given is not None and _TRACE.fullmatch(given):
        return f"{given[:36]}{getrandbits(64) | 1:016x}{given[52:]}"
    return f"00-{getrandbits(128) | 1:032x}-{getrandbits(64) | 1:016x}-01"


def remote_of(head: Head) -> str:
    """The client's address; what a proxy tells counts only if it speaks from this machine."""
    forwarded = head.headers.get("x-forwarded-for") if head.remote in _LOOPBACK else None
    return forwarded.rpartition(",")[2].strip() if forwarded else head.remote


def key_of(headers: Headers) -> str:
    """A command's idempotency key; raises Problem 400 naming the header."""
    key: str = headers.get("idempotency-key", "")
    if _KEY.fullmatch(key):
        return key
    raise Problem(
        400,
        "idempotency-key",
        "此操作需要请求头 Idempotency-Key：1 至 128 个可见字符，重试时保持不变。",
        "This needs the header Idempotency-Key: 1 to 128 printable characters, kept on a retry.",
        field="Idempotency-Key",
    )


def seen_of(headers: Headers) -> dict[str, int]:
    """`Petition-Seen: routing:5 intake:3` as a dictionary; raises Problem 400 naming the header."""
    text = headers.get("petition-seen")
    if not text:
        return {}
    if not _SEEN.fullmatch(text):
        raise Problem(
            400,
            "petition-seen",
            "请求头 Petition-Seen 应写作：routing:5 intake:3。",
            "The header Petition-Seen reads like this: routing:5 intake:3.",
            field="Petition-Seen",
        )
    parts = (part.partition(":") for part in text.split())
    return {source: int(number) for source, _, number in parts}


def hash_of(head: Head, body: bytes) -> bytes:
    """SHA-256 over method, path with query, and raw body: what makes two requests the same."""
    target = f"{head.method} {head.path}?{head.query}\n"
    return sha256(target.encode("latin-1") + body).digest()


def query_of(text: str) -> dict[str, list[str]]:
    """The query's fields with all their values; raises Problem 400."""
    if not text:
        return {}
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(text, True, errors="strict", max_num_fields=_MANY_FIELDS)
    except ValueError:
        raise _unreadable("查询参数") from None
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise _unreadable("查询参数")
        fields.setdefault(name, []).append(value)
    return fields


def _in_memory(*_: Any, **__: Any) -> BytesIO:
    return BytesIO()


def form_of(head: Head, body: bytes) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """Fields and files of a page's form; raises Problem 400, 413 or 415."""
    kind, options = parse_options_header(head.headers.get("content-type"))
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise wrong_type("application/x-www-form-urlencoded, multipart/form-data")
    parser = FormDataParser(
        # a file stays in memory, which the body's limit bounds: it is nothing to leave on a disk in clear
        stream_factory=_in_memory,
        silent=False, max_form_memory_size=len(body), max_form_parts=_MANY_FIELDS, cls=MultiDict,
    )  # fmt: skip
    try:
        _, form, files = parser.parse(BytesIO(body), kind, len(body), options)
    except (ValueError, HTTPException):
        raise _unreadable("表单") from None
    if any("\x00" in value for value in form.values()):
        raise _unreadable("表单")
    return form, files


def wrong_type(accepted: str) -> Problem:
    """415, naming what would be accepted."""
    text = f"The content type must be one of: {accepted}."
    return Problem(415, "content-type", f"内容类型应为：{accepted}。", text, field="Content-Type")


def _unreadable(what: str) -> Problem:
    return Problem(400, "unreadable", f"{what}无法读取。", "The query or form cannot be read.")
