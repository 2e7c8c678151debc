"""Bodies and answers of routing's routes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.schemas import METHODS, division, one_of


class StepIn(Schema):
    """`at` is for imported registers only."""

    at = fields.AwareDateTime(load_default=None, allow_none=True)


class PlaceIn(StepIn):
    division = division(required=True)


class AssignIn(StepIn):
    office = fields.String(required=True, validate=validate.Length(1, 64))
    method = one_of(METHODS)


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
