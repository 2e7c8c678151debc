"""What an answer is worth, case by case, and how much a sample of answers shows."""

from __future__ import annotations

import pytest

from tests.bench.locate import judge
from tests.bench.locate.judge import Answer, Case

CIXI, YINZHOU = "330282000000", "330212000000"
ZHOUXIANG, ANOTHER_TOWN = "330282121000", "330282104000"
TIANTAN, ANOTHER_VILLAGE = "330282121203", "330282121204"
NINGBO, ZHEJIANG, DONGGUAN = "330200000000", "330000000000", "441900000000"
LEVELS = {12: "village", 9: "town", 6: "county", 4: "city", 2: "province"}


def level(code: str | None) -> str | None:
    if code is None:
        return None
    return next(name for digits, name in sorted(LEVELS.items()) if not int(code[digits:] or 0))


def case(code: str | None, *, ambiguous: bool = False, pattern: str = "") -> Case:
    return Case("…", code, level(code), pattern=pattern, ambiguous=ambiguous)


def answer(code: str | None, status: str = "ok", confidence: float = 0.9) -> Answer:
    return Answer(code, level(code), status, confidence)


NOTHING = answer(None, "none", 0.0)
OPEN = answer(None, "ambiguous", 0.2)


def test_a_line_of_a_case_file_is_a_case() -> None:
    row = {
        "text": "慈溪周巷镇", "expected_code": ZHOUXIANG, "expected_level": "town",
        "receiving_office_code": CIXI, "pattern": "county_town", "ambiguous": False,
    }  # fmt: skip
    assert Case.of(row) == Case("慈溪周巷镇", ZHOUXIANG, "town", CIXI, "county_town", False)


@pytest.mark.parametrize(
    ("expected", "said", "right"),
    [
        (TIANTAN, TIANTAN, True),
        (TIANTAN, ZHOUXIANG, False),  # incomplete
        (ZHOUXIANG, TIANTAN, False),  # more than the text tells
        (None, None, True),
        (None, ZHEJIANG, False),
        (CIXI, None, False),
    ],
)
def test_right_is_exactly_the_place(expected: str | None, said: str | None, right: bool) -> None:
    assert judge.right(case(expected), answer(said)) is right


def test_at_a_level_only_the_digits_down_to_it_count() -> None:
    village = case(TIANTAN)
    assert judge.right_at("county", village, answer(ANOTHER_TOWN))
    assert not judge.right_at("town", village, answer(ANOTHER_TOWN))
    assert judge.right_at("town", village, answer(ANOTHER_VILLAGE))
    assert not judge.right_at("village", village, answer(ANOTHER_VILLAGE))
    assert judge.right_at("village", village, answer(TIANTAN))


def test_an_answer_is_not_right_below_its_own_level() -> None:
    assert not judge.right_at("county", case(TIANTAN), answer(NINGBO))
    assert not judge.right_at("town", case(TIANTAN), answer(CIXI))
    assert not judge.right_at("county", case(TIANTAN), NOTHING)


def test_a_city_without_counties_is_its_own_county() -> None:
    town = case("441900121000")
    assert judge.right_at("county", town, Answer(DONGGUAN, "city", "ok", 0.9))
    assert not judge.misplaced(town, Answer(DONGGUAN, "county", "ok", 0.9))
    assert not judge.wrong_county(town, Answer(DONGGUAN, "county", "ok", 0.9))


def test_accuracy_counts_cases_that_reach_the_level() -> None:
    pairs = [
        (case(TIANTAN), answer(TIANTAN)),
        (case(ZHOUXIANG), answer(ANOTHER_TOWN)),
        (case(NINGBO), answer(NINGBO)),
        (case(None), NOTHING),
    ]
    assert judge.accuracy(pairs, "county") == 1
    assert judge.accuracy(pairs, "town") == 0.5
    assert judge.accuracy(pairs, "village") == 1
    assert judge.accuracy(pairs[2:], "county") is None


@pytest.mark.parametrize(
    ("expected", "said", "misplaced"),
    [
        (TIANTAN, TIANTAN, False),
        (TIANTAN, NINGBO, False),  # it contains the place
        (TIANTAN, None, False),
        (TIANTAN, ANOTHER_VILLAGE, True),
        (TIANTAN, YINZHOU, True),
        (CIXI, ZHOUXIANG, True),  # deeper than the text tells
        (None, ZHEJIANG, True),
    ],
)
def test_misplaced_is_what_does_not_contain_the_place(
    expected: str | None, said: str | None, misplaced: bool
) -> None:
    assert judge.misplaced(case(expected), answer(said)) is misplaced


def test_a_county_is_wrong_where_another_one_or_none_is_right() -> None:
    assert judge.wrong_county(case(TIANTAN), answer(YINZHOU))
    assert judge.wrong_county(case(NINGBO), answer(ZHOUXIANG))
    assert judge.wrong_county(case(None), answer(CIXI))
    assert not judge.wrong_county(case(TIANTAN), answer(ANOTHER_TOWN))
    assert not judge.wrong_county(case(TIANTAN), answer("340100000000"))  # no county asserted
    assert not judge.wrong_county(case(TIANTAN), NOTHING)


def test_flagged_is_the_word_for_it_and_no_guess() -> None:
    several = case(ZHEJIANG, ambiguous=True)
    assert judge.flagged(several, OPEN)
    assert judge.flagged(several, answer(ZHEJIANG, "ambiguous"))
    assert not judge.flagged(several, answer(CIXI, "ambiguous"))
    assert not judge.flagged(several, answer(ZHEJIANG))
    assert not judge.flagged(several, NOTHING)
    assert judge.right(several, OPEN)
    assert not judge.right(several, NOTHING)


def test_patterns_stand_apart_and_the_worst_needs_enough_cases() -> None:
    pairs = [
        *[(case(ZHOUXIANG, pattern="plain"), answer(ZHOUXIANG))] * 20,
        *[(case(ZHOUXIANG, pattern="typo"), answer(ZHOUXIANG))] * 19,
        (case(ZHOUXIANG, pattern="typo"), answer(CIXI)),
        (case(ZHOUXIANG, pattern="rare"), NOTHING),
        (case(NINGBO, pattern="city"), answer(NINGBO)),
    ]
    found = judge.patterns(pairs)
    assert found == {"plain": (20, 1.0), "rare": (1, 0.0), "typo": (20, 0.95)}
    assert judge.lowest(found) == ("typo", 0.95)
    assert judge.lowest({"rare": (1, 0.0)}) is None


@pytest.mark.parametrize(
    ("status", "confidence", "automatic"),
    [
        ("ok", 0.7, True),
        ("conflict", 0.9, True),
        ("ok", 0.69, False),
        ("ambiguous", 0.9, False),
        ("office-only", 0.9, False),
    ],
)
def test_automatic_is_a_sure_answer_of_the_text(
    status: str, confidence: float, automatic: bool
) -> None:
    assert answer(CIXI, status, confidence).automatic is automatic
    assert not answer(None, status, confidence).automatic


def test_figures_count_wrong_places_among_automatic_answers_only() -> None:
    pairs = [
        (case(TIANTAN), answer(TIANTAN)),
        (case(TIANTAN), answer(YINZHOU, confidence=0.5)),
        (case(CIXI), answer(ZHOUXIANG)),
        (case(ZHEJIANG, ambiguous=True), OPEN),
        (case(None, ambiguous=True), answer(CIXI, "ambiguous")),
    ]
    found = judge.figures(pairs)
    assert found["automatic"] == 0.4
    assert found["wrong_at_07"] == 0.5
    assert found["wrong_at_07_upper"] == judge.upper(1, 2)
    assert found["wrong_county"] == 0.4
    assert found["ambiguous_flagged"] == found["ambiguous_guessed_deeper"] == 0.5
    assert found["exact"] == 0.4


def test_figures_of_nothing_are_missing_not_good() -> None:
    assert set(judge.figures([]).values()) == {None}


@pytest.mark.parametrize(
    ("misses", "count", "bound"),
    [
        (0, 10, 0.2589),  # 1 - 0.05 ** (1 / 10)
        (1, 10, 0.3942),
        (5, 10, 0.7776),
        (0, 2995, 0.001),
        (8, 6415, 0.00225),
        (10, 10, 1.0),
        (0, 0, 1.0),
    ],
)
def test_upper_bounds_are_those_of_the_tables(misses: int, count: int, bound: float) -> None:
    assert judge.upper(misses, count) == pytest.approx(bound, rel=2e-3)


@pytest.mark.parametrize(("misses", "count"), [(0, 50), (3, 700), (120, 1000)])
def test_at_the_bound_so_few_misses_are_one_in_twenty(misses: int, count: int) -> None:
    bound = judge.upper(misses, count)
    assert judge.at_most(misses, count, bound) == pytest.approx(0.05, rel=1e-3)


def test_the_chance_of_at_most_so_many() -> None:
    assert judge.at_most(1, 2, 0.5) == pytest.approx(0.75)
    assert judge.at_most(0, 3, 0.0) == 1
    assert judge.at_most(2, 3, 1.0) == 0
    assert judge.at_most(3, 3, 1.0) == 1
