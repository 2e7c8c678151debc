"""热点: which matters come most often, their share, and who rose and fell. Matters are ranked, never people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from stats.domain.change import NO_BASE, plain, ratio
from stats.domain.periods import MONTHS, Period, covering

Row = Mapping[str, Any]
"""A row of a figure (`stats.queries.figures`), with its bases."""
BY = ("topic", "category")
"""By the first level of the content categories, or by the category itself."""
PERIODS = 8
"""How many quarters, half-years or years a trend has."""
YEAR = 12
"""How many months it has otherwise."""


def ranked(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows by how many, the most first, each with its share of all, its rank, its rank in the period before, and how
    it moved.

    Rows with as many have one rank. What there was none of before has no rank of before, and where nothing is
    known of the period before, nothing has. What there is none of now has no rank, but had its rank before: else
    those behind it would seem not to have risen.
    """
    known = list(rows)
    total = sum(_n(row) for row in known)
    ranks = _ranks([_n(row) for row in known])
    before = _ranks([_base(row) for row in known])
    found = [
        {
            **row,
            "share": _share(row, total),
            "rank": ranks.get(_n(row)),
            "rank_before": before.get(_base(row)),
        }
        for row in known
    ]
    for row in found:
        row["moved"] = moved(row["rank"], row["rank_before"])
    return sorted(found, key=lambda row: (-_n(row), repr(row["values"])))


def moved(rank: int | None, before: int | None) -> str:
    """↑2, ↓1, 持平; 新 where it is new; — where there is nothing to compare."""
    if rank is None or before is None:
        return NO_BASE if rank is None else "新"
    if rank == before:
        return "持平"
    return f"↑{before - rank}" if rank < before else f"↓{rank - before}"


def trend(period: Period) -> tuple[Period, ...]:
    """The periods that a trend is told over, the asked one last: eight of its kind, or the twelve months to its end."""
    long = period.kind in MONTHS and period.kind != "month"
    last = period if long else covering("month", period.until)
    found: list[Period] = [last]
    while len(found) < (PERIODS if long else YEAR) and (before := found[0].previous):
        found.insert(0, before)
    return tuple(found)


def blank(periods: Sequence[Period], first: date | None) -> list[int | None]:
    """The trend of what never came. Before the site's first day there is no figure, and no nought."""
    return [0 if first and period.until >= first else None for period in periods]


def gathered(
    counts: Mapping[tuple[Any, ...], int], periods: Sequence[Period], first: date | None
) -> dict[Any, list[int | None]]:
    """The trend of every value out of counts by value and month."""
    found: dict[Any, list[int | None]] = {}
    nothing = blank(periods, first)
    for (value, month), n in counts.items():
        day = month if isinstance(month, date) else date.fromisoformat(month)
        row = found.setdefault(value, list(nothing))
        for index, period in enumerate(periods):
            if period.since <= day <= period.until:
                row[index] = (row[index] or 0) + n
    return found


def _n(row: Row) -> int:
    return row["numerator"] or 0


def _base(row: Row) -> int:
    base = row["bases"].get("on_previous") or {}
    return base.get("numerator") or 0


def _ranks(counts: Sequence[int]) -> dict[int, int]:
    """The rank of each count; nought has none."""
    ordered = sorted((n for n in counts if n > 0), reverse=True)
    return {n: ordered.index(n) + 1 for n in ordered}


def _share(row: Row, total: int) -> str:
    share = ratio(_n(row), total)
    return NO_BASE if share is None else plain(share)
