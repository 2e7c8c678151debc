"""The words that speak for categories: those that are shipped, and a site's own (分类用词).

A site's word counts beside the shipped ones, and in place of one that it names again: with weight 0 that is silent.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

from sorting.suggesting import Word, plain
from sorting.tree import Line

COLUMNS = ("分类", "词", "权重")
SHORTEST, LONGEST, HEAVIEST = 2, 20, 10.0
SHIPPED = Path(__file__).with_name("words.csv")


@cache
def shipped() -> tuple[Word, ...]:
    """The words of the shipped tree: 3 names the matter, 2 speaks for it, 1 hints at it."""
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        return tuple(
            Word(row["category"], row["word"], float(row["weight"])) for row in csv.DictReader(file)
        )


def together(own: Iterable[Word]) -> list[Word]:
    """The shipped words and a site's own."""
    words = {(word.category, plain(word.word)): word for word in shipped()}
    words |= {(word.category, plain(word.word)): word for word in own}
    return list(words.values())


def checked(lines: Sequence[Line], known: Collection[str]) -> tuple[list[Word], list[str]]:
    """The words of a file, and everything that is wrong with it.

    Args:
        known: ids of the tree.
    """
    words, faults = dict[tuple[str, str], Word](), list[str]()
    for line in lines:
        category, word, weight = (line.cells[column] for column in COLUMNS)
        key = category, plain(word)
        wrong = list(_faults(category, key[1], weight, known))
        if key in words:
            wrong.append(f"「{word[:LONGEST]}」在 {category} 下有几行")
        faults += (f"第{line.number}行:{fault}" for fault in wrong)
        if not wrong:
            words[key] = Word(category, key[1], float(weight))
    return list(words.values()), faults


def _faults(category: str, word: str, weight: str, known: Collection[str]) -> Iterable[str]:
    if category not in known:
        yield f"没有分类「{category[:64]}」" if category else "缺少分类"
    if not SHORTEST <= len(word) <= LONGEST or not word.isprintable():
        yield f"词应为 {SHORTEST} 至 {LONGEST} 个字"
    if _number(weight) is None:
        yield f"权重「{weight[:20]}」应为 0 至 {HEAVIEST:g} 的数"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= HEAVIEST else None
