"""Each service's own copy of the directory of offices, kept from `office.changed` (house.md 5)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, literal

from kit.envelope import Event
from kit.identity import Directory, DirectoryCache, Office, Reach, Visible
from kit.tables import BusTables
from kit.unit import Mapping, Unit

if TYPE_CHECKING:
    from kit.db import Database  # eventlet comes with it; tables are also wanted without


@dataclass
class OfficeRow:
    """One office as it is now."""

    id: str
    name: str
    short_name: str
    parent: str | None
    division: str
    level: str
    kind: str
    categories: list[str]
    valid_from: datetime | None
    valid_to: datetime | None
    successors: list[str] = field(default_factory=list)
    body_levels: list[str] = field(default_factory=list)
    address: str | None = None
    phone: str | None = None
    hours: str | None = None
    threshold: float | None = None


def office_mapping(tables: BusTables) -> Mapping:
    """The mapping of the office projection; an office is a subject of its own, and no number."""
    return Mapping(
        OfficeRow, tables.office, key=("id",), subject="id", wants=lambda s: not s.isdecimal()
    )


class _Published(Visible):
    """The directory is everybody's to see (Art. 18)."""

    def admits(self, reach: Reach, row: Any) -> bool:
        return True


PUBLISHED = _Published(literal(""), literal(""), literal(""))


def on_office_changed(unit: Unit, event: Event) -> None:
    """Keeps the newest state of an office."""
    row = unit.get(OfficeRow, event.subject)
    values = read_office(event.data)
    if row is None:
        unit.add(OfficeRow(**values))
        return
    for name, value in values.items():
        setattr(row, name, value)


def read_office(data: dict[str, Any]) -> dict[str, Any]:
    """The data of `office.changed` as keyword arguments of `OfficeRow`; a later release may say more."""
    values = {item.name: data[item.name] for item in fields(OfficeRow)}
    for name in ("valid_from", "valid_to"):
        values[name] = datetime.fromisoformat(data[name]) if data[name] else None
    return values


def directory_cache(database: Database, tables: BusTables) -> DirectoryCache:
    """The directory in memory, read again every few seconds."""

    def load() -> list[Office]:
        with database.reading() as connection:
            return _offices(connection, tables)

    return DirectoryCache(load)


def directory_of(connection: Connection, tables: BusTables) -> Directory:
    """The directory as it is in the database now, for a job."""
    return Directory(_offices(connection, tables))


def _offices(connection: Connection, tables: BusTables) -> list[Office]:
    lists = ("categories", "successors", "body_levels")
    rows = connection.execute(tables.office.select()).mappings()
    return [Office(**{**row, **{name: tuple(row[name]) for name in lists}}) for row in rows]


__all__ = [
    "Directory",
    "OfficeRow",
    "directory_cache",
    "directory_of",
    "office_mapping",
    "on_office_changed",
]
