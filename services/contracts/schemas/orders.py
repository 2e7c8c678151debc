"""Events of supervision about what one office demands of another, with or without a petition."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.codes import AFFAIRS, ORDER_REASONS, ORDERS
from contracts.schemas.base import Crossing, Demand, EventSchema, PetitionEvent, code, one_of
from contracts.schemas.supervision import MovedDuty


class OrderEvent(Demand, PetitionEvent):
    """About a demand of one office (`issuer`) on another (`office`); `round` counts those of a petition."""

    kind = one_of(ORDERS)


class OrderIssued(OrderEvent):
    """督办、催办, or a report was asked for with a 交办: the body owes a reply. Its text stays in supervision."""

    type, publisher = "order.issued", "supervision"
    cause = fields.String(required=True, allow_none=True, validate=validate.OneOf(ORDER_REASONS))
    due_on = fields.Date(required=True)


class OrderAnswered(OrderEvent):
    """The body replied, or reported the result (办结报告)."""

    type, publisher = "order.answered", "supervision"


class OrderConfirmed(OrderEvent):
    """Whoever demanded it took note: it is done (确认办结)."""

    type, publisher = "order.confirmed", "supervision"


class OrderReturned(OrderEvent):
    """It was sent back (退回重办): a reply is owed again, by a new day."""

    type, publisher = "order.returned", "supervision"
    due_on = fields.Date(required=True)


class OrderLifted(OrderEvent):
    """Nothing is demanded any longer: withdrawn by its issuer, or the petition went elsewhere."""

    type, publisher = "order.lifted", "supervision"


class AffairEvent(EventSchema):
    """About what an office owes about no one petition; `affair` is its number, and the subject."""

    affair = code()


class AffairDemand(Demand, AffairEvent):
    """A demand and what becomes of it: the words of `OrderEvent`, without a petition."""

    kind = one_of(AFFAIRS)


class AffairIssued(AffairDemand):
    """A proposal was made (三项建议, Art. 14, 40), or a year ended for which a report is owed (Art. 41)."""

    type, publisher = "affair.issued", "supervision"
    due_on = fields.Date(required=True)


class AffairAnswered(AffairDemand):
    """Feedback was given, or the report was sent. `adopted`: whether a proposal is followed."""

    type, publisher = "affair.answered", "supervision"
    adopted = fields.Boolean(required=True, allow_none=True)


class AffairConfirmed(AffairDemand):
    """Whoever made the proposal took note of the feedback."""

    type, publisher = "affair.confirmed", "supervision"


class AffairReturned(AffairDemand):
    """The feedback was sent back: another is owed, by a new day."""

    type, publisher = "affair.returned", "supervision"
    due_on = fields.Date(required=True)


class AffairLifted(AffairDemand):
    """The proposal was withdrawn."""

    type, publisher = "affair.lifted", "supervision"


class AffairDuty(Crossing, AffairEvent):
    """About what is owed because of no petition."""


class AffairApproaching(AffairDuty):
    """A warning before the due date (黄灯)."""

    type, publisher = "affair.approaching", "supervision"


class AffairMissed(AffairDuty):
    """The due date passed (红灯)."""

    type, publisher = "affair.missed", "supervision"


class AffairRescheduled(AffairEvent):
    """A change of the calendar moved an open deadline."""

    type, publisher = "affair.rescheduled", "supervision"
    duties = fields.List(fields.Nested(MovedDuty), required=True)
