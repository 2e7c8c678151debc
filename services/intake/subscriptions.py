"""From event type to handler."""

from __future__ import annotations

from intake import handlers
from kit.inbox import Handler
from kit.offices import on_office_changed

STEPS = (
    "petition.located", "petition.assigned", "petition.signed", "petition.objected",
    "petition.consulted", "petition.referred", "petition.designated", "petition.succeeded",
    "petition.recused", "petition.upheld", "petition.returned", "petition.declined", "petition.accepted", "assist.answered", "service.returned", "urgent.marked", "urgent.reported",
    "extension.requested", "extension.refused", "petition.extended", "petition.answered",
    "petition.served", "petition.closed", "petition.reopened", "petition.final",
    "petition.rescheduled", "review.requested", "review.decided", "hearing.opened",
    "hearing.closed", "document.issued", "document.voided", "duty.approaching", "duty.missed", "duty.lapsed",
    "order.issued", "order.answered", "order.confirmed", "order.returned", "order.lifted",
    "petition.mediated", "petition.followed",
)  # fmt: skip
"""What a timeline tells: every step of routing and supervision."""
SUBSCRIPTIONS: dict[str, Handler] = {
    "office.changed": on_office_changed,
    **dict.fromkeys(STEPS, handlers.on_petition_event),
}
