"""Queries, bodies and answers of assessments."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from kit import sheet
from kit.http import Line, Text
from stats.domain.assessment import NEXT
from stats.schemas.figures import PeriodField

MOST = 500
"""Offices of one assessment, and criteria of a scheme."""


def _code(**more: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, 64), **more)


class SchemeIn(Schema):
    """A file in base64, and its name."""

    content = fields.String(required=True, validate=validate.Length(1, 1 << 20))
    name = Line(200, required=True)


class SchemeFileQuery(Schema):
    format = fields.String(load_default="csv", validate=validate.OneOf(sheet.FORMATS))


class OpenIn(Schema):
    """`offices`: none named means every office of the site."""

    scheme = _code(required=True)
    period = PeriodField(required=True)
    offices = fields.List(_code(), load_default=list, validate=validate.Length(max=MOST))
    self_due = fields.Date(required=True)
    peer_due = fields.Date(required=True)


class MarkIn(Schema):
    """Points, and what they stand on; how many there can be is the criterion's (`check_points`)."""

    criterion = _code(required=True)
    points = fields.Decimal(required=True)
    text = Text(2000, required=True)


class DisputeIn(Schema):
    """What is wrong with a figure."""

    criterion = _code(required=True)
    text = Text(2000, required=True)


class FinalIn(MarkIn):
    """定分; no points where a disputed figure is right."""

    points = fields.Decimal(load_default=None, allow_none=True)


class CheckIn(Schema):
    """互查."""

    marks = fields.List(fields.Nested(MarkIn), required=True, validate=validate.Length(max=MOST))


class SelfIn(CheckIn):
    """自评."""

    disputes = fields.List(fields.Nested(DisputeIn), load_default=list, validate=validate.Length(max=MOST))  # fmt: skip


class VerdictIn(DisputeIn):
    """处理申诉: new points where it is upheld."""

    upheld = fields.Boolean(required=True)
    points = fields.Decimal(load_default=None, allow_none=True)


class AdvanceIn(Schema):
    """The stage that begins; `text`: 总结, when it is published."""

    state = fields.String(required=True, validate=validate.OneOf(tuple(NEXT)))
    text = Text(20_000, load_default=None, allow_none=True)


class TakenOut(Schema):
    taken = fields.Integer(required=True)


class SchemesOut(Schema):
    schemes = fields.List(fields.Dict(), required=True)


class DoneOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)


class RoundsOut(Schema):
    assessments = fields.List(fields.Dict(), required=True)


class HeadOut(Schema):
    """What is known of an assessment to everybody."""

    id = fields.String(required=True)
    organiser = fields.String(required=True)
    scheme = fields.String(required=True)
    period = fields.Dict(required=True)
    state = fields.String(required=True)
    self_due = fields.String(required=True)
    peer_due = fields.String(required=True)
    appeal_due = fields.String(required=True, allow_none=True)
    opened_at = fields.String(required=True)
    closed_at = fields.String(required=True, allow_none=True)
    criteria = fields.List(fields.Dict(), required=True)


class RoundOut(HeadOut):
    """`rows`: of the offices that the reader sees; to whoever holds it, `waiting`: whom each stage waits for, and
    `undecided`: office → criteria that wait for 定分."""

    full = fields.String(required=True)
    bands = fields.List(fields.String(), required=True)
    rows = fields.List(fields.Dict(), required=True)
    summary = fields.Dict(required=True, allow_none=True)
    conclusion = fields.String(required=True, allow_none=True)
    waiting = fields.Dict(required=True, allow_none=True)
    undecided = fields.Dict(required=True, allow_none=True)
    next = fields.List(fields.String(), required=True)


class SheetOut(HeadOut):
    """One office's; `steps`: the forms that are the reader's now."""

    office = fields.String(required=True)
    band = fields.String(required=True, allow_none=True)
    checker = fields.String(required=True, allow_none=True)
    tolerance = fields.String(required=True)
    assessed = fields.Boolean(required=True)
    checked = fields.Boolean(required=True)
    total = fields.String(required=True, allow_none=True)
    rank = fields.Integer(required=True, allow_none=True)
    work = fields.List(fields.Dict(), required=True)
    steps = fields.List(fields.String(), required=True)
