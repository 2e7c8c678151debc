"""Tables from row classes: the dataclass is the one declaration, its table and mapping follow from it."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kit.unit import Mapping

_TYPES: dict[Any, Any] = {
    str: Text,
    int: Integer,
    float: Double,
    bool: Boolean,
    bytes: LargeBinary,
    date: Date,
    datetime: DateTime(timezone=True),
    list[str]: ARRAY(Text),
    list[int]: ARRAY(Integer),
    dict[str, Any]: JSONB,
}


def mapped(
    metadata: MetaData,
    name: str,
    row: type[Any],
    primary_key: tuple[str, ...],
    *extra: Any,
    loaded: bool = True,
    subject: str = "number",
    live: str | None = None,
    rare: bool = False,
) -> Mapping:
    """The table of a row class and its mapping.

    Args:
        extra: indexes and constraints.
        loaded: False for rows that are only appended and never loaded by a unit.
        live: only rows that meet this SQL condition are loaded.
        rare: loaded when first asked for.
    """
    table = Table(name, metadata, *columns_of(row, primary_key), *extra)
    return Mapping(row, table, primary_key if loaded else (), subject, live, rare)


def columns_of(row: type[Any], primary_key: tuple[str, ...]) -> list[Column[Any]]:
    """One column a field; `X | None` is nullable."""
    hints = typing.get_type_hints(row)
    return [_column(f.name, hints[f.name], f.name in primary_key) for f in dataclasses.fields(row)]


def _column(name: str, hint: Any, primary: bool) -> Column[Any]:
    nullable = False
    if isinstance(hint, types.UnionType):
        (hint,) = [h for h in typing.get_args(hint) if h is not types.NoneType]
        nullable = True
    return Column(name, _TYPES[hint], primary_key=primary, nullable=nullable, autoincrement=False)


def serial(name: str) -> Column[Any]:
    """A key that the database counts; not a field of the row class."""
    return Column(name, BigInteger, primary_key=True)
