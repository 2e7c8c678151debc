"""Jobs on PostgreSQL, with runners as processes of their own: one at a time, retried, given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData

from kit import clock
from kit.jobs import Queue, Runner, Task, enqueue, plain_engine
from kit.migrations import engine_for
from kit.tables import bus_tables

SERVICE = "intake"


# -- the process that the tests start: no pytest, no eventlet ----------------------------------------


def _note(task: Task, what: str) -> None:
    with task.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO public.note (job, pid, what) VALUES (%s, %s, %s)",
            (task.id, os.getpid(), what),
        )


def _count(task: Task) -> dict[str, Any]:
    _note(task, "begin")
    time.sleep(0.05)
    _note(task, "end")
    return {"n": task.arguments["n"]}


def _sleep(task: Task) -> dict[str, Any]:
    _note(task, "begin")
    time.sleep(task.arguments["seconds"] if task.attempt == 1 else 0)
    _note(task, "end")
    return {"attempt": task.attempt}


def _poison(task: Task) -> None:
    _note(task, "begin")
    raise ValueError("名字 must not be kept")


def _serve(url: str) -> None:
    assert "eventlet" not in sys.modules
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    jobs = {"count": _count, "sleep": _sleep, "poison": _poison}
    runner = Runner(
        [Queue(SERVICE, plain_engine(url, SERVICE), jobs)],
        lease=timedelta(seconds=1),
        backoff=[timedelta(seconds=0.1)],
    )
    print("ready", flush=True)
    runner.run(stop)


# -- the tests -------------------------------------------------------------------------------------


@pytest.fixture
def url(database_url: str) -> str:
    """A database with one service's job table, and notes of what the jobs did."""
    metadata = MetaData(schema=SERVICE)
    job = bus_tables(metadata).job
    owner = engine_for(database_url)
    with owner.begin() as connection:
        for statement in SETTING:
            connection.exec_driver_sql(statement)
        metadata.create_all(connection, [job])
        connection.exec_driver_sql(f"GRANT ALL ON {SERVICE}.job, {SERVICE}.job_id_seq TO {SERVICE}")
    owner.dispose()
    return database_url


SETTING = (
    f"DO $$ BEGIN CREATE ROLE {SERVICE} NOLOGIN; EXCEPTION WHEN duplicate_object THEN END $$",
    f"CREATE SCHEMA {SERVICE} AUTHORIZATION {SERVICE}",
    "CREATE TABLE public.note (id serial, job bigint, pid int, what text)",
    f"GRANT ALL ON public.note, public.note_id_seq TO {SERVICE}",
)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = plain_engine(url, SERVICE)
    yield engine
    engine.dispose()


Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(url: str) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, __file__, url], stdout=subprocess.PIPE)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()


def ask(engine: Engine, kind: str, **arguments: Any) -> int:
    with engine.begin() as connection:
        return enqueue(connection, kind, arguments)


def jobs(engine: Engine) -> dict[int, Any]:
    with engine.connect() as connection:
        return {r.id: r for r in connection.exec_driver_sql("SELECT * FROM job ORDER BY id")}


def notes(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT * FROM public.note ORDER BY id"))


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def test_two_runners_share_a_queue_and_never_a_job(engine: Engine, start: Start) -> None:
    start()
    start()
    with engine.begin() as connection:
        ids = [enqueue(connection, "count", {"n": n}) for n in range(60)]
    wait_for(lambda: all(row.state == "done" for row in jobs(engine).values()))
    assert sorted(note.job for note in notes(engine) if note.what == "begin") == ids
    assert len({note.pid for note in notes(engine)}) == 2
    assert [row.result["n"] for row in jobs(engine).values()] == list(range(60))
    assert {row.attempts for row in jobs(engine).values()} == {1}


def test_the_job_of_a_killed_runner_is_taken_again(engine: Engine, start: Start) -> None:
    job = ask(engine, "sleep", seconds=60)
    first = start()
    wait_for(lambda: bool(notes(engine)))
    first.kill()
    second = start()
    wait_for(lambda: jobs(engine)[job].state == "done")
    assert jobs(engine)[job].result == {"attempt": 2}
    assert notes(engine)[-1].pid == second.pid


def test_a_long_job_keeps_its_lease(engine: Engine, start: Start) -> None:
    job = ask(engine, "sleep", seconds=2.5)
    start()
    start()
    wait_for(lambda: jobs(engine)[job].state == "done")
    assert jobs(engine)[job].attempts == 1


def test_a_poison_job_ends_failed_and_the_others_go_on(engine: Engine, start: Start) -> None:
    poison = ask(engine, "poison")
    good = ask(engine, "count", n=1)
    start()
    wait_for(lambda: jobs(engine)[poison].state == "failed")
    row = jobs(engine)[poison]
    assert row.attempts == 3
    assert row.finished_at is not None
    assert row.error.startswith("builtins.ValueError")
    assert "名字" not in row.error
    assert jobs(engine)[good].state == "done"


def test_sigterm_finishes_the_job_in_hand(engine: Engine, start: Start) -> None:
    job, next_ = ask(engine, "sleep", seconds=1), ask(engine, "count", n=1)
    process = start()
    wait_for(lambda: bool(notes(engine)))
    process.terminate()
    assert process.wait(10) == 0
    assert jobs(engine)[job].state == "done"
    assert jobs(engine)[next_].state == "queued"


def test_what_is_enqueued_exists_only_with_its_transaction(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        enqueue(connection, "count")
        transaction.rollback()
    assert jobs(engine) == {}


def test_a_runner_that_lost_its_lease_writes_nothing(engine: Engine) -> None:
    queue = Queue(SERVICE, engine, {"count": _count})
    job = ask(engine, "count", n=1)
    slow = queue.take(timedelta(seconds=0))
    assert slow is not None
    assert queue.take(timedelta(seconds=9)) is None  # still leased in name
    assert queue.reclaim() == 1
    quick = queue.take(timedelta(seconds=9))
    assert quick is not None
    assert quick.attempt == 2
    assert not queue.finish(slow, {"by": "slow"})
    assert not queue.renew(slow, timedelta(seconds=9))
    assert queue.finish(quick, {"by": "quick"})
    assert jobs(engine)[job].result == {"by": "quick"}


def test_kinds_nobody_here_knows_stay_queued(engine: Engine) -> None:
    job = ask(engine, "of a newer version")
    assert not Runner([Queue(SERVICE, engine, {"count": _count})]).turn()
    assert jobs(engine)[job].state == "queued"


def test_a_daily_job_is_enqueued_once_a_day(engine: Engine) -> None:
    queue, at = Queue(SERVICE, engine, {"count": _count}), clock.now()
    queue.daily("count", at)
    queue.daily("count", at)
    queue.daily("count", at + timedelta(days=1))
    assert len(jobs(engine)) == 2


if __name__ == "__main__":
    _serve(sys.argv[1])
