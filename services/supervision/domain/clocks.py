"""The law's clocks as dated data, and how a due date is reckoned (信访工作条例 Art. 22, 34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Rule:
    """One clock: how long, from what, until what.

    `days` are calendar days: of the limits of the 条例 only that of an objection says 工作日.
    `warn_days` before the due date the light turns yellow.
    """

    kind: str
    article: str
    days: int
    warn_days: int
    starts: str
    ends: str
    valid_from: date


RULES: tuple[Rule, ...] = (
    Rule("forward", "信访工作条例 第二十二条", 15, 3, "petition.registered", "petition.assigned",
         date(2022, 5, 1)),
    Rule("answer", "信访工作条例 第三十四条", 60, 10, "petition.accepted", "petition.answered",
         date(2022, 5, 1)),
)  # fmt: skip


def rule(kind: str) -> Rule:
    """The rule in force for a kind of duty. Raises LookupError for an unknown kind."""
    for item in RULES:
        if item.kind == kind:
            return item
    raise LookupError(f"no clock of kind {kind}")


def due_at(day_zero: date, days: int, zone: ZoneInfo) -> datetime:
    """The instant at which a limit of calendar days is over: the end of its last day.

    The day of the event is day zero and not counted; the last day counts whole.
    """
    return datetime.combine(day_zero + timedelta(days=days + 1), time(), zone)


def warn_at(due: datetime, item: Rule, zone: ZoneInfo) -> datetime:
    """The instant of the warning: `warn_days` whole days before the limit is over."""
    day = due.astimezone(zone).date() - timedelta(days=item.warn_days)
    return datetime.combine(day, time(), zone)
