"""月报: blank is not nought, parts add up, a locked return stays."""

from __future__ import annotations

from datetime import date

import pytest

from stats.domain.indicators import INDICATORS
from stats.domain.measures import CASE_MEASURES
from stats.domain.returns import (
    ITEMS,
    SUMS,
    UNITS,
    Fault,
    Refused,
    Signed,
    check_correction,
    check_drawn,
    check_month,
    check_reports,
    check_signing,
    corrected,
    differences,
    faults,
    last_told,
    summed,
)

NOW = {"visit": 181, "visit_here": 158, "visit_city": 13, "visit_province": 3, "visit_capital": 7}
BEFORE = {
    "visit": 153,
    "visit_here": 137,
    "visit_city": 13,
    "visit_province": 2,
    "visit_capital": 3,
}


def test_the_year_table_adds_up_and_the_one_before_it_does_not() -> None:
    assert list(faults(NOW)) == []
    (fault,) = faults(BEFORE)
    assert fault == Fault("visit", 153, 155)
    assert "来访 153" in fault.text and "155" in fault.text
    assert fault.text.endswith(UNITS), "two visits may have had two households"
    assert UNITS not in Fault("visit", 155, 153).text, "a visit without a household is none"


def test_what_is_blank_is_not_nought() -> None:
    blank = dict.fromkeys(ITEMS)
    assert list(faults(blank)) == [] and set(summed([blank, blank]).values()) == {None}
    assert list(faults({"visit": 5})) == [], "nothing is known of its parts"
    assert list(faults({"visit": 5, "visit_here": 5, "visit_city": None})) == []
    assert summed([{"letter": 3}, {"letter": None}, {"letter": 0}])["letter"] == 3
    assert summed([{"letter": 0}])["letter"] == 0
    assert summed([])["letter"] is None


def test_months_add_up_and_what_stands_is_the_last_ones() -> None:
    january, march = date(2026, 1, 1), date(2026, 3, 1)
    found = Signed({january: {"a": {"letter": 3, "open": 9}, "b": {"letter": 1}}, march: {"a": {"letter": None, "open": 4}}})  # fmt: skip
    assert [found.total(item) for item in ("letter", "open", "joint_above")] == [4, 4, None]
    unsaid = Signed({january: {"a": {"open": 9}}, march: {}}, {january: ["a"], march: ["a", "b"]})
    assert unsaid.total("open") is None, "the last month was not reported"
    assert (unsaid.missing, found.missing) == ({march: 2}, {})
    assert all(Signed({}).total(item) is None for item in ITEMS)
    assert [item.id for item in ITEMS.values() if item.stock] == [
        item.id for item in ITEMS.values() if (measure := CASE_MEASURES.get(item.what)) and measure.stock
    ]  # fmt: skip


def test_only_what_every_month_says_is_compared() -> None:
    first, second = date(2026, 1, 1), date(2026, 2, 1)
    whole = Signed({first: {"a": {"visit_city": 4}, "b": {"visit_city": None}}, second: {"a": {"visit_city": 0}}})  # fmt: skip
    assert (whole.total("visit_city"), whole.whole("visit_city")) == (4, True)
    part = Signed({first: {"a": {"visit_city": 4}}, second: {}})
    assert (part.total("visit_city"), part.whole("visit_city")) == (4, False)
    assert not whole.whole("visit_capital")
    stands = Signed({first: {}, second: {"a": {"open": 7}}})
    assert stands.whole("open"), "it is the last month's alone"


def test_a_sum_of_some_offices_is_compared_with_nothing() -> None:
    """One office of two that signed is no fall by half."""
    month, both = date(2026, 1, 1), ["town", "desk"]
    lines = {"letter": 10, "visit_city": 5}
    one = Signed({month: {"town": lines}}, {month: both})
    assert not one.whole("letter") and not one.whole("visit_city") and one.missing == {month: 1}
    two = Signed({month: {"town": lines, "desk": {"letter": 0}}}, {month: both})
    assert two.whole("letter") and two.whole("visit_city"), "by hand, whoever knows something"
    unknown = Signed({month: {"town": lines, "desk": {"letter": None}}}, {month: both})
    assert not unknown.whole("letter"), "each office counts its own"
    sole = {"visit_city": "town"}
    assert Signed({month: {"town": lines}}, {month: both}, sole).whole("visit_city")
    assert not Signed({month: {"desk": {"visit_city": 1}}}, {month: both}, sole).whole("visit_city")


def test_months_in_which_nobody_filled_a_line_in_are_named() -> None:
    months = [date(2026, n, 1) for n in (1, 2, 3)]
    found = Signed({m: {"a": {"visit_city": n}} for m, n in zip(months, (5, 3, None), strict=True)})
    assert (found.total("visit_city"), found.blank("visit_city")) == (8, months[2:])
    assert found.blank("visit_capital") == [], "nothing is a sum of nothing"
    assert found.blank("open") == []


def test_the_levels_of_visits_make_the_visits() -> None:
    """Each receiving office is in the sum once, and once among its parts."""
    parts = [at for part in SUMS["visit"] for at in ITEMS[part].at]
    assert sorted(parts) == sorted(ITEMS["visit"].at) and len(set(parts)) == len(parts)
    assert all(item.what in INDICATORS for item in ITEMS.values())


def test_a_higher_office_reports_elsewhere() -> None:
    check_reports(False)
    with pytest.raises(Refused) as refused:
        check_reports(True)
    assert refused.value.rule == "reports-elsewhere"


def test_what_would_be_told_otherwise_today_is_a_difference() -> None:
    assert differences({"letter": 5, "visit": 2}, {"letter": 7, "visit": 2}) == {"letter": 2}
    assert differences({"letter": None}, {"letter": 7}) == {}, "blank was never told"


def test_what_was_told_last_is_what_was_counted_with_what_was_found_since() -> None:
    counted = {"letter": 5, "visit": 2, "visit_city": None}
    told = last_told(counted, [{"letter": 2}, {}, {"letter": -1, "visit_city": 3}])
    assert told == {"letter": 6, "visit": 2, "visit_city": None} and counted["letter"] == 5
    assert differences(told, {"letter": 6, "visit": 3}) == {"visit": 1}


@pytest.mark.parametrize(
    ("own", "open_", "value", "told"),
    [
        (150, 149, 153, 152),
        (150, 150, 153, 153),
        (3, 1, 1, 0),
        (150, 149, None, None),
        (None, None, 4, 4),
    ],
)
def test_a_correction_leaves_out_of_the_open_edition_what_was_left_out(
    own: int | None, open_: int | None, value: int | None, told: int | None
) -> None:
    assert corrected({"own": own, "open": open_}, value) == {"own": value, "open": told}


@pytest.mark.parametrize(
    ("month", "today", "rule"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), "month-not-over"),
        (date(2026, 12, 1), date(2026, 12, 31), "month-not-over"),
        (date(2026, 3, 2), date(2026, 5, 1), "month-unfit"),
    ],
)
def test_a_month_is_reported_when_it_is_over(month: date, today: date, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        check_month(month, today)
    assert refused.value.rule == rule
    check_month(date(2026, 3, 1), date(2026, 4, 1))
    check_month(date(2026, 12, 1), date(2027, 1, 1))


def test_a_signed_return_is_locked() -> None:
    check_drawn("drawn")
    for state, rule in (("signed", "return-locked"), (None, "return-missing")):
        with pytest.raises(Refused) as refused:
            check_drawn(state)
        assert refused.value.rule == rule


def test_a_correction_is_a_count_of_a_line() -> None:
    check_correction("letter", 0)
    check_correction("visit_city", None)
    for item, value in (("weather", 1), ("letter", -1)):
        with pytest.raises(Refused):
            check_correction(item, value)


def test_what_does_not_add_up_is_signed_only_by_who_says_so() -> None:
    check_signing(NOW, accepted=False)
    check_signing(BEFORE, accepted=True)
    with pytest.raises(Refused) as refused:
        check_signing(BEFORE, accepted=False)
    assert "155" in refused.value.zh
