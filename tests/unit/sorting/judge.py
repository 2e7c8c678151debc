"""How often the right category is among the suggestions. `python -m tests.unit.sorting.judge` prints it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sorting.suggesting import Rules, suggest

GROUP, FINER = 3, 5
"""Characters of an id of the shipped tree that name its first level, and its second."""


@dataclass(frozen=True)
class Marks:
    """Shares of texts: the right group first; among the three; the right category of the second level among them."""

    count: int
    first: float
    three: float
    finer: float

    def __str__(self) -> str:
        return (
            f"{self.count} texts: level 1 top-1 {self.first:.3f}, top-3 {self.three:.3f};"
            f" level 2 top-3 {self.finer:.3f}"
        )


def judge(texts: Iterable[tuple[str, str]], rules: Rules) -> Marks:
    """Marks over texts with the category that is right for each."""
    count = first = three = finer = 0
    for right, text in texts:
        found = [suggestion.category for suggestion in suggest(text, rules)]
        groups = [category[:GROUP] for category in found]
        count += 1
        first += groups[:1] == [right[:GROUP]]
        three += right[:GROUP] in groups
        finer += right[:FINER] in [category[:FINER] for category in found]
    return Marks(count, first / count, three / count, finer / count)


if __name__ == "__main__":
    from tests.unit.sorting import test_suggesting as told

    for what, read, *_ in told.FLOORS:
        print(f"{what}: {judge(read(), told.shipped())}")
