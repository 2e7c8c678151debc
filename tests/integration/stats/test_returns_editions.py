"""月报 in two editions: whoever draws one up, it is the same; a sealed accusation is for the office itself alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from kit import clock
from kit.identity import Actor
from routing.handlers import put_offices
from routing.store import MODEL
from stats.domain.periods import covering
from stats.queries.reports import editions
from tests.county import BUREAU, LABOUR, TOWN, County
from tests.integration.stats.test_levels_http import CITY, office
from tests.integration.stats.test_returns_http import month, seen

LAST = month()
ROLES = ("clerk", "head", "supervisor", "triage")


@pytest.fixture(scope="module", autouse=True)
def _received(county: County) -> Iterator[None]:
    """Last month: two visits at the town and two at the city, of each an accusation against the labour office."""
    with county.apps["routing"].database.unit(MODEL) as unit:
        put_offices(unit, [office(CITY, "city", "330200000000")])
    county.deliver()
    middle = date.fromisoformat(LAST) + timedelta(days=14)
    clock.set_shift(clock.midnight(middle) + timedelta(hours=10) - clock.now())
    try:
        for name, said in product((TOWN, CITY), ({}, {"type": "accusation", "accused": [LABOUR]})):
            clerk = county.officer(name, "clerk")
            county.register(clerk, received_on=middle.isoformat(), **said)
        county.deliver()
        clock.set_shift(timedelta())
        yield
    finally:
        clock.set_shift(timedelta())


def step(county: County, actor: Actor, name: str, **body: Any) -> dict[str, Any]:
    if name == "signature":
        body = seen(county, TOWN, LAST) | body
    answer = county.post("stats", f"/returns/{TOWN}/{name}", {"month": LAST} | body, actor)
    assert answer.status == 200, answer.body
    return dict(answer.json)


def read(county: County, actor: Actor) -> dict[str, Any]:
    return dict(county.get("stats", f"/returns/{TOWN}?month={LAST}", actor).json)


def test_a_return_has_an_edition_for_everybody_and_its_corrections_stand_in_both(
    county: County,
) -> None:
    head, other = county.officer(TOWN, *ROLES), county.officer(LABOUR, *ROLES)
    step(county, head, "drawing")
    own, open_ = read(county, head), read(county, other)
    assert (own["edition"], open_["edition"]) == ("own", "open")
    assert (own["figures"]["registered"], open_["figures"]["registered"]) == (2, 1)

    for value in (None, 7):
        step(county, head, "correction", item="registered", value=value, reason="补报五件")
    own, open_ = read(county, head), read(county, other)
    assert (own["figures"]["registered"], open_["figures"]["registered"]) == (7, 6)
    told = [[(c["was"], c["now"]) for c in one["corrections"]] for one in (own, open_)]
    assert told == [[(2, None), (None, 7)], [(1, None), (None, 6)]]

    step(county, head, "drawing")
    own, open_ = read(county, head), read(county, other)
    assert open_["figures"]["registered"] == 6, "what was corrected stays"
    assert (own["counted"]["registered"], open_["counted"]["registered"]) == (2, 1), "beside it"
    step(county, head, "signature", confirmed=True)
    rows = {
        actor.office: next(row for row in page["returns"] if row["office"] == TOWN)
        for actor in (head, other)
        for page in [county.get("stats", f"/returns?month={LAST}", actor).json]
        if page["sum"]["registered"] == 6
    }
    assert {office: row["figures"]["registered"] for office, row in rows.items()} == {TOWN: 7, LABOUR: 6}  # fmt: skip
    summed = county.get("stats", f"/returns/sum?period=month:{LAST[:7]}", head).json
    assert summed["lines"][0]["now"] == 6, "a sum is the same for everybody"


def test_what_is_published_is_the_open_edition(county: County) -> None:
    """And what is fewer than five is told to nobody outside; nought is."""
    ((data,),) = county.sql(
        "SELECT convert_from(envelope, 'UTF8')::jsonb -> 'data' FROM stats.event_log"
        " WHERE type = 'report.published'"
    )
    told = {line["item"]: line["n"] for line in data["lines"]}
    assert (told["registered"], told["visit"], told["letter"]) == (6, None, 0)


def test_a_return_is_the_same_whoever_draws_it_up(county: County) -> None:
    """回避: an officer who stepped aside counts one less on every page; a return is the office's, not the officer's."""
    aside = Actor("officer", "o-aside", BUREAU, frozenset(ROLES))
    beside = Actor("officer", "o-beside", BUREAU, aside.roles)
    middle = date.fromisoformat(LAST) + timedelta(days=14)
    clock.set_shift(clock.midnight(middle) + timedelta(hours=10) - clock.now())
    number = county.register(beside, received_on=middle.isoformat())
    county.deliver()
    clock.set_shift(timedelta())
    sent = county.post("routing", f"/petitions/{number}/recusal", {"cause": "interest"}, aside)
    assert sent.status == 200, sent.body
    county.deliver()
    figures = []
    for actor in (beside, aside):
        asked = {"month": LAST}
        answer = county.post("stats", f"/returns/{BUREAU}/drawing", asked, actor)
        assert answer.status == 200, answer.body
        page = county.get("stats", f"/returns/{BUREAU}?month={LAST}", actor).json
        figures.append(page["figures"])
    assert figures[0] == figures[1] and figures[0]["registered"] == 3


def test_a_report_takes_the_lines_of_returns_in_its_own_edition(county: County) -> None:
    """到市访 stands in the return of the site's petition office: all of it for itself, the open part for others."""
    head = county.officer(BUREAU, *ROLES)
    for name, said in (("drawing", {}), ("signature", {"confirmed": True, "version": 3})):
        answer = county.post("stats", f"/returns/{BUREAU}/{name}", {"month": LAST} | said, head)
        assert answer.status == 200, answer.body
    app: Any = county.apps["stats"]
    with app.asking(head) as asker:
        period = covering("month", date.fromisoformat(LAST))
        told = editions(asker, asker.directory.get(BUREAU), period)
    lines = {
        edition: next(line for line in one["lines"] if line["id"] == "visit_city")["value"]
        for edition, one in told.items()
    }
    assert lines == {"own": "2", "open": "1"}
