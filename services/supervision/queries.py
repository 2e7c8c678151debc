"""Reads of cases and duties. Every list, count and page goes through the scope function `VISIBLE`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, tuple_

from contracts.codes import STAGES
from contracts.public import prefix, stamp
from kit.identity import Actor, Reach
from kit.unit import View
from kit.vault import Vault
from supervision.domain import clocks
from supervision.domain.calendar import Calendar
from supervision.duties import heard, term
from supervision.offers import next_steps
from supervision.store import (
    VISIBLE,
    Case,
    Claim,
    Contribution,
    Duty,
    Extension,
    Proceeding,
    case,
    duty,
)

COUNT_LIMIT = 10_000
"""A list says "more than ten thousand" rather than count a million rows for a page of twenty."""


def page(row: Case, view: View, vault: Vault, now: datetime, actor: Actor) -> dict[str, Any]:
    """One case as its page shows it. An opinion speaks to the petitioner once it is served."""
    public = actor.kind == "petitioner"
    proceedings = sorted(view.of(Proceeding), key=lambda p: (STAGES.index(p.stage), p.round))
    shown = [_proceeding(p, vault, public) for p in proceedings]
    handled: dict[str, Any] = next((p for p in reversed(shown) if p["stage"] == "handle"), {})
    return {
        "petition": row.public(),
        "steps": _steps(row),
        "claims": [_claim(c, public and not handled.get("opinion")) for c in _by_ordinal(view)],
        "proceedings": shown,
        "contributions": [] if public else [_contribution(c, vault) for c in view.of(Contribution)],
        "extensions": [_extension(e, vault) for e in view.of(Extension)],
        "duties": [_duty(duty, now) for duty in _in_order(view)],
        "opinion": handled.get("opinion"),
        "outcome": handled.get("outcome"),
        "procedure": row.procedure,
        "final_reason": row.final_reason,
        "hearing": any(map(heard, view.of(Duty))),
        "next_steps": next_steps(row, view),
        "sequence": f"supervision:{view.cursor.own}",
        "seen": view.seen,
    }


def explained(view: View, calendar: Calendar, now: datetime) -> dict[str, Any]:
    """Why each deadline is what it is: the reckoning in words and day by day."""
    return {"duties": [_reasons(duty, calendar, now) for duty in _in_order(view)]}


def _in_order(view: View) -> list[Duty]:
    return sorted(view.of(Duty), key=lambda duty: (duty.started_at, duty.kind))


def _by_ordinal(view: View) -> list[Claim]:
    return sorted(view.of(Claim), key=lambda claim: claim.ordinal)


def _reasons(row: Duty, calendar: Calendar, now: datetime) -> dict[str, Any]:
    rule, term_ = clocks.rule_of(row.rule), term(row)
    by_hours = rule.unit == "hour"
    return {
        **_duty(row, now),
        "basis": rule.basis,
        "rule": rule.id,
        "ref": rule.ref,
        "starts": rule.starts,
        "ends": rule.ends,
        "pauses": row.pauses,
        "summary": clocks.summary(term_, calendar),
        "days": [] if by_hours else list(clocks.explain(term_, calendar)),
    }


def _steps(row: Case) -> dict[str, str | None]:
    instants = (
        "assigned_at", "signed_at", "accepted_at", "answered_at", "closed_at", "final_at", "rated_at",
    )  # fmt: skip
    steps = {name: stamp(at) if (at := getattr(row, name)) else None for name in instants}
    served = row.served_on.isoformat() if row.served_on else None
    return {"registered_at": stamp(row.registered_at), **steps, "served_on": served}


def _claim(row: Claim, hidden: bool) -> dict[str, Any]:
    outcome = None if hidden else row.outcome
    return {"ordinal": row.ordinal, "type": row.type, "branch": row.branch, "outcome": outcome}


def _proceeding(row: Proceeding, vault: Vault, public: bool) -> dict[str, Any]:
    hidden = public and row.served_on is None

    def opened(what: str, blob: bytes | None) -> str | None:
        return vault.open(blob, f"{what}:{row.number}:{row.stage}:{row.round}") if blob else None

    return {
        "stage": row.stage,
        "round": row.round,
        "office": row.office,
        "outside": row.outside,
        "requested_on": row.requested_on.isoformat(),
        "grounds": opened("grounds", row.grounds),
        "decided_at": stamp(row.decided_at) if row.decided_at else None,
        "outcome": None if hidden else row.outcome,
        "opinion": None if hidden else opened("opinion", row.opinion),
        "served_on": row.served_on.isoformat() if row.served_on else None,
        "service_method": row.service_method,
        "receipt": row.receipt,
    }


def _contribution(row: Contribution, vault: Vault) -> dict[str, Any]:
    text = vault.open(row.text, f"contribution:{row.number}:{row.round}:{row.office}")
    return {"office": row.office, "text": text, "at": stamp(row.at)}


def _extension(row: Extension, vault: Vault) -> dict[str, Any]:
    return {
        "round": row.round,
        "days": row.days,
        "reason": vault.open(row.reason, f"extension:{row.number}:{row.round}"),
        "asked_at": stamp(row.asked_at),
        "decided_at": stamp(row.decided_at) if row.decided_at else None,
        "approved": row.approved,
    }


def _duty(row: Duty, now: datetime) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "round": row.round,
        "office": row.office,
        "owed_by": clocks.rule_of(row.rule).owed_by,
        "ground": row.ground,
        "started_at": stamp(row.started_at),
        "zero": row.zero.isoformat(),
        "due_at": stamp(row.due_at) if row.due_at else None,
        "state": row.state,
        "light": light(row, now),
        "missed_at": stamp(row.missed_at) if row.missed_at else None,
        "ended_at": stamp(row.ended_at) if row.ended_at else None,
    }


def light(row: Duty, now: datetime) -> str:
    """Green, yellow (warned) or red (missed); one rule for every duty. A window that closes unused is
    nobody's fault, and what is void was never late."""
    if row.state in ("lapsed", "void") or row.due_at is None:
        return "green"
    if row.missed_at or (row.ended_at or now) >= row.due_at:
        return "green" if clocks.rule_of(row.rule).lapses else "red"
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
    running = (duty.c.state == "open", duty.c.due_at.is_not(None))
    mine = and_(duty.c.number == case.c.number, *running)
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
