"""Queries and answers about figures."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from contracts.codes import BODY_LEVELS, CHANNELS, TYPES
from contracts.schemas import AREA
from contracts.words import SIZES, TURNS
from kit import sheet
from kit.problems import Message
from stats.domain import periods
from stats.domain.indicators import INDICATORS
from stats.domain.measures import CASE_DIMENSIONS, CASE_MEASURES, DIMENSIONS, TIMES, TYPE_OF
from stats.levels import HERE
from stats.queries.cases import place

RECKONED = validate.Range(periods.EARLIEST, periods.LATEST)
"""Days that can be asked for."""
MOST = 2
"""Dimensions of a table; `where` may name more."""


class CountsQuery(Schema):
    """A measure over a period, grouped by up to two dimensions."""

    measure = fields.String(load_default="registered", validate=validate.OneOf(sorted(TYPE_OF)))
    since = fields.Date(required=True, data_key="from", validate=RECKONED)
    until = fields.Date(required=True, data_key="to", validate=RECKONED)
    by = fields.String(load_default="day")
    division = fields.String(load_default=None, validate=AREA)
    office = fields.String(load_default=None)

    @validates_schema
    def _period(self, data: dict[str, object], **_: object) -> None:
        if data["until"] < data["since"]:  # type: ignore[operator]
            raise ValidationError("The period ends before it begins.", "to")
        by = str(data["by"]).split(",")
        if len(by) > MOST or not set(by) <= set(DIMENSIONS):
            raise ValidationError(f"One or two of {', '.join(DIMENSIONS)}.", "by")


class CountsOut(Schema):
    """`cases`, of a row and of all: the query of `/figures/cases` that lists what is behind the number."""

    rows = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    cases = fields.String(required=True)


class TodayOut(Schema):
    """Today's figures: what happened today, and how it stands."""

    day = fields.String(required=True)
    today = fields.Dict(required=True)
    month = fields.Dict(required=True)
    by_channel = fields.Dict(required=True)
    by_day = fields.List(fields.Dict(), required=True)
    open = fields.Integer(required=True)


class PeriodField(fields.Field):  # type: ignore[type-arg]
    """`month:2026-03` and its like."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> periods.Period:
        try:
            return periods.read(value)
        except (AttributeError, TypeError, ValueError):
            raise ValidationError(_NO_PERIOD) from None


_NO_PERIOD = Message(
    f"No period of day, week, month, quarter, half, year or free between {periods.EARLIEST} and {periods.LATEST}.",
    f"周期有误:须是{periods.EARLIEST.year}年至{periods.LATEST.year}年之间的日、周、月、季、半年、年,或者先后无误的起止日期。",
    "period",
)  # fmt: skip


class Listed(fields.String):
    """Words with commas between them."""

    def _deserialize(self, value: Any, *more: Any, **other: Any) -> Any:
        text = super()._deserialize(value, *more, **other)
        return tuple(word for word in text.split(",") if word)


_CODES: dict[str, tuple[str, ...]] = {
    "channel": CHANNELS, "type": TYPES, "turn": tuple(TURNS), "size": tuple(SIZES), "level": (*BODY_LEVELS, HERE, ""),
}  # fmt: skip
_PLACES = {"town": r"([0-9]{9}000)?", "division": r"([0-9]{12})?"}
"""What is nowhere yet has no place."""


def _can_be(name: str, wanted: str) -> bool:
    """Whether a dimension can have a value; which offices and categories there are is the site's to say."""
    fits = re.fullmatch(_PLACES.get(name, ".*"), wanted)
    return wanted in _CODES.get(name, (wanted,)) and fits is not None


class Where(fields.String):
    """`channel:visit,office:…`: dimensions and the values that they must have."""

    def _deserialize(self, value: Any, *more: Any, **other: Any) -> Any:
        text = super()._deserialize(value, *more, **other)
        pairs = [pair.partition(":") for pair in text.split(",") if pair]
        found = {name: wanted for name, _, wanted in pairs}
        if len(found) < len(pairs) or not found.keys() <= set(CASE_DIMENSIONS):
            raise ValidationError(f"Each of {', '.join(CASE_DIMENSIONS)} once, with a value.")
        for name, wanted in found.items():
            if not _can_be(name, wanted):
                raise ValidationError(f"No {name} {wanted}.")
        return found


class Asking(Schema):
    """What figure, of when, where."""

    what = fields.String(required=True, validate=validate.OneOf(sorted(INDICATORS)))
    period = PeriodField(required=True)
    division = fields.String(load_default=None, validate=AREA)
    office = fields.String(load_default=None, validate=validate.Length(1, 64))
    where = Where(load_default=dict)


class FiguresQuery(Asking):
    """A count or an indicator, grouped and compared. `as_of`: as it stood at the end of that day; `published`:
    with cells of fewer than five hidden, and as many others as it takes that none of them can be reckoned."""

    by = Listed(load_default=())
    compare = fields.Boolean(load_default=True)
    published = fields.Boolean(load_default=False)
    as_of = fields.Date(load_default=None, validate=RECKONED)

    @validates_schema
    def _grouping(self, data: dict[str, Any], **_: Any) -> None:
        by, known = data.get("by", ()), {*CASE_DIMENSIONS, *TIMES}
        if len(by) > MOST or len(set(by)) < len(by) or not set(by) <= known:
            raise ValidationError(f"At most two of {', '.join(sorted(known))}.", "by")
        if len({*by} & {*TIMES}) > 1:
            raise ValidationError("Days or months, not both.", "by")


class ListQuery(Asking):
    """The cases behind one side of a figure."""

    part = fields.String(
        load_default="numerator", validate=validate.OneOf(("numerator", "denominator"))
    )


class CasesQuery(ListQuery):
    """One page of them; `after` is the `next` of the page before."""

    after = fields.String(load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))

    @post_load
    def _place(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if data["after"]:
            indicator = INDICATORS[data["what"]]
            try:
                place(data["after"], 2 if indicator.numerator in CASE_MEASURES else 4)
            except ValueError:
                raise ValidationError("No place in this list.", "after") from None
        return data


class FileQuery(ListQuery):
    """All of them, as a file."""

    format = fields.String(load_default="csv", validate=validate.OneOf(sheet.FORMATS))


class IndicatorsOut(Schema):
    indicators = fields.List(fields.Dict(), required=True)


class FiguresOut(Schema):
    """`path` says what served it: `rollup`, or `cases` by index; `unfinished`, that the period was not over, and is
    compared with as much of the others."""

    indicator = fields.Dict(required=True)
    period = fields.Dict(required=True)
    compared_with = fields.Dict(required=True)
    by = fields.List(fields.String(), required=True)
    as_of = fields.String(required=True, allow_none=True)
    unfinished = fields.Boolean(required=True)
    path = fields.String(required=True)
    rows = fields.List(fields.Dict(), required=True)
    total = fields.Dict(required=True)


class CasesOut(Schema):
    """`counted` is the figure; `total` how many rows of it this reader may see."""

    indicator = fields.Dict(required=True)
    period = fields.Dict(required=True)
    cases = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    counted = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)
