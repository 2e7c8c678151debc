"""A case's life: what an event makes of its row, what it counts as by then, and the step that is kept of it.

Handlers tell it event by event, a rebuild life by life. What was recorded on which day is the day of the event, not
of its arrival here: so both come to the same, and `as_of` does not change with how long a message was on its way.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any, NamedTuple

from contracts.public import fields_of, seen_by, succeed
from kit import clock
from kit.envelope import Event
from kit.identity import aside
from stats.domain.cases import derive, happened
from stats.domain.measures import marks, step
from stats.domain.windows import Windows
from stats.store import Fact, Tally, Transition


class Cell(NamedTuple):
    """Where something is counted: the dimensions of the tally but for the day of recording."""

    day: date
    measure: str
    office: str
    division: str
    channel: str
    type: str
    category: str
    turn: str
    size: str
    apart: bool
    barred: tuple[str, ...]


def begun(event: Event) -> Fact:
    """A new case, out of petition.registered."""
    state = fields_of(event.data["petition"])
    return Fact(
        **state,
        sealed=event.sealed,
        offices=[state["registered_by"]],
        barred=event.data["barred"],
        size="joint" if event.data["collective"] else "single",
    )


def advance(fact: Fact, event: Event) -> None:
    """Any later event of a case."""
    fact.take(event.source, event.data["petition"])
    fact.offices = sorted(seen_by(fact.offices, event.type, event.data))
    if event.type == "petition.succeeded":
        succeed(fact, event.data["from_office"], event.data["to_office"], "registered_by")
    elif event.type == "petition.recused":
        fact.barred = [*fact.barred, aside(event.data["account"])]
    happened(fact, event.type, event.data, event.time)


def settle(fact: Fact, windows: Windows) -> None:
    """What follows for limits, lengths and windows; before a case is counted, or kept, as it now stands."""
    derive(fact, clock.local_date, windows)


def cells(fact: Fact) -> Counter[Cell]:
    """What a case counts as, by the cell of the tally that each of it falls in."""
    division, category = fact.division or "", fact.category or ""
    rest = (division, fact.channel, fact.type, category, fact.turn, fact.size, *_apart(fact))
    found: Counter[Cell] = Counter()
    for day, measure, office, n in marks(fact, clock.local_date):
        found[Cell(day, measure, office, *rest)] += n
    return found


def transition(fact: Fact, event: Event) -> Transition:
    """The step itself, with whoever has the case after it."""
    return Transition(
        event.subject, event.source, event.sequence, event.type, step(event.type, event.data),
        fact.office or fact.registered_by, fact.division or "", _at(fact, event), event.time,
    )  # fmt: skip


def _at(fact: Fact, event: Event) -> datetime:
    if event.type == "petition.registered":
        return fact.registered_at
    return datetime.fromisoformat(said) if (said := event.data.get("at")) else event.time


def cell_of(fact: Fact, taken: Transition) -> Cell | None:
    """Where a step counts, on its day; None for one that is only kept."""
    if taken.measure is None:
        return None
    of_case = (fact.channel, fact.type, "", "", fact.size, *_apart(fact))
    day = clock.local_date(taken.at)
    return Cell(day, taken.measure, taken.office, taken.division, *of_case)


def tally(cell: Cell, recorded_on: date, n: int) -> Tally:
    """`n` more in a cell."""
    return Tally(
        cell.day, recorded_on, cell.measure, cell.office, cell.division, cell.channel, cell.type,
        cell.category, cell.turn, cell.size, cell.apart, n, list(cell.barred),
    )  # fmt: skip


def _apart(fact: Fact) -> tuple[Any, ...]:
    return fact.sealed or bool(fact.barred), tuple(fact.barred)
