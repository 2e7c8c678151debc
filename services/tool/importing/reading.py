"""Rows of a register's file: CSV in UTF-8, GB18030 or UTF-16, or XLSX. Nothing is interpreted here."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from tool.importing.columns import Layout, known, layout

LOOKED_AT = 10
"""The headings stand in one of the first lines; above them there may be a title."""
ENOUGH = 3
"""A line with this many known headings is the line of headings."""
DELIMITERS = ",\t;"


class FileProblem(Exception):
    """The file cannot be read: one line in Chinese, for the person who gave it."""


@dataclass(frozen=True)
class Row:
    """One line of the register: its number in the file, and what stands in each known column."""

    number: int
    cells: dict[str, Any]

    @property
    def own(self) -> str | None:
        """The register's own number as it stands there, for reports."""
        cell = self.cells.get("source_ref")
        return None if cell is None else str(cell)[:80]


@dataclass
class Register:
    """A file that was opened: its columns, its rows, and about how many there are (0: unknown)."""

    layout: Layout
    rows: Iterator[Row]
    total: int


def open_register(path: Path) -> Register:
    """Opens a register. Raises FileProblem: unreadable, no headings, or columns missing."""
    try:
        suffix = path.suffix.lower()
        if suffix == ".xls":
            raise FileProblem("不支持旧版 .xls 文件,请另存为 .xlsx 或 CSV")
        lines, total = _xlsx(path) if suffix in (".xlsx", ".xlsm") else _csv(path)
        return _register(lines, total)
    except OSError as error:
        raise FileProblem(f"文件打不开:{error.strerror or error}") from error
    except csv.Error as error:
        raise FileProblem(f"不是有效的 CSV 文件:{error}") from error


def _register(lines: Iterator[Sequence[Any]], total: int) -> Register:
    numbered = enumerate(lines, 1)
    looked_at = islice(numbered, LOOKED_AT)
    number, headings = next((at for at in looked_at if known(at[1]) >= ENOUGH), (0, None))
    if headings is None:
        raise FileProblem(f"前 {LOOKED_AT} 行中没有找到列标题(如:信访日期、信访形式、姓名)")
    found = layout(headings)
    if found.missing:
        raise FileProblem(f"缺少列:{'、'.join(found.missing)}")
    return Register(found, _rows(numbered, found), max(0, total - number))


def _rows(numbered: Iterable[tuple[int, Sequence[Any]]], found: Layout) -> Iterator[Row]:
    for number, line in numbered:
        cells = {field: _first(line, places) for field, places in found.places.items()}
        if any(value not in (None, "") for value in cells.values()):
            yield Row(number, cells)


def _first(line: Sequence[Any], places: tuple[int, ...]) -> Any:
    """What stands in the first of these columns that is filled in."""
    for place in places:
        value = line[place] if place < len(line) else None
        if isinstance(value, str):
            value = value.strip(" \t\r\n\u3000\ufeff")
        if value not in (None, ""):
            return value
    return None


# -- CSV -------------------------------------------------------------------------------------------


def _csv(path: Path) -> tuple[Iterator[Sequence[Any]], int]:
    text = _decoded(path.read_bytes())
    if "\0" in text:
        raise FileProblem("不是文本文件;请用 CSV 或 XLSX 格式")
    head = text[:2000]
    delimiter = max(DELIMITERS, key=head.count)
    total = sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), total


def _decoded(data: bytes) -> str:
    """The text, by its byte order mark, else UTF-8 if it is that, else GB18030."""
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileProblem("文字编码无法识别;请用 UTF-8 或 GB18030 保存")


# -- XLSX ------------------------------------------------------------------------------------------


def _xlsx(path: Path) -> tuple[Iterator[Sequence[Any]], int]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that it does not keep
            book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise FileProblem("不是有效的 XLSX 文件,请用表格软件重新保存") from error
    total = sheet.max_row or 0
    sheet.reset_dimensions()  # some programs write a wrong size, and rows would be cut off
    return chain(sheet.iter_rows(values_only=True)), total
