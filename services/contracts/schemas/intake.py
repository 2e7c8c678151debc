"""Events of intake."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from contracts.codes import BODY_LEVELS, BRANCHES, RATINGS, RECEPTIONS, TYPES
from contracts.schemas.base import EventSchema, PetitionEvent, code, division, one_of


class ClaimSchema(Schema):
    """诉求: one thing that is asked for, without its words. `branch` is what the counter proposes."""

    ordinal = fields.Integer(required=True, validate=validate.Range(min=1))
    type = one_of(TYPES)
    branch = fields.String(required=True, allow_none=True, validate=validate.OneOf(BRANCHES))


class PetitionRegistered(PetitionEvent):
    """A petition was registered (登记). `chosen_division` is the place a clerk chose, if any.

    `collective` says whether so many persons make it a joint one (集体访), by the rule of its day.
    `barred` names the offices complained about, in sealed petitions alone (Art. 30); of others `about_office`
    and `about_level` say, as far as the register knows, which office it is and of which level.
    """

    type, publisher = "petition.registered", "intake"
    chosen_division = division(required=True, allow_none=True)
    barred = fields.List(fields.String(), required=True)
    about_office = fields.String(required=True, allow_none=True)
    about_level = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(BODY_LEVELS)
    )
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
