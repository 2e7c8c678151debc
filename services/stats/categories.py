"""The names of content categories (内容分类), for reports.

They are routing's; the commands that set a site up write them here too (ADR 0009, 0011), so that a report needs
no other service to name what it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from stats.store import category_name

DEEPEST = 9
"""Levels of a tree at most; a faulty one has no end."""
Row = tuple[str, str | None, str]
"""A category, the one above it, and its name."""


def put(connection: Connection, rows: Iterable[Row]) -> None:
    """All of them, in place of those before."""
    connection.execute(delete(category_name))
    values = [{"id": id, "parent": parent, "name": name} for id, parent, name in rows]
    if values:
        connection.execute(insert(category_name), values)


def names(connection: Connection) -> dict[str, str]:
    """Each category with all above it: 农业农村 / 村务管理 / 村务公开."""
    rows = {r.id: (r.parent, r.name) for r in connection.execute(select(category_name))}
    return {id: " / ".join(_path(id, rows)) for id in rows}


def _path(id: str | None, rows: Mapping[str, tuple[str | None, str]]) -> list[str]:
    found: list[str] = []
    while id is not None and id in rows and len(found) < DEEPEST:
        id, name = rows[id]
        found.insert(0, name)
    return found
