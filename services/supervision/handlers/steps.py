"""Pieces that every step of a case shares."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from contracts.public import path
from kit import clock
from kit.identity import Actor
from kit.unit import Unit
from supervision.domain import procedure as rules
from supervision.store import Case, Claim, Holder, Mediation, Proceeding


def step(
    unit: Unit, case: Case, name: str, body: dict[str, Any], actor: Actor, office: str | None
) -> datetime:
    """Checks office, order and time of a step and moves the status; returns when it happened.

    Args:
        office: whose step it is.
    """
    if office is None:  # nobody's turn: the order is what is wrong
        rules.check_step(name, case.status)
    rules.check_office(office, actor.office, site_wide=actor.kind == "tool")
    done = rules.check_step(name, case.status)
    at: datetime = body.get("at") or unit.now
    if body.get("at"):
        if actor.kind != "tool":
            raise rules.Refused("time-by-hand", "办理时间由系统记录。",
                                "The time of a step is the system's.", "at", None, 422)  # fmt: skip
        rules.check_at(at, case.step_at, unit.now)
    case.step_at = at
    if done.after:
        case.handled(done.after)
    return at


def publish(unit: Unit, case: Holder, type_: str, data: dict[str, Any], at: datetime) -> None:
    """Emits one event of the case with its public state, or of an affair."""
    unit.emit(
        case.number,
        case.event(type_),
        {**case.told(), **data},
        path=path(case.division),
        sealed=case.sealed,
        at=at,
    )


def proceeding(unit: Unit, case: Case, stage: str | None = None) -> Proceeding:
    """The newest proceeding of a stage; without one: the one under way."""
    stage = stage or case.stage
    found = [p for p in unit.all(Proceeding, case.number) if p.stage == stage]
    return max(found, key=lambda p: p.round)


def claims(unit: Unit, case: Case) -> list[Claim]:
    """The claims in their order."""
    return sorted(unit.all(Claim, case.number), key=lambda claim: claim.ordinal)


def agreements(unit: Unit, case: Case) -> set[int]:
    """The claims that an agreement of this round of handling settles (Art. 33)."""
    rows = (m for m in unit.all(Mediation, case.number) if m.handling == case.round)
    return {ordinal for m in rows if m.agreed for ordinal in m.claims}


def day(at: datetime) -> date:
    """The calendar day of an instant where the office stands."""
    return clock.local_date(at)


def sealed_in(case: Case, what: str, row: Proceeding) -> str:
    """What a sealed text is bound to, so that it cannot be put in another's place."""
    return f"{what}:{case.number}:{row.stage}:{row.round}"
