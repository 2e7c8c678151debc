"""The three categories that a text seems to be about, each with the words that speak for it (建议分类).

Weighted words and nothing else: whoever reads a suggestion sees why it was made. A person decides.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import ahocorasick

from places.reading import BLANK, HEAD, TAIL

BEST = 3
ENOUGH = 2.0
"""What speaks for a category less than this is chance."""
ABOVE = 0.5
"""How far a word for a category (工资报酬) speaks for those below it (拖欠工资)."""


class Word(NamedTuple):
    """A word that speaks for a category. Of words that overlap the longest counts, so that one of no weight
    hides a shorter one: 人民医院站 is no hospital."""

    category: str
    word: str
    weight: float


class Suggestion(NamedTuple):
    """A category, how much speaks for it, and the words that do, the strongest first."""

    category: str
    score: float
    words: tuple[str, ...]


class Rules:
    """Words in one automaton, and the tree that they are about.

    Args:
        parents: the superior of each category that may be suggested; words for others are left out.
    """

    def __init__(self, words: Iterable[Word], parents: Mapping[str, str | None]) -> None:
        self.above = {category: _above(category, parents) for category in parents}
        entries: dict[str, list[Word]] = {}
        for word in words:
            if word.category in self.above and (key := plain(word.word)):
                entries.setdefault(key, []).append(word._replace(word=key))
        self.automaton: Any = ahocorasick.Automaton()
        for key, found in entries.items():
            self.automaton.add_word(key, found)
        if entries:
            self.automaton.make_automaton()
        self.empty = not entries


def plain(text: str) -> str:
    """A text as it is compared: half-width, without blanks and capitals."""
    return BLANK.sub("", unicodedata.normalize("NFKC", text).casefold())


def suggest(text: str, rules: Rules) -> list[Suggestion]:
    """At most three categories, the best first; none where nothing speaks for any.

    Of a very long text the beginning and the end are read. A category is not suggested beside one below
    it that is: who means 拖欠工资 means 工资报酬 too.
    """
    if rules.empty:
        return []
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    spoken: dict[str, list[Word]] = {}
    for word in _said(plain(text), rules):
        spoken.setdefault(word.category, []).append(word)
    ranked = sorted(
        (_weighed(category, spoken, rules) for category in spoken),
        key=lambda s: (-s.score, s.category),
    )
    return _best([s for s in ranked if s.score >= ENOUGH], rules)


def _said(text: str, rules: Rules) -> set[Word]:
    """The words of a text that speak for something; none that lies within a longer one."""
    spans = sorted(
        (last - len(found[0].word) + 1, -last, found)
        for last, found in rules.automaton.iter(text)
    )  # fmt: skip
    said, reached = set[Word](), -1
    for _, last, found in spans:
        if -last > reached:
            reached = -last
            said.update(word for word in found if word.weight > 0)
    return said


def _weighed(category: str, spoken: Mapping[str, list[Word]], rules: Rules) -> Suggestion:
    """What its own words and, less so, those of the categories above it say; each word once."""
    speaking = {word.word: word.weight for word in spoken[category]}
    for above in rules.above[category]:
        for word in spoken.get(above, ()):
            speaking.setdefault(word.word, word.weight * ABOVE)
    words = sorted(speaking, key=lambda word: (-speaking[word], word))
    return Suggestion(category, sum(speaking.values()), tuple(words))


def _best(ranked: list[Suggestion], rules: Rules) -> list[Suggestion]:
    found: list[Suggestion] = []
    for suggestion in ranked:
        narrower = any(suggestion.category in rules.above[other.category] for other in found)
        if not narrower and len(found) < BEST:
            found.append(suggestion)
    return found


def _above(category: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """The categories above one, the nearest first; a circle ends where it closes."""
    found: list[str] = []
    while (parent := parents.get(category)) and parent not in found:
        found.append(parent)
        category = parent
    return tuple(found)
