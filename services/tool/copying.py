"""Writes what `MemoryStore`s hold into PostgreSQL by COPY: a million petitions in minutes."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kit.memory import MemoryStore
from kit.sqlstore import seen_of
from stats.store import Tally


class Block(NamedTuple):
    """Rows of one table, in COPY's text format."""

    table: str
    names: Sequence[str]
    text: str


def rendered(stores: Mapping[str, MemoryStore]) -> list[Block]:
    """Everything the stores hold, ready to be copied."""
    return [block for store in stores.values() for block in _render(store) if block.text]


def write(cursor: Any, blocks: Iterable[Block]) -> None:
    """Copies the blocks, in the transaction of a psycopg2 cursor."""
    for table, names, text in blocks:
        schema, name = table.split(".")
        columns = ", ".join(f'"{n}"' for n in names)
        cursor.copy_expert(f'COPY "{schema}"."{name}" ({columns}) FROM STDIN', io.StringIO(text))


def _render(store: MemoryStore) -> Iterator[Block]:
    tables = store.model.tables
    for mapping in store.model.mappings:
        rows = store.appended[mapping.row] or list(store.rows[mapping.row].values())
        if mapping.row is Tally:
            rows = collapsed(rows)
        kinds = [_kind(mapping.table.c[name].type) for name in mapping.columns]
        yield _block(mapping.table.fullname, mapping.columns, kinds, map(mapping.values_of, rows))
    yield _block(
        tables.cursor.fullname,
        ("subject", "own", "seen"),
        [_field, _field, _json_field],
        ((c.subject, c.own, seen_of(c)) for c in store.cursors.values()),
    )
    names = ("event_id", "subject", "sequence", "type", "routing_key", "cc", "sealed", "envelope")
    yield _block(
        tables.event_log.fullname,
        (*names, "recorded_at"),
        [_field] * 9,
        (
            (e.event.id, e.event.subject, e.event.sequence, e.event.type)
            + (e.routing_key, e.cc, e.event.sealed, e.body, e.event.time)
            for e in store.log
        ),
    )


def _block(
    table: str,
    names: Sequence[str],
    kinds: Sequence[Callable[[Any], str]],
    rows: Iterable[Sequence[Any]],
) -> Block:
    lines = ["\t".join([kind(v) for kind, v in zip(kinds, row, strict=True)]) for row in rows]
    return Block(table, names, "".join(line + "\n" for line in lines))


def _kind(type_: Any) -> Callable[[Any], str]:
    if isinstance(type_, JSONB):
        return _json_field
    return _array_field if isinstance(type_, ARRAY) else _field


_CELL = tuple(item.name for item in fields(Tally) if item.name not in ("n", "barred"))


def collapsed(rows: Iterable[Tally]) -> list[Tally]:
    """One row a cell; the tallies of a long past are known to the day, not to the batch."""
    cells: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        cells[*(getattr(row, name) for name in _CELL), tuple(row.barred)] += row.n
    return [
        Tally(**dict(zip(_CELL, cell, strict=True)), n=n, barred=list(barred))
        for (*cell, barred), n in cells.items()
    ]


def _field(value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _json_field(value: Any) -> str:
    return "\\N" if value is None else _escaped(orjson.dumps(value).decode())


def _array_field(value: list[str] | list[int] | None) -> str:
    if value is None:
        return "\\N"
    items = (str(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
    return _escaped("{" + ",".join(f'"{item}"' for item in items) + "}")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
