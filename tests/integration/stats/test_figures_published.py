"""公开口径 over HTTP: what is told to everybody lets nobody reckon a cell of fewer than five."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.county import BUREAU, LABOUR, TOWN, County

MAY, AUGUST = date(2026, 5, 10), date(2026, 8, 10)
TALLIED = (
    (MAY, "registered", BUREAU, "letter", 3), (MAY, "registered", BUREAU, "visit", 100),
    (MAY, "registered", TOWN, "web", 20), (date(2025, 5, 10), "registered", BUREAU, "web", 30),
    (date(2026, 4, 10), "registered", BUREAU, "call", 2), (MAY, "registered", BUREAU, "call", 40),
    *((AUGUST, "rating_given", office, "visit", n) for office, n in ((LABOUR, 50), (TOWN, 30), (BUREAU, 90))),
    *((AUGUST, "satisfied_body", office, "visit", n) for office, n in ((LABOUR, 49), (TOWN, 20), (BUREAU, 60))),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _tallied(county: County) -> None:
    """Counts of May with their bases, and ratings of August."""
    county.register(registered_at="2024-01-05T02:00:00Z", received_on="2024-01-05")
    county.deliver()
    with county.apps["stats"].database.connection() as connection:
        for day, measure, office, channel, n in TALLIED:
            connection.exec_driver_sql(
                "INSERT INTO stats.tally (day, recorded_on, measure, office, division, channel, type, category, turn,"
                " size, apart, n, barred) VALUES (%s, %s, %s, %s, '', %s, 'request', 'c09', 'first', 'single', false, %s, '{}')",
                (day, day, measure, office, channel, n),
            )


def published(county: County, query: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows by their values, and the sum."""
    result = county.get("stats", f"/figures?published=true&{query}")
    assert result.status == 200, result.body
    told = result.json
    return {",".join(row["values"].values()): row for row in told["rows"]}, told["total"]


def assert_hidden(row: dict[str, Any]) -> None:
    assert row["hidden"] and row["bases"] == {}
    assert (row["numerator"], row["denominator"], row["value"]) == (None, None, "—")
    assert row["year_on_year"] == row["on_previous"] == "—"
    assert row["cases"] is row["denominator_cases"] is None


def test_a_small_cell_is_not_the_sum_less_the_others(county: County) -> None:
    rows, total = published(county, "what=registered&period=month:2026-05&by=channel&compare=false")
    assert_hidden(rows["letter"])
    assert_hidden(rows["web"])  # the next smallest
    assert [rows[name]["value"] for name in ("call", "visit")] == ["40", "100"]
    assert total["value"] == "163" and not total["hidden"]
    left = total["numerator"] - sum(row["numerator"] or 0 for row in rows.values())
    assert left == 23


def test_a_small_base_is_hidden_with_its_row(county: County) -> None:
    """Two calls of the month before would follow from 40 and +1900%, and from the sum's base."""
    rows, total = published(county, "what=registered&period=month:2026-05&by=channel")
    for name in ("letter", "call"):
        assert_hidden(rows[name])
    assert_hidden(total)  # all that there was in April are the two
    assert rows["visit"]["bases"]["on_previous"]["numerator"] == 0


def test_a_lone_small_cell_is_hidden_with_the_sum(county: County) -> None:
    rows, total = published(county, "what=registered&period=month:2026-04&by=channel")
    assert_hidden(rows["call"])
    assert_hidden(total)


def test_the_one_who_was_not_satisfied_is_not_told_by_a_rate(county: County) -> None:
    asked = "what=satisfied_body&period=month:2026-08&compare=false"
    rows, total = published(county, f"{asked}&by=office")
    assert_hidden(rows[LABOUR])  # 49 of 50
    assert_hidden(rows[TOWN])
    assert (rows[BUREAU]["value"], total["numerator"], total["denominator"]) == ("66.7", 129, 170)
    assert_hidden(published(county, f"{asked}&office={LABOUR}")[1])


def test_days_are_no_part_of_the_cases(county: County) -> None:
    """49 days over 50 cases leave nobody over."""
    with county.apps["stats"].database.connection() as connection:
        for measure, n in (("days_to_answer", 49), ("first_answered", 50)):
            connection.exec_driver_sql(
                "INSERT INTO stats.tally (day, recorded_on, measure, office, division, channel, type, category, turn,"
                " size, apart, n, barred) VALUES (%s, %s, %s, %s, '', 'web', 'request', '', 'first', 'single', false, %s, '{}')",
                (AUGUST, AUGUST, measure, BUREAU, n),
            )
    _, total = published(county, "what=average_days_to_answer&period=month:2026-08&compare=false")
    assert total["value"] == "1" and not total["hidden"]


def test_two_dimensions_have_one_sum(county: County) -> None:
    asked = "what=registered&period=month:2026-05&by=office,channel&compare=false"
    rows, total = published(county, asked)
    assert {name for name, row in rows.items() if row["hidden"]} == {f"{BUREAU},letter", f"{TOWN},web"}  # fmt: skip
    assert total["value"] == "163"
