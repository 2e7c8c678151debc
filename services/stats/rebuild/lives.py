"""Lives of petitions out of their events: what the handlers would have left behind, without a database.

A life is told in one go, so what counts is looked at once for each day of recording instead of at each event. An event
is not checked against its contract again: it was when it was published. Whatever is no petition, a life of which an event
was parked, and one with an event that cannot be applied go through the inbox and the handlers themselves.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter

from kit import clock, envelope
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
    counted,
    moved,
    recorded_on,
    settle,
    summed,
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
    """Tells lives.

    Args:
        floor: what was recorded on days before it is not told apart.
        windows: the site's.
    """

    floor: date
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
        events = {source: [envelope.decode(body) for body in log] for source, log in logs.items()}
        for event in ordered(events):
            life.cursor.of(event.source).apply(event)
            if event.type in SUBSCRIPTIONS:
                life.take(event, self._recorded)
        if sum(map(len, events.values())) > sum(s.applied for s in life.cursor.seen.values()):
            raise LookupError("an event waits for another one")
        life.record(None)
        return life

    def _recorded(self, fact: Fact, event: Event) -> date:
        """The day on which an event was recorded, or that of all days long gone: most are, and need not be known."""
        if event.time < self._begins and fact.recorded_on < self.floor:
            return FOLDED_ON
        return recorded_on(fact, event)

    @cached_property
    def _begins(self) -> datetime:
        return clock.midnight(self.floor)

    def _keep(self, life: _Life, told: Told) -> None:
        told.cursors.append(life.cursor)
        told.transitions += life.transitions
        if life.fact is not None:
            told.facts.append(life.fact)
        for day, differences in life.counted.items():
            kept = []
            for cell, n in differences:
                if cell.apart:
                    kept.append((cell, n))
                else:
                    told.sums.add(day, cell, n)
            told.tallies += [tally(cell, day, n) for cell, n in summed(kept).items() if n]


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
            events = [((envelope.decode(body), body) for body in log) for log in logs.values()]
            for event, body in heapq.merge(*events, key=lambda one: one[0].time):
                self._apply(event, body)

    def _apply(self, event: Event, body: bytes) -> None:
        unit = self.store.unit(self.now)
        skipping = event.id if _place(event) in self.discarded else None
        try:
            Inbox(unit, self.handlers, skipping=skipping).apply([(event, body)])
        except HandlerFailed as failed:
            place = _place(failed.event)
            self.failed.append(place)
            self.store.held.pop(place, None)
            if failed.event.id != event.id:  # it had waited for this one
                self._apply(event, body)
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
    counted: dict[date, list[tuple[Cell, int]]] = field(default_factory=dict)
    """What was recorded on a day, as differences, which may cancel one another."""
    _day: date | None = None
    _before: list[tuple[Cell, int]] = field(default_factory=list)

    def take(self, event: Event, recorded: Callable[[Fact, Event], date]) -> None:
        """One event. `recorded` tells the day on which it was."""
        if event.type == "petition.registered":
            self.fact = begun(event)
            self.record(recorded(self.fact, event))
        elif self.fact is None:
            raise LookupError(f"no fact {event.subject}")
        else:
            self.record(recorded(self.fact, event))
            was = apart(self.fact)
            advance(self.fact, event)
            if apart(self.fact) != was and self._day is not None:
                self.counted[self._day] += moved(self.fact, was, self.transitions).items()
        taken = transition(self.fact, event)
        self.transitions.append(taken)
        if (cell := cell_of(self.fact, taken)) is not None and self._day is not None:
            self.counted[self._day].append((cell, 1))

    def record(self, day: date | None) -> None:
        """Another day of recording begins: what the last one's events came to is the difference that they
        made together."""
        if day == self._day:
            return
        if self.fact is not None and self._day is not None:
            settle(self.fact, self.windows)
            after = list(counted(self.fact))
            gone = [(cell, -n) for cell, n in self._before]
            self.counted[self._day] += after + gone
            self._before = after
        if day is not None:
            self.counted.setdefault(day, [])
        self._day = day


def ordered(logs: Mapping[str, list[Event]]) -> Iterator[Event]:
    """Events as an inbox applies them: the next of its source, when all that it came after is there; of several the
    earliest."""
    reached = dict.fromkeys(MODEL.sources, 0)
    coming = {source: iter(log) for source, log in logs.items()}
    heads = {source: event for source, log in coming.items() if (event := next(log, None))}
    while True:
        ready = [event for event in heads.values() if _is_next(event, reached)]
        if not ready:
            return
        event = min(ready, key=_TIME)
        yield event
        reached[event.source] = event.sequence
        following = next(coming[event.source], None)
        if following is None:
            del heads[event.source]
        else:
            heads[event.source] = following


def _is_next(event: Event, reached: Mapping[str, int]) -> bool:
    if event.sequence != reached[event.source] + 1:
        return False
    for source, n in event.after.items():  # noqa: SIM110 - asked of every event; a generator costs twice as much
        if reached.get(source, n) < n:
            return False
    return True


_TIME = attrgetter("time")
