"""The database of one service: engine, transactions, and what counts as a passing failure.

psycopg2 under eventlet, always `postgresql+psycopg2://` (psycopg 3 freezes the hub: tech.md 2).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import orjson
import psycopg2
import psycopg2.extensions
from eventlet.hubs import trampoline
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from kit import clock
from kit.config import Settings
from kit.role import take_role
from kit.sqlstore import SqlStore
from kit.transaction import Transaction
from kit.unit import Mapping, Model, Unit, View

ANSWER_TIMEOUT = 30.0
"""Seconds that the wait for one answer of the database may last; statement_timeout is shorter."""
TRANSIENT_STATES = ("08", "40", "53", "55", "57")
"""SQLSTATE classes that pass by themselves: connection, rollback (deadlock, serialization), resources,
lock not available, operator intervention (shutdown, statement time-out)."""

T = TypeVar("T")


class Unavailable(Exception):
    """The database does not answer now. Nothing was decided; try again."""

    @classmethod
    def because(cls, error: BaseException) -> Unavailable:
        """With the first line of what happened: further ones may quote a row."""
        return cls(str(error).partition("\n")[0] or type(error).__name__)


def _wait(connection: Any) -> None:
    """Cooperative wait for PostgreSQL that ends: eventlet's own never times out (eventlet#436)."""
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        trampoline(
            connection.fileno(),
            read=state == psycopg2.extensions.POLL_READ,
            write=state == psycopg2.extensions.POLL_WRITE,
            timeout=ANSWER_TIMEOUT,
            timeout_exc=psycopg2.OperationalError(f"no answer within {ANSWER_TIMEOUT:.0f} s"),
        )


def make_engine(settings: Settings, pool_size: int) -> Engine:
    """The engine of a service: its role, its time-outs, its pool.

    Args:
        pool_size: connections kept at most; more askers wait up to 5 s.
    """
    url = make_url(settings.database_url).set(drivername="postgresql+psycopg2")
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,  # the connections that have planned their statements
        isolation_level="AUTOCOMMIT",  # transactions are begun by name: `connection`, `unit`
        json_deserializer=orjson.loads,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        connect_args={
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "application_name": f"petition {settings.service}",
            "options": (
                "-c statement_timeout=15000 -c lock_timeout=10000 -c jit=off -c timezone=UTC"
                " -c idle_in_transaction_session_timeout=60000"
                # What is planned once (kit.transaction) is planned for any value, and perhaps while the
                # table is empty: then reading it whole looks cheap, and stays so until it is analysed.
                " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
                f" -c search_path={settings.service} -c standard_conforming_strings=on"
            ),
        },
    )

    take_role(engine, settings.service)
    return engine


def is_transient(error: BaseException) -> bool:
    """True for a failure of the database that passes by itself; the same work may be done again."""
    if isinstance(error, Unavailable | PoolTimeout):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg2.InterfaceError):
        return True
    if isinstance(cause, psycopg2.Error):
        return cause.pgcode[:2] in TRANSIENT_STATES if cause.pgcode else _is_lost(cause)
    return isinstance(error, OperationalError)


def _is_lost(error: psycopg2.Error) -> bool:
    """An error without a state comes from libpq, not from the server: the connection is gone. Where
    libpq says nothing at all, psycopg2 raises a bare DatabaseError (its pqpath.c)."""
    return isinstance(error, psycopg2.OperationalError) or type(error) is psycopg2.DatabaseError


def _is_gone(error: BaseException) -> bool:
    """Whether this error of a raw cursor says that the connection is of no use any more."""
    if not isinstance(error, psycopg2.Error):
        return False
    if error.pgcode:
        return error.pgcode.startswith(("08", "57P"))
    return isinstance(error, psycopg2.InterfaceError) or _is_lost(error)


class Database:
    """Transactions of one service. Shared by all greenthreads of a process."""

    def __init__(self, engine: Engine, site: str, wake: Callable[[], None] = lambda: None) -> None:
        self.engine, self.site, self.wake = engine, site, wake

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads: each statement by itself, no BEGIN, no COMMIT."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One transaction over SQLAlchemy; commits at the end, rolls back on an error."""
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="READ COMMITTED")
            with connection.begin():
                yield connection

    @contextmanager
    def transaction(self, reading: bool = False) -> Iterator[Transaction]:
        """One transaction in few messages; commits at the end, rolls back on an error.

        Args:
            reading: each message is a transaction by itself.
        """
        pooled = self.engine.raw_connection()
        try:
            prepared = pooled.info.setdefault("prepared", set())
            transaction = Transaction(pooled.cursor(), prepared, reading)
            try:
                yield transaction
                transaction.commit()
            except BaseException as error:
                self._undo(pooled, transaction, error)
                raise
        finally:
            pooled.close()

    def _undo(self, pooled: Any, transaction: Transaction, error: BaseException) -> None:
        """Rolls back; where that cannot be, the connection is given up, and a lost one means all of
        them (SQLAlchemy does not see the errors of a raw cursor)."""
        try:
            if not _is_gone(error):
                transaction.rollback()
                return
        except psycopg2.Error as second:
            error = second
        pooled.invalidate(error)
        if _is_gone(error):
            self.engine.dispose()

    @contextmanager
    def unit(self, model: Model, traceparent: str | None = None) -> Iterator[Unit]:
        """One transaction as a unit of work: flushed and committed when the block ends well."""
        with self.transaction() as transaction:
            store = SqlStore(model, transaction)
            unit = Unit(model, store, clock.now(), self.site, traceparent)
            yield unit
            unit.flush()
        if unit.changes.events:
            self.wake()

    def view(self, model: Model, subject: str, *mappings: Mapping) -> View | None:
        """One subject and its rows as they stand at this moment, in one message, without a lock; None
        where nothing is known of it. Whether somebody may see it is for the caller to ask."""
        with self.transaction(reading=True) as transaction:
            cursors, rows = SqlStore(model, transaction).read([subject], mappings)
        if subject not in cursors:
            return None
        found = zip(mappings, rows, strict=True)
        return View(cursors[subject], {mapping.row: rows for mapping, rows in found})

    def retry(self, work: Callable[[], T], attempts: int = 3) -> T:
        """Does the work again after a passing failure; safe because commands carry a key.

        Raises `Unavailable` when the last attempt fails too.
        """
        for attempt in range(attempts):
            try:
                return work()
            except Exception as error:
                if not is_transient(error):
                    raise
                if attempt == attempts - 1:
                    raise Unavailable.because(error) from error
                time.sleep(0.05 * 4**attempt)
        raise AssertionError("unreachable")

    def ready(self) -> None:
        """Raises where the database does not answer."""
        with self.reading() as connection:
            connection.exec_driver_sql("SELECT 1")


def connect(
    settings: Settings, pool_size: int = 20, wake: Callable[[], None] = lambda: None
) -> Database:
    """Engine and `Database` of one process; `wake` is called after each commit that emitted events."""
    psycopg2.extensions.set_wait_callback(_wait)
    return Database(make_engine(settings, pool_size), settings.site, wake)
