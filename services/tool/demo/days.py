"""Working days and office hours of the demo (工作日): Asia/Shanghai, which has no summer time.

Days are proleptic ordinals (`date.toordinal`); a moment within one is counted in office seconds,
from opening to closing without the noon break. The holidays here only give the demo its rhythm;
the rules that deadlines are reckoned by are supervision's dated data.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

SHANGHAI_OFFSET = 8 * 3600
DAY = 86400
OPENING = 8 * 3600 + 1800
MORNING = 3 * 3600
NOON_BREAK = 2 * 3600
OFFICE_SECONDS = MORNING + 3 * 3600 + 1800

# First day of the Spring Festival (春节), which moves; other long holidays are fixed.
SPRING_FESTIVAL = {
    2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29),
    2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23),
}  # fmt: skip
FIXED_HOLIDAYS = ((1, 1, 1), (5, 1, 3), (10, 1, 7))  # month, first day, days

_WEEKEND = (6, 0)  # ordinal 1 was a Monday
_EPOCH = date(1970, 1, 1).toordinal()


class Calendar:
    """Working days around a period, with constant-time rolling to the next or last one."""

    def __init__(self, start: date, end: date) -> None:
        """Cover 60 days before `start` to 400 days after `end`, enough for any plan."""
        self._first = start.toordinal() - 60
        last = end.toordinal() + 400
        holidays = _holidays(start.year - 1, end.year + 2)
        days = range(self._first, last + 1)
        self._working = [d % 7 not in _WEEKEND and d not in holidays for d in days]
        self._next = self._roll(reversed(days), len(days))
        self._last = self._roll(days, len(days))

    def is_working(self, day: int) -> bool:
        """Whether offices are open on the day."""
        return self._working[day - self._first]

    def next_working(self, day: int) -> int:
        """The day itself or the first working day after it."""
        return self._next[day - self._first]

    def last_working(self, day: int) -> int:
        """The day itself or the last working day before it."""
        return self._last[day - self._first]

    def _roll(self, days: Iterable[int], count: int) -> list[int]:
        found = [0] * count
        nearest = 0
        for day in days:
            if self._working[day - self._first]:
                nearest = day
            found[day - self._first] = nearest or day
        return found


def office_instant(day: int, second: int) -> datetime:
    """The UTC instant of an office second of a day."""
    if second >= MORNING:
        second += NOON_BREAK
    return clock_instant(day, OPENING + second)


def clock_instant(day: int, second: int) -> datetime:
    """The UTC instant of a second after midnight, Shanghai time."""
    return datetime.fromtimestamp((day - _EPOCH) * DAY + second - SHANGHAI_OFFSET, UTC)


def shanghai_day(at: datetime) -> int:
    """The ordinal of the Shanghai day of an instant."""
    return (int(at.timestamp()) + SHANGHAI_OFFSET) // DAY + _EPOCH


def _holidays(first_year: int, last_year: int) -> set[int]:
    found: set[int] = set()
    for year in range(first_year, last_year + 1):
        spans = [*FIXED_HOLIDAYS]
        if year in SPRING_FESTIVAL:
            spans.append((*SPRING_FESTIVAL[year], 7))
        for month, day, length in spans:
            begin = date(year, month, day).toordinal()
            found.update(range(begin, begin + length))
    return found
