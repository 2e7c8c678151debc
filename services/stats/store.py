"""Two grains, the case and the step; the differences they make (tally); and their sums (roll-ups).

A figure = roll-up + tally, read by one statement. The roller (`stats.rolling`) moves rows from the one to the
other, so that each difference stands in exactly one of them. What somebody is barred from is never rolled up: it
stays in the tally, with the offices that must not count it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Table,
    Text,
    text,
)

from contracts.checks import check_event
from contracts.flows import sources_of
from contracts.public import PublicFields
from kit.identity import Visible
from kit.offices import office_mapping
from kit.rows import mapped, serial
from kit.templates import template_table
from kit.unit import Model
from stats.assessments.rows import ASSESSMENT, SCORE, SCORE_SHEET
from stats.tables import bus as bus
from stats.tables import metadata as metadata


@dataclass
class Fact(PublicFields):
    """The case as statistics see it: codes and instants, nothing of a person.

    `recorded_on`: the day on which its registration was recorded; `given_back`: an objection was agreed to, and nobody
    has it yet; `reviewer`: the body that was last asked to review; `inherited`: the day of a succession → who stood
    before in which column (`registered_by`, `office`). The last lines follow from the others
    (`stats.domain.cases.derive`).
    """

    sealed: bool
    offices: list[str]
    barred: list[str]
    size: str
    recorded_on: date
    turn: str = "first"
    repeat_of: str | None = None
    forwarded_at: datetime | None = None
    assigned_at: datetime | None = None
    signed_at: datetime | None = None
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    served_at: datetime | None = None
    served_before: datetime | None = None
    closed_at: datetime | None = None
    final_at: datetime | None = None
    ended_at: datetime | None = None
    withdrawn_at: datetime | None = None
    declined_at: datetime | None = None
    rated_at: datetime | None = None
    review_decided_at: datetime | None = None
    outcome: str | None = None
    rating: str | None = None
    sender_rating: str | None = None
    bounced: bool = False
    given_back: bool = False
    extended: bool = False
    sent_back: bool = False
    reviewed: bool = False
    reviewer: str | None = None
    overturned: bool = False
    inherited: dict[str, Any] = field(default_factory=dict)
    rate_due: datetime | None = None
    forward_in_time: bool | None = None
    accept_in_time: bool | None = None
    answer_in_time: bool | None = None
    close_in_time: bool | None = None
    days_to_accept: int | None = None
    days_to_answer: int | None = None


@dataclass
class Transition:
    """One event of one petition: what happened, when, when it was recorded here, and with whom it was then."""

    number: str
    source: str
    sequence: int
    type: str
    measure: str | None
    office: str
    division: str
    at: datetime
    recorded_at: datetime


@dataclass
class Tally:
    """`n` more (or less) of a measure on a day, for one cell of the dimensions: a difference, never changed.

    `apart`: of a petition that somebody must not know of (Art. 28, 30); whoever is `barred` does not count it.
    """

    day: date
    recorded_on: date
    measure: str
    office: str
    division: str
    channel: str
    type: str
    category: str
    turn: str
    size: str
    apart: bool
    n: int
    barred: list[str]


@dataclass
class Return:
    """月报 of one office and month, each by edition (`stats.domain.editions`): `counted`, its lines as they were
    counted when it was drawn up, and `figures`, the same with what was corrected.

    `later`: month → line → by how much what was signed before would be told otherwise when this one was drawn up.
    `version`: of what is seen, another with each drawing and correction. `signed_before`: how many returns of the office
    were signed when this one was drawn up.
    """

    id: str
    office: str
    month: date
    counted: dict[str, Any]
    figures: dict[str, Any]
    later: dict[str, Any]
    version: int
    signed_before: int
    state: str
    drawn_at: datetime
    drawn_by: str
    signed_at: datetime | None = None
    signed_by: str | None = None


@dataclass
class Correction:
    """更正 of a line before it was signed, by edition; the reason is sealed."""

    id: str
    ordinal: int
    item: str
    was: dict[str, Any]
    now: dict[str, Any]
    reason: bytes
    by: str
    at: datetime


@dataclass
class Report:
    """报告 of one office and period, drawn up for the `version`th time. Its figures are frozen, for each edition:
    `own` for the office itself, `open` without what some office must not know of (Art. 30). `addition`: the office's
    own paragraphs (补充内容), sealed."""

    id: str
    version: int
    office: str
    kind: str
    period: str
    since: date
    until: date
    figures: dict[str, Any]
    state: str
    drawn_at: datetime
    drawn_by: str
    job: int | None = None
    problem: str | None = None
    printed_at: datetime | None = None
    issued_at: datetime | None = None
    issued_by: str | None = None
    addition: bytes | None = None


@dataclass
class Series:
    """A bulletin that an office brings out (《人民来访快报》)."""

    office: str
    ordinal: int
    name: str
    begun_at: datetime


@dataclass
class Bulletin:
    """简报: one issue of a series, numbered when it is issued. Title, text and the reason of voiding are sealed.

    `revision` counts its changes: what is issued is what was seen.
    """

    id: str
    office: str
    series: int
    title: bytes
    text: bytes
    state: str
    revision: int
    drafted_at: datetime
    drafted_by: str
    year: int | None = None
    serial: int | None = None
    issued_at: datetime | None = None
    issued_by: str | None = None
    void_at: datetime | None = None
    void_by: str | None = None
    cause: bytes | None = None
    job: int | None = None
    problem: str | None = None
    printed_at: datetime | None = None


@dataclass
class Printed:
    """A printed report or bulletin, sealed. `version` and `edition` are a report's; of a bulletin there is one."""

    id: str
    version: int
    edition: str
    format: str
    content: bytes
    sha256: str
    size: int


def _when(name: str, *, start: str = "fact") -> Index:
    """Cases by one of their instants, for lists and for figures of more dimensions than roll-ups have."""
    known = None if name == "registered_at" else text(f"{name} IS NOT NULL")
    return Index(f"{start}_{name}", name, "number", postgresql_where=known)


INHERITED = text("inherited <> '{}'")
"""Cases that an office had from one that was abolished, by an index of them alone."""
FACT = mapped(
    metadata,
    "fact",
    Fact,
    ("number",),
    Index("fact_offices", "offices", postgresql_using="gin"),
    Index(
        "fact_open", "registered_at", "number", postgresql_where=text("ended_at IS NULL")
    ),
    Index("fact_inherited", "number", postgresql_where=INHERITED),
    Index("fact_repeat", "repeat_of", postgresql_where=text("repeat_of IS NOT NULL")),
    *(
        _when(name)
        for name in (
            "registered_at", "forward_due", "accept_due", "answer_due", "rate_due", "assigned_at",
            "accepted_at", "answered_at", "served_at", "closed_at", "rated_at", "review_decided_at",
        )
    ),
)  # fmt: skip
TRANSITION = mapped(
    metadata,
    "transition",
    Transition,
    ("number", "source", "sequence"),
    Index("transition_measure", "measure", "at", "number", postgresql_where=text("measure IS NOT NULL")),
    rare=True,
)  # fmt: skip
TALLY = mapped(
    metadata,
    "tally",
    Tally,
    (),
    serial("id"),
    Index("tally_day", "measure", "day"),
    Index("tally_fresh", "id", postgresql_where=text("NOT apart")),
    loaded=False,
)
RETURN = mapped(
    metadata, "monthly_return", Return, ("id",), Index("monthly_return_month", "month"),
    subject="id", rare=True,
)  # fmt: skip
CORRECTION = mapped(metadata, "correction", Correction, ("id", "ordinal"), subject="id", rare=True)
REPORT = mapped(
    metadata, "report", Report, ("id", "version"), Index("report_since", "since", "office"),
    subject="id", rare=True,
)  # fmt: skip
SERIES = mapped(metadata, "series", Series, ("office", "ordinal"), subject="office", rare=True)
BULLETIN = mapped(
    metadata, "bulletin", Bulletin, ("id",), Index("bulletin_series", "office", "series", "year", "serial"),
    subject="id", rare=True,
)  # fmt: skip
PRINTED = mapped(
    metadata, "printed", Printed, ("id", "version", "edition", "format"), subject="id", loaded=False
)
report, series, bulletin, printed = REPORT.table, SERIES.table, BULLETIN.table, PRINTED.table
template = template_table(metadata)
monthly_return, correction = RETURN.table, CORRECTION.table
fact, transition, tally = FACT.table, TRANSITION.table, TALLY.table


def _rollup(name: str, time: str) -> Table:
    """Sums by one dimension at one place. `axis`: `division` (with everything in it; '' is the whole site),
    `place` (the very division), `office` (the very office). `dim`: '' or what `value` is a value of."""
    words = [Column(n, Text, primary_key=True) for n in ("measure", "axis", "place", "dim")]
    return Table(
        name,
        metadata,
        *words,
        Column(time, Date, primary_key=True, autoincrement=False),
        Column("value", Text, primary_key=True),
        Column("recorded_on", Date, primary_key=True, autoincrement=False),
        Column("n", BigInteger, nullable=False),
        Index(f"{name}_recorded", "recorded_on", postgresql_where=text("recorded_on > '1970-01-01'")),
    )  # fmt: skip


by_day, by_month = _rollup("by_day", "day"), _rollup("by_month", "month")
compacted = Table(
    "compacted",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("until", Date, nullable=False),
)
"""One row: differences recorded up to `until` are one; there is no telling any more how figures stood before."""

category_name = Table(
    "category_name",
    metadata,
    Column("id", Text, primary_key=True),
    Column("parent", Text),
    Column("name", Text, nullable=False),
)
"""What content categories are called (stats.categories)."""

COUNTED = Visible(tally.c.id, tally.c.barred, tally.c.barred)
"""Figures are everybody's (`COUNTED.open_to`), save for what one is barred from."""
VISIBLE = Visible(fact.c.number, fact.c.offices, fact.c.barred)

MODEL = Model(
    source="stats",
    tables=bus,
    mappings=(
        FACT,
        TRANSITION,
        TALLY,
        RETURN,
        CORRECTION,
        REPORT,
        SERIES,
        BULLETIN,
        PRINTED,
        ASSESSMENT,
        SCORE_SHEET,
        SCORE,
        office_mapping(bus),
    ),
    sources=sources_of("stats"),
    check=check_event,
)
