"""月报 over the years: offices are founded and abolished, what was signed is found to be otherwise, two people work on
one return."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from kit import clock
from routing.handlers import put_offices
from routing.store import MODEL
from tests.county import BUREAU, County
from tests.integration.stats.test_levels_http import office
from tests.integration.stats.test_returns_http import month

LAST = month()


def step(county: County, office: str, name: str, on: str = LAST, **body: Any) -> Any:
    head = county.officer(office, "head", "clerk")
    return county.post("stats", f"/returns/{office}/{name}", {"month": on} | body, head)


# -- offices come and go ---------------------------------------------------------------------------

NEW, GONE, OLD = "330282-new", "330282-gone", "330282-old"


def put(county: County, id_: str, **lived: datetime | None) -> None:
    one = office(id_, "county", "330282000000") | {"parent": BUREAU} | lived
    with county.apps["routing"].database.unit(MODEL) as unit:
        put_offices(unit, [one])
    county.deliver()


def test_a_month_is_of_the_offices_that_existed_in_it(county: County) -> None:
    first = clock.midnight(date.fromisoformat(LAST))
    put(county, NEW, valid_from=clock.midnight(date.fromisoformat(month(0))))
    put(county, GONE, valid_to=first + timedelta(days=3))
    put(county, OLD, valid_to=first)

    def told(on: str = LAST) -> dict[str, Any]:
        return dict(county.get("stats", f"/returns?month={on}").json)

    def offices(on: str = LAST) -> set[str]:
        return {row["office"] for row in told(on)["returns"]} & {NEW, GONE, OLD}

    assert offices() == {GONE} == {NEW, GONE, OLD} & set(told()["missing"])
    assert offices(month(0)) == {NEW}
    assert offices(month(2)) == {GONE, OLD}, "when both were there"

    assert step(county, GONE, "drawing").status == 200
    by_hand = {"item": "visit_city", "value": 7, "reason": "移交前补报"}
    assert step(county, GONE, "correction", **by_hand).status == 200
    assert step(county, GONE, "signature", confirmed=True).status == 200
    put(county, GONE, valid_to=clock.midnight(date.fromisoformat(month(3))))
    asked = f"/returns/sum?period=month:{LAST[:7]}"
    summed = {row["item"]: row["now"] for row in county.get("stats", asked).json["lines"]}
    assert told()["sum"]["visit_city"] == summed["visit_city"] == 7, "what was reported stands"
    assert offices() == {GONE} and offices(month(2)) == {OLD}
