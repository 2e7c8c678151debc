"""A table as a workbook: numbers are numbers, words are words whatever they look like, and blank is blank."""

from __future__ import annotations

import io
from decimal import Decimal

from openpyxl import load_workbook

from kit import sheet

COLUMNS = ("名", "数")
ROWS = [
    {"名": "0574", "数": Decimal("8.5")},
    {"名": "=1+1", "数": None},
    {"名": "x", "数": 7},
    {"名": "330282", "数": True},
]


def test_decimals_and_whole_numbers_are_numbers_and_nothing_else_is() -> None:
    book = load_workbook(io.BytesIO(sheet.write(COLUMNS, ROWS, "xlsx")))
    lines = list(book.active.iter_rows(min_row=2))
    assert [cell.value for cell in lines[0]] == ["0574", 8.5]
    assert [cell.value for cell in lines[1]] == ["=1+1", None]
    assert [cell.value for line in lines[2:] for cell in line] == ["x", 7, "330282", "True"]
    kinds = [(name.data_type, number.data_type) for name, number in lines]
    assert kinds == [("s", "n"), ("s", "n"), ("s", "n"), ("s", "s")]


def test_a_number_is_read_again_as_it_was_written() -> None:
    read = sheet.lines(sheet.write(COLUMNS, ROWS, "xlsx"), COLUMNS)
    assert [cells["数"] for _, cells in read] == ["8.5", "", "7", "True"]


def test_the_same_as_text() -> None:
    said = sheet.write(COLUMNS, ROWS, "csv").decode("utf-8-sig").splitlines()
    assert said == ["名,数", "0574,8.5", "=1+1,", "x,7", "330282,True"]
