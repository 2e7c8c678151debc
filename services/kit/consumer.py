"""The batching consumer: a nameko entrypoint that acknowledges after the commit (reliability.md C3).

    broker ──prefetch──▶ batch ──▶ one transaction (kit.inbox) ──▶ commit ──▶ one ack
                          │ fails: the event whose handler raised is parked, else the batch is halved
                          │ database or broker away: connection closed, back off, everything redelivered
                          └ unreadable: parked at once

Nothing is acknowledged before it is either applied, waiting in a table, or parked in one. nameko's own
consumers acknowledge what raised and what cannot be decoded, and die of a hostile header (tech.md 4).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint
from prometheus_client import Counter, Histogram

from kit import clock, envelope, parked, topology
from kit.bus import BROKEN, Backoff, connected
from kit.db import Database, Unavailable, is_transient
from kit.envelope import Event, Unreadable
from kit.inbox import Applied, Handler, HandlerFailed, Inbox
from kit.unit import Model

log = logging.getLogger(__name__)

BATCH = 200
LINGER = 0.08
"""Seconds that a busy consumer waits for a fuller batch; an idle one does not wait."""
BUSY = 5
"""A batch of this size or more makes the next one worth waiting for."""

EVENTS = Counter("petition_consumed_total", "Events consumed", ["queue", "outcome"])
BATCHES = Histogram(
    "petition_consumed_batch_size", "Events in a batch", ["queue"], buckets=(1, 5, 20, 50, 100, 200)
)
LAG = Histogram(
    "petition_consumed_lag_seconds",
    "From the event to its commit here",
    ["queue"],
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30, 300, 3600),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came: its tag and its bytes."""

    tag: int
    body: bytes


class Consume(Entrypoint):  # type: ignore[misc]
    """`@consume("supervision", "intake")` on a method that takes a list of `Delivery`."""

    def __init__(self, consumer: str, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.queue = topology.queue(consumer, source)
        self.stopping = False
        self.connected = False
        self._deliveries: list[Delivery] = []
        self._last_size = 0
        self._finished = Signal()

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=f"consumer {self.queue}")

    def stop(self) -> None:
        """Finishes the batch in hand, acknowledges it, then closes: nothing is handled twice."""
        self.stopping = True
        self._finished.wait()

    def _run(self) -> None:
        backoff = Backoff()
        while not self.stopping:
            try:
                self._consume(backoff)
            except Exception as error:
                if not isinstance(error, BROKEN) and not is_transient(error):
                    log.exception("consumer failed", extra={"queue": self.queue})
                self.connected = False
                log.warning(
                    "consumer waits", extra={"queue": self.queue, "error": type(error).__name__}
                )
                self._pause(backoff.next())
        self._finished.send()

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < deadline:
            eventlet.sleep(min(0.2, seconds))

    def _consume(self, backoff: Backoff) -> None:
        config = self.container.config
        config["DATABASE"].ready()  # without a database there is nothing to take messages for
        self._deliveries = []
        with connected(config["AMQP_URI"]) as connection:
            channel = connection.channel()
            channel.auto_decode = False  # py-amqp would decode by whatever codec the message names
            topology.declare(channel, config["FLOWS"])
            channel.basic_qos(0, 2 * BATCH, False)
            tag = channel.basic_consume(self.queue, callback=self._received)
            self.connected = True
            backoff.reset()
            while not self.stopping:
                if batch := self._collect(connection):
                    self._handle(batch)
                    channel.basic_ack(batch[-1].tag, multiple=True)
                connection.heartbeat_tick()
            channel.basic_cancel(tag)

    def _received(self, message: Any) -> None:
        body = message.body or b""  # py-amqp has "" for none
        self._deliveries.append(Delivery(message.delivery_tag, bytes(body)))

    def _collect(self, connection: Any) -> list[Delivery]:
        """The next batch; empty when nothing came within half a second."""
        linger = LINGER if self._last_size >= BUSY else 0.0
        deadline = time.monotonic() + (linger if self._deliveries else 0.5)
        while len(self._deliveries) < BATCH:
            had = bool(self._deliveries)
            left = deadline - time.monotonic()
            try:
                connection.drain_events(timeout=max(left, 0.001))
            except TimeoutError:
                break
            if not had and self._deliveries:
                deadline = time.monotonic() + linger
        batch, self._deliveries = self._deliveries[:BATCH], self._deliveries[BATCH:]
        self._last_size = len(batch)
        return batch

    def _handle(self, batch: list[Delivery]) -> None:
        """Runs the service's method in a nameko worker and waits for it."""
        done = Signal()
        self.container.spawn_worker(self, (batch,), {}, handle_result=partial(self._result, done))
        done.wait()
        BATCHES.labels(self.queue).observe(len(batch))

    @staticmethod
    def _result(done: Signal, _context: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        done.send(result, exc_info)
        return result, exc_info


F = TypeVar("F", bound=Callable[..., Any])


def consume(consumer: str, source: str) -> Callable[[F], F]:
    """Marks a method as the reader of `<consumer>.<source>`; it is given a list of `Delivery`."""
    decorator: Callable[[F], F] = Consume.decorator(consumer, source)
    return decorator


def apply_batch(
    database: Database,
    model: Model,
    handlers: Mapping[str, Handler],
    source: str,
    batch: list[Delivery],
) -> Applied:
    """Applies one batch from the queue of `source`: every message ends applied, waiting or parked.

    Raises `Unavailable` (and only that) where the database is away: nothing was acknowledged.
    """
    queue = topology.queue(model.source, source)
    try:
        readable = [item for d in batch if (item := _read(database, model, queue, source, d.body))]
        outcome = _apply(database, model, handlers, queue, readable)
    except Exception as error:
        if is_transient(error):
            raise Unavailable.because(error) from error
        raise
    _measure(queue, outcome, readable)
    return outcome


def _read(
    database: Database, model: Model, queue: str, source: str, body: bytes
) -> tuple[Event, bytes] | None:
    try:
        event = envelope.decode(body)
        if event.source != source or event.site != database.site:
            raise Unreadable(f"came by {queue} from {event.site}/{event.source}")
        return event, body
    except Unreadable as error:
        parked.park(database, model, queue, body, "unreadable", str(error))
        EVENTS.labels(queue, "parked").inc()
        return None


def _apply(
    database: Database,
    model: Model,
    handlers: Mapping[str, Handler],
    queue: str,
    events: list[tuple[Event, bytes]],
) -> Applied:
    if not events:
        return Applied()
    try:
        with database.unit(model) as unit:
            return Inbox(unit, handlers).apply(events)
    except HandlerFailed as failed:
        cause = failed.__cause__ or failed
        if is_transient(cause):
            raise cause from None
        park_event(database, model, queue, failed.event, events, "handler failed", cause)
        rest = [item for item in events if item[0].id != failed.event.id]
        return _apply(database, model, handlers, queue, rest)
    except Exception as error:
        if is_transient(error):
            raise
        return _bisect(database, model, handlers, queue, events, error)


def _bisect(
    database: Database,
    model: Model,
    handlers: Mapping[str, Handler],
    queue: str,
    events: list[tuple[Event, bytes]],
    error: Exception,
) -> Applied:
    """The write failed and nobody knows for which event: halve until it is one."""
    if len(events) == 1:
        return _alone(database, model, handlers, queue, events, error)
    middle = len(events) // 2
    first = _apply(database, model, handlers, queue, events[:middle])
    return first + _apply(database, model, handlers, queue, events[middle:])


def _alone(
    database: Database,
    model: Model,
    handlers: Mapping[str, Handler],
    queue: str,
    events: list[tuple[Event, bytes]],
    error: Exception,
) -> Applied:
    """One event cannot be written, or one of those that waited for it: tries it without them."""
    event = events[0][0]
    behind = _behind(database, model, event)
    try:
        if not behind:
            raise error
        with database.unit(model) as unit:
            outcome = Inbox(unit, handlers, draining=False).apply(events)
    except Exception as failed:
        if is_transient(failed):
            raise
        park_event(database, model, queue, event, events, "write failed", failed)
        return Applied()
    for item in behind:
        outcome += _apply(database, model, handlers, queue, [item])
    return outcome


def _behind(database: Database, model: Model, event: Event) -> list[tuple[Event, bytes]]:
    """What waits in the table for the subject of an event."""
    with database.unit(model) as unit:
        waiting = [(envelope.decode(b), b) for b in unit.store.waiting([event.subject])]
    return [item for item in waiting if item[0].id != event.id]


def park_event(
    database: Database,
    model: Model,
    queue: str,
    event: Event,
    events: list[tuple[Event, bytes]],
    reason: str,
    error: BaseException,
) -> None:
    """Parks one readable event; its petition waits behind it, alone."""
    body = next((body for e, body in events if e.id == event.id), envelope.encode(event))
    log.error(
        "event parked",
        extra={"queue": queue, "type": event.type, "event_id": event.id, "reason": reason},
        exc_info=error,
    )
    parked.park(database, model, queue, body, reason, f"{type(error).__name__}: {error}", event)
    EVENTS.labels(queue, "parked").inc()


def _measure(queue: str, outcome: Applied, events: list[tuple[Event, bytes]]) -> None:
    EVENTS.labels(queue, "applied").inc(outcome.applied)
    EVENTS.labels(queue, "duplicate").inc(outcome.duplicates)
    EVENTS.labels(queue, "waiting").inc(outcome.waiting)
    if events:
        now = clock.now()
        LAG.labels(queue).observe(max(0.0, (now - events[0][0].time).total_seconds()))
