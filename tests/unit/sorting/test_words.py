"""The words that are shipped, and a site's own."""

from __future__ import annotations

import pytest

from sorting import words
from sorting.suggesting import Rules, Word, suggest
from sorting.tree import Line
from sorting.words import COLUMNS, checked, shipped, together
from tool.demo import Site

KNOWN = {"c0501": None, "c01": None}


def lines(*rows: tuple[str, str, str]) -> list[Line]:
    return [Line(n, dict(zip(COLUMNS, row, strict=True))) for n, row in enumerate(rows, 2)]


def test_the_shipped_words_fit_the_shipped_tree_and_the_rules_of_ones_own() -> None:
    tree = {c.id for c in Site.load().categories}
    rows = [(word.category, word.word, str(word.weight)) for word in shipped()]
    found, faults = checked(lines(*rows), tree)
    assert faults == [] and len(found) == len(rows) > 4000
    assert {word.category[:3] for word in shipped()} == {id[:3] for id in tree}


FAULTS = [
    (("c99", "路灯", "2"), "没有分类「c99」"),
    (("", "路灯", "2"), "缺少分类"),
    (("c01", "灯", "2"), "词应为 2 至 20 个字"),
    (("c01", "", "2"), "词应为"),
    (("c01", "灯" * 21, "2"), "词应为"),
    (("c01", "路灯", ""), "权重「」"),
    (("c01", "路灯", "重"), "权重「重」"),
    (("c01", "路灯", "-1"), "权重「-1」"),
    (("c01", "路灯", "11"), "权重「11」"),
    (("c01", "路灯", "nan"), "权重「nan」"),
]


@pytest.mark.parametrize(("row", "said"), FAULTS)
def test_a_faulty_line_is_named(row: tuple[str, str, str], said: str) -> None:
    found, (fault,) = checked(lines(("c01", "井盖", "2"), row), KNOWN)
    assert fault.startswith(f"第3行:{said}") and [word.word for word in found] == ["井盖"]


def test_a_word_twice_is_named_however_it_is_written() -> None:
    _, (fault,) = checked(lines(("c01", "KTV", "2"), ("c01", "ｋｔｖ", "3")), KNOWN)
    assert fault.startswith("第3行:「ｋｔｖ」在 c01 下有几行")


def test_a_sites_own_word_counts_beside_the_shipped_ones_and_in_place_of_one() -> None:
    def of(*own: Word) -> list[tuple[str, float]]:
        rules = Rules(together(own), {"c0501": None})
        return [(s.category, s.score) for s in suggest("结工钱,摸鱼。", rules)]

    (before,) = of()
    assert before == ("c0501", 3.0)
    assert of(Word("c0501", "摸鱼", 1)) == [("c0501", 4.0)]
    assert of(Word("c0501", "工钱", 0)) == []


def test_they_are_read_once() -> None:
    assert words.shipped() is words.shipped()
