"""A site under load that a drill breaks, and the questions asked of it afterwards.

A drill gets a `Scene`: servers it may kill, a `Site` on them, and `clients` that register petitions all
the while. It disturbs; then the load ends, everything settles, and `Scene.verdict` asks: was every
accepted petition registered once, under one number; does `petition audit` find nothing; is nothing left
in outbox, waiting tables, queues or parked rows; did HTTP answer throughout?
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import psycopg2
import requests

from contracts.flows import FLOWS
from kit import migrations, topology
from tests.bench.load import quantile
from tests.bench.systems import load_directory, queues
from tests.drills.proxy import Proxy, before
from tests.site import SERVICES, Site
from tool.audit import lines
from tool.local.servers import Servers

OWNERS = ("intake", "routing", "supervision", "stats")
ROLES = ("web", "worker", "relay", "clock")
TEMPLATE = "template_drills"
WARM = 5.0
"""Seconds of load before anything is disturbed."""
SETTLE = 120.0
"""Seconds that everything under way may take to arrive, once the load has ended."""
RECOVERY = 120.0
"""Seconds after a disturbance within which a new petition must be counted."""
SLACK = 1.5
"""Seconds by which an attempt may reach out of the time in which intake was down."""


class Failed(AssertionError):
    """What a drill found to be wrong."""


def need(condition: object, message: str) -> None:
    """Raises `Failed` with the message where the condition does not hold."""
    if not condition:
        raise Failed(message)


@dataclass
class Result:
    """One drill's row in the table."""

    name: str
    round: int = 1
    error: str = ""
    accepted: int = 0
    retried: int = 0
    failed: int = 0
    """Attempts that got no answer, or a 5xx."""
    p99_beside: float = float("nan")
    p99_during: float = float("nan")
    recovery: list[float] = field(default_factory=list)
    """Seconds from the end of each disturbance until a petition accepted after it was counted."""
    settled: float = float("nan")
    audit: str = ""
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


class Crowd:
    """The clients' process and what it wrote down."""

    def __init__(self, site: Site, out: Path, rate: float, lives: int) -> None:
        self.out, self._read, self._rest = out, 0, b""
        self._rows: list[dict[str, Any]] = []
        ports = [f"--{name}={site.ports[name]}" for name in ("intake", "routing", "supervision")]
        command = [sys.executable, "-m", "tests.drills.clients", *ports, f"--out={out}"]
        command += [f"--keys={site.state / 'keys'}", f"--rate={rate}", f"--lives={lives}"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)

    def end(self) -> None:
        """Ends the load and waits until everything begun was answered."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"end\n")
        self._process.stdin.close()
        need(self._process.wait(300) == 0, "the clients broke down")

    def kill(self) -> None:
        """For a drill that failed on its way."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def rows(self) -> list[dict[str, Any]]:
        """Every attempt until now."""
        if self.out.exists():
            with self.out.open("rb") as file:
                file.seek(self._read)
                data = self._rest + file.read()
                self._read = file.tell()
            whole, _, self._rest = data.rpartition(b"\n")
            self._rows += [orjson.loads(line) for line in whole.splitlines()]
        return self._rows

    def registrations(self) -> list[dict[str, Any]]:
        return [row for row in self.rows() if row["what"] == "register"]

    def accepted_since(self, moment: float) -> list[str]:
        """The first twenty numbers of petitions that were begun after a moment."""
        found = [
            str(row["number"])
            for row in self.rows()
            if row["planned"] > moment and row["what"] == "register" and row["status"] == 201
        ]
        return found[:20]


class Scene:
    """A site under load."""

    def __init__(self, servers: Servers, site: Site, result: Result, stack: ExitStack) -> None:
        self.servers, self.site, self.result = servers, site, result
        self.stack = stack
        self.crowd: Crowd | None = None
        self.parked = 0
        """Open parked rows that the drill leaves on purpose."""
        self.down: list[tuple[float, float]] = []
        """When intake was not expected to answer."""
        self.disturbed_from: float | None = None
        self.disturbed_to = 0.0
        self._connection: Any = None

    # -- the database, as its owner ----------------------------------------------------------------

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, or nothing for a statement without any. Connects anew where the server was away."""
        try:
            return self._query(sql, values)
        except psycopg2.OperationalError:
            self._connection = None
            return self._query(sql, values)

    def _query(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg2.connect(self.site.database_url)
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def count(self, sql: str, *values: Any) -> int:
        return int(self.query(sql, *values)[0][0])

    # -- what a drill does -------------------------------------------------------------------------

    @contextmanager
    def disturbance(self, intake_down: bool = False) -> Iterator[None]:
        """The block breaks something and mends it; then a new petition must soon be counted."""
        began = time.monotonic()
        self.disturbed_from = min(self.disturbed_from or began, began)
        yield
        self.disturbed_to = time.monotonic()
        if intake_down:
            self.down.append((began, self.disturbed_to))
        self.result.recovery.append(self.recovered())

    def recovered(self) -> float:
        """Waits until a petition begun after now is assigned, and counted by stats."""
        since = time.monotonic()
        self.wait(lambda: self._counted_since(since), RECOVERY, "no new petition was counted")
        return time.monotonic() - since

    def _counted_since(self, moment: float) -> bool:
        numbers = self.crowd.accepted_since(moment) if self.crowd else []
        sql = "SELECT count(*) FROM stats.transition WHERE type = 'petition.assigned' AND number = ANY(%s)"
        return self.count(sql, numbers) > 0

    def wait(self, condition: Callable[[], object], seconds: float, otherwise: str) -> None:
        """Waits for a condition; raises `Failed` when it takes too long."""
        deadline = time.monotonic() + seconds
        while not condition():
            need(time.monotonic() < deadline, f"{otherwise} within {seconds:.0f} s")
            time.sleep(0.1)

    def kill(self, name: str, away: float = 2.0) -> None:
        """kill -9 of a process, and its return."""
        with self.disturbance(intake_down=name in ("intake", "intake/web")):
            self.site.kill(name)
            time.sleep(away)
            self.site.start(name)

    def through(self, name: str, proxy: Proxy) -> None:
        """Starts a process that reaches the broker by a proxy."""
        self.site.extra_env["AMQP_URL"] = proxy.url
        try:
            self.site.start(name)
        finally:
            del self.site.extra_env["AMQP_URL"]

    def proxy(self) -> Proxy:
        """A proxy before this scene's broker."""
        return self.stack.enter_context(before(self.site.amqp_url, self.site.free_port()))

    def peak(self) -> float:
        """MB that the largest of the processes had resident at most."""
        found = [Path(f"/proc/{p.pid}/status").read_text() for p in self.site.processes.values()]
        peaks = [re.search(r"VmHWM:\s+(\d+) kB", text) for text in found]
        return max(int(match[1]) for match in peaks if match) / 1000

    def note(self, text: str) -> None:
        """A remark for the table."""
        self.result.notes.append(text)

    def metric(self, process: str, name: str, **labels: str) -> float:
        """The sum of a process's counters of one name with these labels; 0 where it is away."""
        port = self.site.ops.get(process) or self.site.ports[process.partition("/")[0]]
        try:
            text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
        except requests.RequestException:
            return 0.0
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        rows = [row for row in text.splitlines() if row.startswith(name + "{")]
        return sum(float(row.rpartition(" ")[2]) for row in rows if all(w in row for w in wanted))

    # -- the end -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Ends the load, and lets everything arrive."""
        if self.crowd is not None:
            self.crowd.end()
        began = time.monotonic()
        report = self.site.audit(SETTLE)
        self.result.settled = time.monotonic() - began
        self.result.audit = "clean" if report.clean else "NOT CLEAN"
        need(report.clean, "audit:\n" + "\n".join(lines(report)))

    def verdict(self) -> None:
        """Everything that must hold after every drill."""
        self._nothing_lost()
        self._nothing_left()
        self._answered_throughout()
        self._lived()

    def _nothing_lost(self) -> None:
        if self.crowd is None:
            return
        numbers: dict[str, set[str]] = defaultdict(set)
        for row in self.crowd.rows():
            if row["what"] in ("register", "repeat") and row["status"] == 201:
                numbers[row["key"]].add(row["number"])
        begun = {row["key"] for row in self.crowd.registrations()}
        need(
            numbers.keys() == begun, f"{len(begun - numbers.keys())} petitions were never accepted"
        )
        twice = {key: found for key, found in numbers.items() if len(found) > 1}
        need(not twice, f"keys with several numbers: {twice}")
        accepted = {number for found in numbers.values() for number in found}
        need(len(accepted) == len(numbers), "one number was given to several petitions")
        registered = {row[0] for row in self.query("SELECT number FROM intake.petition")}
        need(
            registered == accepted,
            f"{len(accepted - registered)} accepted and lost, "
            f"{len(registered - accepted)} registered that nobody was told of",
        )
        self.result.accepted = len(accepted)

    def _nothing_left(self) -> None:
        for service in SERVICES:
            if self.query("SELECT to_regclass(%s)", f"{service}.outbox")[0][0]:
                for table in ("outbox", "waiting"):
                    left = self.count(f"SELECT count(*) FROM {service}.{table}")
                    need(left == 0, f"{left} rows left in {service}.{table}")
        parked = self.open_parked()
        need(parked == self.parked, f"{parked} parked rows are open, not {self.parked}")
        self.wait(self._queues_empty, 15, f"messages left: {self.queues()}")

    def open_parked(self) -> int:
        return sum(
            self.count(f"SELECT count(*) FROM {service}.parked WHERE resolved_at IS NULL")
            for service in OWNERS
        )

    def queues(self) -> dict[str, int]:
        """Messages by queue, whether ready or unacknowledged."""
        return queues(self.servers, self.site.amqp_url.rpartition("/")[2])

    def _queues_empty(self) -> bool:
        wanted = {topology.queue(c, source) for source, found in FLOWS.items() for c in found}
        found = self.queues()
        return wanted | {topology.DEAD} <= found.keys() and not any(found.values())

    def _answered_throughout(self) -> None:
        if self.crowd is None:
            return
        attempts = self.crowd.registrations()
        bad = [row for row in attempts if row["status"] != 201]
        self.result.failed = sum(row["status"] != 429 for row in bad)
        self.result.retried = len({row["key"] for row in bad})
        self._latencies(attempts)
        turned = sum(row["status"] == 429 for row in bad)
        if turned:
            self.note(f"{turned} times turned away with 429")
        outside = [row for row in bad if row["status"] != 429 and not self._was_down(row)]
        statuses = dict(Counter(row["status"] for row in outside))
        need(not outside, f"intake did not answer {len(outside)} times: {statuses} {outside[:2]}")

    def _was_down(self, row: dict[str, Any]) -> bool:
        return any(a - SLACK <= row["done"] and row["sent"] <= b + SLACK for a, b in self.down)

    def _latencies(self, attempts: list[dict[str, Any]]) -> None:
        """Of those answered at the first attempt: beside the disturbance, and during it."""
        first = [r for r in attempts if r["status"] == 201 and r["sent"] - r["planned"] < 0.25]
        start = min((row["planned"] for row in attempts), default=0.0) + 2.0
        begin = self.disturbed_from or float("inf")
        during = [r for r in first if begin < r["planned"] < self.disturbed_to]
        beside = [r for r in first if r["planned"] < begin or r["planned"] > self.disturbed_to]
        beside = [r for r in beside if r["planned"] > start]
        self.result.p99_beside = quantile([r["done"] - r["planned"] for r in beside], 0.99)
        self.result.p99_during = quantile([r["done"] - r["planned"] for r in during], 0.99)

    def unmoved(self) -> None:
        """POST was no slower during the disturbance than beside it."""
        beside, during = self.result.p99_beside, self.result.p99_during
        need(during < 2 * beside + 0.25, f"p99 of POST went from {beside:.3f} s to {during:.3f} s")

    def _lived(self) -> None:
        """Every petition that was to be closed is, and no step of it was refused."""
        if self.crowd is None:
            return
        refused = [
            row for row in self.crowd.rows() if 400 <= row["status"] < 500
            and row["status"] not in (404, 409, 429)
        ]  # fmt: skip
        need(not refused, f"refused: {refused[:2]}")
        closed = {
            row["number"]
            for row in self.crowd.rows()
            if row["what"] == "closure" and "number" in row
        }
        begun = {row["key"] for row in self.crowd.rows() if row["what"] == "signature"}
        need(len(closed) == len(begun), f"{len(begun)} lives were begun, {len(closed)} closed")
        found = self.count("SELECT count(*) FROM supervision.case WHERE closed_at IS NOT NULL")
        need(
            found == len(closed), f"{len(closed)} closures were answered, {found} cases are closed"
        )


# -- making a scene --------------------------------------------------------------------------------


def template(servers: Servers) -> str:
    """A migrated database with the demonstration county's directory, to copy."""
    if TEMPLATE not in servers.cluster.databases():
        url = servers.cluster.create_database(TEMPLATE)
        migrations.migrate(url)
        load_directory(url)
    return TEMPLATE


def layout(*split: str) -> tuple[str, ...]:
    """One process a service, but one a role for the services named."""
    names: list[str] = []
    for service in SERVICES:
        roles = [r for r in ROLES if not (service == "console" and r == "worker")]
        names += [f"{service}/{role}" for role in roles] if service in split else [service]
    return tuple(names)


@contextmanager
def scene(
    servers: Servers,
    result: Result,
    processes: Iterable[str] = SERVICES,
    rate: float = 100.0,
    lives: int = 20,
) -> Iterator[Scene]:
    """A running site under load; everything is gone after the block. `rate` 0 makes no load."""
    servers.start()
    with ExitStack() as stack:
        name = f"drill_{uuid4().hex[:12]}"
        url = servers.cluster.create_database(name, template(servers))
        stack.callback(servers.cluster.drop_database, name)
        amqp = servers.broker.add_vhost(name)
        stack.callback(servers.broker.delete_vhost, name)
        stack.callback(servers.start)  # whatever the drill stopped
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="petition-drill-")))
        site = Site(url, amqp, state)
        stack.callback(site.stop_all)
        made = Scene(servers, site, result, stack)
        try:
            site.start_all(tuple(processes))
            if rate:
                made.crowd = Crowd(site, state / "attempts.jsonl", rate, lives)
                stack.callback(made.crowd.kill)
                made.recovered()
                time.sleep(WARM)
            yield made
        except BaseException:
            keep_logs(state, result)
            raise
        if "DRILL_LOGS" in os.environ:
            keep_logs(state, result)


def keep_logs(state: Path, result: Result) -> None:
    """Copies logs and attempts to where they outlive the drill; without DRILL_LOGS only a failed one's."""
    target = Path(os.environ.get("DRILL_LOGS", ".run/drills")) / f"{result.name}-{result.round}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in [*state.glob("*.log"), *state.glob("*.jsonl")]:
        shutil.copy(file, target)
