"""What a route's method returned, as a reply."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import orjson
from werkzeug.wrappers import Response

from kit.http.request import Answer
from kit.http.wire import Reply
from kit.problems import Problem

JSON = ("Content-Type", "application/json")
PROBLEM = ("Content-Type", "application/problem+json")
HTML = ("Content-Type", "text/html; charset=utf-8")
GUARDS = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "date"})
_OPTIONS = orjson.OPT_UTC_Z


def to_reply(result: Any, status: int) -> Reply:
    """The reply for a method's `result`: dict, Answer, Response, str (HTML), or None (204).

    Raises TypeError for anything else, and for data that is no JSON.
    """
    if type(result) is dict:
        return json_reply(result, status, {})
    if isinstance(result, Answer):
        return json_reply(result.data, result.status or status, dict(result.headers))
    if isinstance(result, Response):
        return _from_response(result)
    if isinstance(result, str):
        return Reply(status, [HTML, *GUARDS], result.encode())
    if result is None:
        return Reply(204, list(GUARDS))
    raise TypeError(f"a route returned {type(result).__name__}")


def json_reply(data: dict[str, Any], status: int, headers: dict[str, str]) -> Reply:
    """`data` as JSON; its `sequence` also as the header that the next command may echo."""
    fields = [JSON, *GUARDS, *headers.items()]
    if "sequence" in data:
        fields.append(("Petition-Sequence", str(data["sequence"])))
    return Reply(status, fields, orjson.dumps(data, option=_OPTIONS))


def attachment(
    content: bytes | Iterable[bytes], name: str, kind: str, plain: str = "file"
) -> Response:
    """A file to be saved under a name, never shown in the page's own origin (RFC 6266).

    Args:
        name: percent-encoded, so that nothing in it can begin another header.
        kind: its media type.
        plain: a name in ASCII, for readers that know no other.
    """
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox",
    }
    return Response(content, headers=headers, content_type=kind)


def problem_reply(problem: Problem, trace: str = "") -> Reply:
    """`problem` as application/problem+json; its instance is the trace that the log lines bear."""
    instance = f"urn:trace:{trace[3:35]}" if trace else None
    fields = [PROBLEM, *GUARDS, *problem.headers.items()]
    return Reply(problem.status, fields, orjson.dumps(problem.body(instance)))


def _from_response(response: Response) -> Reply:
    fields = [(name, value) for name, value in response.headers if name.lower() not in _OURS]
    names = {name.lower() for name, _ in fields}
    fields += [guard for guard in GUARDS if guard[0].lower() not in names]
    body = b"".join(response.iter_encoded()) if response.is_sequence else _pieces(response)
    return Reply(response.status_code, fields, body)


def _pieces(response: Response) -> Iterator[bytes]:
    try:
        yield from response.iter_encoded()
    finally:
        response.close()
