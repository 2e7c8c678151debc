"""Queries, bodies and answers of monthly returns."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates

from kit.http import Text
from stats.domain.periods import MONTHS, Period
from stats.schemas.figures import RECKONED, PeriodField


def _first_day(month: date) -> None:
    """Any other day would name a month that nobody reported."""
    if month.day != 1:
        raise ValidationError("A month is named by its first day.")


class MonthQuery(Schema):
    """A month, by its first day."""

    month = fields.Date(required=True, validate=[RECKONED, _first_day])


class SumQuery(Schema):
    """Months, a quarter, a half-year or a year, and whose returns; without an office everybody's."""

    period = PeriodField(required=True)
    office = fields.String(load_default=None, validate=validate.Length(1, 64))

    @validates("period")
    def _whole_months(self, period: Period, **_: Any) -> None:
        if period.kind not in MONTHS:
            raise ValidationError("Returns are of whole months: month, quarter, half or year.")


class SumOut(Schema):
    """`signed`: how many returns it is the sum of; `missing`: month → how many are not signed; null in a line: nobody
    filled it in; its `blank`: months in which nobody did, where it is a sum of the others. What ends in `_before` is
    the year before's."""

    since = fields.String(required=True)
    until = fields.String(required=True)
    signed = fields.Integer(required=True)
    signed_before = fields.Integer(required=True)
    missing = fields.Dict(required=True)
    missing_before = fields.Dict(required=True)
    lines = fields.List(fields.Dict(), required=True)
    faults = fields.List(fields.String(), required=True)


class DrawIn(Schema):
    month = fields.Date(required=True, validate=RECKONED)


class CorrectIn(DrawIn):
    """更正: a line, what it is (null: blank), and why."""

    item = fields.String(required=True, validate=validate.Length(1, 40))
    value = fields.Integer(required=True, allow_none=True, strict=True)
    reason = Text(500, required=True)


class SignIn(DrawIn):
    """签发: the version that was looked at, and whether what does not add up was seen."""

    version = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    confirmed = fields.Boolean(load_default=False)


class ReturnedOut(Schema):
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    sequence = fields.String(required=True)


class MonthOut(Schema):
    """`returns`: of every office that existed in the month, the reader's own in its own edition; `sum`: of those
    signed, in the open edition; `missing`: who has not reported; `due_on`: until when that was in time (null: before
    the site began), `days_late`: for how long it has not been."""

    month = fields.String(required=True)
    items = fields.List(fields.Dict(), required=True)
    returns = fields.List(fields.Dict(), required=True)
    sum = fields.Dict(required=True)
    faults = fields.List(fields.String(), required=True)
    missing = fields.List(fields.String(), required=True)
    due_on = fields.String(required=True, allow_none=True)
    days_late = fields.Integer(required=True)


class ReturnOut(Schema):
    """In the edition for its reader: `own` for the office itself, `open` for everybody else. `counted`: the lines
    as they were counted when it was last drawn up, before what was corrected. `later`: month → line → by how much what
    was signed before is counted otherwise now; `cases`: line → the query that lists them as they are today; `signed_by`:
    the account."""

    office = fields.String(required=True)
    month = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    edition = fields.String(required=True)
    figures = fields.Dict(required=True)
    counted = fields.Dict(required=True)
    cases = fields.Dict(required=True)
    later = fields.Dict(required=True)
    faults = fields.List(fields.String(), required=True)
    corrections = fields.List(fields.Dict(), required=True)
    drawn_at = fields.String(required=True)
    signed_at = fields.String(required=True, allow_none=True)
    signed_by = fields.String(required=True, allow_none=True)
