"""Reads of cases and duties. Every list, count and page goes through the scope function `VISIBLE`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, tuple_

from contracts.public import prefix, stamp
from kit.identity import Reach
from kit.unit import View
from kit.vault import Vault
from supervision.domain.case import STEPS
from supervision.store import VISIBLE, Case, Duty, case, duty

COUNT_LIMIT = 10_000
"""A list says "more than ten thousand" rather than count a million rows for a page of twenty."""


def page(row: Case, view: View, vault: Vault, now: datetime) -> dict[str, Any]:
    """One case as its page shows it."""
    duties = sorted(view.of(Duty), key=lambda duty: duty.started_at)
    opinion = vault.open(row.opinion, f"opinion:{row.number}") if row.opinion else None
    return {
        "petition": row.public(),
        "steps": _steps(row),
        "duties": [_duty(duty, now) for duty in duties],
        "opinion": opinion,
        "outcome": row.outcome,
        "next_step": next((s.name for s in STEPS.values() if row.status in s.before), None),
        "sequence": f"supervision:{view.cursor.own}",
        "seen": view.seen,
    }


def _steps(row: Case) -> dict[str, str | None]:
    instants = ("assigned_at", "signed_at", "accepted_at", "answered_at", "closed_at", "rated_at")
    steps = {name: stamp(at) if (at := getattr(row, name)) else None for name in instants}
    served = row.served_on.isoformat() if row.served_on else None
    return {"registered_at": stamp(row.registered_at), **steps, "served_on": served}


def _duty(row: Duty, now: datetime) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "office": row.office,
        "ground": row.ground,
        "started_at": stamp(row.started_at),
        "due_at": stamp(row.due_at),
        "state": row.state,
        "light": light(row, now),
        "missed_at": stamp(row.missed_at) if row.missed_at else None,
        "ended_at": stamp(row.ended_at) if row.ended_at else None,
    }


def light(row: Duty, now: datetime) -> str:
    """Green, yellow (warned) or red (missed); one rule for every duty."""
    if row.missed_at or (row.ended_at or now) >= row.due_at:
        return "red"
    return "yellow" if row.warned_at and row.state == "open" else "green"


def cases(connection: Connection, reach: Reach, query: dict[str, Any]) -> dict[str, Any]:
    """One page of the list, the count it belongs to, and where the next page starts."""
    where = [VISIBLE.where(reach), *_filters(query)]
    keys = (case.c.registered_at, case.c.number)
    statement: Select[Any] = select(case).where(*where)
    if query["after"]:
        statement = statement.where(tuple_(*keys) < tuple_(*place(query["after"])))
    statement = statement.order_by(*(key.desc() for key in keys)).limit(query["limit"] + 1)
    rows = [Case(**row._mapping) for row in connection.execute(statement)]
    more = len(rows) > query["limit"]
    rows = rows[: query["limit"]]
    counted = select(case.c.number).where(*where).limit(COUNT_LIMIT + 1).subquery()
    total = connection.execute(select(func.count()).select_from(counted)).scalar_one()
    last = rows[-1] if more else None
    return {
        "cases": [row.public() for row in rows],
        "total": total,
        "next": f"{stamp(last.registered_at)}~{last.number}" if last else None,
    }


def place(after: str) -> tuple[datetime, str]:
    """Where a page ended. Raises ValueError for a text that no page gave."""
    at, _, number = after.partition("~")
    return datetime.fromisoformat(at), number


def _filters(query: dict[str, Any]) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [
        case.c[name] == query[name]
        for name in ("status", "office", "channel", "type")
        if query[name]
    ]
    if query["division"]:
        filters.append(case.c.division.startswith(prefix(query["division"]), autoescape=True))
    if query["numbers"] is not None:
        filters.append(case.c.number.in_([n for n in query["numbers"].split(",") if n]))
    if query["light"]:
        filters.append(_has_light(query["light"]))
    return filters


def _has_light(colour: str) -> ColumnElement[bool]:
    mine = and_(duty.c.number == case.c.number, duty.c.state == "open")
    red = exists().where(mine, duty.c.missed_at.is_not(None))
    yellow = exists().where(mine, duty.c.warned_at.is_not(None), duty.c.missed_at.is_(None))
    if colour == "red":
        return red
    return yellow if colour == "yellow" else and_(~red, ~yellow)


def desk(connection: Connection, reach: Reach, office: str | None, now: datetime) -> dict[str, Any]:
    """What waits for one office (or for everyone within reach): counts by step, open duties by due date."""
    where = [VISIBLE.where(reach)]
    if office:
        where.append(or_(case.c.office == office, case.c.registered_by == office))
    counts: dict[str, int] = dict(
        connection.execute(
            select(case.c.status, func.count())
            .where(
                *where, case.c.status.in_(("assigned", "signed", "accepted", "answered", "served"))
            )
            .group_by(case.c.status)
        ).all()
    )
    duties = _open_duties(connection, reach, office)
    lights = {"green": 0, "yellow": 0, "red": 0}
    for row in duties:
        lights[light(row, now)] += 1
    return {
        "to_sign": counts.get("assigned", 0),
        "to_accept": counts.get("signed", 0),
        "to_answer": counts.get("accepted", 0),
        "to_serve": counts.get("answered", 0),
        "to_close": counts.get("served", 0),
        "lights": lights,
        "duties": [_duty(row, now) for row in duties[:50]],
    }


def _open_duties(connection: Connection, reach: Reach, office: str | None) -> list[Duty]:
    statement = (
        select(duty)
        .join(case, case.c.number == duty.c.number)
        .where(duty.c.state == "open", VISIBLE.where(reach))
        .order_by(duty.c.due_at)
        .limit(5000)
    )
    if office:
        statement = statement.where(duty.c.office == office)
    return [Duty(**row._mapping) for row in connection.execute(statement)]
