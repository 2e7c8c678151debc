"""月报 over the years: offices are founded and abolished, what was signed is found to be otherwise, two people work on
one return."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, cast

import pytest

from kit import clock
from routing.handlers import put_offices
from routing.store import MODEL
from routing.succession import pass_on
from stats.domain.periods import covering, months_of
from stats.queries import figures
from tests.county import BUREAU, LABOUR, TOWN, County, assert_problem
from tests.integration.stats.test_levels_http import office
from tests.integration.stats.test_returns_http import month, seen

LAST, OTHER, AGAIN, SCHOOLS = month(), "330282-mzj", "330282-sbzx", "330282-jyj"


def step(county: County, office: str, name: str, on: str = LAST, by: str = "", **body: Any) -> Any:
    head = county.officer(by or office, "head", "clerk")
    if name == "signature":
        body = seen(county, office, on) | body
    return county.post("stats", f"/returns/{office}/{name}", {"month": on} | body, head)


# -- offices come and go ---------------------------------------------------------------------------

NEW, GONE, OLD, HEIR = "330282-new", "330282-gone", "330282-old", "330282-kjj"


def put(county: County, id_: str, **lived: Any) -> None:
    one = office(id_, "county", "330282000000") | {"parent": BUREAU} | lived
    with county.apps["routing"].database.unit(MODEL) as unit:
        put_offices(unit, [one])
    county.deliver()


def test_a_month_is_of_the_offices_that_existed_in_it(county: County) -> None:
    first = clock.midnight(date.fromisoformat(LAST))
    put(county, NEW, valid_from=clock.midnight(date.fromisoformat(month(0))))
    put(county, GONE, valid_to=first + timedelta(days=3), successors=[HEIR])
    put(county, OLD, valid_to=first)

    def told(on: str = LAST) -> dict[str, Any]:
        return dict(county.get("stats", f"/returns?month={on}").json)

    def offices(on: str = LAST) -> set[str]:
        return {row["office"] for row in told(on)["returns"]} & {NEW, GONE, OLD}

    assert offices() == {GONE} == {NEW, GONE, OLD} & set(told()["missing"])
    assert offices(month(0)) == {NEW}
    assert offices(month(2)) == {GONE, OLD}, "when both were there"

    by_hand = {"item": "visit_city", "value": 7, "reason": "移交前补报"}
    for name, body in (("drawing", {}), ("correction", by_hand), ("signature", {"confirmed": True})):  # fmt: skip
        refused = step(county, GONE, name, by=OTHER, **body)
        assert_problem(refused, 403, "not-your-office")
        assert step(county, GONE, name, by=HEIR, **body).status == 200, (
            "its successor has its people"
        )
    assert_problem(step(county, OTHER, "drawing", by=HEIR), 403, "not-your-office")
    put(county, GONE, valid_to=clock.midnight(date.fromisoformat(month(3))))
    asked = f"/returns/sum?period=month:{LAST[:7]}"
    summed = {row["item"]: row["now"] for row in county.get("stats", asked).json["lines"]}
    assert told()["sum"]["visit_city"] == summed["visit_city"] == 7, "what was reported stands"
    assert offices() == {GONE} and offices(month(2)) == {OLD}


def test_what_was_inherited_is_no_correction_and_counts_for_whom_it_was_inherited_from(
    county: County,
) -> None:
    """An office of three matters is abolished: its successor's signed month was right, and so is its own last one."""
    ended, put_on = "330282-ended", clock.midnight(date.fromisoformat(month(0)))
    put(county, ended)
    with in_month(2) as day:
        for office, n in ((ended, 3), (HEIR, 1)):
            for _ in range(n):
                county.register(county.officer(office, "clerk"), received_on=day)
        county.deliver()
    assert step(county, HEIR, "drawing", month(2)).status == 200
    assert step(county, HEIR, "signature", month(2), confirmed=True).status == 200
    put(county, ended, valid_to=put_on, successors=[HEIR])
    pass_on(cast(Any, county.apps["routing"]))
    county.deliver()
    assert number(county, HEIR, "open") == 4, "figures follow the succession"

    def told(office: str, back: int) -> tuple[Any, Any, Any]:
        assert step(county, office, "drawing", month(back)).status == 200
        found = county.get("stats", f"/returns/{office}?month={month(back)}").json
        return found["figures"]["registered"], found["figures"]["open"], found["later"]

    assert told(HEIR, 1) == (0, 1, {}), "nothing was wrong"
    assert told(ended, 2) == (3, 3, {}) and told(ended, 1) == (0, 3, {})


def test_a_successor_draws_up_anew_what_the_office_had_drawn_up_for_itself(county: County) -> None:
    """It held an accusation of the successor itself, of which that may not know."""
    ended = "330282-accusing"
    put(county, ended)
    with in_month(1) as day:
        accused = {"type": "accusation", "accused": [HEIR]}
        for said in ({}, accused):
            county.register(county.officer(ended, "clerk"), received_on=day, **said)
        county.deliver()
    assert step(county, ended, "drawing").status == 200
    put(county, ended, valid_to=clock.now(), successors=[HEIR])
    refused = step(county, ended, "signature", by=HEIR)
    assert_problem(refused, 409, "refused", "version")
    assert refused.json["rule"] == "return-outdated"
    assert step(county, ended, "drawing", by=HEIR).status == 200
    heir, own = (county.officer(office, "head", "clerk") for office in (HEIR, ended))
    for reader in (heir, own):
        found = county.get("stats", f"/returns/{ended}?month={LAST}", reader).json
        assert found["figures"]["registered"] == 1 and found["later"] == {}
    assert step(county, ended, "signature", by=HEIR).status == 200


def number(county: County, office: str, what: str) -> int:
    """A figure of today."""
    asked = f"/figures?what={what}&period=year:{clock.local_date(clock.now()).year}&office={office}"
    return int(county.get("stats", asked).json["total"]["numerator"])


# -- what was signed is found to be otherwise ------------------------------------------------------


@contextmanager
def in_month(back: int) -> Iterator[str]:
    """As if it were the middle of a month; gives the day."""
    middle = date.fromisoformat(month(back)) + timedelta(days=14)
    clock.set_shift(clock.midnight(middle) + timedelta(hours=10) - clock.now())
    try:
        yield middle.isoformat()
    finally:
        clock.set_shift(timedelta())


def later(county: County, back: int) -> dict[str, Any]:
    head = county.officer(TOWN, "head")
    return dict(county.get("stats", f"/returns/{TOWN}?month={month(back)}", head).json["later"])


def test_what_is_found_later_is_told_once_for_whatever_month_it_is_of(county: County) -> None:
    with in_month(4) as day:
        first, second = (
            county.register(county.officer(TOWN, "clerk"), received_on=day) for _ in range(2)
        )
        county.deliver()
    for back in (4, 3):
        assert step(county, TOWN, "drawing", month(back)).status == 200
        by_hand = {"item": "letter", "value": 5, "reason": "补报"}
        assert step(county, TOWN, "correction", month(back), **by_hand).status == 200
        assert step(county, TOWN, "signature", month(back), confirmed=True).status == 200
    assert later(county, 3) == {}, "what was corrected by hand was signed, and is no change"

    linked = county.post("intake", f"/petitions/{second}/link", {"repeat_of": first})
    assert linked.status == 200, linked.body
    county.deliver()
    for _ in range(2):
        assert step(county, TOWN, "drawing", month(2)).status == 200
        assert later(county, 2) == {month(4): {"repeated": 1}}, "not of the month before alone"
    assert step(county, TOWN, "signature", month(2), confirmed=True).status == 200
    assert step(county, TOWN, "drawing", month(1)).status == 200
    assert later(county, 1) == {}, "it was told"

    unlinked = county.post("intake", f"/petitions/{second}/unlink", {})
    assert unlinked.status == 200, unlinked.body
    county.deliver()
    assert step(county, TOWN, "drawing", month(1)).status == 200
    assert later(county, 1) == {month(4): {"repeated": -1}}, "against what was told last"


def test_who_corrected_what_was_missing_sees_that_it_is_there_by_now(county: County) -> None:
    """Drawn up again, the line stays as it was corrected, and what is counted stands beside it until it is taken."""

    def comes(n: int) -> None:
        with in_month(1) as day:
            for _ in range(n):
                county.register(county.officer(SCHOOLS, "clerk"), received_on=day)
            county.deliver()

    def told() -> tuple[int, int]:
        found = county.get("stats", f"/returns/{SCHOOLS}?month={LAST}").json
        return found["figures"]["visit"], found["counted"]["visit"]

    def corrected(value: int, reason: str) -> None:
        said = {"item": "visit", "value": value, "reason": reason}
        assert step(county, SCHOOLS, "correction", **said).status == 200

    comes(1)
    assert step(county, SCHOOLS, "drawing").status == 200
    corrected(3, "漏登两批")
    comes(3)
    assert step(county, SCHOOLS, "drawing").status == 200
    assert told() == (3, 4)
    corrected(4, "已经补登")
    assert told() == (4, 4)


# -- a year ago ------------------------------------------------------------------------------------


def test_a_sum_is_compared_where_every_month_of_both_sides_says_something(county: County) -> None:
    for back, value in ((1, 6), (13, 4)):
        assert step(county, AGAIN, "drawing", month(back)).status == 200
        said = {"item": "visit_city", "value": value, "reason": "市局通报"}
        assert step(county, AGAIN, "correction", month(back), **said).status == 200
        assert step(county, AGAIN, "signature", month(back), confirmed=True).status == 200

    def summed(kind: str, office: str = f"&office={AGAIN}") -> dict[str, Any]:
        period = covering(kind, date.fromisoformat(LAST)).text
        return dict(county.get("stats", f"/returns/sum?period={period}{office}").json)

    def line(kind: str, office: str = f"&office={AGAIN}") -> dict[str, Any]:
        return next(one for one in summed(kind, office)["lines"] if one["item"] == "visit_city")

    def told(kind: str) -> tuple[Any, ...]:
        return tuple(line(kind)[name] for name in ("now", "before", "year_on_year"))

    assert told("month") == (6, 4, "+50%") and summed("month")["missing"] == {}
    assert told("quarter") == told("year") == (6, 4, "—"), "a month that is missing is no nought"
    months = {str(month) for month in months_of(covering("quarter", date.fromisoformat(LAST)))}
    assert set(line("quarter")["blank"]) == months - {LAST}
    over = {one for one in months if one < month(0)}
    assert set(summed("quarter")["missing"]) == over - {LAST}, "nobody owes what is not over"
    everybody = summed("month", "")
    assert everybody["missing"][LAST] > 1 and everybody["missing_before"][month(13)] > 1
    assert line("month", "")["year_on_year"] == "—", "of some offices alone"


# -- two people work on one return -----------------------------------------------------------------


def test_what_is_signed_is_what_was_seen(county: County) -> None:
    drawn = step(county, LABOUR, "drawing").json["version"]
    said = {"item": "letter", "value": 9, "reason": "补报"}
    corrected = step(county, LABOUR, "correction", **said).json["version"]
    assert (drawn, corrected) == (1, 2)
    refused = step(county, LABOUR, "signature", version=drawn)
    assert_problem(refused, 409, "refused", "version")
    assert refused.json["rule"] == "return-changed"
    again = step(county, LABOUR, "drawing").json["version"]
    assert step(county, LABOUR, "signature", version=corrected).json["rule"] == "return-changed"
    assert_problem(step(county, LABOUR, "signature", version=None), 422, "invalid", "version")
    assert step(county, LABOUR, "signature", version=again).json["version"] == again


def test_a_return_drawn_up_before_another_was_signed_is_drawn_up_again(county: County) -> None:
    """It would tell what the other told, or miss what became of it."""
    for back in (3, 2):
        assert step(county, LABOUR, "drawing", month(back)).status == 200
    assert step(county, LABOUR, "signature", month(3)).status == 200
    refused = step(county, LABOUR, "signature", month(2))
    assert_problem(refused, 409, "refused", "version")
    assert refused.json["rule"] == "return-outdated"
    assert step(county, LABOUR, "drawing", month(2)).status == 200
    assert step(county, LABOUR, "signature", month(2)).status == 200


def test_a_return_is_of_one_moment(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes while it is drawn up is in all of its lines or in none."""
    counting, asked = figures.count, []

    def arrives() -> None:
        with in_month(1) as day:
            county.register(county.officer(OTHER, "clerk"), received_on=day)
            county.deliver()

    def meanwhile(asker: Any, question: Any) -> Any:
        asked.append(question)
        if len(asked) == 2:
            arrives()
        return counting(asker, question)

    arrives()
    monkeypatch.setattr("stats.queries.returns.count", meanwhile)
    assert step(county, OTHER, "drawing").status == 200
    told = county.get("stats", f"/returns/{OTHER}?month={LAST}").json["figures"]
    assert (told["registered"], told["visit"], told["open"]) == (1, 1, 1)
