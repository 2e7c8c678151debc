"""What follows for a case from what happened to it: was a limit kept, how long did it take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from stats.domain.windows import Windows, window

OVERTURNED = ("changed", "revoked")

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
}
"""Event type → the instant that it sets on the case."""
_ENDS = ("closed_at", "withdrawn_at", "declined_at", "final_at")
"""What ends the work on a case (在办 → 办结), the first of them."""
_ROUND = ("answered_at", "served_at", "closed_at", "final_at", "outcome")
"""What a new round of handling makes undone."""


def happened(case: Any, type_: str, data: dict[str, Any], at: datetime) -> None:
    """One event on a case, beside its public state."""
    if name := INSTANT.get(type_):
        setattr(case, name, at)
    if (apply := _APPLY.get(type_)) is not None:
        apply(case, data, at)


def derive(case: Any, day_of: Callable[[datetime], date], windows: Windows) -> None:
    """The end, kept limits, lengths and windows, from the instants: so it does not matter in which order services
    that knew nothing of one another told them. None: nothing was owed."""
    case.ended_at = min((at for name in _ENDS if (at := getattr(case, name))), default=None)
    gone = case.withdrawn_at or case.declined_at
    accepted = case.accepted_at or case.declined_at
    case.forward_in_time = kept(case.forward_due, case.forwarded_at, gone)
    accept_due = None if case.given_back else case.accept_due
    case.accept_in_time = kept(accept_due, accepted, case.withdrawn_at)
    case.answer_in_time = kept(case.answer_due, case.answered_at, gone)
    # a withdrawn matter is final too, but nobody has done with it what was owed
    done = case.closed_at or (None if gone else case.final_at)
    case.close_in_time = kept(case.answer_due, done, gone)
    start = day_of(case.registered_at)
    case.days_to_accept = (day_of(case.accepted_at) - start).days if case.accepted_at else None
    case.days_to_answer = (day_of(case.answered_at) - start).days if case.answered_at else None
    served = _rated_service(case)
    case.rate_due = served + window(day_of(served), windows.rating) if served else None


def kept(due: datetime | None, done: datetime | None, gone: datetime | None) -> bool | None:
    """Whether it was done before its limit ended; None where no limit ran, or the matter was gone by then."""
    if due is None or (done is None and gone is not None and gone < due):
        return None
    return done is not None and done < due


def _rated_service(case: Any) -> datetime | None:
    """The service after which a rating was, or is still, waited for: whoever rated one round is not asked again."""
    served: datetime | None = case.served_at
    rated = case.rated_at if case.served_before else None
    return case.served_before if rated and (served is None or served > rated) else served


def _earlier(known: datetime | None, at: datetime) -> datetime:
    """The first of some instants, in whatever order several services tell them."""
    return at if known is None else min(known, at)


def _acted(case: Any, data: dict[str, Any], at: datetime) -> None:
    """转送、交办、受理、告知、报请决定: what a petition office owes within its 15 days (Art. 22)."""
    case.forwarded_at = _earlier(case.forwarded_at, at)


def _assigned(case: Any, data: dict[str, Any], at: datetime) -> None:
    _acted(case, data, at)
    case.given_back = False


def _referred(case: Any, data: dict[str, Any], at: datetime) -> None:
    """报请指定 of bodies that do not agree is 报请决定; that of an abolished body's successor comes after it."""
    if data["cause"] == "disagreed":
        _acted(case, data, at)


def _answered(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.outcome = data["outcome"]


def _served(case: Any, data: dict[str, Any], at: datetime) -> None:
    if data["stage"] == "handle":
        case.served_at = at


def _rated(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.rating, case.sender_rating = data["responsible_office"], data["petition_office"]


def _linked(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.repeat_of, case.turn = data["repeat_of"], "repeat"


def _unlinked(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.repeat_of, case.turn = None, "first"


def _returned(case: Any, data: dict[str, Any], at: datetime) -> None:
    """退回: nobody owes an acceptance until it is assigned again."""
    case.bounced = case.given_back = True


def _extended(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.extended = True


def _reopened(case: Any, data: dict[str, Any], at: datetime) -> None:
    """退回重办: another round; what the last one came to is undone, and recorded as undone today."""
    case.served_before = _rated_service(case)
    for name in _ROUND:
        setattr(case, name, None)
    case.sent_back, case.reviewed = True, False


def _review_asked(case: Any, data: dict[str, Any], at: datetime) -> None:
    case.reviewed, case.reviewer = True, data["office"]


def _review_decided(case: Any, data: dict[str, Any], at: datetime) -> None:
    """Counted once, when the first review came to its end: a re-review that upholds what a review found, or the
    review of a new opinion, does not make the first one right."""
    case.review_decided_at = _earlier(case.review_decided_at, at)
    case.overturned = case.overturned or data["outcome"] in OVERTURNED


_APPLY: dict[str, Callable[[Any, dict[str, Any], datetime], None]] = {
    "petition.assigned": _assigned,
    "petition.referred": _referred,
    "petition.declined": _acted,
    "petition.accepted": _acted,
    "petition.answered": _answered,
    "petition.served": _served,
    "petition.rated": _rated,
    "petition.linked": _linked,
    "petition.unlinked": _unlinked,
    "petition.returned": _returned,
    "petition.extended": _extended,
    "petition.reopened": _reopened,
    "review.requested": _review_asked,
    "review.decided": _review_decided,
}
