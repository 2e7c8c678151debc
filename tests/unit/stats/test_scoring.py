"""计分: by the figure alone, bounded by the weight, monotone; not by how many came, nor by the order of offices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stats.assessments.schemes import standard
from stats.domain import scoring
from stats.domain.indicators import INDICATORS
from stats.domain.schemes import (
    MORE,
    OWN_WORK,
    Criterion,
    Scheme,
    data,
    faults,
    read,
    scheme_faults,
)

D = Decimal
ANSWERED = Criterion(
    "answered", "按期答复率", D(10), "F", "answered_on_time", ((D(100), D(10)), (D(80), D(0))), least=5
)  # fmt: skip
STEPPED = Criterion(
    "days", "周期", D(10), "F", "average_days_to_answer",
    ((D(30), D(10)), (D(45), D(8)), (D(60), D(5))), steps=True,
)  # fmt: skip
JUDGED = Criterion("basics", "四有", D(20), "F63")


def hundredths(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda n: D(n) / 100)


@st.composite
def criteria(draw: Any) -> Criterion:
    """Any criterion that the rules let pass."""
    indicator = draw(st.sampled_from(sorted(OWN_WORK)))
    weight = draw(hundredths(1, 5000))
    at = sorted(draw(st.sets(st.integers(0, 100), min_size=2, max_size=5)), reverse=OWN_WORK[indicator] == MORE)  # fmt: skip
    rest = sorted((draw(hundredths(0, int(weight * 100))) for _ in at[1:]), reverse=True)
    scale = tuple(zip(map(D, at), (weight, *rest), strict=True))
    made = Criterion("x", "x", weight, "G", indicator, scale, draw(st.booleans()), draw(st.integers(1, 30)))  # fmt: skip
    assert list(faults(made)) == []
    return made


# -- one figure ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criterion", "figure", "points"),
    [
        (ANSWERED, "100", "10"), (ANSWERED, "90", "5"), (ANSWERED, "80", "0"), (ANSWERED, "3", "0"),
        (ANSWERED, "93.3", "6.65"),
        (STEPPED, "12", "10"), (STEPPED, "30", "10"), (STEPPED, "30.1", "8"), (STEPPED, "60", "5"),
        (STEPPED, "60.1", "0"),
    ],
)  # fmt: skip
def test_points_lie_on_the_line_or_at_the_step(
    criterion: Criterion, figure: str, points: str
) -> None:
    assert scoring.reckoned(criterion, D(figure)) == D(points)


def test_too_few_matters_say_nothing_and_that_is_not_nought() -> None:
    assert scoring.value(ANSWERED, 0, 4) is None and scoring.value(ANSWERED, None, None) is None
    assert scoring.value(ANSWERED, 0, 5) == 0
    assert scoring.reckoned(ANSWERED, None) is None


@given(criteria(), st.integers(0, 1000), st.integers(0, 1000))
def test_better_figures_never_give_fewer_points(criterion: Criterion, a: int, b: int) -> None:
    worse, better = sorted((D(a) / 10, D(b) / 10), key=lambda v: v * OWN_WORK[criterion.indicator or ""])  # fmt: skip
    low, high = scoring.reckoned(criterion, worse), scoring.reckoned(criterion, better)
    assert low is not None and high is not None
    assert 0 <= low <= high <= criterion.weight


@given(criteria(), st.integers(0, 200), st.integers(1, 200), st.integers(1, 50), st.integers(1, 50))
def test_how_many_there_were_changes_nothing(
    criterion: Criterion, n: int, d: int, k: int, m: int
) -> None:
    """Equal rates give equal points, whatever they are rates of."""
    assume(min(k, m) * d >= criterion.least)
    first, second = (scoring.value(criterion, n * times, d * times) for times in (k, m))
    assert first == second
    assert scoring.reckoned(criterion, first) == scoring.reckoned(criterion, second)


# -- the sum ---------------------------------------------------------------------------------------


def scheme(*criteria_: Criterion, **more: Any) -> Scheme:
    return Scheme("s", "办法", date(2026, 1, 1), criteria_ or (ANSWERED, STEPPED, JUDGED), **more)


def test_what_is_not_assessed_is_left_out_and_the_rest_scaled() -> None:
    whole = scheme()
    assert whole.full == 40
    points = {"answered": D(5), "days": D(10), "basics": D(15)}
    assert scoring.total(whole, points) == 30
    assert scoring.total(whole, points | {"answered": None}) == scoring.rounded(D(25) * 40 / 30)
    assert scoring.total(whole, {"basics": D(20)}) == 40, "full marks in all that was assessed"
    assert scoring.total(whole, {}) is None, "nothing is not nought"


@given(st.lists(criteria(), min_size=1, max_size=6), st.data())
def test_a_total_lies_between_nought_and_the_sum_of_weights(
    found: list[Criterion], data_: st.DataObject
) -> None:
    named = tuple(replace(c, id=str(i), name=str(i)) for i, c in enumerate(found))
    whole = scheme(*named)
    points = {
        c.id: data_.draw(st.none() | hundredths(0, int(c.weight * 100)), label=c.id) for c in named
    }
    total = scoring.total(whole, points)
    if all(each is None for each in points.values()):
        assert total is None
        return
    assert total is not None and 0 <= total <= whole.full
    if None not in points.values():
        assert total == sum(each for each in points.values() if each is not None)
    raised = {c.id: c.weight if points[c.id] is not None else None for c in named}
    assert (scoring.total(whole, raised) or 0) >= total, "monotone in each criterion"


# -- like with like --------------------------------------------------------------------------------


@pytest.mark.parametrize(("work", "band"), [(0, None), (1, 0), (19, 0), (20, 1), (99, 1), (100, 2)])
def test_offices_are_grouped_by_how_much_work_they_had(work: int, band: int | None) -> None:
    assert scoring.band_of(scheme(), work) == band


def test_groups_have_names() -> None:
    names = [scoring.band_name(scheme(), band) for band in range(3)]
    assert names == ["不足20件", "20至99件", "100件以上"]
    assert scoring.band_name(scheme(bands=()), 0) == "全部单位"


@given(st.lists(st.integers(0, 2), min_size=1, max_size=40), st.integers(0, 10_000))
def test_each_is_checked_by_another_of_its_group_and_not_in_return(
    bands: list[int], turn: int
) -> None:
    offices = {f"o{i:02}": band for i, band in enumerate(bands)}
    found = scoring.checkers(offices, turn)
    assert found.keys() == offices.keys()
    for office, checker in found.items():
        size = bands.count(offices[office])
        assert (checker is None) == (size == 1)
        if checker is not None:
            assert checker != office and offices[checker] == offices[office]
            assert size == 2 or found[checker] != office
    sent = [checker for checker in found.values() if checker]
    assert len(set(sent)) == len(sent), "nobody checks two"
    again = scoring.checkers(dict(reversed(offices.items())), turn)
    assert again == found, "whatever order they are named in"


def test_not_always_the_same_two_meet() -> None:
    offices = dict.fromkeys("abcde", 0)
    assert len({scoring.checkers(offices, turn)["a"] for turn in range(4)}) == 4


# -- ranks -----------------------------------------------------------------------------------------


def test_equal_totals_share_a_rank_and_groups_are_ranked_apart() -> None:
    whole = scheme(JUDGED)
    found = scoring.ranked(
        whole,
        {
            "a": (0, {"basics": D(18)}), "b": (0, {"basics": D(19)}), "c": (0, {"basics": D(18)}),
            "d": (0, {"basics": D(3)}), "e": (1, {"basics": D(1)}), "f": (0, {"basics": None}),
            "g": (None, {}),
        },
    )  # fmt: skip
    ranks = {office: standing.rank for office, standing in found.items()}
    assert ranks == {"a": 2, "b": 1, "c": 2, "d": 4, "e": 1, "f": None, "g": None}


@given(st.lists(st.tuples(st.integers(0, 1), hundredths(0, 2000)), min_size=1, max_size=12), st.randoms())  # fmt: skip
def test_the_order_of_offices_is_irrelevant(found: list[tuple[int, Decimal]], order: Any) -> None:
    whole = scheme(JUDGED)
    points = [(f"o{i}", (band, {"basics": each})) for i, (band, each) in enumerate(found)]
    shuffled = list(points)
    order.shuffle(shuffled)
    ranked = scoring.ranked(whole, dict(points))
    assert ranked == scoring.ranked(whole, dict(shuffled))
    for band in (0, 1):
        those = sorted((s for s in ranked.values() if s.band == band), key=lambda s: s.rank or 0)
        assert all((a.total or 0) >= (b.total or 0) for a, b in pairwise(those))
        assert not those or those[0].rank == 1


def test_an_average_is_of_those_that_have_points() -> None:
    assert scoring.average([D(1), None, D(2)]) == D("1.5")
    assert scoring.average([None]) is None


# -- what may be a criterion -----------------------------------------------------------------------


@pytest.mark.parametrize("indicator", sorted(INDICATORS))
def test_only_an_offices_own_work_is_scored(indicator: str) -> None:
    """Every indicator: no count, nothing of who came, how often, by which way or where to."""
    better = OWN_WORK.get(indicator, MORE)
    ends = (D(100), D(0)) if better == MORE else (D(0), D(100))
    scale = tuple(zip(ends, (D(10), D(0)), strict=True))
    found = list(faults(Criterion("x", "x", D(10), "G", indicator, scale)))
    if indicator in OWN_WORK:
        assert found == [] and INDICATORS[indicator].kind in ("rate", "average")
    else:
        (said,) = found
        assert INDICATORS[indicator].name in said and "第三十九条" in said
        assert "多少人信访、到哪里信访" in said


def test_what_people_decide_is_not_in_the_list() -> None:
    theirs = {"registered", "visit", "heads", "household", "repeated", "repeat_rate", "online_share",
              "settled_at_once", "review_rate", "open"}  # fmt: skip
    assert theirs <= INDICATORS.keys() and not theirs & OWN_WORK.keys()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weight": D(0)}, "分值"), ({"source": ""}, "依据"), ({"least": 0}, "最少件数"),
        ({"indicator": "weather"}, "没有「weather」"),
        ({"scale": ((D(100), D(10)),)}, "至少两点"),
        ({"scale": ((D(100), D(9)), (D(80), D(0)))}, "满分"),
        ({"scale": ((D(80), D(10)), (D(100), D(0)))}, "越高越好"),
        ({"scale": ((D(100), D(10)), (D(80), D(1)), (D(60), D(2)))}, "依次不增"),
        ({"scale": ((D(100), D(10)), (D(80), D(-1)))}, "不得为负"),
    ],
)  # fmt: skip
def test_a_faulty_criterion_is_named(changes: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(replace(ANSWERED, **changes)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"criteria": ()}, "没有评分项"), ({"criteria": (JUDGED, JUDGED)}, "2个评分项"),
        ({"bands": (20, 20)}, "件数分组"), ({"bands": (0,)}, "件数分组"),
        ({"tolerance": D(-1)}, "允许差距"), ({"appeal_days": 0}, "申诉天数"),
    ],
)  # fmt: skip
def test_a_faulty_scheme_is_named(changes: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in scheme_faults(replace(scheme(), **changes)))


def test_our_own_scheme_is_fit_and_comes_back_from_its_data() -> None:
    ours = standard()
    assert list(scheme_faults(ours)) == [] and not any(f for c in ours.criteria for f in faults(c))
    assert ours.full == 100 and read(data(ours)) == ours
