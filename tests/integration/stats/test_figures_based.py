"""What had something in a period compared with and has nothing now is told: in figures, ranks and reports."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from stats.domain.editions import OWN
from stats.domain.periods import read
from stats.queries.reports import BASES, frozen
from tests.county import BUREAU, LABOUR, TOWN, County
from tests.integration.stats.test_levels_http import CITY, put_higher

NOW = read("month:2026-03")
YEAR_AGO, BEFORE = date(2025, 3, 10), date(2026, 2, 10)
THIS = date(2026, 3, 10)
TALLIED = (
    (YEAR_AGO, "registered", BUREAU, "call", "c05", 8), (YEAR_AGO, "registered", BUREAU, "visit", "c01", 10),
    (BEFORE, "registered", BUREAU, "web", "c01", 50), (BEFORE, "registered", BUREAU, "web", "c02", 40),
    (BEFORE, "registered", BUREAU, "web", "c03", 30),
    (THIS, "registered", BUREAU, "visit", "c02", 10), (THIS, "registered", BUREAU, "visit", "c03", 5),
    (YEAR_AGO, "household", CITY, "visit", "c05", 6), (THIS, "household", BUREAU, "visit", "c05", 7),
    (YEAR_AGO, "case_closed", LABOUR, "visit", "c05", 10), (YEAR_AGO, "case_closed", CITY, "visit", "c05", 4),
    (THIS, "case_closed", TOWN, "visit", "c05", 6), (THIS, "case_closed", CITY, "visit", "c05", 3),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _tallied(county: County) -> None:
    """Counts of a year ago, of the month before, and of March, among them a city office's."""
    put_higher(county)
    county.register(registered_at="2024-01-05T02:00:00Z", received_on="2024-01-05")
    county.deliver()
    with county.apps["stats"].database.connection() as connection:
        for day, measure, office, channel, category, n in TALLIED:
            connection.exec_driver_sql(
                "INSERT INTO stats.tally (day, recorded_on, measure, office, division, channel, type, category, turn,"
                " size, apart, n, barred) VALUES (%s, %s, %s, %s, '', %s, 'request', %s, 'first', 'single', false, %s, '{}')",
                (day, day, measure, office, channel, category, n),
            )


def figures(county: County, query: str) -> dict[str, Any]:
    result = county.get("stats", f"/figures?period={NOW.text}&{query}")
    assert result.status == 200, result.body
    return dict(result.json)


def report(county: County) -> dict[str, Any]:
    app: Any = county.apps["stats"]
    with app.asking(county.officer(BUREAU, "head")) as asker:
        return frozen(asker, asker.directory.get(BUREAU), NOW, OWN)


@pytest.mark.parametrize("what", ["registered", "case_closed", "repeat_rate"])
@pytest.mark.parametrize("by", ["channel", "office", "channel,type"])
def test_the_bases_of_the_rows_add_up_to_the_totals(county: County, what: str, by: str) -> None:
    found = figures(county, f"what={what}&by={by}")
    for name in BASES:
        for side in ("numerator", "denominator"):
            parts = [row["bases"][name][side] for row in found["rows"]]
            whole = found["total"]["bases"][name][side]
            assert whole is None or sum(parts) == whole, (name, side)


def test_a_channel_that_fell_to_nought_has_its_row(county: County) -> None:
    rows = {r["values"]["channel"]: r for r in figures(county, "what=registered&by=channel")["rows"]}  # fmt: skip
    call = rows["call"]
    assert (call["value"], call["year_on_year"], call["on_previous"]) == ("0", "-100%", "持平")
    assert county.get("stats", f"/figures/cases?{call['cases']}").json["counted"] == 0
    days = figures(county, "what=registered&by=day")["rows"]
    assert [row["values"]["day"] for row in days] == [THIS.isoformat()], "a time has no base"


def test_who_is_overtaken_by_nobody_rises_as_the_first_one_falls_away(county: County) -> None:
    found = county.get("stats", f"/topics?period={NOW.text}").json
    rows = {row["values"]["topic"]: row for row in found["topics"]}
    assert [(rows[c]["rank"], rows[c]["moved"]) for c in ("c02", "c03")] == [(1, "↑1"), (2, "↑1")]
    assert (rows["c01"]["rank"], rows["c01"]["moved"], rows["c01"]["value"]) == (None, "—", "0")
    assert rows["c05"]["trend"] == [0] * 12, "a year ago lies before the trend: nought, not unknown"


def test_a_report_tells_what_there_is_none_of_any_more(county: County) -> None:
    tables = report(county)["tables"]
    for table, key, what in (("channels", "call", "registered"), ("topics", "c05", "registered"),
                             ("categories", "c05", "registered"), ("levels", "city", "household")):  # fmt: skip
        row = next(row for row in tables[table] if row["key"] == key)
        assert row["figures"][what]["value"] == "0", table
        assert row["figures"][what]["year_on_year"] == "-100%", table


def test_a_report_compares_with_what_all_offices_did(county: County) -> None:
    """The labour office closed ten a year ago and none now; what the city's closed is no work of the site's."""
    told = report(county)
    (line,) = [line for line in told["lines"] if line["id"] == "closed"]
    assert line["numerator"] == 6 and line["bases"]["year_on_year"]["numerator"] == 10
    assert line["year_on_year"] == "-40%"


def test_the_months_of_a_report_tell_what_its_lines_tell(county: County) -> None:
    told = report(county)
    lines = {line["id"]: line["numerator"] for line in told["lines"]}
    last = told["tables"]["months"][-1]["figures"]
    assert last["registered"]["numerator"] == lines["registered"] == 15
    assert last["case_closed"]["numerator"] == lines["closed"] == 6
    assert last["case_closed"]["value"] == "6"


def test_months_before_the_first_day_have_no_figure(county: County) -> None:
    app: Any = county.apps["stats"]
    with app.asking(county.officer(BUREAU, "head")) as asker:
        told = frozen(asker, asker.directory.get(BUREAU), read("month:2024-03"), OWN)
    values = [row["figures"]["case_closed"]["value"] for row in told["tables"]["months"]]
    assert values == ["—"] * 9 + ["0"] * 3


@pytest.mark.parametrize("by", ["level", "level,type", "level,town"])
def test_a_level_that_nobody_knows_lists_its_cases(county: County, by: str) -> None:
    """What was registered by an office that the directory does not know."""
    with county.apps["stats"].database.connection() as connection:
        for statement in ("UPDATE stats.fact SET registered_by = 'gone'",
                          "UPDATE stats.tally SET office = 'gone' WHERE day = '2024-01-05'"):  # fmt: skip
            connection.exec_driver_sql(statement)
    asked = f"/figures?what=registered&period=month:2024-01&by={by}"
    (row,) = county.get("stats", asked).json["rows"]
    assert (row["values"]["level"], row["numerator"]) == ("", 1)
    listed = county.get("stats", f"/figures/cases?{row['cases']}").json
    assert listed["counted"] == listed["total"] == len(listed["cases"]) == 1
    known = row["cases"].replace("level%3A", "level%3Acounty")
    assert known != row["cases"]
    assert county.get("stats", f"/figures/cases?{known}").json["total"] == 0
    where = "type:" + listed["cases"][0]["type"]
    told = county.get("stats", f"{asked.partition('&by')[0]}&where=level:,{where}").json
    assert told["total"]["numerator"] == 1, "the roll-ups choose as the list does"
