"""Reception sessions over HTTP: planned, published, shown to those who take part, and never a petitioner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kit import clock
from kit.identity import PUBLIC_ACTOR, Actor
from tests.county import BUREAU, LABOUR, TOWN, County, assert_problem, today


def day(n: int) -> str:
    return (clock.local_date(clock.now()) + timedelta(days=n)).isoformat()


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "leader_day", "day": today(), "hours": "9:00—11:30", "place": "接待大厅",
        "receivers": "市长", "offices": [TOWN], "published": True,
    } | changes  # fmt: skip


@pytest.fixture(scope="module")
def clerk(county: County) -> Actor:
    return county.officer(BUREAU, "clerk")


def planned(county: County, actor: Actor, **changes: Any) -> str:
    result = county.post("intake", "/receptions", plan(**changes), actor)
    assert result.status == 201, result.body
    return str(result.json["number"])


def listed(county: County, actor: Actor) -> list[str]:
    found = county.get("intake", "/receptions", actor).json["receptions"]
    return [session["number"] for session in found]


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "party"}, "invalid", "kind"), ({"day": "soon"}, "invalid", "day"),
    ({"place": ""}, "invalid", "place"), ({"receivers": None}, "invalid", "receivers"),
    ({"hours": None}, "refused", "hours"), ({"offices": ["nobody"]}, "refused", "offices"),
    ({"petitioner": "张三"}, "invalid", "petitioner"), ({"day": "1989-01-01"}, "refused", "day"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "field"), BAD)
def test_a_bad_plan_is_refused_by_its_field(
    county: County, clerk: Actor, change: dict[str, Any], code: str, field: str
) -> None:
    before = county.counts()
    result = county.post("intake", "/receptions", plan(**change), clerk)
    assert_problem(result, 422, code, field)
    assert county.counts() == before


def test_a_session_is_seen_by_those_who_take_part(county: County, clerk: Actor) -> None:
    number = planned(county, clerk)
    town, other = county.officer(TOWN, "clerk"), county.officer(LABOUR, "clerk")
    assert number in listed(county, clerk) and number in listed(county, town)
    assert number not in listed(county, other)
    assert county.get("intake", f"/receptions/{number}", town).status == 200
    assert county.get("intake", f"/receptions/{number}", other).status == 404
    assert county.post("intake", f"/receptions/{number}", plan(), other).status == 404
    unknown = county.post("intake", f"/receptions/{number}", plan(offices=["nobody"]), clerk)
    assert_problem(unknown, 422, "refused", "offices")
    refused = county.post("intake", f"/receptions/{number}", plan(), town)
    assert_problem(refused, 403, "refused")
    assert refused.json["rule"] == "reception-not-host"


def test_the_same_key_plans_once(county: County, clerk: Actor) -> None:
    first = county.post("intake", "/receptions", plan(), clerk, key="plan")
    before = county.counts()
    assert county.post("intake", "/receptions", plan(), clerk, key="plan").json == first.json
    assert county.counts() == before


def test_everybody_sees_what_is_published_of_the_days_to_come(county: County, clerk: Actor) -> None:
    shown = planned(county, clerk, place="甲厅", day=day(3))
    hidden = planned(county, clerk, place="乙厅", published=False)
    gone = planned(county, clerk, place="丙厅", day=day(-1))
    off = planned(county, clerk, place="丁厅", day=day(2))
    assert len({shown, hidden, gone, off}) == 4
    answer = county.post(
        "intake", f"/receptions/{off}", plan(place="丁厅", day=day(2), cancelled=True), clerk
    )
    assert answer.status == 200
    found = county.get("intake", "/reception-days", PUBLIC_ACTOR).json["receptions"]
    places = {session["place"] for session in found}
    assert "甲厅" in places and not places & {"乙厅", "丙厅", "丁厅"}
    for session in found:
        assert set(session) == {"kind", "day", "hours", "place", "receivers", "host"}


def test_what_was_agreed_is_kept_sealed_and_read_by_those_who_see_the_petition(
    county: County, clerk: Actor
) -> None:
    session = planned(county, clerk)
    number = county.register(clerk)
    body = {"reception": session, "agreement": "三日内支付张三工资。", "promised_on": day(3)}
    assert county.post("intake", f"/petitions/{number}/reception", body, clerk).status == 200
    (entry,) = county.get("intake", f"/petitions/{number}", clerk).json["receptions"]
    assert (entry["agreed"], entry["place"]) == ("三日内支付张三工资。", "接待大厅")
    (entry,) = county.get("intake", f"/receptions/{session}", clerk).json["entries"]
    assert (entry["number"], entry["agreed"]) == (number, "三日内支付张三工资。")
    town = county.officer(TOWN, "clerk")
    assert county.get("intake", f"/receptions/{session}", town).json["entries"] == []
    ((stored,),) = county.sql(
        "SELECT agreed FROM intake.reception_entry WHERE number = :n", n=number
    )
    assert "张三".encode() not in bytes(stored)
    for (envelope,) in county.sql("SELECT envelope FROM intake.event_log"):
        assert "工资。" not in bytes(envelope).decode()


def test_a_promise_becomes_a_duty_and_the_follow_up_fulfils_it(
    county: County, clerk: Actor
) -> None:
    session, number = planned(county, clerk), county.register(clerk)
    url = f"/petitions/{number}/reception"
    body = {"reception": session, "agreement": "议定。", "promised_on": day(5)}
    county.post("intake", url, body, clerk)
    county.deliver()

    def duties() -> dict[str, str]:
        found = county.get("supervision", f"/cases/{number}", clerk).json["duties"]
        return {duty["kind"]: duty["state"] for duty in found}

    assert duties()["promise"] == "open"
    done = {"reception": session, "kept": True, "text": "已落实。"}
    assert county.post("intake", f"{url}/follow-up", done, clerk).status == 200
    county.deliver()
    assert duties()["promise"] == "fulfilled"


def test_a_session_of_others_takes_no_petition(county: County, clerk: Actor) -> None:
    session = planned(county, county.officer(LABOUR, "clerk"), offices=[])
    number = county.register(clerk)
    result = county.post("intake", f"/petitions/{number}/reception", {"reception": session}, clerk)
    assert result.status == 404


def test_the_accused_see_nothing_of_it_in_a_session(county: County, clerk: Actor) -> None:
    session = planned(county, clerk, kind="joint", offices=[LABOUR])
    number = county.register(clerk, type="accusation", accused=[LABOUR])
    county.post("intake", f"/petitions/{number}/reception", {"reception": session}, clerk)
    shown = county.get("intake", f"/receptions/{session}", county.officer(LABOUR, "head"))
    assert shown.status == 200 and shown.json["entries"] == [] and number not in shown.body.decode()
