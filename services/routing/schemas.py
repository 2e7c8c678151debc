"""Bodies and answers of routing's routes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.codes import BODY_LEVELS, DECLINES, METHODS, OBJECTIONS, RECUSALS
from contracts.schemas import division, one_of
from kit.http import Line, Text
from kit.sheet import FORMATS


class StepIn(Schema):
    """`at` is for imported registers only."""

    at = fields.AwareDateTime(load_default=None, allow_none=True)


class PlaceIn(StepIn):
    """`alias`: words of the text that stand for this place here; they are read so from now on."""

    division = division(required=True)
    alias = Line(20, load_default=None, allow_none=True)


class PlacesIn(Schema):
    """A text whose place is asked for, and the office that receives it: it is neither kept nor logged."""

    text = Text(20_000, required=True)
    complained_about = Line(120, load_default=None, allow_none=True)
    office = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))


class PlacesOut(Schema):
    """`candidates`: code, name, level, weight, spans (offsets) and whether it is of this site; `roles`: other
    places of the text; `written`: the county under which it writes a town that has moved."""

    status = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)
    confidence = fields.Float(required=True)
    candidates = fields.List(fields.Dict(), required=True)
    roles = fields.List(fields.Dict(), required=True)
    written = fields.String(required=True, allow_none=True)
    version = fields.String(required=True, allow_none=True)


class AliasesOut(Schema):
    aliases = fields.List(fields.Dict(), required=True)


class EndAliasIn(Schema):
    """停用本地别名: of which petition, and the name."""

    number = fields.String(required=True, validate=validate.Length(1, 64))
    name = Line(20, required=True)


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


class DesignateIn(AssignIn):
    """指定: the office, and the reason."""

    text = Text(4000, required=True)


class MetIn(Schema):
    """Several bodies met: which, and when."""

    offices = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        required=True,
        validate=validate.Length(1, 12),
    )
    held_on = fields.Date(required=True)


class ConveneIn(DesignateIn, MetIn):
    """联席会议: who took part, when, the decision (`text`) and the minutes."""

    minutes = Text(20000, required=True)


class ConsultIn(DesignateIn, MetIn):
    """协商: which bodies, whether they agreed, and who answers and assists where they did."""

    office = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))
    method = fields.String(load_default="transfer", validate=validate.OneOf(METHODS))
    agreed = fields.Boolean(required=True)


class SuccessorIn(Schema):
    """承继单位: which, and why."""

    office = fields.String(required=True, validate=validate.Length(1, 64))
    text = Text(2000, required=True)


class RecuseIn(Schema):
    """回避: the ground; where a head orders it, whose account, of which office, and whether a head's."""

    cause = one_of(RECUSALS)
    account = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))
    office = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))
    head = fields.Boolean(load_default=False)


class AbolishIn(Schema):
    """撤销、合并、分立: the day, and who goes on."""

    on = fields.Date(required=True)
    successors = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        load_default=list,
        validate=validate.Length(max=8),
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
    elsewhere = Text(200, load_default=None, allow_none=True)


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
    lifted = fields.String(required=True, allow_none=True)
    assisting = fields.List(fields.String(), required=True)
    report_due = fields.Date(required=True, allow_none=True)
    assigned_at = fields.String(required=True, allow_none=True)
    signed_at = fields.String(required=True, allow_none=True)
    orphan = fields.String(required=True, allow_none=True)
    suggested = fields.List(fields.String(), required=True)
    confidence = fields.Float(required=True, allow_none=True)
    reading = fields.Dict(required=True, allow_none=True)
    places_version = fields.String(required=True, allow_none=True)
    about_office = fields.String(required=True, allow_none=True)
    about_level = fields.String(required=True, allow_none=True)
    choice = fields.Dict(required=True, allow_none=True)
    decline = fields.Dict(required=True, allow_none=True)
    deliberations = fields.List(fields.Dict(), required=True)
    objections = fields.List(fields.Dict(), required=True)
    next_steps = fields.List(fields.Dict(), required=True)
    sequence = fields.String(required=True)
    seen = fields.String(required=True)


class DirectoryOut(Schema):
    offices = fields.List(fields.Dict(), required=True)


class FileIn(Schema):
    """A CSV or XLSX file in base64, and its name."""

    content = fields.String(required=True, validate=validate.Length(1, 1_000_000))
    name = Text(200, required=True)


class TakenOut(Schema):
    """How many rows were new or changed."""

    taken = fields.Integer(required=True)


class FileQuery(Schema):
    format = fields.String(load_default="csv", validate=validate.OneOf(FORMATS))


class RulesOut(Schema):
    version = fields.Integer(required=True)
    source = fields.String(required=True, allow_none=True)
    imported_at = fields.String(required=True, allow_none=True)
    rules = fields.List(fields.Dict(), required=True)
    tallies = fields.List(fields.Dict(), required=True)


class CompetenceQuery(Schema):
    """`level` and `about`: of the body complained about; `on`: by the rules of that day."""

    division = division(load_default=None)
    category = fields.String(load_default=None, validate=validate.Length(1, 64))
    level = fields.String(load_default=None, validate=validate.OneOf(BODY_LEVELS))
    about = fields.String(load_default=None, validate=validate.Length(1, 64))
    on = fields.Date(load_default=None)


class CompetenceOut(Schema):
    office = fields.String(required=True, allow_none=True)
    rule = fields.String(required=True)
    principle = fields.String(required=True, allow_none=True)
    territorial = fields.String(required=True, allow_none=True)
    competent = fields.String(required=True, allow_none=True)
    assisting = fields.List(fields.String(), required=True)
    assist_days = fields.Integer(required=True)
    candidates = fields.List(fields.String(), required=True)
    version = fields.String(required=True)


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
