"""Two grains and their tallies: the case, the transition, and append-only differences by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Index, MetaData

from contracts.checks import check_event
from contracts.flows import sources_of
from contracts.public import PublicFields
from kit.identity import Visible
from kit.offices import office_mapping
from kit.rows import mapped, serial
from kit.tables import bus_tables
from kit.unit import Model

metadata = MetaData(schema="stats")
bus = bus_tables(metadata)


@dataclass
class Fact(PublicFields):
    """The case as statistics see it: codes and instants, nothing of a person."""

    sealed: bool
    offices: list[str]
    barred: list[str]
    assigned_at: datetime | None = None
    signed_at: datetime | None = None
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    rated_at: datetime | None = None
    on_time: bool | None = None
    rating: str | None = None
    outcome: str | None = None


@dataclass
class Transition:
    """One event of one petition: what happened, when, and when it was recorded here."""

    number: str
    source: str
    sequence: int
    type: str
    at: datetime
    recorded_at: datetime


@dataclass
class Tally:
    """`n` more of a measure on a day, for one cell of the dimensions (a difference, never changed).

    `barred` is that of the petition: whoever must not know of it does not count it either (Art. 30).
    """

    day: date
    recorded_on: date
    measure: str
    office: str
    division: str
    channel: str
    type: str
    n: int
    barred: list[str]


FACT = mapped(
    metadata,
    "fact",
    Fact,
    ("number",),
    Index("fact_offices", "offices", postgresql_using="gin"),
    Index("fact_registered", "registered_at"),
)
TRANSITION = mapped(
    metadata, "transition", Transition, ("number", "source", "sequence"), loaded=False
)
TALLY = mapped(
    metadata,
    "tally",
    Tally,
    (),
    serial("id"),
    Index("tally_day", "day", "measure"),
    loaded=False,
)
fact, transition, tally = FACT.table, TRANSITION.table, TALLY.table

COUNTED = Visible(tally.c.id, tally.c.barred, tally.c.barred)
"""Figures are everybody's (`COUNTED.open_to`), save for what one is barred from."""
VISIBLE = Visible(fact.c.number, fact.c.offices, fact.c.barred)

MODEL = Model(
    source="stats",
    tables=bus,
    mappings=(FACT, TRANSITION, TALLY, office_mapping(bus)),
    sources=sources_of("stats"),
    check=check_event,
)
