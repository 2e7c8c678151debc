"""The two systems under the bench: ours as it is shipped, and the plain one; each started afresh.

A round begins with a database copied from a template, an empty virtual host and new processes, so
that rounds of the two can be interleaved and none inherits anything.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
from sqlalchemy import create_engine, make_url

from kit import keys
from tests.bench import traffic
from tool.local import ports
from tool.local.process import Process, tail
from tool.local.servers import Servers

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / ".run"
PETITION = (sys.executable, "-m", "tool.main")
OWNERS = ("intake", "routing", "supervision", "stats")
"""The services that own a schema of petition data."""
READY_SECONDS = 30.0
COUNT_SECONDS = 120.0
"""Seconds within which everything that was accepted must have been counted."""


class BenchError(Exception):
    """The bench cannot go on; the message says why."""


class Stuck(BenchError):
    """What was accepted was not counted in time."""


@dataclass
class Running:
    """One system at work on a database of its own."""

    name: str
    ports: dict[str, int]
    roots: dict[str, int]
    """Process ids by name, database and broker included."""
    database_url: str
    amqp_url: str
    vhost: str
    keys: Path
    logs: Path

    def __post_init__(self) -> None:
        self._connection: Any = None

    @property
    def door(self) -> int:
        """The port that takes POST /petitions."""
        return self.ports["intake"]

    @property
    def processes(self) -> dict[str, int]:
        """The system's own processes, without database and broker."""
        return {n: p for n, p in self.roots.items() if n not in ("database", "broker")}

    def registrations(self) -> traffic.Registrations:
        """Endless registrations for this system."""
        return traffic.Registrations(traffic.officer(self.keys, "330282-xfj", "clerk", "triage"))

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, asked as the database's owner."""
        if self._connection is None:
            self._connection = psycopg2.connect(self.database_url)
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())

    def close(self) -> None:
        """Closes the bench's own connection."""
        if self._connection is not None:
            self._connection.close()

    def counts(self) -> dict[str, int]:
        """What stats has counted, by measure."""
        return {m: int(n) for m, n in self.query(
            "SELECT measure, sum(n) FROM (SELECT measure, n FROM stats.tally UNION ALL SELECT measure, n FROM"
            " stats.by_day WHERE (axis, place, dim) = ('division', '', '')) t GROUP BY measure"
        )}  # fmt: skip

    def backlog(self) -> int:
        """Events not yet published, held back or parked, of all services."""
        tables = [f"{service}.{table}" for service in OWNERS for table in ("outbox", "waiting")]
        parts = [f"SELECT count(*) AS n FROM {table}" for table in tables]
        parts += [f"SELECT count(*) FROM {s}.parked WHERE resolved_at IS NULL" for s in OWNERS]
        return int(self.query(f"SELECT sum(n) FROM ({' UNION ALL '.join(parts)}) q")[0][0])

    def steps(self, number: str) -> int:
        """How many steps of one petition stats has counted."""
        sql = "SELECT count(*) FROM stats.transition WHERE number = %s"
        return int(self.query(sql, number)[0][0])

    def await_counted(self, wanted: Mapping[str, int], last: str = "", steps: int = 3) -> None:
        """Waits until stats has counted at least so many of each measure.

        Args:
            last: the number posted last, asked for first since that costs next to nothing.
            steps: how many steps it will have had.

        Raises Stuck when it takes too long.
        """
        deadline = time.monotonic() + COUNT_SECONDS
        while last and self.steps(last) < steps and time.monotonic() < deadline:
            time.sleep(0.02)
        while True:
            counts = self.counts()
            if all(counts.get(measure, 0) >= n for measure, n in wanted.items()):
                return
            if time.monotonic() > deadline:
                raise Stuck(f"{self.name}: counted {counts} of {dict(wanted)}; logs: {self.logs}")
            time.sleep(0.05)


def queues(servers: Servers, vhost: str) -> dict[str, int]:
    """Messages by queue, whether ready or unacknowledged."""
    text = servers.broker.ctl("list_queues", "-p", vhost, "--no-table-headers", "name", "messages")
    return {name: int(n) for name, n in (line.split() for line in text.splitlines() if line)}


class System:
    """What both systems have in common: a template database, fresh rounds."""

    name = ""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.home = servers.state / f"bench-{self.name}"
        self.state = self.home / "state"
        self.template = f"bench_{self.name}"

    def prepare(self) -> None:
        """Makes the template database and the keys, once."""
        if self.template in self.servers.cluster.databases():
            return
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys.ensure(self.state / "keys")
        self.fill(self.servers.cluster.create_database(self.template))

    def fill(self, url: str) -> None:
        """Makes tables and directory in the template."""
        raise NotImplementedError

    def commands(
        self, chosen: Mapping[str, int]
    ) -> dict[str, tuple[Sequence[str], dict[str, str]]]:
        """Name → command and further environment of each process; `chosen` are the ports."""
        raise NotImplementedError

    def port_names(self) -> Sequence[str]:
        """The names for which ports are wanted."""
        raise NotImplementedError

    @contextmanager
    def fresh(self, template: str | None = None) -> Iterator[Running]:
        """A system just started on a copy of the template, gone when the block ends."""
        self.prepare()
        name = f"{self.template}_{uuid4().hex[:8]}"
        url = self.servers.cluster.create_database(name, template or self.template)
        amqp = self.servers.broker.add_vhost(name)
        try:
            with self.started(url, amqp, name) as running:
                yield running
        finally:
            self.servers.broker.delete_vhost(name)
            self.servers.cluster.drop_database(name)

    @contextmanager
    def started(self, url: str, amqp: str, vhost: str) -> Iterator[Running]:
        """The system's processes on this database and virtual host."""
        logs = self.home / f"log-{vhost}"
        logs.mkdir()
        chosen = ports.keep(logs / "ports.json", self.port_names())
        env = {
            **os.environ,
            "DATABASE_URL": url,
            "AMQP_URL": amqp,
            "PETITION_STATE": str(self.state),
            "PYTHONPATH": str(ROOT),
            **{f"{n.upper()}_PORT": str(p) for n, p in chosen.items()},
        }
        processes: dict[str, Process] = {}
        running = None
        try:
            for name, (command, more) in self.commands(chosen).items():
                processes[name] = Process(logs / f"{name}.json")
                processes[name].spawn(command, env | more, logs / f"{name}.log")
            roots = {n: int(p.pid or 0) for n, p in processes.items()} | self._servers()
            running = Running(self.name, chosen, roots, url, amqp, vhost, self.state / "keys", logs)
            self._await_ready(running, processes)
            yield running
        finally:
            if running:
                running.close()
            for process in processes.values():
                process.send(signal.SIGTERM)
            for process in processes.values():
                process.stop(grace=20)

    def _servers(self) -> dict[str, int]:
        records = {
            "broker": self.servers.broker.home / "node.json",
            "database": self.servers.cluster.home / "server.json",
        }
        return {name: int(Process(record).pid or 0) for name, record in records.items()}

    def _await_ready(self, running: Running, processes: Mapping[str, Process]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        for name, port in running.ports.items():
            while not answers(port, "/ready"):
                dead = next((n for n, p in processes.items() if not p.pid), None)
                if dead or time.monotonic() > deadline:
                    log = running.logs / f"{dead or name}.log"
                    raise BenchError(f"{dead or name} did not start:\n{tail(log, 30)}")
                time.sleep(0.05)


def answers(port: int, path: str) -> bool:
    """Whether a server answers 200 there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Ours(System):
    """The shipped configuration: tokens, scope, encryption and audit on, one process a service."""

    name = "ours"

    def fill(self, url: str) -> None:
        self.petition(url, "migrate")
        load_directory(url)

    def petition(self, url: str, *arguments: str, seconds: float = 300) -> str:
        """Runs the command line on a database; returns what it printed. Raises BenchError."""
        env = {**os.environ, "DATABASE_URL": url, "PETITION_STATE": str(self.state)}
        done = subprocess.run(
            [*PETITION, *arguments], env=env, capture_output=True, text=True, check=False,
            timeout=seconds, cwd="/",
        )  # fmt: skip
        if done.returncode:
            raise BenchError(f"petition {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def stored(self, petitions: int) -> str:
        """A template in which so many petitions of the past lie; returns its name."""
        name = f"{self.template}_{petitions}"
        if name not in self.servers.cluster.databases():
            self.prepare()
            url = self.servers.cluster.create_database(name, self.template)
            number = str(petitions)
            self.petition(url, "generate", "--petitions", number, "--seed", "1", seconds=3600)
            vacuum(url)
        return name

    def port_names(self) -> Sequence[str]:
        return [*OWNERS, *(["console"] if find_spec("console.service") else [])]

    def commands(
        self, chosen: Mapping[str, int]
    ) -> dict[str, tuple[Sequence[str], dict[str, str]]]:
        return {name: ((*PETITION, "run", name), {}) for name in chosen}


def load_directory(url: str) -> None:
    """Offices into every service's projection; divisions and categories into routing."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    offices = [
        {
            "id": o.id, "name": o.name, "short_name": o.short_name, "parent": o.parent,
            "division": o.division, "level": o.level, "kind": o.kind,
            "categories": list(o.categories), "valid_from": None, "valid_to": None,
        }
        for o in traffic.site().offices
    ]  # fmt: skip
    routing = import_module("routing.store")
    with engine.begin() as connection:
        for service in OWNERS:
            connection.execute(import_module(f"{service}.store").bus.office.insert(), offices)
        rows = [
            {
                "code": d.code,
                "name": d.name,
                "level": d.level,
                "statistical_only": d.statistical_only,
            }
            for d in traffic.site().divisions
        ]
        connection.execute(routing.division.insert(), rows)
        rows = [
            {
                "id": c.id,
                "parent": c.parent,
                "name": c.name,
                "source_code": c.source_code,
                "successors": [],
            }
            for c in traffic.site().categories
        ]
        connection.execute(routing.category.insert(), rows)
    engine.dispose()
    vacuum(url)


def vacuum(url: str) -> None:
    """As autovacuum would leave it."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


@dataclass(frozen=True)
class Tuning:
    """How the plain pipeline is set up."""

    workers: int = 2
    threads: int = 8
    concurrency: int = 2
    prefetch: int = 32


class Plain(System):
    """Flask + gunicorn + Celery on the same tables. The tuning is the best that was measured."""

    name = "plain"

    def __init__(self, servers: Servers, tuning: Tuning | None = None) -> None:
        super().__init__(servers)
        self.tuning = tuning or Tuning()

    def fill(self, url: str) -> None:
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
        for service in OWNERS:
            metadata = import_module(f"{service}.store").metadata
            with engine.begin() as connection:
                connection.exec_driver_sql(f"CREATE SCHEMA {service}")
                metadata.create_all(connection)
        engine.dispose()
        load_directory(url)

    def port_names(self) -> Sequence[str]:
        return ["intake"]

    def commands(
        self, chosen: Mapping[str, int]
    ) -> dict[str, tuple[Sequence[str], dict[str, str]]]:
        tuning = self.tuning
        web = (
            sys.executable, "-W", "ignore", "-m", "gunicorn", "--worker-class", "gthread",
            "--workers", str(tuning.workers), "--threads", str(tuning.threads),
            "--keep-alive", "75", "--bind", f"127.0.0.1:{chosen['intake']}", "--chdir", str(ROOT),
            "tests.bench.baseline.app:app",
        )  # fmt: skip
        worker = (
            sys.executable, "-W", "ignore", "-m", "celery", "--app", "tests.bench.baseline.tasks",
            "--workdir", str(ROOT), "worker", "--pool", "prefork",
            "--concurrency", str(tuning.concurrency), "--loglevel", "WARNING", "-O", "fair",
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        )  # fmt: skip
        env = {"PLAIN_PREFETCH": str(tuning.prefetch), "C_FORCE_ROOT": "1"}
        return {"gunicorn": (web, env), "celery": (worker, env)}
