"""月报: its lines as they are counted, in both editions; and those of several months in one table, against the year
before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from kit.identity import Directory, Office
from stats.domain.change import change
from stats.domain.editions import OPEN, OWN
from stats.domain.indicators import INDICATORS
from stats.domain.periods import Period, covering
from stats.domain.returns import ITEMS, SELF, Item, over
from stats.levels import higher
from stats.queries.editions import reaches
from stats.queries.figures import Asker, count
from stats.queries.question import Question
from stats.store import monthly_return

Lines = dict[str, int | None]


# -- counted ---------------------------------------------------------------------------------------


def counted(asker: Asker, office: Office, month: date) -> dict[str, Lines]:
    """The lines of an office's return as they are counted today, in both editions, whoever draws it up; what nobody
    here can count is blank."""
    return {
        edition: _counted(replace(asker, reach=reach), office.id, month)
        for edition, reach in reaches(office, asker.directory).items()
    }


def _counted(asker: Asker, office: str, month: date) -> Lines:
    period = covering("month", month)

    def of(item: Item, receiver: str) -> int:
        measure, where = INDICATORS[item.what].numerator, {"office": receiver, **item.where}
        return count(asker, Question(measure, period.since, period.until, where=where))[1][()]

    found: Lines = {}
    for item in ITEMS.values():
        known = counted_of(item, office, asker.directory)
        found[item.id] = sum(of(item, receiver) for receiver in known) if known else None
    return found


def counted_of(item: Item, office: str, directory: Directory) -> list[str]:
    """The offices whose figures make a line of an office's return; none: it is entered by hand."""
    own = [office] if SELF in item.at else []
    root = directory.root()
    if root is None or root.id != office:
        return own
    return own + [above.id for above in higher(directory) if above.level in item.at]


# -- several months --------------------------------------------------------------------------------


def summed(connection: Connection, period: Period, office: str | None = None) -> dict[str, Any]:
    """The signed returns of a period's months, line by line, with 同比, for everybody. Only what was signed counts; a
    line that nobody filled in is blank, and nothing is said against a blank.

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


def _of(connection: Connection, period: Period, office: str | None) -> tuple[Lines, int]:
    """Every line, and how many returns it is the sum of."""
    months = signed(connection, period, None if office is None else [office])
    return over(months, period.until.replace(day=1)), sum(map(len, months.values()))


def signed(
    connection: Connection, period: Period, offices: list[str] | None, own: str | None = None
) -> dict[date, list[Lines]]:
    """月报 that were signed in a period, by month, in the open edition.

    Args:
        offices: whose; None: everybody's.
        own: the office whose own return is read in its own edition.
    """
    columns = monthly_return.c
    found = select(columns.office, columns.month, columns.figures).where(
        columns.state == "signed", columns.month.between(period.since, period.until)
    )
    if offices is not None:
        found = found.where(columns.office.in_(offices))
    months: dict[date, list[Lines]] = {}
    for office, month, figures in connection.execute(found):
        months.setdefault(month, []).append(figures[OWN if office == own else OPEN])
    return months
