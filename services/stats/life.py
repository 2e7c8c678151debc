"""A case's life: what an event makes of its row, what it counts as by then, and the step that is kept of it.

Handlers tell it event by event, a rebuild life by life. What was recorded on which day is the day of the event, not
of its arrival here: so both come to the same, and `as_of` does not change with how long a message was on its way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

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
        recorded_on=clock.local_date(event.time),
    )


def advance(fact: Fact, event: Event) -> None:
    """Any later event of a case."""
    office, receiver = fact.office, fact.registered_by
    fact.take(event.source, event.data["petition"])
    fact.offices = sorted(seen_by(fact.offices, event.type, event.data))
    if event.type == "petition.succeeded":
        succeed(fact, event.data["from_office"], event.data["to_office"], "registered_by")
        _inherit(fact, event, office=office, registered_by=receiver)
    elif event.type == "petition.recused":
        fact.barred = [*fact.barred, aside(event.data["account"])]
    happened(fact, event.type, event.data, _at(fact, event))


def _inherit(fact: Fact, event: Event, **before: str | None) -> None:
    """Keeps who stood there: a monthly return counts what an office had while it stood. Of two successions on one day
    the first tells."""
    on = clock.local_date(event.time).isoformat()
    moved = {name: was for name, was in before.items() if was == event.data["from_office"]}
    if moved:
        fact.inherited = fact.inherited | {on: moved | fact.inherited.get(on, {})}


def settle(fact: Fact, windows: Windows) -> None:
    """What follows for limits, lengths and windows; before a case is counted, or kept, as it now stands."""
    derive(fact, clock.local_date, windows)


def counted(fact: Fact) -> Iterator[tuple[Cell, int]]:
    """What a case counts as: the cells of the tally that it falls in, each perhaps more than once."""
    division, category = fact.division or "", fact.category or ""
    rest = (division, fact.channel, fact.type, category, fact.turn, fact.size, *apart(fact))
    for day, measure, office, n in marks(fact, clock.local_date):
        yield Cell(day, measure, office, *rest), n


def cells(fact: Fact) -> Counter[Cell]:
    """The same, each cell once."""
    return summed(counted(fact))


def summed(counted: Iterable[tuple[Cell, int]]) -> Counter[Cell]:
    """Each cell once."""
    found: Counter[Cell] = Counter()
    for cell, n in counted:
        found[cell] += n
    return found


def recorded_on(fact: Fact, event: Event) -> date:
    """The day on which an event was recorded: its own, but never before its petition was. What is brought in from
    elsewhere tells of days long gone, and nobody knew it then."""
    return max(fact.recorded_on, clock.local_date(event.time))


def transition(fact: Fact, event: Event) -> Transition:
    """The step itself, with whose it is after it by what its publisher knew: what comes from elsewhere at the same time
    may be heard before or after it."""
    return Transition(
        event.subject, event.source, event.sequence, event.type, step(event.type, event.data),
        _whose(fact, event), event.data["petition"]["division"] or "", _at(fact, event), event.time,
    )  # fmt: skip


def _whose(fact: Fact, event: Event) -> str:
    """A limit is missed by whoever owed it, and a review is its reviewing body's; else whoever has the case."""
    if event.type.startswith("duty."):
        return str(event.data["office"])
    if fact.reviewer and (
        event.type.startswith("review.") or event.data.get("stage") in ("review", "rereview")
    ):
        return fact.reviewer
    state = event.data["petition"]
    return str(state["office"] or state["registered_by"])


_DAYS = {"petition.served": "served_on", "review.requested": "requested_on"}
"""Where an event names the day itself: it may have been entered later (送达 by post)."""


def _at(fact: Fact, event: Event) -> datetime:
    if event.type == "petition.registered":
        return fact.registered_at
    if name := _DAYS.get(event.type):
        return clock.midnight(date.fromisoformat(event.data[name]))
    return datetime.fromisoformat(said) if (said := event.data.get("at")) else event.time


def cell_of(fact: Fact, taken: Transition) -> Cell | None:
    """Where a step counts, on its day; None for one that is only kept."""
    if taken.measure is None:
        return None
    of_case = (fact.channel, fact.type, "", "", fact.size, *apart(fact))
    day = clock.local_date(taken.at)
    return Cell(day, taken.measure, taken.office, taken.division, *of_case)


def moved(fact: Fact, was: Apart, steps: Iterable[Transition]) -> Counter[Cell]:
    """What becomes of steps that are counted already, where somebody must no longer know of the case (回避)."""
    found: Counter[Cell] = Counter()
    for cell in filter(None, (cell_of(fact, taken) for taken in steps)):
        found[cell] += 1
        found[cell._replace(apart=was[0], barred=was[1])] -= 1
    return found


def tally(cell: Cell, recorded_on: date, n: int) -> Tally:
    """`n` more in a cell."""
    return Tally(
        cell.day, recorded_on, cell.measure, cell.office, cell.division, cell.channel, cell.type,
        cell.category, cell.turn, cell.size, cell.apart, n, list(cell.barred),
    )  # fmt: skip


Apart = tuple[bool, tuple[str, ...]]


def apart(fact: Fact) -> Apart:
    """Whether somebody must not know of it, and who."""
    return fact.sealed or bool(fact.barred), tuple(fact.barred)
