"""同比 and 环比 as the tables of this trade print them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.domain.change import (
    Significant,
    change,
    change_of_rate,
    plain,
    ratio,
    rounded,
)
from stats.domain.indicators import INDICATORS

counts = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("now", "base", "said"),
    [
        # a district's year, figures and changes as printed
        (232, 190, "+22.1%"), (51, 37, "+37.8%"), (181, 153, "+18.3%"), (7, 3, "+133.3%"),
        (3, 2, "+50%"), (13, 13, "持平"), (158, 137, "+15.3%"), (8, 5, "+60%"), (20, 10, "+100%"),
        (0, None, "—"), (None, 5, "—"), (None, None, "—"), (5, 0, "—"), (0, 0, "持平"),
        (0, 8, "-100%"), (1, 3, "-66.7%"), (2001, 2000, "+0.1%"), (20001, 20000, "0%"),
        (19999, 20000, "0%"), (20000, 20000, "持平"), (1999, 2000, "-0.1%"),
    ],
)  # fmt: skip
def test_the_change_of_a_count(now: int | None, base: int | None, said: str) -> None:
    assert change(now, base) == said


def test_the_district_table_has_the_known_defect() -> None:
    """Its parts of the year before do not add up to its sum: with 155 the rise would be another."""
    assert 3 + 2 + 13 + 137 == 155 and change(181, 155) == "+16.8%" != change(181, 153)


def test_half_is_rounded_up_not_to_even() -> None:
    assert [str(rounded(Decimal(x))) for x in ("0.25", "0.35", "-0.25", "0.249")] == [
        "0.3", "0.4", "-0.3", "0.2",
    ]  # fmt: skip
    assert change(1001, 800) == "+25.1%"  # 25.125
    assert change(2005, 1600) == "+25.3%"  # 25.3125
    assert change(813, 800) == "+1.6%"  # 1.625
    assert ratio(1, 8) == Decimal("12.5") and ratio(1, 16) == Decimal("6.3")  # 6.25


@given(counts, counts)
def test_a_change_has_its_sign_and_undoes_nothing(now: int, base: int) -> None:
    said = change(now, base)
    if now == base:
        assert said == "持平"
    elif base == 0:
        assert said == "—"
    else:
        percent = Decimal(said.removesuffix("%"))
        assert percent == 0 or (percent > 0) == (now > base)
        assert abs(percent - Decimal(now - base) * 100 / base) <= Decimal("0.05")
        assert said.startswith("+") == (percent > 0) and said.startswith("-") == (percent < 0)


@given(counts, st.integers(1, 10**6))
def test_a_missing_figure_is_never_zero(numerator: int, denominator: int) -> None:
    assert ratio(None, denominator) is None and ratio(numerator, 0) is None
    assert ratio(numerator, None) is None
    assert ratio(numerator, denominator) is not None
    assert change(None, denominator) == "—" == change(numerator, None)


def test_the_change_of_a_rate_is_a_difference() -> None:
    assert change_of_rate(Decimal("95.24"), Decimal("94.0")) == "+1.2个百分点"
    assert change_of_rate(Decimal("94.04"), Decimal("94.0")) == "持平"
    assert change_of_rate(Decimal(7), Decimal("9.5"), "天") == "-2.5天"
    assert change_of_rate(None, Decimal(1)) == "—" == change_of_rate(Decimal(1), None)
    assert change_of_rate(Decimal("4.53"), Decimal("4.5"), "人/批", 2) == "+0.03人/批"
    assert change_of_rate(Decimal("4.534"), Decimal("4.53"), "人/批", 2) == "持平"
    printed = ("50.0", "50.5", "4.50", "100", "0.0", "39.72")
    assert [plain(Decimal(x)) for x in printed] == ["50", "50.5", "4.5", "100", "0", "39.72"]


@pytest.mark.parametrize(
    ("persons", "visits", "said"),
    [
        (18995, 4190, "4.53"), (10606, 267, "39.7"),  # a province's year, as printed
        (29601, 4457, "6.64"), (9, 2, "4.5"), (9996, 1000, "10"), (1004, 10, "100"), (12345, 10, "1235"), (0, 3, "0"),
    ],
)  # fmt: skip
def test_persons_per_visit_have_three_digits(persons: int, visits: int, said: str) -> None:
    digits = INDICATORS["persons_per_visit"].digits
    average = ratio(persons, visits, 1, digits)
    assert average is not None and plain(average) == said
    assert rounded(average, digits) == average, "what was rounded is not rounded further"


def test_a_change_of_persons_per_visit_is_one_of_printed_figures() -> None:
    assert (
        change_of_rate(Decimal("39.72"), Decimal("4.533"), "人/批", Significant(3)) == "+35.17人/批"
    )
    assert change_of_rate(Decimal("39.72"), Decimal("39.66"), "人/批", Significant(3)) == "持平"


def test_every_other_average_has_one_decimal() -> None:
    others = {one.id: one.digits for one in INDICATORS.values() if one.id != "persons_per_visit"}
    assert set(others.values()) == {1}
    assert INDICATORS["average_days_to_accept"].kind == "average"
