"""Migrations: each service's own schema, by Alembic, as a step of its own before the new version runs."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from typing import Any

from alembic import command, context
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from kit.keys import SERVICES

# What a role may do beyond reading: the record is appended to, never rewritten.
_APPEND_ONLY = ("event_log",)
_AUDIT_COLUMNS = "chain_position, chained_at, digest, salts, reason_sealed"
_QUEUE_TABLES = ("outbox", "waiting", "due")
_LOCK = 7215


def engine_for(url: str) -> Engine:
    """An owner's engine; psycopg2 by name (SQLAlchemy 2.1 would take psycopg 3).

    It keeps no connection: nobody may be connected to a database that is to be copied or dropped.
    """
    return create_engine(make_url(url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)


def metadata_of(service: str) -> MetaData:
    """A service's tables."""
    metadata: MetaData = import_module(f"{service}.store").metadata
    return metadata


def migrate(url: str) -> None:
    """Makes roles and schemas and brings every service's tables up to date. Safe to run at once twice.

    Args:
        url: of the database's owner.
    """
    with engine_for(url).connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        for service in SERVICES:
            _prepare(connection, service)
            connection.commit()
            config = config_for(service)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            grant(connection, service)
            connection.commit()


def check(url: str) -> list[str]:
    """The services whose tables and migrations differ."""
    differing = []
    with engine_for(url).connect() as connection:
        for service in SERVICES:
            config = config_for(service)
            config.attributes["connection"] = connection
            try:
                command.check(config)
            except CommandError as error:
                differing.append(f"{service}: {error}")
    return differing


def config_for(service: str) -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(files(service) / "migrations"))
    config.attributes["service"] = service
    return config


def run_env() -> None:
    """What each service's `migrations/env.py` does."""
    service = context.config.attributes["service"]
    connection: Connection = context.config.attributes["connection"]
    connection.execute(text("SET lock_timeout = '4s'"))
    context.configure(
        connection=connection,
        target_metadata=metadata_of(service),
        version_table_schema=service,
        include_schemas=True,
        include_name=lambda name, type_, parents: _own(service, name, type_, parents),
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _own(service: str, name: str | None, type_: str, _parents: Any) -> bool:
    if type_ == "schema":
        return name == service
    return not (type_ == "table" and name == "alembic_version")


def _prepare(connection: Connection, service: str) -> None:
    found = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": service}
    ).scalar()
    if not found:
        connection.execute(text(f'CREATE ROLE "{service}" NOLOGIN'))
    connection.execute(text(f'GRANT "{service}" TO CURRENT_USER'))
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{service}"'))


def grant(connection: Connection, service: str) -> None:
    """What a service's role may do to its tables, and how they are stored."""
    statements = [
        f'GRANT USAGE ON SCHEMA "{service}" TO "{service}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{service}" TO "{service}"',
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{service}" TO "{service}"',
        *(f'REVOKE UPDATE, DELETE ON "{service}".{t} FROM "{service}"' for t in _APPEND_ONLY),
        f'REVOKE UPDATE, DELETE ON "{service}".audit_log FROM "{service}"',
        f'GRANT UPDATE ({_AUDIT_COLUMNS}) ON "{service}".audit_log TO "{service}"',
        # queues turn over completely: vacuum by number of rows, not by share of the table
        *(
            f'ALTER TABLE "{service}".{t} SET (autovacuum_vacuum_scale_factor = 0,'
            " autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)"
            for t in _QUEUE_TABLES
        ),
    ]
    # rows that change keep room on their page, so that a change touches no index (HOT)
    statements += [
        f"ALTER TABLE {table.fullname} SET (fillfactor = 80)"
        for table in metadata_of(service).tables.values()
        if table.name not in (*_APPEND_ONLY, "audit_log", "outbox", "timeline", "transition")
    ]
    for statement in statements:
        connection.execute(text(statement))
