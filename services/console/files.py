"""附件 on the pages: what a form brings, and a download."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from console.client import Download
from console.render import HEADERS
from console.visit import Visit
from kit import sheet
from kit.http import attachment

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
