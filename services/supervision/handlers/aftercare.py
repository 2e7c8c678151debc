"""回访、重新办理: what comes after closing, where what was answered was not carried out or was not right."""

from __future__ import annotations

from typing import Any

from kit.identity import Actor
from kit.unit import Unit
from supervision.domain import procedure as rules
from supervision.duties import end_duty, find, open_duty, void_way
from supervision.handlers.handling import again
from supervision.handlers.steps import day, publish, step
from supervision.means import Means
from supervision.store import Case, FollowUp, Order, Reply


def reopen(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """重新办理: what was promised was not done (a follow-up found it), was not right, or the report of it was
    sent back; a new round of handling.

    Emits petition.reopened.
    """
    rules.check_step("reopen", case.status)
    unkept = _unkept(unit, case) if body["reason"] == "not_executed" else None
    rules.check_reopening(body["reason"], unkept, _sent_back(unit, case))
    at = step(unit, case, "reopen", body, actor, case.office)
    end_duty(unit, case, at, "reopen")
    void_way(unit, case, at)
    again(unit, case, at, means)
    publish(unit, case, "petition.reopened", {"cause": body["reason"], "follow_up": unkept}, at)
    return {}


def _unkept(unit: Unit, case: Case) -> int | None:
    """The newest follow-up of this round of handling that found it undone."""
    rows = (f for f in unit.all(FollowUp, case.number) if f.handling == case.round)
    return max((f.round for f in rows if f.result == "not_executed"), default=None)


def _sent_back(unit: Unit, case: Case) -> bool:
    """Whether a report, or a reply to an order, was sent back and not confirmed since."""
    open_ = {o.round for o in unit.all(Order, case.number) if o.state == "open"}
    return any(r.verdict == "returned" and r.order in open_ for r in unit.all(Reply, case.number))


def follow_up(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """回访: whoever registered it asks whether what was answered was carried out. What was not is to be handled
    anew by the body, within some days.

    Emits petition.followed.
    """
    rules.check_step("follow_up", case.status)
    earliest = day(case.closed_at) if case.closed_at else case.received_on
    rules.check_day(body["followed_on"], earliest, day(unit.now), "followed_on")
    at = step(unit, case, "follow_up", body, actor, case.registered_by)
    round_ = 1 + len(unit.all(FollowUp, case.number))
    text = means.vault.seal(body["text"], f"follow_up:{case.number}:{round_}")
    unit.add(
        FollowUp(
            case.number, round_, case.round, case.registered_by, body["followed_on"],
            body["method"], body["result"], text, at,
        )
    )  # fmt: skip
    end_duty(unit, case, at, "follow_up")
    data = {
        "round": round_,
        "method": body["method"],
        "result": body["result"],
        "followed_on": body["followed_on"].isoformat(),
    }
    publish(unit, case, "petition.followed", data, at)
    undone = body["result"] == "not_executed" and case.status in rules.STEPS["reopen"].before
    if undone and not find(unit, case.number, "reopen"):
        open_duty(unit, case, "reopen", case.office or "", at, day(at), means.calendar)
    return {}
