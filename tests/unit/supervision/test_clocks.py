"""Every clock of the law, each with its article; the reckoning against an oracle made with numpy."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import DUTIES
from supervision.calendars import merged, shipped
from supervision.domain import clocks
from supervision.domain.calendar import Calendar
from supervision.domain.clocks import COUNTED, PAUSED, REST, ROLLED, ZERO, Pause, Rule, Term

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
CALENDAR = shipped()
DAYS = st.dates(date(2022, 5, 1), date(2027, 6, 30))

# -- the rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "ref", "length", "unit", "article"),
    [
        ("forward", "D1", 15, "day", "第二十二条"),
        ("inform", "D2", 15, "day", "第二十三条"),
        ("accept", "D3", 15, "day", "第二十三条"),
        ("object", "D4", 5, "working", "第二十三条"),
        ("report", "D5", None, "day", "第二十二条第三项"),
        ("answer", "D6", 60, "day", "第三十四条"),
        ("seek_review", "D8", 30, "day", "第三十五条"),
        ("review", "D9", 30, "day", "第三十五条"),
        ("seek_rereview", "D10", 30, "day", "第三十六条"),
        ("rereview", "D11", 30, "day", "第三十六条"),
    ],
)
def test_the_laws_clocks(kind: str, ref: str, length: int, unit: str, article: str) -> None:
    rule = clocks.rule_for(kind, date(2026, 3, 2))
    assert (rule.ref, rule.length, rule.unit) == (ref, length, unit)
    assert rule.ground == f"信访工作条例 {article}"
    assert rule.basis == clocks.LAW and rule.valid_from == date(2022, 5, 1)


def test_only_the_60_days_are_extended_and_only_rereview_is_paused() -> None:
    assert {r.kind: r.extend for r in clocks.RULES if r.extend} == {"answer": 30}  # D7, Art. 34
    assert [r.kind for r in clocks.RULES if r.pauses] == ["rereview"]  # Art. 36


def test_windows_lapse_and_all_else_turns_red() -> None:
    assert {r.kind for r in clocks.RULES if r.lapses} == {"object", "seek_review", "seek_rereview"}
    assert {r.kind for r in clocks.RULES if r.owed_by == "petitioner"} == {
        "seek_review", "seek_rereview",
    }  # fmt: skip


def test_what_the_law_does_not_say_is_marked() -> None:
    """D12, D13 and D14 have no number in the 条例; D15 and D16 come from elsewhere."""
    marked = {rule.ref: rule.basis for rule in clocks.RULES}
    assert {marked[ref] for ref in ("D12", "D13", "D14")} == {clocks.SITE}
    assert {marked[ref] for ref in ("D15", "D16")} == {clocks.FOUND}


def test_each_kind_has_one_rule_at_a_time_and_a_word_in_the_contracts() -> None:
    ids = [rule.id for rule in clocks.RULES]
    assert len(ids) == len(set(ids))
    for kind in {rule.kind for rule in clocks.RULES if rule.valid_to is None}:
        assert kind in DUTIES
        assert sum(r.kind == kind and r.valid_to is None for r in clocks.RULES) == 1


def test_a_rule_that_is_not_in_force_is_not_used() -> None:
    """D16 was replaced in 2022; the 条例 holds from 2022-05-01."""
    assert clocks.rule_for("forward_national", date(2022, 4, 30)).length == 5
    for kind, day in (("forward_national", date(2022, 5, 1)), ("answer", date(2022, 4, 30))):
        with pytest.raises(LookupError):
            clocks.rule_for(kind, day)


def test_open_cases_keep_the_rule_they_started_under() -> None:
    assert clocks.rule_of("forward_national.2014").length == 5


# -- the calendar ----------------------------------------------------------------------------------


def test_the_state_councils_days() -> None:
    assert not CALENDAR.works(date(2026, 10, 1)) and "国庆" in CALENDAR.name(date(2026, 10, 1))
    assert CALENDAR.works(date(2026, 10, 10)), "a Saturday on which offices make up for the holiday"
    assert CALENDAR.works(date(2026, 3, 2)) and not CALENDAR.works(date(2026, 3, 7))
    assert CALENDAR.knows(date(2026, 12, 31)) and not CALENDAR.knows(date(2099, 1, 1))


def test_an_offices_own_days_come_on_top() -> None:
    own = merged([(date(2026, 3, 2), False, "停电"), (date(2027, 2, 6), True, "调休")])
    assert not own.works(date(2026, 3, 2)) and own.name(date(2026, 3, 2)) == "停电"
    assert own.works(date(2027, 2, 6)) and own.known_through == 2027
    assert not own.works(date(2026, 10, 1)), "the others stay"


# -- the reckoning ---------------------------------------------------------------------------------


def term(kind: str, zero: date, length: int | None = None, pauses: tuple[Pause, ...] = ()) -> Term:
    rule = clocks.rule_for(kind, zero)
    return Term(rule, zero, length or rule.length or 0, pauses)


@pytest.mark.parametrize(
    ("kind", "zero", "last"),
    [
        ("forward", date(2026, 3, 2), date(2026, 3, 17)),  # day zero is not counted
        ("answer", date(2026, 3, 3), date(2026, 5, 6)),  # 2 May is a holiday, and so on to the 5th
        ("forward", date(2026, 9, 25), date(2026, 10, 10)),  # a Saturday, made up: no rolling
        ("object", date(2026, 9, 24), date(2026, 10, 9)),  # mid-autumn and national day between
        ("object", date(2026, 3, 6), date(2026, 3, 13)),  # Friday to Friday
    ],
)
def test_last_days(kind: str, zero: date, last: date) -> None:
    assert clocks.last_day(term(kind, zero), CALENDAR) == last


def oracle(rule: Rule, zero: date, length: int, off: list[date]) -> date:
    """The same by numpy: every day is a "business day" that the rule counts. Day zero rolls backward where
    it is none, so that the next working day is still the first."""
    counted = np.busdaycalendar("1111111", off if rule.unit == "working" else [])
    worked = np.busdaycalendar("1111111", off)
    last = np.busday_offset(zero, length, roll="backward", busdaycal=counted)
    return np.busday_offset(last, 0, roll="forward", busdaycal=worked).astype(date)


def off_days(first: date, last: date) -> list[date]:
    """The days on which offices are closed, straight from the library's own answer."""
    import chinese_calendar

    found = []
    while first <= last:
        known = first.year <= CALENDAR.known_through
        if not (chinese_calendar.is_workday(first) if known else first.weekday() < 5):
            found.append(first)
        first += DAY
    return found


OFF = off_days(date(2022, 1, 1), date(2028, 12, 31))
DAILY = [rule for rule in clocks.RULES if rule.rolls and rule.length and rule.unit != "hour"]


@given(zero=DAYS, rule=st.sampled_from(DAILY), more=st.integers(0, 30))
def test_a_due_date_equals_that_of_an_independent_oracle(zero: date, rule: Rule, more: int) -> None:
    length = (rule.length or 0) + (more if rule.extend else 0)
    assert clocks.last_day(Term(rule, zero, length), CALENDAR) == oracle(rule, zero, length, OFF)


@given(zero=DAYS, since=st.integers(1, 29), days=st.integers(1, 60))
def test_a_hearing_is_not_counted(zero: date, since: int, days: int) -> None:
    """As many days later as the hearing took (before rolling)."""
    first = zero + since * DAY
    heard = term("rereview", zero, pauses=(Pause(first, first + (days - 1) * DAY),))
    last = clocks.last_day(heard, CALENDAR)
    assert last == CALENDAR.next_working(zero + (30 + days) * DAY)


def test_while_a_hearing_lasts_there_is_no_last_day() -> None:
    zero = date(2026, 3, 2)
    open_ = term("rereview", zero, pauses=(Pause(date(2026, 3, 10), None),))
    assert clocks.last_day(open_, CALENDAR) is None
    assert "中止" in clocks.summary(open_, CALENDAR)


@given(zero=DAYS, rule=st.sampled_from(DAILY))
def test_the_explanation_is_the_reckoning(zero: date, rule: Rule) -> None:
    """Every day from day zero to the last, in order, each once, as many counted as the limit is long."""
    walked = list(clocks.walk(Term(rule, zero, rule.length or 0), CALENDAR))
    days = [day for day, _, _ in walked]
    assert days == [zero + n * DAY for n in range(len(days))]
    assert walked[0][2] == ZERO
    assert sum(why == COUNTED for _, _, why in walked) == rule.length
    for day, _, why in walked:
        if why == REST:
            assert not CALENDAR.works(day)
        assert why != PAUSED
    assert CALENDAR.works(days[-1]), "nothing ends on a day on which the office is closed"
    reasons = [why for _, _, why in walked]
    rolled = reasons.count(ROLLED)
    assert reasons[len(reasons) - rolled :] == [ROLLED] * rolled, "rolling is the end of it"


@given(zero=DAYS, rule=st.sampled_from([r for r in DAILY if r.warn]))
def test_a_warning_comes_before_the_end_at_midnight(zero: date, rule: Rule) -> None:
    last = clocks.last_day(Term(rule, zero, rule.length or 0), CALENDAR)
    assert last is not None
    warn, due = clocks.warn_at(rule, last, CALENDAR, ZONE), clocks.due_at(last, ZONE)
    assert warn is not None and warn < due
    assert warn.astimezone(ZONE).time().isoformat() == "00:00:00"
    if rule.unit == "working":
        between = [warn.date() + n * DAY for n in range((last - warn.date()).days + 1)]
        assert sum(map(CALENDAR.works, between)) == rule.warn
    else:
        assert due - warn == rule.warn * DAY


@given(zero=DAYS, seconds=st.integers(-3 * 86400, 3 * 86400))
def test_a_limit_holds_until_its_last_day_is_over(zero: date, seconds: int) -> None:
    last = clocks.last_day(term("forward", zero), CALENDAR)
    assert last is not None
    due = clocks.due_at(last, ZONE)
    moment = due + timedelta(seconds=seconds)
    assert (moment < due) == (moment.astimezone(ZONE).date() <= last)


def test_the_switches_are_data() -> None:
    """Day zero counted, and no rolling: two fields of a rule."""
    rule = Rule("x", "x", "", "", "", 3, "day", 0, "", "", first_day=True, rolls=False)
    assert clocks.last_day(Term(rule, date(2026, 3, 5), 3), CALENDAR) == date(2026, 3, 7)


def test_a_day_beyond_the_known_holidays_is_provisional() -> None:
    late = term("answer", date(2026, 12, 1))
    assert "暂定" in clocks.summary(late, CALENDAR)
    assert "暂定" not in clocks.summary(term("answer", date(2026, 3, 1)), CALENDAR)
    assert clocks.last_day(late, Calendar()) == date(2027, 2, 1)


def test_words_name_article_and_reason() -> None:
    entries = list(clocks.explain(term("object", date(2026, 9, 24)), CALENDAR))
    assert entries[0]["zh"] == "周四,起算事由发生之日,不计入"
    assert any("中秋节放假,非工作日" in str(e["zh"]) for e in entries)
    assert entries[-1]["zh"].endswith("第5日")  # type: ignore[attr-defined]
    assert "第二十三条" in clocks.summary(term("object", date(2026, 9, 24)), CALENDAR)
