"""Which event counts as what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MEASURES: dict[str, str] = {
    "petition.registered": "registered",
    "petition.located": "located",
    "petition.assigned": "assigned",
    "petition.signed": "signed",
    "petition.objected": "objected",
    "petition.returned": "returned",
    "petition.declined": "declined",
    "petition.withdrawn": "withdrawn",
    "petition.accepted": "accepted",
    "petition.extended": "extended",
    "petition.answered": "answered",
    "petition.served": "served",
    "petition.closed": "closed",
    "petition.reopened": "reopened",
    "petition.final": "final",
    "petition.rated": "rated",
    "review.requested": "review_requested",
    "review.decided": "review_decided",
    "duty.approaching": "approaching",
    "duty.missed": "missed",
}
"""Event type → measure; one event is one 件次."""
REVIEW_SERVED = "review_served"
"""Services of review and re-review opinions: apart from 送达, which would else exceed the answers."""
TYPE_OF: dict[str, str] = {m: t for t, m in MEASURES.items()} | {REVIEW_SERVED: "petition.served"}
"""Measure → event type."""
FOLLOWED = (
    "petition.supplemented", "urgent.reported", "service.returned", "petition.linked", "petition.unlinked", "petition.contested", "petition.upheld", "assist.answered", "extension.requested", "extension.refused", "petition.rescheduled",
    "hearing.opened", "hearing.closed", "document.issued", "document.voided", "duty.lapsed",
    "order.issued", "order.answered", "order.confirmed", "order.returned",
    "order.lifted", "petition.mediated", "petition.followed",
    "attachment.added", "reception.recorded", "reception.followed",
    "hearing.opened", "hearing.closed", "duty.lapsed", "petition.consulted", "petition.referred",
    "petition.designated", "petition.succeeded", "petition.recused",
)  # fmt: skip
"""Events that are kept, and count as nothing."""

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


def measure(type_: str, data: Mapping[str, Any]) -> str | None:
    """What an event counts as, if as anything."""
    if type_ == "petition.served" and data["stage"] != "handle":
        return REVIEW_SERVED
    return MEASURES.get(type_)
