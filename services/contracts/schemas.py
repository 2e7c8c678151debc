"""The published language: the data of every event, by type and version.

`petition` is the public state in full, in every petition event, so that an outside subscriber needs no
other. No name, phone, address or text of a person ever stands here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

CHANNELS = (
    "letter", "visit", "call", "web", "mobile", "wechat", "mailbox", "visit_down", "proxy",
)  # fmt: skip
"""信访形式: 来信, 来访, 来电, 网上, 手机, 微信, 领导信箱, 下访, 代办."""
TYPES = ("suggestion", "request", "accusation", "enquiry", "other")
"""信访目的: 意见建议, 申诉求决, 检举控告, 咨询, 其他 (条例 Art. 29-31)."""
STATUSES = (
    "registered", "located", "assigned", "signed", "accepted", "answered", "served", "closed",
)  # fmt: skip
METHODS = ("transfer", "assign", "self")
"""转送, 交办, 自办."""
OUTCOMES = ("supported", "explained", "not_supported")
"""支持, 作出解释说明, 不予支持 (Art. 32)."""
SERVICE_METHODS = ("in_person", "post", "other")
"""送达方式: 当面, 邮寄, 其他."""
RATINGS = ("satisfied", "basic", "unsatisfied")
"""满意, 基本满意, 不满意."""
DUTIES = ("forward", "answer")
"""D1: 15 days to forward (Art. 22); D6: 60 days to finish (Art. 34)."""


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
    answer_due = fields.AwareDateTime(required=True, allow_none=True)


class EventSchema(Schema):
    """The data of one type of event. `publisher` is the service that may send it."""

    type: ClassVar[str]
    version: ClassVar[int] = 1
    publisher: ClassVar[str]


class PetitionEvent(EventSchema):
    """Every petition event carries the public state as it is after the event."""

    petition = fields.Nested(PublicState, required=True)


# -- intake ----------------------------------------------------------------------------------------


class PetitionRegistered(PetitionEvent):
    """A petition was registered (登记). `chosen_division` is the place a clerk chose, if any."""

    type, publisher = "petition.registered", "intake"
    chosen_division = division(required=True, allow_none=True)


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


class PetitionAssigned(PetitionEvent):
    """The office that must answer was named (转送, 交办, 自办)."""

    type, publisher = "petition.assigned", "routing"
    by = one_of(("rule", "person"))
    rule = fields.String(required=True, allow_none=True)
    method = one_of(METHODS)
    from_office = fields.String(required=True, allow_none=True)


class PetitionSigned(PetitionEvent):
    """The office signed for it (签收)."""

    type, publisher = "petition.signed", "routing"


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


# -- supervision -----------------------------------------------------------------------------------


class PetitionAccepted(PetitionEvent):
    """The office accepted the matter (受理); the 60 days run from here (Art. 34)."""

    type, publisher = "petition.accepted", "supervision"


class PetitionAnswered(PetitionEvent):
    """The handling opinion was given (处理意见); its text stays in supervision."""

    type, publisher = "petition.answered", "supervision"
    outcome = one_of(OUTCOMES)


class PetitionServed(PetitionEvent):
    """The opinion reached the petitioner (送达)."""

    type, publisher = "petition.served", "supervision"
    method = one_of(SERVICE_METHODS)
    served_on = fields.Date(required=True)


class PetitionClosed(PetitionEvent):
    """The matter was closed (办结). `on_time`: before the 60 days ended, None where none ran."""

    type, publisher = "petition.closed", "supervision"
    on_time = fields.Boolean(required=True, allow_none=True)


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
    PetitionRated,
    PetitionLocated,
    PetitionAssigned,
    PetitionSigned,
    OfficeChanged,
    PetitionAccepted,
    PetitionAnswered,
    PetitionServed,
    PetitionClosed,
    DutyApproaching,
    DutyMissed,
    AccountChanged,
)
