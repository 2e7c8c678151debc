"""承继 in monthly returns: what an abolished office had goes to its successor with all that it counts as, and figures
follow it. A return does not: it tells what an office had while it stood, so that what was signed stays true, and
nothing is told by two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from sqlalchemy import Text, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from kit import clock
from kit.identity import Directory
from stats.domain.indicators import INDICATORS
from stats.domain.measures import CASE_MEASURES, Mark, Measure, marks
from stats.domain.periods import covering
from stats.domain.returns import Item
from stats.queries.figures import Asker
from stats.store import INHERITED, VISIBLE, Fact, fact

Matter = tuple[Fact, list[Mark]]
"""A case, and all that it counts as."""


def inherited(asker: Asker, offices: Collection[str]) -> list[Matter]:
    """The matters that went from or to some offices by succession, those that may be counted."""
    if not offices:
        return []
    found = select(fact).where(
        INHERITED,
        fact.c.offices.bool_op("&&")(literal(sorted(offices), ARRAY(Text))),
        VISIBLE.where(asker.reach),
    )
    facts = [Fact(**row) for row in asker.connection.execute(found).mappings()]
    return [(one, list(marks(one, clock.local_date))) for one in facts]


def given_back(
    matters: Iterable[Matter], item: Item, office: str, months: Sequence[date], directory: Directory
) -> Counter[date]:
    """By how much a line of an office's returns is more, or less, than its figure of today."""
    measure, found = CASE_MEASURES.get(INDICATORS[item.what].numerator), Counter[date]()
    if measure is None:  # a step counts for the office of its moment in any case
        return found
    for one, counted in matters:
        if all(getattr(one, name) == value for name, value in item.where.items()):
            for month, now, day, n in _falling(counted, measure, months):
                then = _whose(one, measure, day, directory)
                found[month] += n * ((then == office) - (now == office))
    return found


def _falling(
    counted: Iterable[Mark], measure: Measure, months: Sequence[date]
) -> Iterator[tuple[date, str, date, int]]:
    """The months in which a matter counts, for whom today, the day on which it is asked whose it was, and how many."""
    for day, name, office, n in counted:
        if name != measure.id:
            continue
        if not measure.stock and day.replace(day=1) in months:
            yield day.replace(day=1), office, day, n
        elif measure.stock:
            last = {month: covering("month", month).until for month in months}
            yield from ((month, office, until, n) for month, until in last.items() if day <= until)


def _whose(one: Fact, measure: Measure, day: date, directory: Directory) -> str:
    """The office that a matter counted for on a day."""
    receiver = _stood(one, "registered_by", day, directory) or one.registered_by
    return receiver if measure.receiver else _stood(one, "office", day, directory) or receiver


def _stood(one: Fact, name: str, day: date, directory: Directory) -> str | None:
    """Who stood in a column before those who succeeded them since."""
    for on, before in sorted(one.inherited.items()):
        if name in before and day < _ended(before[name], date.fromisoformat(on), directory):
            return str(before[name])
    stands: str | None = getattr(one, name)
    return stands


def _ended(office: str, on: date, directory: Directory) -> date:
    """The day from which on an office was no more, where its matters were passed on some days later."""
    known = directory.get(office)
    return min(on, clock.local_date(known.valid_to)) if known and known.valid_to else on
