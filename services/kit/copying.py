"""Rows into PostgreSQL by COPY, in its text format."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from operator import methodcaller
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
    """Rows, each as the values of these columns. They are written column by column: whether a text has to be escaped
    is asked once for all of a column."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    written = [
        _written(table.c[name].type, values) for name, values in zip(names, columns, strict=True)
    ]
    lines = map("\t".join, zip(*written, strict=True))
    return Block(table.fullname, names, "".join(f"{line}\n" for line in lines))


def mapped(mapping: Mapping, rows: Iterable[Any]) -> Block:
    """Row objects of a mapping."""
    return block(mapping.table, mapping.columns, map(mapping.values_of, rows))


def _written(type_: Any, values: Sequence[Any]) -> list[str]:
    """A column in COPY's text format."""
    if isinstance(type_, Text) and _is_plain("".join(filter(None, values))):
        return ["\\N" if value is None else value for value in values]
    field = next((field for kind, field in _FIELDS if isinstance(type_, kind)), _field)
    return ["\\N" if value is None else field(value) for value in values]


def _field(value: Any) -> str:
    """One value."""
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def _json_field(value: Any) -> str:
    return escaped(orjson.dumps(value).decode())


def _array_field(value: list[str] | list[int]) -> str:
    items = (str(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
    return escaped("{" + ",".join(f'"{item}"' for item in items) + "}")


def _is_plain(text: str) -> bool:
    return not any(special in text for special in "\\\t\n\r")


def escaped(text: str) -> str:
    """A text as COPY reads it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


_FIELDS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (JSONB, _json_field), (ARRAY, _array_field), (Text, escaped), ((Date, DateTime), methodcaller("isoformat")),
)  # fmt: skip
