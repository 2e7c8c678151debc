"""A small service for tests of the kit: rows of every type of column, events without contracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import MetaData, text

from kit import envelope
from kit.config import Settings
from kit.db import Database, connect
from kit.due import due_mapping
from kit.envelope import Event
from kit.identity import Visible
from kit.memory import MemoryStore
from kit.migrations import engine_for
from kit.rows import mapped, serial
from kit.tables import bus_tables
from kit.unit import Model
from tests.servers import fresh_database, template_of
from tool.local.servers import Servers

NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
SITE = "330282"
SOURCES = ("intake", "routing", "supervision")

metadata = MetaData(schema="thing")
bus = bus_tables(metadata)


@dataclass
class Thing:
    """A row with one column of every type that a row class may have."""

    id: str
    number: str
    text: str | None = None
    count: int | None = None
    flag: bool | None = None
    blob: bytes | None = None
    day: date | None = None
    at: datetime | None = None
    words: list[str] | None = None
    extra: dict[str, Any] | None = None


@dataclass
class Line:
    """An append-only row: what a handler saw, in the order in which it saw it."""

    number: str
    source: str
    sequence: int
    word: str


@dataclass
class Paper:
    """A row that commands act on: it says who may see it."""

    number: str
    offices: list[str]
    barred: list[str]
    state: str = "new"


@dataclass
class Note:
    """A row that few handlers ask for."""

    number: str
    ordinal: int
    word: str


PAPER = mapped(metadata, "paper", Paper, ("number",))
VISIBLE = Visible(PAPER.table.c.number, PAPER.table.c.offices, PAPER.table.c.barred)
THING = mapped(metadata, "thing", Thing, ("id",))
LINE = mapped(metadata, "line", Line, (), serial("id"), loaded=False)
NOTE = mapped(metadata, "note", Note, ("number", "ordinal"), rare=True)
MODEL = Model(
    source="thing",
    tables=bus,
    mappings=(THING, LINE, PAPER, NOTE, due_mapping(bus)),
    sources=SOURCES,
)


def event(
    subject: str,
    source: str,
    sequence: int,
    after: dict[str, int] | None = None,
    type_: str = "thing.happened",
    **data: Any,
) -> Event:
    """One event of another service."""
    return Event(
        id=envelope.new_id(),
        type=type_,
        source=source,
        site=SITE,
        subject=subject,
        time=NOW,
        sequence=sequence,
        after=after or {},
        data=data,
    )


def with_bytes(events: list[Event]) -> list[tuple[Event, bytes]]:
    """Events as `Inbox.apply` takes them."""
    return [(e, envelope.encode(e)) for e in events]


def note(unit: Any, event: Event) -> None:
    """A handler that writes down what it was given."""
    word = event.data.get("word", "")
    unit.add(Line(event.subject, event.source, event.sequence, word))


def memory() -> MemoryStore:
    return MemoryStore(MODEL)


def settings_for(url: str, service: str = "thing") -> Settings:
    """Settings of a service on a test database, with no broker."""
    env = {
        "DATABASE_URL": url,
        "AMQP_URL": "amqp://nowhere",
        "PETITION_SITE": SITE,
        f"{service.upper()}_PORT": "0",
    }
    return Settings.from_env(service, env)


def _prepare(url: str) -> None:
    with engine_for(url).begin() as connection:
        known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = 'thing'")).scalar()
        if not known:
            connection.execute(text("CREATE ROLE thing NOLOGIN"))
        connection.execute(text("CREATE SCHEMA thing AUTHORIZATION thing"))
        connection.execute(text("SET ROLE thing"))
        metadata.create_all(connection)


@pytest.fixture(scope="session")
def thing_template(servers: Servers) -> str:
    """A database with this service's tables, to copy: its name."""
    return template_of(servers, "template_thing", _prepare)


@pytest.fixture
def thing_url(servers: Servers, thing_template: str) -> Iterator[str]:
    """A database of this test alone, as administrator: for tests that break it."""
    with fresh_database(servers, thing_template) as url:
        yield url


@pytest.fixture(scope="session")
def shared_thing_db(servers: Servers, thing_template: str) -> Iterator[Database]:
    with fresh_database(servers, thing_template) as url:
        database = connect(settings_for(url), pool_size=10)
        yield database
        database.engine.dispose()


@pytest.fixture
def thing_db(shared_thing_db: Database) -> Database:
    """The service's database, emptied: a new one for each test would take half a second."""
    everything = "; ".join(f"DELETE FROM {table.fullname}" for table in metadata.sorted_tables)

    def empty() -> None:
        with shared_thing_db.connection() as connection:
            connection.exec_driver_sql(everything)

    shared_thing_db.retry(empty)  # the test before may have cut the connections
    return shared_thing_db


def rows(database: Database, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a query of the service's own schema gives."""
    with database.connection() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql, parameters or None)]


def lines(database: Database) -> list[tuple[str, str, int, str]]:
    """What the handlers wrote down, in order."""
    return rows(database, "SELECT number, source, sequence, word FROM thing.line ORDER BY id")


def count(database: Database, table: str) -> int:
    """How many rows a table holds."""
    return int(rows(database, f"SELECT count(*) FROM {table}")[0][0])


def terminate(database: Database) -> None:
    """Ends every other connection to this database, as its restart would."""
    with database.connection() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE NONE")
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
