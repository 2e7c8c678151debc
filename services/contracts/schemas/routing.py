"""Events of routing."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.codes import BODY_LEVELS, DECLINES, LEVELS, METHODS, OBJECTIONS, PRINCIPLES, RECUSALS
from contracts.schemas.base import EventSchema, PetitionEvent, code, division, one_of


class PetitionLocated(PetitionEvent):
    """The place of the matter (问题属地) was found, by a rule or a person.

    `confidence` and `data_version` are of the reading that a machine made, and of the data that it read with.
    """

    type, publisher = "petition.located", "routing"
    by = one_of(("rule", "person"))
    rule = fields.String(required=True, allow_none=True)
    confidence = fields.Float(required=True, allow_none=True, validate=validate.Range(0, 1))
    data_version = fields.String(required=True, allow_none=True)


class AssistingOffice(Schema):
    """协办: an office that helps the one that answers, and until when."""

    office = code()
    due_on = fields.Date(required=True)


class PetitionAssigned(PetitionEvent):
    """The office that must answer was named (转送, 交办, 自办), with those that assist it.

    `round` counts the assignments of a petition; `report_due` is the last day for the report of a 交办;
    `final`: a common superior named the office, which may not object (Art. 24). Where a rule named it:
    `principle` is 属地, 主管 or 上一级, and `data_version` that of the directory and the rules.
    """

    type, publisher = "petition.assigned", "routing"
    by = one_of(("rule", "person"))
    rule = fields.String(required=True, allow_none=True)
    principle = fields.String(required=True, allow_none=True, validate=validate.OneOf(PRINCIPLES))
    data_version = fields.String(required=True, allow_none=True)
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
    body_levels = fields.List(one_of(BODY_LEVELS), required=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    hours = fields.String(required=True, allow_none=True)
    threshold = fields.Float(required=True, allow_none=True, validate=validate.Range(0, 1))
