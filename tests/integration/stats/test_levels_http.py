"""Visits by the level of the office that received them, and households: over HTTP, into figures, returns and their
sum over months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from kit import clock
from kit.identity import Actor
from routing.handlers import put_offices
from routing.store import MODEL
from stats.domain.periods import covering
from stats.queries.reports import editions
from tests.county import BUREAU, PERSON, TOWN, County, assert_problem
from tests.integration.stats.test_returns_http import month

LAST = month()
CITY, CAPITAL = "3302-xfj", "00-xfj"
JOINT = {"people": [PERSON], "head_count": 6}


def office(id: str, level: str, division: str) -> dict[str, Any]:
    kept = dict.fromkeys(
        ("parent", "valid_from", "valid_to", "address", "phone", "hours", "threshold")
    )
    lists: dict[str, list[str]] = {"categories": [], "successors": [], "body_levels": []}
    names = {"id": id, "name": f"某{level}信访局", "short_name": f"某{level}"}
    return kept | lists | names | {"division": division, "level": level, "kind": "department"}


def put_higher(county: County) -> None:
    """The directory learns a city's and the nation's petition office."""
    with county.apps["routing"].database.unit(MODEL) as unit:
        put_offices(
            unit, [office(CITY, "city", "330200000000"), office(CAPITAL, "nation", "0" * 12)]
        )
    county.deliver()


@pytest.fixture(scope="module", autouse=True)
def _received(county: County) -> Iterator[None]:
    """Last month: two visits here, one of three households; three at the city's; a letter at the capital's."""
    put_higher(county)
    middle = date.fromisoformat(LAST) + timedelta(days=14)
    clock.set_shift(clock.midnight(middle) + timedelta(hours=10) - clock.now())
    try:
        here, city, capital = (county.officer(o, "clerk") for o in (BUREAU, CITY, CAPITAL))
        day = middle.isoformat()
        county.register(here, received_on=day, head_count=3, household_count=3)
        county.register(here, received_on=day)
        for changes in ({}, JOINT | {"household_count": 2}, {"channel": "visit_down"}):
            county.register(city, received_on=day, **changes)
        county.register(capital, received_on=day, channel="letter")
        county.deliver()
        yield
    finally:
        clock.set_shift(timedelta())


@pytest.fixture(scope="module")
def drawn(county: County, _received: None) -> Actor:
    """This month, last month's returns are drawn up and signed."""
    clock.set_shift(timedelta())
    head = county.officer(BUREAU, "head", "triage")
    for actor, name in ((head, BUREAU), (county.officer(TOWN, "head"), TOWN)):
        for step in ("drawing", "signature"):
            sent = {"month": LAST} | (
                {"confirmed": True, "version": 1} if step == "signature" else {}
            )
            assert county.post("stats", f"/returns/{name}/{step}", sent, actor).status == 200
    return head


def figure(county: County, what: str, **where: str) -> str:
    conditions = ",".join(f"{name}:{value}" for name, value in where.items())
    asked = f"/figures?what={what}&period=month:{LAST[:7]}&where={conditions}"
    return str(county.get("stats", asked).json["total"]["value"])


def test_households_are_counted_by_the_level_of_who_received_them(county: County) -> None:
    assert (figure(county, "visit"), figure(county, "household")) == ("5", "8")
    levels = [figure(county, "household", level=one) for one in ("county", "city", "nation")]
    assert levels == ["4", "4", "0"]
    assert figure(county, "visit", level="city", size="joint") == "1"


def test_the_sites_return_tells_what_higher_offices_received(county: County, drawn: Actor) -> None:
    told = county.get("stats", f"/returns/{BUREAU}?month={LAST}", drawn).json
    assert told["figures"] | {
        "registered": 6, "letter": 1, "visit": 5, "visit_here": 4, "visit_city": 4, "visit_capital": 0,
        "joint_here": 0, "joint_city": 1, "joint_above": 0, "visit_heads": 12, "urgent": 0, "open": 2,
    } == told["figures"]  # fmt: skip
    assert told["figures"]["visit_province"] is None, "no office of a province is known: blank"
    assert len(told["faults"]) == 1 and "批次" in told["faults"][0], "5 visits, 8 households"


def test_a_report_tells_them_as_the_return_does(county: County, drawn: Actor) -> None:
    app: Any = county.apps["stats"]
    with app.asking(drawn) as asker:
        period = covering("month", date.fromisoformat(LAST))
        told = editions(asker, asker.directory.get(BUREAU), period)["own"]
    lines = {line["id"]: line for line in told["lines"]}
    wanted = {"registered": "6", "visit": "5", "visit_here": "4", "visit_city": "4", "visit_province": "—",
              "visit_capital": "0", "joint_here": "0", "joint_city": "1", "open": "2"}  # fmt: skip
    assert {item: lines[item]["value"] for item in wanted} == wanted
    listed = county.get("stats", f"/figures/cases?{lines['visit_here']['cases']}", drawn).json
    assert (listed["counted"], listed["total"]) == (4, 2), (
        "two visits, of three households and of one"
    )
    assert {CITY, CAPITAL}.isdisjoint(row["key"] for row in told["tables"]["offices"])
    levels = {row["key"]: row["figures"]["household"]["value"] for row in told["tables"]["levels"]}
    assert levels == {"county": "4", "city": "4"}


def test_an_offices_own_return_has_no_level_but_its_own(county: County, drawn: Actor) -> None:
    told = county.get("stats", f"/returns/{TOWN}?month={LAST}", drawn).json["figures"]
    assert (told["visit"], told["visit_here"], told["visit_city"], told["joint_above"]) == (0, 0, None, None)  # fmt: skip


def test_a_higher_office_reports_elsewhere(county: County, drawn: Actor) -> None:
    page = county.get("stats", f"/returns?month={LAST}", drawn).json
    assert {CITY, CAPITAL}.isdisjoint(page["missing"])
    by_hand = {item["id"] for item in page["items"] if item["by_hand"]}
    assert by_hand == {"visit_province"}
    refused = county.post("stats", f"/returns/{CITY}/drawing", {"month": LAST})
    assert_problem(refused, 409, "refused")
    assert refused.json["rule"] == "reports-elsewhere"


def test_returns_add_up_over_months(county: County, drawn: Actor) -> None:
    def lines(query: str) -> dict[str, Any]:
        answer = county.get("stats", f"/returns/sum?{query}", drawn)
        assert answer.status == 200, answer.body
        return dict(answer.json)

    this = lines(f"period=month:{LAST[:7]}")
    found = {line["item"]: line for line in this["lines"]}
    assert (this["signed"], this["signed_before"]) == (2, 0)
    assert (found["visit"]["now"], found["visit"]["before"], found["visit"]["year_on_year"]) == (5, None, "—")  # fmt: skip
    assert found["visit_province"]["now"] is None, "blank in every return is blank in the sum"
    town = lines(f"period=month:{LAST[:7]}&office={TOWN}")
    assert town["signed"] == 1 and town["lines"][2]["now"] == 0
    year = {line["item"]: line["now"] for line in lines(f"period=year:{LAST[:4]}")["lines"]}
    assert year["visit"] == 5
    assert year["open"] == (2 if LAST[5:7] == "12" else None), "how it stands in December"


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "period"), ("period=day:2026-03-02", "period"), ("period=free:2026-01-01..2026-02-28", "period"),
     ("period=year:2026&office=", "office"), ("period=year:2026&size=joint", "size")],
)  # fmt: skip
def test_a_sum_of_no_whole_months_is_refused(county: County, query: str, field: str) -> None:
    assert_problem(county.get("stats", f"/returns/sum?{query}"), 422, "invalid", field)


def test_an_urgent_report_is_counted(county: County) -> None:
    clock.set_shift(timedelta())
    number = county.register(urgent=True)
    county.deliver()
    report = {"to": ["government"], "method": "phone", "text": "危房。"}
    for _ in ("first", "further"):  # a matter that is reported, however often
        made = report | {"reported_at": clock.now().isoformat()}
        answer = county.post("supervision", f"/cases/{number}/urgent-report", made)
        assert answer.status == 200, answer.body
    county.deliver()
    today = clock.local_date(clock.now())
    total = county.get("stats", f"/figures?what=urgent&period=day:{today}").json["total"]
    assert total["value"] == "1"
    assert (
        county.get("stats", f"/figures/cases?{total['cases']}").json["cases"][0]["number"] == number
    )
