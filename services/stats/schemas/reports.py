"""Queries, bodies and answers of reports and hot topics."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.schemas import AREA
from kit.http import Text
from stats.domain.topics import BY
from stats.schemas.figures import PeriodField

YEARS = (1990, 2199)
YEAR = validate.Range(*YEARS)


class PeriodQuery(Schema):
    """`quarter:2026-Q1`."""

    period = PeriodField(required=True)


class ReportsQuery(Schema):
    """Reports of the periods that begin in a year."""

    year = fields.Integer(required=True, validate=YEAR)


class ReportFileQuery(PeriodQuery):
    format = fields.String(load_default="docx", validate=validate.OneOf(("docx", "xlsx")))


class DrawReportIn(PeriodQuery):
    """编制: which period."""


class IssueReportIn(PeriodQuery):
    """印发: the version that was looked at."""

    version = fields.Integer(required=True, strict=True, validate=validate.Range(1))


class AdditionIn(IssueReportIn):
    """补充内容; "" for none."""

    text = Text(20_000, least=0, required=True)


class DrawnOut(Schema):
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    sequence = fields.String(required=True)


class ReportsOut(Schema):
    reports = fields.List(fields.Dict(), required=True)


class ReportOut(Schema):
    """`figures` as they are frozen, in the edition for this reader; `tables`, the heads of those in them; `progress` of
    its files."""

    id = fields.String(required=True)
    office = fields.String(required=True)
    kind = fields.String(required=True)
    period = fields.String(required=True)
    name = fields.String(required=True)
    since = fields.String(required=True)
    until = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    drawn_at = fields.String(required=True)
    issued_at = fields.String(required=True, allow_none=True)
    edition = fields.String(required=True)
    figures = fields.Dict(required=True)
    tables = fields.List(fields.Dict(), required=True)
    text = fields.Dict(required=True)
    addition = fields.String(required=True)
    progress = fields.String(required=True, allow_none=True)
    problem = fields.String(required=True, allow_none=True)
    files = fields.List(fields.Dict(), required=True)


class NarrativeOut(Schema):
    """Paragraphs about a period, for a text that somebody writes."""

    paragraphs = fields.List(fields.String(), required=True)


# -- 热点 ------------------------------------------------------------------------------------------


class TopicsQuery(PeriodQuery):
    """What comes most often, over a period and place."""

    by = fields.String(load_default="topic", validate=validate.OneOf(BY))
    division = fields.String(load_default=None, validate=AREA)
    office = fields.String(load_default=None, validate=validate.Length(1, 64))


class TopicsOut(Schema):
    """`topics` ranked; each with its trend over `periods`."""

    indicator = fields.Dict(required=True)
    period = fields.Dict(required=True)
    compared_with = fields.Dict(required=True)
    unfinished = fields.Boolean(required=True)
    periods = fields.List(fields.Dict(), required=True)
    topics = fields.List(fields.Dict(), required=True)
    total = fields.Dict(required=True)
