"""Bodies and answers of routing's routes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.codes import DECLINES, METHODS, OBJECTIONS
from contracts.schemas import division, one_of
from kit.http import Text


class StepIn(Schema):
    """`at` is for imported registers only."""

    at = fields.AwareDateTime(load_default=None, allow_none=True)


class PlaceIn(StepIn):
    division = division(required=True)


class AssistIn(Schema):
    """协办: an office that helps, and its last day."""

    office = fields.String(required=True, validate=validate.Length(1, 64))
    due_on = fields.Date(required=True)


class AssignIn(StepIn):
    office = fields.String(required=True, validate=validate.Length(1, 64))
    method = one_of(METHODS)
    report_due = fields.Date(load_default=None, allow_none=True)
    assisting = fields.List(
        fields.Nested(AssistIn), load_default=list, validate=validate.Length(max=8)
    )


class ObjectIn(Schema):
    """异议: the coded reason, and the reasons in words."""

    reason = one_of(OBJECTIONS)
    text = Text(2000, required=True)


class DecideIn(Schema):
    """核实: agree or not, with reasons."""

    agreed = fields.Boolean(required=True)
    text = Text(2000, required=True)


class DecidedOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)
    lifted = fields.String(required=True, allow_none=True)


class DeclineIn(Schema):
    reason = one_of(DECLINES)


class DeclinedOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)
    text = fields.String(required=True)


class DoneOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)


class RoutingOut(Schema):
    petition = fields.Dict(required=True)
    locating = fields.Boolean(required=True)
    triage = fields.String(required=True, allow_none=True)
    located_rule = fields.String(required=True, allow_none=True)
    assigned_rule = fields.String(required=True, allow_none=True)
    method = fields.String(required=True, allow_none=True)
    round = fields.Integer(required=True)
    sender = fields.String(required=True, allow_none=True)
    final = fields.Boolean(required=True)
    objection_closed = fields.Boolean(required=True)
    bounces = fields.Integer(required=True)
    designator = fields.String(required=True, allow_none=True)
    decline = fields.String(required=True, allow_none=True)
    objections = fields.List(fields.Dict(), required=True)
    next_steps = fields.List(fields.Dict(), required=True)
    sequence = fields.String(required=True)
    seen = fields.String(required=True)


class DirectoryOut(Schema):
    offices = fields.List(fields.Dict(), required=True)


class DivisionsOut(Schema):
    divisions = fields.List(fields.Dict(), required=True)


class CategoriesOut(Schema):
    categories = fields.List(fields.Dict(), required=True)


class TriageQuery(Schema):
    after = fields.String(load_default=None, validate=validate.Length(max=120))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 200))


class TriageOut(Schema):
    matters = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)
