"""The tables that every service has, made in its own schema by `bus_tables(metadata)`.

event_log  what happened here, in bytes as published; append-only, kept
outbox     positions of event_log still to publish; tiny by design
cursor     one row per subject: own sequence, and what was applied of every other source (ADR 0002)
waiting    events that came before their turn
parked     messages that could not be read or applied
command_key  Idempotency-Key → the answer that was given
office     projection of the directory of offices, for the scope function
counter    the last number taken of each series: of petitions a day, of papers an office, kind and year
due        what falls due: warnings and misses
job        work for the `jobs` role
audit_log, audit_head  who did and read what, chained
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from kit.audit import Xid8, audit_columns, audit_head_columns

FORGOTTEN = text("actor NOT LIKE 'tool:%'")
"""Whose idempotency keys are forgotten after a while. The tool's are kept: by them an import knows which
rows of a register are in already, also next year."""


def instant(name: str, **kwargs: object) -> Column[object]:
    """A column for an aware UTC instant."""
    return Column(name, DateTime(timezone=True), **kwargs)  # type: ignore[arg-type]


@dataclass(frozen=True)
class BusTables:
    """The kit's tables of one service."""

    event_log: Table
    outbox: Table
    cursor: Table
    waiting: Table
    parked: Table
    command_key: Table
    office: Table
    counter: Table
    due: Table
    job: Table
    audit_log: Table
    audit_head: Table


def bus_tables(metadata: MetaData) -> BusTables:
    """Adds the kit's tables to a service's metadata (whose schema is the service's name)."""
    return BusTables(
        event_log=_event_log(metadata),
        outbox=Table(
            "outbox",
            metadata,
            Column("position", BigInteger, primary_key=True, autoincrement=False),
            Column("shard", SmallInteger, nullable=False, server_default="0"),
        ),
        cursor=Table(
            "cursor",
            metadata,
            Column("subject", Text, primary_key=True),
            Column("own", Integer, nullable=False, server_default="0"),
            Column("seen", JSONB, nullable=False, server_default="{}"),
        ),
        waiting=_waiting(metadata),
        parked=_parked(metadata),
        command_key=_command_key(metadata),
        office=_office(metadata),
        counter=Table(
            "counter",
            metadata,
            Column("series", Text, primary_key=True),
            Column("last", Integer, nullable=False),
        ),
        due=_due(metadata),
        job=_job(metadata),
        audit_log=Table("audit_log", metadata, *audit_columns()),
        audit_head=Table("audit_head", metadata, *audit_head_columns()),
    )


def _event_log(metadata: MetaData) -> Table:
    return Table(
        "event_log",
        metadata,
        Column("position", BigInteger, primary_key=True),
        Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
        Column("event_id", UUID(as_uuid=False), nullable=False),
        Column("subject", Text, nullable=False),
        Column("sequence", Integer, nullable=False),
        Column("type", Text, nullable=False),
        Column("routing_key", Text, nullable=False),
        Column("cc", Text),
        Column("sealed", Boolean, nullable=False, server_default=text("false")),
        Column("envelope", LargeBinary, nullable=False),
        Column("traceparent", Text),
        instant("recorded_at", nullable=False, server_default=text("now()")),
        Index("event_log_subject_sequence", "subject", "sequence", unique=True),
        Index("event_log_feed", "xid", "position"),
    )


def _waiting(metadata: MetaData) -> Table:
    return Table(
        "waiting",
        metadata,
        Column("subject", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("sequence", Integer, primary_key=True),
        Column("envelope", LargeBinary, nullable=False),
        instant("since", nullable=False, server_default=text("now()")),
    )


def _parked(metadata: MetaData) -> Table:
    return Table(
        "parked",
        metadata,
        Column("id", BigInteger, primary_key=True),
        Column("queue", Text, nullable=False),
        Column("source", Text),
        Column("subject", Text),
        Column("sequence", Integer),
        Column("reason", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("size", Integer, nullable=False),
        instant("parked_at", nullable=False, server_default=text("now()")),
        instant("resolved_at"),
        Column("resolution", Text),
        Column("resolved_by", Text),
        Column("note", Text),
        # one open row an event, however often it is delivered
        Index(
            "parked_open_event",
            "source",
            "subject",
            "sequence",
            unique=True,
            postgresql_where=text("resolved_at IS NULL AND subject IS NOT NULL"),
        ),
        Index("parked_open", "id", postgresql_where=text("resolved_at IS NULL")),
    )


def _command_key(metadata: MetaData) -> Table:
    return Table(
        "command_key",
        metadata,
        Column("actor", Text, primary_key=True),
        Column("route", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("body_hash", LargeBinary, nullable=False),
        # sealed by kit.vault: an answer may hold a query code or what a person wrote
        Column("answer", LargeBinary),
        instant("at", nullable=False, server_default=text("now()")),
        Index("command_key_at", "at", postgresql_where=FORGOTTEN),
    )


def _office(metadata: MetaData) -> Table:
    return Table(
        "office",
        metadata,
        Column("id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("short_name", Text, nullable=False),
        Column("parent", Text),
        Column("division", Text, nullable=False),
        Column("level", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("categories", ARRAY(Text), nullable=False, server_default="{}"),
        instant("valid_from"),
        instant("valid_to"),
        Column("successors", ARRAY(Text), nullable=False, server_default="{}"),
        Column("body_levels", ARRAY(Text), nullable=False, server_default="{}"),
        Column("address", Text),
        Column("phone", Text),
        Column("hours", Text),
        Column("threshold", Double),
    )


def _due(metadata: MetaData) -> Table:
    return Table(
        "due",
        metadata,
        Column("id", BigInteger, primary_key=True),
        Column("subject", Text, nullable=False),
        Column("item", Text, nullable=False),
        Column("kind", Text, nullable=False),
        instant("due_at", nullable=False),
        instant("fired_at"),
        Index("due_open", "due_at", postgresql_where=text("fired_at IS NULL")),
        Index("due_item", "item", "kind", unique=True),
        Index("due_subject", "subject"),
    )


def _job(metadata: MetaData) -> Table:
    return Table(
        "job",
        metadata,
        Column("id", BigInteger, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("subject", Text),
        Column("arguments", JSONB, nullable=False, server_default="{}"),
        Column("state", Text, nullable=False, server_default="queued"),
        Column("attempts", SmallInteger, nullable=False, server_default="0"),
        Column("result", JSONB),
        Column("error", Text),
        instant("run_at", nullable=False, server_default=text("now()")),
        instant("started_at"),
        instant("finished_at"),
        Index("job_finished", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
        Index("job_queued", "run_at", postgresql_where=text("state = 'queued'")),
    )
