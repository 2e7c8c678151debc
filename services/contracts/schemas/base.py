"""What the schemas of all events have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

from contracts.codes import CHANNELS, DUTIES, HANDLINGS, PLACINGS, STATUSES, TYPES


def one_of(choices: tuple[str, ...], **kwargs: Any) -> fields.String:
    """A code out of a fixed list."""
    return fields.String(required=True, validate=validate.OneOf(choices), **kwargs)


def code(**kwargs: Any) -> fields.String:
    """An id: a petition number, an office, a category."""
    return fields.String(required=True, validate=validate.Length(1, 64), **kwargs)


class Pattern(validate.Regexp):
    """The whole text must fit, where `$` alone would let a line feed at the end pass."""

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


AREA = Pattern(r"^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$")
"""A province, city, county, town or village: as much of its code as tells it."""


def division(**kwargs: Any) -> fields.String:
    """A 12-digit division code."""
    return fields.String(validate=Pattern(r"^[0-9]{12}$"), **kwargs)


class PublicState(Schema):
    """What everybody may know of a petition, complete."""

    number = code()
    status = one_of(STATUSES)
    placing = one_of(PLACINGS)
    handling = fields.String(required=True, allow_none=True, validate=validate.OneOf(HANDLINGS))
    channel = one_of(CHANNELS)
    type = one_of(TYPES)
    category = fields.String(required=True, allow_none=True)
    head_count = fields.Integer(required=True, validate=validate.Range(min=1))
    household_count = fields.Integer(
        required=True,
        allow_none=True,
        validate=validate.Range(min=1),
        metadata={"description": "households that came (户数); of visits alone"},
    )
    received_on = fields.Date(required=True)
    registered_at = fields.AwareDateTime(required=True)
    registered_by = code()
    division = division(required=True, allow_none=True)
    office = fields.String(required=True, allow_none=True)
    forward_due = fields.AwareDateTime(required=True, allow_none=True)
    accept_due = fields.AwareDateTime(required=True, allow_none=True)
    answer_due = fields.AwareDateTime(required=True, allow_none=True)
    review_due = fields.AwareDateTime(required=True, allow_none=True)


class EventSchema(Schema):
    """The data of one type of event. `publisher` is the service that may send it."""

    type: ClassVar[str]
    version: ClassVar[int] = 1
    publisher: ClassVar[str]


class PetitionEvent(EventSchema):
    """Every petition event carries the public state as it is after the event."""

    petition = fields.Nested(PublicState, required=True)


class Crossing(Schema):
    """A duty came near its end or passed it. `at` is when that happened, not when it was noticed."""

    duty = one_of(DUTIES)
    office = code()
    due_at = fields.AwareDateTime(required=True)
    at = fields.AwareDateTime(required=True)


class Demand(Schema):
    """One office (`issuer`) demands something of another (`office`); `round` counts its demands."""

    round = fields.Integer(required=True, validate=validate.Range(min=1))
    issuer = code()
    office = code()
