"""From events to facts and tallies; each event counts once, by the cursor it moves.

What a case counts as follows from its row (`marks`). An event changes the row, and the difference between what
it counted as before and after is what the tally gets: a correction takes back where it stood, and adds where it
stands, on the day of the event and recorded then. So an event costs what its own petition has, and no more.
"""

from __future__ import annotations

from collections import Counter

from kit.envelope import Event
from kit.unit import Unit
from stats.domain.windows import Windows
from stats.life import (
    Cell,
    advance,
    apart,
    begun,
    cell_of,
    cells,
    moved,
    recorded_on,
    settle,
    tally,
    transition,
)
from stats.store import Fact, Transition


def on_registered(unit: Unit, event: Event, windows: Windows) -> None:
    """A new case."""
    fact = begun(event)
    settle(fact, windows)
    unit.add(fact)
    _keep(unit, event, fact)
    _post(unit, event, fact, cells(fact))


def on_step(unit: Unit, event: Event, windows: Windows) -> None:
    """Any later step of a case."""
    fact = unit.get(Fact, event.subject)
    if fact is None:
        raise LookupError(f"no fact {event.subject}")
    before, was = cells(fact), apart(fact)
    advance(fact, event)
    settle(fact, windows)
    if apart(fact) != was:
        _post(unit, event, fact, moved(fact, was, unit.all(Transition, fact.number)))
    _keep(unit, event, fact)
    after = cells(fact)
    after.subtract(before)
    _post(unit, event, fact, after)


def _keep(unit: Unit, event: Event, fact: Fact) -> None:
    """The step itself, and one more of it on its day."""
    taken = transition(fact, event)
    unit.add(taken)
    if (cell := cell_of(fact, taken)) is not None:
        _post(unit, event, fact, Counter([cell]))


def _post(unit: Unit, event: Event, fact: Fact, differences: Counter[Cell]) -> None:
    """So many more in each cell, as recorded on the day of the event; a batch writes one row a cell."""
    recorded = recorded_on(fact, event)
    for cell, n in differences.items():
        if not n:
            continue
        row = unit.notes.get((recorded, cell))
        if row is None:
            row = unit.notes[recorded, cell] = tally(cell, recorded, 0)
            unit.add(row)
        row.n += n
