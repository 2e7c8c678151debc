"""办理: acceptance, extension, opinion, service, closing; and what ends without acceptance."""

from __future__ import annotations

from typing import Any

from contracts.public import stamp
from kit.identity import Actor
from kit.unit import Unit
from supervision.domain import clocks
from supervision.domain import procedure as rules
from supervision.duties import (
    LAPSES,
    end_duty,
    find,
    open_duty,
    reckon,
    void_all,
    wanted,
)
from supervision.handlers.finality import finish
from supervision.handlers.steps import agreements, claims, day, proceeding, publish, sealed_in, step
from supervision.means import Means
from supervision.store import (
    Case,
    Contribution,
    Duty,
    Extension,
    Proceeding,
)

ANSWERS = ("answer", "simple_answer", "reply", "elsewhere")


def accept(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """受理: each claim on its branch; the 60 days begin where one goes the petition's own way (D6).

    Emits petition.accepted.
    """
    branches = _branches(unit, case, body.get("claims") or [])
    name = body.get("procedure") or "ordinary"
    if name == "simple":
        rules.check_simple(
            branches=branches,
            collective=case.collective,
            round_=case.round,
            repeated=case.repeat_of is not None,
        )
    at = step(unit, case, "accept", body, actor, case.office)
    case.accepted_at, case.procedure = at, name
    end_duty(unit, case, at, "accept", "inform")
    end_duty(unit, case, at, "simple_accept", state="fulfilled" if name == "simple" else "void")
    void_all(unit, case, at, "object")
    begin(unit, case, at, means)
    told = [{"ordinal": c.ordinal, "branch": c.branch} for c in claims(unit, case)]
    publish(unit, case, "petition.accepted", {"procedure": name, "claims": told}, at)
    return {"answer_due": stamp(case.answer_due) if case.answer_due else None}


def begin(unit: Unit, case: Case, at: Any, means: Means) -> None:
    """The proceeding of handling, and the clock that its claims start."""
    case.stage = "handle"
    unit.add(Proceeding(case.number, "handle", case.round, case.office or "", day(at)))
    kind = rules.clock_of([c.branch for c in claims(unit, case)], case.procedure or "ordinary")
    open_duty(unit, case, kind, case.office or "", at, day(at), means.calendar)


def _branches(unit: Unit, case: Case, chosen: list[dict[str, Any]]) -> list[str]:
    """Takes over the branches that were chosen; the others stay as they were proposed."""
    known = {claim.ordinal: claim for claim in claims(unit, case)}
    for choice in chosen:
        claim = known.get(choice["ordinal"])
        if claim is None:
            raise rules.Refused("claim-unknown", f"没有第{choice['ordinal']}项诉求。",
                                f"There is no claim {choice['ordinal']}.", "claims", None, 422)  # fmt: skip
        claim.branch = choice["branch"]
    return [claim.branch for claim in known.values()]


def assist(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """协办意见: an assisting office gives its part to the one that answers. Emits assist.answered."""
    mine = find(unit, case.number, "assist", office=actor.office)
    if mine is None:
        rules.check_step("assist", case.status)
        raise rules.Refused("nothing-to-assist", "本单位没有待提交的协办意见。",
                            "This office owes no part of it.", None, None, 403)  # fmt: skip
    at = step(unit, case, "assist", body, actor, mine.office)
    end_duty(unit, case, at, "assist", office=mine.office)
    text = means.vault.seal(body["text"], f"contribution:{case.number}:{mine.round}:{mine.office}")
    unit.add(Contribution(case.number, mine.round, mine.office, text, at))
    publish(unit, case, "assist.answered", {"office": mine.office}, at)
    return {}


def ask_extension(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """申请延期: the body asks its head for up to 30 days more, with the reason (D7, Art. 34).

    Emits extension.requested.
    """
    rules.check_step("ask_extension", case.status)
    duty = find(unit, case.number, "answer")
    if duty is None:
        raise rules.Refused("no-limit-to-extend", "本件没有可以延长的办理期限。",
                            "This petition has no limit that could be extended.")  # fmt: skip
    asked = unit.all(Extension, case.number)
    used = any(e.handling == case.round and e.approved is not False for e in asked)
    rules.check_not_over(duty.due_at is not None and duty.due_at <= unit.now)
    rules.check_extension(body["days"], clocks.rule_of(duty.rule).extend, used)
    at = step(unit, case, "ask_extension", body, actor, case.office)
    round_ = len(asked) + 1
    reason = means.vault.seal(body["reason"], f"extension:{case.number}:{round_}")
    unit.add(Extension(case.number, round_, case.round, body["days"], reason, at))
    publish(unit, case, "extension.requested", {"days": body["days"]}, at)
    return {}


def decide_extension(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """批准延期: the head of the body says yes or no. Emits petition.extended or extension.refused."""
    asked = [
        e
        for e in unit.all(Extension, case.number)
        if e.approved is None and e.handling == case.round
    ]
    duty = find(unit, case.number, "answer")
    if not asked or duty is None:
        raise rules.Refused("no-extension-asked", "没有待批准的延期申请。",
                            "No extension waits for a decision.", None, "信访工作条例 第三十四条")  # fmt: skip
    if body["approved"]:
        rules.check_not_over(duty.due_at is not None and duty.due_at <= unit.now)
    office = case.instead if actor.office == case.instead else case.office
    at = step(unit, case, "decide_extension", body, actor, office)
    extension = asked[-1]
    extension.decided_at, extension.approved = at, body["approved"]
    if not body["approved"]:
        publish(unit, case, "extension.refused", {"days": extension.days}, at)
        return {"answer_due": stamp(case.answer_due) if case.answer_due else None}
    duty.length += extension.days
    reckon(unit, case, duty, means.calendar)
    publish(unit, case, "petition.extended", {"days": extension.days}, at)
    return {"answer_due": stamp(case.answer_due) if case.answer_due else None}


def answer(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """处理意见: an outcome for each claim, and the text, sealed here; the limit ends.

    Emits petition.answered.
    """
    known, agreed = claims(unit, case), agreements(unit, case)
    chosen = body.get("claims") or [
        {
            "ordinal": c.ordinal,
            "outcome": "settled" if c.ordinal in agreed else body["outcome"],
        }
        for c in known
    ]
    rules.check_outcomes([c.ordinal for c in known], [c["ordinal"] for c in chosen])
    outcomes = {choice["ordinal"]: choice["outcome"] for choice in chosen}
    if actor.kind != "tool":  # an imported register names the outcome, and not how it came about
        rules.check_settled(agreed, outcomes, body["outcome"])
        decided = [c.branch for c in known if c.ordinal not in agreed]
        rules.check_reasoned(decided, case.procedure, body.get("facts"), body.get("basis"))
    owed = [d for d in unit.all(Duty, case.number) if d.kind == "assist" and d.state == "open"]
    at = step(unit, case, "answer", body, actor, case.office)
    rules.check_assisted([d.office for d in owed if d.due_at and d.due_at > at])
    answered(unit, case, at, body["outcome"], outcomes, body, means)
    return {}


def answered(
    unit: Unit, case: Case, at: Any, whole: str, outcomes: dict[int, str], parts: dict[str, Any],
    means: Means,
) -> None:  # fmt: skip
    """What an opinion and an agreement on everything have in common. Emits petition.answered.

    Args:
        parts: opinion, facts, basis; those that were written are sealed.
    """
    void_all(unit, case, at, "assist")
    known = claims(unit, case)
    for claim in known:
        claim.outcome = outcomes[claim.ordinal]
    case.answered_at = at
    end_duty(unit, case, at, *ANSWERS)
    row = proceeding(unit, case, "handle")
    row.decided_at, row.outcome = at, whole
    for part in ("opinion", "facts", "basis"):
        if parts.get(part):
            setattr(row, part, means.vault.seal(parts[part], sealed_in(case, part, row)))
    told = [{"ordinal": c.ordinal, "outcome": c.outcome} for c in known]
    publish(unit, case, "petition.answered", {"outcome": whole, "claims": told}, at)
    open_duty(unit, case, "serve", case.office or "", at, day(at), means.calendar)


def serve(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """送达: the opinion reached the petitioner, or did not; from here the 30 days run in which a
    review may be sought (D8, Art. 35). Emits petition.served."""
    row = proceeding(unit, case, "handle") if case.status == "answered" else None
    if row is not None and returned(unit, case, row, body, actor, case.office):
        return {}
    at = step(unit, case, "serve", body, actor, case.office)
    assert row is not None and row.decided_at is not None
    deliver(unit, case, row, body, at)
    case.served_on = row.served_on
    end_duty(unit, case, at, "serve")
    assert row.served_on is not None
    reviewable = any(
        c.branch == rules.ORDINARY_BRANCH and c.outcome != "settled" for c in claims(unit, case)
    )
    kind = "seek_review" if reviewable else "close"
    open_duty(unit, case, kind, case.office or "", at, row.served_on, means.calendar)
    return {}


def returned(
    unit: Unit, case: Case, row: Proceeding, body: dict[str, Any], actor: Actor, office: str | None
) -> bool:
    """退回: it came back unserved; nothing begins to run, and it is still owed. Emits service.returned."""
    if body.get("receipt") != "returned":
        return False
    rules.check_office(office, actor.office, site_wide=actor.kind == "tool")
    assert row.decided_at is not None
    rules.check_served_on(body["served_on"], day(row.decided_at), day(unit.now))
    data = {"stage": row.stage, "method": body["method"]}
    publish(unit, case, "service.returned", data, body.get("at") or unit.now)
    return True


def deliver(unit: Unit, case: Case, row: Proceeding, body: dict[str, Any], at: Any) -> None:
    """Writes the proof of service into the proceeding. Emits petition.served."""
    assert row.decided_at is not None
    rules.check_served_on(body["served_on"], day(row.decided_at), day(unit.now))
    row.served_on, row.service_method = body["served_on"], body["method"]
    row.receipt = body.get("receipt") or "signed"
    data = {
        "stage": row.stage,
        "method": row.service_method,
        "receipt": row.receipt,
        "served_on": body["served_on"].isoformat(),
    }
    publish(unit, case, "petition.served", data, at)


def notify(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """告知: the petitioner was told in writing that it is not accepted, or where to go (Art. 23).

    Emits petition.final.
    """
    duty = find(unit, case.number, "accept", "inform", "notify")
    office = duty.office if duty else case.registered_by
    if duty is None and case.status == "declined":
        raise rules.Refused(
            "notified-already", "本件已经告知。", "The petitioner was told already."
        )
    at = step(unit, case, "notify", body, actor, office)
    rules.check_served_on(body["served_on"], case.received_on, day(unit.now))
    end_duty(unit, case, at, "accept", "inform", "notify")
    case.served_on = body["served_on"]
    finish(unit, case, "declined", at)
    return {}


def close(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """办结: the case is closed; tells whether it was answered in time. Emits petition.closed."""
    at = step(unit, case, "close", body, actor, case.office)
    on_time = closed(unit, case, at)
    row = proceeding(unit, case, "handle")
    if find(unit, case.number, "seek_review") is None:
        finish(unit, case, "settled" if row.outcome == "settled" else "not_reviewable", at)
    if actor.kind != "tool" and wanted("follow_up", day(at), means.calendar):
        # what an imported register closed long ago is not this site's to ask about
        open_duty(unit, case, "follow_up", case.registered_by, at, day(at), means.calendar)
    return {"on_time": on_time}


def closed(unit: Unit, case: Case, at: Any) -> bool | None:
    """Marks it closed. Emits petition.closed."""
    case.closed_at = at
    end_duty(unit, case, at, "close")
    duties = [d for d in unit.all(Duty, case.number) if d.kind in ANSWERS and d.ended_at]
    on_time = all(not d.missed_at for d in duties) if duties else None
    publish(unit, case, "petition.closed", {"on_time": on_time}, at)
    return on_time


def resolve(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """核对: a person has looked at facts that clashed, and done what was to be done.

    Emits nothing but the light that may be due.
    """
    duty = find(unit, case.number, "triage")
    if duty is None:
        raise rules.Refused(
            "nothing-to-resolve", "没有需要核对的事项。", "There is nothing to check."
        )
    rules.check_office(duty.office, actor.office, site_wide=actor.kind == "tool")
    end_duty(unit, case, unit.now, "triage")
    return {}


def again(unit: Unit, case: Case, at: Any, means: Means) -> None:
    """The next round of handling, with a limit of its own."""
    void_all(unit, case, at, "follow_up", "reopen")  # they belong to the round that is over
    case.round += 1
    case.closed_at = case.final_at = case.final_reason = case.served_on = case.answered_at = None
    case.accepted_at = at
    begin(unit, case, at, means)


def _review_lapsed(unit: Unit, case: Case, _duty: Duty, at: Any) -> None:
    """逾期未请求复查: the opinion is final (Art. 35). One that nobody closed is closed with it."""
    if case.status == "served":
        case.handled("closed")
        closed(unit, case, at)
    if case.status == "closed":
        finish(unit, case, "review_not_sought", at)


LAPSES["seek_review"] = _review_lapsed
