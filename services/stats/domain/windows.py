"""How long after a service a rating is waited for, after a closing a repeat, and after a month its return: no law says,
hence dated data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Window:
    """From this day on, so many days.

    Args:
        source: where the number was found.
    """

    valid_from: date
    days: int
    source: str


RATING = (Window(date(1990, 1, 1), 30, "30日 [G]: 条例未作规定"),)
"""送达 → 评价: how long a rating is waited for; whoever rates later is counted all the same."""
REPEAT = (Window(date(1990, 1, 1), 180, "180日 [G]: 条例未作规定"),)
"""办结 → 重复信访: so long nothing may come again, for a matter to be settled at once (一次性化解)."""
RETURN = (Window(date(1990, 1, 1), 5, "次月5日 [G]: 条例未作规定"),)
"""月末 → 月报: so many days after the month are left to sign its return, the last one included. Shown, and no limit:
nobody is scored by it."""


@dataclass(frozen=True)
class Windows:
    """A site's windows, each in the order of its days. The day of service tells which rating window holds, the day
    of closing which repeat window."""

    rating: tuple[Window, ...] = RATING
    repeat: tuple[Window, ...] = REPEAT


def with_site(usual: tuple[Window, ...], own: Iterable[tuple[date, int]]) -> tuple[Window, ...]:
    """What a site sets itself comes after what is usual: the last that had begun holds."""
    return usual + tuple(Window(day, days, "本站设置") for day, days in sorted(own))


def window(on: date, windows: Sequence[Window]) -> timedelta:
    """The window that holds for what happened on a day."""
    begun = [one for one in windows if one.valid_from <= on]
    return timedelta(days=(begun or windows[:1])[-1].days)


def told(windows: Sequence[Window]) -> str:
    """As a formula prints them: `30日`, `30日(2027-01-01起60日)`."""
    first, *later = windows
    changes = ",".join(f"{one.valid_from}起{one.days}日" for one in later)
    return f"{first.days}日" + (f"({changes})" if changes else "")
