"""Reads of matters and of the directory. Lists go through the scope function `VISIBLE`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from contracts.public import stamp
from kit.identity import Reach
from kit.unit import View
from routing.store import VISIBLE, Matter, bus, category, division, matter


def page(row: Matter, view: View) -> dict[str, Any]:
    """One matter as its page shows it."""
    names = ("locating", "triage", "located_rule", "assigned_rule", "method")
    return {
        "petition": row.public(),
        **{name: getattr(row, name) for name in names},
        "sequence": f"routing:{view.cursor.own}",
        "seen": view.seen,
    }


def triage(connection: Connection, reach: Reach, query: dict[str, Any]) -> dict[str, Any]:
    """What waits for a person's choice, oldest first: the 15 days are running."""
    where = [VISIBLE.where(reach), matter.c.triage.is_not(None)]
    total = connection.execute(select(func.count()).select_from(matter).where(*where)).scalar_one()
    statement = select(matter).where(*where).order_by(matter.c.number)
    if query["after"]:
        statement = statement.where(matter.c.number > query["after"])
    rows = [Matter(**r._mapping) for r in connection.execute(statement.limit(query["limit"] + 1))]
    more = len(rows) > query["limit"]
    rows = rows[: query["limit"]]
    return {
        "matters": [{**row.public(), "triage": row.triage, "sealed": row.sealed} for row in rows],
        "total": total,
        "next": rows[-1].number if more else None,
    }


def offices(connection: Connection) -> list[dict[str, Any]]:
    """The whole directory."""
    return [
        {str(name): stamp(v) if hasattr(v, "astimezone") else v for name, v in row.items()}
        for row in connection.execute(select(bus.office).order_by(bus.office.c.id)).mappings()
    ]


def divisions(connection: Connection) -> list[dict[str, Any]]:
    """The site's divisions."""
    rows = connection.execute(select(division).order_by(division.c.code)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]


def categories(connection: Connection) -> list[dict[str, Any]]:
    """The content categories."""
    rows = connection.execute(select(category).order_by(category.c.id)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]
