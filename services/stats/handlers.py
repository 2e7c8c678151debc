"""From events to facts and tallies; each event counts once, by the cursor it moves.

What a case counts as follows from its row (`marks`). An event changes the row, and the difference between what
it counted as before and after is what the tally gets: a correction takes back where it stood, and adds where it
stands, on the day of the event and recorded then. So an event costs what its own petition has, and no more.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from kit import clock
from kit.envelope import Event
from kit.unit import Unit
from stats.domain.windows import Windows
from stats.life import Cell, advance, begun, cell_of, cells, settle, tally, transition
from stats.store import Fact


def on_registered(unit: Unit, event: Event, windows: Windows) -> None:
    """A new case."""
    fact = begun(event)
    settle(fact, windows)
    unit.add(fact)
    _keep(unit, event, fact)
    _post(unit, event, Counter(), cells(fact))


def on_step(unit: Unit, event: Event, windows: Windows) -> None:
    """Any later step of a case."""
    fact = unit.get(Fact, event.subject)
    if fact is None:
        raise LookupError(f"no fact {event.subject}")
    before = cells(fact)
    advance(fact, event)
    settle(fact, windows)
    _keep(unit, event, fact)
    _post(unit, event, before, cells(fact))


def _keep(unit: Unit, event: Event, fact: Fact) -> None:
    """The step itself, and one more of it on its day."""
    taken = transition(fact, event)
    unit.add(taken)
    if (cell := cell_of(fact, taken)) is not None:
        _add(unit, event, cell, 1)


def _post(unit: Unit, event: Event, before: Counter[Cell], after: Counter[Cell]) -> None:
    for cell in before.keys() | after.keys():
        if difference := after[cell] - before[cell]:
            _add(unit, event, cell, difference)


def _add(unit: Unit, event: Event, cell: Cell, n: int) -> None:
    """`n` more in a cell, as recorded on the day of the event; a batch writes one row a cell."""
    recorded: date = clock.local_date(event.time)
    row = unit.notes.get((recorded, cell))
    if row is None:
        row = unit.notes[recorded, cell] = tally(cell, recorded, 0)
        unit.add(row)
    row.n += n
