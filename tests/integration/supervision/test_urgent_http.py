"""直报、续报 over HTTP: what was reported of an urgent matter, who may read it, and the list of what is not (Art. 25)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit import clock
from kit.identity import Actor
from kit.scanner import scan
from supervision.duties import fire
from tests.county import BUREAU, LABOUR, TOWN, WAY, County, assert_problem

SAID = "三楼危房,十二人受困,已联系消防。"


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    yield
    clock.set_shift(timedelta())


def report(**changes: Any) -> dict[str, Any]:
    made = {
        "to": ["joint_meeting", "government"], "method": "phone", "text": SAID,
        "reported_at": clock.now().isoformat(),
    }  # fmt: skip
    return {name: value for name, value in (made | changes).items() if value is not ...}


def urgent(county: County) -> str:
    number = county.register(urgent=True)
    county.deliver()
    return number


def send(county: County, number: str, sent: dict[str, Any], actor: Actor | None = None) -> Any:
    result = county.post("supervision", f"/cases/{number}/urgent-report", sent, actor)
    county.deliver()
    return result


def case(county: County, number: str, actor: Actor | None = None) -> dict[str, Any]:
    return dict(county.get("supervision", f"/cases/{number}", actor).json)


def listed(county: County, query: str, actor: Actor | None = None) -> dict[str, Any]:
    found = county.get("supervision", f"/cases?limit=200&{query}", actor).json["cases"]
    return {row["number"]: row["urgent"] for row in found}


BAD = [
    ({"to": ...}, "to"), ({"to": []}, "to"), ({"to": ["press"]}, "to.0"), ({"to": "nation"}, "to"),
    ({"method": ...}, "method"), ({"method": "pigeon"}, "method"), ({"text": ...}, "text"),
    ({"text": "  "}, "text"), ({"text": "字" * 4001}, "text"), ({"reported_at": ...}, "reported_at"),
    ({"reported_at": "2026-03-02T09:15"}, "reported_at"), ({"reported_at": "刚才"}, "reported_at"),
    ({"reported_at": "2026-03-02T09:15:00Z"}, "reported_at"), ({"at": "2026-03-02T09:15:00Z"}, "at"),
]  # fmt: skip


def test_bad_input_is_refused_by_its_field_and_changes_nothing(county: County) -> None:
    number = urgent(county)
    soon = (clock.now() + timedelta(minutes=1)).isoformat()
    before = case(county, number)
    for changes, field in [*BAD, ({"reported_at": soon}, "reported_at")]:
        result = send(county, number, report(**changes))
        assert result.status == 422, (changes, result.body)
        assert_problem(result, 422, result.json["type"].removeprefix("/problems/"), field)
    assert case(county, number) == before


def test_the_first_report_ends_the_duty_and_further_ones_are_kept(county: County) -> None:
    number = urgent(county)
    assert send(county, number, report()).status == 200
    county.go(number, *WAY[:2])
    town = county.officer(TOWN, "clerk")
    assert (
        send(
            county, number, report(to=["nation"], method="system", text="已全部救出。"), town
        ).status
        == 200
    )
    shown = case(county, number, town)
    kept = [(r["ordinal"], r["to"], r["method"], r["text"]) for r in shown["urgent_reports"]]
    assert kept == [
        (1, ["government", "joint_meeting"], "phone", SAID), (2, ["nation"], "system", "已全部救出。"),
    ]  # fmt: skip
    (duty,) = (d for d in shown["duties"] if d["kind"] == "urgent")
    assert (duty["state"], duty["light"]) == ("fulfilled", "green")
    early = report(reported_at=(clock.now() - timedelta(hours=1)).isoformat())
    assert send(county, number, early).status == 422, "not before the first"
    stranger = county.officer(LABOUR, "clerk")
    assert send(county, number, report(), stranger).status == 404
    assert send(county, county.register(), report()).status in (404, 409)


def test_what_was_said_leaves_supervision_by_no_way_but_its_page(county: County) -> None:
    number = urgent(county)
    send(county, number, report())
    ((data, stored),) = county.sql(
        "SELECT convert_from(envelope, 'utf8')::jsonb->'data', convert_from(envelope, 'utf8')"
        " FROM supervision.event_log WHERE subject = :n AND type = 'urgent.reported'", n=number,
    )  # fmt: skip
    codes = {name: value for name, value in data.items() if name not in ("petition", "reported_at")}
    assert codes == {
        "office": data["petition"]["registered_by"], "ordinal": 1, "method": "phone",
        "to": ["government", "joint_meeting"],
    }  # fmt: skip
    assert SAID not in stored
    ((sealed,),) = county.sql(
        "SELECT text FROM supervision.urgent_report WHERE number = :n", n=number
    )
    assert SAID.encode() not in bytes(sealed)
    audits = county.sql("SELECT to_jsonb(a)::text FROM supervision.audit_log a")
    assert not any(SAID in row for (row,) in audits)


def test_the_petitioner_is_told_nothing_of_it(county: County) -> None:
    number = urgent(county)
    clock.set_shift(timedelta(hours=5))
    app = county.apps["supervision"]
    scan(app.database, app.model, fire)
    send(county, number, report())
    petitioner = Actor("petitioner", number, petition=number)
    told = case(county, number, petitioner)
    assert (told["urgent_reports"], told["next_steps"]) == ([], [])
    assert {d["kind"] for d in told["duties"]} == {"forward"}
    why = county.get("supervision", f"/cases/{number}/duties", petitioner).json["duties"]
    assert {d["kind"] for d in why} == {"forward"}
    url = f"/petitions/{number}/timeline"
    types = lambda actor: [  # noqa: E731
        entry["type"] for entry in county.get("intake", url, actor).json["entries"]
    ]
    assert types(petitioner) == ["petition.registered"]
    assert types(None) == ["petition.registered", "duty.missed", "urgent.reported"]


def test_the_list_finds_what_is_urgent_unreported_or_late(county: County) -> None:
    plain, reported, owed = county.register(), urgent(county), urgent(county)
    send(county, reported, report())
    everything = listed(county, "")
    assert everything[plain] is None and everything[owed]["state"] == "open"
    assert {reported, owed} <= set(listed(county, "urgent=all")) and plain not in listed(
        county, "urgent=all"
    )
    assert owed in listed(county, "urgent=owed") and reported not in listed(county, "urgent=owed")
    assert not {owed, reported} & set(listed(county, "urgent=late"))
    assert listed(county, "urgent=owed")[owed]["light"] == "green"
    clock.set_shift(timedelta(hours=5))
    app = county.apps["supervision"]
    scan(app.database, app.model, fire)
    assert listed(county, "urgent=late")[owed]["light"] == "red"
    send(county, owed, report())
    late = listed(county, "urgent=late")
    assert (late[owed]["state"], late[owed]["light"]) == ("fulfilled", "red"), "late is late"
    assert reported not in late and owed not in listed(county, "urgent=owed")
    assert not listed(county, "urgent=all", county.officer(LABOUR, "clerk")), "within reach alone"
    assert_problem(county.get("supervision", "/cases?urgent=x"), 422, "invalid", "urgent")


def test_a_withdrawn_one_is_listed_until_it_is_reported_and_counted(county: County) -> None:
    """Art. 25: whether the petition is withdrawn or not."""
    number = urgent(county)
    petitioner = Actor("petitioner", number, petition=number)
    done = county.post("intake", f"/petitions/{number}/withdrawal", {"reason": None}, petitioner)
    assert done.status == 200, done.body
    county.deliver()
    assert case(county, number)["petition"]["status"] == "withdrawn"
    assert listed(county, "urgent=owed&status=withdrawn")[number]["state"] == "open"
    clock.set_shift(timedelta(hours=5))
    app = county.apps["supervision"]
    scan(app.database, app.model, fire)
    assert listed(county, "urgent=late&light=red")[number]["light"] == "red"
    desk = county.get("supervision", "/desk").json["duties"]
    assert (number, "urgent") in {(duty["number"], duty["kind"]) for duty in desk}
    assert send(county, number, report()).status == 200
    assert number not in listed(county, "urgent=owed") and number in listed(county, "urgent=late")
    assert send(county, number, report()).json["rule"] == "urgent-ended"
    counted = county.sql(
        "SELECT measure, office FROM stats.transition WHERE number = :n AND measure IN ('missed', 'urgent')",
        n=number,
    )  # fmt: skip
    assert sorted(counted) == [("missed", BUREAU), ("urgent", BUREAU)]


# -- 标为紧急: found out after registration --------------------------------------------------------

FOUND = {"circumstances": "夜间来电:墙体开裂,有人受困。"}


def mark(county: County, number: str, actor: Actor | None = None, sent: Any = None) -> Any:
    result = county.post("supervision", f"/cases/{number}/urgency", sent or FOUND, actor)
    county.deliver()
    return result


def ordinary(county: County, *steps: str) -> str:
    number = county.register()
    county.deliver()
    county.go(number, *steps)
    return number


def test_a_matter_is_marked_urgent_once_and_its_limit_runs_from_there(county: County) -> None:
    number, town = ordinary(county, *WAY[:3]), county.officer(TOWN, "clerk")
    clock.set_shift(timedelta(days=1))
    offered = {
        s["office"] for s in case(county, number)["next_steps"] if s["name"] == "mark_urgent"
    }
    assert offered == {TOWN, BUREAU} and number not in listed(county, "urgent=all")
    at = clock.now()
    assert mark(county, number, town).status == 200
    shown = case(county, number, town)
    (duty,) = (d for d in shown["duties"] if d["kind"] == "urgent")
    due = datetime.fromisoformat(duty["due_at"]) - timedelta(hours=4)
    assert (duty["office"], at <= due <= clock.now()) == (TOWN, True), "from the marking"
    made = shown["urgent_mark"]
    assert (made["office"], made["circumstances"]) == (TOWN, FOUND["circumstances"])
    assert county.get("intake", f"/petitions/{number}", town).json["urgent"], "the register knows"
    assert listed(county, "urgent=owed")[number]["light"] == "green"
    before = case(county, number)
    again = mark(county, number, county.officer(BUREAU, "triage"))
    assert (again.status, again.json["rule"]) == (409, "urgent-already")
    assert case(county, number) == before and send(county, number, report(), town).status == 200
    assert number not in listed(county, "urgent=owed")


def test_the_same_key_marks_it_once(county: County) -> None:
    number = ordinary(county)
    url, key = f"/cases/{number}/urgency", uuid.uuid4().hex
    first, second = (county.post("supervision", url, FOUND, key=key) for _ in range(2))
    assert (first.status, second.status) == (200, 200) and first.json == second.json
    told = (
        "SELECT count(*) FROM supervision.event_log WHERE subject = :n AND type = 'urgent.marked'"
    )
    assert county.sql(told, n=number) == [(1,)]
    county.deliver()


def test_who_marks_it_and_bad_input(county: County) -> None:
    number = ordinary(county, *WAY[:3])
    before = case(county, number)
    strangers = (county.officer(LABOUR, "clerk"), county.officer(TOWN, "auditor"))
    assert [mark(county, number, who).status for who in strangers] == [404, 403]
    for sent in (
        {"circumstances": " "},
        {"circumstances": "字" * 2001},
        {"circumstances": None},
        {"why": "x"},
    ):
        assert_problem(mark(county, number, None, sent), 422, "invalid", next(iter(sent)))
    assert case(county, number) == before


def test_the_petition_office_that_marks_it_sees_it_everywhere(county: County) -> None:
    """Of a petition that a town registered and handles itself: whoever owes the report may see what it is about."""
    number = county.register(county.officer(TOWN, "clerk"))
    county.deliver()
    assert mark(county, number, county.officer(BUREAU, "triage")).status == 200
    assert county.sql("SELECT offices FROM supervision.case WHERE number = :n", n=number) == [
        ([TOWN, BUREAU],)
    ]
    for table in ("intake.petition", "routing.matter", "stats.fact"):
        ((offices,),) = county.sql(f"SELECT offices FROM {table} WHERE number = :n", n=number)
        assert {TOWN, BUREAU} <= set(offices), table
    (duty,) = (d for d in case(county, number)["duties"] if d["kind"] == "urgent")
    assert duty["office"] == BUREAU


def test_why_it_was_marked_leaves_supervision_by_no_way_but_its_page(county: County) -> None:
    number = ordinary(county)
    mark(county, number)
    ((data, stored),) = county.sql(
        "SELECT convert_from(envelope, 'utf8')::jsonb->'data', convert_from(envelope, 'utf8')"
        " FROM supervision.event_log WHERE subject = :n AND type = 'urgent.marked'", n=number,
    )  # fmt: skip
    assert {name for name in data if name != "petition"} == {"office"}
    assert FOUND["circumstances"] not in stored
    sealed = county.sql(
        "SELECT circumstances FROM supervision.urgent_mark WHERE number = :n", n=number
    )
    assert FOUND["circumstances"].encode() not in bytes(sealed[0][0])
    audits = county.sql("SELECT to_jsonb(a)::text FROM supervision.audit_log a")
    assert not any(FOUND["circumstances"] in row for (row,) in audits)
    petitioner = Actor("petitioner", number, petition=number)
    assert case(county, number, petitioner)["urgent_mark"] is None
    told = county.get("intake", f"/petitions/{number}/timeline", petitioner).json["entries"]
    assert [entry["type"] for entry in told] == ["petition.registered"]
    staff = county.get("intake", f"/petitions/{number}/timeline").json["entries"]
    assert [entry["type"] for entry in staff][1:] == ["urgent.marked"]
