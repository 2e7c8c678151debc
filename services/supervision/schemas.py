"""Bodies and answers of supervision's routes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates

from contracts.schemas import (
    CHANNELS,
    OUTCOMES,
    SERVICE_METHODS,
    STATUSES,
    TYPES,
    Pattern,
    one_of,
)
from kit.http import Text
from kit.problems import Message
from supervision.queries import place


class StepIn(Schema):
    """A step with nothing to say; `at` is for imported registers only."""

    at = fields.AwareDateTime(load_default=None, allow_none=True)


class AnswerIn(StepIn):
    outcome = one_of(OUTCOMES)
    opinion = Text(20_000, required=True)


class ServeIn(StepIn):
    method = one_of(SERVICE_METHODS)
    served_on = fields.Date(required=True)


class DoneOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)


class AcceptedOut(DoneOut):
    answer_due = fields.String(required=True)


class ClosedOut(DoneOut):
    on_time = fields.Boolean(required=True, allow_none=True)


class CasesQuery(Schema):
    """Filters of the list; `after` goes on from the last page."""

    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    office = fields.String(load_default=None)
    channel = fields.String(load_default=None, validate=validate.OneOf(CHANNELS))
    type = fields.String(load_default=None, validate=validate.OneOf(TYPES))
    division = fields.String(load_default=None, validate=Pattern(r"^[0-9]{2,12}$"))
    light = fields.String(load_default=None, validate=validate.OneOf(("green", "yellow", "red")))
    numbers = fields.String(load_default=None, validate=validate.Length(max=40_000))
    after = fields.String(load_default=None, validate=validate.Length(max=120))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 200))

    @validates("after")
    def _from_a_page(self, value: str | None, **_: Any) -> None:
        try:
            place(value or "2026-01-01~")
        except ValueError:
            message = Message("Take it from the page before.", "应取自上一页。", "after")
            raise ValidationError(message) from None


class CasesOut(Schema):
    cases = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


class CaseOut(Schema):
    petition = fields.Dict(required=True)
    steps = fields.Dict(required=True)
    duties = fields.List(fields.Dict(), required=True)
    opinion = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    next_step = fields.String(required=True, allow_none=True)
    sequence = fields.String(required=True)
    seen = fields.String(required=True)


class DeskOut(Schema):
    """My desk: what waits for my office, by step and by light."""

    to_sign = fields.Integer(required=True)
    to_accept = fields.Integer(required=True)
    to_answer = fields.Integer(required=True)
    to_serve = fields.Integer(required=True)
    to_close = fields.Integer(required=True)
    lights = fields.Dict(required=True)
    duties = fields.List(fields.Dict(), required=True)
