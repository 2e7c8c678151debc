"""本地别名: what people of the place call it, kept by the triage desk when it chose; read with every text after."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from kit import clock
from kit.unit import Unit
from routing.domain.places import Alias
from routing.store import alias


def current(connection: Connection, on: date) -> list[Alias]:
    """The names that hold on a day."""
    holds = alias.c.valid_to.is_(None) | (alias.c.valid_to > on)
    rows = connection.execute(select(alias).where(holds).order_by(alias.c.name, alias.c.number))
    return [Alias(row.name, row.division, row.scope) for row in rows]


def all_(connection: Connection) -> list[dict[str, Any]]:
    """Every name that was ever kept, the newest first."""
    rows = connection.execute(select(alias).order_by(alias.c.kept_at.desc())).mappings()
    return [
        {str(name): value.isoformat() if hasattr(value, "isoformat") else value
         for name, value in row.items()}
        for row in rows
    ]  # fmt: skip


def end(unit: Unit, number: str, name: str) -> int:
    """停用: from today on it is not read any more. Returns how many ended."""
    cursor = unit.store.cursor  # type: ignore[attr-defined]
    cursor.execute(
        f"UPDATE {alias.fullname} SET valid_to = %s WHERE number = %s AND name = %s AND valid_to IS NULL"
        " RETURNING name",
        (clock.local_date(unit.now), number, name),
    )
    return len(cursor.fetchall())


def taken(names: Iterable[str], name: str) -> bool:
    """Whether a division bears the name already, with its kind or without."""
    return any(
        name == one or (one.startswith(name) and len(one) - len(name) <= KIND) for one in names
    )


KIND = 3
"""Characters of the longest kind that is left out: 天潭 for 天潭村委会."""
