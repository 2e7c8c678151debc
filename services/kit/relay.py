"""The relay: the only publisher. Outbox rows → broker, in windows with confirms (reliability.md C2).

One relay per service and shard works, under a session advisory lock; others stand by. It selects "still
in the outbox", never "position greater than", since positions become visible out of order; and deletes
exactly the rows that the broker confirmed. A crash between confirm and delete publishes again:
consumers know a duplicate by its sequence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

import eventlet
from amqp import spec
from amqp.basic_message import Message
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider
from prometheus_client import Counter, Gauge
from sqlalchemy import Connection

from kit import topology
from kit.bus import BROKEN, Backoff, connected, keep_alive
from kit.db import Database, is_transient
from kit.envelope import CONTENT_TYPE
from kit.unit import Model

log = logging.getLogger(__name__)

WINDOW = 500
"""Rows published before the confirms are awaited (17-22 thousand a second: tech.md 1)."""
CONFIRM_TIMEOUT = 10.0
LINGER = 0.05
"""Seconds from one window to the next: a lone event is published at once, a stream in windows."""
IDLE_POLL = 0.2
"""Seconds between looks at the outbox when nobody in this process wakes the relay."""

PUBLISHED = Counter("petition_relay_published_total", "Events confirmed by the broker", ["service"])
KEPT = Counter("petition_relay_kept_total", "Rows kept in the outbox", ["service", "reason"])
OUTBOX = Gauge("petition_outbox_rows", "Events not yet confirmed", ["service"])


class Wake:
    """Lets a commit tell the relay of the same process that there is something to do."""

    def __init__(self) -> None:
        self._signal = Signal()

    def set(self) -> None:
        if not self._signal.ready():
            self._signal.send()

    def wait(self, seconds: float) -> None:
        with eventlet.Timeout(seconds, False):
            self._signal.wait()
        self._signal = Signal()


class Gathering:
    """Gathers the frames written within a `with` and sends them in one write at its end.

    py-amqp writes each message to the socket; under eventlet that is the dearest part of publishing.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._frames = bytearray()
        self._gather = connection.frame_writer_cls(connection, self)
        self._direct = connection.frame_writer

    def write(self, frames: memoryview) -> None:
        """Takes py-amqp's frames; it uses its buffer again, so they are copied."""
        self._frames += frames

    def __enter__(self) -> None:
        self._connection.frame_writer = self._gather

    def __exit__(self, *_: object) -> None:
        self._connection.frame_writer = self._direct
        frames, self._frames = bytes(self._frames), bytearray()
        self._connection.transport.write(frames)


class Window:
    """One window of published messages and what the broker said of each."""

    def __init__(self, channel: Any) -> None:
        self.channel = channel
        self.gathering = Gathering(channel.connection)
        self.open: dict[int, int] = {}  # delivery tag → position
        self.confirmed: list[int] = []
        self.returned: set[str] = set()
        self._next_tag = 1
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._nacked)
        channel.events["basic_return"].add(self._returned)
        self._ids: dict[int, str] = {}

    def publish(self, row: Any, exchange: str, mandatory: bool) -> None:
        message = _message(row)
        self.open[self._next_tag] = row.position
        self._ids[row.position] = row.event_id
        self._next_tag += 1
        # what channel.basic_publish does, without its look for `blocked` before each message
        self.channel.send_method(
            spec.Basic.Publish,
            "Bssbb",
            (0, exchange, row.routing_key, mandatory, False),
            message,
        )

    def settle(self, timeout: float) -> None:
        """Waits until each message is settled, or the time is up (the rest stays in the outbox)."""
        deadline = time.monotonic() + timeout
        while self.open and (left := deadline - time.monotonic()) > 0:
            try:
                self.channel.connection.drain_events(timeout=left)
            except TimeoutError:
                return

    def take(self) -> list[int]:
        """Positions confirmed since the last call, without those that reached no queue."""
        confirmed, self.confirmed = self.confirmed, []
        kept = [p for p in confirmed if self._ids.pop(p) not in self.returned]
        self.returned.clear()
        return kept

    def _settled(self, tag: int, multiple: bool) -> list[int]:
        tags = [t for t in self.open if t <= tag] if multiple else [tag]
        return [self.open.pop(t) for t in tags if t in self.open]

    def _acked(self, tag: int, multiple: bool) -> None:
        self.confirmed.extend(self._settled(tag, multiple))

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._settled(tag, multiple)  # stays in the outbox, and is published again

    def _returned(self, _error: Any, _exchange: str, _key: str, message: Any) -> None:
        # The ack of a returned message still comes (after the return): match by id, never "next ack".
        self.returned.add(message.properties.get("message_id", ""))


def _message(row: Any) -> Message:
    headers: dict[str, Any] = {}
    if row.cc:
        headers["CC"] = [row.cc]
    if row.traceparent:
        headers["traceparent"] = row.traceparent
    return Message(
        bytes(row.envelope),
        content_type=CONTENT_TYPE,
        content_encoding="utf-8",
        delivery_mode=2,
        message_id=row.event_id,
        type=row.type,
        timestamp=int(row.recorded_at.timestamp()),
        application_headers=headers,
    )


class Relay:
    """Publishes one service's outbox until it is told to stop."""

    def __init__(
        self, database: Database, model: Model, amqp_url: str, flows: topology.Flows, wake: Wake
    ) -> None:
        self.database, self.model, self.amqp_url, self.flows = database, model, amqp_url, flows
        self.wake = wake
        self.stopping = False
        self.connected = False
        self.finished = Signal()
        outbox, event_log = model.tables.outbox.fullname, model.tables.event_log.fullname
        self._prepare = (
            "PREPARE relay_read AS"
            " SELECT position, event_id::text, type, routing_key, cc, sealed, envelope, traceparent,"
            f" recorded_at FROM {event_log} WHERE position = ANY(ARRAY("
            f"SELECT position FROM {outbox} ORDER BY position LIMIT {WINDOW})) ORDER BY position;"
            f" PREPARE relay_delete(bigint[]) AS DELETE FROM {outbox} WHERE position = ANY($1)"
        )

    def run(self) -> None:
        """The whole life: reconnects with capped back-off, ends on `stopping`."""
        backoff = Backoff()
        while not self.stopping:
            try:
                self._serve(backoff)
            except Exception as error:
                if not isinstance(error, BROKEN) and not is_transient(error):
                    log.exception("relay failed")
                self.connected = False
                KEPT.labels(self.model.source, "connection").inc()
                log.warning("relay.waits", extra={"error": type(error).__name__})
                self.wake.wait(backoff.next())
        self.finished.send()

    def _serve(self, backoff: Backoff) -> None:
        with self.database.engine.connect() as connection:
            if not self._lock(connection):
                self.wake.wait(1.0)
                return
            try:
                with connected(self.amqp_url) as broker:
                    channel = broker.channel()
                    channel.confirm_select()
                    topology.declare(channel, self.flows)
                    self.connected = True
                    backoff.reset()
                    connection.exec_driver_sql(self._prepare)
                    self._publish(connection, Window(channel))
            finally:
                connection.invalidate()  # the session's lock must not go back into the pool

    def _lock(self, connection: Connection) -> bool:
        return bool(
            connection.exec_driver_sql(
                "SELECT pg_try_advisory_lock(hashtext(%s), 0)", (f"relay {self.model.source}",)
            ).scalar()
        )

    def _publish(self, connection: Connection, window: Window) -> None:
        while not self.stopping:
            rows = connection.exec_driver_sql("EXECUTE relay_read").all()
            keep_alive(window.channel.connection)
            if not rows:
                self.wake.wait(IDLE_POLL)
                continue
            self._publish_window(connection, window, rows)
            if len(rows) < WINDOW:
                eventlet.sleep(LINGER)

    def _publish_window(self, connection: Connection, window: Window, rows: Sequence[Any]) -> None:
        source = self.model.source
        mandatory = bool(self.flows.get(source))
        plain, closed = topology.events(source), topology.sealed(source)
        with window.gathering:
            for row in rows:
                window.publish(row, closed if row.sealed else plain, mandatory)
        window.settle(CONFIRM_TIMEOUT)
        confirmed = window.take()
        if confirmed:
            connection.exec_driver_sql("EXECUTE relay_delete(%s)", (confirmed,))
            PUBLISHED.labels(source).inc(len(confirmed))
        if len(confirmed) < len(rows):
            KEPT.labels(source, "unconfirmed").inc(len(rows) - len(confirmed))
            raise ConnectionError(f"{len(rows) - len(confirmed)} events were not confirmed")

    def stop(self) -> None:
        self.stopping = True
        self.wake.set()


class RelayProvider(DependencyProvider):  # type: ignore[misc]
    """Runs the relay inside a nameko container."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.relay: Relay | None = None

    def start(self) -> None:
        config = self.container.config
        self.relay = Relay(
            config["DATABASE"], self.model, config["AMQP_URI"], config["FLOWS"], config["WAKE"]
        )
        self.container.spawn_managed_thread(self.relay.run, identifier="relay")

    def stop(self) -> None:
        if self.relay:
            self.relay.stop()
            with eventlet.Timeout(5, False):
                self.relay.finished.wait()

    def get_dependency(self, worker_ctx: Any) -> Relay | None:
        return self.relay


class OutboxGuard:
    """Admission: how many seconds a client should wait because too many events are unpublished."""

    def __init__(self, database: Database, model: Model, limit: int) -> None:
        self.database, self.limit = database, limit
        self.source, self.table = model.source, model.tables.outbox.fullname
        self.rows = 0

    def watch(self) -> None:
        """Counts the outbox once a second, for ever; run as a greenthread of the web role."""
        while True:
            try:
                with self.database.reading() as connection:
                    self.rows = connection.exec_driver_sql(
                        f"SELECT count(*) FROM (SELECT 1 FROM {self.table} LIMIT {self.limit + 1}) x"
                    ).scalar_one()
                OUTBOX.labels(self.source).set(self.rows)
            except Exception as error:  # the database is away: commands will say so themselves
                log.debug("outbox not counted", extra={"error": type(error).__name__})
            eventlet.sleep(1.0)

    def __call__(self) -> int | None:
        return 5 if self.rows > self.limit else None
