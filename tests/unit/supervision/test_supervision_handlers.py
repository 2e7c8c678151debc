"""What supervision makes of events and commands, on rows in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kit.due import Due
from kit.envelope import Event
from kit.identity import Actor, Directory
from kit.unit import Unit
from supervision import handlers
from supervision.calendars import shipped
from supervision.domain.procedure import Refused
from supervision.duties import fire
from supervision.handlers.finality import finish
from supervision.means import Means
from supervision.store import MODEL, Case, Duty, Proceeding
from supervision.subscriptions import SUBSCRIPTIONS
from tests.people import (
    AT,
    BUREAU,
    CLERK,
    NUMBER,
    OPINION,
    OTHER,
    TOOL,
    TOWN,
    Desk,
    keys_of,
    state,
    vault,
)  # fmt: skip

VAULT = vault("supervision")
MEANS = Means(VAULT, shipped(), Directory())
DAY = timedelta(days=1)
FORWARD_DUE = datetime(2026, 3, 17, 16, tzinfo=UTC)  # the 17th is over in Shanghai


def opened(at: datetime = AT, sealed: bool = False) -> Desk:
    """A desk with one case just registered."""
    desk = Desk(MODEL, SUBSCRIPTIONS)
    data = {"petition": state()}
    desk.hear("intake", "petition.registered", data, at, sealed=sealed)
    return desk


def routed(at: datetime = AT, desk: Desk | None = None) -> Desk:
    """A case that its office has signed for."""
    desk = desk or opened()
    known: dict[str, Any] = {"division": "330282104000"}
    desk.hear("routing", "petition.located", {"petition": state(status="located", **known)}, at)
    known["office"] = TOWN
    desk.hear("routing", "petition.assigned", {"petition": state(status="assigned", **known)}, at)
    desk.hear("routing", "petition.signed", {"petition": state(status="signed", **known)}, at)
    return desk


def step(
    desk: Desk, name: str, now: datetime = AT, actor: Actor = CLERK, **body: Any
) -> list[Event]:
    """Does one of the four commands."""
    bodies: dict[str, dict[str, Any]] = {
        "accept": {},
        "answer": OPINION,
        "serve": {"method": "in_person", "served_on": now.astimezone(UTC).date()},
        "close": {},
    }

    def work(unit: Unit) -> None:
        unit.open([NUMBER])
        case = unit.get(Case, NUMBER)
        getattr(handlers, name)(unit, case, bodies[name] | body, actor, MEANS)

    return desk.do(work, now)


def tick(desk: Desk, at: datetime) -> list[Event]:
    """The clock looks at what is due at an instant."""

    def work(unit: Unit) -> None:
        unit.open([NUMBER])
        for due in sorted(unit.all(Due, NUMBER), key=lambda d: d.due_at):
            while due.fired_at is None and due.due_at <= at:
                fire(unit, due)

    return desk.do(work, at)


def case_of(desk: Desk) -> Case:
    case: Case = desk.one(Case, NUMBER)
    return case


def duty(desk: Desk, kind: str, round_: int = 1) -> Duty:
    found: Duty = desk.one(Duty, NUMBER, kind, round_)
    return found


def told(events: list[Event]) -> list[tuple[str, str]]:
    return [(e.type, e.data.get("duty", "")) for e in events]


# -- events ----------------------------------------------------------------------------------------


def test_a_registration_opens_the_case_and_the_duty_to_forward() -> None:
    desk = opened()
    case = case_of(desk)
    assert (case.status, case.offices, case.barred, case.sealed) == (
        "registered", [BUREAU], [], False,
    )  # fmt: skip
    assert case.forward_due == FORWARD_DUE and case.answer_due is None
    owed = duty(desk, "forward")
    assert (owed.office, owed.state, owed.due_at) == (BUREAU, "open", FORWARD_DUE)
    assert owed.ground == "信访工作条例 第二十二条" and owed.started_at == AT
    assert desk.one(Due, owed.item).due_at == FORWARD_DUE - 3 * DAY


def test_the_15_days_run_from_receipt_not_from_registration() -> None:
    """D1 starts with 收到: a letter that lay for two days has lost them."""
    desk = Desk(MODEL, SUBSCRIPTIONS)
    received = state(received_on="2026-02-28", registered_at="2026-03-02T01:15:00Z")
    desk.hear("intake", "petition.registered", {"petition": received}, AT)
    assert case_of(desk).forward_due == FORWARD_DUE - 2 * DAY + DAY, "a Sunday, so the 16th"
    assert duty(desk, "forward").zero == date(2026, 2, 28)


def test_routing_moves_status_place_and_office() -> None:
    case = case_of(routed(AT + DAY))
    assert (case.status, case.division, case.office) == ("signed", "330282104000", TOWN)
    assert case.offices == [BUREAU, TOWN], "both see it from now on"
    assert case.assigned_at == case.signed_at == case.step_at == AT + DAY


def test_an_assignment_fulfils_the_duty_to_forward() -> None:
    desk = routed(AT + DAY)
    owed = duty(desk, "forward")
    assert (owed.state, owed.ended_at, owed.missed_at) == ("fulfilled", AT + DAY, None)
    assert desk.one(Due, owed.item).fired_at is not None
    assert "forward" not in {kind for _, kind in told(tick(desk, AT + 99 * DAY))}


def test_an_event_takes_only_what_its_source_owns() -> None:
    desk = routed()
    step(desk, "accept", AT)
    known = state(status="registered", office="elsewhere", head_count=9, channel="web")
    desk.hear("intake", "petition.rated", {"petition": known})
    case = case_of(desk)
    assert (case.status, case.office) == ("accepted", TOWN), "routing's and ours stay"
    assert (case.head_count, case.channel) == (9, "web")
    assert case.rated_at == AT


def test_an_event_of_a_case_never_registered_is_not_swallowed() -> None:
    desk = Desk(MODEL, SUBSCRIPTIONS)
    with pytest.raises(Exception, match="routing:1"):
        desk.hear("routing", "petition.signed", {"petition": state(status="signed")})


# -- commands --------------------------------------------------------------------------------------


def test_the_whole_way() -> None:
    desk = routed()
    events = step(desk, "accept", AT + DAY)
    assert told(events) == [("petition.accepted", "")]
    due = datetime(2026, 5, 6, 16, tzinfo=UTC)  # the 60th day, 2 May, is a holiday: until the 6th
    assert case_of(desk).answer_due == due == duty(desk, "answer").due_at
    assert duty(desk, "answer").ground == "信访工作条例 第三十四条"
    assert duty(desk, "answer").office == TOWN
    assert events[0].data["petition"]["answer_due"] == "2026-05-06T16:00:00Z"

    (answered,) = step(desk, "answer", AT + 30 * DAY)
    assert answered.data["outcome"] == "supported" and "予以支持" not in str(answered.data)
    opinion = desk.one(Proceeding, NUMBER, "handle", 1).opinion
    assert opinion and VAULT.open(opinion, f"opinion:{NUMBER}:handle:1") == "予以支持。"
    assert duty(desk, "answer").state == "fulfilled"

    (served,) = step(desk, "serve", AT + 31 * DAY, served_on=date(2026, 4, 1))
    assert (served.data["method"], served.data["served_on"]) == ("in_person", "2026-04-01")
    (closed,) = step(desk, "close", AT + 32 * DAY)
    assert closed.data["on_time"] is True and closed.data["petition"]["status"] == "closed"
    assert [key for key, _ in keys_of(desk)] == [
        f"petition.{name}.33.02.82.104" for name in ("accepted", "answered", "served", "closed")
    ]
    lapsed = tick(desk, AT + 999 * DAY)
    assert [pair for pair in told(lapsed) if pair[1] != "follow_up"] == [
        ("duty.lapsed", "seek_review"), ("petition.final", ""),
    ]  # fmt: skip
    assert ("duty.missed", "follow_up") in told(lapsed), "nobody asked how it went"
    assert (case_of(desk).status, case_of(desk).final_reason) == ("final", "review_not_sought")


def test_an_answer_after_the_sixtieth_day_was_late() -> None:
    desk = routed()
    step(desk, "accept")
    due = duty(desk, "answer").due_at
    events = step(desk, "answer", due)
    assert told(events) == [
        ("duty.approaching", "answer"), ("duty.missed", "answer"), ("petition.answered", ""),
    ]  # fmt: skip
    assert duty(desk, "answer").missed_at == due and duty(desk, "answer").state == "fulfilled"
    step(desk, "serve", due + DAY, served_on=(due + DAY).date())
    (closed,) = step(desk, "close", due + DAY)
    assert closed.data["on_time"] is False


def test_an_answer_in_the_last_moment_was_in_time() -> None:
    desk = routed()
    step(desk, "accept")
    last = duty(desk, "answer").due_at - timedelta(microseconds=1)
    assert told(step(desk, "answer", last))[-1] == ("petition.answered", "")
    assert duty(desk, "answer").missed_at is None


@pytest.mark.parametrize("name", ["accept", "answer", "serve", "close"])
def test_a_refused_step_leaves_no_trace(name: str) -> None:
    desk = opened()  # nobody signed yet
    before = case_of(desk)
    with pytest.raises(Refused) as refused:
        step(desk, name, actor=TOOL)
    assert refused.value.rule == "step-out-of-order"
    assert case_of(desk) == before and desk.store.log == []


@pytest.mark.parametrize("name", ["accept", "answer", "serve", "close"])
def test_another_office_may_not_act(name: str) -> None:
    desk = routed()
    with pytest.raises(Refused) as refused:
        step(desk, name, actor=OTHER)
    assert refused.value.rule == "not-the-competent-office"


def test_only_an_import_says_when_a_step_happened() -> None:
    desk = routed()
    with pytest.raises(Refused) as refused:
        step(desk, "accept", AT + DAY, at=AT)
    assert (refused.value.rule, refused.value.status) == ("time-by-hand", 422)
    (accepted,) = step(desk, "accept", AT + 9 * DAY, TOOL, at=AT + DAY)
    assert accepted.time == AT + DAY and case_of(desk).accepted_at == AT + DAY
    with pytest.raises(Refused) as refused:
        step(desk, "answer", AT + 9 * DAY, TOOL, at=AT)
    assert refused.value.rule == "step-time-wrong"
    with pytest.raises(Refused) as refused:
        step(desk, "answer", AT + 9 * DAY, TOOL, at=AT + 10 * DAY)
    assert refused.value.rule == "step-time-wrong"


# -- what falls due --------------------------------------------------------------------------------


def test_a_duty_warns_and_then_is_missed_once_each() -> None:
    desk = opened()
    due = FORWARD_DUE
    assert tick(desk, due - 3 * DAY - timedelta(seconds=1)) == []
    (warned,) = tick(desk, due - 3 * DAY)
    assert told([warned]) == [("duty.approaching", "forward")]
    assert warned.data["at"] == "2026-03-14T16:00:00Z"
    assert (warned.data["office"], warned.data["due_at"]) == (BUREAU, "2026-03-17T16:00:00Z")
    assert tick(desk, due - timedelta(seconds=1)) == []
    (missed,) = tick(desk, due)
    assert told([missed]) == [("duty.missed", "forward")]
    assert tick(desk, due + 99 * DAY) == []
    assert duty(desk, "forward").state == "open", "missed, and still owed"


def test_days_off_are_told_with_the_time_it_happened() -> None:
    desk = opened()
    events = tick(desk, FORWARD_DUE + 9 * DAY)
    assert told(events) == [("duty.approaching", "forward"), ("duty.missed", "forward")]
    assert [e.data["at"] for e in events] == ["2026-03-14T16:00:00Z", "2026-03-17T16:00:00Z"]
    assert duty(desk, "forward").missed_at == FORWARD_DUE


def test_an_assignment_that_was_late_says_so_though_no_clock_looked() -> None:
    desk = opened()
    late = FORWARD_DUE + DAY
    known = state(status="assigned", office=TOWN)
    events = desk.hear("routing", "petition.assigned", {"petition": known}, late)
    assert told(events) == [("duty.approaching", "forward"), ("duty.missed", "forward")]
    owed = duty(desk, "forward")
    assert (owed.state, owed.missed_at, owed.ended_at) == ("fulfilled", FORWARD_DUE, late)


def test_an_imported_past_gets_time_to_tell_its_later_steps() -> None:
    """Registered a year ago, read in today: what was done in time is not told as missed."""
    today = AT + 365 * DAY
    desk = opened(today)
    assert tick(desk, today + timedelta(minutes=9)) == []
    known = state(status="assigned", office=TOWN)
    assert desk.hear("routing", "petition.assigned", {"petition": known}, AT + DAY) == []
    assert duty(desk, "forward").missed_at is None
    untouched = opened(today)
    assert len(tick(untouched, today + timedelta(minutes=11))) == 2


def test_sealed_cases_speak_sealed() -> None:
    desk = opened(sealed=True)
    assert case_of(desk).sealed
    assert all(event.sealed for event in tick(desk, FORWARD_DUE)) and desk.store.log


def received(desk: Desk, promised_on: str | None, at: datetime = AT) -> list[Event]:
    """It was brought to a reception of the bureau."""
    data = {
        "petition": state(), "reception": "jd-20260302-3f9a1c", "host": BUREAU, "kind": "leader_day",
        "held_on": "2026-03-02", "promised_on": promised_on,
    }  # fmt: skip
    return desk.hear("intake", "reception.recorded", data, at)


def followed_up(desk: Desk, at: datetime) -> list[Event]:
    data = {
        "petition": state(), "reception": "jd-20260302-3f9a1c", "host": BUREAU, "kept": True,
    }  # fmt: skip
    return desk.hear("intake", "reception.followed", data, at)


def test_what_was_promised_at_a_reception_is_owed_by_whoever_held_it() -> None:
    desk = opened()
    received(desk, None)
    assert desk.one(Duty, NUMBER, "promise", 1) is None
    received(desk, "2026-03-10")
    owed = duty(desk, "promise")
    assert (owed.office, owed.state) == (BUREAU, "open")
    assert owed.due_at == datetime(2026, 3, 10, 16, tzinfo=UTC), "the whole day"
    followed_up(desk, AT + 3 * DAY)
    assert duty(desk, "promise").state == "fulfilled" and duty(desk, "promise").missed_at is None


def test_a_promise_not_followed_up_turns_red() -> None:
    desk = opened()
    received(desk, "2026-03-10")
    events = tick(desk, AT + 10 * DAY)
    assert ("duty.missed", "promise") in told(events)


def test_a_new_promise_takes_the_place_of_the_old() -> None:
    desk = opened()
    received(desk, "2026-03-10")
    received(desk, "2026-03-20", AT + DAY)
    assert duty(desk, "promise").state == "void" and duty(desk, "promise", 2).state == "open"


def ended(desk: Desk, at: datetime) -> None:
    """The petition is final."""

    def work(unit: Unit) -> None:
        unit.open([NUMBER])
        finish(unit, unit.get(Case, NUMBER), "rereviewed", at)

    desk.do(work, at)


def test_a_promise_is_owed_whatever_becomes_of_the_petition() -> None:
    desk = opened()
    received(desk, "2026-03-10")
    ended(desk, AT + DAY)
    assert duty(desk, "promise").state == "open"
    received(desk, "2026-03-20", AT + 2 * DAY)
    assert duty(desk, "promise", 2).state == "open", "also one that was made afterwards"
    followed_up(desk, AT + 3 * DAY)
    assert duty(desk, "promise", 2).state == "fulfilled"


def test_nothing_is_owed_about_what_was_withdrawn() -> None:
    desk = opened()
    received(desk, "2026-03-10")
    desk.hear("intake", "petition.withdrawn", {"petition": state()})
    assert duty(desk, "promise").state == "void"
    desk = opened()
    desk.hear("intake", "petition.withdrawn", {"petition": state()})
    received(desk, "2026-03-10")
    assert desk.one(Duty, NUMBER, "promise", 1) is None
