"""At both ends of the calendar a question is answered, or refused by its field."""

from __future__ import annotations

import pytest

from stats.domain.periods import EARLIEST, LATEST
from tests.county import BUREAU, County, assert_problem, today

BEYOND = (
    "day:0001-01-01", "day:9999-12-31", "week:0001-W01", "week:9999-W52", "month:0001-01", "month:9999-12",
    "quarter:0001-Q1", "quarter:9999-Q4", "half:0001-H1", "half:9999-H2", "year:0001", "year:9999",
    "free:0001-01-01..2026-01-01", "free:2026-01-01..9999-12-31",
)  # fmt: skip
WITHIN = (
    f"day:{EARLIEST}", f"day:{LATEST}", "week:1900-W01", "week:2199-W51", "month:1900-01", "month:2199-12",
    "quarter:1900-Q1", "quarter:2199-Q4", "half:1900-H1", "half:2199-H2", "year:1900", "year:2199",
    f"free:{EARLIEST}..{LATEST}",
)  # fmt: skip
ASKED = (
    "/figures?what=registered&period={}", "/figures?what=registered&by=channel&published=true&period={}",
    "/figures?what=open&period={}", "/figures?what=answered_on_time&by=month&period={}",
    "/figures/cases?what=registered&period={}", "/figures/cases/file?what=registered&period={}",
    "/topics?period={}", "/returns/sum?period={}", f"/reports/{BUREAU}?period={{}}",
    f"/reports/{BUREAU}/narrative?period={{}}",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _registered(county: County) -> None:
    county.register()
    county.deliver()


@pytest.mark.parametrize("url", ASKED)
def test_what_lies_beyond_is_refused_by_its_field(county: County, url: str) -> None:
    head = county.officer(BUREAU, "head")
    for period in BEYOND:
        result = county.get("stats", url.format(period), head)
        assert_problem(result, 422, "invalid", "period")
        assert "1900年至2199年" in result.json["errors"][0]["detail"]


@pytest.mark.parametrize("url", ASKED[:7])
def test_the_first_and_the_last_days_are_answered(county: County, url: str) -> None:
    for period in WITHIN:
        result = county.get("stats", url.format(period))
        assert result.status == 200, (period, result.body)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", str(EARLIEST), str(LATEST)])
def test_a_single_day_is_one_of_those_that_are_reckoned_with(county: County, day: str) -> None:
    reckoned = day[:4] in ("1900", "2199")
    for field, query in (
        ("from", f"/counts?from={day}&to={LATEST}"), ("to", f"/counts?from={EARLIEST}&to={day}"),
        ("as_of", f"/figures?what=registered&period=day:{today()}&as_of={day}"),
    ):  # fmt: skip
        result = county.get("stats", query)
        if reckoned and (field, day) != ("as_of", str(LATEST)):  # nobody knows how it will stand
            assert result.status == 200, result.body
        else:
            assert_problem(result, 422, "invalid", field)


@pytest.mark.parametrize("month", ["0001-01-01", "9999-12-01"])
def test_a_return_is_of_a_month_that_is_reckoned_with(county: County, month: str) -> None:
    head = county.officer(BUREAU, "head")
    drawn = county.post("stats", f"/returns/{BUREAU}/drawing", {"month": month}, head)
    for result in (county.get("stats", f"/returns?month={month}", head), drawn):
        assert_problem(result, 422, "invalid", "month")
