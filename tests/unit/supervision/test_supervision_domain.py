"""The case's steps and the law's clocks, each rule with its article."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.domain import case, clocks
from supervision.domain.case import Refused

ZONE = ZoneInfo("Asia/Shanghai")
STATUSES = tuple(case.WORDS)
ALLOWED = {
    ("accept", "signed"): "accepted",
    ("answer", "accepted"): "answered",
    ("serve", "answered"): "served",
    ("close", "served"): "closed",
}
ARTICLES = {
    "accept": "第二十三条",
    "answer": "第三十二条",
    "serve": "第三十二条",
    "close": "第三十四条",
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("name", sorted(case.STEPS))
def test_one_step_follows_the_other(name: str, status: str) -> None:
    if (name, status) in ALLOWED:
        assert case.check_step(name, status).after == ALLOWED[name, status]
        return
    with pytest.raises(Refused) as refused:
        case.check_step(name, status)
    assert (refused.value.rule, refused.value.status) == ("step-out-of-order", 409)
    assert ARTICLES[name] in (refused.value.article or "")
    assert case.WORDS[status] in refused.value.zh and f"'{status}'" in refused.value.en


@pytest.mark.parametrize(
    ("competent", "acting", "site_wide", "may"),
    [
        ("a", "a", False, True),
        ("a", "b", False, False),
        ("a", None, False, False),
        (None, "a", False, False),
        ("a", None, True, True),
    ],
)
def test_only_the_competent_office_acts(
    competent: str | None, acting: str | None, site_wide: bool, may: bool
) -> None:
    if may:
        case.check_office(competent, acting, site_wide)
        return
    with pytest.raises(Refused) as refused:
        case.check_office(competent, acting, site_wide)
    assert refused.value.status == 403 and refused.value.article == "信访工作条例 第五条"


DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("served_on", "rule"),
    [
        (DAY - timedelta(days=1), "served-before-answer"),
        (DAY, None),
        (DAY + timedelta(days=1), None),
        (DAY + timedelta(days=2), "served-in-future"),
    ],
)
def test_an_opinion_is_served_between_answer_and_today(served_on: date, rule: str | None) -> None:
    def check() -> None:
        case.check_served_on(served_on, DAY, DAY + timedelta(days=1))

    if rule is None:
        check()
        return
    with pytest.raises(Refused) as refused:
        check()
    assert (refused.value.rule, refused.value.field) == (rule, "served_on")


NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "previous", "fits"),
    [
        (NOW, None, True),
        (NOW, NOW, True),
        (NOW + timedelta(microseconds=1), None, False),
        (NOW - timedelta(microseconds=1), NOW, False),
        (NOW, NOW - timedelta(days=1), True),
    ],
)
def test_a_step_happens_after_the_one_before_and_not_in_future(
    at: datetime, previous: datetime | None, fits: bool
) -> None:
    if fits:
        case.check_at(at, previous, NOW)
        return
    with pytest.raises(Refused) as refused:
        case.check_at(at, previous, NOW)
    assert refused.value.field == "at"


# -- clocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "days", "article", "starts", "ends"),
    [
        ("forward", 15, "第二十二条", "petition.registered", "petition.assigned"),
        ("answer", 60, "第三十四条", "petition.accepted", "petition.answered"),
    ],
)
def test_the_laws_clocks(kind: str, days: int, article: str, starts: str, ends: str) -> None:
    rule = clocks.rule(kind)
    assert (rule.days, rule.starts, rule.ends) == (days, starts, ends)
    assert rule.article == f"信访工作条例 {article}"
    assert rule.valid_from == date(2022, 5, 1), "the 条例 is in force since then"
    assert 0 < rule.warn_days < rule.days


def test_every_clock_names_an_article_and_an_unknown_one_is_refused() -> None:
    assert all(rule.article.startswith("信访工作条例 第") for rule in clocks.RULES)
    with pytest.raises(LookupError):
        clocks.rule("nothing")


def test_fifteen_days_from_the_second_of_march() -> None:
    """Registered on the 2nd: day 15 is the 17th, and it counts whole."""
    due = clocks.due_at(date(2026, 3, 2), 15, ZONE)
    assert due == datetime(2026, 3, 18, tzinfo=ZONE)
    assert clocks.warn_at(due, clocks.rule("forward"), ZONE) == datetime(2026, 3, 15, tzinfo=ZONE)


@given(
    day=st.dates(date(2022, 5, 1), date(2099, 1, 1)),
    days=st.integers(1, 400),
    seconds=st.integers(-(86400 * 3), 86400 * 3),
)
def test_a_limit_holds_until_its_last_day_is_over(day: date, days: int, seconds: int) -> None:
    """An oracle that counts days on the calendar, one by one, and looks at the day of an instant."""
    due = clocks.due_at(day, days, ZONE)
    moment = due + timedelta(seconds=seconds)
    last = day
    for _ in range(days):
        last += timedelta(days=1)
    assert (moment < due) == (moment.astimezone(ZONE).date() <= last)


@given(
    day=st.dates(date(2022, 5, 1), date(2099, 1, 1)), kind=st.sampled_from(["forward", "answer"])
)
def test_a_warning_comes_whole_days_before(day: date, kind: str) -> None:
    rule = clocks.rule(kind)
    due = clocks.due_at(day, rule.days, ZONE)
    warn = clocks.warn_at(due.astimezone(UTC), rule, ZONE)
    assert due - warn == timedelta(days=rule.warn_days)
    assert warn.astimezone(ZONE).timetz().replace(tzinfo=None).isoformat() == "00:00:00"
    assert warn > datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE)
