"""Queries, bodies and answers of monthly returns."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kit.http import Text


class MonthQuery(Schema):
    """A month, by its first day."""

    month = fields.Date(required=True)


class DrawIn(Schema):
    month = fields.Date(required=True)


class CorrectIn(DrawIn):
    """更正: a line, what it is (null: blank), and why."""

    item = fields.String(required=True, validate=validate.Length(1, 40))
    value = fields.Integer(required=True, allow_none=True, strict=True)
    reason = Text(500, required=True)


class SignIn(DrawIn):
    """签发: whether what does not add up was seen."""

    confirmed = fields.Boolean(load_default=False)


class ReturnedOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)


class MonthOut(Schema):
    """`returns`: of every office; `sum`: of those signed; `missing`: who has not reported."""

    month = fields.String(required=True)
    items = fields.List(fields.Dict(), required=True)
    returns = fields.List(fields.Dict(), required=True)
    sum = fields.Dict(required=True)
    missing = fields.List(fields.String(), required=True)


class ReturnOut(Schema):
    office = fields.String(required=True)
    month = fields.String(required=True)
    state = fields.String(required=True)
    figures = fields.Dict(required=True)
    later = fields.Dict(required=True)
    faults = fields.List(fields.String(), required=True)
    corrections = fields.List(fields.Dict(), required=True)
    drawn_at = fields.String(required=True)
    signed_at = fields.String(required=True, allow_none=True)
