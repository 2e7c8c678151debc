"""Made-up figures with every line and table filled in: what an office's own form is tried on."""

from __future__ import annotations

from datetime import date
from typing import Any

from stats.domain import reports as rules
from stats.domain.change import change, change_of_rate, plain, ratio
from stats.domain.editions import OPEN
from stats.domain.indicators import INDICATORS, Indicator
from stats.domain.periods import covering
from stats.domain.reports import BREAKDOWNS, SECTIONS, Breakdown
from stats.domain.topics import ranked
from stats.reporting import fields

_NAMES = ("示例一", "示例二", "示例三")


def sample(kind: str) -> dict[str, Any]:
    """The fields of a form of a kind, all of them invented and none of them empty."""
    if kind == "bulletin":
        return {
            "series": "《示例快报》", "year": 2026, "serial": 3, "code": "2026年第3期", "issuer": "示例县信访局",
            "issued_on": "2026年3月20日", "title": "示例标题", "text": ["示例内容。"],
        }  # fmt: skip
    period = covering(kind if kind in rules.KINDS else "year", date(2026, 1, 1))
    return fields(frozen(), period, OPEN, date(2027, 1, 8), "示例补充内容。")


def frozen() -> dict[str, Any]:
    """Figures as `stats.queries.reports` freezes them."""
    lines = [
        {"section": section, "id": item.id, "name": item.name, "unit": item.unit, "by_hand": item.id in rules.BY_HAND,
         **_line(None if item.id in rules.BY_HAND else INDICATORS.get(item.what))}
        for section, items in SECTIONS.items()
        for item in items
    ]  # fmt: skip
    return {
        "taken_on": "2027-01-05",
        "area": "本地区",
        "office": "示例县信访局",
        "missing": ["2026-02-01"],
        "lines": lines,
        "series": [{"name": "示例快报", "n": 3}],
        "tables": {name: _rows(one) for name, one in BREAKDOWNS.items()},
        "definitions": [INDICATORS[what].record() for what in rules.defined()],
    }


def _line(indicator: Indicator | None) -> dict[str, Any]:
    return {"indicator": indicator.id if indicator else None, **_figure(indicator, 40)}


def _rows(one: Breakdown) -> list[dict[str, Any]]:
    columns: dict[str, list[dict[str, Any]]] = {}
    for what in one.columns:
        rows = [
            {"values": {one.by: name}, **_figure(INDICATORS[what], 9 - i)}
            for i, name in enumerate(_NAMES)
        ]
        columns[what] = ranked(rows) if one.shares else rows
    return [
        {"key": name, "name": name, "figures": {what: column[i] for what, column in columns.items()}}
        for i, name in enumerate(_NAMES)
    ]  # fmt: skip


def _figure(indicator: Indicator | None, n: int) -> dict[str, Any]:
    """A figure with its bases: one more than a year ago, as many as in the period before."""
    if indicator is None or indicator.denominator is None:
        bases = {"year_on_year": _count(n - 1), "on_previous": _count(n)}
        return {**_count(n), "bases": bases, "year_on_year": change(n, n - 1), "on_previous": change(n, n)}  # fmt: skip
    now, before = (ratio(m, n + 2, indicator.times, indicator.digits) for m in (n, n - 1))
    assert now is not None and before is not None
    side = {"numerator": n, "denominator": n + 2, "value": plain(now)}
    unit = "个百分点" if indicator.kind == "rate" else indicator.unit
    base = {"numerator": n - 1, "denominator": n + 2, "value": plain(before)}
    return {
        **side,
        "bases": {"year_on_year": base, "on_previous": side},
        "year_on_year": change_of_rate(now, before, unit, indicator.digits),
        "on_previous": change_of_rate(now, now, unit, indicator.digits),
    }


def _count(n: int) -> dict[str, Any]:
    return {"numerator": n, "denominator": None, "value": str(n)}
