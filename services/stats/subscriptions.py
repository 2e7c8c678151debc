"""From event type to handler."""

from __future__ import annotations

from kit.inbox import Handler
from kit.offices import on_office_changed
from stats import handlers
from stats.domain.measures import FOLLOWED, MEASURES

SUBSCRIPTIONS: dict[str, Handler] = {
    **dict.fromkeys((*MEASURES, *FOLLOWED), handlers.on_step),
    "petition.registered": handlers.on_registered,
    "office.changed": on_office_changed,
}
