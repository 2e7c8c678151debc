"""统计周期: day, week, month, quarter, half, year, or free; the period before, and the same a year earlier."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""The days that can be asked for: those before, after and a year earlier can be reckoned, too."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to `until`, both counted. `kind` says what comes before it."""

    kind: str
    since: date
    until: date

    @property
    def text(self) -> str:
        """As it is asked for: `month:2026-03`."""
        return f"{self.kind}:{_WRITERS[self.kind](self)}"

    @property
    def previous(self) -> Period | None:
        """环比: the one before it, of its kind; of a free one, as many days before it. None where the
        calendar ends."""
        try:
            if self.kind == "free":
                days = self.until - self.since
                return Period("free", self.since - DAY - days, self.since - DAY)
            return covering(self.kind, self.since - DAY)
        except (ValueError, OverflowError):
            return None

    @property
    def year_before(self) -> Period | None:
        """同比: the same one of the year before. A week keeps its number, and the 53rd has no counterpart in
        a year of 52; 29 February becomes the 28th."""
        try:
            if self.kind == "week":
                year, week, _ = self.since.isocalendar()
                return covering("week", date.fromisocalendar(year - 1, week, 1))
            if self.kind == "free":
                return Period("free", _year_before(self.since), _year_before(self.until))
            return covering(self.kind, _year_before(self.since))
        except (ValueError, OverflowError):
            return None

    def as_far(self, other: Period, day: date) -> Period | None:
        """Of a period that this one is compared with, the part that corresponds to what is over of this one by a day:
        five days of March stand beside five of February. None where this one has not begun."""
        if day >= self.until:
            return other
        if day < self.since:
            return None
        same_dates = self.kind in MONTHS and other == self.year_before
        until = _year_before(day) if same_dates else other.since + (day - self.since)
        return Period("free", other.since, min(until, other.until))


def whole_from(first: date, works: Callable[[date], bool]) -> date:
    """The day from which nothing is missing where a first registration came on a day: the first of its month, if
    offices were closed until then. Who begins with a year begins after New Year.

    Args:
        works: whether offices were open on a day.
    """
    month = first.replace(day=1)
    before = (month + n * DAY for n in range((first - month).days))
    return first if any(map(works, before)) else month


def covering(kind: str, day: date) -> Period:
    """The period of a kind that a day lies in. Raises ValueError for a kind without bounds of its own."""
    if kind == "day":
        return Period(kind, day, day)
    if kind == "week":
        first = day - day.weekday() * DAY
        return Period(kind, first, first + 6 * DAY)
    if kind not in MONTHS:
        raise ValueError(f"no such kind of period: {kind}")
    months = MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(kind, first, _after(first, months) - DAY)


def months_of(period: Period) -> list[date]:
    """The first days of its months, of a period of whole months."""
    found = [period.since]
    while (following := _after(found[-1], 1)) < period.until:
        found.append(following)
    return found


def read(text: str) -> Period:
    """A period as it is asked for: `day:2026-03-02`, `week:2026-W10`, `month:2026-03`, `quarter:2026-Q1`,
    `half:2026-H1`, `year:2026`, `free:2026-01-01..2026-03-31`. Raises ValueError for anything else, and beyond the days that are reckoned with."""
    kind, _, said = text.partition(":")
    form = _FORMS.get(kind)
    found = form.fullmatch(said) if form else None
    if found is None:
        raise ValueError(f"no period: {text}")
    try:
        period = _READERS[kind](*found.groups())
    except OverflowError:
        raise ValueError(f"no period: {text}") from None
    if period.until < period.since:
        raise ValueError("a period ends before it begins")
    if period.since < EARLIEST or period.until > LATEST:
        raise ValueError(f"not between {EARLIEST} and {LATEST}: {text}")
    return period


MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Kinds of period by their length in months."""
KINDS = ("day", "week", *MONTHS, "free")


def _after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _year_before(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _part(kind: str) -> Callable[[str, str], Period]:
    return lambda year, n: covering(kind, date(int(year), (int(n) - 1) * MONTHS[kind] + 1, 1))


_Y, _D = r"([0-9]{4})", r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
_FORMS = {
    "day": re.compile(_D),
    "week": re.compile(_Y + r"-W([0-9]{2})"),
    "month": re.compile(_Y + r"-([0-9]{2})"),
    "quarter": re.compile(_Y + r"-Q([1-4])"),
    "half": re.compile(_Y + r"-H([12])"),
    "year": re.compile(_Y),
    "free": re.compile(_D + r"\.\." + _D),
}
_READERS: dict[str, Callable[..., Period]] = {
    "day": lambda day: covering("day", date.fromisoformat(day)),
    "week": lambda year, n: covering("week", date.fromisocalendar(int(year), int(n), 1)),
    "month": _part("month"),
    "quarter": _part("quarter"),
    "half": _part("half"),
    "year": lambda year: covering("year", date(int(year), 1, 1)),
    "free": lambda a, b: Period("free", date.fromisoformat(a), date.fromisoformat(b)),
}
_WRITERS: dict[str, Callable[[Period], str]] = {
    "day": lambda p: p.since.isoformat(),
    "week": lambda p: "{:04}-W{:02}".format(*p.since.isocalendar()[:2]),
    "month": lambda p: p.since.isoformat()[:7],
    "quarter": lambda p: f"{p.since.year:04}-Q{(p.since.month + 2) // 3}",
    "half": lambda p: f"{p.since.year:04}-H{(p.since.month + 5) // 6}",
    "year": lambda p: f"{p.since.year:04}",
    "free": lambda p: f"{p.since}..{p.until}",
}
