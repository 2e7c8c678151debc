"""The published language: the data of every event, by type and version.

`petition` is the public state in full, in every petition event, so that an outside subscriber needs no
other. No name, phone, address or text of a person ever stands here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

from contracts.codes import (
    AFFAIRS,
    BRANCHES,
    CHANNELS,
    DECLINES,
    DOCUMENTS,
    DUTIES,
    FINALS,
    FOLLOW_UP_METHODS,
    FOLLOW_UP_RESULTS,
    HANDLINGS,
    LEVELS,
    MEDIATIONS,
    METHODS,
    OBJECTIONS,
    ORDER_REASONS,
    ORDERS,
    OUTCOMES,
    PLACINGS,
    PROCEDURES,
    RATINGS,
    RECEIPTS,
    RECEPTIONS,
    RECUSALS,
    REVIEW_OUTCOMES,
    SERVICE_METHODS,
    STAGES,
    STATUSES,
    TYPES,
    VOIDED,
)


def one_of(choices: tuple[str, ...], **kwargs: Any) -> fields.String:
    """A code out of a fixed list."""
    return fields.String(required=True, validate=validate.OneOf(choices), **kwargs)


def code(**kwargs: Any) -> fields.String:
    """An id: a petition number, an office, a category."""
    return fields.String(required=True, validate=validate.Length(1, 64), **kwargs)


class Pattern(validate.Regexp):
    """The whole text must fit, where `$` alone would let a line feed at the end pass."""

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


def division(**kwargs: Any) -> fields.String:
    """A 12-digit division code."""
    return fields.String(validate=Pattern(r"^[0-9]{12}$"), **kwargs)


class PublicState(Schema):
    """What everybody may know of a petition, complete."""

    number = code()
    status = one_of(STATUSES)
    placing = one_of(PLACINGS)
    handling = fields.String(required=True, allow_none=True, validate=validate.OneOf(HANDLINGS))
    channel = one_of(CHANNELS)
    type = one_of(TYPES)
    category = fields.String(required=True, allow_none=True)
    head_count = fields.Integer(required=True, validate=validate.Range(min=1))
    received_on = fields.Date(required=True)
    registered_at = fields.AwareDateTime(required=True)
    registered_by = code()
    division = division(required=True, allow_none=True)
    office = fields.String(required=True, allow_none=True)
    forward_due = fields.AwareDateTime(required=True, allow_none=True)
    accept_due = fields.AwareDateTime(required=True, allow_none=True)
    answer_due = fields.AwareDateTime(required=True, allow_none=True)
    review_due = fields.AwareDateTime(required=True, allow_none=True)


class EventSchema(Schema):
    """The data of one type of event. `publisher` is the service that may send it."""

    type: ClassVar[str]
    version: ClassVar[int] = 1
    publisher: ClassVar[str]


class PetitionEvent(EventSchema):
    """Every petition event carries the public state as it is after the event."""

    petition = fields.Nested(PublicState, required=True)


# -- intake ----------------------------------------------------------------------------------------


class ClaimSchema(Schema):
    """诉求: one thing that is asked for, without its words. `branch` is what the counter proposes."""

    ordinal = fields.Integer(required=True, validate=validate.Range(min=1))
    type = one_of(TYPES)
    branch = fields.String(required=True, allow_none=True, validate=validate.OneOf(BRANCHES))


class PetitionRegistered(PetitionEvent):
    """A petition was registered (登记). `chosen_division` is the place a clerk chose, if any.

    `collective` says whether so many persons make it a joint one (集体访), by the rule of its day.
    `barred` names the offices complained about, in sealed petitions alone (Art. 30).
    """

    type, publisher = "petition.registered", "intake"
    chosen_division = division(required=True, allow_none=True)
    barred = fields.List(fields.String(), required=True)
    urgent = fields.Boolean(required=True)
    simple = fields.Boolean(
        required=True,
        metadata={"description": "the counter proposes the simple procedure (简易办理)"},
    )
    collective = fields.Boolean(required=True)
    claims = fields.List(fields.Nested(ClaimSchema), required=True)


class PetitionWithdrawn(PetitionEvent):
    """The petitioner withdrew (撤回)."""

    type, publisher = "petition.withdrawn", "intake"


class PetitionSupplemented(PetitionEvent):
    """The petitioner added to it (补充材料); the words stay in intake."""

    type, publisher = "petition.supplemented", "intake"


class AttachmentAdded(PetitionEvent):
    """A file was added (添加附件). `count` is how many there are now; names and contents stay in intake."""

    type, publisher = "attachment.added", "intake"
    count = fields.Integer(required=True, validate=validate.Range(min=1))


class ReceptionChanged(EventSchema):
    """A reception session was planned or changed (领导接待日, 下访, 联合接待). The subject is the session."""

    type, publisher = "reception.changed", "intake"
    id = code()
    kind = one_of(RECEPTIONS)
    day = fields.Date(required=True)
    host = code()
    offices = fields.List(fields.String(), required=True)
    published = fields.Boolean(required=True)
    cancelled = fields.Boolean(required=True)


class ReceptionEvent(PetitionEvent):
    """About a petition at a reception session; what was said stays in intake. `host` holds the session."""

    reception = code()
    host = code()


class ReceptionRecorded(ReceptionEvent):
    """It was brought to a session, or what was agreed there was written down; `promised_on` is the last day
    of what was promised."""

    type, publisher = "reception.recorded", "intake"
    kind = one_of(RECEPTIONS)
    held_on = fields.Date(required=True)
    promised_on = fields.Date(required=True, allow_none=True)


class ReceptionFollowed(ReceptionEvent):
    """Somebody looked whether what was agreed was done (回访)."""

    type, publisher = "reception.followed", "intake"
    kept = fields.Boolean(required=True)


class PetitionLinked(PetitionEvent):
    """A person confirmed that it repeats an earlier one: same person, same matter (重复件)."""

    type, publisher = "petition.linked", "intake"
    repeat_of = code()


class PetitionUnlinked(PetitionEvent):
    """It is a matter of its own after all."""

    type, publisher = "petition.unlinked", "intake"
    repeat_of = code()


class PetitionContested(PetitionEvent):
    """The petitioner says that it is not the same matter; a person looks at it."""

    type, publisher = "petition.contested", "intake"
    repeat_of = code()


class PetitionRated(PetitionEvent):
    """The petitioner rated the handling (满意度评价): both bodies, Art. 21 and 国信发〔2022〕11号."""

    type, publisher = "petition.rated", "intake"
    petition_office = one_of(RATINGS)
    responsible_office = one_of(RATINGS)


# -- routing ---------------------------------------------------------------------------------------


class PetitionLocated(PetitionEvent):
    """The place of the matter (问题属地) was found, by a rule or a person."""

    type, publisher = "petition.located", "routing"
    by = one_of(("rule", "person"))
    rule = fields.String(required=True, allow_none=True)


class AssistingOffice(Schema):
    """协办: an office that helps the one that answers, and until when."""

    office = code()
    due_on = fields.Date(required=True)


class PetitionAssigned(PetitionEvent):
    """The office that must answer was named (转送, 交办, 自办), with those that assist it.

    `round` counts the assignments of a petition; `report_due` is the last day for the report of a 交办;
    `final`: a common superior named the office, which may not object (Art. 24).
    """

    type, publisher = "petition.assigned", "routing"
    by = one_of(("rule", "person"))
    rule = fields.String(required=True, allow_none=True)
    method = one_of(METHODS)
    from_office = fields.String(required=True, allow_none=True)
    round = fields.Integer(required=True, validate=validate.Range(min=1))
    report_due = fields.Date(required=True, allow_none=True)
    final = fields.Boolean(required=True)
    assisting = fields.List(fields.Nested(AssistingOffice), required=True)


class PetitionSigned(PetitionEvent):
    """The office signed for it (签收)."""

    type, publisher = "petition.signed", "routing"


class PetitionObjected(PetitionEvent):
    """The office says that it is not competent (异议), within 5 working days (Art. 23)."""

    type, publisher = "petition.objected", "routing"
    office = code()
    cause = one_of(OBJECTIONS)
    round = fields.Integer(required=True, validate=validate.Range(min=1))


class PetitionUpheld(PetitionEvent):
    """The sender verified the objection and did not agree: the assignment stands."""

    type, publisher = "petition.upheld", "routing"
    office = code()


class PetitionReturned(PetitionEvent):
    """The sender agreed, the papers went back. `lifted`: after the second time the common superior, or
    the joint meeting, names the office (Art. 24)."""

    type, publisher = "petition.returned", "routing"
    office = code()
    to_office = code()
    bounces = fields.Integer(required=True, validate=validate.Range(min=0))
    lifted = fields.String(required=True, allow_none=True, validate=validate.OneOf(LEVELS))


class PetitionConsulted(PetitionEvent):
    """Several bodies consulted which of them is competent (协商, Art. 24). `lead` answers, where they agreed."""

    type, publisher = "petition.consulted", "routing"
    offices = fields.List(code(), required=True)
    agreed = fields.Boolean(required=True)
    held_on = fields.Date(required=True)
    lead = fields.String(required=True, allow_none=True)


class PetitionReferred(PetitionEvent):
    """It was put to whoever names the office (报请指定, Art. 24): bodies did not agree, or an abolished body has
    several successors or none."""

    type, publisher = "petition.referred", "routing"
    to_office = code()
    lifted = one_of(LEVELS)
    cause = one_of(("disagreed", "succession"))


class PetitionDesignated(PetitionEvent):
    """The common superior (指定) or the joint meeting (联席会议) named the office: the assignment follows.

    `offices` took part in the joint meeting of `held_on`.
    """

    type, publisher = "petition.designated", "routing"
    by_office = code()
    lifted = one_of(LEVELS)
    offices = fields.List(code(), required=True)
    held_on = fields.Date(required=True, allow_none=True)


class PetitionSucceeded(PetitionEvent):
    """A body was abolished: what it had goes to its successor (承继, Art. 24)."""

    type, publisher = "petition.succeeded", "routing"
    from_office = code()
    to_office = code()


class PetitionRecused(PetitionEvent):
    """An officer stepped aside (回避, Art. 28), named by the account, never by name. `to_office`: the superior
    that decides instead, where it is a head."""

    type, publisher = "petition.recused", "routing"
    account = code()
    by_office = code()
    by = one_of(("self", "head"))
    cause = one_of(RECUSALS)
    to_office = fields.String(required=True, allow_none=True)


class PetitionDeclined(PetitionEvent):
    """Not accepted, no longer accepted, or led elsewhere as a whole (不予受理, 不再受理, 告知)."""

    type, publisher = "petition.declined", "routing"
    by_office = code()
    cause = one_of(DECLINES)
    article = fields.String(required=True)


class OfficeChanged(EventSchema):
    """An office of the directory, complete, as it is now."""

    type, publisher = "office.changed", "routing"
    id = code()
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)
    division = division(required=True)
    level = fields.String(required=True)
    kind = fields.String(required=True)
    categories = fields.List(fields.String(), required=True)
    valid_from = fields.AwareDateTime(required=True, allow_none=True)
    valid_to = fields.AwareDateTime(required=True, allow_none=True)
    successors = fields.List(code(), required=True)


# -- supervision -----------------------------------------------------------------------------------


class AcceptedClaim(Schema):
    """A claim on the branch that was decided (依法分类处理)."""

    ordinal = fields.Integer(required=True, validate=validate.Range(min=1))
    branch = one_of(BRANCHES)


class PetitionAccepted(PetitionEvent):
    """The office accepted the matter (受理); the 60 days run from here where a claim is of Art. 31(6)."""

    type, publisher = "petition.accepted", "supervision"
    procedure = one_of(PROCEDURES)
    claims = fields.List(fields.Nested(AcceptedClaim), required=True)


class UrgentReported(PetitionEvent):
    """A major or urgent matter was reported (Art. 25)."""

    type, publisher = "urgent.reported", "supervision"
    office = code()


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


class DutyEvent(PetitionEvent):
    """A duty came near its end or passed it. `at` is when that happened, not when it was noticed."""

    duty = one_of(DUTIES)
    office = code()
    due_at = fields.AwareDateTime(required=True)
    at = fields.AwareDateTime(required=True)


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


# -- supervision: orders, reports, and what is owed about no petition --------------------------------


class OrderEvent(PetitionEvent):
    """About a demand of one office (`issuer`) on another (`office`); `round` counts those of a petition."""

    kind = one_of(ORDERS)
    round = fields.Integer(required=True, validate=validate.Range(min=1))
    issuer = code()
    office = code()


class OrderIssued(OrderEvent):
    """督办、催办, or a report was asked for with a 交办: the body owes a reply. Its text stays in supervision."""

    type, publisher = "order.issued", "supervision"
    cause = fields.String(required=True, allow_none=True, validate=validate.OneOf(ORDER_REASONS))
    due_on = fields.Date(required=True)


class OrderAnswered(OrderEvent):
    """The body replied, or reported the result (办结报告)."""

    type, publisher = "order.answered", "supervision"


class OrderConfirmed(OrderEvent):
    """Whoever demanded it took note: it is done (确认办结)."""

    type, publisher = "order.confirmed", "supervision"


class OrderReturned(OrderEvent):
    """It was sent back (退回重办): a reply is owed again, by a new day."""

    type, publisher = "order.returned", "supervision"
    due_on = fields.Date(required=True)


class OrderLifted(OrderEvent):
    """Nothing is demanded any longer: withdrawn by its issuer, or the petition went elsewhere."""

    type, publisher = "order.lifted", "supervision"


class AffairEvent(EventSchema):
    """About what an office owes about no one petition; `affair` is its number, and the subject."""

    affair = code()


class AffairDemand(AffairEvent):
    """A demand and what becomes of it: the words of `OrderEvent`, without a petition."""

    kind = one_of(AFFAIRS)
    round = fields.Integer(required=True, validate=validate.Range(min=1))
    issuer = code()
    office = code()


class AffairIssued(AffairDemand):
    """A proposal was made (三项建议, Art. 14, 40), or a year ended for which a report is owed (Art. 41)."""

    type, publisher = "affair.issued", "supervision"
    due_on = fields.Date(required=True)


class AffairAnswered(AffairDemand):
    """Feedback was given, or the report was sent. `adopted`: whether a proposal is followed."""

    type, publisher = "affair.answered", "supervision"
    adopted = fields.Boolean(required=True, allow_none=True)


class AffairConfirmed(AffairDemand):
    """Whoever made the proposal took note of the feedback."""

    type, publisher = "affair.confirmed", "supervision"


class AffairReturned(AffairDemand):
    """The feedback was sent back: another is owed, by a new day."""

    type, publisher = "affair.returned", "supervision"
    due_on = fields.Date(required=True)


class AffairLifted(AffairDemand):
    """The proposal was withdrawn."""

    type, publisher = "affair.lifted", "supervision"


class AffairDuty(AffairEvent):
    """What is owed came near its end or passed it, as in `DutyEvent`."""

    duty = one_of(DUTIES)
    office = code()
    due_at = fields.AwareDateTime(required=True)
    at = fields.AwareDateTime(required=True)


class AffairApproaching(AffairDuty):
    """A warning before the due date (黄灯)."""

    type, publisher = "affair.approaching", "supervision"


class AffairMissed(AffairDuty):
    """The due date passed (红灯)."""

    type, publisher = "affair.missed", "supervision"


class AffairRescheduled(AffairEvent):
    """A change of the calendar moved an open deadline."""

    type, publisher = "affair.rescheduled", "supervision"
    duties = fields.List(fields.Nested(MovedDuty), required=True)


# -- stats and console -----------------------------------------------------------------------------


class AccountChanged(EventSchema):
    """An account was made, changed or closed: no name in it."""

    type, publisher = "account.changed", "console"
    id = code()
    office = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    active = fields.Boolean(required=True)


EVENTS: tuple[type[EventSchema], ...] = (
    PetitionRegistered,
    PetitionWithdrawn,
    PetitionSupplemented,
    AttachmentAdded,
    ReceptionChanged,
    ReceptionRecorded,
    ReceptionFollowed,
    PetitionLinked,
    PetitionUnlinked,
    PetitionContested,
    PetitionRated,
    PetitionLocated,
    PetitionAssigned,
    PetitionSigned,
    PetitionObjected,
    PetitionUpheld,
    PetitionReturned,
    PetitionConsulted,
    PetitionReferred,
    PetitionDesignated,
    PetitionSucceeded,
    PetitionRecused,
    PetitionDeclined,
    OfficeChanged,
    PetitionAccepted,
    UrgentReported,
    AssistAnswered,
    ExtensionRequested,
    ExtensionRefused,
    PetitionExtended,
    PetitionAnswered,
    PetitionServed,
    ServiceReturned,
    PetitionClosed,
    PetitionReopened,
    PetitionFinal,
    PetitionRescheduled,
    ReviewRequested,
    ReviewDecided,
    HearingOpened,
    HearingClosed,
    DocumentIssued,
    DocumentVoided,
    DutyApproaching,
    DutyMissed,
    DutyLapsed,
    OrderIssued,
    OrderAnswered,
    OrderConfirmed,
    OrderReturned,
    OrderLifted,
    PetitionMediated,
    PetitionFollowedUp,
    AffairIssued,
    AffairAnswered,
    AffairConfirmed,
    AffairReturned,
    AffairLifted,
    AffairApproaching,
    AffairMissed,
    AffairRescheduled,
    AccountChanged,
)
