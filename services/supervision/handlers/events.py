"""Facts of intake and routing: cases open, duties begin and end. An event is never refused."""

from __future__ import annotations

from datetime import date

from contracts.public import fields_of, seen_by, succeed
from kit.envelope import Event
from kit.identity import aside
from kit.unit import Unit
from supervision.domain.calendar import Calendar
from supervision.domain.procedure import STEPS, branch_of
from supervision.duties import end_duty, find, open_duty, void_all, void_way
from supervision.handlers.orders import demand, drop
from supervision.handlers.steps import day, publish
from supervision.store import Case, Claim, Duty, Proceeding

OF_AN_ASSIGNMENT = ("accept", "inform", "simple_accept", "object", "arbitrate", "assist")
"""What is owed because of an assignment, and not any longer once there is another."""


def on_registered(unit: Unit, event: Event, calendar: Calendar) -> None:
    """Opens the case and the duty to forward it, 15 days from receipt (D1, Art. 22)."""
    state = fields_of(event.data["petition"])
    registered_at, office = state["registered_at"], state["registered_by"]
    barred = event.data["barred"]
    case = Case(
        **state, sealed=event.sealed, offices=[office], barred=barred, step_at=registered_at,
        collective=event.data["collective"], urgent=event.data["urgent"],
    )  # fmt: skip
    unit.add(case)
    for claim in event.data["claims"]:
        branch = claim["branch"] or branch_of(claim["type"])
        unit.add(Claim(case.number, claim["ordinal"], claim["type"], branch))
    open_duty(unit, case, "forward", office, registered_at, case.received_on, calendar)
    if event.data["simple"]:
        open_duty(unit, case, "simple_forward", office, registered_at, case.received_on, calendar)
    if event.data["urgent"]:
        open_duty(unit, case, "urgent", office, registered_at, day(registered_at), calendar)


def on_followed(unit: Unit, event: Event) -> None:
    """A fact that changes what is known, and nothing that is owed."""
    _followed(unit, event)


def on_rated(unit: Unit, event: Event) -> None:
    """The petitioner rated; a rating does not change the status."""
    _followed(unit, event).rated_at = event.time


def on_linked(unit: Unit, event: Event) -> None:
    """It repeats an earlier one, or does not after all."""
    case = _followed(unit, event)
    case.repeat_of = event.data["repeat_of"] if event.type == "petition.linked" else None


def on_received(unit: Unit, event: Event, calendar: Calendar) -> None:
    """It was brought to a reception: what was promised there for a day is owed by whoever held it."""
    case = _followed(unit, event)
    office, promised = event.data["host"], event.data["promised_on"]
    if promised and case.status != "withdrawn":
        void_all(unit, case, event.time, "promise")
        zero, last = date.fromisoformat(event.data["held_on"]), date.fromisoformat(promised)
        open_duty(unit, case, "promise", office, event.time, zero, calendar, last)


def on_followed_up(unit: Unit, event: Event) -> None:
    """回访: somebody looked whether the promise was kept; what is still to do is a new promise."""
    end_duty(unit, _followed(unit, event), event.time, "promise")


def on_contested(unit: Unit, event: Event, calendar: Calendar) -> None:
    """The petitioner contests the link: whoever registered it looks at it within some days."""
    case = _followed(unit, event)
    if case.status not in ("final", "withdrawn") and not find(unit, case.number, "triage"):
        office, zero = case.registered_by, day(event.time)
        open_duty(unit, case, "triage", office, event.time, zero, calendar)


def on_assigned(unit: Unit, event: Event, calendar: Calendar) -> None:
    """An office was named: the duty to forward is done, that office has 15 days to accept and tell
    (D3), and 5 working days in which it may object (D4, Art. 23). Both run from here (ADR 0007)."""
    case = _followed(unit, event)
    if _clashes(unit, case, event, calendar):
        return
    end_duty(unit, case, event.time, "forward", "reforward", "designate")
    simple = end_duty(unit, case, event.time, "simple_forward")
    void_all(unit, case, event.time, *OF_AN_ASSIGNMENT)
    case.assigned_at, case.signed_at = event.time, None
    case.sender, case.method = event.data["from_office"], event.data["method"]
    drop(unit, case, event.time, "report")
    case.instead = None
    office, zero = case.office or "", day(event.time)
    case.offices = seen_by(case.offices, event.type, event.data)
    if event.data["method"] == "self":
        # its own receipt is where the limit runs from (D2)
        open_duty(unit, case, "inform", office, event.time, case.received_on, calendar)
    else:
        open_duty(unit, case, "accept", office, event.time, zero, calendar)
        if not event.data["final"]:
            open_duty(unit, case, "object", office, event.time, zero, calendar)
    if simple:  # 3 and 3 working days, where the counter proposed it (D15); the law's 15 run beside
        open_duty(unit, case, "simple_accept", office, event.time, zero, calendar)
    if event.data["report_due"]:
        last = date.fromisoformat(event.data["report_due"])
        issuer = case.sender or case.registered_by
        demand(unit, case, "report", issuer, office, event.time, calendar, last)
    for helper in event.data["assisting"]:
        last = date.fromisoformat(helper["due_on"])
        open_duty(unit, case, "assist", helper["office"], event.time, zero, calendar, last)


def on_signed(unit: Unit, event: Event) -> None:
    """The office signed for it; its limits run since the assignment."""
    _followed(unit, event).signed_at = event.time


def on_objected(unit: Unit, event: Event, calendar: Calendar) -> None:
    """The body objected: its window is used, the sender has to verify (Art. 23)."""
    case = _followed(unit, event)
    if case.handling != "accepted" and _clashes(unit, case, event, calendar):
        return
    end_duty(unit, case, event.time, "object")
    sender = case.sender or case.registered_by
    open_duty(unit, case, "arbitrate", sender, event.time, day(event.time), calendar)


def on_upheld(unit: Unit, event: Event) -> None:
    """The sender did not agree: the assignment stands, and its limit has run on."""
    end_duty(unit, _followed(unit, event), event.time, "arbitrate")


def on_returned(unit: Unit, event: Event, calendar: Calendar) -> None:
    """The sender agreed: whoever sent it has to find the right body, or the common superior has to
    name it (Art. 24)."""
    case = _followed(unit, event)
    if case.handling == "accepted":  # by the same body, a moment before it objected
        case.handled(None)
    if _clashes(unit, case, event, calendar):
        return
    end_duty(unit, case, event.time, "arbitrate")
    void_all(unit, case, event.time, *OF_AN_ASSIGNMENT)
    drop(unit, case, event.time, "report")
    kind = "designate" if event.data["lifted"] else "reforward"
    open_duty(unit, case, kind, event.data["to_office"], event.time, day(event.time), calendar)
    case.offices = seen_by(case.offices, event.type, event.data)


def on_referred(unit: Unit, event: Event, calendar: Calendar) -> None:
    """Put to whoever names the office, or an abolished body's successor (Art. 24): that is owed now. To refer
    a matter in time is to have done with forwarding it (报请决定, Art. 22)."""
    case = _followed(unit, event)
    case.offices = seen_by(case.offices, event.type, event.data)
    kind = "succession" if event.data["cause"] == "succession" else "designate"
    if kind == "designate":
        if _clashes(unit, case, event, calendar):
            return
        end_duty(unit, case, event.time, "forward", "reforward")
    open_duty(unit, case, kind, event.data["to_office"], event.time, day(event.time), calendar)


def on_succeeded(unit: Unit, event: Event) -> None:
    """An abolished body's open duties, and what it was in the middle of, are its successor's (Art. 24)."""
    case = _followed(unit, event)
    was, heir = event.data["from_office"], event.data["to_office"]
    succeed(case, was, heir, "registered_by", "sender", "instead")
    case.offices = seen_by(case.offices, event.type, event.data)
    end_duty(unit, case, event.time, "succession")
    for duty in unit.all(Duty, case.number):
        if duty.state == "open":
            succeed(duty, was, heir, "office")
    for row in unit.all(Proceeding, case.number):
        if row.served_on is None:
            succeed(row, was, heir, "office")


def on_recused(unit: Unit, event: Event) -> None:
    """An officer stepped aside (Art. 28); for a head of the body that answers the superior decides."""
    case = _followed(unit, event)
    case.barred = [*case.barred, aside(event.data["account"])]
    case.offices = seen_by(case.offices, event.type, event.data)
    if event.data["to_office"] and event.data["by_office"] == case.office:
        case.instead = event.data["to_office"]


def on_declined(unit: Unit, event: Event, calendar: Calendar) -> None:
    """Not accepted, or led elsewhere: what is left is to tell the petitioner in writing (Art. 23)."""
    case = _followed(unit, event)
    if _clashes(unit, case, event, calendar):
        return
    end_duty(unit, case, event.time, "forward", "reforward", "designate")
    told = find(unit, case.number, "accept", "inform")
    office = event.data["by_office"]
    case.declined = {name: event.data[name] for name in ("by_office", "cause", "article")}
    if told is None:
        open_duty(unit, case, "notify", office, event.time, day(event.time), calendar)
    end_duty(unit, case, event.time, "simple_forward")
    void_all(unit, case, event.time, "object", "arbitrate", "assist", "simple_accept")
    drop(unit, case, event.time, "report")


def on_withdrawn(unit: Unit, event: Event, calendar: Calendar) -> None:
    """The petitioner withdrew: nobody owes anything any longer, but the report of an urgent matter (Art. 25). Emits
    petition.final."""
    case = _followed(unit, event)
    if case.status in STEPS["withdraw"].before:
        void_way(unit, case, event.time, "promise", "follow_up", "reopen")
        drop(unit, case, event.time)
        case.handled("withdrawn")
        case.final_at, case.final_reason = event.time, "withdrawn"
        publish(unit, case, "petition.final", {"cause": "withdrawn"}, event.time)
    else:
        _clashes(unit, case, event, calendar)


def _clashes(unit: Unit, case: Case, event: Event, calendar: Calendar) -> bool:
    """Whether a fact of another service comes too late for a case that has gone on meanwhile. Nothing is
    refused, nothing undone: a person looks at it (house.md 4.6), unless it has ended anyway."""
    if case.handling is None:
        return False
    if case.handling not in ("withdrawn", "final") and not find(unit, case.number, "triage"):
        zero = day(event.time)
        open_duty(unit, case, "triage", case.registered_by, event.time, zero, calendar)
    return True


def _followed(unit: Unit, event: Event) -> Case:
    case = unit.get(Case, event.subject)
    if case is None:
        raise LookupError(f"no case {event.subject}")
    case.take(event.source, event.data["petition"])
    case.step_at = max(case.step_at, event.time)
    return case
