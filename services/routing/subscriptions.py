"""From event type to handler. `petition.registered` is bound in `app.py`: it needs the directory."""

from __future__ import annotations

from kit.inbox import Handler
from routing import handlers

SUBSCRIPTIONS: dict[str, Handler] = {
    "petition.rated": handlers.on_followed,
    "petition.accepted": handlers.on_followed,
    "petition.answered": handlers.on_followed,
    "petition.served": handlers.on_followed,
    "petition.closed": handlers.on_followed,
    "duty.approaching": handlers.on_followed,
    "duty.missed": handlers.on_followed,
}
