"""Queries and answers of stats' routes."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.schemas import Pattern
from stats.domain.measures import DIMENSIONS, TYPE_OF


class CountsQuery(Schema):
    """A measure over a period, grouped by up to two dimensions."""

    measure = fields.String(load_default="registered", validate=validate.OneOf(sorted(TYPE_OF)))
    since = fields.Date(required=True, data_key="from")
    until = fields.Date(required=True, data_key="to")
    by = fields.String(load_default="day")
    division = fields.String(load_default=None, validate=Pattern(r"^[0-9]{2,12}$"))
    office = fields.String(load_default=None)

    @validates_schema
    def _period(self, data: dict[str, object], **_: object) -> None:
        if data["until"] < data["since"]:  # type: ignore[operator]
            raise ValidationError("The period ends before it begins.", "to")
        by = str(data["by"]).split(",")
        if len(by) > 2 or not set(by) <= set(DIMENSIONS):
            raise ValidationError(f"One or two of {', '.join(DIMENSIONS)}.", "by")


class CountsOut(Schema):
    rows = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)


class TodayOut(Schema):
    """Today's figures: what happened today, and how it stands."""

    day = fields.String(required=True)
    today = fields.Dict(required=True)
    month = fields.Dict(required=True)
    by_channel = fields.Dict(required=True)
    by_day = fields.List(fields.Dict(), required=True)
    open = fields.Integer(required=True)
