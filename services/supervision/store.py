"""The case, its duties, and what falls due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Index, MetaData, Table, text

from contracts.checks import check_event
from contracts.flows import sources_of
from contracts.public import PublicFields
from kit.due import due_mapping
from kit.identity import Visible
from kit.offices import office_mapping
from kit.rows import columns_of, mapped
from kit.tables import bus_tables
from kit.unit import Model

metadata = MetaData(schema="supervision")
bus = bus_tables(metadata)


@dataclass
class Case(PublicFields):
    """The case under way: one row from registration to the end; what was written stands in others.

    `round` counts handlings (a redo begins the next), `stage` is the proceeding under way; `instead` is the superior
    that decides what the head of the office decides, who has stepped aside (Art. 28).
    """

    sealed: bool
    offices: list[str]
    barred: list[str]
    step_at: datetime
    round: int = 1
    stage: str = "handle"
    sender: str | None = None
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
    instead: str | None = None


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


CASE = mapped(
    metadata,
    "case",
    Case,
    ("number",),
    Index("case_offices", "offices", postgresql_using="gin"),
    Index("case_status", "status", "registered_at"),
    Index("case_office", "office", "status", "registered_at"),
    Index("case_registered", "registered_at", "number"),
)
DUTY = mapped(
    metadata,
    "duty",
    Duty,
    ("number", "kind", "round"),
    Index("duty_open", "office", "due_at", postgresql_where=text("state = 'open'")),
    Index("duty_due", "due_at", postgresql_where=text("state = 'open'")),
)
CLAIM = mapped(metadata, "claim", Claim, ("number", "ordinal"))
PROCEEDING = mapped(metadata, "proceeding", Proceeding, ("number", "stage", "round"))
CONTRIBUTION = mapped(metadata, "contribution", Contribution, ("number", "round", "office"))
EXTENSION = mapped(metadata, "extension", Extension, ("number", "round"))
case, duty = CASE.table, DUTY.table
calendar_day = Table("calendar_day", metadata, *columns_of(CalendarDay, ("day",)))

VISIBLE = Visible(case.c.number, case.c.offices, case.c.barred)

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
        due_mapping(bus),
        office_mapping(bus),
    ),
    sources=sources_of("supervision"),
    check=check_event,
)
