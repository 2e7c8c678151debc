"""The relay against a real broker: everything is published, only the confirmed is deleted."""

import kit.patched  # isort: skip  # noqa: F401 - first: eventlet

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import eventlet
import pytest
from amqp import Channel

from kit import envelope, relay, topology
from kit.bus import connected
from kit.consumer import Delivery, apply_batch
from kit.db import Database
from kit.envelope import Event
from kit.relay import Relay, Wake, Window
from kit.unit import Model
from tests import things
from tests.things import MODEL, SITE, note, rows
from tests.waiting import until
from tool.local.servers import Servers

FLOWS = {"thing": ("listener",)}


@contextmanager
def running(database: Database, url: str, flows: Any = FLOWS) -> Iterator[Relay]:
    """A relay at work; waited for at the end."""
    one = Relay(database, MODEL, url, flows, Wake())
    thread = eventlet.spawn(one.run)
    try:
        yield one
    finally:
        one.stop()
        with eventlet.Timeout(20):
            thread.wait()


def tell(database: Database, count: int, subject: str = "n1", **options: Any) -> list[Event]:
    """Emits some events into the outbox."""
    with database.unit(MODEL, options.pop("trace", None)) as unit:
        unit.open([subject])
        return [unit.emit(subject, "thing.happened", {"n": n}, **options) for n in range(count)]


def outbox(database: Database) -> int:
    return things.count(database, "thing.outbox")


def drained(url: str, queue: str = "listener.thing") -> list[Any]:
    """Every message of a queue, in order."""
    with connected(url) as connection:
        channel = connection.channel()
        messages = []
        while (message := channel.basic_get(queue, no_ack=True)) is not None:
            messages.append(message)
        return messages


def sequences(messages: list[Any]) -> list[int]:
    return [envelope.decode(m.body.encode()).sequence for m in messages]


@pytest.fixture
def bound(amqp_url: str) -> Iterator[Callable[..., str]]:
    """Makes queues of an outside subscriber."""
    with connected(amqp_url) as connection:
        channel = connection.channel()
        topology.declare(channel, FLOWS)

        def bind(key: str, exchange: str = "thing.events") -> str:
            name = f"{exchange} {key}"
            channel.queue_declare(name, durable=True, auto_delete=False)
            channel.queue_bind(name, exchange, routing_key=key)
            return name

        yield bind


def test_the_outbox_is_published_in_order_and_emptied(thing_db: Database, amqp_url: str) -> None:
    told = tell(thing_db, 30)
    with running(thing_db, amqp_url):
        until(lambda: outbox(thing_db) == 0)
        told += tell(thing_db, 1)
        until(lambda: outbox(thing_db) == 0)
    messages = drained(amqp_url)
    assert [envelope.decode(m.body.encode()) for m in messages] == told
    assert things.count(thing_db, "thing.event_log") == 31, "the log is kept"


def test_more_than_a_window_at_once(
    thing_db: Database, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "WINDOW", 20)
    tell(thing_db, 47)
    with running(thing_db, amqp_url):
        until(lambda: outbox(thing_db) == 0)
    assert sequences(drained(amqp_url)) == list(range(1, 48))


def test_a_message_on_the_wire(thing_db: Database, amqp_url: str) -> None:
    (told,) = tell(thing_db, 1, path="33.02.82.104", was="33.02.82.105", trace="00-trace")
    with running(thing_db, amqp_url):
        until(lambda: outbox(thing_db) == 0)
    (message,) = drained(amqp_url)
    properties = message.properties
    ((body,),) = rows(thing_db, "SELECT envelope FROM thing.event_log")
    assert message.body.encode() == bytes(body)
    assert properties["content_type"] == "application/json"
    assert properties["delivery_mode"] == 2
    assert (properties["message_id"], properties["type"]) == (told.id, "thing.happened")
    headers = properties["application_headers"]
    headers.pop("x-delivery-count")  # the quorum queue's own
    assert headers == {
        "CC": ["thing.happened.33.02.82.105"],
        "traceparent": "00-trace",
    }
    assert abs(properties["timestamp"] - told.time.timestamp()) < 60
    assert message.delivery_info["routing_key"] == "thing.happened.33.02.82.104"


def test_subscribers_hear_their_place_both_sides_of_a_hand_over_once(
    thing_db: Database, amqp_url: str, bound: Callable[..., str]
) -> None:
    keys = {"old": "*.*.33.02.82.105.#", "new": "*.*.33.02.82.104.#", "city": "*.*.33.02.#",
            "other": "*.*.33.03.#", "type": "thing.happened.#"}  # fmt: skip
    queues = {name: bound(key) for name, key in keys.items()}
    tell(thing_db, 1, path="33.02.82.104.001", was="33.02.82.105")
    tell(thing_db, 1)
    with running(thing_db, amqp_url):
        until(lambda: outbox(thing_db) == 0)
    heard = {name: sequences(drained(amqp_url, queue)) for name, queue in queues.items()}
    assert heard == {"old": [1], "new": [1], "city": [1], "other": [], "type": [1, 2]}


def test_sealed_events_reach_the_sites_own_services_alone(
    thing_db: Database, amqp_url: str, bound: Callable[..., str]
) -> None:
    outside, inside = bound("#"), bound("#", "thing.sealed")
    tell(thing_db, 1)
    tell(thing_db, 1, sealed=True, path="33.02", was="33.03")
    with running(thing_db, amqp_url):
        until(lambda: outbox(thing_db) == 0)
    assert sequences(drained(amqp_url, outside)) == [1]
    assert sequences(drained(amqp_url, inside)) == [2]
    assert sequences(drained(amqp_url)) == [1, 2]


def test_a_channel_lost_between_publish_and_confirm(
    thing_db: Database, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Published, not known to be: published again, and counted once."""
    settle, cut = Window.settle, []

    def cut_first(window: Window, timeout: float) -> None:
        if not cut:
            cut.append(1)
            eventlet.sleep(0.3)  # the broker has them by now
            window.channel.connection.collect()
            raise ConnectionResetError("cut")
        settle(window, timeout)

    monkeypatch.setattr(Window, "settle", cut_first)
    told = tell(thing_db, 5)
    with running(thing_db, amqp_url):
        until(lambda: outbox(thing_db) == 0)
    messages = drained(amqp_url)
    assert sequences(messages) == [1, 2, 3, 4, 5] * 2
    listener = Model("listener", MODEL.tables, MODEL.mappings, ("thing",))
    batch = [Delivery(n, m.body.encode(), "thing") for n, m in enumerate(messages, 1)]
    outcome = apply_batch(thing_db, listener, {"thing.happened": note}, batch)
    assert (outcome.applied, outcome.duplicates) == (5, 5)
    assert len(things.lines(thing_db)) == len(told)


def test_only_what_was_confirmed_is_deleted(
    thing_db: Database, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a window some are confirmed, one is refused, and of one nothing is heard."""
    published: list[int] = []
    kept: list[list[int]] = []
    real = Window._acked

    def acked(window: Window, tag: int, multiple: bool) -> None:
        for one in [t for t in window.open if t <= tag] if multiple else [tag]:
            if kept or one not in (2, 4):
                real(window, one, False)
            elif one == 2:
                window._nacked(2, False)

    def take(window: Window) -> list[int]:
        confirmed = real_take(window)
        if not kept:
            kept.append(confirmed)
        return confirmed

    def publish(window: Window, row: Any, exchange: str, mandatory: bool) -> None:
        published.append(row.position)
        real_publish(window, row, exchange, mandatory)

    real_take, real_publish = Window.take, Window.publish
    monkeypatch.setattr(Window, "_acked", acked)
    monkeypatch.setattr(Window, "take", take)
    monkeypatch.setattr(Window, "publish", publish)
    monkeypatch.setattr(relay, "CONFIRM_TIMEOUT", 1.0)
    tell(thing_db, 5)
    positions = [row[0] for row in rows(thing_db, "SELECT position FROM thing.outbox ORDER BY 1")]
    with running(thing_db, amqp_url):
        until(lambda: outbox(thing_db) == 0)
    assert kept == [[positions[0], positions[2], positions[4]]]
    assert published == [*positions, positions[1], positions[3]]


def test_of_two_relays_one_works_and_the_other_takes_over(
    thing_db: Database, amqp_url: str
) -> None:
    tell(thing_db, 3)
    with running(thing_db, amqp_url) as first:
        until(lambda: first.connected)
        with running(thing_db, amqp_url) as second:
            tell(thing_db, 50)
            until(lambda: outbox(thing_db) == 0)
            assert not second.connected
            first.stop()
            with eventlet.Timeout(10):
                first.finished.wait()
            tell(thing_db, 4)
            until(lambda: outbox(thing_db) == 0)
            assert second.connected
    assert sequences(drained(amqp_url)) == list(range(1, 58))


def test_what_reaches_no_queue_is_kept(
    thing_db: Database, amqp_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue of ours is missing: the event stays until somebody declares it again."""
    declare, missing = topology.declare, [True]

    def without_queue(channel: Channel, flows: Any) -> None:
        declare(channel, flows)
        if missing[0]:
            channel.queue_delete("listener.thing")

    monkeypatch.setattr(topology, "declare", without_queue)
    tell(thing_db, 3)
    before = relay.KEPT.labels("thing", "unconfirmed")._value.get()
    with running(thing_db, amqp_url):
        until(lambda: relay.KEPT.labels("thing", "unconfirmed")._value.get() >= before + 6)
        assert outbox(thing_db) == 3
        missing[0] = False
        until(lambda: outbox(thing_db) == 0)
    assert sequences(drained(amqp_url)) == [1, 2, 3]


def test_a_source_that_nobody_consumes_is_published_all_the_same(
    thing_db: Database, amqp_url: str
) -> None:
    tell(thing_db, 3)
    with running(thing_db, amqp_url, {"thing": ()}):
        until(lambda: outbox(thing_db) == 0)


def test_it_comes_back_after_the_broker_closed_its_connection(
    thing_db: Database, amqp_url: str, servers: Servers
) -> None:
    vhost = amqp_url.rsplit("/", 1)[1]
    with running(thing_db, amqp_url) as one:
        tell(thing_db, 2)
        until(lambda: outbox(thing_db) == 0)
        servers.broker.ctl("close_all_connections", "--vhost", vhost, "test")
        told = tell(thing_db, 2)
        one.wake.set()
        until(lambda: outbox(thing_db) == 0, 30)
    assert sequences(drained(amqp_url))[-2:] == [e.sequence for e in told]


def test_it_comes_back_after_the_database_closed_its_connection(
    thing_db: Database, amqp_url: str
) -> None:
    with running(thing_db, amqp_url) as one:
        until(lambda: one.connected)
        things.terminate(thing_db)
        thing_db.retry(lambda: tell(thing_db, 2))
        until(lambda: outbox(thing_db) == 0, 30)
    assert sequences(drained(amqp_url)) == [1, 2]


def test_a_commit_that_became_visible_late_is_not_passed_over(
    thing_db: Database, amqp_url: str
) -> None:
    """Positions are taken before they are committed: a later one may be seen first."""
    with running(thing_db, amqp_url):
        with thing_db.unit(MODEL) as slow:
            slow.open(["slow"])
            slow.emit("slow", "thing.happened", {})
            slow.flush()
            slow.store.cursor.execute("SELECT 1")  # type: ignore[attr-defined]  # what was deferred goes
            slow.changes.__init__()  # type: ignore[misc]  # written already
            tell(thing_db, 1, "quick")
            until(lambda: outbox(thing_db) == 0)
        until(lambda: outbox(thing_db) == 0)
    heard = [envelope.decode(m.body.encode()).subject for m in drained(amqp_url)]
    assert heard == ["quick", "slow"]


def test_a_lone_event_is_not_held_back(thing_db: Database, amqp_url: str) -> None:
    """A commit of the same process wakes the relay; nobody waits for the next look."""
    with running(thing_db, amqp_url) as one:
        until(lambda: one.connected)
        database = Database(thing_db.engine, SITE, one.wake.set)
        eventlet.sleep(0.3)
        tell(database, 1)
        with eventlet.Timeout(0.15, AssertionError("the relay slept on")):
            while outbox(thing_db):
                eventlet.sleep(0.005)
