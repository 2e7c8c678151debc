"""直报、续报 over HTTP: what was reported of an urgent matter, who may read it, and the list of what is not (Art. 25)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
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
