"""Periods: read, written, what came before, and the same a year earlier."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.domain.periods import (
    EARLIEST,
    KINDS,
    LATEST,
    MONTHS,
    Period,
    covering,
    read,
    whole_from,
)
from stats.queries.figures import _works

DAY = timedelta(days=1)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
kinds = st.sampled_from([kind for kind in KINDS if kind != "free"])


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("day:2026-03-02", "2026-03-02", "2026-03-02"),
        ("week:2026-W10", "2026-03-02", "2026-03-08"),
        ("week:2026-W01", "2025-12-29", "2026-01-04"),
        ("month:2028-02", "2028-02-01", "2028-02-29"),
        ("quarter:2026-Q4", "2026-10-01", "2026-12-31"),
        ("half:2026-H1", "2026-01-01", "2026-06-30"),
        ("year:2026", "2026-01-01", "2026-12-31"),
        ("free:2026-01-15..2026-02-20", "2026-01-15", "2026-02-20"),
    ],
)
def test_a_period_is_read_and_written(text: str, since: str, until: str) -> None:
    period = read(text)
    assert (period.since.isoformat(), period.until.isoformat()) == (since, until)
    assert period.text == text


@pytest.mark.parametrize(
    "text",
    [
        "", "month", "month:", "month:2026-13", "month:2026-00", "month:2026-3", "quarter:2026-Q5",
        "half:2026-H0", "year:26", "year:0000", "week:2026-W54", "week:2025-W53", "day:2026-02-30",
        "free:2026-02-02..2026-02-01", "free:2026-02-02", "decade:2020", "month:2026-03\n",
        "week:9999-W52", "month:9999-12", "free:1899-12-31..2026-01-01", "free:2026-01-01..2200-01-01",
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


@pytest.mark.parametrize(
    ("text", "previous", "year_before"),
    [
        ("month:2026-01", "month:2025-12", "month:2025-01"),
        ("quarter:2026-Q1", "quarter:2025-Q4", "quarter:2025-Q1"),
        ("half:2026-H2", "half:2026-H1", "half:2025-H2"),
        ("year:2026", "year:2025", "year:2025"),
        ("week:2026-W01", "week:2025-W52", "week:2025-W01"),
        ("week:2026-W53", "week:2026-W52", None),
        ("day:2028-02-29", "day:2028-02-28", "day:2027-02-28"),
        ("free:2026-01-01..2026-03-31", "free:2025-10-03..2025-12-31", "free:2025-01-01..2025-03-31"),
    ],
)  # fmt: skip
def test_what_it_is_compared_with(text: str, previous: str | None, year_before: str | None) -> None:
    period = read(text)
    assert (period.previous and period.previous.text) == previous
    assert (period.year_before and period.year_before.text) == year_before


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "free"])
@pytest.mark.parametrize(("first", "last"), [(EARLIEST, LATEST), (date.min, date.max)])
def test_at_both_ends_there_is_a_period_with_what_it_is_compared_with_or_none(
    kind: str, first: date, last: date
) -> None:
    for day in (first, last):
        iso = day.isocalendar()
        said = {
            "day": str(day), "week": f"{iso[0]:04}-W{iso[1]:02}", "month": str(day)[:7], "year": str(day)[:4],
            "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}", "half": f"{day.year:04}-H{(day.month + 5) // 6}",
        }[kind]  # fmt: skip
        try:
            period = read(f"{kind}:{said}")
        except ValueError:
            assert day in (date.min, date.max) or kind == "week", "a week may begin or end beyond"
            continue
        assert period.previous and (period.year_before or kind == "week")


@given(kinds, days)
def test_periods_of_a_kind_meet_and_cover_every_day(kind: str, day: date) -> None:
    period = covering(kind, day)
    assert period.since <= day <= period.until
    before = period.previous
    assert before is not None and before.until + DAY == period.since and before.kind == kind
    assert covering(kind, before.since) == before
    assert read(period.text) == period


@given(kinds, days)
def test_the_year_before_is_the_same_part_of_it(kind: str, day: date) -> None:
    period = covering(kind, day)
    earlier = period.year_before
    if earlier is None:
        assert kind == "week" and period.since.isocalendar()[1] == 53
        return
    assert 350 < (period.since - earlier.since).days < 380
    if kind in MONTHS:
        assert (earlier.since.month, earlier.since.year) == (
            period.since.month,
            period.since.year - 1,
        )
    if kind == "week":
        assert earlier.since.isocalendar()[1:] == period.since.isocalendar()[1:]


@given(days, st.integers(0, 800))
def test_a_free_period_is_compared_with_as_many_days(since: date, length: int) -> None:
    period = Period("free", since, since + length * DAY)
    before = period.previous
    assert before is not None
    assert before.until + DAY == since and before.until - before.since == length * DAY
    assert read(period.text) == period


def test_a_kind_without_bounds_covers_nothing() -> None:
    with pytest.raises(ValueError):
        covering("free", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "day", "previous", "year_before"),
    [
        ("month:2026-03", "2026-03-05", "free:2026-02-01..2026-02-05", "free:2025-03-01..2025-03-05"),
        ("month:2026-03", "2026-03-30", "free:2026-02-01..2026-02-28", "free:2025-03-01..2025-03-30"),
        ("month:2026-03", "2026-03-31", "month:2026-02", "month:2025-03"),
        ("year:2028", "2028-11-29", "free:2027-01-01..2027-11-29", "free:2027-01-01..2027-11-29"),
        ("week:2026-W10", "2026-03-04", "free:2026-02-23..2026-02-25", "free:2025-03-03..2025-03-05"),
        ("month:2026-03", "2026-02-28", None, None),
    ],
)  # fmt: skip
def test_what_is_not_over_is_compared_with_as_much_of_the_others(
    text: str, day: str, previous: str | None, year_before: str | None
) -> None:
    period, by = read(text), date.fromisoformat(day)
    assert period.previous and period.year_before
    found = period.as_far(period.previous, by), period.as_far(period.year_before, by)
    assert tuple(one and one.text for one in found) == (previous, year_before)


@pytest.mark.parametrize(
    ("first", "since"),
    [
        ("2025-01-01", "2025-01-01"), ("2025-01-02", "2025-01-01"), ("2025-01-03", "2025-01-03"),
        ("2025-10-09", "2025-10-01"), ("2025-10-10", "2025-10-10"), ("2025-03-03", "2025-03-01"),
        ("2025-03-05", "2025-03-05"),
    ],
)  # fmt: skip
def test_a_site_knows_a_month_from_its_first_working_day_on(first: str, since: str) -> None:
    assert whole_from(date.fromisoformat(first), _works) == date.fromisoformat(since)
