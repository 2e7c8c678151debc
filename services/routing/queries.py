"""Reads of matters and of the directory. Lists go through the scope function `VISIBLE`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from contracts.public import stamp
from kit.identity import Reach
from kit.unit import View
from kit.vault import Vault
from routing.domain.remit import STEPS
from routing.store import VISIBLE, Matter, Objection, bus, category, division, matter


def page(row: Matter, view: View, vault: Vault | None) -> dict[str, Any]:
    """One matter as its page shows it; without a vault the reasons of objections stay closed."""
    names = (
        "locating", "triage", "located_rule", "assigned_rule", "method", "round", "sender", "final",
        "objection_closed", "designator", "decline",
    )  # fmt: skip
    objections = sorted(view.of(Objection), key=lambda row: row.round)
    return {
        "petition": row.public(),
        **{name: getattr(row, name) for name in names},
        "bounces": len(row.returned_by),
        "objections": [_objection(o, vault) for o in objections] if vault else [],
        "next_steps": next_steps(row, objections),
        "sequence": f"routing:{view.cursor.own}",
        "seen": view.seen,
    }


def next_steps(row: Matter, objections: list[Objection]) -> list[dict[str, Any]]:
    """What a person can do now: `{"name", "office", "roles"}`, each as its command will check it."""
    arbitrate = {"name": "arbitrate", "office": row.sender, "roles": ["triage"]}
    if row.handling is not None:
        crossed = row.handling == "accepted" and row.placing == "objected"
        return [arbitrate] if crossed else []
    owner = row.office or row.registered_by
    steps: list[tuple[str, str | None, list[str]]] = []
    if row.placing in STEPS["assign"].before and not row.locating:
        steps.append(("assign", row.designator, ["triage"]))
    if row.placing in STEPS["sign"].before:
        steps.append(("sign", row.office, ["clerk", "head"]))
    spent = (
        row.method == "self"
        or row.final
        or row.objection_closed
        or any(o.round == row.round for o in objections)
    )
    if row.placing in STEPS["object"].before and not spent:
        steps.append(("object", row.office, ["clerk", "head"]))
    if row.placing in STEPS["uphold"].before:
        steps.append(("arbitrate", row.sender, ["triage"]))
    if row.placing in STEPS["decline"].before and not row.locating:
        steps.append(("decline", owner, ["triage", "clerk", "head"]))
    return [{"name": name, "office": office, "roles": roles} for name, office, roles in steps]


def _objection(row: Objection, vault: Vault) -> dict[str, Any]:
    answer = vault.open(row.answer, f"arbitration:{row.number}:{row.round}") if row.answer else None
    return {
        "round": row.round,
        "office": row.office,
        "reason": row.reason,
        "text": vault.open(row.text, f"objection:{row.number}:{row.round}"),
        "at": stamp(row.at),
        "agreed": row.agreed,
        "decided_at": stamp(row.decided_at) if row.decided_at else None,
        "answer": answer,
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
