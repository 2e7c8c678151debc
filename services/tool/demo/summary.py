"""What a run of the demo must show: known figures to hold reports against (已知数)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tool.demo.days import SHANGHAI_OFFSET, shanghai_day
from tool.demo.lives import Life
from tool.demo.plan import ANSWER_DAYS, EXTENSION_DAYS, FORWARD_DAYS

NEAR_DAYS = 7
ENDS = ("closed", "withdrawn", "notified")


@dataclass(slots=True)
class Summary:
    """Counts of petitions (件次), and of persons (人次) where the name says so.

    `by_month` is keyed by Shanghai month of registration (2024-03), `by_town` by the town's
    12-digit code or "" where the text names no place, `by_category` by top-level category,
    `by_step` by step reached. `late_answers`, `missed_forwarding`: done after the limit.
    As of `at`, if given: `overdue` requests are accepted and unanswered beyond 60 days,
    `near_due` within 7 days of it, `unforwarded` unassigned beyond 15 days from receipt.
    """

    total: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)
    by_purpose: Counter[str] = field(default_factory=Counter)
    by_month: Counter[str] = field(default_factory=Counter)
    by_town: Counter[str] = field(default_factory=Counter)
    by_category: Counter[str] = field(default_factory=Counter)
    by_office: Counter[str] = field(default_factory=Counter)
    by_mention: Counter[str] = field(default_factory=Counter)
    by_step: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    by_rating: Counter[str] = field(default_factory=Counter)
    persons: int = 0
    joint_visits: int = 0
    joint_persons: int = 0
    repeats: int = 0
    open: int = 0
    late_answers: int = 0
    missed_forwarding: int = 0
    unforwarded: int = 0
    near_due: int = 0
    overdue: int = 0


def summary(lives: Iterable[Life], at: datetime | None = None) -> Summary:
    """Count lives as they stream by; `at` (aware) is the moment limits are held against."""
    found = Summary()
    today = shanghai_day(at) if at else None
    for life in lives:
        _count(found, life)
        _hold_against_limits(found, life, today)
    return found


def _count(found: Summary, life: Life) -> None:
    month = life.registered_at + timedelta(seconds=SHANGHAI_OFFSET)
    found.total += 1
    found.by_channel[life.channel] += 1
    found.by_purpose[life.purpose] += 1
    found.by_month[f"{month:%Y-%m}"] += 1
    found.by_town[f"{life.place[:9]}000" if life.place else ""] += 1
    found.by_category[life.category[:3]] += 1
    found.by_office[life.office] += 1
    found.by_mention[life.mention] += 1
    for step in life.steps:
        found.by_step[step.kind] += 1
    if life.outcome:
        found.by_outcome[life.outcome] += 1
    if life.rating:
        found.by_rating[life.rating] += 1
    found.persons += life.head_count
    found.joint_visits += life.is_joint_visit
    found.joint_persons += life.head_count if life.is_joint_visit else 0
    found.repeats += life.repeat_of is not None


def _hold_against_limits(found: Summary, life: Life, today: int | None) -> None:
    day = {step.kind: shanghai_day(step.at) for step in life.steps}
    found.open += day.keys().isdisjoint(ENDS)
    forward_by = shanghai_day(life.received_at) + FORWARD_DAYS
    sent = day.get("sent_wrong") or day.get("declined") or day.get("assigned")
    if sent is not None:
        found.missed_forwarding += sent > forward_by
    elif today is not None:
        found.unforwarded += today > forward_by
    if "accepted" not in day or "withdrawn" in day or life.purpose != "request":
        return
    answer_by = day["accepted"] + ANSWER_DAYS + (EXTENSION_DAYS if "extended" in day else 0)
    if "answered" in day:
        found.late_answers += day["answered"] > answer_by
    elif today is not None:
        found.overdue += today > answer_by
        found.near_due += 0 <= answer_by - today <= NEAR_DAYS
