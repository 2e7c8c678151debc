"""Bodies and answers of intake's routes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from contracts.codes import BRANCHES, CHANNELS, RATINGS, RECEPTIONS, TYPES
from contracts.schemas import Pattern, division, one_of
from intake.domain import documents
from kit.http import Line, Text
from kit.problems import Message

PHONE = r"^\+?[0-9][0-9-]{4,19}$"


class PersonIn(Schema):
    """One person: the petitioner, a representative, or an agent."""

    role = fields.String(
        load_default="petitioner",
        validate=validate.OneOf(("petitioner", "representative", "agent")),
    )
    name = Line(60, required=True)
    id_kind = fields.String(
        load_default="resident", validate=validate.OneOf(tuple(documents.KINDS))
    )
    id_number = fields.String(load_default=None, allow_none=True)
    phone = fields.String(load_default=None, allow_none=True, validate=Pattern(PHONE))
    address = Line(200, load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=False)
    def _valid_id(self, data: dict[str, Any], **_: Any) -> None:
        """Only what is certainly wrong is refused (domain.documents)."""
        kind, number = data.get("id_kind"), data.get("id_number")
        if kind and number and (fault := documents.check(kind, number)):
            code, zh, en = fault
            raise ValidationError(Message(en, zh, code), "id_number")


class ClaimIn(Schema):
    """诉求: one thing that is asked for, with the branch that the counter proposes (Art. 29-31)."""

    type = one_of(TYPES)
    branch = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(BRANCHES))
    text = Text(4000, load_default=None, allow_none=True)


class RegisterIn(Schema):
    """登记: one petition."""

    channel = one_of(CHANNELS)
    type = one_of(TYPES)
    category = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))
    title = Line(60, load_default=None, allow_none=True)
    text = Text(20_000, required=True)
    received_on = fields.Date(required=True)
    division = division(load_default=None, allow_none=True)
    head_count = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 100_000))
    household_count = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 100_000)
    )
    anonymous = fields.Boolean(load_default=False)
    people = fields.List(
        fields.Nested(PersonIn), load_default=list, validate=validate.Length(max=20)
    )
    complained_about = Line(120, load_default=None, allow_none=True)
    accused = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        load_default=list,
        validate=validate.Length(max=10),
    )
    postmarked_on = fields.Date(load_default=None, allow_none=True)
    barcode = Line(40, load_default=None, allow_none=True)
    urgent = fields.Boolean(load_default=False)
    simple = fields.Boolean(load_default=False)
    confidential = fields.Boolean(load_default=False)
    claims = fields.List(
        fields.Nested(ClaimIn), load_default=list, validate=validate.Length(max=10)
    )
    source_ref = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 80))
    registered_at = fields.AwareDateTime(load_default=None, allow_none=True)

    @pre_load
    def _blank_is_none(self, data: Any, **_: Any) -> Any:
        """An empty form field is no value."""
        if isinstance(data, dict):
            return {k: (None if v == "" and k not in ("text",) else v) for k, v in data.items()}
        return data


class SuggestIn(Schema):
    """A text before it is registered, and its purpose where it is known."""

    text = Text(20_000, required=True)
    type = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(TYPES))


class SuggestionOut(Schema):
    category = fields.String(required=True)
    words = fields.List(fields.String(), required=True)


class SuggestionsOut(Schema):
    suggestions = fields.List(fields.Nested(SuggestionOut), required=True)


class RegisteredOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)
    query_code = fields.String(required=True)


class DoneOut(Schema):
    """Every command's answer: which petition, and how far this service's log is for it."""

    number = fields.String(required=True)
    sequence = fields.String(required=True)


class RateIn(Schema):
    petition_office = one_of(RATINGS)
    responsible_office = one_of(RATINGS)
    comment = Text(1000, load_default=None, allow_none=True)


class SupplementIn(Schema):
    """补充."""

    text = Text(20_000, required=True)


class AttachQuery(Schema):
    """Whether the file says who petitions (身份证明)."""

    identity = fields.Boolean(load_default=False)


class AttachedOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)
    ordinal = fields.Integer(required=True)


class ReceptionIn(Schema):
    """接待安排: one session. Who receives is an office or title; no petitioner stands in it."""

    kind = one_of(RECEPTIONS)
    day = fields.Date(required=True)
    hours = Line(60, load_default=None, allow_none=True)
    place = Line(120, required=True)
    receivers = Line(200, required=True)
    offices = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        load_default=list,
        validate=validate.Length(max=30),
    )
    published = fields.Boolean(load_default=False)
    cancelled = fields.Boolean(load_default=False)
    note = Text(2000, load_default=None, allow_none=True)


class ReceptionsOut(Schema):
    receptions = fields.List(fields.Dict(), required=True)


class ReceptionOut(Schema):
    reception = fields.Dict(required=True)
    entries = fields.List(fields.Dict(), required=True)
    sequence = fields.String(required=True)


class RecordIn(Schema):
    """接待登记: the session, what was agreed and until when."""

    reception = fields.String(required=True, validate=validate.Length(1, 40))
    agreement = Text(4000, load_default=None, allow_none=True)
    promised_on = fields.Date(load_default=None, allow_none=True)


class FollowUpIn(Schema):
    """回访: whether it was done, and what was found."""

    reception = fields.String(required=True, validate=validate.Length(1, 40))
    kept = fields.Boolean(required=True)
    text = Text(4000, required=True)


class EmptyIn(Schema):
    """A command with nothing to say."""


class LinkIn(Schema):
    """重复件: the earlier petition."""

    repeat_of = fields.String(required=True, validate=validate.Length(1, 40))


class LinkedOut(Schema):
    number = fields.String(required=True)
    sequence = fields.String(required=True)
    repeat_of = fields.String(required=True)


class RepeatsOut(Schema):
    candidates = fields.List(fields.Dict(), required=True)


class WithdrawIn(Schema):
    """撤回, with the petitioner's reason."""

    reason = Text(1000, load_default=None, allow_none=True)


class TokenIn(Schema):
    number = fields.String(required=True, validate=validate.Length(1, 40))
    code = fields.String(required=True, validate=validate.Length(1, 40))


class TokenOut(Schema):
    token = fields.String(required=True)
    expires_in = fields.Integer(required=True)


class PersonOut(Schema):
    role = fields.String(required=True)
    name = fields.String(required=True)
    id_kind = fields.String(required=True, allow_none=True)
    id_number = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)


class PetitionOut(Schema):
    """The petition with masked people."""

    petition = fields.Dict(required=True)
    title = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    sealed = fields.Boolean(required=True)
    anonymous = fields.Boolean(required=True)
    complained_about = fields.String(required=True, allow_none=True)
    people = fields.List(fields.Nested(PersonOut), required=True)
    claims = fields.List(fields.Dict(), required=True)
    supplements = fields.List(fields.Dict(), required=True)
    attachments = fields.List(fields.Dict(), required=True)
    receptions = fields.List(fields.Dict(), required=True)
    postmarked_on = fields.String(required=True, allow_none=True)
    barcode = fields.String(required=True, allow_none=True)
    urgent = fields.Boolean(required=True)
    confidential = fields.Boolean(required=True)
    collective = fields.Boolean(required=True)
    repeat_of = fields.String(required=True, allow_none=True)
    contested = fields.Boolean(required=True)
    rating = fields.Dict(required=True, allow_none=True)
    sequence = fields.String(required=True)


class ReasonIn(Schema):
    """Why somebody wants to see who petitioned."""

    reason = Line(200, required=True)


class PeopleOut(Schema):
    people = fields.List(fields.Nested(PersonOut), required=True)


class TimelineOut(Schema):
    entries = fields.List(fields.Dict(), required=True)


class NumbersIn(Schema):
    numbers = fields.List(fields.String(), required=True, validate=validate.Length(1, 500))


class TitlesOut(Schema):
    titles = fields.Dict(required=True)


class SearchIn(Schema):
    """Exact person (name, phone, id number) or words of the text."""

    name = fields.String(load_default=None)
    phone = fields.String(load_default=None)
    id_number = fields.String(load_default=None)
    words = fields.String(load_default=None, validate=validate.Length(2, 60))


class SearchOut(Schema):
    numbers = fields.List(fields.String(), required=True)
    narrow = fields.Boolean(required=True)


class PlaceTextsOut(Schema):
    texts = fields.Dict(required=True)


class PaperQuery(Schema):
    """The paper that is to be printed: its number, the office that gives it, the officer who issued it."""

    office = fields.String(required=True, validate=validate.Length(1, 64))
    paper = fields.String(required=True, validate=validate.Length(1, 64))
    officer = fields.String(required=True, validate=validate.Length(1, 64))


class AddresseeOut(Schema):
    names = fields.List(fields.String(), required=True)
    address = fields.String(required=True)
    hidden = fields.Boolean(required=True)
    title = fields.String(required=True)
    claims = fields.List(fields.Dict(), required=True)
