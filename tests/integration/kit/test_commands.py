"""Commands on a real database: once however often they are sent, and nothing of what was refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import eventlet
import pytest

from kit.commands import Commands, GroupCommit
from kit.db import Database, Unavailable, connect
from kit.identity import Actor, Directory, Office, Reach, reach
from kit.inbox import Inbox
from kit.problems import Problem
from kit.unit import Unit
from kit.vault import Vault
from tests import things
from tests.things import (
    MODEL,
    VISIBLE,
    Paper,
    Thing,
    event,
    note,
    rows,
    terminate,
    with_bytes,
)  # fmt: skip

VAULT = Vault(bytes(32), "thing")
CLERK = Actor("officer", "o1", "town", frozenset({"clerk"}))
OTHER = Actor("officer", "o2", "town", frozenset({"clerk"}))
STRANGER = Actor("officer", "o3", "elsewhere", frozenset({"clerk"}))
ACCUSED = Actor("officer", "o4", "accused", frozenset({"clerk"}))
DIRECTORY = Directory(
    Office(id, id, id, "bureau", "330282104000", "town", "town")
    for id in ("town", "elsewhere", "accused")
)


@dataclass
class Call:
    """A request, as far as a command needs it."""

    actor: Actor = CLERK
    idempotency_key: str = field(default_factory=lambda: uuid4().hex)
    body_hash: bytes = b"h"
    route: str = "/papers/<number>/step"
    seen: Mapping[str, int] = field(default_factory=dict)
    trace: str | None = None


def step(unit: Unit, paper: Paper, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """A handler: moves the state, tells, says what it did."""
    paper.state = body["to"]
    unit.emit(paper.number, "paper.stepped", {"to": body["to"]})
    return {"was_done_by": actor.id}


@pytest.fixture
def commands(thing_db: Database) -> Commands:
    with thing_db.unit(MODEL) as unit:
        unit.open(["n1", "n2"])
        unit.add(Paper("n1", ["town", "accused"], ["accused"]))
        unit.add(Paper("n2", ["town"], []))
    return Commands(thing_db, MODEL, VAULT, Paper, VISIBLE, _reach)


def _reach(actor: Actor) -> Reach:
    return reach(actor, DIRECTORY)


def state(database: Database) -> dict[str, int]:
    """How many rows stand where a command leaves some."""
    names = ("event_log", "outbox", "audit_log", "command_key")
    return {name: things.count(database, f"thing.{name}") for name in names}


def paper_state(database: Database, number: str = "n1") -> str:
    return str(rows(database, "SELECT state FROM thing.paper WHERE number = %s", number)[0][0])


def problem_of(work: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        work()
    return caught.value


# -- one command -----------------------------------------------------------------------------------


def test_a_command_changes_tells_audits_and_answers(commands: Commands) -> None:
    answer = commands.run(Call(trace="00-trace"), "n1", step, {"to": "done"})
    assert answer == {"number": "n1", "sequence": "thing:1", "was_done_by": "o1"}
    database = commands.database
    assert paper_state(database) == "done"
    assert state(database) == dict.fromkeys(("event_log", "outbox", "audit_log", "command_key"), 1)
    assert rows(
        database, "SELECT action, actor, office, subject, route, outcome FROM thing.audit_log"
    ) == [("command", "o1", "town", "n1", "/papers/<number>/step", "ok")]
    assert rows(database, "SELECT trace FROM thing.audit_log") == [("00-trace",)]
    assert rows(database, "SELECT traceparent FROM thing.event_log") == [("00-trace",)]


def test_the_stored_answer_is_sealed(commands: Commands) -> None:
    commands.run(Call(), "n1", lambda *_: {"code": "K7QM-2XRD"}, {})
    ((blob,),) = rows(commands.database, "SELECT answer FROM thing.command_key")
    assert b"K7QM" not in bytes(blob)


def test_a_handler_may_say_nothing(commands: Commands) -> None:
    assert commands.run(Call(), "n1", lambda *_: None, {}) == {
        "number": "n1", "sequence": "thing:0",
    }  # fmt: skip


# -- keys ------------------------------------------------------------------------------------------


def test_the_same_key_again_gives_the_same_answer_and_no_effect(commands: Commands) -> None:
    call = Call()
    first = commands.run(call, "n1", step, {"to": "done"})
    before = state(commands.database)
    commands.run(Call(), "n1", step, {"to": "further"})
    assert commands.run(call, "n1", step, {"to": "done"}) == first
    assert paper_state(commands.database) == "further"
    assert state(commands.database) == {name: 2 * n for name, n in before.items()}


def test_the_same_key_for_another_body_is_refused(commands: Commands) -> None:
    commands.run(Call(idempotency_key="k"), "n1", step, {"to": "done"})
    again = Call(idempotency_key="k", body_hash=b"other")
    problem = problem_of(lambda: commands.run(again, "n1", step, {"to": "other"}))
    assert (problem.status, problem.code) == (422, "idempotency-key-reused")
    assert [error.field for error in problem.errors] == ["Idempotency-Key"]
    assert paper_state(commands.database) == "done"


@pytest.mark.parametrize(
    "other", [Call(actor=OTHER, idempotency_key="k"), Call(route="/other", idempotency_key="k")]
)
def test_keys_of_other_actors_and_routes_do_not_collide(commands: Commands, other: Call) -> None:
    commands.run(Call(idempotency_key="k"), "n1", step, {"to": "a"})
    answer = commands.run(other, "n1", step, {"to": "b"})
    assert answer["sequence"] == "thing:2" and paper_state(commands.database) == "b"


def test_the_same_key_at_once_has_one_effect_and_one_answer(commands: Commands) -> None:
    calls = 0

    def slow(unit: Unit, paper: Paper, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        eventlet.sleep(0.1)
        return {**step(unit, paper, body, actor), "call": calls}

    call = Call()
    rivals = [eventlet.spawn(commands.run, call, "n1", slow, {"to": "done"}) for _ in range(6)]
    answers = [rival.wait() for rival in rivals]
    assert answers == [answers[0]] * 6 and calls == 1
    assert state(commands.database)["event_log"] == 1


def test_commands_on_one_subject_take_turns(commands: Commands) -> None:
    def count(unit: Unit, paper: Paper, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        before = int(paper.state) if paper.state.isdigit() else 0
        eventlet.sleep(0.02)
        paper.state = str(before + 1)
        unit.emit(paper.number, "paper.stepped", {})
        return {}

    rivals = [eventlet.spawn(commands.run, Call(), "n1", count, {}) for _ in range(8)]
    sequences = sorted(rival.wait()["sequence"] for rival in rivals)
    assert paper_state(commands.database) == "8"
    assert sequences == [f"thing:{n}" for n in range(1, 9)]


# -- refusals --------------------------------------------------------------------------------------


class No(Exception):
    """A rule that says no."""


def test_a_refusal_changes_nothing_and_frees_the_key(commands: Commands) -> None:
    def refuse(unit: Unit, paper: Paper, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        step(unit, paper, {"to": "refused"}, actor)
        unit.add(Thing("x", paper.number))
        raise No

    call, before = Call(), state(commands.database)
    with pytest.raises(No):
        commands.run(call, "n1", refuse, {})
    assert state(commands.database) == before and paper_state(commands.database) == "new"
    assert things.count(commands.database, "thing.thing") == 0
    assert commands.run(call, "n1", step, {"to": "done"})["sequence"] == "thing:1"


@pytest.mark.parametrize(
    ("actor", "number"),
    [(CLERK, "n9"), (STRANGER, "n1"), (STRANGER, "n2"), (ACCUSED, "n1")],
)
def test_unknown_and_unseen_are_the_same_404(commands: Commands, actor: Actor, number: str) -> None:
    before = state(commands.database)
    problem = problem_of(lambda: commands.run(Call(actor), number, step, {"to": "x"}))
    unknown = problem_of(lambda: commands.run(Call(), "n9", step, {"to": "x"}))
    assert (problem.status, problem.code) == (404, "petition-unknown")
    assert problem.detail == unknown.detail.replace("n9", number)
    assert problem.detail_en == unknown.detail_en.replace("n9", number)
    assert state(commands.database) == before and paper_state(commands.database) == "new"


def test_an_unknown_number_leaves_no_cursor(commands: Commands) -> None:
    before = things.count(commands.database, "thing.cursor")
    problem_of(lambda: commands.run(Call(), "n9", step, {"to": "x"}))
    assert things.count(commands.database, "thing.cursor") == before


# -- what the caller has seen ----------------------------------------------------------------------


def arrive(database: Database, *events: Any) -> None:
    with database.unit(MODEL) as unit:
        Inbox(unit, {"thing.happened": note}).apply(with_bytes(list(events)))


def test_a_command_waits_for_what_its_caller_has_seen(commands: Commands) -> None:
    call = Call(seen={"routing": 2})
    running = eventlet.spawn(commands.run, call, "n1", step, {"to": "done"})
    eventlet.sleep(0.2)
    assert not running.dead and paper_state(commands.database) == "new"
    arrive(commands.database, event("n1", "routing", 1), event("n1", "routing", 2))
    assert running.wait()["sequence"] == "thing:1"
    assert things.lines(commands.database) and paper_state(commands.database) == "done"


def test_what_does_not_come_is_named(commands: Commands) -> None:
    arrive(commands.database, event("n1", "routing", 1))
    call = Call(seen={"routing": 2, "intake": 1, "thing": 3, "elsewhere": 9})
    started = time.monotonic()
    problem = problem_of(lambda: commands.run(call, "n1", step, {"to": "done"}))
    assert 1.5 < time.monotonic() - started < 6
    assert (problem.status, problem.code) == (409, "not-yet")
    assert problem.headers["Retry-After"]
    for text in (problem.detail, problem.detail_en):
        assert "intake:1 routing:2 thing:3" in text and "elsewhere" not in text
    assert paper_state(commands.database) == "new"
    arrive(commands.database, event("n1", "intake", 1), event("n1", "routing", 2))
    later = Call(idempotency_key=call.idempotency_key, seen={"routing": 2, "intake": 1})
    assert commands.run(later, "n1", step, {"to": "done"})["sequence"] == "thing:1"


def test_what_was_seen_already_costs_no_wait(commands: Commands) -> None:
    arrive(commands.database, event("n1", "routing", 1))
    commands.run(Call(), "n1", step, {"to": "a"})
    started = time.monotonic()
    commands.run(Call(seen={"routing": 1, "thing": 1}), "n1", step, {"to": "b"})
    assert time.monotonic() - started < 1


# -- the database fails ----------------------------------------------------------------------------


@pytest.fixture
def gone() -> Iterator[Database]:
    """A database that nobody listens for."""
    database = connect(things.settings_for("postgresql://nobody@127.0.0.1:9/nothing"))
    yield database
    database.engine.dispose()


def test_a_database_that_is_away_is_said_at_once(gone: Database) -> None:
    commands = Commands(gone, MODEL, VAULT, Paper, VISIBLE, _reach)
    started = time.monotonic()
    with pytest.raises(Unavailable):
        commands.run(Call(), "n1", step, {"to": "x"})
    assert time.monotonic() - started < 5


def test_a_command_outlives_a_lost_connection(commands: Commands, thing_db: Database) -> None:
    lost = []

    def lose_first(unit: Unit, paper: Paper, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
        if not lost:
            lost.append(1)
            terminate(thing_db)
        return step(unit, paper, body, actor)

    assert commands.run(Call(), "n1", lose_first, {"to": "done"})["sequence"] == "thing:1"
    assert state(thing_db)["event_log"] == 1 and paper_state(thing_db) == "done"


# -- group commit ----------------------------------------------------------------------------------


class Register:
    """A registrar that numbers what it is given; `groups` are the sizes of what came together."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.wait = 0.0
        self.before: Callable[[], None] = lambda: None

    def __call__(
        self, unit: Unit, members: Sequence[tuple[dict[str, Any], Actor]]
    ) -> list[dict[str, Any]]:
        self.groups.append(len(members))
        eventlet.sleep(self.wait)
        self.before()
        return [self.one(unit, body) for body, _ in members]

    @staticmethod
    def one(unit: Unit, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("refuse"):
            raise No
        number = uuid4().hex
        unit.create(number)
        unit.add(Thing(number, number, text=body["text"]))
        unit.emit(number, "thing.registered", {})
        return {"number": number, "sequence": "thing:1"}


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def group(thing_db: Database, register: Register) -> GroupCommit:
    return GroupCommit(thing_db, MODEL, VAULT, register)


def all_of(group: GroupCommit, *members: tuple[Call, dict[str, Any]]) -> list[Any]:
    """Sends all at once; gives answers, or what was raised."""

    def one(call: Call, body: dict[str, Any]) -> Any:
        try:
            return group.run(call, body)
        except Exception as error:
            return error

    with eventlet.Timeout(30):
        return [t.wait() for t in [eventlet.spawn(one, *member) for member in members]]


def test_many_are_committed_together(group: GroupCommit, register: Register) -> None:
    register.wait = 0.05  # while the first is committed, the others gather
    members = [(Call(), {"text": f"t{n}"}) for n in range(30)]
    answers = all_of(group, *members)
    assert len({answer["number"] for answer in answers}) == 30
    assert sum(register.groups) == 30 and len(register.groups) <= 3
    assert state(group.database) == dict.fromkeys(
        ("event_log", "outbox", "audit_log", "command_key"), 30
    )
    found = dict(rows(group.database, "SELECT number, text FROM thing.thing"))
    assert [found[a["number"]] for a in answers] == [f"t{n}" for n in range(30)]
    audited = rows(group.database, "SELECT subject FROM thing.audit_log")
    assert {row[0] for row in audited} == set(found)


def test_members_with_one_key_are_one(group: GroupCommit, register: Register) -> None:
    same = Call(idempotency_key="k")
    other = Call(actor=OTHER, idempotency_key="k")
    reused = Call(idempotency_key="k", body_hash=b"another body")
    a, b, c, d = all_of(
        group, (same, {"text": "x"}), (same, {"text": "x"}), (reused, {"text": "y"}),
        (other, {"text": "x"}),
    )  # fmt: skip
    assert a == b and d["number"] != a["number"]
    assert isinstance(c, Problem) and c.code == "idempotency-key-reused"
    assert things.count(group.database, "thing.thing") == 2
    assert all_of(group, (same, {"text": "x"})) == [a]


def test_the_first_of_one_key_decides_the_body(group: GroupCommit) -> None:
    first = Call(idempotency_key="k", body_hash=b"1")
    second = Call(idempotency_key="k", body_hash=b"2")
    answer, refused = all_of(group, (first, {"text": "1"}), (second, {"text": "2"}))
    assert answer["sequence"] == "thing:1" and isinstance(refused, Problem)
    assert rows(group.database, "SELECT text FROM thing.thing") == [("1",)]


@pytest.mark.parametrize("bad", [{"text": "a\x00b"}, {"text": "x", "refuse": True}, {}])
def test_one_bad_member_harms_nobody_else(group: GroupCommit, bad: dict[str, Any]) -> None:
    """A text that PostgreSQL refuses, a rule that says no, a bug: the others are registered."""
    good = [(Call(), {"text": f"t{n}"}) for n in range(4)]
    failing = Call()
    answers = all_of(group, *good[:2], (failing, bad), *good[2:])
    assert isinstance(answers.pop(2), Exception)
    assert len({answer["number"] for answer in answers}) == 4
    assert things.count(group.database, "thing.thing") == 4
    assert state(group.database)["command_key"] == 4, "the bad one's key is free again"
    assert all_of(group, (failing, {"text": "better"}))[0]["sequence"] == "thing:1"


def test_a_database_that_is_away_is_said_to_everybody(gone: Database, register: Register) -> None:
    group = GroupCommit(gone, MODEL, VAULT, register)
    started = time.monotonic()
    answers = all_of(group, *[(Call(), {"text": "t"}) for _ in range(20)])
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert time.monotonic() - started < 10
    assert isinstance(all_of(group, (Call(), {"text": "t"}))[0], Unavailable), "and to the next"


def test_a_group_outlives_a_lost_connection(group: GroupCommit, register: Register) -> None:
    lost = []

    def lose_first() -> None:
        if not lost:
            lost.append(1)
            terminate(group.database)

    register.before = lose_first
    answers = all_of(group, *[(Call(), {"text": "t"}) for _ in range(5)])
    assert len({answer["number"] for answer in answers}) == 5
    assert things.count(group.database, "thing.thing") == 5


def test_a_connection_lost_again_and_again_is_said_and_then_forgotten(
    group: GroupCommit, register: Register
) -> None:
    register.before = lambda: terminate(group.database)
    assert all(
        isinstance(answer, Unavailable)
        for answer in all_of(group, *[(Call(), {"text": "t"}) for _ in range(5)])
    )
    register.before = lambda: None
    assert all_of(group, (Call(), {"text": "t"}))[0]["sequence"] == "thing:1"


def test_a_rival_process_with_the_same_key_gives_its_answer(
    group: GroupCommit, register: Register
) -> None:
    """Two processes, one retrying client: the second waits for the first's commit."""
    rival = GroupCommit(group.database, MODEL, VAULT, register)
    register.wait = 0.1
    call = Call()
    one, two = (eventlet.spawn(g.run, call, {"text": "t"}) for g in (group, rival))
    assert one.wait() == two.wait()
    assert things.count(group.database, "thing.thing") == 1
