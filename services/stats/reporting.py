"""What stands on a report: its frozen figures in words, tables and charts, for any form, DOCX or XLSX.

Every form may use every field of `fields`. A figure is told as it is printed, and a workbook gets it as a number.
Loaded by the process of jobs alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from docx.shared import Pt

from contracts.words import SOURCES
from kit import charts, docx, workbook
from kit.charts import Chart
from kit.workbook import Number, Sheet
from stats.domain import narrative
from stats.domain.change import EQUAL, NO_BASE
from stats.domain.narrative import spoken
from stats.domain.periods import Period
from stats.domain.reports import BREAKDOWNS, KINDS, named, titled

Fields = dict[str, Any]
CHARTS = {
    "chart_months": Chart("各月登记、办结", "line", "months", "name", {"registered": "登记", "case_closed": "办结"}),
    "chart_channels": Chart("信访形式", "column", "channels", "name", {"n": "本期", "year_before": "上年同期"}),
    "chart_topics": Chart("反映的主要问题", "bar", "topics", "name", {"n": "本期", "year_before": "上年同期"}, 10),
}  # fmt: skip
_COMPARED = (
    ("上年同期", "year_before", 10), ("同比", "year_on_year", 12), ("上期", "previous", 10), ("环比", "on_previous", 12),
)  # fmt: skip
_SHARES = (("名次", "rank", 7), ("分类", "name", 34), ("件次", "n", 9), ("占比%", "share", 9), *_COMPARED, ("名次变化", "moved", 10))  # fmt: skip
SHEETS = (
    Sheet("主要数据", "lines", (("类别", "section", 12), ("项目", "name", 26), ("单位", "unit", 8), ("本期", "now", 10),
          *_COMPARED, ("分子", "numerator", 9), ("分母", "denominator", 9), ("编号", "id", 18))),
    Sheet("各单位", "offices", (("编码", "key", 18), ("单位", "name", 24), ("登记", "registered", 9), ("承办", "assigned", 9), ("受理", "accepted", 9),
          ("答复", "answered", 9), ("办结", "case_closed", 9), ("期末在办", "open", 9), ("超期", "missed", 9),
          ("及时受理率%", "timely_body", 12), ("按期答复率%", "answered_on_time", 12), ("按期办结率%", "closed_on_time", 12))),
    Sheet("热点问题", "topics", _SHARES, ("chart_topics",)),
    Sheet("内容分类", "categories", _SHARES),
    Sheet("信访形式", "channels", _SHARES, ("chart_channels",)),
    Sheet("接待机关层级", "levels", (("层级", "name", 18), ("户次", "n", 9), *_COMPARED)),
    Sheet("各月", "months", (("月份", "name", 14), ("登记", "registered", 9), ("办结", "case_closed", 9)), ("chart_months",)),
    Sheet("指标口径", "definitions", (("编号", "id", 24), ("指标", "name", 26), ("单位", "unit", 8), ("口径", "formula", 60),
          ("分子", "numerator", 20), ("分母", "denominator", 20), ("依据", "source", 16))),
)  # fmt: skip


# -- the forms that come with the software ---------------------------------------------------------


def shipped(kind: str) -> bytes:
    """The form of a kind."""
    if kind == "workbook":
        return workbook.built(SHEETS)
    name = "report" if kind in KINDS else kind
    text = files("stats").joinpath("forms", f"{name}.txt").read_text(encoding="utf-8")
    return docx.built(text, cell=Pt(10.5))


def written(form: bytes, fields: Mapping[str, Any]) -> bytes:
    """A report as DOCX. Raises Unfit."""
    drawn = {name: charts.literal(chart, fields[chart.table]) for name, chart in CHARTS.items()}
    return docx.render(form, fields, drawn)


def tabulated(form: bytes, fields: Mapping[str, Any]) -> bytes:
    """A report as XLSX. Raises Unfit."""
    return workbook.render(form, fields, CHARTS)


# -- fields ----------------------------------------------------------------------------------------


def fields(
    frozen: Mapping[str, Any], period: Period, edition: str, drawn_on: date, addition: str = ""
) -> Fields:
    """Every field that a form of a report may use, by its name."""
    lines = {row["id"]: _line(row) for row in frozen["lines"]}
    tables = {name: _table(name, rows) for name, rows in frozen["tables"].items()}
    return {
        "title": titled(period),
        "period": named(period),
        "issuer": frozen["office"],
        "drawn_on": spoken(drawn_on),
        "taken_on": spoken(date.fromisoformat(frozen["taken_on"])),
        "text": narrative.written(frozen, period, edition),
        "addition": [line.strip() for line in addition.splitlines() if line.strip()],
        "lines": list(lines.values()),
        "n": lines,
        "definitions": [_definition(row) for row in frozen["definitions"]],
        **tables,
    }


def _line(row: Mapping[str, Any]) -> Fields:
    return {
        "id": row["id"],
        "section": row["section"],
        "name": row["name"],
        "unit": row["unit"],
        "now": _number(row["value"]),
        **_sides(row),
        **_compared(row),
    }


def _sides(row: Mapping[str, Any]) -> Fields:
    """分子、分母, of what has both: a count is what it counts."""
    whole = row["denominator"] is not None
    return {
        name: Number(str(row[name]) if whole else "", row[name] if whole else None)
        for name in ("numerator", "denominator")
    }


def _compared(row: Mapping[str, Any]) -> Fields:
    bases = row["bases"]
    return {
        "year_before": _number((bases.get("year_on_year") or {}).get("value", NO_BASE)),
        "year_on_year": _change(row.get("year_on_year", NO_BASE)),
        "previous": _number((bases.get("on_previous") or {}).get("value", NO_BASE)),
        "on_previous": _change(row.get("on_previous", NO_BASE)),
    }


def _table(name: str, rows: list[Mapping[str, Any]]) -> list[Fields]:
    one = BREAKDOWNS[name]
    return [_row(one.columns, one.compared, row) for row in rows]


def _row(columns: tuple[str, ...], compared: bool, row: Mapping[str, Any]) -> Fields:
    told = {what: _number(row["figures"][what]["value"]) for what in columns}
    found = {"key": row["key"], "name": row["name"], **told}
    if not compared:
        return found
    first = row["figures"][columns[0]]
    found |= {"n": told[columns[0]], **_compared(first)}
    if "share" not in first:
        return found
    rank = first["rank"] if first["rank"] is not None else NO_BASE
    return found | {"share": _number(first["share"]), "rank": rank, "moved": first["moved"]}


def _definition(row: Mapping[str, Any]) -> Fields:
    told = {name: row[name] for name in ("id", "unit", "formula")}
    told["name"] = f"{row['name']}（{row['english']}）"
    sides = {name: row[f"{name}_name"] or "" for name in ("numerator", "denominator")}
    return {**told, **sides, "source": f"{SOURCES[row['source']]}［{row['source']}］"}


# -- numbers ---------------------------------------------------------------------------------------

_CHANGE = re.compile(r"([+-]?)(\d+)(\.\d+)?(.*)")


def _number(text: str) -> Number:
    """A figure as it is printed: 181, 98.2, —."""
    if text == NO_BASE:
        return Number(text, None)
    return Number(text, float(text) if "." in text else int(text))


def _change(text: str) -> Number:
    """A change as it is printed (+22.1%, -1.2个百分点, 持平, —), as a number that a spreadsheet shows the same."""
    if text == EQUAL:
        return Number(text, 0, f'"{EQUAL}"')
    found = _CHANGE.fullmatch(text)
    if found is None:
        return Number(text, None)
    sign, whole, part, unit = found.groups(default="")
    value = float(f"{sign}{whole}{part}")
    digits = "0" + re.sub(r"\d", "0", part)
    shown = f"{digits}%" if unit == "%" else f'{digits}"{unit}"'
    return Number(
        text, round(value / 100, 4) if unit == "%" else value, f"+{shown};-{shown};{shown}"
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(shipped(sys.argv[1]))
