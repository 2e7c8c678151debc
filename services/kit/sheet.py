"""Tables that an office keeps in a spreadsheet: all of their faults are named, and then nothing is taken."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from base64 import b64decode
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, TypeVar

from kit import xlsx
from kit.problems import FieldError, Problem

R = TypeVar("R")
FAULTS_TOLD = 20
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Media types by format."""
FORMATS = tuple(TYPES)
AT_ONCE = 500
"""Lines that are written at once."""
LARGEST = 32 << 20
"""Bytes of a workbook when it is unpacked: a small file may hold gigabytes of zeros."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""How a formula begins; an apostrophe before it is our own, or has to be told from it."""
_SIGNED = re.compile(r"[+-]([0-9][0-9,]*(\.[0-9]+)?(%|[一-鿿]*))?")
"""A number, perhaps of something (个百分点), a percentage, or a mere sign."""


class Unreadable(Exception):
    """Lines of a file that cannot be taken; all of them, and then none is."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read(
    content: bytes,
    columns: Sequence[str],
    parse: Callable[[dict[str, str]], R],
    clash: Callable[[R], tuple[object, str]],
    optional: Sequence[str] = (),
) -> list[R]:
    """The rows of a CSV or XLSX file, each once.

    Args:
        content: a workbook, of which the first sheet counts; or CSV in UTF-8, or in GB18030 as spreadsheets
            write it here.
        parse: makes a row of its trimmed cells; raises ValueError, in Chinese, for one that is none.
        clash: what identifies a row, and what is said where another one says otherwise.
        optional: columns that may be missing; their cells are empty then.

    Raises Unreadable with every fault.
    """
    faults: list[str] = []
    found: dict[object, R] = {}
    for line, cells in lines(content, columns, optional):
        try:
            row = parse(cells)
        except ValueError as error:
            faults += [f"第{line}行:{fault}" for fault in str(error).split("\n")]
            continue
        key, otherwise = clash(row)
        if found.setdefault(key, row) != row:
            faults.append(f"第{line}行:{otherwise}")
    if faults:
        raise Unreadable(faults)
    return list(found.values())


def lines(
    content: bytes, columns: Sequence[str], optional: Sequence[str] = ()
) -> list[tuple[int, dict[str, str]]]:
    """The lines that say something, each with its number and its trimmed cells by column; see `read`.

    Raises Unreadable for a file that is no table with these columns.
    """
    header, said = _lines(content)
    if missing := [name for name in columns if name not in header]:
        raise Unreadable([f"缺少列:{'、'.join(missing)}"])
    if twice := {name for name in header if name and header.count(name) > 1}:
        raise Unreadable([f"重复的列:{'、'.join(sorted(twice))}"])
    rows = ((number, dict(zip(header, cells, strict=False))) for number, cells in said)
    return [(n, {name: row.get(name, "") for name in (*columns, *optional)}) for n, row in rows]


def write(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], format_: str) -> bytes:
    """A table as a file; see `pieces`."""
    return b"".join(pieces(columns, rows, format_))


def pieces(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], format_: str
) -> Iterator[bytes]:
    """A table as a file, written while its rows come. Words stay words: a phone number loses no zero in a workbook, and
    nothing becomes a formula, in CSV by an apostrophe before it. Decimals and whole numbers are numbers in a workbook; a
    code is a word."""
    lines = chain([columns], ([_told(row[name]) for name in columns] for row in rows))
    batches = iter(lambda: list(islice(lines, AT_ONCE)), [])
    return xlsx.pieces(batches) if format_ == "xlsx" else _text_pieces(batches)


def _text_pieces(batches: Iterable[Sequence[Sequence[Any]]]) -> Iterator[bytes]:
    yield BOM_UTF8
    for lines in batches:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(map(_inert, line) for line in lines)
        yield text.getvalue().encode()


def sent(content: str) -> bytes:
    """A file as a request brings it, in base64. Raises Problem 422."""
    try:
        return b64decode(content, validate=True)
    except ValueError:
        raise Problem(
            422, "invalid", "文件编码有误。", "This is no base64.", field="content"
        ) from None


def refused(error: Unreadable) -> Problem:
    """What is answered for a file of which nothing was taken."""
    faults = [
        FieldError("content", "unreadable", f"{fault}。", "A line cannot be taken.")
        for fault in error.faults[:FAULTS_TOLD]
    ]
    if more := len(error.faults) - len(faults):
        faults.append(FieldError("content", "unreadable", f"另有{more}处错误。", f"{more} more."))
    return Problem(422, "invalid", "文件有误,没有导入。", "The file is faulty; nothing was taken.",
                   errors=faults)  # fmt: skip


def _lines(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and each line that says something with its number."""
    lines = _workbook(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    numbered = [(n, [_cell(cell).strip() for cell in line]) for n, line in enumerate(lines, 1)]
    said = [(n, line) for n, line in numbered if any(line)]
    return (said[0][1], said[1:]) if said else ([], [])


def _workbook(content: bytes) -> list[list[Any]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(item.file_size for item in packed.infolist()) > LARGEST:
                raise Unreadable(["表格太大"])
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return [list(line) for line in book.worksheets[0].iter_rows(values_only=True)]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError) as error:
        raise Unreadable(["读不出 XLSX 文件"]) from error


def _csv(content: bytes) -> list[list[str]]:
    try:
        lines = csv.reader(io.StringIO(_text(content), newline=""))
        return [[_said(cell) for cell in line] for line in lines]
    except csv.Error as error:
        raise Unreadable([f"读不出 CSV:{error}"]) from error


def _cell(value: Any) -> str:
    """A cell as it is read: dates as 2027-01-01, numbers without a needless `.0`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _told(value: Any) -> Any:
    """A number, nothing, or a word."""
    return value if value is None or isinstance(value, Decimal | int) else _cell(value)


def _inert(cell: Any) -> Any:
    """A word that a spreadsheet would reckon out, as one that it leaves alone; a change (+12.5%) is what it seems."""
    runs = isinstance(cell, str) and _FORMULA.match(cell) and not _SIGNED.fullmatch(cell)
    return f"'{cell}" if runs else cell


def _said(cell: str) -> str:
    """A word as it was before `_inert`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable(["不是文本文件;请用 CSV 格式(UTF-8 或 GB18030)或者 XLSX 格式"])
