"""The broker's ceilings, and our relay and our consumer beside them; run as a process of its own.

`python -m tests.bench.ceilings` reads DATABASE_URL (a copy of our template), AMQP_URL and PETITION_STATE
and prints one JSON object: name → the rates of the rounds, in messages a second. The rounds of the five
measurements are interleaved, each works through the same number of messages of the same size:

publish         raw py-amqp: windows of 500, one wait for the confirms of each; quorum queue
relay           kit.relay: reads the outbox, publishes, deletes what was confirmed
consume         raw py-amqp: no work, one acknowledgement for 200
consumer        kit.consumer: nameko entrypoint, workers and all, with a method that does nothing
applied         kit.consumer with what stats really does: one transaction a batch, acknowledged after it
"""

from __future__ import annotations

import kit.patched  # noqa: F401  (first of all: eventlet's monkey patching)

# isort: split
import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import eventlet
from amqp.basic_message import Message
from nameko.containers import ServiceContainer

from contracts.public import stamp
from kit import topology
from kit.bus import connected
from kit.config import Settings
from kit.consumer import Delivery, apply_batch, consume
from kit.db import Database, connect
from kit.envelope import Event, decode, encode, new_id
from kit.relay import WINDOW, Relay, Wake
from stats.store import MODEL
from stats.subscriptions import SUBSCRIPTIONS

BATCH = 200
SIZE = 1500
"""Bytes of a body."""
RAW = "bench-raw"
FLOWS = {"intake": ("stats",), "stats": ("bench",)}


def event(serial: int, run: str) -> Event:
    """A registration of a petition nobody has heard of."""
    now, number = datetime.now(UTC), f"{run}{serial:07d}"
    petition = {
        "number": number, "status": "registered", "placing": "registered", "handling": None, "channel": "web", "type": "request",
        "category": None, "head_count": 1, "household_count": None, "received_on": "2026-01-05",
        "registered_at": stamp(now), "registered_by": "330282-xfj", "division": None,
        "office": None, "forward_due": None, "accept_due": None, "answer_due": None, "review_due": None,
    }  # fmt: skip
    claims = [{"ordinal": 1, "type": "request", "branch": None}]
    place = "330282104000"
    data = {
        "petition": petition,
        "chosen_division": place,
        "barred": [],
        "about_office": None,
        "about_level": None,
        "urgent": False,
        "simple": False,
        "claims": claims,
    }
    return Event(new_id(), "petition.registered", "intake", "330282", number, now, 1, data)


def padded(body: bytes) -> bytes:
    """The same JSON with blanks behind it, as large as the ceilings' bodies."""
    return body.ljust(SIZE)


class Bench:
    """One broker, one database, many rounds."""

    def __init__(self, settings: Settings, messages: int) -> None:
        self.settings, self.messages = settings, messages
        self.database: Database = connect(settings, 20)
        with connected(settings.amqp_url) as connection:
            channel = connection.channel()
            topology.declare(channel, FLOWS)
            channel.queue_declare(
                RAW, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"}
            )
            channel.exchange_declare(RAW, "topic", durable=True, auto_delete=False)
            channel.queue_bind(RAW, RAW, "#")

    def bodies(self) -> list[bytes]:
        """As many events as a round has messages."""
        run = uuid4().hex[:8]
        return [padded(encode(event(i, run))) for i in range(self.messages)]

    # -- raw -------------------------------------------------------------------------------------

    def publish(self) -> float:
        """Windows of 500 with one wait each. Leaves its messages for `consume`."""
        return self._publish(RAW, self.bodies())

    def _publish(self, exchange: str, bodies: list[bytes]) -> float:
        with connected(self.settings.amqp_url) as connection:
            channel = connection.channel()
            channel.confirm_select()
            tags = Tags(channel)
            started = time.monotonic()
            for at in range(0, len(bodies), WINDOW):
                for body in bodies[at : at + WINDOW]:
                    message = Message(body, content_type="application/json", delivery_mode=2)
                    channel.basic_publish(message, exchange=exchange, routing_key="petition.bench")
                    tags.add()
                while tags.open:
                    connection.drain_events(timeout=10)
            return len(bodies) / (time.monotonic() - started)

    def consume(self) -> float:
        """No work, one acknowledgement for a batch."""
        with connected(self.settings.amqp_url) as connection:
            channel = connection.channel()
            channel.basic_qos(0, 2 * BATCH, False)
            tags: list[int] = []
            channel.basic_consume(RAW, callback=lambda m: tags.append(m.delivery_tag))
            started, acked = time.monotonic(), 0
            while acked < self.messages:
                connection.drain_events(timeout=10)
                if len(tags) - acked >= BATCH or len(tags) == self.messages:
                    channel.basic_ack(tags[-1], multiple=True)
                    acked = len(tags)
            return self.messages / (time.monotonic() - started)

    # -- ours ------------------------------------------------------------------------------------

    def relay(self) -> float:
        """From a full outbox to an empty one."""
        self._fill_outbox()
        relay = Relay(self.database, MODEL, self.settings.amqp_url, {"stats": ("bench",)}, Wake())
        started = time.monotonic()
        thread = eventlet.spawn(relay.run)
        while self._outbox():
            eventlet.sleep(0.01)
        seconds = time.monotonic() - started
        relay.stop()
        thread.wait()
        self._purge("bench.stats")
        return self.messages / seconds

    def _fill_outbox(self) -> None:
        bodies = self.bodies()
        with self.database.connection() as connection:
            cursor: Any = connection.connection.cursor()
            for at in range(0, len(bodies), 1000):
                rows = ", ".join(
                    cursor.mogrify(
                        "(%s, %s, 1, 'petition.registered', 'petition.registered.33.02.82.104', %s)",
                        (new_id(), uuid4().hex, body),
                    ).decode()
                    for body in bodies[at : at + 1000]
                )
                cursor.execute(
                    "WITH logged AS (INSERT INTO stats.event_log"
                    f" (event_id, subject, sequence, type, routing_key, envelope) VALUES {rows}"
                    " RETURNING position) INSERT INTO stats.outbox (position)"
                    " SELECT position FROM logged"
                )

    def _outbox(self) -> bool:
        with self.database.connection() as connection:
            sql = "SELECT EXISTS (SELECT FROM stats.outbox)"
            return bool(connection.exec_driver_sql(sql).scalar_one())

    def _purge(self, queue: str) -> None:
        with connected(self.settings.amqp_url) as connection:
            connection.channel().queue_purge(queue)

    def consumer(self) -> float:
        """The entrypoint with a method that does nothing."""
        self._publish(topology.events("stats"), self.bodies())
        return self._serve(Idle)

    def applied(self) -> float:
        """The entrypoint with what stats does."""
        bodies = self.bodies()
        decode(bodies[0])
        self._publish(topology.events("intake"), bodies)
        return self._serve(Counting)

    def _serve(self, service: type[Any]) -> float:
        service.left, service.done = self.messages, eventlet.event.Event()
        config = {
            "DATABASE": self.database, "AMQP_URI": self.settings.amqp_url, "FLOWS": FLOWS,
            "max_workers": 64,
        }  # fmt: skip
        service.database = self.database
        container = ServiceContainer(service, config)
        started = time.monotonic()
        container.start()
        service.done.wait()
        seconds = time.monotonic() - started
        container.stop()
        return self.messages / seconds


class Tags:
    """What was sent and not yet settled by the broker."""

    def __init__(self, channel: Any) -> None:
        self.sent, self.open = 0, set[int]()
        channel.events["basic_ack"].add(self._acked)

    def add(self) -> None:
        """One more was sent."""
        self.sent += 1
        self.open.add(self.sent)

    def _acked(self, tag: int, multiple: bool) -> None:
        if multiple:
            self.open = {other for other in self.open if other > tag}
        else:
            self.open.discard(tag)


class Idle:
    """A service that does nothing with its events."""

    name = "bench.idle"
    left: int
    done: Any
    database: Database

    @consume("bench", "stats")
    def from_stats(self, batch: list[Delivery]) -> None:
        _took(type(self), len(batch))


class Counting:
    """A service that does what stats does."""

    name = "bench.counting"
    left: int
    done: Any
    database: Database

    @consume("stats", "intake")
    def from_intake(self, batch: list[Delivery]) -> None:
        outcome = apply_batch(self.database, MODEL, SUBSCRIPTIONS, batch)
        assert outcome.applied == len(batch), outcome
        _took(type(self), len(batch))


def _took(service: type[Any], n: int) -> None:
    service.left -= n
    if service.left <= 0:
        service.done.send()


def main() -> None:
    """Prints the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    bench = Bench(Settings.from_env("stats"), options.messages)
    measured: dict[str, Callable[[], float]] = {
        name: getattr(bench, name)
        for name in ("publish", "relay", "consume", "consumer", "applied")
    }
    rates: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(options.rounds):
        for name, measure in measured.items():
            rates[name].append(measure())
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
