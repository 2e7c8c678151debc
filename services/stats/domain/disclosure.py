"""公开口径: what of a table may be told to everybody, so that nobody in a cell of fewer than five can be reckoned.

Whoever sees a table has its sum, and takes from it what is shown. So it is not enough to hide the small rows: what is
hidden together must be no small cell either, and its rows must differ. Then whoever knows this very rule may exchange
two hidden rows in their mind and sees the same table: of no small cell is it said which of them it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

SMALL = 5
Cells = tuple[int, ...]
"""What is told of a row, number by number, those that follow from others too; every row has as many. The sum of a
table is the sum of its rows, number by number."""


def small(n: int) -> bool:
    """Fewer than five persons or cases. Nought is told: there is nobody in it."""
    return 0 < n < SMALL


def masked(n: int | None) -> int | None:
    """A single number as it is told outside of the site: a small one is left blank."""
    return None if n is not None and small(n) else n


def sensitive(row: Cells) -> bool:
    """Whether a row has a small number among what is told of it: a numerator, a denominator, what is between the
    two (the one of fifty who was not satisfied), or one of them in a period compared with."""
    return any(map(small, row))


def parts(numerator: int | None, denominator: int | None, within: bool) -> Cells:
    """The numbers of one figure.

    Args:
        within: the numerator is a part of the denominator, so that the rest of it is told, too.
    """
    told, whole = numerator or 0, denominator or 0
    return told, whole, whole - told if within else 0


def hidden(rows: Sequence[Cells]) -> tuple[set[int], bool]:
    """Which rows of a table are not told, by their places, and whether its sum is not.

    The small ones; then, as long as they can be reckoned out of the sum, the smallest one that helps, and any that is
    as small: which of these comes first must not tell. Where none helps any more, the sum is not told.
    """
    found = {place for place, row in enumerate(rows) if sensitive(row)}
    if not found or sensitive(tuple(map(sum, zip(*rows, strict=True)))):
        return found, bool(found)
    while weak := _weak(rows, found):
        helps = {i: sum(row) for i, row in enumerate(rows) if i not in found and any(row[c] for c in weak)}  # fmt: skip
        if not helps:
            return found, True
        found |= {i for i, size in helps.items() if size == min(helps.values())}
    return found, False


def _weak(rows: Sequence[Cells], found: Collection[int]) -> list[int]:
    """The columns of which the hidden cells could be reckoned: they come to a small number, or are all the same."""
    columns = list(zip(*(rows[place] for place in found), strict=True))
    if len(found) == 1:
        return [c for c, cells in enumerate(columns) if any(cells)]
    return [c for c, cells in enumerate(columns) if small(sum(cells)) or (len({*cells}) == 1 and small(cells[0]))]  # fmt: skip
