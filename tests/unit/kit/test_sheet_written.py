"""A table as a workbook: numbers are numbers, words are words whatever they look like, and blank is blank."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import pytest
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
    assert said == ["名,数", "0574,8.5", "'=1+1,", "x,7", "330282,True"]


HARMFUL = ["=1+1", "+86-574-1", "-1+cmd", "@SUM(A1)", "-—", "'=1", "''@", "'+5", "+1e5", "-5%%"]
HARMLESS = [
    "+12.5%",
    "+1.2个百分点",
    "-3",
    "+1,200.50",
    "-",
    "—",
    "'",
    "'5",
    "a=1",
    "0574",
    "张'三",
]


@pytest.mark.parametrize("word", [*HARMFUL, *HARMLESS, "\t=1", "\r=1"])
def test_no_word_is_a_formula_in_text_and_each_is_read_again(word: str) -> None:
    file = sheet.write(COLUMNS, [{"名": word, "数": Decimal("-8.5")}], "csv")
    [_, [told, number]] = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
    assert told == (word if word in HARMLESS else f"'{word}") and number == "-8.5"
    [(_, cells)] = sheet.lines(file, COLUMNS)
    assert cells == {"名": word.strip(), "数": "-8.5"}


@pytest.mark.parametrize("format_", sheet.FORMATS)
def test_a_file_is_written_while_its_rows_come(format_: str) -> None:
    """Long ones are sent piece by piece: nobody waits for the last row, and nobody else for the hub."""
    asked, most = 0, 0
    waited = []

    def rows() -> Iterator[dict[str, str]]:
        nonlocal asked
        for asked in range(1, 3 * sheet.AT_ONCE + 1):  # noqa: B007
            yield {"名": uuid4().hex, "数": uuid4().hex}

    for piece in sheet.pieces(COLUMNS, rows(), format_):
        waited.append(asked - most)
        most = asked
        assert len(piece) < 200 * sheet.AT_ONCE
    assert max(waited) <= sheet.AT_ONCE and asked == 3 * sheet.AT_ONCE


def test_what_no_workbook_can_hold_is_left_out() -> None:
    words = [" 前后有空格 ", "两\n行", "<&>\x01\x0b\ud800", "长" * 40_000, "=1+1", "_x0041_"]
    rows = [{"名": word, "数": None} for word in words]
    page = load_workbook(io.BytesIO(sheet.write(COLUMNS, rows, "xlsx"))).active
    read = [cell.value for cell in page["A"][1:]]
    assert read == [" 前后有空格 ", "两\n行", "<&>", "长" * 32767, "=1+1", "_x0041_"]
    assert {cell.number_format for cell in page["A"]} == {"@"}


def test_columns_beyond_the_alphabet() -> None:
    columns = [f"c{n}" for n in range(1, 705)]
    page = load_workbook(io.BytesIO(sheet.write(columns, [], "xlsx"))).active
    assert [page[at].value for at in ("Z1", "AA1", "AZ1", "BA1", "ZZ1", "AAB1")] == [
        "c26", "c27", "c52", "c53", "c702", "c704",
    ]  # fmt: skip
