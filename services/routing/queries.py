"""Reads of matters and of the directory. Lists go through the scope function `VISIBLE`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, or_, select

from contracts.public import stamp
from contracts.words import DECLINE_TEXTS
from kit.identity import Reach
from kit.unit import View
from kit.vault import Vault
from routing.domain.dispute import DECLINES
from routing.domain.remit import STEPS
from routing.store import (
    VISIBLE,
    Deliberation,
    Matter,
    Objection,
    bus,
    category,
    division,
    matter,
)

WITHIN = ("confidence", "places_version", "reading", "about_office", "about_level", "choice")
"""What is said among officers: who else might have been chosen, and about whom it is."""


def page(row: Matter, view: View, vault: Vault, *, public: bool) -> dict[str, Any]:
    """One matter as its page shows it; to the petitioner without what the bodies wrote to each other."""
    names: tuple[str, ...] = (
        "locating", "triage", "located_rule", "assigned_rule", "method", "round", "sender", "final",
        "objection_closed", "designator", "lifted", "assisting", "report_due", "orphan", "suggested",
        "confidence", "places_version", "reading", "about_office", "about_level", "choice",
    )  # fmt: skip
    objections = sorted(view.of(Objection), key=lambda row: row.round)
    if public:
        names = tuple(name for name in names if name not in WITHIN)
    met = sorted(view.of(Deliberation), key=lambda row: row.ordinal)
    return {
        "petition": row.public(),
        **{name: getattr(row, name) for name in names},
        "assigned_at": stamp(row.assigned_at) if row.assigned_at else None,
        "signed_at": stamp(row.signed_at) if row.signed_at else None,
        "decline": _declined(row, vault),
        "bounces": len(row.returned_by),
        "objections": [] if public else [_objection(o, vault) for o in objections],
        **dict.fromkeys(WITHIN if public else ()),
        "deliberations": [] if public else [_deliberation(d, vault) for d in met],
        "next_steps": next_steps(row, objections),
        "sequence": f"routing:{view.cursor.own}",
        "seen": view.seen,
    }


def next_steps(row: Matter, objections: list[Objection]) -> list[dict[str, Any]]:
    """What a person can do now: `{"name", "office", "roles"}`, each as its command will check it."""
    arbitrate = {"name": "arbitrate", "office": row.sender, "roles": ["triage"]}
    heir = {"name": "name_successor", "office": row.chooser, "roles": ["triage", "head"]}
    orphaned = [heir] if row.orphan else []
    if row.handling is not None:
        crossed = row.handling == "accepted" and row.placing == "objected"
        return [arbitrate, *orphaned] if crossed else orphaned
    owner = row.office or row.registered_by
    steps: list[tuple[str, str | None, list[str]]] = []
    if row.placing in STEPS["assign"].before and not row.locating:
        if row.designator is None:
            steps += [("assign", None, ["triage"]), ("consult", None, ["triage"])]
        else:
            name = "designate" if row.lifted == "superior" else "convene"
            steps.append((name, row.designator, ["triage", "head"]))
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
    found = [{"name": name, "office": office, "roles": roles} for name, office, roles in steps]
    return [*orphaned, *found]


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


def _declined(row: Matter, vault: Vault) -> dict[str, Any] | None:
    """Why it was not accepted, in the words of the notice, with the article and whom to turn to."""
    if row.decline is None:
        return None
    reason = DECLINES[row.decline]
    elsewhere = vault.open(row.elsewhere, f"elsewhere:{row.number}") if row.elsewhere else None
    return {
        "reason": reason.code,
        "title": reason.zh,
        "article": reason.article,
        "text": DECLINE_TEXTS[reason.code],
        "elsewhere": elsewhere,
    }


def _deliberation(row: Deliberation, vault: Vault) -> dict[str, Any]:
    about = f"{row.number}:{row.ordinal}"
    return {
        "level": row.level,
        "by_office": row.by_office,
        "held_on": row.held_on.isoformat(),
        "offices": row.offices,
        "agreed": row.agreed,
        "office": row.office,
        "assisting": row.assisting,
        "text": vault.open(row.text, f"deliberation:{about}"),
        "minutes": vault.open(row.minutes, f"minutes:{about}") if row.minutes else None,
        "at": stamp(row.at),
    }


def triage(connection: Connection, reach: Reach, query: dict[str, Any]) -> dict[str, Any]:
    """What waits for a person's choice, oldest first: the 15 days are running."""
    waits = or_(matter.c.triage.is_not(None), matter.c.orphan.is_not(None))
    where = [VISIBLE.where(reach), waits]
    total = connection.execute(select(func.count()).select_from(matter).where(*where)).scalar_one()
    statement = select(matter).where(*where).order_by(matter.c.number)
    if query["after"]:
        statement = statement.where(matter.c.number > query["after"])
    rows = [Matter(**r._mapping) for r in connection.execute(statement.limit(query["limit"] + 1))]
    more = len(rows) > query["limit"]
    rows = rows[: query["limit"]]
    return {
        "matters": [{**row.public(), "triage": why(row), "sealed": row.sealed} for row in rows],
        "total": total,
        "next": rows[-1].number if more else None,
    }


def why(row: Matter) -> str | None:
    """Why a person must choose."""
    return "succession" if row.orphan else row.triage


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
