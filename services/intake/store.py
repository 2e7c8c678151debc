"""The register's rows and tables. Personal fields are sealed by kit.vault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    select,
    text,
)

from contracts.checks import check_event
from contracts.flows import sources_of
from contracts.public import PublicFields
from kit.identity import Visible
from kit.offices import office_mapping
from kit.rows import mapped
from kit.tables import bus_tables
from kit.unit import Model, Unit

RECEPTIONS = "jd-"
"""What the number of a session begins with: no petition's does."""
metadata = MetaData(schema="intake")
bus = bus_tables(metadata)


@dataclass
class Petition(PublicFields):
    """信访件: one row of the register. `offices` may see it, `barred` and all under them may not."""

    chosen_division: str | None
    sealed: bool
    anonymous: bool
    title: str | None
    text: str | None
    sealed_text: bytes | None
    complained_about: str | None
    source_ref: str | None
    offices: list[str]
    barred: list[str]
    rated_at: datetime | None = None
    rating: dict[str, Any] | None = None
    rating_comment: bytes | None = None
    withdrawn_at: datetime | None = None
    repeat_of: str | None = None
    contested_at: datetime | None = None
    postmarked_on: date | None = None
    barcode: str | None = None
    urgent: bool = False
    confidential: bool = False
    collective: bool = False


@dataclass
class Supplement:
    """补充: what the petitioner added later; `sequence` is that of its event."""

    number: str
    sequence: int
    at: datetime
    by_petitioner: bool
    text: str | None
    sealed_text: bytes | None


@dataclass
class Claim:
    """诉求: one thing that is asked for. Its words are its own, or the petition's where it is the only one."""

    number: str
    ordinal: int
    type: str
    branch: str | None
    text: str | None
    sealed_text: bytes | None


@dataclass
class Person:
    """信访人 or representative; every field that says who is sealed."""

    number: str
    ordinal: int
    role: str
    name: bytes
    id_kind: str | None
    id_number: bytes | None
    phone: bytes | None
    address: bytes | None
    name_index: bytes
    id_index: bytes | None
    phone_index: bytes | None


@dataclass
class Attachment:
    """附件: what is known of a file. Its content stands apart under its SHA-256, which is shown to nobody.

    `state` belongs to this petition's file, not to the content: whoever files the same bytes elsewhere
    learns nothing from it. `identity` marks papers that say who petitions; they are shown as people are.
    """

    number: str
    ordinal: int
    name: bytes
    kind: str
    size: int
    digest: bytes
    at: datetime
    by_petitioner: bool
    identity: bool
    state: str
    scanned_at: datetime | None = None


@dataclass
class Reception:
    """接待: one session. `offices` take part and see it; who receives is an office or title, no name is needed."""

    number: str
    kind: str
    day: date
    hours: str | None
    place: str
    receivers: str
    host: str
    offices: list[str]
    barred: list[str]
    published: bool
    cancelled: bool
    note: str | None


@dataclass
class ReceptionEntry:
    """A petition at a session: what was agreed and what became of it, both sealed."""

    number: str
    reception: str
    at: datetime
    agreed: bytes | None = None
    promised_on: date | None = None
    followed_at: datetime | None = None
    follow_up: bytes | None = None
    kept: bool | None = None


@dataclass
class TimelineEntry:
    """One event of any service, as the petitioner and the officer see it."""

    number: str
    source: str
    sequence: int
    type: str
    at: datetime
    detail: dict[str, Any]


PETITION = mapped(
    metadata,
    "petition",
    Petition,
    ("number",),
    Index("petition_offices", "offices", postgresql_using="gin"),
    Index("petition_registered", "registered_at"),
    Index("petition_source_ref", "source_ref", postgresql_where=text("source_ref IS NOT NULL")),
)
PERSON = mapped(
    metadata,
    "person",
    Person,
    ("number", "ordinal"),
    Index("person_name", "name_index"),
    Index("person_id", "id_index"),
    Index("person_phone", "phone_index"),
    loaded=False,
)
SUPPLEMENT = mapped(metadata, "supplement", Supplement, ("number", "sequence"), loaded=False)
CLAIM = mapped(metadata, "claim", Claim, ("number", "ordinal"), loaded=False)
ATTACHMENT = mapped(metadata, "attachment", Attachment, ("number", "ordinal"), rare=True)
ENTRY = mapped(
    metadata,
    "reception_entry",
    ReceptionEntry,
    ("number", "reception"),
    Index("entry_reception", "reception"),
    rare=True,
)
RECEPTION = replace(
    mapped(
        metadata,
        "reception",
        Reception,
        ("number",),
        Index("reception_offices", "offices", postgresql_using="gin"),
        Index("reception_day", "day"),
    ),
    wants=lambda subject: subject.startswith(RECEPTIONS),
)
TIMELINE = mapped(
    metadata, "timeline", TimelineEntry, ("number", "source", "sequence"), loaded=False
)
petition, person, timeline = PETITION.table, PERSON.table, TIMELINE.table
reception, reception_entry = RECEPTION.table, ENTRY.table

known_code = Table(
    "known_code",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("parent", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
)
"""The site's divisions and categories, for the check of a registration (intake.codes)."""
category_word = Table(
    "category_word",
    metadata,
    Column("category", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("weight", Float, nullable=False),
)
"""The site's own words for the suggestion of a category (sorting.words)."""
content = Table(
    "content",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("size", Integer, nullable=False),
)
"""The content of attachments, once for each SHA-256; its sealed pieces stand in `piece`."""
piece = Table(
    "piece",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

VISIBLE = Visible(petition.c.number, petition.c.offices, petition.c.barred)
VISIBLE_RECEPTION = Visible(reception.c.number, reception.c.offices, reception.c.barred)

MODEL = Model(
    source="intake",
    tables=bus,
    mappings=(
        PETITION,
        PERSON,
        CLAIM,
        SUPPLEMENT,
        ATTACHMENT,
        ENTRY,
        RECEPTION,
        TIMELINE,
        office_mapping(bus),
    ),
    sources=sources_of("intake"),
    check=check_event,
)


def used_categories(connection: Connection) -> set[str]:
    """Categories that a petition names."""
    named = select(petition.c.category).where(petition.c.category.is_not(None)).distinct()
    return set(connection.scalars(named))


def series_of(day: date) -> str:
    """The series in which the petitions of one day are counted."""
    return f"petition:{day}"


def take_numbers(unit: Unit, day: date, count: int) -> Sequence[int]:
    """The next `count` sequence numbers of a day."""
    last = unit.count(series_of(day), count)
    return range(last - count + 1, last + 1)
