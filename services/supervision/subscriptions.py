"""From event type to handler."""

from __future__ import annotations

from kit.inbox import Handler
from kit.offices import on_office_changed
from supervision import handlers

SUBSCRIPTIONS: dict[str, Handler] = {
    "office.changed": on_office_changed,
    "petition.registered": handlers.on_registered,
    "petition.located": handlers.on_located,
    "petition.assigned": handlers.on_assigned,
    "petition.signed": handlers.on_signed,
    "petition.rated": handlers.on_rated,
}
