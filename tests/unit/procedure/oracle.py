"""The law read once more, by hand and by numpy: what may follow what, and on which day a limit ends.

Nothing here is taken from the services' own tables, so that a slip in these does not agree with itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from kit.envelope import Event
from supervision.store import Duty
from tests.unit.supervision.test_clocks import off_days

UNHANDLED = {"registered", "located", "assigned", "signed"}
ORDER: dict[str, set[str]] = {
    "assign": {"registered", "located"},
    "sign": {"assigned"},
    "object": {"assigned", "signed"},
    "arbitrate": {"objected"},
    "consult": {"registered", "located"},
    "designate": {"registered", "located"},
    "convene": {"registered", "located"},
    "decline": UNHANDLED,
    "withdraw": UNHANDLED | {"objected", "accepted"},
    "accept": {"signed"},
    "assist": {"assigned", "signed", "objected", "accepted"},
    "ask_extension": {"accepted"},
    "decide_extension": {"accepted"},
    "mediate": {"accepted"},
    "answer": {"accepted"},
    "serve": {"answered"},
    "notify": {"declined"},
    "close": {"served"},
    "follow_up": {
        "closed", "review_sought", "review_decided", "review_served", "rereview_sought",
        "rereview_decided", "final",
    },
    "reopen": {"closed", "final"},
    "seek_review": {"served", "closed", "review_served"},
    "decide_review": {"review_sought", "rereview_sought"},
    "serve_review": {"review_decided", "rereview_decided"},
    "open_hearing": {"rereview_sought"},
    "close_hearing": {"rereview_sought"},
    "mark_urgent": UNHANDLED | {
        "objected", "declined", "accepted", "answered", "served", "closed", "review_sought",
        "review_decided", "review_served", "rereview_sought", "rereview_decided",
    },
}  # fmt: skip
"""Step → the statuses in which it may be taken. What is not here needs a duty, and no status."""

DAYS = {
    "forward": 15, "inform": 15, "accept": 15, "notify": 15, "answer": 60, "reply": 60, "elsewhere": 90,
    "seek_review": 30, "review": 30, "seek_rereview": 30, "rereview": 30, "follow_up": 30,
}  # fmt: skip
WORKING_DAYS = {
    "object": 5, "arbitrate": 5, "reforward": 5, "designate": 5, "serve": 10, "close": 10, "reopen": 5,
    "simple_forward": 3, "simple_accept": 3, "simple_answer": 10,
}  # fmt: skip
HOURS = {"urgent": 4}
BEGINS = {
    "accept": ("petition.assigned",), "object": ("petition.assigned",),
    "arbitrate": ("petition.objected",), "reforward": ("petition.returned",),
    "designate": ("petition.returned", "petition.referred"), "notify": ("petition.declined",),
    "simple_accept": ("petition.assigned",),
    "follow_up": ("petition.closed",), "reopen": ("petition.followed",),
    **dict.fromkeys(("answer", "simple_answer", "reply", "elsewhere"),
                    ("petition.accepted", "petition.reopened")),
    "serve": ("petition.answered", "review.decided"),
    **dict.fromkeys(("seek_review", "seek_rereview", "close"), ("petition.served",)),
    "review": ("review.requested",), "rereview": ("review.requested",),
}  # fmt: skip
"""Kind of duty → the events of which the newest begins it; not here: the receipt of the petition."""
ZONE = ZoneInfo("Asia/Shanghai")
OFF = off_days(date(2026, 1, 1), date(2034, 12, 31))
WORKED = np.busdaycalendar("1111111", OFF)


def due(duty: Duty, received_on: date, events: Iterable[Event]) -> datetime | None:
    """When a running duty is over, from what was told alone; None while a hearing holds it up."""
    told = list(events)
    if duty.kind in HOURS:
        known = known_urgent(told)
        return known + timedelta(hours=HOURS[duty.kind]) if known else None
    paused, since = _hearings(told) if duty.kind == "rereview" else ([], None)
    zero = _zero(duty.kind, received_on, told)
    if duty.kind in WORKING_DAYS:
        counted, length = OFF, WORKING_DAYS[duty.kind]
    else:
        counted, length = paused, DAYS[duty.kind] + _longer(duty.kind, told)
    calendar = np.busdaycalendar("1111111", counted)
    last = np.busday_offset(zero, length, roll="backward", busdaycal=calendar)
    if since is not None and since <= last.astype(date):
        return None  # one that begins when the limit is over changes nothing any more
    last = np.busday_offset(last, 0, roll="forward", busdaycal=WORKED).astype(date)
    return datetime.combine(last + timedelta(days=1), datetime.min.time(), ZONE)


def known_urgent(told: Iterable[Event]) -> datetime | None:
    """Since when it is known that a matter is major or urgent (Art. 25); None where nobody said so."""
    known = [
        e.time
        for e in told
        if e.type == "urgent.marked" or (e.type == "petition.registered" and e.data["urgent"])
    ]
    return min(known, default=None)


def unreported(told: Iterable[Event]) -> bool:
    """Whether an urgent matter is still to be reported. What became of the petition meanwhile is not asked."""
    events = list(told)
    return known_urgent(events) is not None and all(e.type != "urgent.reported" for e in events)


def _zero(kind: str, received_on: date, told: list[Event]) -> date:
    if kind not in BEGINS:
        return received_on
    if kind == "reopen":
        return _undone(told)
    newest = max((e for e in told if e.type in BEGINS[kind]), key=lambda e: (e.time, e.sequence))
    data: dict[str, Any] = newest.data
    for name in ("served_on", "requested_on"):
        if name in data:
            return date.fromisoformat(data[name])
    return newest.time.astimezone(ZONE).date()


def _undone(told: list[Event]) -> date:
    """When it was first found undone in this round of handling, and could be taken up again: while a review is
    sought it cannot, and to hear it again moves nothing."""
    rounds = max(e.time for e in told if e.type in BEGINS["answer"])
    heard = [e for e in told if e.type in BEGINS["reopen"] and e.time > rounds]
    undone = [
        e.time
        for e in heard
        if e.data["result"] == "not_executed" and e.data["petition"]["status"] in ORDER["reopen"]
    ]
    return min(undone).astimezone(ZONE).date()


def _longer(kind: str, told: list[Event]) -> int:
    """The extension of this round of handling."""
    if kind != "answer":
        return 0
    rounds = [e.time for e in told if e.type in BEGINS["answer"]]
    return sum(
        e.data["days"] for e in told if e.type == "petition.extended" and e.time > max(rounds)
    )


def _hearings(told: list[Event]) -> tuple[list[date], date | None]:
    """Every day of the hearings since the re-review was requested, and since when one still lasts."""
    asked = max(e.time for e in told if e.type == "review.requested")
    days: list[date] = []
    since: date | None = None
    for event in sorted(told, key=lambda e: (e.time, e.sequence)):
        day = event.time.astimezone(ZONE).date()
        if event.type == "hearing.opened" and event.time >= asked:
            since = day
        elif event.type == "hearing.closed" and since is not None:
            days += [since + timedelta(days=n) for n in range((day - since).days + 1)]
            since = None
    return days, since
