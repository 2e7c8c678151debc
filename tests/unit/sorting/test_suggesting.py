"""What a text seems to be about: three categories at most, each with the words that speak for it."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from sorting import words
from sorting.suggesting import Rules, Word, suggest
from tests.unit.sorting.judge import Marks, judge
from tool.demo import Site, generate_lives

TEXTS = Path(__file__).parents[2] / "data/categories/texts.csv"
TREE = {"w": None, "w1": "w", "w11": "w1", "w12": "w1", "p": None, "p1": "p"}
FEW = Rules(
    [
        Word("w", "工资", 2), Word("w11", "拖欠工资", 3), Word("w12", "加班", 2), Word("w1", "工钱", 2),
        Word("p1", "医院", 3), Word("p1", "人民医院站", 0), Word("p", "看病", 1), Word("gone", "工资", 9),
    ],
    TREE,
)  # fmt: skip


@cache
def shipped() -> Rules:
    return Rules(words.shipped(), {c.id: c.parent for c in Site.load().categories})


def names(text: str) -> list[str]:
    return [found.category for found in suggest(text, FEW)]


# -- how it reads ----------------------------------------------------------------------------------


def test_each_suggestion_says_why() -> None:
    best, *others = suggest("厂里拖欠工资,加班也不给钱,工钱要不到。", FEW)
    assert best.category == "w11" and best.words == ("拖欠工资", "工钱") and best.score == 4
    assert [(s.category, s.words) for s in others] == [("w12", ("加班", "工钱"))]


def test_a_word_within_a_longer_one_does_not_count_but_one_across_its_edge_does() -> None:
    assert "工资" not in suggest("拖欠工资", FEW)[0].words
    edge = Rules([Word("w", "办结", 2), Word("p", "结婚登记", 2)], TREE)
    assert {s.category for s in suggest("我去办结婚登记", edge)} == {"w", "p"}


def test_a_word_of_no_weight_hides_a_shorter_one() -> None:
    assert names("去医院") == ["p1"]
    assert names("公交不到人民医院站") == []


def test_what_is_above_a_suggestion_is_not_suggested_beside_it() -> None:
    assert names("拖欠工资。工钱。工资。") == ["w11"]
    assert names("工资") == ["w"]


def test_a_hint_alone_is_not_enough() -> None:
    assert names("看病") == []


def test_three_at_most_the_best_first_and_always_in_one_order() -> None:
    rules = Rules([Word(f"c{n}", "路灯", n // 2 + 2) for n in range(6)], {f"c{n}": None for n in range(6)})  # fmt: skip
    assert [s.category for s in suggest("路灯", rules)] == ["c4", "c5", "c2"]


def test_a_word_counts_once_however_often_it_is_written() -> None:
    assert suggest("医院" * 50, FEW)[0].score == suggest("医院", FEW)[0].score


def test_width_capitals_and_blanks_make_no_difference() -> None:
    rules = Rules([Word("w", "KTV扰民", 2)], TREE)
    for text in ("ktv扰民", "ＫＴＶ 扰\n民", "K T V扰民"):
        assert [s.words for s in suggest(text, rules)] == [("ktv扰民",)]


def test_words_for_what_is_not_in_the_tree_are_left_out() -> None:
    assert all(found.category in TREE for found in suggest("工资", FEW))


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\x00\x01\x1b", "wages are unpaid", "\ud800", "😀" * 1000, "。" * 1_000_000]
)  # fmt: skip
def test_what_says_nothing_is_about_nothing(text: str) -> None:
    assert suggest(text, shipped()) == []


def test_of_a_very_long_text_the_beginning_and_the_end_are_read() -> None:
    filler = "一" * 500_000
    assert names(f"拖欠工资{filler}") == names(f"{filler}拖欠工资") == ["w11"]
    assert names(f"{filler}拖欠工资{filler}") == []


def test_no_rules_and_a_tree_in_a_circle_suggest_nothing_amiss() -> None:
    assert suggest("工资", Rules([], TREE)) == []
    circle = Rules([Word("a", "工资", 2)], {"a": "b", "b": "a"})
    assert [s.category for s in suggest("工资", circle)] == ["a"]


# -- how well it reads -----------------------------------------------------------------------------


def texts(part: str) -> list[tuple[str, str]]:
    with TEXTS.open(encoding="utf-8", newline="") as file:
        return [(r["category"], r["text"]) for r in csv.DictReader(file) if r["part"] == part]


def invented() -> list[tuple[str, str]]:
    lives = generate_lives(2000, 7, date(2025, 8, 1), date(2026, 7, 31), Site.load())
    return [(life.category, life.text) for life in lives]


FLOORS = [
    # what, its texts, top-1 and top-3 at level 1, top-3 at level 2
    ("written while the words were", lambda: texts("tuned"), 0.95, 0.97, 0.95),
    ("written when the words stood", lambda: texts("fresh"), 0.80, 0.92, 0.90),
    ("the demonstration's", invented, 0.80, 0.95, 0.93),
]  # fmt: skip


@pytest.mark.parametrize(("what", "read", "first", "three", "finer"), FLOORS, ids=[f[0] for f in FLOORS])  # fmt: skip
def test_what_is_suggested_is_mostly_right(
    what: str, read: object, first: float, three: float, finer: float
) -> None:
    assert callable(read)
    marks = judge(read(), shipped())
    assert marks.count >= 40
    assert marks.first >= first and marks.three >= three and marks.finer >= finer, str(marks)


def test_the_judge_tells_right_from_wrong() -> None:
    rules = Rules(
        [Word("c0101", "拆迁", 2), Word("c0501", "工资", 3)], {"c0101": None, "c0501": None}
    )
    right, second, wrong = ("c0501", "工资"), ("c0101", "拆迁和工资"), ("c0101", "工资")
    assert judge([right, second, wrong, ("c0101", "无")], rules) == Marks(4, 0.25, 0.5, 0.5)


def test_the_texts_are_of_every_group_and_of_nobody() -> None:
    rows = [*texts("tuned"), *texts("fresh")]
    groups = {c.id for c in Site.load().categories if c.parent is None}
    assert len(rows) >= 140 and len({text for _, text in rows}) == len(rows)
    assert {category[:3] for category, _ in rows} == groups
    assert min(Counter(category[:3] for category, _ in texts("fresh")).values()) >= 2
    assert {category for category, _ in rows} <= {c.id for c in Site.load().categories}
