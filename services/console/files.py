"""附件 on the pages: what a form brings, and a download."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any, TypeVar

from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from console.client import Download
from console.render import HEADERS
from console.visit import Visit
from kit import sheet
from kit.http import attachment

T = TypeVar("T")
FORM_LIMIT = 21 << 20
"""Bytes of a form that may carry files: one of the largest that a site may allow, and what stands beside it."""
NAMES = 255
"""Characters of a file name that are passed on; the register keeps fewer."""


def keep(visit: Visit, number: str, key: str) -> bool:
    """Adds the files of the form to a petition, one command each; what is refused becomes a notice.

    Returns: whether there were any, and all of them were taken.
    """
    files = [file for file in visit.request.files.getlist("files") if file.filename]
    identity = visit.text("identity") == "yes"
    taken = [
        visit.done(partial(_add, visit, number, file, identity, f"{key}-file-{i}"))[0]
        for i, file in enumerate(files)
    ]
    return bool(taken) and None not in taken


def _add(visit: Visit, number: str, file: FileStorage, identity: bool, key: str) -> dict[str, Any]:
    name = (file.filename or "")[-NAMES:]
    assert isinstance(file.stream, BytesIO)  # kit.http keeps files in memory
    return visit.calls.attach(number, name, file.stream, identity, key)


def taken_over(visit: Visit, take: Callable[[dict[str, str], str], T]) -> tuple[T | None, str]:
    """An uploaded table is taken over by its owner.

    Args:
        take: sends it, under the form's key.

    Returns: the owner's answer, or what is wrong with the file.
    """
    visit.check()
    upload = visit.request.files.get("files")
    if upload is None or not upload.filename:
        return None, "请选择文件。"
    body = {"content": b64encode(upload.read()).decode(), "name": upload.filename[:200]}
    answer, errors = visit.done(lambda: take(body, visit.text("key")))
    return answer, errors.get("content", "")


def handed(visit: Visit, read: Callable[[], Download]) -> Response | None:
    """A file, to be saved; None, and a notice, where it cannot be had."""
    found = visit.part(read)
    if found is None:
        return None
    headers = HEADERS | {
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": found.disposition,
    }
    return Response(found.pieces, headers=headers, content_type=found.content_type)


def format_of(visit: Visit) -> str:
    """The kind of spreadsheet that is asked for; CSV where it is none."""
    asked = visit.query("format")
    return asked if asked in sheet.FORMATS else "csv"


def spreadsheet(content: bytes, name: str, format_: str) -> Response:
    """A spreadsheet that was made here, to be saved."""
    response = attachment(content, f"{name}.{format_}", sheet.TYPES[format_])
    for field, said in HEADERS.items():
        response.headers.setdefault(field, said)  # its own policy is the stricter one
    return response
