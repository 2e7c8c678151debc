"""Order and once-only: a batch of events applied to a unit (house.md 4.6).

An event is applied when it is next of its source for its subject and every entry of `after` from a
source that this service consumes is reached. A lower sequence is a duplicate; everything else waits in
a table and is drained in the transaction that applies what it waited for. A type nobody here handles
moves the cursor all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kit import envelope
from kit.envelope import Event
from kit.unit import Unit

Handler = Callable[[Unit, Event], None]


@dataclass
class Applied:
    """How many events of a batch were applied, were duplicates, or wait now."""

    applied: int = 0
    duplicates: int = 0
    waiting: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.applied + other.applied,
            self.duplicates + other.duplicates,
            self.waiting + other.waiting,
        )


class HandlerFailed(Exception):
    """A handler raised on this event; `__cause__` is its exception."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"{event.type} {event.subject} {event.source}:{event.sequence}")
        self.event = event


class Inbox:
    """Applies events to one unit.

    Args:
        draining: False leaves what waits behind an event where it is, so that kit.consumer finds out
            which of them cannot be written.
        skipping: the id of an event that moves the cursor and nothing else: it is given up.
    """

    def __init__(
        self,
        unit: Unit,
        handlers: Mapping[str, Handler],
        draining: bool = True,
        skipping: str | None = None,
    ) -> None:
        self.unit, self.handlers = unit, handlers
        self.draining, self.skipping = draining, skipping
        self.held: dict[str, dict[tuple[str, int], Event]] = defaultdict(dict)
        self.outcome = Applied()

    def apply(self, events: Iterable[tuple[Event, bytes]]) -> Applied:
        """Applies a batch: `(event, its bytes)`, in the order of arrival."""
        batch = list(events)
        subjects = sorted({event.subject for event, _ in batch})
        self.unit.open(subjects)
        for body in self.unit.store.waiting(subjects):
            event = envelope.decode(body)
            self.held[event.subject][event.source, event.sequence] = event
        for event, body in batch:
            self._offer(event, body)
        return self.outcome

    def _offer(self, event: Event, body: bytes) -> None:
        cursor = self.unit.cursors[event.subject]
        if event.sequence <= cursor.reached(event.source):
            self.outcome.duplicates += 1
        elif self._is_next(event):
            self._take(event)
            if self.draining:
                self._drain(event.subject)
        elif (event.source, event.sequence) not in self.held[event.subject]:
            self.outcome.waiting += 1
            self.held[event.subject][event.source, event.sequence] = event
            self.unit.changes.waiting.append(event)
            self.unit.changes.bodies[event.id] = body

    def _is_next(self, event: Event) -> bool:
        cursor, model = self.unit.cursors[event.subject], self.unit.model
        if event.sequence != cursor.reached(event.source) + 1:
            return False
        return all(
            cursor.reached(source) >= sequence
            for source, sequence in event.after.items()
            if source in model.sources
        )

    def _run(self, event: Event) -> None:
        # The cursor moves first: what the handler emits comes after this event, and must say so.
        cursor = self.unit.cursors[event.subject]
        cursor.of(event.source).apply(event)
        cursor.changed = True
        handler = self.handlers.get(event.type)
        if handler is not None and event.id != self.skipping:
            try:
                self.unit.model.check(event.type, event.version, event.data, True)
                handler(self.unit, event)
            except Exception as error:
                raise HandlerFailed(event) from error
        self.outcome.applied += 1

    def _drain(self, subject: str) -> None:
        held = self.held[subject]
        while ready := next((e for e in held.values() if self._is_next(e)), None):
            self._take(ready)

    def _take(self, event: Event) -> None:
        """Applies an event whose turn it is; it waits no longer, if it did."""
        changes = self.unit.changes
        if held := self.held[event.subject].pop((event.source, event.sequence), None):
            if held in changes.waiting:
                changes.waiting.remove(held)
            else:
                changes.waited.append(held)
        self._run(event)
