"""From event type to handler. A running process binds the directory into `petition.registered` (app.py)."""

from __future__ import annotations

from kit.inbox import Handler
from routing import handlers

FOLLOWED = (
    "petition.rated", "petition.supplemented", "attachment.added", "reception.recorded", "reception.followed", "urgent.marked", "urgent.reported", "service.returned", "petition.linked", "petition.unlinked", "petition.contested", "petition.accepted", "assist.answered", "extension.requested", "extension.refused",
    "petition.extended", "petition.answered", "petition.served", "petition.closed",
    "petition.reopened", "petition.final", "petition.rescheduled", "review.requested",
    "review.decided", "hearing.opened", "hearing.closed", "document.issued", "document.voided", "duty.approaching", "duty.missed",
    "order.issued", "order.answered", "order.confirmed", "order.returned", "order.lifted",
    "petition.mediated", "petition.followed",
)  # fmt: skip
SUBSCRIPTIONS: dict[str, Handler] = {
    "petition.registered": handlers.on_registered,
    "petition.withdrawn": handlers.on_withdrawn,
    "duty.lapsed": handlers.on_lapsed,
    **dict.fromkeys(FOLLOWED, handlers.on_followed),
}
