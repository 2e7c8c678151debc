"""Work that takes long: rows of the `job` table, run one at a time by a plain process.

No eventlet here: a job may block, compute and use threads as it likes. Each service has its own table;
one process (`petition run-jobs`) serves the queues of all, and any number of such processes may run.

A job is taken with FOR UPDATE SKIP LOCKED and held by a lease: `run_at` is the moment from which any
runner may take it, and moves on while its runner lives. A runner that dies lets the lease run out, and
another takes the job; `attempts` then tells the two apart, so that the first cannot write over the
second. A job is therefore run at least once: what it does must bear to be done again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from prometheus_client import Counter, Histogram
from sqlalchemy import Connection, Engine, MetaData, create_engine, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from kit import audit, clock, keys
from kit import log as logs
from kit.role import take_role
from kit.sqlstore import SqlStore, asking
from kit.tables import bus_tables
from kit.transaction import Transaction
from kit.unit import Model, Unit

log = logging.getLogger(__name__)

ATTEMPTS = 3
LEASE = timedelta(seconds=60)
BACKOFF = (timedelta(seconds=30), timedelta(minutes=3))
"""What passes before the second and the third attempt."""
WAIT = timedelta(seconds=10)
"""What passes before a job is looked at again that must wait for another service."""
IDLE = 1.0
"""Seconds between two looks at empty queues."""
UPKEEP = 15.0
"""Seconds between two looks for expired leases and for what is due daily."""
VERIFY_AUDIT = "verify-audit"
YEAR_END = "year-end"
"""What is owed once a year; it is looked for daily."""
ZONE = ZoneInfo("Asia/Shanghai")

DONE = Counter("petition_jobs_total", "Jobs that ended", ["service", "kind", "outcome"])
SECONDS = Histogram(
    "petition_job_seconds",
    "Seconds that a job took",
    ["service", "kind"],
    buckets=(0.1, 1, 5, 15, 60, 300, 1800),
)


@dataclass(frozen=True)
class Task:
    """One attempt at one job, as the job's function sees it.

    Args:
        engine: connections in the service's own role and schema.
        attempt: 1, 2 or 3.
    """

    id: int
    service: str
    kind: str
    subject: str | None
    arguments: dict[str, Any]
    attempt: int
    engine: Engine


class Later(Exception):
    """A job cannot be done now, through no fault of its own: again after `WAIT`, as often as it takes."""


Job = Callable[[Task], Any]
"""Does the work; returns what is kept as the job's result (JSON, no personal data)."""


def enqueue(
    where: Unit | Connection,
    kind: str,
    arguments: Mapping[str, Any] | None = None,
    subject: str | None = None,
    run_at: datetime | None = None,
) -> int:
    """Asks for a job, in the caller's transaction: it exists once that commits.

    Args:
        where: a unit of work, or a connection whose search path is the service's schema.
        arguments: JSON; no personal data.
        subject: the petition, office or day that it is about.
        run_at: not before then; now by default.

    Returns: the job's id.
    """
    values = kind, subject, orjson.dumps(dict(arguments or {})).decode(), run_at or clock.now()
    if isinstance(where, Unit):
        return where.store.enqueue(values)
    return int(where.exec_driver_sql(asking("job"), values).scalar_one())


def plain_engine(url: str, service: str) -> Engine:
    """Blocking connections in the role and schema of a service, for processes without eventlet."""
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg2"),
        pool_size=2,
        pool_pre_ping=True,
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": 5,
            "application_name": f"petition jobs {service}",
            "options": f"-c lock_timeout=10000 -c jit=off -c timezone=UTC -c search_path={service}",
        },
    )

    take_role(engine, service)
    return engine


@contextmanager
def unit_of(task: Task, model: Model, site: str) -> Iterator[Unit]:
    """One transaction of a job as a unit of work; flushed and committed when the block ends well."""
    with unit_over(task.engine, model, site) as unit:
        yield unit


@contextmanager
def unit_over(engine: Engine, model: Model, site: str) -> Iterator[Unit]:
    """The same over any blocking engine (`plain_engine`)."""
    pooled = engine.raw_connection()
    try:
        connection: Any = pooled.driver_connection
        connection.autocommit = (
            True  # BEGIN and COMMIT travel with the statements (kit.transaction)
        )
        transaction = Transaction(pooled.cursor(), set())
        try:
            unit = Unit(model, SqlStore(model, transaction), clock.now(), site)
            yield unit
            unit.flush()
            transaction.commit()
        except BaseException:
            transaction.rollback()
            raise
    finally:
        pooled.invalidate()  # it has planned statements that the next one does not know of
        pooled.close()


# -- one service's queue ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Queue:
    """The jobs of one service, and what to do for each kind. Other kinds stay for other runners."""

    service: str
    engine: Engine
    registry: Mapping[str, Job]

    def take(self, lease: timedelta) -> Task | None:
        """The job that has waited longest becomes ours until the lease ends; None: nothing to do."""
        now = clock.now()
        with self.engine.begin() as connection:
            row = connection.exec_driver_sql(
                f"UPDATE {self._table} SET state = 'running', attempts = attempts + 1,"
                " started_at = %(now)s, run_at = %(until)s, error = NULL"
                f" WHERE id = (SELECT id FROM {self._table}"
                "   WHERE state = 'queued' AND run_at <= %(now)s AND kind = ANY(%(kinds)s)"
                "   ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
                " RETURNING id, kind, subject, arguments, attempts",
                {"now": now, "until": now + lease, "kinds": list(self.registry)},
            ).one_or_none()
        if row is None:
            return None
        return Task(
            row.id, self.service, row.kind, row.subject, row.arguments, row.attempts, self.engine
        )

    def renew(self, task: Task, lease: timedelta) -> bool:
        """Moves the end of the lease; False where the job is no longer ours."""
        return self._set(task, "run_at = %(until)s", until=clock.now() + lease)

    def finish(self, task: Task, result: Any) -> bool:
        """The job is done; False where another runner has it by now."""
        return self._set(
            task,
            "state = 'done', finished_at = %(now)s, result = %(result)s::jsonb",
            result=orjson.dumps(result).decode(),
        )

    def fail(self, task: Task, error: str, backoff: Sequence[timedelta]) -> bool:
        """The attempt failed: again after a while, or given up after the last."""
        if task.attempt >= ATTEMPTS:
            return self._set(
                task, "state = 'failed', finished_at = %(now)s, error = %(error)s", error=error
            )
        again = clock.now() + backoff[min(task.attempt, len(backoff)) - 1]
        return self._set(
            task,
            "state = 'queued', run_at = %(again)s, error = %(error)s",
            error=error,
            again=again,
        )

    def postpone(self, task: Task, until: datetime) -> bool:
        """It waits, and this attempt does not count."""
        return self._set(
            task, "state = 'queued', attempts = attempts - 1, run_at = %(until)s", until=until
        )

    def reclaim(self) -> int:
        """Takes back jobs whose runner let the lease run out. Returns how many."""
        with self.engine.begin() as connection:
            return connection.exec_driver_sql(
                f"UPDATE {self._table} SET error = 'the runner died',"
                " state = CASE WHEN attempts < %(most)s THEN 'queued' ELSE 'failed' END,"
                " finished_at = CASE WHEN attempts < %(most)s THEN NULL ELSE %(now)s END"
                " WHERE state = 'running' AND run_at <= %(now)s",
                {"now": clock.now(), "most": ATTEMPTS},
            ).rowcount

    def daily(self, kind: str, at: datetime) -> None:
        """Enqueues today's job of this kind if nobody has; runners ask one after another."""
        day = clock.local_date(at).isoformat()
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_advisory_xact_lock(hashtext(%s))", (f"job.daily:{self.service}",)
            )
            known = f"SELECT 1 FROM {self._table} WHERE kind = %s AND subject = %s"
            if connection.exec_driver_sql(known, (kind, day)).first() is None:
                enqueue(connection, kind, subject=day, run_at=at)

    @property
    def _table(self) -> str:
        return f'"{self.service}".job'

    def _set(self, task: Task, what: str, **values: Any) -> bool:
        with self.engine.begin() as connection:
            done = connection.exec_driver_sql(
                f"UPDATE {self._table} SET {what}"
                " WHERE id = %(id)s AND state = 'running' AND attempts = %(attempt)s",
                {"id": task.id, "attempt": task.attempt, "now": clock.now(), **values},
            )
        return done.rowcount == 1


# -- the runner ------------------------------------------------------------------------------------


class Runner:
    """Runs the jobs of several queues, one at a time, the queues in turn.

    Args:
        daily: kinds that every queue that knows them gets once a day, at this hour and minute of the
            office's time (`{"verify-audit": timedelta(hours=2)}`).
        lease, backoff: how long a sign of life counts, and what passes between attempts.
    """

    def __init__(
        self,
        queues: Sequence[Queue],
        daily: Mapping[str, timedelta] | None = None,
        lease: timedelta = LEASE,
        backoff: Sequence[timedelta] = BACKOFF,
    ) -> None:
        self.queues = list(queues)
        self.daily, self.lease, self.backoff = daily or {}, lease, backoff
        self.answers = False
        """Whether the database answered at the last look."""
        self._upkeep_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Runs jobs until `stop` is set; the job in hand is finished first."""
        while not stop.is_set():
            try:
                self._upkeep()
                busy = self.turn(stop)
                self.answers = True
            except DBAPIError as error:
                self.answers, busy = False, False
                log.warning("jobs.database", exc_info=error)
            if not busy:
                stop.wait(IDLE)

    def turn(self, stop: threading.Event | None = None) -> bool:
        """At most one job of every queue. Returns whether there was one."""
        busy = False
        for queue in self.queues:
            if stop is not None and stop.is_set():
                return busy
            if task := queue.take(self.lease):
                self._work(queue, task)
                busy = True
        return busy

    def _work(self, queue: Queue, task: Task) -> None:
        began = time.monotonic()
        told = {"service_": task.service, "kind": task.kind, "job": task.id, "try": task.attempt}
        try:
            with self._alive(queue, task):
                result = queue.registry[task.kind](task)
            outcome = "done" if queue.finish(task, result) else "lost"
        except Later:
            outcome = "later" if queue.postpone(task, clock.now() + WAIT) else "lost"
        except Exception as error:
            outcome = "failed" if task.attempt >= ATTEMPTS else "again"
            log.error("job.error", exc_info=error, extra=told)
            if not queue.fail(task, _short(error), self.backoff):
                outcome = "lost"
        SECONDS.labels(task.service, task.kind).observe(time.monotonic() - began)
        DONE.labels(task.service, task.kind, outcome).inc()
        log.info("job.ended", extra=told | {"outcome": outcome})

    @contextmanager
    def _alive(self, queue: Queue, task: Task) -> Iterator[None]:
        """Renews the lease from a thread of its own for as long as the job runs."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self.lease.total_seconds() / 3):
                try:
                    queue.renew(task, self.lease)
                except DBAPIError:  # the next beat may reach it
                    log.warning("job.lease", extra={"job": task.id})

        thread = threading.Thread(target=beat, name=f"lease of job {task.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _upkeep(self) -> None:
        if time.monotonic() < self._upkeep_at:
            return
        self._upkeep_at = time.monotonic() + min(UPKEEP, self.lease.total_seconds() / 2)
        now = clock.now()
        for queue in self.queues:
            queue.reclaim()
            for kind, hour in self.daily.items():
                if kind in queue.registry and (at := _midnight(now) + hour) <= now:
                    queue.daily(kind, at)


def _midnight(now: datetime) -> datetime:
    """The beginning of this day in the office's time zone."""
    return datetime.combine(clock.local_date(now), datetime.min.time(), ZONE)


def _short(error: BaseException) -> str:
    """What may be kept of an error: never a text that could quote a row (kit.log.describe)."""
    told = logs.describe(error)
    place = told["frames"][-1].rpartition("/")[2] if told["frames"] else ""
    parts = (told["type"], told.get("sqlstate"), told.get("text"), place)
    return " | ".join(str(part) for part in parts if part)


# -- a job that every service has ------------------------------------------------------------------


def verify_audit(key_folder: Path, task: Task) -> dict[str, Any]:
    """Checks a service's whole audit chain and its signed heads (kit.audit).

    Returns: `whole`, the number of chained `rows`, and where it is broken: `position`, `head` (a day).
    """
    tables = bus_tables(MetaData(schema=task.service))
    key = keys.load_public(key_folder)[task.service]
    with task.engine.connect() as connection:
        position = audit.verify(connection, tables.audit_log)
        head = audit.verify_heads(connection, tables.audit_log, tables.audit_head, key)
        rows = connection.scalar(select(func.max(tables.audit_log.c.chain_position))) or 0
    return {
        "whole": position is None and head is None,
        "rows": rows,
        "position": position,
        "head": head.isoformat() if head else None,
    }
