"""From event type to handler. A running process binds the directory into `petition.registered` (app.py)."""

from __future__ import annotations

from kit.inbox import Handler
from routing import handlers

SUBSCRIPTIONS: dict[str, Handler] = {
    "petition.registered": handlers.on_registered,
    "petition.rated": handlers.on_followed,
    "petition.accepted": handlers.on_followed,
    "petition.answered": handlers.on_followed,
    "petition.served": handlers.on_followed,
    "petition.closed": handlers.on_followed,
    "duty.approaching": handlers.on_followed,
    "duty.missed": handlers.on_followed,
}
