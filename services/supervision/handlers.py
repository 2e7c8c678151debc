"""What supervision does with commands and with other services' events. One function each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.public import fields_of, path, stamp
from kit import clock
from kit.envelope import Event
from kit.identity import Actor
from kit.unit import Unit
from kit.vault import Vault
from supervision.domain import case as rules
from supervision.duties import end_duty, open_duty
from supervision.store import Case, Duty

# -- events of intake and routing ------------------------------------------------------------------


def on_registered(unit: Unit, event: Event) -> None:
    """Opens the case and the duty to forward it within 15 days (D1, Art. 22)."""
    state = fields_of(event.data["petition"])
    registered_at, office = state["registered_at"], state["registered_by"]
    case = Case(**state, sealed=event.sealed, offices=[office], barred=[], step_at=registered_at)
    unit.add(case)
    duty = open_duty(unit, case, "forward", office, registered_at, clock.local_date(registered_at))
    case.forward_due = duty.due_at


def on_located(unit: Unit, event: Event) -> None:
    """The place was found."""
    _followed(unit, event)


def on_assigned(unit: Unit, event: Event) -> None:
    """An office was named: the duty to forward is done."""
    case = _followed(unit, event)
    case.assigned_at = event.time
    if case.office and case.office not in case.offices:
        case.offices = [*case.offices, case.office]
    end_duty(unit, case.number, "forward", event.time)


def on_signed(unit: Unit, event: Event) -> None:
    """The office signed for it."""
    _followed(unit, event).signed_at = event.time


def on_rated(unit: Unit, event: Event) -> None:
    """The petitioner rated; a rating does not change the status."""
    _followed(unit, event).rated_at = event.time


def _followed(unit: Unit, event: Event) -> Case:
    case = unit.get(Case, event.subject)
    if case is None:
        raise LookupError(f"no case {event.subject}")
    case.take(event.source, event.data["petition"])
    case.step_at = max(case.step_at, event.time)
    return case


# -- commands --------------------------------------------------------------------------------------


def accept(unit: Unit, case: Case, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """受理: the matter is accepted, the 60 days begin (D6). Emits petition.accepted."""
    at = _step(unit, case, "accept", body, actor)
    case.accepted_at = at
    duty = open_duty(unit, case, "answer", case.office or "", at, clock.local_date(at))
    case.answer_due = duty.due_at
    _publish(unit, case, "petition.accepted", {}, at)
    return {"answer_due": stamp(duty.due_at)}


def answer(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """处理意见: outcome and text, sealed here; the 60 days end. Emits petition.answered."""
    at = _step(unit, case, "answer", body, actor)
    case.answered_at = at
    end_duty(unit, case.number, "answer", at)
    case.outcome = body["outcome"]
    case.opinion = vault.seal(body["opinion"], f"opinion:{case.number}")
    _publish(unit, case, "petition.answered", {"outcome": body["outcome"]}, at)
    return {}


def serve(unit: Unit, case: Case, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """送达: the opinion reached the petitioner. Emits petition.served."""
    at = _step(unit, case, "serve", body, actor)
    assert case.answered_at is not None
    rules.check_served_on(
        body["served_on"], clock.local_date(case.answered_at), clock.local_date(unit.now)
    )
    case.served_on, case.service_method = body["served_on"], body["method"]
    data = {"method": body["method"], "served_on": body["served_on"].isoformat()}
    _publish(unit, case, "petition.served", data, at)
    return {}


def close(unit: Unit, case: Case, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """办结: the case is closed; tells whether it was answered in time. Emits petition.closed."""
    at = _step(unit, case, "close", body, actor)
    case.closed_at = at
    duties = [d for d in unit.all(Duty, case.number) if d.kind == "answer" and d.ended_at]
    on_time = all(d.ended_at < d.due_at for d in duties if d.ended_at) if duties else None
    _publish(unit, case, "petition.closed", {"on_time": on_time}, at)
    return {"on_time": on_time}


def _step(unit: Unit, case: Case, name: str, body: dict[str, Any], actor: Actor) -> datetime:
    """Checks office, order and time, moves the status; returns when the step happened."""
    rules.check_office(case.office, actor.office, site_wide=actor.kind == "tool")
    step = rules.check_step(name, case.status)
    at: datetime = body.get("at") or unit.now
    if body.get("at"):
        if actor.kind != "tool":
            raise rules.Refused("time-by-hand", "办理时间由系统记录。",
                                "The time of a step is the system's.", "at", None, 422)  # fmt: skip
        rules.check_at(at, case.step_at, unit.now)
    case.status, case.step_at = step.after, at
    return at


def _publish(unit: Unit, case: Case, type_: str, data: dict[str, Any], at: datetime) -> None:
    unit.emit(
        case.number,
        type_,
        {"petition": case.public(), **data},
        path=path(case.division),
        sealed=case.sealed,
        at=at,
    )
