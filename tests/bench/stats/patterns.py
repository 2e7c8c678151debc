"""Lives that the generator told, as patterns for COPY: the same life on another day under another number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from kit import clock, copying
from kit.sqlstore import seen_of
from stats.life import Cell, cell_of, cells
from stats.store import FACT, MODEL, TRANSITION, Fact, Transition
from tool.demo import Site, generate_lives
from tool.generate import offices
from tool.history import History, Vaults

SOURCES = MODEL.sources
STEPS = 8
"""Lives with fewer transitions are left out."""
SEED, AFTER = 5, timedelta(days=600)
"""So long after the last registration every life has come to its end."""
_EVENT = ("event_id", "subject", "sequence", "type", "routing_key", "sealed", "envelope")
EVENT_COLUMNS = ", ".join(_EVENT)


class Text(NamedTuple):
    """COPY lines with places for what changes: days, by how long they are after the first, or the number."""

    text: str
    places: tuple[int | None, ...]

    def at(self, number: str, days: Sequence[str]) -> str:
        """On another day. `days`: the texts of that day and of those after it."""
        return self.text % tuple([number if p is None else days[p] for p in self.places])


@dataclass(frozen=True)
class Pattern:
    """One life.

    Args:
        local: by how many days the day in its number is after that of its registration in UTC.
        counts: what it counts as: days after the first, cell, n.
    """

    local: int
    transitions: int
    fact: Text
    steps: Text
    cursor: Text
    events: dict[str, Text]
    counts: tuple[tuple[int, Cell, int], ...]


def patterns(count: int, start: date) -> list[Pattern]:
    """Some thousand lives of one year."""
    site, last = Site.load(), start + timedelta(days=365)
    history = History(Vaults.of(b"k" * 32), offices(site), clock.midnight(last + AFTER), "330282")
    numbers: list[str] = []
    found = []
    for life in generate_lives(count, SEED, start, last, site):
        day = clock.local_date(life.registered_at)
        numbers.append(f"330282{day:%Y%m%d}{life.index + 1:05}")
        history.live(life, numbers[-1], None if life.repeat_of is None else numbers[life.repeat_of])
        if life.index % 200 == 199 or life.index == count - 1:
            found += [p for p in _patterns(history) if p.transitions >= STEPS]
            history.clear()
    return found


def _patterns(history: History) -> Iterator[Pattern]:
    live = history.stores["stats"]
    steps: dict[str, list[Transition]] = {}
    for step in live.rows[Transition].values():
        steps.setdefault(step.number, []).append(step)
    logs: dict[str, dict[str, list[Any]]] = {}
    for source in SOURCES:
        for entry in history.stores[source].log:
            logs.setdefault(entry.event.subject, {}).setdefault(source, []).append(entry)
    for fact in live.rows[Fact].values():
        yield _pattern(fact, steps[fact.number], logs[fact.number], live.cursors[fact.number])


def _pattern(fact: Fact, steps: list[Transition], logs: dict[str, list[Any]], cursor: Any) -> Pattern:  # fmt: skip
    base = fact.registered_at.date()

    def text(block: copying.Block) -> Text:
        return _text(block.text, fact.number, base)

    counts = list(cells(fact).items())
    counts += [(cell, 1) for step in steps if (cell := cell_of(fact, step))]
    return Pattern(
        (clock.local_date(fact.registered_at) - base).days,
        len(steps),
        text(copying.mapped(FACT, [fact])),
        text(copying.mapped(TRANSITION, steps)),
        text(copying.block(MODEL.tables.cursor, ("subject", "own", "seen"), [(cursor.subject, 0, seen_of(cursor))])),
        {source: _text("".join(map(_line, log)), fact.number, base) for source, log in logs.items()},
        tuple(((cell.day - base).days, cell, n) for cell, n in counts if n),
    )  # fmt: skip


def _line(entry: Any) -> str:
    """A row of an event log. A plain text is a bytea as it stands, but for the backslashes, which both it and COPY
    double."""
    body = json.dumps(json.loads(entry.body), separators=(",", ":")).replace("\\", "\\" * 4)
    event = entry.event
    sealed = "t" if event.sealed else "f"
    return f"{event.id}\t{event.subject}\t{event.sequence}\t{event.type}\t{entry.routing_key}\t{sealed}\t{body}\n"


def _text(text: str, number: str, base: date) -> Text:
    places: list[int | None] = []

    def put(found: re.Match[str]) -> str:
        said = found[0]
        places.append(None if said == number else (date.fromisoformat(said) - base).days)
        return "%s"

    pattern = rf"{number}|20[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}"
    return Text(re.sub(pattern, put, text.replace("%", "%%")), tuple(places))
