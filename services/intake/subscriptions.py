"""From event type to handler."""

from __future__ import annotations

from intake import handlers
from kit.inbox import Handler
from kit.offices import on_office_changed

SUBSCRIPTIONS: dict[str, Handler] = {
    "office.changed": on_office_changed,
    "petition.located": handlers.on_petition_event,
    "petition.assigned": handlers.on_petition_event,
    "petition.signed": handlers.on_petition_event,
    "petition.accepted": handlers.on_petition_event,
    "petition.answered": handlers.on_petition_event,
    "petition.served": handlers.on_petition_event,
    "petition.closed": handlers.on_petition_event,
    "duty.approaching": handlers.on_petition_event,
    "duty.missed": handlers.on_petition_event,
}
