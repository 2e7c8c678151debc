"""集体访: from how many persons on a petition is collective. Usage, not law, hence dated data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Threshold:
    """From this day on, so many persons make a petition collective.

    Args:
        source: where the number was found.
    """

    valid_from: date
    persons: int
    source: str


THRESHOLDS = (Threshold(date(1990, 1, 1), 5, "5人以上为集体访 [F]: 惯例,条例未作规定"),)
"""Published registers count five or more; one province's own figures contradict it (domain.md 5.6, T2), so a
site may set its own. At most five representatives is law, and no setting: `registration.MAX_REPRESENTATIVES`."""


def with_site(own: Sequence[tuple[date, int]]) -> tuple[Threshold, ...]:
    """What a site sets itself comes after what is usual: the last that had begun holds."""
    added = tuple(Threshold(day, persons, "本站设置") for day, persons in sorted(own))
    return THRESHOLDS + added


def threshold(on: date, thresholds: Sequence[Threshold] = THRESHOLDS) -> int:
    """The number of persons that holds for a petition received on a day."""
    begun = [rule for rule in thresholds if rule.valid_from <= on]
    return (begun or list(thresholds[:1]))[-1].persons


def is_collective(
    head_count: int, received_on: date, thresholds: Sequence[Threshold] = THRESHOLDS
) -> bool:
    """Whether so many persons make it collective."""
    return head_count >= threshold(received_on, thresholds)
