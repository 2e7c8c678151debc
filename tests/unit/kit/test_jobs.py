"""The runner of jobs on a queue in memory: what ends how, and what is kept of an error."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from kit import clock, jobs
from kit.jobs import ATTEMPTS, Job, Queue, Runner, Task

NO_ENGINE = cast(Engine, None)


class Listed(Queue):
    """A queue of a few kinds, each tried again at once."""

    def __init__(self, registry: dict[str, Job], *kinds: str) -> None:
        super().__init__("intake", NO_ENGINE, registry)
        self.waiting: list[tuple[str, int]] = [(kind, 1) for kind in kinds]
        self.told: list[Any] = []
        self.days: list[datetime] = []

    __setattr__ = object.__setattr__

    def take(self, lease: timedelta) -> Task | None:
        if not self.waiting:
            return None
        kind, attempt = self.waiting.pop(0)
        return Task(1, self.service, kind, None, {}, attempt, self.engine)

    def finish(self, task: Task, result: Any) -> bool:
        self.told.append(("done", task.kind, result))
        return True

    def fail(self, task: Task, error: str, backoff: Sequence[timedelta]) -> bool:
        self.told.append(("failed", task.kind, error))
        if task.attempt < ATTEMPTS:
            self.waiting.append((task.kind, task.attempt + 1))
        return True

    def reclaim(self) -> int:
        return 0

    def daily(self, kind: str, at: datetime) -> None:
        self.days.append(at)


def broken(task: Task) -> None:
    raise ValueError("张三 must not be kept")


def drained(queue: Listed) -> list[Any]:
    runner = Runner([queue])
    while runner.turn():
        pass
    return queue.told


def test_a_job_that_fails_is_tried_three_times_and_the_others_go_on() -> None:
    told = drained(Listed({"broken": broken, "good": lambda task: 7}, "broken", "good"))
    assert [(how, kind) for how, kind, _ in told] == [
        ("failed", "broken"),
        ("done", "good"),
        ("failed", "broken"),
        ("failed", "broken"),
    ]
    assert told[1][2] == 7


def test_of_an_error_its_type_and_place_are_kept_and_no_text_of_data() -> None:
    (_, _, error), *_ = drained(Listed({"broken": broken}, "broken"))
    assert error.startswith("builtins.ValueError | test_jobs.py:")
    assert "张三" not in error


def test_each_queue_gets_its_turn() -> None:
    done: list[str] = []
    first = Listed({"a": lambda task: done.append("a")}, "a", "a")
    second = Listed({"b": lambda task: done.append("b")}, "b")
    runner = Runner([first, second])
    while runner.turn():
        pass
    assert done == ["a", "b", "a"]


def test_a_stopped_runner_ends_the_job_in_hand_and_takes_no_other() -> None:
    stop = threading.Event()
    queue = Listed({"last": lambda task: stop.set()}, "last", "last")
    Runner([queue]).run(stop)
    assert len(queue.told) == 1
    assert len(queue.waiting) == 1


def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "IDLE", 0.01)
    stop = threading.Event()

    class Away(Listed):
        looks = 0

        def take(self, lease: timedelta) -> Task | None:
            self.looks += 1
            if self.looks < 3:
                raise OperationalError("select", {}, Exception("gone"))
            stop.set()
            return None

    queue = Away({})
    runner = Runner([queue])
    assert not runner.answers
    runner.run(stop)
    assert queue.looks == 3
    assert runner.answers


@pytest.mark.parametrize(
    ("now", "hour", "due"),
    [("2025-03-04T18:29:00", 2.5, False), ("2025-03-04T18:31:00", 2.5, True)],
)
def test_what_is_daily_is_due_by_the_offices_clock(
    monkeypatch: pytest.MonkeyPatch, now: str, hour: float, due: bool
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(now).replace(tzinfo=UTC))
    stop = threading.Event()
    stop.set()
    queue = Listed({"verify-audit": lambda task: None})
    runner = Runner([queue], daily={"verify-audit": timedelta(hours=hour)})
    runner._upkeep()
    expected = datetime.fromisoformat("2025-03-05T02:30:00+08:00")
    assert queue.days == ([expected] if due else [])
