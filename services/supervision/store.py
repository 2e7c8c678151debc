"""The case, its duties, and what falls due."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, MetaData, Table, text

from contracts.checks import check_event
from contracts.flows import sources_of
from contracts.public import PublicFields
from kit.due import due_mapping
from kit.identity import Visible
from kit.offices import office_mapping
from kit.rows import columns_of, mapped
from kit.tables import bus_tables
from kit.templates import template_table
from kit.unit import Model

metadata = MetaData(schema="supervision")
bus = bus_tables(metadata)


@dataclass
class Case(PublicFields):
    """The case under way: one row from registration to the end; what was written stands in others.

    `round` counts handlings (a redo begins the next), `stage` is the proceeding under way. `sender` has
    assigned it by `method`; `declined` says who did not accept it and why (cause, article). `instead` is the
    superior that decides what the head of the office decides, who has stepped aside (Art. 28).
    """

    sealed: bool
    offices: list[str]
    barred: list[str]
    step_at: datetime
    round: int = 1
    stage: str = "handle"
    sender: str | None = None
    method: str | None = None
    declined: dict[str, Any] | None = None
    repeat_of: str | None = None
    procedure: str | None = None
    assigned_at: datetime | None = None
    signed_at: datetime | None = None
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    served_on: date | None = None
    closed_at: datetime | None = None
    final_at: datetime | None = None
    final_reason: str | None = None
    rated_at: datetime | None = None
    collective: bool = False
    instead: str | None = None
    urgent: bool = False

    def told(self) -> dict[str, Any]:
        """What every event of it carries."""
        return {"petition": self.public()}

    def event(self, type_: str) -> str:
        """The type of an event of it."""
        return type_


@dataclass
class Affair:
    """What is owed about no one petition: a proposal (三项建议), a yearly report; `about` is the petition that
    a proposal came from, if one. It has its own number, and duties as a case has them."""

    number: str
    kind: str
    division: str
    offices: list[str]
    barred: list[str]
    sealed: bool
    opened_at: datetime
    about: str | None = None

    def told(self) -> dict[str, Any]:
        """What every event of it carries."""
        return {"affair": self.number}

    def event(self, type_: str) -> str:
        """The type of an event of it: what is told of a petition as `order.issued` is `affair.issued` here."""
        return f"affair.{type_.partition('.')[2]}"


Holder = Case | Affair
"""What has duties."""


@dataclass
class Order:
    """督办、报告、建议: what `issuer` demands of `office`; its text is sealed. `owed` names the duty that runs for
    it now (`order:1`, `confirm:1`). `state` is open, answered, accepted or lifted."""

    number: str
    round: int
    kind: str
    issuer: str
    office: str
    reason: str | None
    text: bytes | None
    issued_at: datetime
    state: str = "open"
    owed: str | None = None
    ended_at: datetime | None = None


@dataclass
class Reply:
    """回复: what the body answered (`adopted`: whether it follows a proposal), and what the issuer said of it;
    both sealed. `order` is the round of the demand."""

    number: str
    order: int
    round: int
    office: str
    text: bytes
    at: datetime
    adopted: bool | None = None
    verdict: str | None = None
    note: bytes | None = None
    decided_at: datetime | None = None


@dataclass
class Mediation:
    """调解、和解 (Art. 33): who was there (sealed), what was agreed (sealed), and which claims it settles."""

    number: str
    round: int
    handling: int
    kind: str
    office: str
    held_on: date
    parties: bytes
    agreed: bool
    claims: list[int]
    text: bytes | None
    at: datetime


@dataclass
class FollowUp:
    """回访: whether what was answered was carried out, as the petitioner said it; sealed."""

    number: str
    round: int
    handling: int
    office: str
    followed_on: date
    method: str
    result: str
    text: bytes
    at: datetime


@dataclass
class UrgentMark:
    """标为紧急 (Art. 25): who found out after registration that a matter is major or urgent, and what makes it so
    (sealed)."""

    number: str
    office: str
    circumstances: bytes
    at: datetime


@dataclass
class UrgentReport:
    """直报、续报 (Art. 25): what was reported of a major or urgent matter (sealed), to whom, how, when; `ordinal` 1
    is the first, `at` is when it was recorded."""

    number: str
    ordinal: int
    office: str
    to: list[str]
    method: str
    reported_at: datetime
    text: bytes
    at: datetime


@dataclass
class Claim:
    """诉求: one thing that is asked for; its branch decides on its way (Art. 29-31), its text is intake's."""

    number: str
    ordinal: int
    type: str
    branch: str
    outcome: str | None = None


@dataclass
class Proceeding:
    """办理, 复查, 复核: one stage, with its four moments and the opinion that ends it (sealed).

    `outside`: the body that decides belongs to a higher site; `office` records what it decided.
    """

    number: str
    stage: str
    round: int
    office: str
    requested_on: date
    outside: bool = False
    grounds: bytes | None = None
    decided_at: datetime | None = None
    outcome: str | None = None
    opinion: bytes | None = None
    facts: bytes | None = None
    basis: bytes | None = None
    served_on: date | None = None
    service_method: str | None = None
    receipt: str | None = None


@dataclass
class Extension:
    """延长办理期限: asked for by the body, approved by its head, the reason told (Art. 34).

    `round` counts the requests, `handling` is the round of handling that it is about.
    """

    number: str
    round: int
    handling: int
    days: int
    reason: bytes
    asked_at: datetime
    decided_at: datetime | None = None
    approved: bool | None = None


@dataclass
class Contribution:
    """协办意见: what an assisting office gave to the one that answers; sealed."""

    number: str
    round: int
    office: str
    text: bytes
    at: datetime


@dataclass
class Document:
    """文书: a numbered paper of one office; `about` is the step that it tells. It is printed by a job, and
    stands printed in `document_file` under its hash. `note` is what the officer had put on it, sealed."""

    number: str
    ordinal: int
    kind: str
    about: str
    office: str
    year: int
    serial: int
    code: str
    issued_at: datetime
    issued_by: str
    note: bytes | None = None
    printed_at: datetime | None = None
    sha256: str | None = None
    void_at: datetime | None = None
    voided: str | None = None


@dataclass
class DocumentFile:
    """The printed paper, sealed: it names people."""

    number: str
    ordinal: int
    content: bytes
    size: int


@dataclass
class Duty:
    """责任: who owes what, on what ground, from when until when, and how it ended.

    `rule` is the version it began under, `zero` the day of the event, `length` in the rule's units with
    extensions, `pauses` ISO 8601 intervals of days (`2026-03-02/2026-03-05`, `2026-03-02/..`) that are
    not counted. `warn_at` and `due_at` follow from them and the calendar; None while it is paused.
    `state` is open, fulfilled, lapsed or void; `missed_at` stays set where it was fulfilled too late.
    """

    number: str
    kind: str
    round: int
    office: str
    rule: str
    ground: str
    started_at: datetime
    zero: date
    length: int
    pauses: list[str]
    warn_at: datetime | None
    due_at: datetime | None
    state: str
    warned_at: datetime | None = None
    missed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def item(self) -> str:
        """The name of its due row."""
        return f"{self.number}:{self.kind}:{self.round}"


@dataclass
class CalendarDay:
    """One day that is not what its weekday says, as this office was told."""

    day: date
    working: bool
    name: str
    source: str
    imported_at: datetime


@dataclass
class Limit:
    """A site's own version of one of its limits, from a day on (`clocks.version`)."""

    kind: str
    valid_from: date
    length: int
    unit: str
    warn: int
    source: str
    imported_at: datetime


CASE = mapped(
    metadata,
    "case",
    Case,
    ("number",),
    Index("case_offices", "offices", postgresql_using="gin"),
    Index("case_status", "status", "registered_at"),
    Index("case_office", "office", "status", "registered_at"),
    Index("case_registered", "registered_at", "number"),
    Index("case_urgent", "registered_at", "number", postgresql_where=text("urgent")),
)
DUTY = mapped(
    metadata,
    "duty",
    Duty,
    ("number", "kind", "round"),
    Index("duty_open", "office", "due_at", postgresql_where=text("state = 'open'")),
    Index("duty_due", "due_at", postgresql_where=text("state = 'open'")),
)
CLAIM = mapped(metadata, "claim", Claim, ("number", "ordinal"), rare=True)
PROCEEDING = mapped(metadata, "proceeding", Proceeding, ("number", "stage", "round"), rare=True)
CONTRIBUTION = mapped(
    metadata, "contribution", Contribution, ("number", "round", "office"), rare=True
)
EXTENSION = mapped(metadata, "extension", Extension, ("number", "round"), rare=True)
DOCUMENT = mapped(
    metadata,
    "document",
    Document,
    ("number", "ordinal"),
    Index("document_serial", "office", "kind", "year", "serial", unique=True),
    rare=True,
)
DOCUMENT_FILE = mapped(metadata, "document_file", DocumentFile, ("number", "ordinal"), loaded=False)
AFFAIR_MARK = re.compile(r"^[0-9]+[A-Z]{2}[0-9]+$")
AFFAIR = replace(
    mapped(
        metadata,
        "affair",
        Affair,
        ("number",),
        Index("affair_offices", "offices", postgresql_using="gin"),
    ),
    wants=lambda subject: AFFAIR_MARK.match(subject) is not None,
)
ORDER = mapped(
    metadata,
    "order",
    Order,
    ("number", "round"),
    Index("order_open", "issued_at", postgresql_where=text("ended_at IS NULL")),
    rare=True,
)
REPLY = mapped(metadata, "reply", Reply, ("number", "order", "round"), rare=True)
MEDIATION = mapped(metadata, "mediation", Mediation, ("number", "round"), rare=True)
FOLLOW_UP = mapped(metadata, "follow_up", FollowUp, ("number", "round"), rare=True)
URGENT_MARK = mapped(metadata, "urgent_mark", UrgentMark, ("number",), rare=True)
URGENT_REPORT = mapped(metadata, "urgent_report", UrgentReport, ("number", "ordinal"), rare=True)
case, duty, affair, order = CASE.table, DUTY.table, AFFAIR.table, ORDER.table
document, document_file = DOCUMENT.table, DOCUMENT_FILE.table
template = template_table(metadata)
calendar_day = Table("calendar_day", metadata, *columns_of(CalendarDay, ("day",)))
rule = Table("rule", metadata, *columns_of(Limit, ("kind", "valid_from")))

VISIBLE = Visible(case.c.number, case.c.offices, case.c.barred)
VISIBLE_AFFAIR = Visible(affair.c.number, affair.c.offices, affair.c.barred)

MODEL = Model(
    source="supervision",
    tables=bus,
    mappings=(
        CASE,
        DUTY,
        CLAIM,
        PROCEEDING,
        CONTRIBUTION,
        EXTENSION,
        DOCUMENT,
        DOCUMENT_FILE,
        AFFAIR,
        ORDER,
        REPLY,
        MEDIATION,
        FOLLOW_UP,
        URGENT_MARK,
        URGENT_REPORT,
        due_mapping(bus),
        office_mapping(bus),
    ),
    sources=sources_of("supervision"),
    check=check_event,
)
