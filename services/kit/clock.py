"""The only clock: one function tells the time, and a test site can shift it."""

import os
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kit.config import ConfigError

SHIFT_VARIABLE = "PETITION_CLOCK_SHIFT"


def _shift_from_env() -> timedelta:
    value = os.environ.get(SHIFT_VARIABLE, "") or "0"
    try:
        return timedelta(seconds=float(value))
    except (ValueError, OverflowError):
        raise ConfigError(f"{SHIFT_VARIABLE} must be a number of seconds, not {value!r}") from None


_shift = _shift_from_env()


def now() -> datetime:
    """The present instant, aware and in UTC, moved by the shift of a test site."""
    return datetime.now(UTC) + _shift


def set_shift(shift: timedelta) -> None:
    """Move this process's clock by `shift` against the machine's (for tests and test sites)."""
    global _shift
    _shift = shift


@lru_cache(maxsize=4096)
def local_date(instant: datetime, tz: str = "Asia/Shanghai") -> date:
    """The calendar day of an aware `instant` in the office's time zone `tz` (an IANA name).

    The instants of a life are asked for again and again. Raises ValueError for a naive datetime: it names no instant.
    """
    if instant.tzinfo is None:
        raise ValueError("a datetime without a time zone names no instant")
    return instant.astimezone(_zone(tz)).date()


def local_minute(instant: datetime, tz: str = "Asia/Shanghai") -> str:
    """The day and the minute of an instant where the office stands: 2026-03-02 09:15."""
    return instant.astimezone(_zone(tz)).strftime("%Y-%m-%d %H:%M")


def last_day(due: datetime, tz: str = "Asia/Shanghai") -> date:
    """The last day of a limit, whose instant is the end of that day."""
    return local_date(due - timedelta(microseconds=1), tz)


def midnight(day: date, tz: str = "Asia/Shanghai") -> datetime:
    """The instant at which a day begins where the office stands."""
    return datetime.combine(day, time(), _zone(tz))


@lru_cache(maxsize=16)
def _zone(tz: str) -> ZoneInfo:
    return ZoneInfo(tz)
