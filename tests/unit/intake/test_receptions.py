"""接待: what a session may say, what is agreed at it, and what of it leaves the register."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from intake import receptions
from intake.domain import reception as rules
from intake.domain.registration import Refused
from intake.store import Petition, Reception, ReceptionEntry
from kit.envelope import Event
from kit.identity import Actor
from kit.unit import Unit
from tests.people import AT, BUREAU, CLERK, LABOUR, NUMBER, OTHER, TOWN, Desk
from tests.unit.intake.test_intake_handlers import VAULT, registered

TODAY = date(2026, 3, 2)
SESSION = receptions.number(TODAY, "3f9a1c")
PLAN: dict[str, Any] = {
    "kind": "leader_day", "day": TODAY, "hours": "9:00", "place": "信访局接待大厅", "receivers": "市长",
    "offices": [LABOUR], "published": True, "cancelled": False, "note": None,
}  # fmt: skip
GOOD = {
    "day": TODAY, "today": TODAY, "published": False, "cancelled": False, "hours": None, "host": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, None), ({"published": True, "hours": "9:00"}, None), ({"cancelled": True}, None),
        ({"published": True}, "reception-hours-missing"), ({"host": False}, "reception-not-host"),
        ({"cancelled": True, "day": TODAY - timedelta(days=1)}, "reception-held"),
        ({"day": date(1989, 1, 1)}, "reception-too-old"), ({"day": TODAY + timedelta(days=90)}, None),
    ],
)  # fmt: skip
def test_what_a_session_may_say(changes: dict[str, Any], rule: str | None) -> None:
    if rule is None:
        rules.check_session(**GOOD | changes)
        return
    with pytest.raises(Refused) as refused:
        rules.check_session(**GOOD | changes)
    assert refused.value.rule == rule


def plan(desk: Desk, **changes: Any) -> list[Event]:
    return desk.do(lambda unit: receptions.plan(unit, SESSION, PLAN | changes, TOWN))


def change(desk: Desk, actor: Actor, **changes: Any) -> list[Event]:
    def work(unit: Unit) -> None:
        unit.open([SESSION])
        row = unit.get(Reception, SESSION)
        assert row is not None
        receptions.change(unit, row, PLAN | changes, actor)

    return desk.do(work)


def at_session(desk: Desk, handler: Any, at: Any = AT, **body: Any) -> list[Event]:
    def work(unit: Unit) -> None:
        unit.open([NUMBER])
        row = unit.get(Petition, NUMBER)
        handler(unit, row, body, CLERK, desk.one(Reception, SESSION), VAULT)

    return desk.do(work, at)


def record(
    desk: Desk, agreement: str | None = None, promised_on: date | None = None
) -> list[Event]:
    return at_session(desk, receptions.record, agreement=agreement, promised_on=promised_on)


def follow_up(desk: Desk, kept: bool = True) -> list[Event]:
    return at_session(desk, receptions.follow_up, kept=kept, text="已向张三核实。")


def test_a_session_is_a_subject_of_its_own() -> None:
    desk, _, _ = registered()
    (event,) = plan(desk)
    assert (event.subject, event.type, event.sequence) == (SESSION, "reception.changed", 1)
    assert event.data["offices"] == [TOWN, LABOUR] and event.data["host"] == TOWN
    row = desk.one(Reception, SESSION)
    assert row.offices == [TOWN, LABOUR] and row.barred == []


def test_whoever_holds_it_changes_it() -> None:
    desk, _, _ = registered()
    plan(desk)
    (event,) = change(desk, CLERK, published=False, offices=[BUREAU])
    assert event.sequence == 2 and desk.one(Reception, SESSION).offices == [TOWN, BUREAU]
    with pytest.raises(Refused) as refused:
        change(desk, OTHER)
    assert (refused.value.rule, refused.value.status) == ("reception-not-host", 403)


def test_what_was_agreed_is_sealed_and_its_day_is_told() -> None:
    desk, _, _ = registered()
    plan(desk)
    record(desk)
    (event,) = record(desk, "三日内支付张三工资。", date(2026, 3, 5))
    assert event.type == "reception.recorded" and event.subject == NUMBER
    told = {k: v for k, v in event.data.items() if k != "petition"}
    assert told == {
        "reception": SESSION, "host": TOWN, "kind": "leader_day", "held_on": "2026-03-02",
        "promised_on": "2026-03-05",
    }  # fmt: skip
    (entry,) = desk.all(ReceptionEntry)
    assert receptions.words(entry, VAULT) == {"agreed": "三日内支付张三工资。", "follow_up": None}
    (event,) = follow_up(desk)
    assert event.type == "reception.followed" and event.data["kept"] is True
    (entry,) = desk.all(ReceptionEntry)
    assert receptions.words(entry, VAULT)["follow_up"] == "已向张三核实。"
    assert not any("张三" in entry.body.decode() for entry in desk.store.log)


def test_what_is_agreed_anew_has_to_be_followed_up_anew() -> None:
    desk, _, _ = registered()
    plan(desk)
    record(desk, "先核实。", date(2026, 3, 5))
    follow_up(desk, kept=False)
    record(desk, "再核实。", date(2026, 3, 9))
    (entry,) = desk.all(ReceptionEntry)
    assert (entry.kept, entry.follow_up, entry.promised_on) == (None, None, date(2026, 3, 9))


@pytest.mark.parametrize(
    ("session", "agreement", "promised_on", "rule"),
    [
        ({"cancelled": True}, None, None, "reception-cancelled"),
        ({"day": TODAY + timedelta(days=7)}, None, None, None),
        ({"day": TODAY + timedelta(days=7)}, "议定。", None, "reception-not-held"),
        ({}, None, date(2026, 3, 5), "promise-without-words"),
        ({}, "议定。", date(2026, 3, 1), "promise-before-reception"),
        ({}, "议定。", TODAY, None),
    ],
)  # fmt: skip
def test_what_may_be_written_down(
    session: dict[str, Any], agreement: str | None, promised_on: date | None, rule: str | None
) -> None:
    desk, _, _ = registered()
    plan(desk, **session)
    if rule is None:
        record(desk, agreement, promised_on)
        return
    with pytest.raises(Refused) as refused:
        record(desk, agreement, promised_on)
    assert refused.value.rule == rule and desk.all(ReceptionEntry) == []


def test_only_what_was_agreed_is_followed_up() -> None:
    desk, _, _ = registered()
    plan(desk)
    with pytest.raises(Refused) as refused:
        follow_up(desk)
    assert refused.value.rule == "not-received"
    record(desk)
    with pytest.raises(Refused) as refused:
        follow_up(desk)
    assert refused.value.rule == "nothing-agreed"


def test_a_sealed_petition_tells_of_it_in_secret() -> None:
    desk, _, _ = registered(type="accusation")
    plan(desk)
    (event,) = record(desk)
    assert event.sealed
