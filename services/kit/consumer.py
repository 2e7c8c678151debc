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
LINGER = 0.1
"""Seconds from one batch to the next: a lone event is applied at once, a stream in batches."""

EVENTS = Counter("petition_consumed_total", "Events consumed", ["consumer", "outcome"])
BATCHES = Histogram(
    "petition_consumed_batch_size",
    "Events in a batch",
    ["consumer"],
    buckets=(1, 5, 20, 50, 100, 200),
)
LAG = Histogram(
    "petition_consumed_lag_seconds",
    "From the event to its commit here",
    ["consumer"],
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30, 300, 3600),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came: its tag, its bytes, and the source whose queue it came by."""

    tag: int
    body: bytes
    source: str


class Consume(Entrypoint):  # type: ignore[misc]
    """`@consume("supervision", "intake", "routing")` on a method that takes a list of `Delivery`.

    The queues of all sources feed one batch: what a petition went through in two services within a
    blink is then one transaction, not two.
    """

    def __init__(self, consumer: str, *sources: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.consumer, self.sources = consumer, sources
        self.stopping = False
        self._deliveries: list[Delivery] = []
        self._last_batch = 0.0
        self._finished = Signal()

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=f"consumer {self.consumer}")

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
                    log.exception("consumer failed", extra={"consumer": self.consumer})
                log.warning(
                    "consumer waits",
                    extra={"consumer": self.consumer, "error": type(error).__name__},
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
            for source in self.sources:
                channel.basic_consume(
                    topology.queue(self.consumer, source), source, callback=self._received
                )
            backoff.reset()
            while not self.stopping:
                if batch := self._collect(connection):
                    self._handle(batch)
                    channel.basic_ack(batch[-1].tag, multiple=True)
                connection.heartbeat_tick()
            for source in self.sources:
                channel.basic_cancel(source)

    def _received(self, message: Any) -> None:
        body = message.body or b""  # py-amqp has "" for none
        source = message.delivery_info["consumer_tag"]
        self._deliveries.append(Delivery(message.delivery_tag, bytes(body), source))

    def _collect(self, connection: Any) -> list[Delivery]:
        """The next batch; empty when nothing came within half a second."""
        earliest = self._last_batch + LINGER
        deadline = earliest if self._deliveries else time.monotonic() + 0.5
        while len(self._deliveries) < BATCH:
            had = bool(self._deliveries)
            left = deadline - time.monotonic()
            try:
                connection.drain_events(timeout=max(left, 0.001))
            except TimeoutError:
                break
            if not had and self._deliveries:
                deadline = earliest
        batch, self._deliveries = self._deliveries[:BATCH], self._deliveries[BATCH:]
        if batch:
            self._last_batch = time.monotonic()
        return batch

    def _handle(self, batch: list[Delivery]) -> None:
        """Runs the service's method in a nameko worker and waits for it."""
        done = Signal()
        self.container.spawn_worker(self, (batch,), {}, handle_result=partial(self._result, done))
        done.wait()
        BATCHES.labels(self.consumer).observe(len(batch))

    @staticmethod
    def _result(done: Signal, _context: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        done.send(result, exc_info)
        return result, exc_info


F = TypeVar("F", bound=Callable[..., Any])


def consume(consumer: str, *sources: str) -> Callable[[F], F]:
    """Marks a method as the reader of `<consumer>.<source>` of each source, in mixed batches."""
    decorator: Callable[[F], F] = Consume.decorator(consumer, *sources)
    return decorator


def apply_batch(
    database: Database, model: Model, handlers: Mapping[str, Handler], batch: list[Delivery]
) -> Applied:
    """Applies one batch: every message ends applied, waiting or parked.

    Raises `Unavailable` (and only that) where the database is away: nothing was acknowledged.
    """
    return Applier(database, model, handlers).run(batch)


Item = tuple[Event, bytes]


@dataclass(frozen=True)
class Applier:
    """How a batch is applied, and what becomes of what cannot be."""

    database: Database
    model: Model
    handlers: Mapping[str, Handler]

    def run(self, batch: list[Delivery]) -> Applied:
        try:
            readable = [item for delivery in batch if (item := self._read(delivery))]
            outcome = self._apply(readable)
        except Exception as error:
            if is_transient(error):
                raise Unavailable.because(error) from error
            raise
        self._measure(outcome, readable)
        return outcome

    def _read(self, delivery: Delivery) -> Item | None:
        queue = topology.queue(self.model.source, delivery.source)
        try:
            event = envelope.decode(delivery.body)
            if event.source != delivery.source or event.site != self.database.site:
                raise Unreadable(f"came by {queue} from {event.site}/{event.source}")
            return event, delivery.body
        except Unreadable as error:
            reason, detail = "unreadable", str(error)
            parked.park(self.database, self.model, queue, delivery.body, reason, detail)
            self._count("parked", 1)
            return None

    def _apply(self, events: list[Item]) -> Applied:
        if not events:
            return Applied()
        try:
            with self.database.unit(self.model) as unit:
                return Inbox(unit, self.handlers).apply(events)
        except HandlerFailed as failed:
            cause = failed.__cause__ or failed
            if is_transient(cause):
                raise cause from None
            self._park(failed.event, events, "handler failed", cause)
            return self._apply([item for item in events if item[0].id != failed.event.id])
        except Exception as error:
            if is_transient(error):
                raise
            return self._bisect(events, error)

    def _bisect(self, events: list[Item], error: Exception) -> Applied:
        """The write failed and nobody knows for which event: halve until it is one."""
        if len(events) == 1:
            return self._alone(events[0], error)
        middle = len(events) // 2
        return self._apply(events[:middle]) + self._apply(events[middle:])

    def _alone(self, item: Item, error: Exception) -> Applied:
        """One event cannot be written, or one of those that waited for it: tries it without them."""
        behind = self._behind(item[0])
        try:
            if not behind:
                raise error
            with self.database.unit(self.model) as unit:
                outcome = Inbox(unit, self.handlers, draining=False).apply([item])
        except Exception as failed:
            if is_transient(failed):
                raise
            self._park(item[0], [item], "write failed", failed)
            return Applied()
        for waiting in behind:
            outcome += self._apply([waiting])
        return outcome

    def _behind(self, event: Event) -> list[Item]:
        """What waits in the table for the subject of an event."""
        with self.database.unit(self.model) as unit:
            waiting = [(envelope.decode(b), b) for b in unit.store.waiting([event.subject])]
        return [item for item in waiting if item[0].id != event.id]

    def _park(self, event: Event, events: list[Item], reason: str, error: BaseException) -> None:
        """Parks one readable event; its petition waits behind it, alone."""
        queue = topology.queue(self.model.source, event.source)
        body = next((body for e, body in events if e.id == event.id), envelope.encode(event))
        log.error(
            "event parked",
            extra={"queue": queue, "type": event.type, "event_id": event.id, "reason": reason},
            exc_info=error,
        )
        detail = f"{type(error).__name__}: {error}"
        parked.park(self.database, self.model, queue, body, reason, detail, event)
        self._count("parked", 1)

    def _measure(self, outcome: Applied, events: list[Item]) -> None:
        self._count("applied", outcome.applied)
        self._count("duplicate", outcome.duplicates)
        self._count("waiting", outcome.waiting)
        if events:
            lag = (clock.now() - events[0][0].time).total_seconds()
            LAG.labels(self.model.source).observe(max(0.0, lag))

    def _count(self, outcome: str, number: int) -> None:
        EVENTS.labels(self.model.source, outcome).inc(number)
