"""How long is waited for a rating and a repeat: dated, the site's own after what is usual, printed in the formulas."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kit import clock
from kit.config import ConfigError
from stats import settings
from stats.domain.cases import derive
from stats.domain.indicators import INDICATORS
from stats.domain.returns import days_late, due_on
from stats.domain.windows import RATING, REPEAT, Windows, told, window, with_site

OWN = {"STATS_RATING_WINDOW": "2027-01-01:60, 2022-05-01:20", "STATS_REPEAT_WINDOW": "2027-01-01:90"}  # fmt: skip


@pytest.mark.parametrize(
    ("day", "days"),
    [("1980-01-01", 30), ("2022-04-30", 30), ("2022-05-01", 20), ("2026-12-31", 20), ("2027-01-01", 60)],
)  # fmt: skip
def test_from_which_day_how_long_is_waited(day: str, days: int) -> None:
    assert window(date.fromisoformat(day), settings.windows(OWN).rating) == timedelta(days=days)


def test_without_a_setting_the_usual_holds_and_says_where_it_is_from() -> None:
    assert settings.windows({}) == Windows(RATING, REPEAT)
    assert (RATING[0].days, REPEAT[0].days) == (30, 180)
    assert "[G]" in RATING[0].source and "[G]" in REPEAT[0].source


@pytest.mark.parametrize("name", list(OWN))
@pytest.mark.parametrize("value", ["60", "2027-01-01:0", "2027-13-01:5", "2027-01-01:x", "soon:5"])
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        settings.windows({name: value})


def test_the_day_of_service_tells_which_window_holds() -> None:
    """The last minute of the one year, the first of the next, at the office."""
    new_year = clock.midnight(date(2027, 1, 1))
    for served, days in ((new_year - timedelta(minutes=1), 20), (new_year, 60), (None, None)):
        case = _case(served)
        derive(case, clock.local_date, settings.windows(OWN))
        assert case.rate_due == (served and served + timedelta(days=days or 0))


def _case(served: datetime | None) -> Any:
    names = (
        "withdrawn_at", "declined_at", "accepted_at", "answered_at", "forwarded_at", "forward_due", "served_before",
             "accept_due", "answer_due", "rate_due", "closed_at", "final_at", "given_back")  # fmt: skip
    registered = datetime(2026, 3, 2, 1, tzinfo=UTC)
    return SimpleNamespace(**dict.fromkeys(names), registered_at=registered, served_at=served)


@pytest.mark.parametrize(
    ("month", "last"),
    [("2026-11-01", "2026-12-05"), ("2026-12-01", "2027-01-05"), ("2027-01-01", "2027-02-10"),
     ("2028-02-01", "2028-03-10")],
)  # fmt: skip
def test_a_return_is_due_on_a_day_of_the_next_month(month: str, last: str) -> None:
    """每月5日前; the month that is reported tells which setting holds."""
    own = settings.returns_due({"STATS_RETURN_WINDOW": "2027-01-01:10"})
    assert due_on(date.fromisoformat(month), own) == date.fromisoformat(last)


def test_a_return_is_late_from_the_day_after() -> None:
    due = due_on(date(2026, 11, 1), settings.returns_due({}))
    late = [days_late(due, due + timedelta(days=n)) for n in (-3, 0, 1, 30)]
    assert late == [0, 0, 1, 30]
    with pytest.raises(ConfigError, match="STATS_RETURN_WINDOW"):
        settings.returns_due({"STATS_RETURN_WINDOW": "2027-01-01:0"})


def test_a_formula_prints_the_windows_in_force() -> None:
    assert told(with_site(RATING, [])) == "30日"
    usual = {id: one.record()["formula"] for id, one in INDICATORS.items()}
    assert "送达满30日," in usual["participation"] and "办结后180日内" in usual["settled_at_once"]
    own = {id: one.record(settings.windows(OWN))["formula"] for id, one in INDICATORS.items()}
    assert "送达满30日(2022-05-01起20日,2027-01-01起60日)" in own["participation"]
    assert "办结后180日(2027-01-01起90日)内" in own["settled_at_once"]
    assert all("{" not in formula for formula in (*usual.values(), *own.values()))
    changed = {id for id in usual if usual[id] != own[id]}
    assert changed == {"participation", "settled_at_once"}
