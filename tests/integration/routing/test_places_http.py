"""What a text says of its place, over HTTP; and the names that the desk keeps, read by the next petition."""

from __future__ import annotations

from typing import Any

import pytest

from kit.identity import PUBLIC_ACTOR, Actor
from tests.county import BUREAU, DIVISION, LABOUR, TOWN, VILLAGE, County, assert_problem

MARKET = "老街菜场"
COUNTY = "330282000000"


@pytest.fixture(scope="module")
def triage(county: County) -> Actor:
    return county.officer(BUREAU, "triage")


def asked(county: County, text: str, actor: Actor | None = None, **more: Any) -> dict[str, Any]:
    answer = county.post("routing", "/places", {"text": text, **more}, actor)
    assert answer.status == 200, answer.body
    return dict(answer.json)


def waiting(county: County, text: str, **more: Any) -> str:
    """A petition whose text was read."""
    number = county.register(text=text, **more)
    county.deliver()
    county.locate()
    return number


def matter(county: County, number: str, actor: Actor | None = None) -> dict[str, Any]:
    return dict(county.get("routing", f"/petitions/{number}", actor).json)


# -- asking ----------------------------------------------------------------------------------------


def test_a_text_is_answered_with_what_speaks_for_each_place(county: County) -> None:
    text = "反映周巷天元的路灯坏了"
    answer = asked(county, text, county.officer(BUREAU, "clerk"))
    assert answer["status"] == "ambiguous" and answer["confidence"] < 0.7
    assert len(answer["candidates"]) == 2
    for place in answer["candidates"]:
        assert place["level"] == "village" and place["inside"]
        assert "慈溪市 周巷镇 天元" in place["name"]
        assert [text[begin:end] for begin, end in place["spans"]] == ["周巷", "天元"]
    assert answer["version"]


def test_the_office_that_received_it_decides_between_equals(county: County) -> None:
    village = county.sql("SELECT name FROM routing.division WHERE code = :c", c=VILLAGE)[0][0]
    text = f"{village.removesuffix('委会')}的路灯"
    own = asked(county, text, county.officer(TOWN, "clerk"))
    named = asked(county, text, PUBLIC_ACTOR, office=TOWN)
    assert own == named and own["code"] == VILLAGE
    far = asked(county, text, PUBLIC_ACTOR)
    assert far["confidence"] < own["confidence"], "the site's own office stands farther away"
    refused = county.post("routing", "/places", {"text": text, "office": "nobody"})
    assert_problem(refused, 422, "office-unknown", "office")


def test_the_body_complained_about_is_told_from_the_place(county: County) -> None:
    text = "掌起镇人民政府答应修龙山镇西门外村的路灯"
    answer = asked(county, text, complained_about="掌起镇人民政府")
    assert answer["candidates"][0]["name"].endswith("龙山镇 西门外村委会")
    assert [(r["role"], r["code"]) for r in answer["roles"]] == [("body", DIVISION)]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "text"), ({"text": ""}, "text"), ({"text": "路" * 20_001}, "text"), ({"text": 7}, "text"),
        ({"text": "a\x00"}, "text"), ({"text": "路", "complained_about": "局" * 121}, "complained_about"),
        ({"text": "路", "office": 7}, "office"), ({"text": "路", "colour": "x"}, "colour"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused_by_its_field(
    county: County, sent: dict[str, Any], field: str
) -> None:
    assert_problem(county.post("routing", "/places", sent, PUBLIC_ACTOR), 422, "invalid", field)


def test_nothing_of_a_question_is_kept(county: County) -> None:
    before = county.counts()
    asked(county, "掌起镇长溪村的路灯", county.officer(BUREAU, "clerk"))
    assert county.counts() == before


# -- why the desk is asked -------------------------------------------------------------------------


def test_a_matter_tells_officers_why_with_names_and_petitioners_nothing(county: County) -> None:
    number = waiting(county, "反映周巷天元的路灯坏了")
    reading = matter(county, number)["reading"]
    (first, spans), _ = reading["evidence"]
    assert "慈溪市 周巷镇" in reading["names"][first] and spans == [[2, 4], [4, 6]]
    own = matter(county, number, Actor("petitioner", number, petition=number))
    assert own["reading"] is None and own["confidence"] is None


# -- names that are kept ---------------------------------------------------------------------------


def place(county: County, number: str, actor: Actor, **body: Any) -> Any:
    sent = {"division": VILLAGE, **body}
    return county.post("routing", f"/petitions/{number}/location", sent, actor)


def test_a_kept_name_is_read_at_once_and_until_it_is_ended(county: County, triage: Actor) -> None:
    number = waiting(county, f"{MARKET}的下水道堵了")
    assert matter(county, number)["triage"] == "no-name"
    assert place(county, number, triage, alias=MARKET).status == 200
    (kept,) = county.get("routing", "/aliases", triage).json["aliases"]
    told = {
        key: kept[key] for key in ("number", "name", "division", "scope", "valid_to", "kept_by")
    }
    assert told == {
        "number": number, "name": MARKET, "division": VILLAGE, "scope": COUNTY, "valid_to": None,
        "kept_by": triage.id,
    }  # fmt: skip
    later = matter(county, waiting(county, f"反映{MARKET}垃圾成堆"))
    assert (later["petition"]["division"], later["located_rule"]) == (VILLAGE, "text")

    end = {"number": number, "name": MARKET}
    assert county.post("routing", "/aliases/ending", end, triage).status == 200
    assert_problem(county.post("routing", "/aliases/ending", end, triage), 404, "not-found")
    assert matter(county, waiting(county, f"{MARKET}又堵了"))["triage"] == "no-name"


def test_a_name_that_was_ended_may_be_kept_anew(county: County, triage: Actor) -> None:
    number = waiting(county, "新家园小区的路灯坏了", category=None)
    name = "新家园小区"
    assert place(county, number, triage, division=COUNTY, alias=name).status == 200
    county.post("routing", "/aliases/ending", {"number": number, "name": name}, triage)
    assert place(county, number, triage, alias=name).status == 200
    rows = county.sql("SELECT division, valid_to FROM routing.alias WHERE name = :n", n=name)
    assert rows == [(VILLAGE, None)]


@pytest.mark.parametrize(
    ("alias", "code"),
    [
        ("场", "refused"), ("老街5号", "refused"), ("13800005678", "refused"), ("老街 菜场", "refused"),
        ("场" * 21, "invalid"), ("掌起镇", "alias-taken"), ("掌起", "alias-taken"),
        ("慈溪市", "alias-taken"), ("慈溪", "alias-taken"),
    ],
)  # fmt: skip
def test_what_is_no_local_name_is_refused(
    county: County, triage: Actor, alias: str, code: str
) -> None:
    number = waiting(county, "某处的路灯坏了")
    before, state = county.counts(), matter(county, number)
    assert_problem(place(county, number, triage, alias=alias), 422, code, "alias")
    kept = county.counts()
    assert kept["routing.alias"] == before["routing.alias"] and matter(county, number) == state


def test_nothing_is_kept_of_an_accusation(county: County, triage: Actor) -> None:
    number = waiting(county, f"举报{MARKET}有人受贿", type="accusation", accused=[LABOUR])
    answer = place(county, number, triage, alias=MARKET)
    assert_problem(answer, 422, "refused", "alias")
    assert number not in county.get("routing", "/aliases", triage).body.decode()


def test_only_who_keeps_the_site_ends_a_name(county: County) -> None:
    body = {"number": "1", "name": MARKET}
    for actor in (county.officer(TOWN, "triage"), county.officer(BUREAU, "clerk")):
        assert_problem(county.post("routing", "/aliases/ending", body, actor), 403, "out-of-scope")
