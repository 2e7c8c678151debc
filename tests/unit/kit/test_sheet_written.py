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
]


def test_decimals_are_numbers_and_nothing_else_is() -> None:
    book = load_workbook(io.BytesIO(sheet.write(COLUMNS, ROWS, "xlsx")))
    lines = list(book.active.iter_rows(min_row=2))
    assert [cell.value for cell in lines[0]] == ["0574", 8.5]
    assert [cell.value for cell in lines[1]] == ["=1+1", None]
    assert (lines[0][1].data_type, lines[1][0].data_type, lines[2][1].data_type) == ("n", "s", "s")


def test_the_same_as_text() -> None:
    said = sheet.write(COLUMNS, ROWS, "csv").decode("utf-8-sig").splitlines()
    assert said == ["名,数", "0574,8.5", "=1+1,", "x,7"]
