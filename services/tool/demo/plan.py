"""The further way of a petition through the offices: what happens, and when.

Everything done in time keeps clear of the limits, and everything late is late by at least twelve
days, so that the figures are the same under every reading of the rules on first days, last days
and holidays.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from tool.demo.days import (
    OFFICE_SECONDS,
    Calendar,
    clock_instant,
    office_instant,
)

STEPS = (
    "registered", "located", "assigned", "signed", "accepted",
    "answered", "served", "closed", "rated",
)  # fmt: skip

FORWARD_DAYS = 15  # Art. 22: registration and forwarding, from receipt
ACCEPT_DAYS = 15  # Art. 23: acceptance, from the competent body's receipt
ANSWER_DAYS = 60  # Art. 34: 办结, from acceptance
EXTENSION_DAYS = 30  # Art. 34: once
CLEARLY_LATE = 12  # more than any holiday moves a last day

_RATING_WINDOW = 25
_QUICK_SHARE = 0.3


class Step(NamedTuple):
    """One event of a petition's way; `at` is an aware UTC instant."""

    kind: str
    at: datetime


class Course(NamedTuple):
    """What kind of way it is to be."""

    received: int  # day (ordinal)
    registered: tuple[int, int]  # day and its office second
    located: bool  # the text or the petitioner names a place
    request: bool  # 申诉求决: takes weeks, where the rest is answered within days
    misses_forwarding: bool
    answers_late: bool
    rated: bool


class Desk:
    """A cursor over office time: each move leads to a later moment, in office hours."""

    def __init__(
        self, random: Callable[[], float], calendar: Calendar, day: int, second: int
    ) -> None:
        """Start at an office second of a day (ordinal)."""
        self._random = random
        self._calendar = calendar
        self.day = day
        self._second = second

    def move(self, days: int, by: int | None = None) -> datetime:
        """Go on by some days, rolled to a working day but, where `by` is given, not beyond it."""
        day = self._calendar.next_working(self.day + days)
        if by is not None and day > by:
            day = max(self.day, self._calendar.last_working(by))
        if day == self.day:
            rest = max(OFFICE_SECONDS - self._second, 2)
            self._second += 1 + int(rest * self._random() / 2)
        else:
            self.day = day
            self._second = int(OFFICE_SECONDS * self._random() * 0.9)
        return office_instant(day, self._second)


def plan(
    random: Callable[[], float], calendar: Calendar, course: Course, end: datetime
) -> tuple[Step, ...]:
    """The steps before `end`, in order; those after it lie beyond the demo's period."""
    desk = Desk(random, calendar, *course.registered)
    steps = [Step("registered", office_instant(*course.registered))]
    steps += _forward(random, desk, course)
    if steps[-1].at < end:
        steps += _answer(random, desk, course)
    if steps[-1].at < end and course.rated:
        steps.append(_rate(random, desk))
    while steps[-1].at >= end:
        steps.pop()
    return tuple(steps)


def _forward(random: Callable[[], float], desk: Desk, course: Course) -> list[Step]:
    """From registration to acceptance by the competent body."""
    steps = [Step("located", desk.move(0))] if course.located else []
    due = course.received + FORWARD_DAYS
    if course.misses_forwarding:
        wait = due + CLEARLY_LATE + 1 + int(random() * 12) - desk.day
        steps.append(Step("assigned", desk.move(wait)))
    else:
        steps.append(Step("assigned", desk.move(int(8 * random() ** 3), by=due - 2)))
    due = desk.day + ACCEPT_DAYS
    steps.append(Step("signed", desk.move(int(4 * random() ** 2), by=due)))
    steps.append(Step("accepted", desk.move(int(9 * random() ** 2), by=due)))
    return steps


def _answer(random: Callable[[], float], desk: Desk, course: Course) -> list[Step]:
    """From acceptance to closing; the answer is what the 60 days run to."""
    due = desk.day + ANSWER_DAYS
    if course.answers_late:
        wait = ANSWER_DAYS + CLEARLY_LATE + 1 + int(40 * random() ** 2)
        return [
            Step("answered", desk.move(wait)),
            Step("served", desk.move(int(3 * random()))),
            Step("closed", desk.move(int(4 * random()))),
        ]
    wait = 1 + int(12 * random())
    if course.request and random() >= _QUICK_SHARE:
        wait = 14 + int(43 * random())
    return [
        Step("answered", desk.move(wait, by=due - 3)),
        Step("served", desk.move(int(3 * random()), by=due - 1)),
        Step("closed", desk.move(int(4 * random()), by=due)),
    ]


def _rate(random: Callable[[], float], desk: Desk) -> Step:
    """A rating (评价) comes at any hour of the waking day."""
    day = desk.day + 1 + int(random() ** 2 * _RATING_WINDOW)
    return Step("rated", clock_instant(day, 7 * 3600 + int(random() * 15 * 3600)))
