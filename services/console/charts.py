"""Bars and columns, reckoned here and drawn by the template as SVG: no script, no inline style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from console.words import word

WIDTH, HEIGHT = 720, 150
DAYS = 30
GAP = 4


@dataclass(frozen=True)
class Bar:
    """One bar of a list, as a share of the longest."""

    code: str
    name: str
    n: int
    percent: float


@dataclass(frozen=True)
class Column:
    """One day's column in a picture of WIDTH × HEIGHT."""

    day: date
    n: int
    x: float
    y: float
    width: float
    height: float

    @property
    def label(self) -> str:
        """The day as the axis shows it: the first of a month, and every fifth."""
        return (
            f"{self.day.month}/{self.day.day}" if self.day.day == 1 or self.day.day % 5 == 0 else ""
        )


def bars(counts: Mapping[str, int], names: Mapping[str, str]) -> list[Bar]:
    """Longest first."""
    longest = max(counts.values(), default=0) or 1
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return [Bar(code, word(names, code), n, round(100 * n / longest, 1)) for code, n in ordered]


SPARK = 120, 24
"""Width and height of the small columns beside a number."""


def spark(values: Sequence[int | None]) -> list[dict[str, float]]:
    """A trend as small columns, the last one at the right: nought is a line, what is not known a gap."""
    width, height = SPARK
    highest = max((n for n in values if n), default=1)
    pitch = width / (len(values) or 1)
    tall = [0.0 if n is None else max(1.0, round(height * n / highest, 1)) for n in values]
    return [
        {"x": round(i * pitch + 1, 1), "y": height - h, "width": round(pitch - 2, 1), "height": h}
        for i, h in enumerate(tall)
    ]


def columns(rows: Sequence[Mapping[str, Any]], last: str) -> list[Column]:
    """Thirty days to the last one; a day without rows is a zero."""
    counts = {row["day"]: int(row["n"]) for row in rows}
    end = date.fromisoformat(last)
    days = [end - timedelta(days=back) for back in reversed(range(DAYS))]
    values = [counts.get(str(day), 0) for day in days]
    highest = max(values) or 1
    pitch = WIDTH / DAYS
    found = []
    for i, (day, n) in enumerate(zip(days, values, strict=True)):
        height = round(HEIGHT * n / highest, 1)
        found.append(
            Column(
                day,
                n,
                round(i * pitch + GAP / 2, 1),
                HEIGHT - height,
                round(pitch - GAP, 1),
                height,
            )
        )
    return found
