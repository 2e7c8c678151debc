"""The rhythm of arrivals (来件节奏): seasons, weekdays, holidays, chance."""

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import accumulate
from typing import Generic, TypeVar

from tool.demo.days import Calendar

T = TypeVar("T")

MONTHS = (0.95, 0.75, 1.15, 1.05, 1.0, 1.05, 1.1, 1.0, 1.05, 0.9, 1.05, 1.1)
WEEKDAYS = (1.3, 1.1, 1.0, 1.0, 0.9, 0.12, 0.08)  # Monday first
SATURDAY = 5
HOLIDAY = 0.06  # somebody is on duty


class Weighted(Generic[T]):
    """Draws items by weight."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        """Weights need not sum to one."""
        self._items = items
        self._sums = list(accumulate(weights))

    def pick(self, random: Callable[[], float]) -> T:
        """One item."""
        return self._items[bisect(self._sums, random() * self._sums[-1])]


def daily_counts(
    random: Callable[[], float], calendar: Calendar, petitions: int, start: date, end: date
) -> Iterator[tuple[int, int]]:
    """How many petitions each day (ordinal) registers; they add up to `petitions` exactly."""
    days = range(start.toordinal(), end.toordinal() + 1)
    sums = list(accumulate(_weight(random, calendar, day) for day in days))
    given = 0
    for day, reached in zip(days, sums, strict=True):
        due = petitions if day == days[-1] else int(petitions * reached / sums[-1])
        yield day, due - given
        given = due


def _weight(random: Callable[[], float], calendar: Calendar, day: int) -> float:
    when = date.fromordinal(day)
    usual = WEEKDAYS[when.weekday()]
    if not calendar.is_working(day) and when.weekday() < SATURDAY:
        usual = HOLIDAY
    return usual * MONTHS[when.month - 1] * (0.8 + 0.4 * random())
