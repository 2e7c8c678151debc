"""Rows into PostgreSQL by COPY, in its text format."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Date, DateTime, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kit.unit import Mapping


class Block(NamedTuple):
    """Rows of one table, in COPY's text format."""

    table: str
    names: Sequence[str]
    text: str


def write(cursor: Any, blocks: Iterable[Block]) -> None:
    """Copies the blocks, in the transaction of a psycopg2 cursor."""
    for table, names, text in blocks:
        schema, name = table.split(".")
        columns = ", ".join(f'"{n}"' for n in names)
        cursor.copy_expert(f'COPY "{schema}"."{name}" ({columns}) FROM STDIN', io.StringIO(text))


def block(table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Block:
    """Rows, each as the values of these columns."""
    kinds = [_kind(table.c[name].type) for name in names]
    lines = ["\t".join([kind(v) for kind, v in zip(kinds, row, strict=True)]) for row in rows]
    return Block(table.fullname, names, "".join(line + "\n" for line in lines))


def mapped(mapping: Mapping, rows: Iterable[Any]) -> Block:
    """Row objects of a mapping."""
    return block(mapping.table, mapping.columns, map(mapping.values_of, rows))


def _kind(type_: Any) -> Callable[[Any], str]:
    for kind, written in _WRITTEN:
        if isinstance(type_, kind):
            return written
    return _field


def _text_field(value: str | None) -> str:
    return "\\N" if value is None else escaped(value)


def _instant_field(value: date | None) -> str:
    return "\\N" if value is None else value.isoformat()


def _field(value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def _json_field(value: Any) -> str:
    return "\\N" if value is None else escaped(orjson.dumps(value).decode())


def _array_field(value: list[str] | list[int] | None) -> str:
    if value is None:
        return "\\N"
    items = (str(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
    return escaped("{" + ",".join(f'"{item}"' for item in items) + "}")


_WRITTEN = (
    (JSONB, _json_field), (ARRAY, _array_field), (Text, _text_field), ((Date, DateTime), _instant_field),
)  # fmt: skip


def escaped(text: str) -> str:
    """A text as COPY reads it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
