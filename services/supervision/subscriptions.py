"""From event type to handler. Those that open a duty reckon by the calendar in force."""

from __future__ import annotations

from collections.abc import Callable

from kit.envelope import Event
from kit.inbox import Handler
from kit.offices import on_office_changed
from kit.unit import Unit
from supervision import handlers
from supervision.calendars import shipped
from supervision.domain.calendar import Calendar

Dated = Callable[[Unit, Event, Calendar], None]
PLAIN: dict[str, Handler] = {
    "office.changed": on_office_changed,
    "petition.located": handlers.on_followed,
    "petition.signed": handlers.on_signed,
    "petition.upheld": handlers.on_upheld,
    "petition.rated": handlers.on_rated,
    "petition.supplemented": handlers.on_followed,
    "attachment.added": handlers.on_followed,
    "reception.followed": handlers.on_followed_up,
    "petition.linked": handlers.on_linked,
    "petition.unlinked": handlers.on_linked,
    "petition.consulted": handlers.on_followed,
    "petition.designated": handlers.on_followed,
    "petition.succeeded": handlers.on_succeeded,
    "petition.recused": handlers.on_recused,
}
DATED: dict[str, Dated] = {
    "petition.registered": handlers.on_registered,
    "petition.assigned": handlers.on_assigned,
    "petition.objected": handlers.on_objected,
    "petition.returned": handlers.on_returned,
    "petition.referred": handlers.on_referred,
    "petition.declined": handlers.on_declined,
    "petition.withdrawn": handlers.on_withdrawn,
    "petition.contested": handlers.on_contested,
    "reception.recorded": handlers.on_received,
}


def subscriptions(calendar: Callable[[], Calendar]) -> dict[str, Handler]:
    """Every handler, with the calendar bound into those that need it."""

    def bound(handler: Dated) -> Handler:
        return lambda unit, event: handler(unit, event, calendar())

    return PLAIN | {type_: bound(handler) for type_, handler in DATED.items()}


SUBSCRIPTIONS = subscriptions(shipped)
"""With the calendar as it is shipped: for those who only ask which types are heard."""
