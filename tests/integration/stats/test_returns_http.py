"""月报 over HTTP: drawn up, corrected, signed, locked; the county's sum, and who has not reported."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kit import clock
from kit.identity import Actor
from stats.domain.returns import UNITS
from stats.settings import returns_due
from tests.county import BUREAU, LABOUR, TOWN, County, assert_problem


def month(back: int = 1) -> str:
    """The first day of the month, so many months ago."""
    day = clock.local_date(clock.now()).replace(day=1)
    for _ in range(back):
        day = (day - timedelta(days=1)).replace(day=1)
    return day.isoformat()


@pytest.fixture(scope="module")
def head(county: County) -> Actor:
    """The site began a month ago: what was before that nobody knows."""
    day = f"{month()[:8]}05"
    county.register(channel="letter", received_on=day, registered_at=f"{day}T01:00:00Z")
    county.deliver()
    return county.officer(BUREAU, "head", "triage")


def seen(county: County, office: str, on: str) -> dict[str, Any]:
    """What a signature names: the version that is there now."""
    answer = county.get("stats", f"/returns/{office}?month={on}")
    return {"version": answer.json["version"] if answer.status == 200 else 1}


def step(county: County, actor: Actor, office: str, name: str, **body: Any) -> Any:
    if name == "signature":
        body = seen(county, office, month()) | body
    return county.post("stats", f"/returns/{office}/{name}", {"month": month()} | body, actor)


def one(county: County, actor: Actor, office: str = BUREAU) -> dict[str, Any]:
    answer = county.get("stats", f"/returns/{office}?month={month()}", actor)
    assert answer.status == 200, answer.body
    return dict(answer.json)


def test_a_return_is_drawn_corrected_signed_and_locked(county: County, head: Actor) -> None:
    asked = f"/returns/{BUREAU}?month={month()}"
    assert_problem(county.get("stats", asked, head), 404, "not-found")
    assert step(county, head, BUREAU, "drawing").status == 200
    drawn = one(county, head)
    assert drawn["state"] == "drawn" and drawn["figures"]["visit_city"] is None, "blank, not nought"
    assert drawn["figures"]["registered"] is not None
    assert {"registered", "letter", "closed", "open"} <= drawn["cases"].keys()
    for item, query in drawn["cases"].items():
        listed = county.get("stats", f"/figures/cases?{query}", head)
        assert listed.json["counted"] == drawn["figures"][item], item
    correction = {"item": "visit", "value": 153, "reason": "补报一批"}
    assert step(county, head, BUREAU, "correction", **correction).status == 200
    for item, value in (("visit_here", 137), ("visit_city", 13), ("visit_province", 2), ("visit_capital", 3)):  # fmt: skip
        body = {"item": item, "value": value, "reason": "上级通报"}
        assert step(county, head, BUREAU, "correction", **body).status == 200
    told = one(county, head)
    assert told["faults"] == ["来访 153,而本级来访、到市访、赴省访、进京访之和为 155" + UNITS]
    assert told["corrections"][0] | {"at": ""} == {
        "item": "visit", "was": drawn["figures"]["visit"], "now": 153, "reason": "补报一批", "at": "",
    }  # fmt: skip
    refused = step(county, head, BUREAU, "signature")
    assert_problem(refused, 409, "refused", "confirmed")
    assert "155" in refused.json["detail"]
    assert step(county, head, BUREAU, "signature", confirmed=True).status == 200
    signed = one(county, head)
    assert signed["state"] == "signed" and signed["figures"] == told["figures"]
    assert (told["signed_by"], signed["signed_by"]) == (None, head.id)
    for whole in (f"/returns?month={month()}", f"/returns/sum?period=month:{month()[:7]}"):
        assert county.get("stats", whole, head).json["faults"] == told["faults"]
    before = {"month": month(2)}
    assert county.post("stats", f"/returns/{BUREAU}/drawing", before, head).status == 200
    early = county.get("stats", f"/returns/{BUREAU}?month={before['month']}", head)
    assert set(early.json["figures"].values()) == {None}, "before the site began nothing is known"
    for again in (
        step(county, head, BUREAU, "drawing"),
        step(county, head, BUREAU, "correction", **correction),
        step(county, head, BUREAU, "signature", confirmed=True),
    ):
        assert_problem(again, 409, "refused")
        assert again.json["rule"] == "return-locked"
    assert one(county, head) == signed, "a locked return never changes"
    log = county.sql("SELECT count(*) FROM stats.event_log WHERE type = 'report.published'")
    assert log == [(1,)]


def test_the_countys_is_the_sum_and_tells_who_has_not_reported(county: County, head: Actor) -> None:
    town = county.officer(TOWN, "head")
    assert step(county, town, TOWN, "drawing").status == 200
    body = {"item": "visit_city", "value": 4, "reason": "市局通报"}
    assert step(county, town, TOWN, "correction", **body).status == 200
    page = county.get("stats", f"/returns?month={month()}", head).json
    states = {row["office"]: row["state"] for row in page["returns"]}
    assert (states[BUREAU], states[TOWN], states[LABOUR]) == ("signed", "drawn", None)
    assert TOWN in page["missing"] and LABOUR in page["missing"] and BUREAU not in page["missing"]
    assert page["sum"]["visit_city"] == 13, "what is not signed is not reported"
    assert page["sum"]["joint_above"] is None, "blank is not nought"
    assert step(county, town, TOWN, "signature", confirmed=True).status == 200
    page = county.get("stats", f"/returns?month={month()}", head).json
    assert page["sum"]["visit_city"] == 17 and TOWN not in page["missing"]


def test_a_month_tells_when_its_returns_were_due_by_the_sites_own_day(
    county: County, head: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """每月5日前, or the site's own; for how many days what is missing is late; nothing before the site began."""
    over = date.fromisoformat(month(0)) - timedelta(days=1)
    today = clock.local_date(clock.now())
    for days, own in ((5, {}), (1, {"STATS_RETURN_WINDOW": "2022-05-01:1"})):
        monkeypatch.setattr(county.apps["stats"], "returns_due", returns_due(own))
        page = county.get("stats", f"/returns?month={month()}", head).json
        due = over + timedelta(days=days)
        assert page["due_on"] == due.isoformat()
        assert page["days_late"] == max(0, (today - due).days)
    page = county.get("stats", f"/returns?month={month(2)}", head).json
    assert (page["due_on"], page["days_late"]) == (None, 0), "nobody was asked then"


@pytest.mark.parametrize(
    ("name", "body", "code", "field"),
    [
        ("drawing", {"month": "2099-01-01"}, "refused", "month"),
        ("drawing", {"month": "2026-01-02"}, "refused", "month"),
        ("drawing", {"month": "x"}, "invalid", "month"),
        ("drawing", {"month": "0001-01-01"}, "invalid", "month"),
        ("correction", {"item": "weather", "value": 1, "reason": "x"}, "refused", "item"),
        ("correction", {"item": "letter", "value": -1, "reason": "x"}, "refused", "value"),
        ("correction", {"item": "letter", "value": 1, "reason": ""}, "invalid", "reason"),
        ("correction", {"item": "letter", "value": "1", "reason": "x"}, "invalid", "value"),
    ],
)
def test_what_is_no_return_is_refused(
    county: County, name: str, body: dict[str, Any], code: str, field: str
) -> None:
    labour = county.officer(LABOUR, "head")
    step(county, labour, LABOUR, "drawing")
    assert_problem(step(county, labour, LABOUR, name, **body), 422, code, field)


def test_an_office_reports_for_itself(county: County, head: Actor) -> None:
    assert_problem(step(county, head, TOWN, "drawing"), 403, "not-your-office")
    assert_problem(step(county, head, "nowhere", "drawing"), 404, "not-found")
    clerk = county.officer(TOWN, "clerk")
    assert step(county, clerk, TOWN, "signature").status == 403, "a head signs"
    assert date.fromisoformat(month()) < clock.local_date(clock.now())


@pytest.mark.parametrize("path", ["/returns", f"/returns/{BUREAU}"])
def test_a_month_is_its_first_day(county: County, head: Actor, path: str) -> None:
    """Any other day is no month in which nobody reported."""
    asked = county.get("stats", f"{path}?month={month()[:8]}15", head)
    assert_problem(asked, 422, "invalid", "month")
