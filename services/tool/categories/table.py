"""Tables that an office writes in a spreadsheet, CSV or XLSX, as lines; and lines as such tables."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from kit import csvfile
from sorting.tree import Line


def read(path: Path, columns: Sequence[str]) -> list[Line]:
    """The lines of a file that say anything. Raises csvfile.Unreadable."""
    content = _as_csv(path) if path.suffix.lower() == ".xlsx" else path.read_bytes()
    numbers = count(2)
    lines = csvfile.read(
        content, columns, lambda cells: Line(next(numbers), cells), lambda line: (line.number, "")
    )
    return [line for line in lines if any(line.cells.values())]


def write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """A file as `read` takes it; CSV with the mark by which spreadsheets know UTF-8."""
    if path.suffix.lower() == ".xlsx":
        _write_xlsx(path, columns, rows)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def _as_csv(path: Path) -> bytes:
    """The first sheet of a workbook."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that it does not keep
            book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong size, and rows would be cut off
        lines = list(sheet.iter_rows(values_only=True))
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise csvfile.Unreadable(["不是有效的 XLSX 文件,请用表格软件重新保存"]) from error
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_cell(cell) for cell in line] or [""] for line in lines)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    """A cell as it is seen: 990000, not 990000.0; a day without its midnight."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).replace("\n", " ")


def _write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("分类")
    sheet.append(list(columns))
    for row in rows:
        sheet.append([row[column] for column in columns])
    book.save(path)
