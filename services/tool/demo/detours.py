"""The ways that do not go straight (岔路): objections, refusals, extensions, reviews and the like.

They are drawn from a random source of their own: who petitions, when, and with what text is the same
whether a life takes a detour or not. All of it is done in time; what is late is plan's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from tool.demo.days import Calendar, office_instant
from tool.demo.plan import (
    ACCEPT_DAYS,
    ANSWER_DAYS,
    CLEARLY_LATE,
    EXTENSION_DAYS,
    FORWARD_DAYS,
    Course,
    Desk,
    Step,
)
from tool.demo.rhythm import Weighted

SHARES = {
    "objection_agreed": 0.015, "objection_upheld": 0.01, "declined": 0.025, "withdrawn": 0.012,
    "assisted": 0.02, "extended": 0.025, "extension_refused": 0.005, "simple": 0.025,
    "settled": 0.02, "reviewed": 0.025, "rereviewed": 0.01,
}  # fmt: skip
"""Of the first-time requests."""
LINKED = 0.8
"""Of the repeats: the counter noticed, and linked them."""
DECLINES = {"litigation": 0.4, "administrative": 0.3, "arbitration": 0.15, "outside_remit": 0.15}
REVIEWS = {"upheld": 0.8, "changed": 0.2}
HELP_DAYS = 20
"""Until when an assisting office gives its part."""


class Detour(NamedTuple):
    """What is particular about a way.

    Args:
        other: the office that objected and was agreed with, or that assists.
        decline: the coded reason not to accept.
        review: what the review comes to.
    """

    kind: str
    other: str
    decline: str
    review: str


def draw(random: Callable[[], float], offices: list[str], office: str) -> Detour | None:
    """A detour, or mostly none. `offices` are those that may be concerned beside the competent one."""
    kind = _KINDS.pick(random)
    at = int(random() * len(offices))
    other = offices[at] if offices[at] != office else offices[at - 1]
    detour = Detour(kind, other, _DECLINES.pick(random), _REVIEWS.pick(random))
    return detour if kind != STRAIGHT else None


def plan_detour(
    random: Callable[[], float], calendar: Calendar, course: Course, end: datetime, kind: str
) -> tuple[Step, ...]:
    """The steps before `end`, in order."""
    way = _Way(random, calendar, course)
    way.follow(kind)
    return tuple(step for step in way.steps if step.at < end)


class _Way:
    """One way, step by step; each moves the desk on."""

    def __init__(self, random: Callable[[], float], calendar: Calendar, course: Course) -> None:
        self._random, self._course = random, course
        self._desk = Desk(random, calendar, *course.registered)
        self.steps = [Step("registered", office_instant(*course.registered))]
        if course.located:
            self._take("located", 0, 0)

    def follow(self, kind: str) -> None:
        """The whole way of one kind."""
        forward = self._course.received + FORWARD_DAYS - 2
        if kind == "declined":
            self._take("declined", 0, 6, by=forward)
            self._take("notified", 1, 4)
            return
        self._take("sent_wrong" if kind == "objection_agreed" else "assigned", 0, 6, by=forward)
        accept = self._desk.day + ACCEPT_DAYS
        if kind.startswith("objection"):
            self._take("objected", 1, 2)  # within 5 working days, and decided in 5 more (Art. 23)
            self._take("upheld" if kind == "objection_upheld" else "returned", 1, 3)
        if kind == "objection_agreed":
            self._take("assigned", 0, 2)
            accept = self._desk.day + ACCEPT_DAYS
        self._take("signed", 0, 2, by=accept)
        self._take("accepted", 0, 5, by=accept)
        if kind == "withdrawn":
            self._take("withdrawn", 2, 25)
            return
        self._answer(kind)
        if kind in ("reviewed", "rereviewed"):
            self._review("")
        if kind == "rereviewed":
            self._review("re")

    def _answer(self, kind: str) -> None:
        """From acceptance to closing (Art. 34)."""
        accepted = self._desk.day
        limit = accepted + ANSWER_DAYS + (EXTENSION_DAYS if kind == "extended" else 0)
        least, most = (2, 6) if kind == "simple" else (1, 40)
        if kind in ("extended", "extension_refused"):
            self._take("extension_asked", 35, 47, by=accepted + 50)
            self._take(kind, 1, 3, by=accepted + 54)
        if kind == "extended":  # not before the 60 days are well over: it was needed
            least = accepted + ANSWER_DAYS + CLEARLY_LATE - self._desk.day
            most = least + 10
        if kind == "assisted":
            self._take("assisted", 3, 12)
        self._take("answered", least, most, by=limit - 3)
        self._take("served", 0, 2, by=limit - 1)
        self._take("closed", 0, 3, by=limit)

    def _review(self, again: str) -> None:
        """Sought within 30 days of service, and decided within 30 (Art. 35, 36)."""
        self._take(f"{again}review_sought", 2, 14, by=self._desk.day + 22)
        self._take(f"{again}review_decided", 8, 20, by=self._desk.day + 27)
        self._take(f"{again}review_served", 1, 3)

    def _take(self, kind: str, least: int, most: int, by: int | None = None) -> None:
        days = least + int(self._random() * (most - least + 1))
        self.steps.append(Step(kind, self._desk.move(days, by)))


STRAIGHT = "straight"
_KINDS = Weighted((STRAIGHT, *SHARES), (1 - sum(SHARES.values()), *SHARES.values()))
_DECLINES = Weighted(tuple(DECLINES), tuple(DECLINES.values()))
_REVIEWS = Weighted(tuple(REVIEWS), tuple(REVIEWS.values()))
