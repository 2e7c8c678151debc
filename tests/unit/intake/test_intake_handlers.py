"""The register's handlers: what is sealed, what is told, what the timeline shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from intake import handlers
from intake.domain.registration import Refused
from intake.store import MODEL, Person, Petition, TimelineEntry
from intake.subscriptions import SUBSCRIPTIONS
from kit.envelope import Event
from kit.identity import PUBLIC_ACTOR
from kit.unit import Unit
from tests.people import (
    AT,
    BUREAU,
    CLERK,
    NUMBER,
    PETITIONER,
    TOWN,
    Desk,
    person,
    registration,
    state,
    vault,
)  # fmt: skip

VAULT = vault("intake")


def registered(**changes: Any) -> tuple[Desk, Event, dict[str, Any]]:
    """A desk with one petition; the event and the answer."""
    desk, answers = Desk(MODEL, SUBSCRIPTIONS), []

    def work(unit: Unit) -> None:
        body = registration(**changes)
        answers.append(handlers.register(unit, NUMBER, body, BUREAU, VAULT, AT))

    (event,) = desk.do(work)
    return desk, event, answers[0]


def petition(desk: Desk) -> Petition:
    found: Petition = desk.one(Petition, NUMBER)
    return found


def rate(desk: Desk, comment: str | None = None) -> list[Event]:
    body = {
        "petition_office": "basic", "responsible_office": "satisfied", "comment": comment,
    }  # fmt: skip

    def work(unit: Unit) -> None:
        unit.open([NUMBER])
        handlers.rate(unit, petition_in(unit), body, PETITIONER, VAULT)

    return desk.do(work, AT + timedelta(days=40))


def petition_in(unit: Unit) -> Petition:
    found = unit.get(Petition, NUMBER)
    assert found is not None
    return found


def test_a_registration_is_kept_told_and_answered() -> None:
    desk, event, answer = registered(division="330282104201", head_count=3)
    kept = petition(desk)
    assert (kept.status, kept.registered_by, kept.offices, kept.barred) == (
        "registered", BUREAU, [BUREAU], [],
    )  # fmt: skip
    assert kept.chosen_division == "330282104201" and kept.division is None
    assert (event.type, event.sequence, event.after) == ("petition.registered", 1, {})
    claim = {"ordinal": 1, "type": "request", "branch": None}
    assert event.data == {
        "petition": kept.public(),
        "chosen_division": "330282104201",
        "barred": [],
        "about_office": None,
        "about_level": None,
        "urgent": False,
        "simple": False,
        "collective": False,
        "claims": [claim],
    }
    assert answer == {
        "number": NUMBER, "sequence": "intake:1", "query_code": VAULT.code(NUMBER),
    }  # fmt: skip


def test_households_travel_with_the_public_state() -> None:
    for changes, told in (({"household_count": 2, "head_count": 2}, 2), ({}, 1), ({"channel": "letter"}, None)):  # fmt: skip
        desk, event, _ = registered(**changes)
        assert petition(desk).household_count == told
        assert event.data["petition"]["household_count"] == told


def test_who_petitions_is_sealed_field_by_field() -> None:
    desk, _, _ = registered(people=[person(), person(role="agent", name="李四", phone=None)])
    first, second = desk.all(Person)
    for field, value in person().items():
        if field not in ("role", "id_kind"):
            assert VAULT.open(getattr(first, field), f"person.{field}:{NUMBER}:1") == value
    assert (first.role, second.role) == ("petitioner", "agent")
    assert VAULT.open(second.name, f"person.name:{NUMBER}:2") == "李四"
    assert second.phone is None and second.phone_index is None
    assert first.phone_index == VAULT.blind("+86 138-0000-5678", "phone")
    assert first.id_index == VAULT.blind("11010519491231002x", "id_number")
    assert first.name_index == VAULT.blind(" 张三", "name")


def everything(desk: Desk) -> bytes:
    """Every row that is kept in clear and every event, as bytes."""
    rows: list[Any] = [
        desk.all(Person),
        desk.all(TimelineEntry),
        desk.store.rows[Petition].values(),
    ]
    plain = [vars(row) for group in rows for row in group]
    return orjson.dumps(plain, default=str) + b"".join(entry.body for entry in desk.store.log)


def test_nothing_personal_stands_in_clear_anywhere() -> None:
    desk, _, _ = registered()
    found = everything(desk)
    for value in ("张三", "11010519491231002X", "13800005678", "天潭村1号"):
        assert value.encode() not in found
    assert "观海卫镇天潭村的工资".encode() in found, "the text is plain inside intake"
    assert "工资".encode() not in desk.store.log[0].body, "and does not leave it"


def test_an_accusation_is_sealed_from_the_first_moment() -> None:
    text = "举报某局长李某收受贿赂。"
    desk, event, _ = registered(type="accusation", text=text, title="举报李某")
    kept = petition(desk)
    assert event.sealed and kept.sealed and kept.text is None and kept.title is None
    assert kept.sealed_text and VAULT.open(kept.sealed_text, f"petition.text:{NUMBER}") == text
    assert "李某".encode() not in everything(desk)


def test_without_a_title_the_text_begins_one() -> None:
    assert petition(registered(text="一" * 99)[0]).title == "一" * 30
    assert petition(registered(title="路灯不亮")[0]).title == "路灯不亮"


@pytest.mark.parametrize("actor", [PUBLIC_ACTOR, PETITIONER])
def test_who_files_online_files_online(actor: Any) -> None:
    """Also somebody who logged in for an earlier petition is no officer at a counter."""
    with pytest.raises(Refused) as refused:
        handlers.check(registration(channel="letter"), actor, AT)
    assert refused.value.rule == "channel-not-public"
    handlers.check(registration(channel="web"), actor, AT)


def test_today_is_the_offices_day() -> None:
    evening = AT.replace(hour=16, minute=30)  # the 3rd in Shanghai
    body = registration(received_on=evening.date() + timedelta(days=1))
    handlers.check(body, CLERK, evening)
    with pytest.raises(Refused):
        handlers.check(body, CLERK, AT)


# -- what others tell ------------------------------------------------------------------------------


def test_a_step_elsewhere_moves_the_state_and_adds_a_line() -> None:
    desk, _, _ = registered()
    later = AT + timedelta(days=1)
    told = state(status="assigned", office=TOWN, division="330282104000")
    desk.hear("routing", "petition.assigned", {"petition": told}, later)
    kept = petition(desk)
    assert (kept.status, kept.office, kept.division) == ("assigned", TOWN, "330282104000")
    assert kept.offices == [BUREAU, TOWN]
    first, second = desk.all(TimelineEntry)
    assert (first.source, first.sequence, first.type) == ("intake", 1, "petition.registered")
    assert (second.source, second.sequence, second.at) == ("routing", 1, later)
    assert second.detail == {
        "by": "rule", "rule": "town", "principle": "territorial", "data_version": "v", "method": "transfer", "from_office": BUREAU, "office": TOWN,
        "round": 1, "report_due": None, "final": False, "assisting": [],
    }  # fmt: skip


def test_a_missed_duty_names_the_office_that_owed_it() -> None:
    desk, _, _ = registered()
    desk.hear("supervision", "duty.missed", {"petition": state()})
    assert desk.all(TimelineEntry)[-1].detail["office"] == BUREAU


def test_what_intake_owns_is_not_taken_from_others() -> None:
    desk, _, _ = registered()
    told = state(channel="letter", head_count=99, type="enquiry", registered_by="x")
    desk.hear("supervision", "petition.closed", {"petition": told | {"handling": "closed"}})
    kept = petition(desk)
    assert (kept.channel, kept.head_count, kept.registered_by) == ("visit", 1, BUREAU)
    assert kept.status == "closed"


def test_a_status_never_goes_back() -> None:
    desk, _, _ = registered()
    desk.hear("supervision", "petition.accepted", {"petition": state(status="accepted")})
    desk.hear("routing", "petition.signed", {"petition": state(status="signed")})
    desk.hear("routing", "petition.located", {"petition": state(status="word_of_tomorrow")})
    assert petition(desk).status == "accepted"


def test_an_event_of_an_unknown_petition_is_not_swallowed() -> None:
    desk = Desk(MODEL, SUBSCRIPTIONS)
    with pytest.raises(Exception, match="routing:1"):
        desk.hear("routing", "petition.signed", {"petition": state(status="signed")})


# -- rating ----------------------------------------------------------------------------------------


def test_a_rating_is_kept_and_told_its_comment_sealed() -> None:
    desk, _, _ = registered()
    with pytest.raises(Refused):
        rate(desk)
    desk.hear("supervision", "petition.served", {"petition": state(status="served")})
    (event,) = rate(desk, "办得很好,谢谢王主任。")
    assert event.type == "petition.rated" and event.after == {"supervision": 1}
    assert event.data["petition_office"] == "basic" and "王主任" not in str(event.data)
    kept = petition(desk)
    assert kept.status == "served", "a rating does not change the status"
    assert kept.rating == {"petition_office": "basic", "responsible_office": "satisfied"}
    assert kept.rating_comment
    assert VAULT.open(kept.rating_comment, f"rating:{NUMBER}").startswith("办得很好")
    with pytest.raises(Refused) as refused:
        rate(desk)
    assert refused.value.rule == "rated-already"
