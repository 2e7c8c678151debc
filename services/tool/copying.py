"""Writes what `MemoryStore`s hold into PostgreSQL by COPY: a million petitions in minutes."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kit.sqlstore import seen_of
from kit.unit import MemoryStore
from stats.store import Tally


def write(cursor: Any, stores: Mapping[str, MemoryStore]) -> None:
    """Copies everything the stores hold, in the transaction of a psycopg2 cursor."""
    for store in stores.values():
        _write_store(cursor, store)


def _write_store(cursor: Any, store: MemoryStore) -> None:
    tables = store.model.tables
    for mapping in store.model.mappings:
        rows = store.appended[mapping.row] or list(store.rows[mapping.row].values())
        if mapping.row is Tally:
            rows = collapsed(rows)
        json_columns = {c.name for c in mapping.table.c if isinstance(c.type, JSONB)}
        arrays = {c.name for c in mapping.table.c if isinstance(c.type, ARRAY)}
        names = mapping.columns
        values = (
            [_field(getattr(r, n), n in json_columns, n in arrays) for n in names] for r in rows
        )
        _copy(cursor, mapping.table.fullname, names, values)
    _copy(
        cursor,
        tables.cursor.fullname,
        ("subject", "own", "seen"),
        ([c.subject, str(c.own), _field(seen_of(c), True, False)] for c in store.cursors.values()),
    )
    names = ("event_id", "subject", "sequence", "type", "routing_key", "cc", "sealed", "envelope")
    _copy(
        cursor,
        tables.event_log.fullname,
        (*names, "recorded_at"),
        (
            [
                *(
                    _field(v, False, False)
                    for v in (
                        (e.event.id, e.event.subject, e.event.sequence, e.event.type)
                        + (e.routing_key, e.cc, e.event.sealed, e.body, e.event.time)
                    )
                )
            ]
            for e in store.log
        ),
    )


_CELL = tuple(item.name for item in fields(Tally) if item.name != "n")


def collapsed(rows: Iterable[Tally]) -> list[Tally]:
    """One row a cell; the tallies of a long past are known to the day, not to the batch."""
    cells: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        cells[tuple(getattr(row, name) for name in _CELL)] += row.n
    return [Tally(**dict(zip(_CELL, key, strict=True)), n=n) for key, n in cells.items()]


def _copy(cursor: Any, table: str, names: Sequence[str], rows: Iterable[list[str]]) -> None:
    schema, name = table.split(".")
    text = "".join("\t".join(row) + "\n" for row in rows)
    if text:
        columns = ", ".join(f'"{n}"' for n in names)
        cursor.copy_expert(f'COPY "{schema}"."{name}" ({columns}) FROM STDIN', io.StringIO(text))


def _field(value: Any, is_json: bool, is_array: bool) -> str:
    """One value in COPY's text format."""
    if value is None:
        return "\\N"
    if is_json:
        return _escaped(orjson.dumps(value).decode())
    if is_array:
        items = (item.replace("\\", "\\\\").replace('"', '\\"') for item in value)
        return _escaped("{" + ",".join(f'"{item}"' for item in items) + "}")
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _escaped(str(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
