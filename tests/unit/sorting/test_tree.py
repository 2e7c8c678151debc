"""A file of categories: all that is wrong with it is named, line by line."""

from __future__ import annotations

from datetime import date

import pytest

from sorting import tree
from sorting.tree import COLUMNS, Category, Line, checked

GOOD = (("a", "", "城建"), ("a1", "a", "物业"), ("b", "", "农业"), ("b1", "b", "村务"))
DAY = date(2026, 1, 1)


def line(number: int, *cells: str) -> Line:
    return Line(number, dict(zip(COLUMNS, (*cells, *[""] * (7 - len(cells))), strict=True)))


def lines(*rows: tuple[str, ...]) -> list[Line]:
    return [line(number, *row) for number, row in enumerate(rows, 2)]


def faults(*rows: tuple[str, ...]) -> list[str]:
    return checked(lines(*rows), {}, ())[1]


def test_a_tree_is_read_as_it_was_written() -> None:
    rows, wrong = checked(
        lines(*GOOD, ("b2", "b", "旧", "990000", "2020-01-01", "2026-01-01", "b1")), {}, ()
    )
    assert wrong == []
    last = Category("b2", "b", "旧", "990000", date(2020, 1, 1), DAY, ("b1",))
    assert rows[-1] == last and len(rows) == 5
    assert checked([Line(2 + n, tree.cells(row)) for n, row in enumerate(rows)], {}, ()) == (
        rows,
        [],
    )


FAULTS = [
    ("no id", ("", "", "x"), "第6行:缺少编号"),
    ("an id that is none", ("c 1", "", "x"), "第6行:编号「c 1」"),
    ("no name", ("c", "", ""), "第6行:缺少名称"),
    ("a name that would be a path", ("c", "", "甲_乙"), "第6行:名称应在"),
    ("a long name", ("c", "", "甲" * 41), "第6行:名称应在"),
    ("an unknown parent", ("c", "zz", "x"), "第6行:上级 zz 不在表中"),
    ("its own parent", ("c", "c", "x"), "第6行:上级循环"),
    ("an id twice", ("a", "", "另一个"), "第6行:编号 a 有 2 行"),
    ("a name twice", ("a2", "a", "物业"), "第6行:同一上级下有几个「物业」"),
    ("a day that is none", ("c", "", "x", "", "去年"), "第6行:启用日期「去年」"),
    (
        "ended before it began",
        ("c", "", "x", "", "2026-01-02", "2026-01-02"),
        "第6行:停用日期不晚于",
    ),
    ("heirs of what has not ended", ("c", "", "x", "", "", "", "a"), "第6行:填了并入,须填停用日期"),
    ("an unknown heir", ("c", "", "x", "", "", "2026-01-01", "zz"), "第6行:并入的 zz 不在表中"),
    ("its own heir", ("c", "", "x", "", "", "2026-01-01", "c"), "第6行:不能并入自己"),
]


@pytest.mark.parametrize(("what", "row", "said"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_faulty_line_is_named(what: str, row: tuple[str, ...], said: str) -> None:
    assert any(fault.startswith(said) for fault in faults(*GOOD, row)), faults(*GOOD, row)


def test_every_fault_is_told_at_once() -> None:
    found = faults(("", "", "x"), ("a", "zz", ""), ("b", "", "y", "", "x", "x"))
    assert [fault.partition(":")[0] for fault in found] == [
        "第2行",
        "第3行",
        "第4行",
        "第4行",
        "第3行",
    ]


def test_a_circle_of_several_is_seen() -> None:
    found = faults(("a", "c", "x"), ("b", "a", "y"), ("c", "b", "z"), ("d", "c", "w"))
    assert sum("循环" in fault for fault in found) == 4


def test_two_cannot_have_one_source_code_at_a_time() -> None:
    assert sum("原编码 9 " in f for f in faults(("a", "", "x", "9"), ("b", "", "y", "9"))) == 2
    assert faults(("a", "", "x", "9", "", "2026-01-01"), ("b", "", "y", "9")) == []


def test_what_ends_ends_with_all_below_it_and_goes_on_in_what_holds() -> None:
    ended = ("a", "", "x", "", "", "2026-01-01")
    (fault,) = faults(ended, ("a1", "a", "y"))
    assert fault == "第3行:上级 a 自 2026-01-01 停用,本行须同时或更早停用"
    assert faults(ended, ("a1", "a", "y", "", "", "2026-01-01")) == []
    (fault,) = faults(ended, ("b", "", "y", "", "", "2026-01-01", "a"))
    assert fault == "第3行:并入的 a 在停用日期当天无效"


def test_what_is_used_may_be_renamed_and_ended_but_not_left_out() -> None:
    known = {row[0]: Category(row[0], row[1] or None, row[2]) for row in GOOD}
    rest = [row for row in GOOD if row[0] != "b1"]
    assert checked(lines(*rest), known, {"a1"})[1] == []
    (fault,) = checked(lines(*rest), known, {"b1"})[1]
    assert fault.startswith("缺少 b1 村务") and "停用日期" in fault
    assert checked(lines(*rest, ("b1", "b", "新名")), known, {"b1"})[1] == []
    assert checked(lines(*rest, ("b1", "b", "村务", "", "", "2026-01-01")), known, {"b1"})[1] == []


def test_a_category_holds_from_its_first_day_to_the_one_before_its_end() -> None:
    row = Category("a", None, "x", None, date(2025, 1, 1), DAY)
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), DAY]
    assert [row.holds(day) for day in days] == [False, True, True, False]
    assert Category("a", None, "x").holds(DAY)
