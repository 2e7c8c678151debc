"""Which event counts as what."""

from __future__ import annotations

MEASURES: dict[str, str] = {
    "petition.registered": "registered",
    "petition.located": "located",
    "petition.assigned": "assigned",
    "petition.signed": "signed",
    "petition.accepted": "accepted",
    "petition.answered": "answered",
    "petition.served": "served",
    "petition.closed": "closed",
    "petition.rated": "rated",
    "duty.approaching": "approaching",
    "duty.missed": "missed",
}
"""Event type → measure; one event is one 件次."""

INSTANT: dict[str, str] = {
    "petition.assigned": "assigned_at",
    "petition.signed": "signed_at",
    "petition.accepted": "accepted_at",
    "petition.answered": "answered_at",
    "petition.closed": "closed_at",
    "petition.rated": "rated_at",
}
"""Event type → the instant that it sets on the case."""

DIMENSIONS = ("day", "office", "division", "channel", "type")
