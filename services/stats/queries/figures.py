"""Figures out of the tallies. A figure shows no person; sealed petitions are counted, not named, and not
even counted for the body that is accused and whoever is under it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from contracts.public import prefix
from kit.identity import Reach
from stats.store import COUNTED, tally


def counts(connection: Connection, reach: Reach, query: dict[str, Any]) -> dict[str, Any]:
    """A measure over a period, grouped. A division counts with everything below it."""
    names = query["by"].split(",")
    columns = [tally.c[name] for name in names]
    statement = select(*columns, func.sum(tally.c.n).label("n")).where(
        tally.c.measure == query["measure"],
        tally.c.day.between(query["since"], query["until"]),
        COUNTED.open_to(reach),
    )
    if query["division"]:
        below = tally.c.division.startswith(prefix(query["division"]), autoescape=True)
        statement = statement.where(below)
    if query["office"]:
        statement = statement.where(tally.c.office == query["office"])
    rows = connection.execute(statement.group_by(*columns).order_by(*columns)).mappings()
    found = [
        {str(k): v.isoformat() if isinstance(v, date) else v for k, v in r.items()} for r in rows
    ]
    for row in found:
        row["n"] = int(row["n"])
    return {"rows": found, "total": sum(row["n"] for row in found)}


def _totals(connection: Connection, reach: Reach, since: date, until: date) -> dict[str, int]:
    rows = connection.execute(
        select(tally.c.measure, func.sum(tally.c.n))
        .where(tally.c.day.between(since, until), COUNTED.open_to(reach))
        .group_by(tally.c.measure)
    )
    return {measure: int(n) for measure, n in rows}


def today(connection: Connection, reach: Reach, day: date) -> dict[str, Any]:
    """Today, this month, the last thirty days of registrations, and the backlog."""
    registered = {"measure": "registered", "division": None, "office": None}
    month = day.replace(day=1)
    by_channel = counts(
        connection, reach, {**registered, "by": "channel", "since": month, "until": day}
    )
    by_day = counts(
        connection,
        reach,
        {**registered, "by": "day", "since": day - timedelta(days=29), "until": day},
    )
    ever = _totals(connection, reach, date.min, day)
    return {
        "day": day.isoformat(),
        "today": _totals(connection, reach, day, day),
        "month": _totals(connection, reach, month, day),
        "by_channel": {row["channel"]: row["n"] for row in by_channel["rows"]},
        "by_day": by_day["rows"],
        "open": ever.get("registered", 0) - ever.get("closed", 0),
    }
