"""The consumer against a real broker and database: acknowledged after the commit, and never lost."""

import kit.patched  # isort: skip  # noqa: F401 - first: eventlet

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import eventlet
import pytest
from eventlet.event import Event as Signal
from nameko.containers import ServiceContainer
from nameko.extensions import DependencyProvider

from kit import envelope, parked, topology
from kit.bus import connected
from kit.consumer import Delivery, apply_batch, consume
from kit.db import Database, Unavailable
from kit.envelope import Event
from kit.inbox import Applied
from kit.unit import Model, Unit
from tests import things
from tests.things import MODEL, event, lines, note, rows, terminate
from tests.waiting import until
from tool.local.servers import Servers

FLOWS = {"intake": ("thing",), "routing": ("thing",), "supervision": ("thing",), "thing": ()}


def handle(unit: Unit, one: Event) -> None:
    """A handler that does as the event tells it."""
    if one.data.get("raise"):
        raise ValueError("this one cannot be handled")
    note(unit, one)  # a word with NUL cannot be written


HANDLERS = {"thing.happened": handle}


class Handed(DependencyProvider):  # type: ignore[misc]
    """Hands out the database of the configuration."""

    def get_dependency(self, worker_ctx: Any) -> Database:
        database: Database = self.container.config["DATABASE"]
        return database


class Worker:
    """The service under test; tests replace `before` and `after` on the class."""

    name = "thing.worker"
    database = Handed()
    before: Callable[[], None] = staticmethod(lambda: None)
    after: Callable[[], None] = staticmethod(lambda: None)
    batches: list[int] = []  # noqa: RUF012

    @consume("thing", "intake", "routing")
    def take(self, batch: list[Delivery]) -> None:
        self.batches.append(len(batch))
        self.before()
        apply_batch(self.database, MODEL, HANDLERS, batch)
        self.after()


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("before", "after"):
        monkeypatch.setattr(Worker, name, staticmethod(lambda: None))
    monkeypatch.setattr(Worker, "batches", [])


@pytest.fixture
def start(thing_db: Database, amqp_url: str) -> Iterator[Callable[[], ServiceContainer]]:
    """Starts a worker; several may be started."""
    started: list[ServiceContainer] = []

    def begin() -> ServiceContainer:
        config = {"DATABASE": thing_db, "AMQP_URI": amqp_url, "FLOWS": FLOWS, "max_workers": 5}
        started.append(ServiceContainer(Worker, config))
        started[-1].start()
        return started[-1]

    yield begin
    for container in started:
        container.kill()


@pytest.fixture
def channel(amqp_url: str) -> Iterator[Any]:
    """A channel to publish by, everything declared."""
    with connected(amqp_url) as connection:
        channel = connection.channel()
        channel.confirm_select()
        topology.declare(channel, FLOWS)
        yield channel


def publish(channel: Any, *events: Event) -> None:
    for one in events:
        publish_bytes(channel, envelope.encode(one), one.source)


def publish_bytes(channel: Any, body: bytes, source: str = "intake") -> None:
    from amqp.basic_message import Message

    message = Message(body, content_type="application/json", delivery_mode=2)
    channel.basic_publish_confirm(message, exchange=topology.events(source), routing_key="x.y")


def left(amqp_url: str, queue: str = "thing.intake") -> int:
    """Messages in the queue, those handed out and not acknowledged aside."""
    with connected(amqp_url) as connection:
        _, messages, _ = connection.channel().queue_declare(queue, passive=True)
    return int(messages)


def seen(database: Database) -> list[tuple[str, int]]:
    return [(number, sequence) for number, _, sequence, _ in lines(database)]


def parked_rows(database: Database) -> list[tuple[Any, ...]]:
    return rows(
        database,
        "SELECT queue, subject, sequence, reason FROM thing.parked"
        " WHERE resolved_at IS NULL ORDER BY id",
    )


# -- against the broker ----------------------------------------------------------------------------


def test_events_are_applied_in_order_and_acknowledged(
    thing_db: Database, amqp_url: str, channel: Any, start: Callable[[], ServiceContainer]
) -> None:
    story = [event(f"n{n}", "intake", s) for s in (2, 1, 3) for n in range(20)]
    publish(channel, *story, *story[:7])
    worker = start()
    until(lambda: len(seen(thing_db)) == 60)
    worker.stop()
    assert left(amqp_url) == 0
    for n in range(20):
        assert [s for number, s in seen(thing_db) if number == f"n{n}"] == [1, 2, 3]
    assert max(Worker.batches) > 10, "a backlog is taken in batches"
    assert things.count(thing_db, "thing.waiting") == 0 and parked_rows(thing_db) == []


def test_nothing_is_acknowledged_before_the_commit(
    thing_db: Database, amqp_url: str, channel: Any, start: Callable[[], ServiceContainer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A process that dies before its commit leaves every message to the next one."""
    reached = Signal()

    def hang() -> None:
        if not reached.ready():
            reached.send()
        eventlet.sleep(60)

    monkeypatch.setattr(Worker, "before", staticmethod(hang))
    publish(channel, event("n1", "intake", 1), event("n1", "intake", 2))
    first = start()
    with eventlet.Timeout(10):
        reached.wait()
    assert left(amqp_url) == 0, "the messages are with the worker"
    first.kill()
    until(lambda: left(amqp_url) == 2)
    assert seen(thing_db) == []
    monkeypatch.setattr(Worker, "before", staticmethod(lambda: None))
    start()
    until(lambda: seen(thing_db) == [("n1", 1), ("n1", 2)])


def test_a_message_acknowledged_too_late_takes_effect_once(
    thing_db: Database, amqp_url: str, channel: Any, start: Callable[[], ServiceContainer],
    monkeypatch: pytest.MonkeyPatch, servers: Servers,
) -> None:  # fmt: skip
    """The broker closes the connection between commit and acknowledgement: it sends them again."""
    vhost = amqp_url.rsplit("/", 1)[1]
    cut: list[int] = []

    def cut_once() -> None:
        if not cut:
            cut.append(1)
            servers.broker.ctl("close_all_connections", "--vhost", vhost, "test")

    monkeypatch.setattr(Worker, "after", staticmethod(cut_once))
    publish(channel, event("n1", "intake", 1), event("n1", "intake", 2))
    worker = start()
    until(lambda: len(Worker.batches) >= 2, 30)
    with connected(amqp_url) as connection:
        again = connection.channel()
        again.confirm_select()
        publish(again, event("n1", "intake", 3))
    until(lambda: len(seen(thing_db)) >= 3, 30)
    worker.stop()
    assert seen(thing_db) == [("n1", 1), ("n1", 2), ("n1", 3)] and left(amqp_url) == 0


def test_while_the_database_is_away_messages_stay_with_the_broker(
    thing_db: Database, amqp_url: str, channel: Any, start: Callable[[], ServiceContainer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    away = [3]

    def fail() -> None:
        if away[0]:
            away[0] -= 1
            raise Unavailable("away")

    monkeypatch.setattr(Worker, "before", staticmethod(fail))
    publish(channel, event("n1", "intake", 1))
    worker = start()
    until(lambda: seen(thing_db) == [("n1", 1)], 30)
    worker.stop()
    assert away == [0] and left(amqp_url) == 0 and parked_rows(thing_db) == []


def test_a_stop_finishes_the_batch_in_hand(
    thing_db: Database, amqp_url: str, channel: Any, start: Callable[[], ServiceContainer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    reached = Signal()

    def slow() -> None:
        if not reached.ready():
            reached.send()
        eventlet.sleep(0.5)

    monkeypatch.setattr(Worker, "before", staticmethod(slow))
    publish(channel, event("n1", "intake", 1))
    worker = start()
    with eventlet.Timeout(10):
        reached.wait()
    worker.stop()
    assert seen(thing_db) == [("n1", 1)] and left(amqp_url) == 0


def test_what_cannot_be_read_is_parked_and_the_rest_goes_on(
    thing_db: Database, amqp_url: str, channel: Any, start: Callable[[], ServiceContainer]
) -> None:
    """No message stops the queue, whatever stands in it."""
    good = event("n1", "intake", 1)
    strange = [
        b"\xff\xfe", b"{}", b"\x00", envelope.encode(replace(good, source="routing")),
        envelope.encode(replace(good, site="330281")),
        envelope.encode(good).replace(b'"n1"', b'"n\\u0000"'),
        envelope.encode(good).replace(b'"sequence":1', b'"sequence":4294967296'),
        envelope.encode(good).replace(b'"dataschema":"/schemas', b'"dataschema":"x","y":"'),
        envelope.encode(good).replace(b"089Z", b"089"),
    ]  # fmt: skip
    for body in strange:
        publish_bytes(channel, body)
    publish(channel, good)
    worker = start()
    until(lambda: seen(thing_db) == [("n1", 1)])
    worker.stop()
    assert parked_rows(thing_db) == [("thing.intake", None, None, "unreadable")] * len(strange)
    assert left(amqp_url) == 0


def test_a_poisonous_event_holds_up_its_own_petition_alone(
    thing_db: Database, amqp_url: str, channel: Any, start: Callable[[], ServiceContainer]
) -> None:
    poison = event("n2", "intake", 1, **{"raise": True})
    publish(channel, *[event(f"n{n}", "intake", 1) for n in (1, 3)], poison)
    publish(channel, *[event(f"n{n}", "intake", 2) for n in (1, 2, 3)])
    worker = start()
    until(lambda: len(seen(thing_db)) == 4)
    worker.stop()
    assert sorted(seen(thing_db)) == [("n1", 1), ("n1", 2), ("n3", 1), ("n3", 2)]
    assert parked_rows(thing_db) == [("thing.intake", "n2", 1, "handler failed")]
    assert rows(thing_db, "SELECT subject, sequence FROM thing.waiting") == [("n2", 2)]
    assert left(amqp_url) == 0


def test_sealed_events_come_by_the_same_queue(
    thing_db: Database, amqp_url: str, channel: Any, start: Callable[[], ServiceContainer]
) -> None:
    from amqp.basic_message import Message

    body = envelope.encode(replace(event("n1", "intake", 1), sealed=True))
    channel.basic_publish_confirm(Message(body), exchange="intake.sealed", routing_key="x")
    start()
    until(lambda: seen(thing_db) == [("n1", 1)])


# -- one batch, without a broker -------------------------------------------------------------------


def apply(database: Database, *events: Event, model: Model = MODEL) -> Applied:
    batch = [Delivery(n, envelope.encode(one), "intake") for n, one in enumerate(events, 1)]
    return apply_batch(database, model, HANDLERS, batch)


@pytest.mark.parametrize("where", [0, 1, 23, 48, 49])
def test_a_write_that_fails_is_traced_to_its_event(thing_db: Database, where: int) -> None:
    """Nobody knows for which event a flush failed: it is found by halving, the others are applied."""
    story = [event(f"n{n}", "intake", 1) for n in range(50)]
    story[where] = event("bad", "intake", 1, word="a\x00b")
    outcome = apply(thing_db, *story)
    assert outcome == Applied(applied=49)
    assert {number for number, _ in seen(thing_db)} == {one.subject for one in story} - {"bad"}
    assert parked_rows(thing_db) == [("thing.intake", "bad", 1, "write failed")]


def test_several_bad_events_in_one_batch(thing_db: Database) -> None:
    story = [event(f"n{n}", "intake", 1) for n in range(12)]
    story[2] = event("bad", "intake", 1, word="\x00")
    story[3] = event("poison", "intake", 1, **{"raise": True})
    story[9] = event("worse", "intake", 1, word="\x00")
    assert apply(thing_db, *story).applied == 9
    assert {(row[1], row[3]) for row in parked_rows(thing_db)} == {
        ("bad", "write failed"), ("worse", "write failed"), ("poison", "handler failed"),
    }  # fmt: skip


@pytest.mark.parametrize("bad", [{"word": "\x00"}, {"raise": True}])
def test_the_one_that_waited_is_parked_not_the_one_it_waited_for(
    thing_db: Database, bad: dict[str, Any]
) -> None:
    """2 came early and is bad: 1 is applied all the same, and 3 waits behind 2."""
    assert apply(thing_db, event("n1", "intake", 2, **bad), event("n1", "intake", 3)).waiting == 2
    assert apply(thing_db, event("n1", "intake", 1), event("n2", "intake", 1)).applied == 2
    assert sorted(seen(thing_db)) == [("n1", 1), ("n2", 1)]
    assert [row[1:3] for row in parked_rows(thing_db)] == [("n1", 2)]
    assert rows(thing_db, "SELECT sequence FROM thing.waiting") == [(3,)]


def test_a_bad_event_delivered_again_is_parked_once(thing_db: Database) -> None:
    poison, unreadable = event("n1", "intake", 1, **{"raise": True}), b"\xff"
    batch = [Delivery(1, envelope.encode(poison), "intake"), Delivery(2, unreadable, "intake")]
    for _ in range(3):
        apply_batch(thing_db, MODEL, HANDLERS, batch)
    assert [row[3] for row in parked_rows(thing_db)] == ["unreadable", "handler failed"]


def test_a_broken_contract_is_parked(thing_db: Database) -> None:
    def check(type_: str, version: int, data: dict[str, Any], lenient: bool) -> None:
        raise ValueError("contract broken")

    apply(thing_db, event("n1", "intake", 1), model=replace(MODEL, check=check))
    assert parked_rows(thing_db) == [("thing.intake", "n1", 1, "handler failed")]


def test_a_passing_failure_parks_nothing(thing_db: Database) -> None:
    """Our own database is away: the whole batch comes again, no event is blamed."""
    lost = []

    def lose_once(unit: Unit, one: Event) -> None:
        note(unit, one)
        if not lost:
            lost.append(1)
            terminate(thing_db)

    batch = [Delivery(n, envelope.encode(event("n1", "intake", n)), "intake") for n in (1, 2)]
    with pytest.raises(Unavailable):
        apply_batch(thing_db, MODEL, {"thing.happened": lose_once}, batch)
    assert seen(thing_db) == [] and parked_rows(thing_db) == []
    apply_batch(thing_db, MODEL, {"thing.happened": lose_once}, batch)
    assert seen(thing_db) == [("n1", 1), ("n1", 2)]


def test_a_handlers_own_lack_of_the_database_is_passing_too(thing_db: Database) -> None:
    def ask(unit: Unit, one: Event) -> None:
        raise Unavailable("the directory has not arrived")

    with pytest.raises(Unavailable):
        apply_batch(
            thing_db, MODEL, {"thing.happened": ask},
            [Delivery(1, envelope.encode(event("n1", "intake", 1)), "intake")],
        )  # fmt: skip
    assert parked_rows(thing_db) == []


# -- parked ----------------------------------------------------------------------------------------


def audit() -> dict[str, Any]:
    from kit.audit import AuditEntry, to_row
    from kit.identity import Actor

    actor = Actor("tool", "operator")
    return to_row(AuditEntry.by(actor, at=things.NOW, action="x", subject=None, route="petition"))


def the_parked(database: Database) -> int:
    ((id_,),) = rows(database, "SELECT id FROM thing.parked WHERE resolved_at IS NULL")
    return int(id_)


GOOD = {"thing.happened": note}


def test_a_replay_applies_it_and_what_waited(thing_db: Database) -> None:
    apply(thing_db, event("n1", "intake", 1, **{"raise": True}), event("n1", "intake", 2))
    parked.replay(thing_db, MODEL, GOOD, the_parked(thing_db), "op", audit())
    assert seen(thing_db) == [("n1", 1), ("n1", 2)] and parked_rows(thing_db) == []
    assert things.count(thing_db, "thing.waiting") == 0
    assert things.count(thing_db, "thing.audit_log") == 1
    assert rows(thing_db, "SELECT resolution, resolved_by FROM thing.parked") == [
        ("replayed", "op")
    ]


def test_a_replay_that_fails_changes_nothing(thing_db: Database) -> None:
    apply(thing_db, event("n1", "intake", 1, **{"raise": True}))
    with pytest.raises(Exception, match="intake:1"):
        parked.replay(thing_db, MODEL, HANDLERS, the_parked(thing_db), "op", audit())
    assert len(parked_rows(thing_db)) == 1 and things.count(thing_db, "thing.audit_log") == 0


def test_a_discard_moves_on_without_it(thing_db: Database) -> None:
    apply(thing_db, event("n1", "intake", 1, **{"raise": True}), event("n1", "intake", 2))
    parked.discard(thing_db, MODEL, HANDLERS, the_parked(thing_db), "op", "sent twice", audit())
    assert seen(thing_db) == [("n1", 2)] and parked_rows(thing_db) == []
    assert rows(thing_db, "SELECT resolution, note FROM thing.parked") == [
        ("discarded", "sent twice")
    ]


@pytest.mark.parametrize("discard", [True, False])
def test_one_that_fails_behind_is_parked_in_its_turn(thing_db: Database, discard: bool) -> None:
    """Else a discarded registration could never be given up: every later step misses its row."""
    apply(
        thing_db, event("n1", "intake", 1, **{"raise": True}),
        event("n1", "intake", 2, type_="thing.later"), event("n1", "intake", 3),
    )  # fmt: skip

    def later(unit: Unit, one: Event) -> None:
        raise LookupError("no such thing")

    handlers, first = {**GOOD, "thing.later": later}, the_parked(thing_db)
    if discard:
        parked.discard(thing_db, MODEL, handlers, first, "op", "wrong", audit())
    else:
        parked.replay(thing_db, MODEL, handlers, first, "op", audit())
    assert parked_rows(thing_db) == [("thing.intake", "n1", 2, "handler failed")]
    parked.discard(thing_db, MODEL, handlers, the_parked(thing_db), "op", "wrong too", audit())
    assert seen(thing_db)[-1] == ("n1", 3) and parked_rows(thing_db) == []


def test_what_is_resolved_or_was_never_parked_is_said(thing_db: Database) -> None:
    apply(thing_db, event("n1", "intake", 1, **{"raise": True}))
    id_ = the_parked(thing_db)
    with pytest.raises(ValueError, match="reason"):
        parked.discard(thing_db, MODEL, HANDLERS, id_, "op", " ", audit())
    parked.discard(thing_db, MODEL, HANDLERS, id_, "op", "wrong", audit())
    for unknown in (id_, id_ + 1):
        with pytest.raises(parked.NotParked):
            parked.discard(thing_db, MODEL, HANDLERS, unknown, "op", "wrong", audit())
        with pytest.raises(parked.NotParked):
            parked.replay(thing_db, MODEL, HANDLERS, unknown, "op", audit())


def test_an_unreadable_one_can_only_be_discarded(thing_db: Database) -> None:
    apply_batch(thing_db, MODEL, HANDLERS, [Delivery(1, b"\xff", "intake")])
    with pytest.raises(envelope.Unreadable):
        parked.replay(thing_db, MODEL, HANDLERS, the_parked(thing_db), "op", audit())
    parked.discard(thing_db, MODEL, HANDLERS, the_parked(thing_db), "op", "noise", audit())
    assert parked_rows(thing_db) == []


def test_the_list_tells_how_many_wait_behind(thing_db: Database) -> None:
    apply(thing_db, event("n1", "intake", 1, **{"raise": True}), event("n1", "intake", 2))
    apply(thing_db, event("n1", "intake", 3), event("n2", "intake", 3))
    with thing_db.connection() as connection:
        (row,) = parked.listed(connection, MODEL)
        assert (row.subject, row.sequence, row.behind) == ("n1", 1, 2)
        assert parked.depth(connection, MODEL) == 1
        assert envelope.decode(bytes(parked.shown(connection, MODEL, row.id).body)).sequence == 1


# -- two consumers, the same subjects --------------------------------------------------------------


def test_two_consumers_meet_at_a_new_subject(thing_db: Database) -> None:
    """The lost wake-up that SqlStore.lock speaks of: each must see what the other applied.

    The consumer of `intake` stands between lock and commit; that of `routing` gets the event that
    depends on it. If it could read the cursor now it would put its event aside, and nobody would come
    for it any more.
    """
    inside, go_on = Signal(), Signal()

    def slow(unit: Unit, one: Event) -> None:
        inside.send()
        go_on.wait()
        note(unit, one)

    first = event("new", "intake", 1)
    second = event("new", "routing", 1, {"intake": 1})
    with eventlet.Timeout(20):
        intake = eventlet.spawn(
            apply_batch, thing_db, MODEL, {"thing.happened": slow},
            [Delivery(1, envelope.encode(first), "intake")],
        )  # fmt: skip
        inside.wait()
        routing = eventlet.spawn(
            apply_batch, thing_db, MODEL, GOOD,
            [Delivery(1, envelope.encode(second), "routing")],
        )  # fmt: skip
        eventlet.sleep(0.3)
        assert not routing.dead, "it waits for the other's commit"
        go_on.send()
        intake.wait(), routing.wait()
    assert [row[1] for row in lines(thing_db)] == ["intake", "routing"]
    assert things.count(thing_db, "thing.waiting") == 0
