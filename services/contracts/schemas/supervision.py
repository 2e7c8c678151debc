"""Events of supervision about the way of a petition."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.codes import (
    BRANCHES,
    DOCUMENTS,
    DUTIES,
    FINALS,
    FOLLOW_UP_METHODS,
    FOLLOW_UP_RESULTS,
    MEDIATIONS,
    OUTCOMES,
    PROCEDURES,
    RECEIPTS,
    REVIEW_OUTCOMES,
    SERVICE_METHODS,
    STAGES,
    URGENT_METHODS,
    URGENT_TO,
    VOIDED,
)
from contracts.schemas.base import Crossing, PetitionEvent, code, one_of


class AcceptedClaim(Schema):
    """A claim on the branch that was decided (依法分类处理)."""

    ordinal = fields.Integer(required=True, validate=validate.Range(min=1))
    branch = one_of(BRANCHES)


class PetitionAccepted(PetitionEvent):
    """The office accepted the matter (受理); the 60 days run from here where a claim is of Art. 31(6)."""

    type, publisher = "petition.accepted", "supervision"
    procedure = one_of(PROCEDURES)
    claims = fields.List(fields.Nested(AcceptedClaim), required=True)


class UrgentMarked(PetitionEvent):
    """A matter that was registered as an ordinary one turned out to be major or urgent (标为紧急, Art. 25); what makes
    it so stays in supervision. `office` is who found out, and owes the report from here on."""

    type, publisher = "urgent.marked", "supervision"
    office = code()


class UrgentReported(PetitionEvent):
    """A major or urgent matter was reported (直报, Art. 25); what was said stays in supervision. `ordinal` 1 is the
    first report, the others are further ones (续报)."""

    type, publisher = "urgent.reported", "supervision"
    office = code()
    ordinal = fields.Integer(required=True, validate=validate.Range(min=1))
    to = fields.List(one_of(URGENT_TO), required=True, validate=validate.Length(min=1))
    method = one_of(URGENT_METHODS)
    reported_at = fields.AwareDateTime(required=True)


class AssistAnswered(PetitionEvent):
    """An assisting office gave its part; the text stays in supervision."""

    type, publisher = "assist.answered", "supervision"
    office = code()


class ExtensionEvent(PetitionEvent):
    """About an extension of the 60 days (Art. 34)."""

    days = fields.Integer(required=True, validate=validate.Range(1, 30))


class ExtensionRequested(ExtensionEvent):
    """The body asked its head for an extension."""

    type, publisher = "extension.requested", "supervision"


class ExtensionRefused(ExtensionEvent):
    """The head of the body said no."""

    type, publisher = "extension.refused", "supervision"


class PetitionExtended(ExtensionEvent):
    """The head of the body approved; `answer_due` of the public state is the new one."""

    type, publisher = "petition.extended", "supervision"


class AnsweredClaim(Schema):
    """A claim and what became of it."""

    ordinal = fields.Integer(required=True, validate=validate.Range(min=1))
    outcome = one_of(OUTCOMES)


class PetitionAnswered(PetitionEvent):
    """The handling opinion was given (处理意见); its text stays in supervision."""

    type, publisher = "petition.answered", "supervision"
    outcome = one_of(OUTCOMES)
    claims = fields.List(fields.Nested(AnsweredClaim), required=True)


class PetitionServed(PetitionEvent):
    """The opinion of a stage reached the petitioner (送达), or was refused, or published."""

    type, publisher = "petition.served", "supervision"
    stage = one_of(STAGES)
    method = one_of(SERVICE_METHODS)
    receipt = one_of(RECEIPTS)
    served_on = fields.Date(required=True)


class ServiceReturned(PetitionEvent):
    """The opinion came back unserved (退回): it has not reached the petitioner, another way has to be found."""

    type, publisher = "service.returned", "supervision"
    stage = one_of(STAGES)
    method = one_of(SERVICE_METHODS)


class PetitionClosed(PetitionEvent):
    """The matter was closed (办结). `on_time`: before the limit ended, None where none ran."""

    type, publisher = "petition.closed", "supervision"
    on_time = fields.Boolean(required=True, allow_none=True)


class PetitionReopened(PetitionEvent):
    """A new round of handling: after a follow-up, or because a review revoked the opinion."""

    type, publisher = "petition.reopened", "supervision"
    cause = one_of(("not_executed", "new_error", "rework", "review_revoked", "rereview_revoked"))
    follow_up = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "which one found it, counted from 1"},
    )


class PetitionFinal(PetitionEvent):
    """No ordinary step leads on any more (终结)."""

    type, publisher = "petition.final", "supervision"
    cause = one_of(FINALS)


class MovedDuty(Schema):
    """One duty before and after."""

    duty = one_of(DUTIES)
    was = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)


class PetitionRescheduled(PetitionEvent):
    """A change of the calendar moved open deadlines."""

    type, publisher = "petition.rescheduled", "supervision"
    duties = fields.List(fields.Nested(MovedDuty), required=True)


class ReviewRequested(PetitionEvent):
    """The petitioner sought review (复查, Art. 35) or re-review (复核, Art. 36)."""

    type, publisher = "review.requested", "supervision"
    stage = one_of(("review", "rereview"))
    office = code()
    requested_on = fields.Date(required=True)


class ReviewDecided(PetitionEvent):
    """The reviewing body gave its opinion; its text stays in supervision."""

    type, publisher = "review.decided", "supervision"
    stage = one_of(("review", "rereview"))
    outcome = one_of(REVIEW_OUTCOMES)


class DocumentEvent(PetitionEvent):
    """About a numbered paper (文书); what stands in it stays in supervision."""

    kind = one_of(DOCUMENTS)
    paper = fields.String(required=True)
    office = code()


class DocumentIssued(DocumentEvent):
    """A paper was issued under a number (出具文书)."""

    type, publisher = "document.issued", "supervision"


class DocumentVoided(DocumentEvent):
    """A paper was voided; its number stays taken (作废)."""

    type, publisher = "document.voided", "supervision"
    cause = one_of(VOIDED)


class HearingEvent(PetitionEvent):
    """About a hearing (听证), whose time is not counted."""

    stage = one_of(("review", "rereview"))


class HearingOpened(HearingEvent):
    """A hearing began: the limit stands still."""

    type, publisher = "hearing.opened", "supervision"


class HearingClosed(HearingEvent):
    """A hearing ended: the limit runs on."""

    type, publisher = "hearing.closed", "supervision"


class DutyEvent(Crossing, PetitionEvent):
    """About what is owed because of a petition."""


class DutyApproaching(DutyEvent):
    """A warning before the due date (黄灯)."""

    type, publisher = "duty.approaching", "supervision"


class DutyMissed(DutyEvent):
    """The due date passed (红灯)."""

    type, publisher = "duty.missed", "supervision"


class DutyLapsed(DutyEvent):
    """A window closed unused: no objection, no request for review."""

    type, publisher = "duty.lapsed", "supervision"


class PetitionMediated(PetitionEvent):
    """A mediation (调解) or a settlement between the parties (和解) was tried (Art. 33). `claims` are those
    that it settles; who was there, and what was agreed, stays in supervision."""

    type, publisher = "petition.mediated", "supervision"
    kind = one_of(MEDIATIONS)
    held_on = fields.Date(required=True)
    agreed = fields.Boolean(required=True)
    claims = fields.List(fields.Integer(), required=True)


class PetitionFollowedUp(PetitionEvent):
    """Somebody asked whether what was answered was carried out (回访); `round` counts them."""

    type, publisher = "petition.followed", "supervision"
    round = fields.Integer(required=True, validate=validate.Range(min=1))
    method = one_of(FOLLOW_UP_METHODS)
    result = one_of(FOLLOW_UP_RESULTS)
    followed_on = fields.Date(required=True)
