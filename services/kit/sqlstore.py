"""The PostgreSQL side of a unit: locks and loads in one message, writes everything in another.

psycopg2 sends several statements in one message, so a flush is one, whatever it holds. Rows travel as
one JSON text a table: out, orjson makes it of the row objects and PostgreSQL reads it by the table's own
row type; in, PostgreSQL makes it of the rows of all tables and orjson reads it. Measured (ADR 0003):
1.3 µs of Python and 15 µs of PostgreSQL a row, where quoted VALUES took 22 and 22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Date, DateTime, LargeBinary, Table

from kit.envelope import Event
from kit.transaction import Statement, Transaction
from kit.unit import Changes, Cursor, LogEntry, Mapping, Model, Seen

Call = tuple[Statement, str]
"""A statement and the JSON text that it is given."""


def quoted(names: Iterable[str], of: str = "") -> str:
    """Column names for a statement."""
    return ", ".join(f'{of}"{name}"' for name in names)


# -- writing ---------------------------------------------------------------------------------------


def _json(rows: Sequence[Any]) -> str:
    """Rows (dataclasses or dictionaries) as PostgreSQL reads them: a list, or alone what is alone."""
    return orjson.dumps(rows if len(rows) > 1 else rows[0], default=_hex).decode()


def _hex(value: Any) -> str:
    """bytea as PostgreSQL reads it."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} cannot be written")


def _rows(table: Table, many: bool) -> str:
    """The parameter as rows of the table's type."""
    function = "json_populate_recordset" if many else "json_populate_record"
    return f"{function}(NULL::{table.fullname}, $1)"


def insert(table: Table, names: Sequence[str], rows: Sequence[Any], tail: str = "") -> Call:
    """One INSERT of some rows (dataclasses or dictionaries)."""
    return _insert(table, tuple(names), len(rows) > 1, tail), _json(rows)


def update(table: Table, key: Sequence[str], names: Sequence[str], rows: Sequence[Any]) -> Call:
    """One UPDATE of some rows, found by `key`; only `names` are written."""
    wanted = (*key, *names)
    values = [
        row if isinstance(row, dict) else {name: getattr(row, name) for name in wanted}
        for row in rows
    ]
    return _update(table, tuple(key), tuple(names), len(rows) > 1), _json(values)


@cache
def _insert(table: Table, names: tuple[str, ...], many: bool, tail: str) -> Statement:
    columns = quoted(names)
    rows = _rows(table, many)
    return Statement(
        "json", f"INSERT INTO {table.fullname} ({columns}) SELECT {columns} FROM {rows}{tail}"
    )


@cache
def _update(table: Table, key: tuple[str, ...], names: tuple[str, ...], many: bool) -> Statement:
    if not many:
        new = f"SELECT {quoted(names)} FROM {_rows(table, many)}"
        sets = f"({quoted(names)}) = ({new})"
        return Statement("json", f"UPDATE {table.fullname} SET {sets} WHERE {_is(table, key)}")
    sets = ", ".join(f'"{name}" = v."{name}"' for name in names)
    return Statement(
        "json",
        f"UPDATE {table.fullname} t SET {sets} FROM {_rows(table, many)} v WHERE {_joined(key)}",
        lasting=False,
    )


@cache
def _delete(table: Table, key: tuple[str, ...], many: bool) -> Statement:
    if not many:
        return Statement("json", f"DELETE FROM {table.fullname} WHERE {_is(table, key)}")
    return Statement(
        "json",
        f"DELETE FROM {table.fullname} t USING {_rows(table, many)} v WHERE {_joined(key)}",
        lasting=False,
    )


def _is(table: Table, key: tuple[str, ...]) -> str:
    """Whether a row is the one that the parameter names."""
    return " AND ".join(f"\"{n}\" = ($1->>'{n}')::{table.c[n].type}" for n in key)


def _joined(key: tuple[str, ...]) -> str:
    return f"({quoted(key, 't.')}) = ({quoted(key, 'v.')})"


@cache
def _logging(log: Table, outbox: Table, names: tuple[str, ...], many: bool) -> Statement:
    """Events into the log, and their positions there into the outbox."""
    logged = _insert(log, names, many, " RETURNING position").sql
    return Statement(
        "json",
        f"WITH logged AS ({logged})"
        f" INSERT INTO {outbox.fullname} (position) SELECT position FROM logged",
    )


def asking(table: str) -> str:
    """One INSERT of a job (kit.jobs): kind, subject, arguments, run_at; returns its id."""
    return (
        f"INSERT INTO {table} (kind, subject, arguments, run_at)"
        " VALUES (%s, %s, %s::jsonb, %s) RETURNING id"
    )


# -- reading ---------------------------------------------------------------------------------------


def _unhex(text: str) -> bytes:
    return bytes.fromhex(text[2:])


_READERS: tuple[tuple[type[Any], Callable[[str], Any]], ...] = (
    (LargeBinary, _unhex),
    (DateTime, datetime.fromisoformat),
    (Date, date.fromisoformat),
)
"""Column type → what reads its text in JSON; the other types are JSON's own."""


@cache
def _readers(mapping: Mapping) -> tuple[tuple[int, Callable[[str], Any]], ...]:
    """Positions of the columns whose values are text in JSON, and what reads them."""
    return tuple(
        (i, read)
        for i, name in enumerate(mapping.columns)
        for kind, read in _READERS
        if isinstance(mapping.table.c[name].type, kind)
    )


def _row(mapping: Mapping, found: dict[str, Any]) -> Any:
    values = list(found.values())
    for i, read in _readers(mapping):
        if values[i] is not None:
            values[i] = read(values[i])
    return mapping.row(*values)


@cache
def _locking(cursor: Table) -> tuple[Statement, Statement]:
    """Makes the cursor rows of the subjects `$1`, and locks them.

    A row must stand before it can be locked: two consumers may meet a new subject at once, and the one
    that must wait has to see what the other applied (else it waits for ever).
    """
    table = cursor.fullname
    return (
        Statement(
            "text[]", f"INSERT INTO {table} (subject) SELECT unnest($1) ON CONFLICT DO NOTHING"
        ),
        Statement(
            "text[]", f"SELECT 1 FROM {table} WHERE subject = ANY($1) ORDER BY subject FOR UPDATE"
        ),
    )


@cache
def _loading(cursor: Table, mappings: tuple[Mapping, ...]) -> Statement:
    """Cursors and rows of the subjects `$1`: a number (0 for cursors) and the row in JSON.

    Never in one statement with the lock: one that waited would see the other tables as before."""
    parts = [f"SELECT subject, own, seen FROM {cursor.fullname} WHERE subject = ANY($1)"]
    for m in mappings:
        live = f" AND ({m.live})" if m.live else ""
        parts.append(
            f'SELECT {quoted(m.columns)} FROM {m.table.fullname} WHERE "{m.subject}" = ANY($1){live}'
        )
    rows = (f"SELECT {i}, row_to_json(r) FROM ({part}) r" for i, part in enumerate(parts))
    return Statement("text[]", " UNION ALL ".join(rows))


@cache
def _waiting_of(table: Table) -> Statement:
    return Statement("text[]", f"SELECT envelope FROM {table.fullname} WHERE subject = ANY($1)")


class SqlStore:
    """The store of one service in one transaction."""

    def __init__(self, model: Model, cursor: Transaction) -> None:
        self.model, self.cursor = model, cursor

    def open(
        self, subjects: Sequence[str], mappings: Sequence[Mapping]
    ) -> tuple[dict[str, Cursor], list[list[Any]]]:
        made, locked = _locking(self.model.tables.cursor)
        self.cursor.call(made, list(subjects))
        self.cursor.call(locked, list(subjects))
        return self.read(subjects, mappings)

    def read(
        self, subjects: Sequence[str], mappings: Sequence[Mapping]
    ) -> tuple[dict[str, Cursor], list[list[Any]]]:
        """Cursors and rows of these subjects by one statement, so as they stand at one moment."""
        loaded = _loading(self.model.tables.cursor, tuple(mappings))
        cursors: dict[str, Cursor] = {}
        rows: list[list[Any]] = [[] for _ in mappings]
        for place, found in self.cursor.query(loaded, list(subjects)):
            if place:
                rows[place - 1].append(_row(mappings[place - 1], found))
            else:
                seen = {source: Seen(*values) for source, values in found["seen"].items()}
                cursors[found["subject"]] = Cursor(found["subject"], found["own"], seen)
        return cursors, rows

    def load(self, mapping: Mapping, subjects: Sequence[str]) -> list[Any]:
        return self.read(subjects, [mapping])[1][0]

    def count(self, series: str, by: int) -> int:
        self.cursor.execute(
            f"INSERT INTO {self.model.tables.counter.fullname} AS c (series, last) VALUES (%s, %s)"
            " ON CONFLICT (series) DO UPDATE SET last = c.last + excluded.last RETURNING last",
            (series, by),
        )
        return self._number()

    def enqueue(self, job: tuple[Any, ...]) -> int:
        self.cursor.execute(asking(self.model.tables.job.fullname), job)
        return self._number()

    def _number(self) -> int:
        """The one number that the last statement returned."""
        row = self.cursor.fetchone()
        assert row is not None
        return int(row[0])

    def waiting(self, subjects: Sequence[str]) -> list[bytes]:
        statement = _waiting_of(self.model.tables.waiting)
        return [bytes(body) for (body,) in self.cursor.query(statement, list(subjects))]

    # -- writing ---------------------------------------------------------------------------------

    def write(self, changes: Changes) -> None:
        statements = [
            *(insert(m.table, m.columns, rows) for m, rows in changes.inserts),
            *(update(m.table, m.key, names, rows) for m, names, rows in changes.updates),
            *self._write_events(changes.events),
            *self._write_cursors(changes.cursors),
            *self._write_waiting(changes),
            *self._write_audits(changes.audits),
            *self._write_answers(changes.answers),
        ]
        for statement, rows in statements:
            self.cursor.call(statement, rows)

    def _write_events(self, entries: list[LogEntry]) -> Iterable[Call]:
        if not entries:
            return
        rows = [
            {
                "event_id": entry.event.id,
                "subject": entry.event.subject,
                "sequence": entry.event.sequence,
                "type": entry.event.type,
                "routing_key": entry.routing_key,
                "cc": entry.cc,
                "sealed": entry.event.sealed,
                "envelope": entry.body,
                "traceparent": entry.event.traceparent,
            }
            for entry in entries
        ]
        tables = self.model.tables
        yield _logging(tables.event_log, tables.outbox, tuple(rows[0]), len(rows) > 1), _json(rows)

    def _write_cursors(self, cursors: list[Cursor]) -> Iterable[Call]:
        if not cursors:
            return
        rows = [
            {"subject": c.subject, "own": c.own, "seen": seen_of(c)}
            for c in sorted(cursors, key=lambda c: c.subject)
        ]
        yield insert(
            self.model.tables.cursor,
            ("subject", "own", "seen"),
            rows,
            " ON CONFLICT (subject) DO UPDATE SET own = excluded.own, seen = excluded.seen",
        )

    def _write_waiting(self, changes: Changes) -> Iterable[Call]:
        table = self.model.tables.waiting
        if changes.waiting:
            rows = [_waiting(e) | {"envelope": changes.bodies[e.id]} for e in changes.waiting]
            yield insert(table, tuple(rows[0]), rows, " ON CONFLICT DO NOTHING")
        if changes.waited:
            keys = [_waiting(event) for event in changes.waited]
            yield _delete(table, tuple(keys[0]), len(keys) > 1), _json(keys)

    def _write_audits(self, audits: list[dict[str, Any]]) -> Iterable[Call]:
        if audits:
            yield insert(self.model.tables.audit_log, tuple(audits[0]), audits)

    def _write_answers(self, answers: list[tuple[str, str, str, bytes]]) -> Iterable[Call]:
        if answers:
            key = ("actor", "route", "key")
            rows = [dict(zip((*key, "answer"), answer, strict=True)) for answer in answers]
            yield update(self.model.tables.command_key, key, ("answer",), rows)


def seen_of(cursor: Cursor) -> dict[str, list[Any]]:
    return {s: [v.sequence, v.applied, v.digest] for s, v in cursor.seen.items()}


def _waiting(event: Event) -> dict[str, Any]:
    return {"subject": event.subject, "source": event.source, "sequence": event.sequence}
