"""A table of figures: the same cells on the page and in the file."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from console.lists import Lists
from console.words import FIGURE_DIMENSIONS, RETURN_STATES, SOURCES, word
from kit import sheet

HIDDEN = "※"
WHY = "※ 公开口径不列：不足 5 的数，以及能据以推算出这些数的。"
MISSING, TOTAL = "—", "合计"
BASES = ("year_on_year", "on_previous")


class Cell(NamedTuple):
    """A number as it is printed, and the query of the cases behind it."""

    text: str
    cases: str | None = None


def heads(answer: dict[str, Any]) -> list[str]:
    """What the rows are told apart by."""
    return [word(FIGURE_DIMENSIONS, one) for one in answer["by"]] or ["范围"]


def columns(answer: dict[str, Any]) -> list[str]:
    """What is told of a row."""
    it = answer["indicator"]
    sides = ["分子", "分母"] if it["denominator"] else []
    return [f"{it['name']}（{it['unit']}）", *sides, "上年同期", "同比", "上期", "环比"]


def cells(answer: dict[str, Any], row: dict[str, Any]) -> list[Cell]:
    """A row's numbers, or marks where it is not told."""
    if row["hidden"]:
        return [Cell(HIDDEN)] * len(columns(answer))
    changes = [cell for base in BASES for cell in (_base(row, base), Cell(row[base]))]
    if not answer["indicator"]["denominator"]:
        return [Cell(row["value"], row["cases"]), *changes]
    sides = (("numerator", "cases"), ("denominator", "denominator_cases"))
    told = [Cell(MISSING if row[n] is None else str(row[n]), row[link]) for n, link in sides]
    return [Cell(row["value"]), *told, *changes]


def _base(row: dict[str, Any], base: str) -> Cell:
    """What it is compared with; a rate leads to what it was taken of."""
    found = row["bases"].get(base)
    if found is None or found["value"] == MISSING:
        return Cell(MISSING)
    return Cell(found["value"], found["denominator_cases"] or found["cases"])


def why(answer: dict[str, Any]) -> str | None:
    """What the marks of a table mean; None where it has none."""
    return WHY if any(row["hidden"] for row in (*answer["rows"], answer["total"])) else None


def file(
    answer: dict[str, Any], names: list[list[str]], asked: dict[str, str], format_: str
) -> bytes:
    """The table as it is shown, and below it what its numbers are. `names` are those of its rows; `asked`: what is
    told of the question beside the answer, by its name."""
    blank = [""] * (len(heads(answer)) - 1)
    shown = zip([*names, [TOTAL, *blank]], [*answer["rows"], answer["total"]], strict=True)
    lines = [[*said, *(_number(cell.text) for cell in cells(answer, row))] for said, row in shown]
    header = [*heads(answer), *columns(answer)]
    notes = [f"{name}：{text}" for name, text in _defined(answer, asked).items() if text]
    for note in [*filter(None, [why(answer)]), *notes]:
        lines.append([note, *[""] * (len(header) - 1)])
    return sheet.write(header, [dict(zip(header, line, strict=True)) for line in lines], format_)


def _defined(answer: dict[str, Any], asked: dict[str, str]) -> dict[str, str]:
    """What was asked, and how it is defined: a table that was saved has neither page nor question beside it."""
    it, period = answer["indicator"], answer["period"]
    sides = (
        {"分子": it["numerator_name"], "分母": it["denominator_name"]} if it["denominator"] else {}
    )
    return (
        {
            "数据": f"{it['name']}（{it['english']}，{it['id']}）",
            "周期": f"{period['since']} 至 {period['until']}",
        }
        | asked
        | {"口径": it["formula"]}
        | sides
        | {"依据": f"{word(SOURCES, it['source'])}［{it['source']}］"}
    )


def returns(found: dict[str, Any], lists: Lists, format_: str) -> bytes:
    """月报 of a month: a row an office, and what was signed in one; what nobody filled in is blank."""
    names = {item["id"]: f"{item['name']}（{item['unit']}）" for item in found["items"]}
    rows = [
        {
            "单位": lists.office(row["office"]),
            "状态": word(RETURN_STATES, row["state"] or "") or "未报送",
        }
        | {name: (row["figures"] or {}).get(id) for id, name in names.items()}
        for row in found["returns"]
    ]
    total = {"单位": TOTAL, "状态": "已签发之和"} | {
        name: found["sum"][id] for id, name in names.items()
    }
    return sheet.write(["单位", "状态", *names.values()], [*rows, total], format_)


def _number(text: str) -> Decimal | str:
    """A number as one; a change, a mark and what is missing stay as they are printed."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
