"""督办, 报送办理结果, 三项建议: a demand, its replies, and what its issuer says of them. One set of handlers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from kit import clock
from kit.identity import Actor
from kit.unit import Unit
from supervision.domain import orders as rules
from supervision.domain import procedure
from supervision.domain.calendar import Calendar
from supervision.duties import finish_duty, open_duty
from supervision.handlers.steps import day, publish
from supervision.means import Means
from supervision.store import Case, Duty, Holder, Order, Reply

UNDER_SUPERVISION = ("supervise", "remind")


def issue(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """督办: the site's petition office demands an answer of a body that has the petition (Art. 40).

    Emits order.issued.
    """
    root = means.directory.root()
    procedure.check_office(root.id if root else None, actor.office, actor.kind == "tool")
    assert root is not None
    if case.status == "withdrawn":
        raise procedure.Refused("withdrawn-already", "本件已撤回。", "It was withdrawn.")
    busy = any(
        o.office == body["office"] and o.kind in UNDER_SUPERVISION and not o.ended_at
        for o in unit.all(Order, case.number)
    )
    rules.check_addressee(body["office"], root.id, case.offices, busy)
    rules.check_due(body["due_on"], day(unit.now))
    order = demand(
        unit, case, body["kind"], root.id, body["office"], unit.now, means.calendar,
        body["due_on"], body["reason"],
    )  # fmt: skip
    order.text = means.vault.seal(body["text"], f"order:{case.number}:{order.round}")
    return {"round": order.round}


def demand(
    unit: Unit, holder: Holder, kind: str, issuer: str, office: str, at: datetime,
    calendar: Calendar, last: date | None = None, reason: str | None = None, zero: date | None = None,
) -> Order:  # fmt: skip
    """A new demand with the duty of its addressee. Emits order.issued, or affair.issued.

    Args:
        last: the last day where whoever demands it sets one, else by the rule.
        zero: the day from which its limit runs, where it is not that of `at`.
    """
    round_ = 1 + len(unit.all(Order, holder.number))
    order = Order(holder.number, round_, kind, issuer, office, reason, None, at)
    unit.add(order)
    due_on = _owe(unit, holder, order, at, calendar, last, zero)
    more = {"cause": reason} if isinstance(holder, Case) else {}
    publish(unit, holder, "order.issued", _data(order) | more | {"due_on": due_on.isoformat()}, at)
    return order


def reply(
    unit: Unit, holder: Holder, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """回复、报告、反馈: the body answers; the issuer is to take note of it. Emits order.answered."""
    order = _order(unit, holder, body)
    procedure.check_office(order.office, actor.office, actor.kind == "tool")
    rules.check_step("reply", order.state)
    rules.check_adopted(order.kind, body["adopted"])
    if order.kind == "report":
        rules.check_reportable(isinstance(holder, Case) and holder.answered_at is not None)
    at, round_ = unit.now, 1 + len(_replies(unit, order))
    text = means.vault.seal(body["text"], f"reply:{order.number}:{order.round}:{round_}")
    row = Reply(order.number, order.round, round_, order.office, text, at, body["adopted"])
    unit.add(row)
    _settle(unit, order, at)
    order.state = rules.ANSWERED
    more = {} if isinstance(holder, Case) else {"adopted": row.adopted}
    publish(unit, holder, "order.answered", _data(order) | more, at)
    if not rules.DEMANDS[order.kind].judged:
        order.state, order.ended_at = rules.ACCEPTED, at
    else:
        duty = open_duty(unit, holder, "confirm", order.issuer, at, day(at), means.calendar)
        order.owed = f"{duty.kind}:{duty.round}"
    return {}


def judge(
    unit: Unit, holder: Holder, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """确认办结、退回重办: the issuer takes note, or sends it back by a new day with the reason.

    Emits order.confirmed or order.returned.
    """
    order = _order(unit, holder, body)
    procedure.check_office(order.issuer, actor.office, actor.kind == "tool")
    rules.check_judged(order.kind)
    rules.check_step("confirm" if body["accepted"] else "return", order.state)
    rules.check_due(body["due_on"], day(unit.now))
    at, row = unit.now, _replies(unit, order)[-1]
    row.verdict, row.decided_at = "accepted" if body["accepted"] else "returned", at
    if body["text"]:
        context = f"verdict:{order.number}:{order.round}:{row.round}"
        row.note = means.vault.seal(body["text"], context)
    elif not body["accepted"]:
        raise procedure.Refused("return-reason", "退回重办须说明理由。", "Say why it is sent back.",
                                "text", None, 422)  # fmt: skip
    _settle(unit, order, at)
    if body["accepted"]:
        order.state, order.ended_at = rules.ACCEPTED, at
        publish(unit, holder, "order.confirmed", _data(order), at)
        return {}
    order.state = rules.OPEN
    last = body["due_on"] or _default_last(unit, order, at)
    due_on = _owe(unit, holder, order, at, means.calendar, last)
    publish(unit, holder, "order.returned", _data(order) | {"due_on": due_on.isoformat()}, at)
    return {}


def lift(
    unit: Unit, holder: Holder, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """撤销: the issuer demands it no longer. Emits order.lifted."""
    order = _order(unit, holder, body)
    procedure.check_office(order.issuer, actor.office, actor.kind == "tool")
    rules.check_judged(order.kind)
    rules.check_step("lift", order.state)
    _lift(unit, holder, order, unit.now)
    return {}


def drop(unit: Unit, case: Case, at: datetime, *kinds: str) -> None:
    """Demands that have lost their ground: the petition was withdrawn, or sent elsewhere. Emits order.lifted."""
    for order in unit.all(Order, case.number):
        if not order.ended_at and (not kinds or order.kind in kinds):
            _lift(unit, case, order, at)


def _lift(unit: Unit, holder: Holder, order: Order, at: datetime) -> None:
    _settle(unit, order, at, "void")
    order.state, order.ended_at = rules.LIFTED, at
    publish(unit, holder, "order.lifted", _data(order), at)


# -- pieces ----------------------------------------------------------------------------------------


def _order(unit: Unit, holder: Holder, body: dict[str, Any]) -> Order:
    order = unit.get(Order, holder.number, body["round"])
    if order is None:
        raise procedure.Refused("order-unknown", "没有这一项督办、报告或者建议。",
                                "There is no such order.", None, None, 404)  # fmt: skip
    return order


def _replies(unit: Unit, order: Order) -> list[Reply]:
    found = [r for r in unit.all(Reply, order.number) if r.order == order.round]
    return sorted(found, key=lambda r: r.round)


def _owe(
    unit: Unit, holder: Holder, order: Order, at: datetime, calendar: Calendar,
    last: date | None, zero: date | None = None,
) -> date:  # fmt: skip
    """Opens the duty of the addressee; gives its last day."""
    kind = rules.DEMANDS[order.kind].duty
    duty = open_duty(unit, holder, kind, order.office, at, zero or day(at), calendar, last)
    order.owed = f"{duty.kind}:{duty.round}"
    assert duty.due_at is not None
    return clock.local_date(duty.due_at - timedelta(microseconds=1))


def _settle(unit: Unit, order: Order, at: datetime, state: str = "fulfilled") -> None:
    """Ends the duty that runs for it now."""
    if order.owed is None:
        return
    kind, _, round_ = order.owed.partition(":")
    duty = unit.get(Duty, order.number, kind, int(round_))
    if duty is not None and duty.state == "open":
        finish_duty(unit, duty, at, state)
    order.owed = None


def _default_last(unit: Unit, order: Order, at: datetime) -> date | None:
    """A report has no limit but what its issuer sets: as many days again as the first time."""
    if order.kind != "report":
        return None
    first = min(
        (d for d in unit.all(Duty, order.number) if d.kind == "report"), key=lambda d: d.round
    )
    return day(at) + timedelta(days=first.length)


def _data(order: Order) -> dict[str, Any]:
    return {
        "kind": order.kind, "round": order.round, "issuer": order.issuer, "office": order.office,
    }  # fmt: skip
