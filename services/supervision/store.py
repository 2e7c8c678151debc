"""The case, its duties, and what falls due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Index, MetaData, text

from contracts.checks import check_event
from contracts.flows import sources_of
from contracts.public import PublicFields
from kit.due import due_mapping
from kit.identity import Visible
from kit.offices import office_mapping
from kit.rows import mapped
from kit.tables import bus_tables
from kit.unit import Model

metadata = MetaData(schema="supervision")
bus = bus_tables(metadata)


@dataclass
class Case(PublicFields):
    """The case under way: one row from registration to the end, no text save the sealed opinion."""

    sealed: bool
    offices: list[str]
    barred: list[str]
    step_at: datetime
    assigned_at: datetime | None = None
    signed_at: datetime | None = None
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    served_on: date | None = None
    closed_at: datetime | None = None
    rated_at: datetime | None = None
    outcome: str | None = None
    opinion: bytes | None = None
    service_method: str | None = None


@dataclass
class Duty:
    """责任: who owes what, on what ground, from when until when, and how it ended.

    `state` is open, fulfilled or void; `missed_at` stays set where it was fulfilled too late.
    """

    number: str
    kind: str
    round: int
    office: str
    ground: str
    started_at: datetime
    due_at: datetime
    state: str
    warned_at: datetime | None = None
    missed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def item(self) -> str:
        """The name of its due row."""
        return f"{self.number}:{self.kind}:{self.round}"


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
case, duty = CASE.table, DUTY.table

VISIBLE = Visible(case.c.number, case.c.offices, case.c.barred)

MODEL = Model(
    source="supervision",
    tables=bus,
    mappings=(CASE, DUTY, due_mapping(bus), office_mapping(bus)),
    sources=sources_of("supervision"),
    check=check_event,
)
