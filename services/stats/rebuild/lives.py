"""Lives of petitions out of their events: what the handlers would have left behind, without a database.

A life is told in one go, so what counts is looked at once for each day of recording instead of at each event. Whatever
is no petition, and a life with an event that cannot be applied, goes through the inbox and the handlers themselves.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kit import clock, envelope
from kit.envelope import Event
from kit.inbox import HandlerFailed, Inbox
from kit.memory import MemoryStore
from kit.unit import Cursor
from stats.life import Cell, advance, begun, cell_of, cells, tally, transition
from stats.rebuild.shelf import Logs
from stats.rebuild.sums import Sums
from stats.rolling import FOLDED_ON
from stats.store import MODEL, Fact, Tally, Transition
from stats.subscriptions import SUBSCRIPTIONS

Place = tuple[str, str, int]
"""Subject, source, sequence: one event."""


@dataclass
class Told:
    """What some lives came to, to be written."""

    facts: list[Fact] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)


class Teller:
    """Tells lives, month after month.

    Args:
        now: what was recorded before it, by more than `as_of` goes back, is one (`floor`).
        discarded: events that an operator gave up: they move the cursor and nothing else.
    """

    def __init__(self, now: datetime, floor: date, discarded: frozenset[Place]) -> None:
        self.now, self.floor, self.discarded = now, floor, discarded
        self.sums = Sums()
        self.told = Told()
        self.apart = MemoryStore(MODEL)
        self.failed: list[Place] = []
        self.final = date.min
        """The sums of months before it have left."""

    def tell(self, subject: str, logs: Logs) -> None:
        """One petition's life."""
        try:
            self._tell(subject, logs)
        except Exception:  # whatever a handler may raise: the inbox knows what becomes of it
            self.by_handlers(subject, logs)

    def begin(self, month: date) -> None:
        """From now on nothing counts before this month (but for what comes late: it is tallied)."""
        self.final = month

    def leave(self) -> Told:
        """What was told since the last time."""
        told, self.told = self.told, Told()
        return told

    def _tell(self, subject: str, logs: Logs) -> None:
        life = _Life(Cursor(subject))
        events = {source: [envelope.read(raw) for raw in log] for source, log in logs.items()}
        for event in ordered(events, life.cursor):
            life.cursor.of(event.source).apply(event)
            if not self._counts(event):
                continue
            MODEL.check(event.type, event.version, event.data, True)
            life.record(self.recorded(event))
            life.take(event)
        if sum(map(len, events.values())) > sum(s.applied for s in life.cursor.seen.values()):
            raise LookupError("an event waits for another one")
        self._keep(life)

    def _counts(self, event: Event) -> bool:
        place = (event.subject, event.source, event.sequence)
        return event.type in SUBSCRIPTIONS and place not in self.discarded

    def recorded(self, event: Event) -> date:
        """The day on which it is recorded, or that of all days long gone."""
        day = clock.local_date(event.time)
        return day if day >= self.floor else FOLDED_ON

    def _keep(self, life: _Life) -> None:
        self.told.cursors.append(life.cursor)
        self.told.transitions += life.transitions
        if life.fact is None:
            return
        life.record(None)
        self.told.facts.append(life.fact)
        for recorded, counted in life.counted.items():
            rolled = {}
            for cell, n in counted.items():
                if not n:
                    continue
                if cell.apart or cell.day < self.final:
                    self.told.tallies.append(tally(cell, recorded, n))
                else:
                    rolled[cell] = n
            self.sums.add(recorded, rolled)

    # -- by the handlers themselves ----------------------------------------------------------------

    def by_handlers(self, subject: str, logs: Logs) -> None:
        """Applies a subject's events one by one; what fails stays out, and what comes after it waits."""
        events = [map(envelope.read, log) for log in logs.values()]
        for event in heapq.merge(*events, key=lambda event: event.time):
            self._apply(event)

    def _apply(self, event: Event) -> None:
        unit = self.apart.unit(self.now)
        place = (event.subject, event.source, event.sequence)
        skipping = event.id if place in self.discarded else None
        try:
            Inbox(unit, SUBSCRIPTIONS, skipping=skipping).apply([(event, envelope.encode(event))])
        except HandlerFailed as failed:
            bad = failed.event
            self.failed.append((bad.subject, bad.source, bad.sequence))
            self.apart.held.pop((bad.subject, bad.source, bad.sequence), None)
            if bad.id != event.id:  # it had waited for this one
                self._apply(event)
            return
        unit.flush()


@dataclass
class _Life:
    """One petition while it is told."""

    cursor: Cursor
    fact: Fact | None = None
    transitions: list[Transition] = field(default_factory=list)
    counted: dict[date, Counter[Cell]] = field(default_factory=dict)
    """What was recorded on a day, as differences."""
    _day: date | None = None
    _before: Counter[Cell] = field(default_factory=Counter)

    def take(self, event: Event) -> None:
        """One event, on the day that `record` named."""
        if event.type == "petition.registered":
            self.fact = begun(event)
        elif self.fact is None:
            raise LookupError(f"no fact {event.subject}")
        else:
            advance(self.fact, event)
        taken = transition(self.fact, event)
        self.transitions.append(taken)
        cell = cell_of(self.fact, taken)
        if cell is not None and self._day is not None:
            self.counted[self._day][cell] += 1

    def record(self, day: date | None) -> None:
        """Another day of recording begins: what the last one's events came to is the difference that they
        made together."""
        if day == self._day:
            return
        if self.fact is not None and self._day is not None:
            after = cells(self.fact)
            counted = self.counted[self._day]
            counted.update(after)
            counted.subtract(self._before)
            self._before = after
        if day is not None:
            self.counted.setdefault(day, Counter())
        self._day = day


def ordered(logs: Mapping[str, list[Event]], cursor: Cursor) -> Iterator[Event]:
    """Events as an inbox applies them: the next of its source, when all that it came after is there; of several the
    earliest. The caller moves the cursor before it asks for another one."""
    coming = {source: iter(log) for source, log in logs.items()}
    heads = {source: event for source, log in coming.items() if (event := next(log, None))}
    while True:
        ready = [event for event in heads.values() if _is_next(event, cursor)]
        if not ready:
            return
        event = min(ready, key=lambda event: event.time)
        yield event
        following = next(coming[event.source], None)
        if following is None:
            del heads[event.source]
        else:
            heads[event.source] = following


def _is_next(event: Event, cursor: Cursor) -> bool:
    return event.sequence == cursor.reached(event.source) + 1 and all(
        cursor.reached(source) >= n for source, n in event.after.items() if source in MODEL.sources
    )
