"""From events to facts and tallies; each event counts once, by the cursor it moves.

What a case counts as follows from its row (`marks`). An event changes the row, and the difference between what
it counted as before and after is what the tally gets: a correction takes back where it stood, and adds where it
stands, on the day of the event and recorded today. So an event costs what its own petition has, and no more.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from contracts.public import fields_of, seen_by, succeed
from kit import clock
from kit.envelope import Event
from kit.identity import aside
from kit.unit import Unit
from stats.domain.cases import derive, happened
from stats.domain.measures import marks, step
from stats.store import Fact, Tally, Transition

Cell = tuple[Any, ...]


def on_registered(unit: Unit, event: Event) -> None:
    """A new case."""
    state = fields_of(event.data["petition"])
    size = "joint" if event.data["collective"] else "single"
    fact = Fact(
        **state,
        sealed=event.sealed,
        offices=[state["registered_by"]],
        barred=event.data["barred"],
        size=size,
    )
    derive(fact, clock.local_date)
    unit.add(fact)
    _keep(unit, event, fact, fact.registered_at)
    _post(unit, Counter(), _cells(fact))


def on_step(unit: Unit, event: Event) -> None:
    """Any later step of a case."""
    fact = unit.get(Fact, event.subject)
    if fact is None:
        raise LookupError(f"no fact {event.subject}")
    before = _cells(fact)
    fact.take(event.source, event.data["petition"])
    fact.offices = seen_by(fact.offices, event.type, event.data)
    if event.type == "petition.succeeded":
        succeed(fact, event.data["from_office"], event.data["to_office"], "registered_by")
    elif event.type == "petition.recused":
        fact.barred = [*fact.barred, aside(event.data["account"])]
    happened(fact, event.type, event.data, event.time)
    derive(fact, clock.local_date)
    at = datetime.fromisoformat(event.data["at"]) if "at" in event.data else event.time
    _keep(unit, event, fact, at)
    _post(unit, before, _cells(fact))


def _cells(fact: Fact) -> Counter[Cell]:
    """What a case counts as, by the cell of the tally that each of it falls in."""
    place = (
        fact.division or "",
        fact.channel,
        fact.type,
        fact.category or "",
        fact.turn,
        fact.size,
    )
    rest = (*place, fact.sealed or bool(fact.barred), tuple(fact.barred))
    cells: Counter[Cell] = Counter()
    for day, measure, office, n in marks(fact, clock.local_date):
        cells[day, measure, office, *rest] += n
    return cells


def _keep(unit: Unit, event: Event, fact: Fact, at: datetime) -> None:
    """The step itself, and one more of it on its day, with whoever has the case after it."""
    measure = step(event.type, event.data)
    office, division = fact.office or fact.registered_by, fact.division or ""
    unit.add(
        Transition(
            event.subject, event.source, event.sequence, event.type, measure, office, division,
            at, unit.now,
        )
    )  # fmt: skip
    if measure is not None:
        apart = fact.sealed or bool(fact.barred)
        of_case = (fact.channel, fact.type, "", "", fact.size, apart, tuple(fact.barred))
        _add(unit, (clock.local_date(at), measure, office, division, *of_case), 1)


def _post(unit: Unit, before: Counter[Cell], after: Counter[Cell]) -> None:
    for cell in before.keys() | after.keys():
        if difference := after[cell] - before[cell]:
            _add(unit, cell, difference)


def _add(unit: Unit, cell: Cell, n: int) -> None:
    """`n` more in a cell, as recorded today; a batch writes one row a cell."""
    today: date = clock.local_date(unit.now)
    key = (today, cell)
    tally = unit.notes.get(key)
    if tally is None:
        tally = unit.notes[key] = _row(today, cell)
        unit.add(tally)
    tally.n += n


def _row(today: date, cell: Cell) -> Tally:
    day, measure, office, division, channel, type_, category, turn, size, apart, barred = cell
    return Tally(
        day, today, measure, office, division, channel, type_, category, turn, size, apart, 0,
        list(barred),
    )  # fmt: skip
