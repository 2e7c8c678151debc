"""The cases of the place resolver: the same for a seed, and right by hand where we can check them."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.bench.locate.cases import make, quotas
from tests.bench.locate.divisions import Divisions, level_of, near, short_form, stem, written
from tests.bench.locate.patterns import PATTERNS
from tests.bench.locate.spellings import traditional
from tests.bench.locate.workshop import Case

TESTS = Path(__file__).parents[2]
FIELDS = {
    "text", "expected_code", "expected_level", "receiving_office_code", "pattern", "ambiguous",
}  # fmt: skip
LACKING = {"amb_county", "amb_town"}
"""Patterns that three counties cannot give: their names differ."""
CIXI, ZHOUXIANG = "330282", "330282121"


@cache
def table() -> Divisions:
    """慈溪市, 海曙区 and 竞秀区 with all their towns and villages."""
    return Divisions.load(TESTS / "data/divisions")


@cache
def drawn(seed: int) -> tuple[Case, ...]:
    return tuple(make(table(), 600, seed))


@cache
def by_hand() -> tuple[Case, ...]:
    lines = (TESTS / "bench/locate_hand.jsonl").read_text("utf-8").splitlines()
    return tuple(map(json.loads, lines))


# -- the oracle ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "plain", "short"),
    [
        ("天潭村村委会", "天潭村", "天潭"),
        ("海联社区", "海联社区", "海联"),
        ("卫南居委会", "卫南社区", "卫南"),
        ("新市场村社区居委会", "新市场村社区", "新市场"),
    ],
)
def test_villages_are_named_as_people_write_them(name: str, plain: str, short: str) -> None:
    assert written(name) == plain
    assert stem(12, name) == short


@pytest.mark.parametrize(
    ("length", "name", "short"),
    [
        (2, "广西壮族自治区", "广西"),
        (4, "海西蒙古族藏族自治州", "海西"),
        (6, "印江土家族苗族自治县", "印江"),
        (6, "曹县", "曹县"),
        (6, "浦东新区", "浦东"),
        (9, "观海卫镇", "观海卫"),
        (9, "茨院回族乡", "茨院"),
    ],
)
def test_short_names_leave_out_the_level(length: int, name: str, short: str) -> None:
    assert stem(length, name) == short


def test_a_short_name_of_two_places_means_both() -> None:
    both = table().read("慈溪周巷天元")
    assert {table().names[code] for code in both} == {"天元村委会", "天元居委会"}
    assert table().settle(both, "") == (ZHOUXIANG, True)


def test_the_word_for_the_kind_decides() -> None:
    (village,) = table().read("周巷镇天元村")
    assert table().names[village] == "天元村委会"


def test_levels_may_be_left_out_but_not_turned_round() -> None:
    assert table().read("宁波周巷镇") == {ZHOUXIANG}
    assert table().read("周巷镇慈溪") == set()
    assert table().read("海曙周巷镇") == set()


def test_another_word_for_the_level_counts_only_loosely() -> None:
    assert table().read("慈溪市周巷乡") == set()
    assert table().read("慈溪市周巷乡", loose=True) == {ZHOUXIANG}


def test_the_office_goes_before_places_elsewhere() -> None:
    two = {"330282109201", "330203100201"}
    assert table().settle(two, CIXI) == ("330282109201", False)
    assert table().settle(two, "330282109") == ("330282109201", False)
    assert table().settle(two, "") == ("3302", True)
    assert table().settle(two, "130602") is None


def test_one_edit_is_near() -> None:
    assert (
        near("横街", "横溪")
        and near("周巷", "周港")
        and near("天潭", "潭天")
        and near("天潭", "天潭湾")
    )
    assert not near("横街", "古林") and not near("天潭", "天潭湾里")


def test_traditional_characters_are_one_to_one() -> None:
    assert traditional("慈溪市观海卫镇") == "慈溪市觀海衛鎮"


# -- the generator ---------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_cases() -> None:
    assert drawn(3) == tuple(make(table(), 600, 3))
    assert drawn(3) != drawn(4)


def test_the_shares_add_up() -> None:
    assert sum(quotas(20_000).values()) == 20_000
    assert min(quotas(20_000).values()) >= 100


def test_cases_are_whole_different_and_of_every_pattern() -> None:
    cases = drawn(3)
    assert len(cases) == 600
    assert all(set(case) == FIELDS for case in cases)
    assert len({(case["text"], case["receiving_office_code"]) for case in cases}) == 600
    assert set(PATTERNS) - {case["pattern"] for case in cases} <= LACKING


def test_every_expected_place_exists() -> None:
    for case in drawn(3):
        code = case["expected_code"] and short_form(case["expected_code"])
        assert case["expected_level"] == (level_of(code) if code else None)
        assert code is None or code in table().names
        office = case["receiving_office_code"]
        assert office is None or short_form(office) in table().names


def test_texts_without_a_place_expect_none() -> None:
    for case in drawn(3):
        if case["pattern"] in ("nowhere", "latin"):
            assert case["expected_code"] is None and not case["ambiguous"]
        if case["pattern"] == "pronoun":
            assert case["expected_code"] == case["receiving_office_code"]


def test_whole_petitions_are_long() -> None:
    lengths = [len(case["text"]) for case in drawn(3) if case["pattern"] == "petition_long"]
    assert lengths and all(600 <= length <= 1000 for length in lengths)


# -- the texts written by hand ---------------------------------------------------------------------


def test_two_hundred_texts_are_written_by_hand() -> None:
    cases = by_hand()
    assert len({case["text"] for case in cases}) == 200
    assert all(set(case) == FIELDS and case["pattern"] == "hand" for case in cases)
    assert sum(len(case["text"]) >= 300 for case in cases) >= 25
    assert Counter(case["ambiguous"] for case in cases)[True] >= 5


def test_texts_by_hand_name_places_that_exist() -> None:
    for case in by_hand():
        code = case["expected_code"] and short_form(case["expected_code"])
        assert case["expected_level"] == (level_of(code) if code else None)
        if code and code.startswith((CIXI, "330203")):
            assert code in table().names
