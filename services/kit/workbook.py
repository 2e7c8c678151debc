"""Workbooks (XLSX): forms made of a list of sheets, forms of an office's own, and both filled in.

A cell `{{ taken_on }}` is filled with a field, a cell `{{ topics.name }}` with a column of a table: its row is
written once for each of the table's. Numbers become numbers. Nothing is computed, and nothing becomes a formula
that the form does not have. For the process of jobs alone.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname

from kit.charts import Chart, placed
from kit.templates import Unfit

_FIELD = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.\w+)*)\s*\}\}")
_ANY = re.compile(r"\{[{%#]")
MOST = 20_000
"""Rows of a sheet at most: a faulty form shall not fill the disk."""


@dataclass(frozen=True)
class Number:
    """A figure as it is printed, and as the number that it is; None where it is missing."""

    text: str
    value: int | float | None
    format: str = "General"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Sheet:
    """A sheet of a form: a head that stays in sight, one row for each of a table's, and charts beside it.

    Args:
        columns: heading, column of the table, width.
    """

    title: str
    table: str
    columns: Sequence[tuple[str, str, int]]
    charts: Sequence[str] = ()


def built(sheets: Sequence[Sheet]) -> bytes:
    """A form."""
    book = Workbook()
    del book[book.sheetnames[0]]
    for sheet in sheets:
        page = book.create_sheet(sheet.title)
        for i, (heading, column, width) in enumerate(sheet.columns, 1):
            head = page.cell(1, i, heading)
            head.font, head.fill = Font(bold=True), PatternFill("solid", start_color="DDE6F0")
            head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            page.cell(2, i, f"{{{{ {sheet.table}.{column} }}}}").alignment = Alignment(
                vertical="center", wrap_text=True
            )
            page.column_dimensions[get_column_letter(i)].width = width
        for i, chart in enumerate(sheet.charts):
            page.cell(1, len(sheet.columns) + 2 + 9 * i, f"{{{{ {chart} }}}}")
        page.freeze_panes = "A2"
    return _saved(book)


def render(form: bytes, fields: Mapping[str, Any], charts: Mapping[str, Chart] = {}) -> bytes:
    """A form with its fields filled in. Raises Unfit where it asks for a field that there is not."""
    try:
        book = load_workbook(io.BytesIO(form), keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parts do
        raise Unfit(f"模板不能使用:{type(error).__name__}") from None
    filled = _Filled(fields, charts)
    for page in book.worksheets:
        filled.fill(page)
    filled.draw()
    return _saved(book)


class _Filled:
    """A workbook under way: which cells each column of a table came to, and which charts are to be drawn."""

    def __init__(self, fields: Mapping[str, Any], charts: Mapping[str, Chart]) -> None:
        self.fields, self.charts = fields, charts
        self.ranges: dict[str, str] = {}
        self.drawings: list[tuple[Any, str, Chart]] = []

    def fill(self, page: Any) -> None:
        """One sheet, from its top: what stands below a table moves down as the table grows."""
        if page.max_row > MOST:
            raise Unfit(f"模板不能使用:{page.title}的行数太多")
        row = 1
        while row <= page.max_row:
            row += self._row(page, row)

    def _row(self, page: Any, row: int) -> int:
        """Fills one row; gives how many it came to."""
        asked = [c for c in page[row] if isinstance(c.value, str) and _ANY.search(c.value)]
        columns = {c.column: m[1] for c in asked if (m := _FIELD.fullmatch(c.value.strip()))}
        table = next(filter(None, map(self._table, columns.values())), None)
        if table is not None:
            return self._repeat(page, row, table, columns)
        for cell in asked:
            self._one(page, cell, columns.get(cell.column))
        return 1

    def _table(self, path: str) -> str | None:
        name = path.partition(".")[0]
        return name if isinstance(self.fields.get(name), list) else None

    def _one(self, page: Any, cell: Any, path: str | None) -> None:
        """A cell that is a field, or a text with fields in it."""
        if path is not None and path in self.charts:
            self.drawings.append((page, cell.coordinate, self.charts[path]))
            cell.value = None
        elif path:
            _put(cell, self._value(path, self.fields))
        elif _FIELD.search(cell.value):
            _put(cell, _FIELD.sub(lambda m: str(self._value(m[1], self.fields)), cell.value))
        else:
            raise Unfit(f"模板不能使用:{page.title}!{cell.coordinate}的写法有误")

    def _repeat(self, page: Any, row: int, table: str, columns: Mapping[int, str]) -> int:
        """A row once for each of a table's."""
        rows: list[Mapping[str, Any]] = self.fields[table]
        if len(rows) > MOST:
            raise Unfit(f"模板不能使用:{page.title}的行数太多")
        pattern = [(cell.column, cell.value, copy(cell._style)) for cell in page[row]]
        last = row + max(len(rows), 1) - 1
        if last > row:
            page.insert_rows(row + 1, last - row)
        for n in range(last - row + 1):
            told = {**self.fields, table: rows[n] if rows else None}
            for column, value, style in pattern:
                cell, path = page.cell(row + n, column), columns.get(column)
                cell._style = copy(style)
                if path is None:
                    cell.value = value
                else:
                    _put(cell, self._value(path, told) if rows else None)
        for column, path in columns.items():
            letter = get_column_letter(column)
            where = f"{quote_sheetname(page.title)}!${letter}${row}:${letter}${last}"
            self.ranges.setdefault(path, where)
        return last - row + 1

    def _value(self, path: str, fields: Mapping[str, Any]) -> Any:
        value: Any = fields
        for name in path.split("."):
            if not isinstance(value, Mapping) or name not in value:
                raise Unfit(f"模板不能使用:没有字段{path}")
            value = value[name]
        if isinstance(value, (list, Mapping)):
            raise Unfit(f"模板不能使用:字段{path}不是一个数据")
        return value

    def draw(self) -> None:
        """The charts, over the cells that their columns came to; one whose table is not there is left out."""
        for page, anchor, chart in self.drawings:
            wanted = {name: f"{chart.table}.{name}" for name in (chart.names, *chart.series)}
            if all(path in self.ranges for path in wanted.values()):
                cells = {n: _first(self.ranges[path], chart.most) for n, path in wanted.items()}
                page.add_chart(placed(chart, cells.__getitem__), anchor)


def _first(where: str, most: int) -> str:
    """The first so many rows of a range."""
    start, _, end = where.rpartition(":")
    _, letter, last = end.split("$")
    first = int(start.rpartition("$")[2])
    return f"{start}:${letter}${min(int(last), first + most - 1)}"


def _put(cell: Any, value: Any) -> None:
    """Numbers as numbers, words as words: none becomes a formula."""
    if isinstance(value, Number):
        cell.value, cell.number_format = value.value, value.format
    elif isinstance(value, (int, float, date)) or value is None:
        cell.value = value
    else:
        cell.value, cell.data_type = str(value), "s"


def _saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
