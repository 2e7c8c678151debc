"""Figures out of the roll-ups, with what is not rolled up yet, or never is, beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import Date as SqlDate

from kit.identity import Directory, Reach
from stats.domain.measures import FOLDED
from stats.queries.question import Question, folded, matches, offices_of
from stats.store import COUNTED, by_day, by_month, tally

TOWN = 9
_STORED = (0, 2, 4, 6, TOWN)
"""Lengths of the codes whose sums are stored, or those of the towns in them."""
DAY = timedelta(days=1)
Groups = Counter[tuple[Any, ...]]
"""Values of the dimensions asked for → how many."""


@dataclass(frozen=True)
class Plan:
    """Which rows of the roll-ups answer a question: `axis` and `dim`, places by condition, and which of the
    question's dimensions the place itself is a value of."""

    axis: str
    dim: str = ""
    place_is: str | None = None


def plan(question: Question, directory: Directory) -> Plan | None:
    """How the roll-ups answer it; None where only the cases can."""
    found = _plan(question, directory)
    if found is None or not any(table is by_day for table, *_ in _spans(question)):
        return found
    site = found.axis == "division" and not question.under and found.place_is is None
    return found if site or not found.dim else None  # single days have no dimensions but the site's


def _plan(question: Question, directory: Directory) -> Plan | None:
    measure = question.of_case
    if measure and measure.apart:
        return None
    rest = question.dimensions - {"office", "town", "division"}
    places = question.dimensions - rest
    other = min(rest, default="")
    if len(rest) > 1 or len(places) > 1:
        return None
    place = min(places, default=None)
    if offices_of(question, directory) is not None:
        known = place in (None, "office") and question.division is None
        return Plan("office", other, place) if known else None
    return _by_division(question, place, other)


def _by_division(question: Question, place: str | None, other: str) -> Plan | None:
    length = len(question.under)
    if place == "division" or length not in _STORED:
        alone = not other and place in (None, "division")
        return Plan("place", "", place) if alone else None
    if place == "office":
        if not other:
            return Plan("division", "office")
        return None if length else Plan("office", other, "office")
    return Plan("division", other, place)


def counted(
    connection: Connection, reach: Reach, question: Question, plan: Plan, directory: Directory
) -> Groups:
    """Sums by the dimensions asked for."""
    parts = [
        *_rolled(question, plan, directory),
        _fresh(question, plan, directory).where(COUNTED.open_to(reach)),
    ]
    union = union_all(*parts).subquery()
    names = [union.c.place, union.c.value, union.c.time]
    rows: Any = connection.execute(select(*names, func.sum(union.c.n)).group_by(*names))
    found: Groups = Counter()
    for place, value, time, n in rows:
        said = {plan.place_is: _place(plan, place), plan.dim: value, question.time: time}
        key = (folded(name, said[FOLDED.get(name, name)], directory) for name in question.by)
        found[tuple(key)] += int(n)
    return found


def totals(
    connection: Connection, reach: Reach, measures: tuple[str, ...], since: date, until: date
) -> dict[str, int]:
    """Several measures over the whole site, those that are not nought."""
    site = (by_day.c.axis == "division", by_day.c.place == "", by_day.c.dim == "")
    rolled = select(by_day.c.measure, by_day.c.n).where(
        *site, by_day.c.measure.in_(measures), by_day.c.day.between(since, until)
    )
    fresh = select(tally.c.measure, tally.c.n).where(
        tally.c.measure.in_(measures), tally.c.day.between(since, until), COUNTED.open_to(reach)
    )
    union = union_all(rolled, fresh).subquery()
    rows = connection.execute(
        select(union.c.measure, func.sum(union.c.n)).group_by(union.c.measure)
    )
    return {measure: int(n) for measure, n in rows if n}


def _place(plan: Plan, place: str) -> str:
    """A place as a value: a town by its whole code, what is nowhere yet by none."""
    if plan.place_is != "town":
        return place
    return "" if place == "-" else place.ljust(12, "0")


# -- the rolled part -------------------------------------------------------------------------------


def _rolled(question: Question, plan: Plan, directory: Directory) -> Iterator[Select[Any]]:
    """Whole months out of the one table, the days before and after them out of the other."""
    for table, since, until in _spans(question):
        time = table.c.day if table is by_day else table.c.month
        conditions = [
            table.c.measure == question.measure,
            table.c.axis == plan.axis,
            table.c.dim == plan.dim,
            time.between(since, until),
            *_places(table.c.place, question, plan, directory),
            *_wanted(table.c.place, table.c.value, question, plan, directory),
        ]
        if question.as_of:
            conditions.append(table.c.recorded_on <= question.as_of)
        yield _part(table.c.place, table.c.value, _time(time, question), table.c.n, plan).where(
            *conditions
        )


def _spans(question: Question) -> Iterator[tuple[Any, date, date]]:
    since, until = question.since, question.until
    if question.time == "day":
        yield by_day, since, until
        return
    first = since if since.day == 1 else month_after(since)
    last = until.replace(day=1) if (until + DAY).day != 1 else until + DAY
    if first >= last:
        yield by_day, since, until
        return
    if since < first:
        yield by_day, since, first - DAY
    yield by_month, first, last - DAY
    if last <= until:
        yield by_day, last, until


def month_after(day: date) -> date:
    """The first day of the next month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _places(
    column: Any, question: Question, plan: Plan, directory: Directory
) -> list[ColumnElement[bool]]:
    under = question.under
    if plan.axis == "office":
        offices = offices_of(question, directory)
        return [] if offices is None else [column.in_(offices)]
    if plan.axis == "place":
        return [column.startswith(under)] if under else []
    if plan.place_is == "town":
        towns = and_(func.length(column) == TOWN, column.startswith(under))
        return [towns if under else or_(towns, column == "-")]
    if under and len(under) < TOWN:  # a county's, a city's: the towns in it
        return [column.startswith(under), func.length(column) == TOWN]
    return [column == under]


def _wanted(
    place: Any, value: Any, question: Question, plan: Plan, directory: Directory
) -> Iterator[ColumnElement[bool]]:
    """The values that are asked for."""
    for name, wanted in question.where.items():
        of_place = FOLDED.get(name, name) == plan.place_is
        if of_place and name == "town":
            wanted = wanted[:TOWN] or "-"
        yield matches(place if of_place else value, name, wanted, directory)


# -- the tally -------------------------------------------------------------------------------------


def _fresh(question: Question, plan: Plan, directory: Directory) -> Select[Any]:
    """The same out of the tally."""
    where = [
        tally.c.measure == question.measure,
        tally.c.day.between(question.since, question.until),
    ]
    if question.under:
        where.append(tally.c.division.startswith(question.under))
    offices = offices_of(question, directory)
    if offices is not None:
        where.append(tally.c.office.in_(offices))
    if question.as_of:
        where.append(tally.c.recorded_on <= question.as_of)
    value = tally.c[plan.dim] if plan.dim else literal("")
    place = _place_of(plan)
    where += _wanted(place, value, question, plan, directory)
    return _part(place, value, _time(tally.c.day, question), tally.c.n, plan).where(*where)


def _place_of(plan: Plan) -> Any:
    if plan.place_is == "town":
        return func.coalesce(func.nullif(func.left(tally.c.division, TOWN), ""), "-")
    return tally.c[plan.place_is] if plan.place_is else literal("")


def _time(column: Any, question: Question) -> Any:
    if question.time == "month":
        return cast(func.date_trunc("month", column), SqlDate)
    return column if question.time else cast(None, SqlDate)


def _part(place: Any, value: Any, time: Any, n: Any, plan: Plan) -> Select[Any]:
    labels = [
        (place if plan.place_is else literal("")).label("place"),
        (value if plan.dim else literal("")).label("value"),
        time.label("time"),
    ]
    return select(*labels, n.label("n"))
