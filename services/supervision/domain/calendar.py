"""Working days (工作日): weekdays, less the holidays of the State Council, plus its make-up days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The days that are not what their weekday says.

    Args:
        special: day → (working, name): a holiday on a weekday, a make-up working day (调休) on a weekend.
        known_through: the last year whose holidays are known; later ones are reckoned by weekday alone.
        limits: the site's own versions of its limits (`clocks.Rule`): they come as its days do, as dated data.
    """

    special: Mapping[date, tuple[bool, str]] = field(default_factory=dict)
    known_through: int = 0
    limits: tuple[Any, ...] = ()

    def works(self, day: date) -> bool:
        """Whether offices are open on this day."""
        found = self.special.get(day)
        return found[0] if found else day.weekday() < SATURDAY

    def name(self, day: date) -> str:
        """Why the day is what it is, in Chinese: a holiday's name, else the weekday."""
        found = self.special.get(day)
        return found[1] if found else "周" + "一二三四五六日"[day.weekday()]

    def knows(self, day: date) -> bool:
        """Whether the holidays of the day's year are known."""
        return day.year <= self.known_through

    def next_working(self, day: date) -> date:
        """The day itself, or the first working day after it."""
        while not self.works(day):
            day += DAY
        return day
