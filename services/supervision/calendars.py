"""The calendar in force: the State Council's days, then what this office imported (ADR 0007); and the limits
that it set itself."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from chinese_calendar import constants
from sqlalchemy import Connection, select

from supervision.domain.calendar import Calendar
from supervision.domain.clocks import Rule, version
from supervision.store import calendar_day, rule

if TYPE_CHECKING:
    from kit.db import Database  # eventlet comes with it; jobs run without

REFRESH = 10.0
"""Seconds after which imported days are read again."""
NAMES = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节", "Dragon Boat Festival": "端午节", "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节", "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}  # fmt: skip


@cache
def shipped() -> Calendar:
    """Holidays and make-up working days as the State Council announced them, 2004 to the newest known."""
    special = {
        day: (False, f"{NAMES.get(name, name)}放假") for day, name in constants.holidays.items()
    }
    special |= {
        day: (True, f"{NAMES.get(name, name)}调休上班") for day, name in constants.workdays.items()
    }
    return Calendar(special, max(special).year)


def merged(days: Iterable[tuple[date, bool, str]], limits: tuple[Rule, ...] = ()) -> Calendar:
    """The shipped days with an office's own on top, and its own limits."""
    own = {day: (working, name) for day, working, name in days}
    known = max([shipped().known_through, *(day.year for day in own)])
    return Calendar({**shipped().special, **own}, known, limits)


def read(connection: Connection) -> Calendar:
    """The calendar as it is in the database now."""
    columns = (calendar_day.c.day, calendar_day.c.working, calendar_day.c.name)
    days = [(row.day, row.working, row.name) for row in connection.execute(select(*columns))]
    return merged(days, limits(connection))


def limits(connection: Connection) -> tuple[Rule, ...]:
    """The site's own versions of its limits, oldest first."""
    rows = connection.execute(select(rule).order_by(rule.c.kind, rule.c.valid_from))
    return tuple(version(r.kind, r.valid_from, r.length, r.unit, r.warn) for r in rows)


class CalendarCache:
    """The calendar in memory, at most some seconds old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at, self._calendar = 0.0, shipped()

    def get(self) -> Calendar:
        if not self._read_at or time.monotonic() - self._read_at >= REFRESH:
            with self._database.reading() as connection:
                self._calendar = read(connection)
            self._read_at = time.monotonic()
        return self._calendar

    def forget(self) -> None:
        """Reads it anew at the next use."""
        self._read_at = 0.0
