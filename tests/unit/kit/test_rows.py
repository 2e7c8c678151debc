"""A row class gives its table: names, types, keys and what may be empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Index, MetaData
from sqlalchemy.dialects import postgresql

from kit.rows import mapped, serial


@dataclass
class Parcel:
    id: str
    shelf: int
    name: str | None
    weight: int
    fragile: bool
    seal: bytes | None
    due: date
    at: datetime | None
    words: list[str]
    extra: dict[str, Any] | None = None


def types(table: Any) -> dict[str, str]:
    return {c.name: c.type.compile(dialect=postgresql.dialect()) for c in table.c}


def test_each_type_has_its_column() -> None:
    table = mapped(MetaData(), "parcel", Parcel, ("id", "shelf")).table
    assert types(table) == {
        "id": "TEXT",
        "shelf": "INTEGER",
        "name": "TEXT",
        "weight": "INTEGER",
        "fragile": "BOOLEAN",
        "seal": "BYTEA",
        "due": "DATE",
        "at": "TIMESTAMP WITH TIME ZONE",
        "words": "TEXT[]",
        "extra": "JSONB",
    }
    assert [c.name for c in table.primary_key] == ["id", "shelf"]
    assert {c.name for c in table.c if c.nullable} == {"name", "seal", "at", "extra"}
    assert not any(c.autoincrement is True for c in table.c)


def test_the_mapping_follows() -> None:
    mapping = mapped(MetaData(), "parcel", Parcel, ("id", "shelf"), subject="id", live="weight > 0")
    row = Parcel("a", 2, None, 1, True, None, date(2026, 1, 1), None, ["x"])
    assert (mapping.key, mapping.subject, mapping.live) == (("id", "shelf"), "id", "weight > 0")
    assert mapping.key_of(row) == ("a", 2)
    assert mapping.values_of(row) == tuple(vars(row).values())
    assert [mapping.columns[i] for i in mapping.mutable] == ["words", "extra"]


def test_a_key_of_one_column_is_a_tuple_too() -> None:
    mapping = mapped(MetaData(), "parcel", Parcel, ("id",))
    row = Parcel("a", 2, None, 1, True, None, date(2026, 1, 1), None, [])
    assert mapping.key_of(row) == ("a",)


def test_append_only_rows_have_no_key_for_the_unit() -> None:
    metadata = MetaData()
    mapping = mapped(
        metadata, "parcel", Parcel, (), serial("n"), Index("by_name", "name"), loaded=False
    )
    assert mapping.key == () and [c.name for c in mapping.table.primary_key] == ["n"]
    assert "n" not in mapping.columns and {i.name for i in mapping.table.indexes} == {"by_name"}


def test_a_type_without_a_column_is_refused() -> None:
    @dataclass
    class Odd:
        id: str
        ratio: complex

    with pytest.raises(KeyError):
        mapped(MetaData(), "odd", Odd, ("id",))
