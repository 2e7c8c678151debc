"""A JSON body, read."""

from typing import Any

import orjson
from werkzeug.http import parse_options_header

from kit.http.request import wrong_type
from kit.http.wire import Head
from kit.problems import FieldError, Problem


def json_of(head: Head, raw: bytes, wanted: bool) -> Any:
    """The JSON value of the body `raw`; None where none is `wanted` and none (or `{}`) is given.

    Raises Problem 400 (missing, not JSON, unexpected), 415 (not called JSON), 422 (NUL in a text).
    """
    if not raw:
        if wanted:
            raise _problem("body-missing", "缺少请求体。", "The request needs a body.")
        return None
    if not is_json(head.headers.get("content-type", "")):
        raise wrong_type("application/json")
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        detail = f"请求体不是有效的 JSON（第 {error.lineno} 行第 {error.colno} 列）。"
        text = f"The body is no valid JSON (line {error.lineno}, column {error.colno})."
        raise _problem("bad-json", detail, text) from None
    if b"\\u0000" in raw:
        _refuse_nul(data, "")
    if not wanted and data != {}:
        raise _problem("body-unexpected", "此操作不需要请求体。", "No body is expected here.")
    return data


def is_json(content_type: str) -> bool:
    """Whether a content type says JSON in UTF-8."""
    if content_type == "application/json":
        return True
    kind, options = parse_options_header(content_type)
    if options.get("charset", "utf-8").lower() != "utf-8":
        return False
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _refuse_nul(data: Any, path: str) -> None:
    """PostgreSQL's text holds no NUL; better said here than by an error of the database."""
    if isinstance(data, str) and "\x00" in data:
        error = FieldError(path, "nul", "文字中不能有空字符（NUL）。", "A text may not hold NUL.")
        raise Problem(422, "invalid", error.detail, error.detail_en, errors=[error])
    if isinstance(data, list):
        data = dict(enumerate(data))
    if isinstance(data, dict):
        for name, value in data.items():
            _refuse_nul(name, path) if isinstance(name, str) else None
            _refuse_nul(value, f"{path}.{name}" if path else str(name))


def _problem(code: str, detail: str, detail_en: str) -> Problem:
    return Problem(400, code, detail, detail_en)
