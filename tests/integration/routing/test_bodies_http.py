"""Several bodies, abolished bodies, recusal over HTTP: what is refused names its field or its rule."""

from __future__ import annotations

from typing import Any

import pytest

from tests.county import BUREAU, LABOUR, TOWN, County, assert_problem, today

MET = {"offices": [TOWN, LABOUR], "held_on": today(), "text": "x", "agreed": False}
ASSIGN = {"office": TOWN, "method": "transfer", "text": "x"}
BAD: list[tuple[str, dict[str, Any], str | None]] = [
    ("consultation", MET | {"offices": []}, "offices"),
    ("consultation", MET | {"offices": [TOWN]}, "offices"),
    ("consultation", MET | {"offices": [TOWN, "nowhere"]}, "offices"),
    ("consultation", MET | {"held_on": "2099-01-01"}, "held_on"),
    ("consultation", MET | {"agreed": None}, "agreed"),
    ("consultation", MET | {"agreed": True}, "office"),
    ("consultation", MET | {"agreed": True, "office": BUREAU}, "office"),
    ("consultation", MET | {"text": ""}, "text"),
    ("consultation", MET | {"x": 1}, "x"),
    ("designation", ASSIGN | {"text": None}, "text"),
    ("designation", ASSIGN | {"method": "x"}, "method"),
    ("joint-meeting", ASSIGN | {"offices": [TOWN], "held_on": today()}, "minutes"),
    ("joint-meeting", ASSIGN | {"offices": [TOWN], "minutes": "x"}, "held_on"),
    ("succession", {"office": TOWN}, "text"),
    ("recusal", {"cause": "x"}, "cause"),
    ("assignment", {"office": TOWN, "method": "assign"}, "report_due"),
    ("refusal", {"reason": "litigation"}, "elsewhere"),
    ("refusal", {"reason": "too_high", "elsewhere": "x" * 201}, "elsewhere"),
    ("refusal", {"reason": "final_already", "elsewhere": "法院"}, "elsewhere"),
]


@pytest.mark.parametrize(("path", "body", "field"), BAD)
def test_a_bad_body_names_its_field_and_changes_nothing(
    county: County, path: str, body: dict[str, Any], field: str
) -> None:
    number = county.register()
    county.deliver()
    county.go(number, "locate")
    before = county.counts()
    triage = county.officer(BUREAU, "triage", "head")
    answer = county.post("routing", f"/petitions/{number}/{path}", body, triage)
    assert answer.status == 422, answer.body
    assert field in [error["field"] for error in answer.json["errors"]], answer.body
    assert county.counts() == before


def test_who_keeps_the_directory(county: County) -> None:
    url, sent = f"/offices/{LABOUR}/abolition", {"on": today(), "successors": [TOWN]}
    town = county.officer(TOWN, "triage")
    assert_problem(county.post("routing", url, sent, town), 403, "out-of-scope")
    keeper = county.officer(BUREAU, "triage")
    unknown = county.post("routing", "/offices/nowhere/abolition", sent, keeper)
    assert_problem(unknown, 404, "not-found")
    for bad, field in (
        ({"on": "2099-01-01"}, "on"),
        ({"successors": [LABOUR]}, "successors"),
        ({"successors": ["nowhere"]}, "successors"),
    ):
        assert_problem(county.post("routing", url, sent | bad, keeper), 422, _code(bad), field)
    root = county.post("routing", f"/offices/{BUREAU}/abolition", sent, keeper)
    assert_problem(root, 409, "refused")
    assert county.post("routing", url, sent, keeper).status == 200
    assert_problem(county.post("routing", url, sent, keeper), 409, "refused")
    county.deliver()
    number = county.register()
    county.deliver()
    county.go(number, "locate")
    answer = county.post(
        "routing", f"/petitions/{number}/assignment", {"office": LABOUR, "method": "transfer"}, keeper
    )  # fmt: skip
    assert_problem(answer, 422, "office-abolished", "office")
    assert "承继职权" in answer.json["detail"] and TOWN in answer.json["detail_en"]
    listed = county.clients["routing"].get("/offices").json["offices"]
    assert next(o for o in listed if o["id"] == LABOUR)["successors"] == [TOWN]


def _code(bad: dict[str, Any]) -> str:
    return "office-unknown" if bad.get("successors") == ["nowhere"] else "refused"


def test_what_the_petitioner_reads_of_a_refusal(county: County) -> None:
    from kit.identity import Actor

    number = county.register()
    county.deliver()
    county.go(number, "locate")
    sent = {"reason": "arbitration", "elsewhere": "劳动人事争议仲裁院"}
    triage = county.officer(BUREAU, "triage")
    assert county.post("routing", f"/petitions/{number}/refusal", sent, triage).status == 200
    own = Actor("petitioner", number, petition=number)
    found = county.get("routing", f"/petitions/{number}", own).json
    assert found["decline"]["elsewhere"] == "劳动人事争议仲裁院"
    assert found["decline"]["article"] == "第三十一条第二项" and found["deliberations"] == []
    stored = county.sql("SELECT elsewhere FROM routing.matter WHERE number = :n", n=number)
    assert "仲裁院".encode() not in bytes(stored[0][0]), "sealed"
