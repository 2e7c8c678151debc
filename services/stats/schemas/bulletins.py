"""Queries, bodies and answers of bulletins."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kit.http import Line, Text
from stats.schemas.reports import YEAR


class BulletinsQuery(Schema):
    """An office's bulletins of a year."""

    office = fields.String(required=True, validate=validate.Length(1, 64))
    year = fields.Integer(required=True, validate=YEAR)


class SeriesIn(Schema):
    """A new series."""

    series_name = Line(60, required=True)


class WordsIn(Schema):
    """The words of a bulletin."""

    title = Line(120, required=True)
    text = Text(20_000, required=True)


class DraftIn(WordsIn):
    series = fields.Integer(required=True, strict=True, validate=validate.Range(1))


class SeenIn(Schema):
    """The revision that was looked at."""

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(1))


class ChangeIn(WordsIn, SeenIn):
    pass


class VoidIn(Schema):
    """作废, and why."""

    reason = Text(500, required=True)


class SeriesOut(Schema):
    number = fields.String(required=True)
    series = fields.Integer(required=True)
    sequence = fields.String(required=True)


class DraftOut(Schema):
    number = fields.String(required=True)
    revision = fields.Integer(required=True)
    sequence = fields.String(required=True)


class IssuedOut(Schema):
    number = fields.String(required=True)
    code = fields.String(required=True)
    sequence = fields.String(required=True)


class VoidedOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)


class BulletinsOut(Schema):
    """`series` with how many of the year stand; `bulletins` by number."""

    series = fields.List(fields.Dict(), required=True)
    bulletins = fields.List(fields.Dict(), required=True)


class BulletinOut(Schema):
    id = fields.String(required=True)
    office = fields.String(required=True)
    series = fields.Integer(required=True)
    series_name = fields.String(required=True)
    state = fields.String(required=True)
    year = fields.Integer(required=True, allow_none=True)
    serial = fields.Integer(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    text = fields.String(required=True)
    cause = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True)
    issued_at = fields.String(required=True, allow_none=True)
    void_at = fields.String(required=True, allow_none=True)
    progress = fields.String(required=True, allow_none=True)
    problem = fields.String(required=True, allow_none=True)
    files = fields.List(fields.Dict(), required=True)
