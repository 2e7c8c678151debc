"""月报 of several months in one table, against those of the year before."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from stats.domain.change import change
from stats.domain.periods import Period
from stats.domain.returns import ITEMS, over
from stats.store import monthly_return


def summed(connection: Connection, period: Period, office: str | None = None) -> dict[str, Any]:
    """The signed returns of a period's months, line by line, with 同比. Only what was signed counts; a line that
    nobody filled in is blank, and nothing is said against a blank.

    Args:
        period: of whole months.
        office: whose returns; None: every office's.
    """
    before = period.year_before
    now, told_now = _of(connection, period, office)
    base, told_before = _of(connection, before, office) if before else (over({}, period.since), 0)
    return {
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "signed": told_now,
        "signed_before": told_before,
        "lines": [
            {
                "item": item.id,
                "name": item.name,
                "unit": item.unit,
                "now": now[item.id],
                "year_on_year": change(now[item.id], base[item.id]),
                "before": base[item.id],
            }
            for item in ITEMS.values()
        ],
    }


def _of(
    connection: Connection, period: Period, office: str | None
) -> tuple[dict[str, int | None], int]:
    """Every line, and how many returns it is the sum of."""
    columns = monthly_return.c
    found = select(columns.month, columns.figures).where(
        columns.state == "signed", columns.month.between(period.since, period.until)
    )
    if office is not None:
        found = found.where(columns.office == office)
    months: dict[date, list[dict[str, int | None]]] = {}
    for month, figures in connection.execute(found):
        months.setdefault(month, []).append(figures)
    return over(months, period.until.replace(day=1)), sum(map(len, months.values()))
