"""End to end: from POST to counted in stats; rates, latency, CPU by process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.bench import load, spy
from tests.bench.load import Outcome, Reply
from tests.bench.proc import Meter, rss_mb, tree
from tests.bench.systems import Running

STEPS = ("registered", "located", "assigned")
"""What happens to a registration without anybody's doing."""
WARM = 1.5
"""Seconds of load before anything is measured."""


@dataclass
class Round:
    """One measured round of one system."""

    accepted: int
    failed: int
    rate: float
    """Petitions a second, from the first POST until the last one was counted."""
    posts: float
    """Accepted POSTs a second."""
    drain: float
    """Seconds from the last answer until all was counted."""
    p50: float
    p99: float
    cpu: dict[str, float]
    """CPU milliseconds a petition, by process."""
    rss: dict[str, float]
    """Resident MB by process, the largest of each tree."""


class Last:
    """Remembers the number of the petition accepted last."""

    def __init__(self) -> None:
        self.body = b""

    def __call__(self, reply: Reply) -> None:
        if reply.status == 201:
            self.body = reply.body

    @property
    def number(self) -> str:
        return str(orjson.loads(self.body)["number"]) if self.body else ""


def run_round(running: Running, seconds: float, connections: int, profile: str = "") -> Round:
    """Closed loop of so many clients for so many seconds, then until all is counted."""
    registrations = running.registrations()
    post(running, registrations.next, connections, WARM)
    before = running.counts()
    meter = Meter(running.roots)
    with recording(running, profile):
        started = time.monotonic()
        last = Last()
        outcome = load.closed_loop(running.door, registrations.next, connections, seconds, last)
        posted = time.monotonic()
        running.await_counted(_more(before, outcome.accepted), last.number)
        done = time.monotonic()
    return _round(running, outcome, meter.read(), done - started, done - posted)


def post(running: Running, make: Any, connections: int, seconds: float) -> Outcome:
    """Load that is not measured; returns when it has been counted."""
    before, last = running.counts(), Last()
    outcome = load.closed_loop(running.door, make, connections, seconds, last)
    running.await_counted(_more(before, outcome.accepted), last.number)
    return outcome


def _more(before: dict[str, int], n: int) -> dict[str, int]:
    return {step: before.get(step, 0) + n for step in STEPS}


def _round(
    running: Running, outcome: Outcome, cpu: dict[str, float], seconds: float, drain: float
) -> Round:
    accepted = outcome.accepted
    return Round(
        accepted=accepted,
        failed=outcome.failed,
        rate=accepted / seconds,
        posts=accepted / (seconds - drain),
        drain=drain,
        p50=outcome.quantile(0.5),
        p99=outcome.quantile(0.99),
        cpu={name: 1000 * s / max(accepted, 1) for name, s in cpu.items()},
        rss={name: rss_mb(tree(pid)) for name, pid in running.processes.items()},
    )


def steady(running: Running, rate: float, seconds: float, profile: str = "") -> Outcome:
    """Open loop at a fixed rate."""
    registrations = running.registrations()
    before, last = running.counts(), Last()
    with recording(running, profile):
        outcome = load.open_loop(running.door, registrations.next, rate, seconds, last)
        running.await_counted(_more(before, outcome.accepted), last.number)
    return outcome


def idle_latency(running: Running, samples: int, pause: float = 0.4) -> list[float]:
    """Seconds from POST to all three steps counted, one petition at a time."""
    registrations, seconds = running.registrations(), []
    for _ in range(samples):
        last = Last()
        started = time.monotonic()
        with load.Loop(1) as loop:
            loop.send(running.door, registrations.next(), started, last)
            loop.run(lambda: loop.under_way == 0)
        while running.steps(last.number) < len(STEPS):
            time.sleep(0.002)
        seconds.append(time.monotonic() - started)
        time.sleep(pause)
    return seconds


@contextmanager
def recording(running: Running, profile: str) -> Iterator[None]:
    """Samples one process (by name) while the block runs, and prints where its time went."""
    if not profile:
        with nullcontext():
            yield
        return
    output = Path(__file__).resolve().parents[2] / ".run" / "bench" / f"profile-{profile}.txt"
    with spy.watched(running.roots[profile], output):
        yield
    print(spy.report(output), flush=True)
