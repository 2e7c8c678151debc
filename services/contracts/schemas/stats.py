"""Events of stats."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.codes import REPORTS
from contracts.schemas.base import EventSchema, code, one_of


class LineSchema(Schema):
    """One line of a report; None: blank, which is not nought."""

    item = code()
    n = fields.Integer(required=True, allow_none=True, validate=validate.Range(min=0))


class ReportPublished(EventSchema):
    """A report was signed and is locked (月报). The subject is the report: office and month."""

    type, publisher = "report.published", "stats"
    id = code()
    kind = one_of(REPORTS)
    office = code()
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)
