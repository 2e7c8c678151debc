"""The PostgreSQL side of a unit: locks and loads by `= ANY`, writes everything in one round trip.

psycopg2 sends several statements in one message, so a flush is one string, whatever it holds:
multi-row INSERTs and `UPDATE … FROM (VALUES …)`. Measured (docs/adr/0003): a command's nine writes in
one message cost a third of the same nine sent one by one under eventlet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from psycopg2.extras import Json
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from kit.envelope import Event
from kit.transaction import Transaction
from kit.unit import Changes, Cursor, LogEntry, Mapping, Model, Seen

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _json(value: Any) -> Any:
    return None if value is None else Json(value, dumps=_dumps)


def _same(value: Any) -> Any:
    return value


def _bytes(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _writer(column: Column[Any]) -> Callable[[Any], Any]:
    return _json if isinstance(column.type, JSONB) else _same


@cache
def _type(column: Column[Any]) -> str:
    return column.type.compile(dialect=DIALECT)


@cache
def _load_sql(mapping: Mapping) -> str:
    columns = ", ".join(f'"{name}"' for name in mapping.columns)
    live = f" AND ({mapping.live})" if mapping.live else ""
    return (
        f'SELECT {columns} FROM {mapping.table.fullname} WHERE "{mapping.subject}" = ANY(%s){live}'
    )


class SqlStore:
    """The store of one service in one transaction."""

    def __init__(self, model: Model, cursor: Transaction) -> None:
        self.model, self.cursor = model, cursor

    def lock(self, subjects: Sequence[str]) -> dict[str, Cursor]:
        table = self.model.tables.cursor.fullname
        select = (
            f"SELECT subject, own, seen FROM {table} WHERE subject = ANY(%s)"
            " ORDER BY subject FOR UPDATE"
        )
        self.cursor.execute(select, (list(subjects),))
        found = self._cursors()
        if missing := [subject for subject in subjects if subject not in found]:
            # A row must stand before it can be locked: two consumers may meet a new subject at once,
            # and the one that must wait has to see what the other applied (else it waits for ever).
            self.cursor.execute(
                f"INSERT INTO {table} (subject) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING",
                (missing,),
            )
            self.cursor.execute(select, (missing,))
            found |= self._cursors()
        return found

    def _cursors(self) -> dict[str, Cursor]:
        return {
            subject: Cursor(subject, own, {source: Seen(*seen) for source, seen in seens.items()})
            for subject, own, seens in self.cursor.fetchall()
        }

    def load(self, mapping: Mapping, subjects: Sequence[str]) -> list[Any]:
        self.cursor.execute(_load_sql(mapping), (list(subjects),))
        return [mapping.row(*map(_bytes, values)) for values in self.cursor.fetchall()]

    def waiting(self, subjects: Sequence[str]) -> list[bytes]:
        self.cursor.execute(
            f"SELECT envelope FROM {self.model.tables.waiting.fullname} WHERE subject = ANY(%s)",
            (list(subjects),),
        )
        return [bytes(body) for (body,) in self.cursor.fetchall()]

    # -- writing ---------------------------------------------------------------------------------

    def write(self, changes: Changes) -> None:
        statements = [
            *(self._insert_rows(mapping, rows) for mapping, rows in changes.inserts),
            *(self._update_rows(*update) for update in changes.updates),
            *self._write_events(changes.events),
            *self._write_cursors(changes.cursors),
            *self._write_waiting(changes),
            *self._write_audits(changes.audits),
            *self._write_answers(changes.answers),
        ]
        for statement in statements:
            self.cursor.defer(statement)

    def insert(
        self, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]], tail: str = ""
    ) -> str:
        """One INSERT of many rows, as text with its values in it."""
        writers = [_writer(table.c[name]) for name in names]
        values = self.values([w(v) for w, v in zip(writers, row, strict=True)] for row in rows)
        columns = ", ".join(f'"{name}"' for name in names)
        return f"INSERT INTO {table.fullname} ({columns}) VALUES {values}{tail}"

    def values(self, rows: Iterable[Sequence[Any]], types: Sequence[str] = ()) -> str:
        """`(…), (…)` with every value quoted by psycopg2, a row at a time."""
        mogrify = self.cursor.mogrify
        template = ""
        parts: list[str] = []
        for row in rows:
            if not template:
                casts = [f"%s::{t}" for t in types] or ["%s"] * len(row)
                template = "(" + ", ".join(casts) + ")"
            parts.append(mogrify(template, row))
        return ", ".join(parts)

    def _insert_rows(self, mapping: Mapping, rows: list[Any]) -> str:
        names = mapping.columns
        return self.insert(mapping.table, names, ([getattr(r, n) for n in names] for r in rows))

    def _update_rows(self, mapping: Mapping, touched: tuple[str, ...], rows: list[Any]) -> str:
        names = (*mapping.key, *touched)
        table = mapping.table
        writers = [_writer(table.c[name]) for name in names]
        values = self.values(
            ([w(getattr(r, n)) for w, n in zip(writers, names, strict=True)] for r in rows),
            [_type(table.c[name]) for name in names],
        )
        sets = ", ".join(f'"{name}" = v."{name}"' for name in touched)
        where = " AND ".join(f't."{name}" = v."{name}"' for name in mapping.key)
        columns = ", ".join(f'"{name}"' for name in names)
        return f"UPDATE {table.fullname} t SET {sets} FROM (VALUES {values}) v ({columns}) WHERE {where}"

    def _write_events(self, entries: list[LogEntry]) -> Iterable[str]:
        if not entries:
            return
        tables = self.model.tables
        names = (
            "event_id",
            "subject",
            "sequence",
            "type",
            "routing_key",
            "cc",
            "sealed",
            "envelope",
            "traceparent",
        )
        rows = (
            (e.event.id, e.event.subject, e.event.sequence, e.event.type)
            + (e.routing_key, e.cc, e.event.sealed, e.body, e.event.traceparent)
            for e in entries
        )
        logged = self.insert(tables.event_log, names, rows, " RETURNING position")
        yield (
            f"WITH logged AS ({logged}) INSERT INTO {tables.outbox.fullname} (position)"
            " SELECT position FROM logged"
        )

    def _write_cursors(self, cursors: list[Cursor]) -> Iterable[str]:
        if not cursors:
            return
        table = self.model.tables.cursor
        rows = ((c.subject, c.own, seen_of(c)) for c in sorted(cursors, key=lambda c: c.subject))
        yield self.insert(
            table,
            ("subject", "own", "seen"),
            rows,
            " ON CONFLICT (subject) DO UPDATE SET own = excluded.own, seen = excluded.seen",
        )

    def _write_waiting(self, changes: Changes) -> Iterable[str]:
        table = self.model.tables.waiting
        if changes.waiting:
            rows = ((*_waiting_key(event), changes.bodies[event.id]) for event in changes.waiting)
            names = ("subject", "source", "sequence", "envelope")
            yield self.insert(table, names, rows, " ON CONFLICT DO NOTHING")
        if changes.waited:
            keys = self.values(_waiting_key(event) for event in changes.waited)
            yield (
                f"DELETE FROM {table.fullname} WHERE (subject, source, sequence) IN (VALUES {keys})"
            )

    def _write_audits(self, audits: list[dict[str, Any]]) -> Iterable[str]:
        if audits:
            names = tuple(audits[0])
            rows = ([row[name] for name in names] for row in audits)
            yield self.insert(self.model.tables.audit_log, names, rows)

    def _write_answers(self, answers: list[tuple[str, str, str, bytes]]) -> Iterable[str]:
        if answers:
            table = self.model.tables.command_key.fullname
            values = self.values(answers)
            yield (
                f"UPDATE {table} k SET answer = v.answer FROM (VALUES {values})"
                " v (actor, route, key, answer)"
                " WHERE (k.actor, k.route, k.key) = (v.actor, v.route, v.key)"
            )


def seen_of(cursor: Cursor) -> dict[str, list[Any]]:
    return {s: [v.sequence, v.applied, v.digest] for s, v in cursor.seen.items()}


def _waiting_key(event: Event) -> tuple[str, str, int]:
    return event.subject, event.source, event.sequence
