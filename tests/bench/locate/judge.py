"""What an answer is worth. Pure functions over cases and answers; no division data is needed.

A case says which division is the deepest one that its text, with the receiving office, determines.
An answer is **right** if it names exactly this division, or none where nothing is determined; where
the text fits several divisions, if it says so and names nothing below their common ancestor.
At a level (county, town, village) an answer is right if its code has the case's digits down to that
level (6, 9, 12), whatever it says below; cases that are not determined so deep do not count there.
An answer is **misplaced** if it names a division that neither is the expected one nor contains it:
another place, or a place below what the text tells. A shallower answer is incomplete, not misplaced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from typing import Any

DIGITS = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}
"""How many digits of a code say where a division of this level is."""
AUTOMATIC = 0.7
"""An answer this sure is assigned without a clerk."""
ASSIGNED = ("ok", "conflict")
"""What such an answer may call itself; the others are always put to a clerk."""
FEW = 20
"""A pattern with fewer cases is shown, not judged: one miss would decide."""


@dataclass(frozen=True, slots=True)
class Case:
    """A text, and the deepest division that it determines."""

    text: str
    code: str | None
    level: str | None
    office: str | None = None
    pattern: str = ""
    ambiguous: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Case:
        """A case from a line of a case file."""
        return cls(
            row["text"], row["expected_code"], row["expected_level"],
            row["receiving_office_code"], row["pattern"], row["ambiguous"],
        )  # fmt: skip

    def reaches(self, level: str) -> bool:
        """Whether the text determines a division of this level or a deeper one."""
        return self.level is not None and DIGITS[self.level] >= DIGITS[level]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a candidate said: a 12-digit code and its level, or neither."""

    code: str | None
    level: str | None
    status: str
    confidence: float

    @property
    def place(self) -> str | None:
        """The digits that matter of its code."""
        return None if self.code is None or self.level is None else self.code[: DIGITS[self.level]]

    @property
    def automatic(self) -> bool:
        """Whether a petition would go there without a clerk."""
        return self.place is not None and self.status in ASSIGNED and self.confidence >= AUTOMATIC


Pair = tuple[Case, Answer]


def right(case: Case, answer: Answer) -> bool:
    """Exactly the place and the level; for several possible places, the word that it is open."""
    return flagged(case, answer) if case.ambiguous else answer.code == case.code


def right_at(level: str, case: Case, answer: Answer) -> bool:
    """Whether the answer has the case's digits down to this level."""
    digits = DIGITS[level]
    # By the full code: a city without counties (东莞) has one code for the city and the county.
    return answer.code is not None and answer.code[:digits] == (case.code or "")[:digits]


def misplaced(case: Case, answer: Answer) -> bool:
    """Whether it names a division that neither is the expected one nor contains it."""
    return answer.place is not None and not (case.code or "").startswith(answer.place)


def wrong_county(case: Case, answer: Answer) -> bool:
    """Whether it asserts a county (or a place in one) that is not the right one.

    Where the text determines no county, every county is a wrong one.
    """
    deep = len(answer.place or "") >= DIGITS["county"]
    return deep and not right_at("county", case, answer)


def flagged(case: Case, answer: Answer) -> bool:
    """Whether an ambiguous text was called so, and no place was named that it leaves open."""
    return answer.status == "ambiguous" and not misplaced(case, answer)


def share(pairs: Iterable[Pair], test: Callable[[Case, Answer], bool]) -> float | None:
    """The part that passes a test; None of nothing."""
    found = [test(case, answer) for case, answer in pairs]
    return sum(found) / len(found) if found else None


def accuracy(pairs: Sequence[Pair], level: str) -> float | None:
    """The part of the cases determined down to this level that is right at it."""
    deep = [pair for pair in pairs if pair[0].reaches(level)]
    return share(deep, lambda case, answer: right_at(level, case, answer))


def patterns(pairs: Sequence[Pair], level: str = "town") -> dict[str, tuple[int, float]]:
    """Of each pattern the cases that reach the level, and the part of them that is right."""
    found: dict[str, list[bool]] = defaultdict(list)
    for case, answer in pairs:
        if case.reaches(level):
            found[case.pattern].append(right_at(level, case, answer))
    return {name: (len(hits), sum(hits) / len(hits)) for name, hits in sorted(found.items())}


def lowest(found: Mapping[str, tuple[int, float]], few: int = FEW) -> tuple[str, float] | None:
    """The worst of the patterns that have enough cases."""
    judged = [(value, name) for name, (count, value) in found.items() if count >= few]
    return min(judged)[::-1] if judged else None


def upper(misses: int, count: int, confidence: float = 0.95) -> float:
    """The most that a rate can be after so many misses (Clopper–Pearson, one-sided).

    The rate at which no more misses than these would be seen in one of twenty samples.
    """
    if misses >= count:
        return 1.0
    low, high = misses / count, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if at_most(misses, count, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def at_most(misses: int, count: int, rate: float) -> float:
    """The chance of at most so many misses in `count` trials."""
    if not 0 < rate < 1:
        return float(rate <= 0 or misses >= count)
    yes, no, whole = log(rate), log1p(-rate), lgamma(count + 1)
    return sum(
        exp(whole - lgamma(k + 1) - lgamma(count - k + 1) + k * yes + (count - k) * no)
        for k in range(misses + 1)
    )


def figures(pairs: Sequence[Pair]) -> dict[str, float | None]:
    """Everything that answers are judged by, as parts of one."""
    open_ = [pair for pair in pairs if pair[0].ambiguous]
    sure = [pair for pair in pairs if pair[1].automatic]
    misses = sum(misplaced(*pair) for pair in sure)
    worst = lowest(patterns(pairs))
    return {
        **{f"{level}_accuracy": accuracy(pairs, level) for level in ("county", "town", "village")},
        "wrong_county": share(pairs, wrong_county),
        "ambiguous_flagged": share(open_, flagged),
        "ambiguous_guessed_deeper": share(open_, misplaced),
        "lowest_pattern": worst[1] if worst else None,
        "automatic": len(sure) / len(pairs) if pairs else None,
        "wrong_at_07": misses / len(sure) if sure else None,
        "wrong_at_07_upper": upper(misses, len(sure)) if sure else None,
        "exact": share(pairs, right),
    }
