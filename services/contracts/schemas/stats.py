"""Events of stats."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.codes import REPORTS
from contracts.schemas.base import EventSchema, code, one_of


class LineSchema(Schema):
    """One line of a report; None: blank, which is not nought, or fewer than five."""

    item = code()
    n = fields.Integer(required=True, allow_none=True, validate=validate.Range(min=0))


class ReportVoided(EventSchema):
    """作废: what was issued was wrong; it keeps its number. Only bulletins are voided."""

    type, publisher = "report.voided", "stats"
    id = code()
    kind = one_of(REPORTS)
    office = code()


class ReportPublished(EventSchema):
    """A monthly return was signed (月报), a report or a bulletin was issued (报告、简报), an assessment was closed (考核): it
    does not change any more.

    The subject is the report. `since` and `until` are its period, of a bulletin the day of issue. `lines` are its
    counts without what some office must not know of (Art. 30), of an assessment the rank of each office within its
    group; a bulletin has none. Counts of petitions, visits, households and persons of one to four are blank: whoever
    hears this may be outside of the site, and so few could be recognised. Nought is told.
    """

    type, publisher = "report.published", "stats"
    id = code()
    kind = one_of(REPORTS)
    office = code()
    since = fields.Date(required=True)
    until = fields.Date(required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)
