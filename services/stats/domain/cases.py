"""What follows for a case from what happened to it: was a limit kept, how long did it take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from stats.domain.windows import Windows, window

INSTANT: dict[str, str] = {
    "petition.assigned": "assigned_at",
    "petition.signed": "signed_at",
    "petition.accepted": "accepted_at",
    "petition.answered": "answered_at",
    "petition.closed": "closed_at",
    "petition.final": "final_at",
    "petition.rated": "rated_at",
    "petition.withdrawn": "withdrawn_at",
    "petition.declined": "declined_at",
    "review.decided": "review_decided_at",
}
"""Event type → the instant that it sets on the case."""
ENDS = ("petition.closed", "petition.withdrawn", "petition.declined", "petition.final")
"""What ends the work on a case (在办 → 办结), the first of them."""
_ROUND = ("answered_at", "served_at", "closed_at", "ended_at", "on_time", "outcome")
"""What a new round of handling makes undone."""


def happened(case: Any, type_: str, data: dict[str, Any], at: datetime) -> None:
    """One event on a case, beside its public state."""
    if name := INSTANT.get(type_):
        setattr(case, name, at)
    if type_ in ENDS and case.ended_at is None:
        case.ended_at = at
    if (apply := _APPLY.get(type_)) is not None:
        apply(case, data, at)


def derive(case: Any, day_of: Callable[[datetime], date], windows: Windows) -> None:
    """Kept limits, lengths and windows, from the instants. None: nothing was owed."""
    gone = case.withdrawn_at or case.declined_at
    accepted = case.accepted_at or case.declined_at
    case.forward_in_time = kept(case.forward_due, case.forwarded_at, gone)
    case.accept_in_time = kept(case.accept_due, accepted, case.withdrawn_at)
    case.answer_in_time = kept(case.answer_due, case.answered_at, gone)
    start = day_of(case.registered_at)
    case.days_to_accept = (day_of(case.accepted_at) - start).days if case.accepted_at else None
    case.days_to_answer = (day_of(case.answered_at) - start).days if case.answered_at else None
    served = case.served_at
    case.rate_due = served + window(day_of(served), windows.rating) if served else None


def kept(due: datetime | None, done: datetime | None, gone: datetime | None) -> bool | None:
    """Whether it was done before its limit ended; None where no limit ran, or the matter was gone by then."""
    if due is None or (done is None and gone is not None and gone < due):
        return None
    return done is not None and done < due


def _acted(case: Any, data: dict[str, Any], at: datetime) -> None:
    """转送、交办、受理、告知: what a petition office owes within its 15 days (Art. 22)."""
    case.forwarded_at = case.forwarded_at or at


def _answered(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.outcome = data["outcome"]


def _served(case: Any, data: dict[str, Any], at: datetime) -> None:
    if data["stage"] == "handle":
        case.served_at = at


def _closed(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.on_time = data["on_time"]


def _rated(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.rating, case.sender_rating = data["responsible_office"], data["petition_office"]


def _linked(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.repeat_of, case.turn = data["repeat_of"], "repeat"


def _unlinked(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.repeat_of, case.turn = None, "first"


def _returned(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.bounced = True


def _extended(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.extended = True


def _reopened(case: Any, data: dict[str, Any], at: datetime) -> None:
    """退回重办: another round; what the last one came to is undone, and recorded as undone today."""
    for name in _ROUND:
        setattr(case, name, None)
    case.sent_back = True


def _review_asked(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.reviewed = True


def _review_decided(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.review_outcome = data["outcome"]


_APPLY: dict[str, Callable[[Any, dict[str, Any], datetime], None]] = {
    "petition.assigned": _acted,
    "petition.declined": _acted,
    "petition.accepted": _acted,
    "petition.answered": _answered,
    "petition.served": _served,
    "petition.closed": _closed,
    "petition.rated": _rated,
    "petition.linked": _linked,
    "petition.unlinked": _unlinked,
    "petition.returned": _returned,
    "petition.extended": _extended,
    "petition.reopened": _reopened,
    "review.requested": _review_asked,
    "review.decided": _review_decided,
}
