"""Figures over HTTP agree with what the other services hold."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.county import BUREAU, DIVISION, LABOUR, TOWN, VILLAGE, County, assert_problem, today


@pytest.fixture(scope="module", autouse=True)
def _petitions(county: County) -> None:
    """Some petitions in various states."""
    for channel, steps in (
        ("visit", ()), ("letter", ("locate", "assign")), ("visit", ("locate", "assign", "sign")),
        ("web", ("locate", "assign", "sign", "accept", "answer", "serve", "close")),
        ("call", ("locate", "assign", "sign", "accept", "answer", "serve", "close")),
    ):  # fmt: skip
        number = county.register(channel=channel)
        county.deliver()
        county.go(number, *steps)
    county.register(channel="visit", registered_at="2026-01-05T15:59:59Z", received_on="2026-01-05")
    county.register(channel="visit", registered_at="2026-01-05T16:00:00Z", received_on="2026-01-05")
    county.deliver()


def counts(county: County, query: str) -> dict[str, Any]:
    result = county.get("stats", f"/counts?{query}")
    assert result.status == 200, result.body
    return dict(result.json)


def test_today(county: County) -> None:
    figures = county.get("stats", "/figures/today").json
    assert figures["day"] == today()
    assert figures["today"] == {
        "registered": 5, "located": 4, "assigned": 4, "signed": 3, "accepted": 2, "answered": 2,
        "served": 2, "closed": 2,
    }  # fmt: skip
    assert figures["open"] == 5, "seven were registered ever, two are closed"
    assert figures["by_channel"] == {"visit": 2, "letter": 1, "web": 1, "call": 1}
    assert [(row["day"], row["n"]) for row in figures["by_day"]] == [(today(), 5)]


def test_counts_by_channel(county: County) -> None:
    found = counts(county, f"from=2000-01-01&to={today()}&by=channel")
    assert {row["channel"]: row["n"] for row in found["rows"]} == {
        "visit": 4, "letter": 1, "web": 1, "call": 1,
    }  # fmt: skip
    assert found["total"] == 7


def test_a_day_begins_at_midnight_in_the_office(county: County) -> None:
    found = counts(county, "from=2026-01-01&to=2026-01-31")
    assert [(row["day"], row["n"]) for row in found["rows"]] == [
        ("2026-01-05", 1), ("2026-01-06", 1),
    ]  # fmt: skip


def test_two_dimensions_and_a_measure(county: County) -> None:
    found = counts(county, f"from={today()}&to={today()}&measure=assigned&by=office,channel")
    assert Counter((row["office"], row["channel"]) for row in found["rows"]) == {
        (TOWN, channel): 1 for channel in ("letter", "visit", "web", "call")
    }


@pytest.mark.parametrize("by", ["day,office", "division", "channel,type"])
@pytest.mark.parametrize("measure", ["registered", "assigned", "closed", "missed"])
def test_each_count_leads_to_its_cases(county: County, measure: str, by: str) -> None:
    found = counts(county, f"from=2026-01-01&to={today()}&measure={measure}&by={by}")
    told = [(row["n"], row["cases"]) for row in found["rows"]] + [(found["total"], found["cases"])]
    assert bool(found["rows"]) == (measure != "missed")
    for n, link in told:
        listed = county.get("stats", f"/figures/cases?{link}&limit=200").json
        assert (listed["counted"], listed["total"], len(listed["cases"])) == (n, n, n), link


@pytest.mark.parametrize(
    ("division", "total"),
    [
        (VILLAGE, 4),
        (DIVISION, 4),
        ("330282", 4),
        ("33", 4),
        ("330282100000", 0),
        ("330282104202", 0),
    ],
)
def test_a_division_counts_with_everything_in_it(county: County, division: str, total: int) -> None:
    """And with nothing beside it: 330282100000 is one town, not all whose codes begin 3302821."""
    query = f"from={today()}&to={today()}&measure=assigned&division={division}"
    assert counts(county, query)["total"] == total


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("to=2026-01-01", "from"),
        ("from=2026-01-01", "to"),
        ("from=2026-01-02&to=2026-01-01", "to"),
        ("from=x&to=2026-01-01", "from"),
        ("from=2026-01-01&to=2026-01-31&by=person", "by"),
        ("from=2026-01-01&to=2026-01-31&by=day,office,type", "by"),
        ("from=2026-01-01&to=2026-01-31&by=", "by"),
        ("from=2026-01-01&to=2026-01-31&measure=lost", "measure"),
        ("from=2026-01-01&to=2026-01-31&division=x", "division"),
        ("from=2026-01-01&to=2026-01-31&colour=red", "colour"),
    ],
)
def test_a_bad_question_is_refused(county: County, query: str, field: str) -> None:
    assert_problem(county.get("stats", f"/counts?{query}"), 422, "invalid", field)


def test_every_figure_equals_what_the_logs_hold(county: County) -> None:
    logged: Counter[str] = Counter()
    for service in ("intake", "routing", "supervision"):
        logged.update(
            row[0].split(".")[1]
            for row in county.sql(f"SELECT type FROM {service}.event_log")
            if not row[0].startswith("office.")
        )
    for measure in ("registered", "located", "assigned", "signed", "accepted", "closed"):
        total = counts(county, f"from=2000-01-01&to={today()}&measure={measure}")["total"]
        assert total == logged[measure]


def test_an_office_that_is_not_known_yet_counts_nothing_that_anybody_is_barred_from(
    county: County,
) -> None:
    """Nobody can tell whether a new office, whose office.changed is still on its way, is under the accused body."""
    period = f"free:2000-01-01..{today()}"
    asked = {
        "/figures/today": lambda told: told["today"]["registered"],
        f"/counts?from=2000-01-01&to={today()}": lambda told: told["total"],
        f"/figures?what=registered&period={period}": lambda told: told["total"]["numerator"],
        f"/figures?what=registered&period={period}&by=channel,type":
            lambda told: told["total"]["numerator"],
    }  # fmt: skip

    def told(office: str | None, role: str) -> list[int]:
        officer = county.officer(office, role)
        return [read(county.get("stats", url, officer).json) for url, read in asked.items()]

    before = told(TOWN, "clerk")
    county.register(type="accusation", accused=[LABOUR])
    county.deliver()
    assert told(BUREAU, "head") == [n + 1 for n in before]
    for office, role in ((LABOUR, "head"), ("330282-unheard", "head"), (None, "auditor")):
        assert told(office, role) == before, office
