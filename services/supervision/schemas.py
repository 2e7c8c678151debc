"""Bodies and answers of supervision's routes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates

from contracts.codes import (
    BRANCHES,
    CHANNELS,
    DOCUMENTS,
    FOLLOW_UP_METHODS,
    FOLLOW_UP_RESULTS,
    MEDIATIONS,
    ORDER_REASONS,
    OUTCOMES,
    PROCEDURES,
    RECEIPTS,
    REVIEW_OUTCOMES,
    SERVICE_METHODS,
    STATUSES,
    TYPES,
    URGENT_METHODS,
    URGENT_TO,
    VOIDED,
)
from contracts.schemas import AREA, one_of
from kit.http import Text
from kit.problems import Message
from supervision.domain.orders import PROPOSALS
from supervision.queries import place


class StepIn(Schema):
    """A step with nothing to say; `at` is for imported registers only."""

    at = fields.AwareDateTime(load_default=None, allow_none=True)


class BranchIn(Schema):
    """One claim and the branch on which it goes (依法分类处理, Art. 29-31)."""

    ordinal = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10))
    branch = one_of(BRANCHES)


class AcceptIn(StepIn):
    procedure = fields.String(load_default="ordinary", validate=validate.OneOf(PROCEDURES))
    claims = fields.List(
        fields.Nested(BranchIn), load_default=list, validate=validate.Length(max=10)
    )


class ExtendIn(StepIn):
    days = fields.Integer(required=True, strict=True, validate=validate.Range(1, 365))
    reason = Text(2000, required=True)


class AssistIn(StepIn):
    """协办意见."""

    text = Text(20_000, required=True)


class ApproveIn(StepIn):
    approved = fields.Boolean(required=True)


class OutcomeIn(Schema):
    """One claim and what becomes of it."""

    ordinal = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10))
    outcome = one_of(OUTCOMES)


class AnswerIn(StepIn):
    """`outcome` is that of the whole; `claims` says it for each where they differ."""

    outcome = one_of(OUTCOMES)
    opinion = Text(20_000, required=True)
    facts = Text(20_000, load_default=None, allow_none=True)
    basis = Text(4000, load_default=None, allow_none=True)
    claims = fields.List(
        fields.Nested(OutcomeIn), load_default=list, validate=validate.Length(max=10)
    )


class ServeIn(StepIn):
    method = one_of(SERVICE_METHODS)
    served_on = fields.Date(required=True)
    receipt = fields.String(load_default="signed", validate=validate.OneOf(RECEIPTS))


class MediateIn(StepIn):
    """调解、和解: `claims` are those that the agreement settles; none named: all that are open."""

    kind = one_of(MEDIATIONS)
    held_on = fields.Date(required=True)
    parties = Text(1000, required=True)
    agreed = fields.Boolean(required=True)
    claims = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 10)),
        load_default=list,
        validate=validate.Length(max=10),
    )
    text = Text(20_000, load_default=None, allow_none=True)


class FollowUpIn(StepIn):
    method = one_of(FOLLOW_UP_METHODS)
    result = one_of(FOLLOW_UP_RESULTS)
    followed_on = fields.Date(required=True)
    text = Text(4000, required=True)


class MarkUrgentIn(Schema):
    """标为紧急, with what makes it so; the limit runs from the step itself."""

    circumstances = Text(2000, required=True)


class UrgentIn(Schema):
    """直报、续报. The time of the step is the system's; `reported_at` is that of the report."""

    to = fields.List(one_of(URGENT_TO), required=True, validate=validate.Length(1, len(URGENT_TO)))
    method = one_of(URGENT_METHODS)
    reported_at = fields.AwareDateTime(required=True)
    text = Text(4000, required=True)


class OrderIn(Schema):
    """督办、催办; `due_on` None: by the site's limit."""

    office = fields.String(required=True, validate=validate.Length(1, 64))
    kind = fields.String(load_default="supervise", validate=validate.OneOf(("supervise", "remind")))
    reason = one_of(ORDER_REASONS)
    text = Text(4000, required=True)
    due_on = fields.Date(load_default=None, allow_none=True)


class ProposalIn(Schema):
    """三项建议; `about`: the petition that it came from."""

    office = fields.String(required=True, validate=validate.Length(1, 64))
    kind = one_of(PROPOSALS)
    text = Text(20_000, required=True)
    due_on = fields.Date(load_default=None, allow_none=True)
    about = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))


class ReplyIn(Schema):
    """`adopted` answers a proposal, and nothing else."""

    text = Text(20_000, required=True)
    adopted = fields.Boolean(load_default=None, allow_none=True)


class JudgeIn(Schema):
    """确认, or 退回重办 with the reason and a new day (None: as long as before)."""

    accepted = fields.Boolean(required=True)
    text = Text(4000, load_default=None, allow_none=True)
    due_on = fields.Date(load_default=None, allow_none=True)


class NothingIn(Schema):
    """Nothing to say."""


class ReopenIn(StepIn):
    reason = one_of(("not_executed", "new_error", "rework"))


class SeekIn(StepIn):
    """`requested_on` is the day of its receipt; `office` where the reviewing body is not the superior."""

    grounds = Text(4000, required=True)
    requested_on = fields.Date(load_default=None, allow_none=True)
    office = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))


class ReviewIn(StepIn):
    outcome = one_of(REVIEW_OUTCOMES)
    opinion = Text(20_000, required=True)


class PaperIn(Schema):
    """A paper to give; `about` names the step where there are several, `note` is put on it (which body the
    petitioner is to turn to)."""

    kind = one_of(DOCUMENTS)
    about = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))
    note = Text(500, load_default=None, allow_none=True)


class VoidIn(Schema):
    cause = one_of(VOIDED)


class PapersQuery(Schema):
    """The register of papers (文书登记簿) of one office, kind and year; `before` goes on from a
    serial."""

    office = fields.String(load_default=None, validate=validate.Length(1, 64))
    kind = one_of(DOCUMENTS)
    year = fields.Integer(required=True, validate=validate.Range(2000, 2100))
    before = fields.Integer(load_default=None, validate=validate.Range(min=1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class FileIn(Schema):
    """A CSV file in base64, and its name."""

    content = fields.String(required=True, validate=validate.Length(1, 350_000))
    name = Text(200, required=True)


class TakenOut(Schema):
    """How many rows were new or changed."""

    taken = fields.Integer(required=True)


class LimitsOut(Schema):
    limits = fields.List(fields.Dict(), required=True)


class YearQuery(Schema):
    year = fields.Integer(required=True, validate=validate.Range(2004, 2100))


class YearOut(Schema):
    year = fields.Integer(required=True)
    known = fields.Boolean(required=True)
    days = fields.List(fields.Dict(), required=True)


class DoneOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)


class PaperOut(DoneOut):
    code = fields.String(required=True)
    ordinal = fields.Integer(required=True)


class PapersOut(Schema):
    papers = fields.List(fields.Dict(), required=True)
    next = fields.Integer(required=True, allow_none=True)


class DatedOut(DoneOut):
    answer_due = fields.String(required=True, allow_none=True)


class MediatedOut(DoneOut):
    settled = fields.Boolean(required=True)


class IssuedOut(DoneOut):
    round = fields.Integer(required=True)


class OrdersQuery(Schema):
    """`state`: what is open, or everything."""

    state = fields.String(load_default="open", validate=validate.OneOf(("open", "all")))


class OrdersOut(Schema):
    orders = fields.List(fields.Dict(), required=True)


class AffairOut(Schema):
    affair = fields.Dict(required=True)
    orders = fields.List(fields.Dict(), required=True)
    duties = fields.List(fields.Dict(), required=True)
    next_steps = fields.List(fields.Dict(), required=True)
    sequence = fields.String(required=True)
    seen = fields.String(required=True)


class ClosedOut(DoneOut):
    on_time = fields.Boolean(required=True, allow_none=True)


class CasesQuery(Schema):
    """Filters of the list; `after` goes on from the last page. `urgent`: all that are major or urgent, those not
    reported yet, those reported late or not at all in time (Art. 25)."""

    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    office = fields.String(load_default=None)
    channel = fields.String(load_default=None, validate=validate.OneOf(CHANNELS))
    type = fields.String(load_default=None, validate=validate.OneOf(TYPES))
    division = fields.String(load_default=None, validate=AREA)
    light = fields.String(load_default=None, validate=validate.OneOf(("green", "yellow", "red")))
    urgent = fields.String(load_default=None, validate=validate.OneOf(("all", "owed", "late")))
    numbers = fields.String(load_default=None, validate=validate.Length(max=40_000))
    after = fields.String(load_default=None, validate=validate.Length(max=120))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 200))

    @validates("after")
    def _from_a_page(self, value: str | None, **_: Any) -> None:
        try:
            place(value or "2026-01-01~")
        except ValueError:
            message = Message("Take it from the page before.", "应取自上一页。", "after")
            raise ValidationError(message) from None


class CasesOut(Schema):
    cases = fields.List(fields.Dict(), required=True)
    total = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


class CaseOut(Schema):
    petition = fields.Dict(required=True)
    steps = fields.Dict(required=True)
    claims = fields.List(fields.Dict(), required=True)
    proceedings = fields.List(fields.Dict(), required=True)
    extensions = fields.List(fields.Dict(), required=True)
    contributions = fields.List(fields.Dict(), required=True)
    mediations = fields.List(fields.Dict(), required=True)
    follow_ups = fields.List(fields.Dict(), required=True)
    urgent_mark = fields.Dict(required=True, allow_none=True)
    urgent_reports = fields.List(fields.Dict(), required=True)
    orders = fields.List(fields.Dict(), required=True)
    addressees = fields.List(fields.String(), required=True)
    duties = fields.List(fields.Dict(), required=True)
    opinion = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    procedure = fields.String(required=True, allow_none=True)
    final_reason = fields.String(required=True, allow_none=True)
    hearing = fields.Boolean(required=True)
    next_steps = fields.List(fields.Dict(), required=True)
    papers = fields.List(fields.Dict(), required=True)
    next_papers = fields.List(fields.Dict(), required=True)
    sequence = fields.String(required=True)
    seen = fields.String(required=True)


class DutiesOut(Schema):
    duties = fields.List(fields.Dict(), required=True)


class DeskOut(Schema):
    """My desk: what waits for my office, by step and by light."""

    to_sign = fields.Integer(required=True)
    to_accept = fields.Integer(required=True)
    to_answer = fields.Integer(required=True)
    to_serve = fields.Integer(required=True)
    to_close = fields.Integer(required=True)
    lights = fields.Dict(required=True)
    duties = fields.List(fields.Dict(), required=True)
