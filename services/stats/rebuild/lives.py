"""Lives of petitions out of their events: what the handlers would have left behind, without a database.

A life is told in one go, so what counts is looked at once for each day of recording instead of at each event. An event
is not checked against its contract again: it was when it was published. Whatever is no petition, a life of which an event
was parked, and one with an event that cannot be applied go through the inbox and the handlers themselves.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kit import envelope
from kit.envelope import Event
from kit.inbox import HandlerFailed, Inbox
from kit.memory import MemoryStore
from kit.unit import Cursor
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
from stats.rebuild.shelf import Logs
from stats.rebuild.sums import Sums
from stats.rolling import FOLDED_ON
from stats.store import MODEL, Fact, Tally, Transition
from stats.subscriptions import SUBSCRIPTIONS, subscriptions

Place = tuple[str, str, int]
"""Subject, source, sequence: one event."""


@dataclass
class Told:
    """What some lives came to.

    `left`: those that did not go by themselves, for `ByHandlers`.
    """

    facts: list[Fact] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)
    left: dict[str, Logs] = field(default_factory=dict)


@dataclass(frozen=True)
class Teller:
    """Tells the lives that began in one month.

    Args:
        floor: what was recorded on days before it is not told apart.
        month: its first day; what counts before it (a number may name a later month) is tallied, for the sums of
            months gone by have left.
        windows: the site's.
    """

    floor: date
    month: date
    windows: Windows = field(default_factory=Windows)

    def tell(self, lives: Mapping[str, Logs]) -> Told:
        """All of them."""
        told = Told()
        for subject, logs in lives.items():
            try:
                life = self._lived(subject, logs)
            except Exception:  # whatever a handler may raise: the inbox knows what becomes of it
                told.left[subject] = logs
                continue
            self._keep(life, told)
        return told

    def _lived(self, subject: str, logs: Logs) -> _Life:
        life = _Life(Cursor(subject), self.windows)
        events = {source: [envelope.read(raw) for raw in log] for source, log in logs.items()}
        for event in ordered(events, life.cursor):
            life.cursor.of(event.source).apply(event)
            if event.type in SUBSCRIPTIONS:
                life.take(event, self.floor)
        if sum(map(len, events.values())) > sum(s.applied for s in life.cursor.seen.values()):
            raise LookupError("an event waits for another one")
        life.record(None)
        return life

    def _keep(self, life: _Life, told: Told) -> None:
        told.cursors.append(life.cursor)
        told.transitions += life.transitions
        if life.fact is not None:
            told.facts.append(life.fact)
        for day, counted in life.counted.items():
            rolled = {}
            for cell, n in counted.items():
                if n and (cell.apart or cell.day < self.month):
                    told.tallies.append(tally(cell, day, n))
                elif n:
                    rolled[cell] = n
            told.sums.add(day, rolled)


def recorded(fact: Fact, event: Event, floor: date) -> date:
    """The day on which it was recorded, or that of all days long gone."""
    day = recorded_on(fact, event)
    return day if day >= floor else FOLDED_ON


class ByHandlers:
    """The inbox and the handlers themselves, in memory: for offices, and for lives that do not go by themselves.

    Args:
        discarded: events that an operator gave up: they move the cursor and nothing else.
        windows: the site's.
    """

    def __init__(
        self, now: datetime, discarded: frozenset[Place], windows: Windows = Windows()
    ) -> None:
        self.now, self.discarded, self.handlers = now, discarded, subscriptions(windows)
        self.store = MemoryStore(MODEL)
        self.failed: list[Place] = []

    def tell(self, lives: Mapping[str, Logs]) -> None:
        """Applies events one by one; what fails stays out, and what comes after it waits."""
        for logs in lives.values():
            events = [map(envelope.read, log) for log in logs.values()]
            for event in heapq.merge(*events, key=lambda event: event.time):
                self._apply(event)

    def _apply(self, event: Event) -> None:
        unit = self.store.unit(self.now)
        skipping = event.id if _place(event) in self.discarded else None
        try:
            Inbox(unit, self.handlers, skipping=skipping).apply([(event, envelope.encode(event))])
        except HandlerFailed as failed:
            place = _place(failed.event)
            self.failed.append(place)
            self.store.held.pop(place, None)
            if failed.event.id != event.id:  # it had waited for this one
                self._apply(event)
            return
        unit.flush()


def _place(event: Event) -> Place:
    return event.subject, event.source, event.sequence


@dataclass
class _Life:
    """One petition while it is told."""

    cursor: Cursor
    windows: Windows
    fact: Fact | None = None
    transitions: list[Transition] = field(default_factory=list)
    counted: dict[date, Counter[Cell]] = field(default_factory=dict)
    """What was recorded on a day, as differences."""
    _day: date | None = None
    _before: Counter[Cell] = field(default_factory=Counter)

    def take(self, event: Event, floor: date) -> None:
        """One event."""
        if event.type == "petition.registered":
            self.fact = begun(event)
            self.record(recorded(self.fact, event, floor))
        elif self.fact is None:
            raise LookupError(f"no fact {event.subject}")
        else:
            self.record(recorded(self.fact, event, floor))
            was = apart(self.fact)
            advance(self.fact, event)
            if apart(self.fact) != was and self._day is not None:
                self.counted[self._day].update(moved(self.fact, was, self.transitions))
        taken = transition(self.fact, event)
        self.transitions.append(taken)
        if (cell := cell_of(self.fact, taken)) is not None and self._day is not None:
            self.counted[self._day][cell] += 1

    def record(self, day: date | None) -> None:
        """Another day of recording begins: what the last one's events came to is the difference that they
        made together."""
        if day == self._day:
            return
        if self.fact is not None and self._day is not None:
            settle(self.fact, self.windows)
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
