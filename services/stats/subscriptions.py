"""From event type to handler. What waits for a rating or a repeat reckons by the site's windows."""

from __future__ import annotations

from functools import partial

from kit.inbox import Handler
from kit.offices import on_office_changed
from stats import handlers
from stats.domain.measures import FOLLOWED, MEASURES
from stats.domain.windows import Windows


def subscriptions(windows: Windows) -> dict[str, Handler]:
    """Every handler, with the windows bound into those of cases."""
    return {
        **dict.fromkeys((*MEASURES, *FOLLOWED), partial(handlers.on_step, windows=windows)),
        "petition.registered": partial(handlers.on_registered, windows=windows),
        "office.changed": on_office_changed,
    }


SUBSCRIPTIONS = subscriptions(Windows())
"""With the usual windows: for those who only ask which types are heard, and for lives in memory."""
