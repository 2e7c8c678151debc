"""月报: its lines as they are counted, in both editions; and those of several months in one table, against the year
before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from kit import clock
from kit.identity import Directory, Office
from stats.domain import returns as rules
from stats.domain.change import NO_BASE, change
from stats.domain.editions import OPEN, OWN
from stats.domain.indicators import INDICATORS
from stats.domain.periods import DAY, Period, covering, months_of
from stats.domain.returns import ITEMS, SELF, Item, Signed
from stats.levels import higher
from stats.queries.editions import reaches
from stats.queries.figures import Asker, count, first_day, link
from stats.queries.inherited import given_back, inherited
from stats.queries.question import Question
from stats.store import monthly_return

Lines = dict[str, int | None]


# -- counted ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What a return is drawn up from, by edition.

    Args:
        counted: its lines. later: of each month that was signed before it, by how much a line would be told otherwise.
        signed: how many returns of the office were signed by then.
    """

    counted: Mapping[str, Lines]
    later: Mapping[str, Mapping[str, Mapping[str, int]]]
    signed: int


def taken(asker: Asker, office: Office, month: date) -> Taken:
    """An office's return as it is counted today, whoever draws it up, and what was found since of its signed ones.

    One that was abolished has the open edition alone: its successor reads and signs it, who may be barred from what it
    knew (Art. 30)."""
    rows = asker.connection.execute(
        select(monthly_return).where(
            monthly_return.c.office == office.id, monthly_return.c.state == "signed"
        )
    ).all()
    since = month.replace(year=month.year - rules.YEARS_BACK)
    earlier = sorted((row for row in rows if since <= row.month < month), key=lambda row: row.month)
    months = [*(row.month for row in earlier), month]
    ended = office.ended(asker.now)
    counted, later = {}, {}
    for edition, reach in reaches(office, asker.directory).items():
        if not ended or edition == OPEN:
            lines = _counted(replace(asker, reach=reach), office.id, months)
            counted[edition] = lines[month]
            later[edition] = _later(rows, earlier, edition, lines)
    if ended:
        counted[OWN], later[OWN] = counted[OPEN], later[OPEN]
    return Taken(counted, later, len(rows))


def _later(
    rows: Sequence[Any], earlier: Sequence[Any], edition: str, now: Mapping[date, Lines]
) -> dict[str, dict[str, int]]:
    """By how much lines of earlier months are counted otherwise than they were last told; equal ones are left out."""
    found = {}
    for row in earlier:
        key = row.month.isoformat()
        since = (other.later[edition].get(key, {}) for other in rows)
        found[key] = rules.differences(rules.last_told(row.counted[edition], since), now[row.month])
    return {month: lines for month, lines in found.items() if lines}


def _counted(asker: Asker, office: str, months: Sequence[date]) -> dict[date, Lines]:
    """The lines of an office's returns of some months; what nobody here can count is blank, and so is a month before
    the site began. What was inherited counts before that for whom it was inherited from."""
    found: dict[date, Lines] = {month: {} for month in months}
    known_of = begun(asker.connection, months)
    whose = {i.id: counted_of(i, office, asker.directory) for i in ITEMS.values()}
    matters = inherited(asker, {receiver for known in whose.values() for receiver in known})
    for item in ITEMS.values():
        known, total = whose[item.id], Counter[date]()
        for receiver in known:
            total.update(_by_month(asker, item, receiver, months))
            total.update(given_back(matters, item, receiver, months, asker.directory))
        for month in months:
            found[month][item.id] = total[month] if known and month in known_of else None
    return found


def begun(connection: Connection, months: Iterable[date]) -> set[date]:
    """Those of some months that the site knows of: it began in them, or before."""
    first = first_day(connection)
    return {m for m in months if first is not None and covering("month", m).until >= first}


def behind(office: str, month: date, directory: Directory) -> dict[str, str]:
    """Line → the query of `/figures/cases` that lists what is counted for it today, where it counts one office."""
    found = {}
    for item in ITEMS.values():
        known = counted_of(item, office, directory)
        if len(known) == 1:
            where = {"office": known[0], **item.where}
            found[item.id] = link(item.what, covering("month", month).text, where)
    return found


def _by_month(asker: Asker, item: Item, office: str, months: Sequence[date]) -> dict[date, int]:
    """A line of one office: what happened, of all months with one question; what stood, of each with its own."""
    measure, where = INDICATORS[item.what].numerator, {"office": office, **item.where}
    last = {month: covering("month", month).until for month in months}
    if item.stock:
        asked = {month: Question(measure, month, last[month], where=where) for month in months}
        return {month: count(asker, one)[1][()] for month, one in asked.items()}
    whole = Question(measure, min(months), last[max(months)], by=("month",), where=where)
    return {date.fromisoformat(month): n for (month,), n in count(asker, whole)[1].items()}


def counted_of(item: Item, office: str, directory: Directory) -> list[str]:
    """The offices whose figures make a line of an office's return; none: it is entered by hand."""
    own = [office] if SELF in item.at else []
    root = directory.root()
    if root is None or root.id != office:
        return own
    return own + [above.id for above in higher(directory) if above.level in item.at]


# -- several months --------------------------------------------------------------------------------


def summed(
    connection: Connection, directory: Directory, period: Period, office: str | None = None
) -> dict[str, Any]:
    """The signed returns of a period's months, line by line, with 同比, for everybody. Only what was signed counts; a
    line that nobody filled in is blank, and nothing is compared where returns of either side are missing.

    Args:
        period: of whole months.
        office: whose returns; None: every office's.
    """
    offices, before = None if office is None else [office], period.year_before
    now = signed(connection, directory, period, offices)
    base = signed(connection, directory, before, offices) if before else Signed({})
    return {
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "signed": sum(map(len, now.months.values())),
        "signed_before": sum(map(len, base.months.values())),
        "missing": _lacking(connection, now),
        "missing_before": _lacking(connection, base),
        "lines": [_line(item, now, base) for item in ITEMS.values()],
        "faults": rules.what_is_wrong({item: now.total(item) for item in ITEMS}),
    }


def _lacking(connection: Connection, told: Signed) -> dict[str, int]:
    """How many returns months lack; one that is not over is owed none yet, nor is one before the site began of which
    nobody has any."""
    today, known = clock.local_date(clock.now()), begun(connection, told.months)
    return {
        str(month): n
        for month, n in told.missing.items()
        if covering("month", month).until < today and (month in known or told.months[month])
    }


def _line(item: Item, now: Signed, base: Signed) -> dict[str, Any]:
    total, before = now.total(item.id), base.total(item.id)
    whole = now.whole(item.id) and base.whole(item.id)
    return {
        "item": item.id,
        "name": item.name,
        "unit": item.unit,
        "now": total,
        "year_on_year": change(total, before) if whole else NO_BASE,
        "before": before,
        "blank": list(map(str, now.blank(item.id))),
        "blank_before": list(map(str, base.blank(item.id))),
    }


def signed(
    connection: Connection, directory: Directory, period: Period, offices: list[str] | None,
    own: str | None = None,
) -> Signed:  # fmt: skip
    """月报 that were signed in a period, in the open edition.

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
    months: dict[date, dict[str, Lines]] = {month: {} for month in months_of(period)}
    for office, month, figures in connection.execute(found):
        months[month][office] = figures[OWN if office == own else OPEN]
    owed = {month: _of(reporting(directory, month), offices) for month in months}
    return Signed(months, owed, _sole(directory))


def _of(reporting: list[str], offices: list[str] | None) -> list[str]:
    return reporting if offices is None else [office for office in reporting if office in offices]


def _sole(directory: Directory) -> dict[str, str]:
    """Lines that are counted in the return of the site's own petition office alone."""
    root = directory.root()
    known = (i.id for i in ITEMS.values() if root and SELF not in i.at and counted_of(i, root.id, directory))  # fmt: skip
    return dict.fromkeys(known, root.id if root else "")


def reporting(directory: Directory, month: date) -> list[str]:
    """The site's own offices that existed at any time in a month."""
    since, until = (clock.midnight(day) for day in (month, covering("month", month).until + DAY))
    above = higher(directory)
    return [o.id for o in directory if o.existed(since, until) and o not in above]
