"""The database of a service: what passes by itself, what is kept of a broken connection."""

from __future__ import annotations

import time
from typing import Any

import eventlet
import psycopg2
import pytest
from sqlalchemy.exc import DBAPIError

from kit.db import Database, Unavailable, connect, is_transient
from tests import things
from tests.things import MODEL, Thing, rows, terminate


def failure(database: Database, *statements: str) -> BaseException:
    """What a raw cursor raises, as a unit uses one."""
    with pytest.raises(Exception) as caught, database.unit(MODEL) as unit:
        for statement in statements:
            unit.store.cursor.execute(statement)  # type: ignore[attr-defined]
    return caught.value


@pytest.mark.parametrize(
    "statement",
    [
        "SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)",
        "DO $$ BEGIN RAISE serialization_failure; END $$",
        "DO $$ BEGIN RAISE deadlock_detected; END $$",
        "DO $$ BEGIN RAISE lock_not_available; END $$",
        "DO $$ BEGIN RAISE disk_full; END $$",
        "DO $$ BEGIN RAISE admin_shutdown; END $$",
    ],
)
def test_what_passes_by_itself(thing_db: Database, statement: str) -> None:
    assert is_transient(failure(thing_db, statement))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1/0",
        "SELECT * FROM thing.nowhere",
        "SELECT 'x'::int",
        "INSERT INTO thing.thing (id) VALUES ('1')",
        "INSERT INTO thing.outbox (position) VALUES (1), (1)",
        "DO $$ BEGIN RAISE insufficient_privilege; END $$",
    ],
)
def test_what_does_not_pass(thing_db: Database, statement: str) -> None:
    assert not is_transient(failure(thing_db, statement))


def test_a_mistake_of_ours_is_not_transient() -> None:
    assert not is_transient(ValueError("x")) and not is_transient(KeyError("x"))
    assert is_transient(Unavailable("x")) and is_transient(psycopg2.OperationalError())
    assert is_transient(psycopg2.InterfaceError("connection already closed"))
    # psycopg2's word for a connection that ended without libpq knowing why (its pqpath.c)
    silent = "error with status PGRES_TUPLES_OK and no message from the libpq"
    assert is_transient(psycopg2.DatabaseError(silent))
    assert not is_transient(psycopg2.ProgrammingError("can't adapt type 'object'"))


def _connections(database: Database) -> int:
    pool: Any = database.engine.pool
    return int(pool.checkedin())


def test_a_refused_statement_keeps_the_connections(thing_db: Database) -> None:
    """Only a connection that broke is dropped: a slow query must not make everybody dial again."""
    rows(thing_db, "SELECT 1")
    before = _connections(thing_db)
    assert before >= 1
    failure(thing_db, "SELECT 1/0")
    failure(thing_db, "SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)")
    with pytest.raises(TypeError, match="serializable"), thing_db.unit(MODEL) as unit:
        unit.open(["n"])
        unit.add(Thing("1", "n", text=object()))  # type: ignore[arg-type]
    assert _connections(thing_db) == before
    assert rows(thing_db, "SELECT 1") == [(1,)]


def test_one_broken_connection_drops_all_idle_ones(thing_url: str) -> None:
    """They come from before the restart: none of them may be handed out."""
    database = connect(things.settings_for(thing_url), pool_size=5)

    def hold() -> None:
        with database.connection() as connection:
            connection.exec_driver_sql("SELECT pg_sleep(0.1)")

    for holder in [eventlet.spawn(hold) for _ in range(5)]:
        holder.wait()
    assert _connections(database) == 5
    with pytest.raises(Exception) as caught, database.unit(MODEL) as unit:
        terminate(database)
        unit.store.cursor.execute("SELECT 1")  # type: ignore[attr-defined]
    assert is_transient(caught.value)
    for holder in [eventlet.spawn(hold) for _ in range(5)]:
        holder.wait()
    database.engine.dispose()


def test_whatever_a_lost_connection_raises_is_transient(thing_url: str) -> None:
    """Connections are cut at all points of many transactions. An error that was taken for a
    permanent one would park good events."""
    database = connect(things.settings_for(thing_url), pool_size=8)
    wrong: list[BaseException] = []
    seen: list[str] = []
    stop = time.monotonic() + 4

    def work(n: int) -> None:
        i = 0
        while time.monotonic() < stop:
            i += 1
            try:
                with database.unit(MODEL) as unit:
                    unit.open([f"{n}", "shared" if i % 5 == 0 else f"x{n}"])
                    unit.add(Thing(f"{n}:{i}", f"{n}", text="x" * 20_000))
                    unit.emit(f"{n}", "thing.happened", {})
                    if i % 3 == 0:
                        eventlet.sleep(0.01)
            except Exception as error:
                seen.append(f"{type(error).__module__}.{type(error).__name__}: {str(error)[:60]}")
                if not is_transient(error):
                    wrong.append(error)

    workers = [eventlet.spawn(work, n) for n in range(8)]
    cutter = connect(things.settings_for(thing_url), pool_size=1)
    while time.monotonic() < stop:
        eventlet.sleep(0.05)
        try:
            terminate(cutter)
        except DBAPIError:
            pass
    for worker in workers:
        worker.wait()
    assert len(seen) > 20, "the connections were cut"
    assert wrong == []
    database.engine.dispose()
    cutter.engine.dispose()


@pytest.mark.parametrize("message", ["", "\n", "gone\nDETAIL: x"])
def test_retry_gives_up_with_unavailable_whatever_the_message(
    thing_db: Database, message: str
) -> None:
    calls = 0

    def work() -> None:
        nonlocal calls
        calls += 1
        raise psycopg2.OperationalError(message)

    with pytest.raises(Unavailable):
        thing_db.retry(work)
    assert calls == 3


def test_retry_does_not_repeat_a_refusal(thing_db: Database) -> None:
    calls = 0

    def work() -> None:
        nonlocal calls
        calls += 1
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        thing_db.retry(work)
    assert calls == 1


def test_a_full_pool_is_transient(thing_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = connect(things.settings_for(thing_url), pool_size=1)
    monkeypatch.setattr(database.engine.pool, "_timeout", 0.1)
    with database.connection(), pytest.raises(Exception) as caught, database.connection():
        pass
    assert is_transient(caught.value)
    database.engine.dispose()


def test_commits_wake_the_relay_only_where_something_was_told(thing_db: Database) -> None:
    woken: list[int] = []
    database = Database(thing_db.engine, thing_db.site, lambda: woken.append(1))
    with database.unit(MODEL) as unit:
        unit.open(["n1"])
    assert woken == []
    with database.unit(MODEL) as unit:
        unit.open(["n1"])
        unit.emit("n1", "thing.happened", {})
        assert woken == []
    assert woken == [1]
    with pytest.raises(ZeroDivisionError), database.unit(MODEL) as unit:
        unit.open(["n1"])
        unit.emit("n1", "thing.happened", {})
        raise ZeroDivisionError
    assert woken == [1]
