"""Places and assignments over HTTP, and what reaches the triage desk."""

from __future__ import annotations

from typing import Any

import pytest

from kit.identity import Actor
from tests.county import BUREAU, DIVISION, LABOUR, TOWN, VILLAGE, County, assert_problem

PLACE, ASSIGN, SIGN = "location", "assignment", "signature"


@pytest.fixture(scope="module")
def triage(county: County) -> Actor:
    return county.officer(BUREAU, "triage")


def matter(county: County, number: str, actor: Actor | None = None) -> dict[str, Any]:
    result = county.get("routing", f"/petitions/{number}", actor)
    assert result.status == 200, result.body
    return dict(result.json)


def registered(county: County, **changes: Any) -> str:
    number = county.register(**changes)
    county.deliver()
    return number


BAD: list[tuple[str, str, dict[str, Any], int, str, str | None]] = [
    ("unknown field", PLACE, {"division": VILLAGE, "x": 1}, 422, "invalid", "x"),
    ("no division", PLACE, {}, 422, "invalid", "division"),
    ("a division that is none", PLACE, {"division": "330282"}, 422, "invalid", "division"),
    ("a line feed behind", PLACE, {"division": f"{VILLAGE}\n"}, 422, "invalid", "division"),
    ("wrong type", PLACE, {"division": 330282104201}, 422, "invalid", "division"),
    ("a time of one's own", PLACE, {"division": VILLAGE, "at": "2026-01-01T00:00:00Z"}, 422,
     "refused", "at"),
    ("a time without a zone", PLACE, {"division": VILLAGE, "at": "2026-01-01T00:00:00"}, 422,
     "invalid", "at"),
    ("unknown office", ASSIGN, {"office": "nowhere", "method": "transfer"}, 422, "office-unknown",
     "office"),
    ("no office", ASSIGN, {"method": "transfer"}, 422, "invalid", "office"),
    ("unknown method", ASSIGN, {"office": TOWN, "method": "throw"}, 422, "invalid", "method"),
    ("an office's name with NUL", ASSIGN, {"office": "a\x00", "method": "self"}, 422, "invalid",
     "office"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "step", "sent", "status", "code", "field"), BAD, ids=[b[0] for b in BAD]
)
def test_a_bad_step_is_refused_by_its_field(
    county: County, triage: Actor, what: str, step: str, sent: dict[str, Any], status: int,
    code: str, field: str | None,
) -> None:  # fmt: skip
    number = registered(county, text="本市某处路灯不亮。")
    county.locate()
    before, state = county.counts(), matter(county, number)
    result = county.post("routing", f"/petitions/{number}/{step}", sent, triage)
    assert_problem(result, status, code, field)
    assert county.counts() == before and matter(county, number) == state


def test_a_text_that_names_its_village_is_assigned_by_rule(county: County) -> None:
    number = registered(county, category="c01")
    assert matter(county, number)["locating"]
    county.locate()
    found = matter(county, number)
    assert found["petition"]["division"] == VILLAGE and found["petition"]["office"] == TOWN
    assert (found["located_rule"], found["assigned_rule"]) == ("text", "town")
    assert found["petition"]["status"] == "assigned" and found["triage"] is None


def test_a_chosen_place_and_a_departments_category(county: County) -> None:
    number = registered(county, category="c050101", division=VILLAGE)
    found = matter(county, number)
    assert found["located_rule"] == "chosen" and found["petition"]["division"] == VILLAGE
    assert found["petition"]["office"] in (LABOUR, None)
    assert (found["petition"]["office"] is None) == (found["triage"] is not None)


def test_what_nobody_can_place_stands_on_the_triage_desk_oldest_first(
    county: County, triage: Actor
) -> None:
    numbers = [registered(county, text="本市某处路灯不亮。") for _ in range(3)]
    county.locate()
    page = county.get("routing", "/triage?limit=200", triage).json
    listed = [row["number"] for row in page["matters"]]
    assert set(numbers) <= set(listed) and listed == sorted(listed)
    assert page["total"] == len(listed) and page["next"] is None
    by_ones, after = [], ""
    while after is not None:
        one = county.get("routing", f"/triage?limit=1{after and f'&after={after}'}", triage).json
        by_ones += [row["number"] for row in one["matters"]]
        after = one["next"]
    assert by_ones == listed
    county.go(numbers[0], "locate", "assign")
    left = county.get("routing", "/triage?limit=200", triage).json["matters"]
    assert numbers[0] not in [row["number"] for row in left]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "colour=red", "after=" + "9" * 121]
)
def test_a_bad_query_is_refused(county: County, triage: Actor, query: str) -> None:
    field = query.partition("=")[0]
    assert_problem(county.get("routing", f"/triage?{query}", triage), 422, "invalid", field)


def test_an_office_is_named_once_and_signs_once(county: County, triage: Actor) -> None:
    number = registered(county)
    assign = {"office": TOWN, "method": "assign", "report_due": "2099-01-01"}
    url = f"/petitions/{number}"
    assert_problem(county.post("routing", f"{url}/{ASSIGN}", assign, triage), 409, "refused")
    county.go(number, "locate")
    town = county.officer(TOWN, "clerk")
    assert county.post("routing", f"{url}/{SIGN}", {}, town).status == 404, "not theirs yet"
    assert county.post("routing", f"{url}/{ASSIGN}", assign, triage).status == 200
    again = county.post("routing", f"{url}/{ASSIGN}", assign, triage)
    assert_problem(again, 409, "refused")
    assert again.json["rule"] == "assigned-already" and "第二十二条" in again.json["article"]
    bureau = county.officer(BUREAU, "clerk")
    assert_problem(county.post("routing", f"{url}/{SIGN}", {}, bureau), 403, "refused")
    assert county.post("routing", f"{url}/{SIGN}", {}, town).status == 200
    assert_problem(county.post("routing", f"{url}/{SIGN}", {}, town), 409, "refused")


def test_a_sealed_petition_waits_for_a_person(county: County, triage: Actor) -> None:
    number = registered(county, type="accusation")
    county.locate()
    found = matter(county, number)
    assert found["triage"] == "sealed" and found["petition"]["office"] is None


def test_the_directory_is_public(county: County) -> None:
    client = county.clients["routing"]
    offices = {office["id"]: office for office in client.get("/offices").json["offices"]}
    assert len(offices) == 92 and offices[TOWN]["division"] == DIVISION
    divisions = client.get("/divisions").json["divisions"]
    assert {"code": VILLAGE, "name": "长溪村委会"}.items() <= next(
        d for d in divisions if d["code"] == VILLAGE
    ).items()
    assert client.get("/categories").json["categories"]


def test_loading_the_directory_again_tells_nothing_new(county: County) -> None:
    from tool.demo import Site
    from tool.site import load_directory

    before = county.counts()
    assert load_directory(county.apps["routing"], Site.load()) == 0
    assert county.counts() == before
