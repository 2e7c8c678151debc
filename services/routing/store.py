"""Where a matter belongs, and the directory that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Index, MetaData, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from contracts.checks import check_event
from contracts.flows import sources_of
from contracts.public import PublicFields
from kit.identity import Visible
from kit.offices import office_mapping
from kit.rows import mapped
from kit.tables import bus_tables
from kit.unit import Model
from routing.domain.places import Division

metadata = MetaData(schema="routing")
bus = bus_tables(metadata)


@dataclass
class Matter(PublicFields):
    """One petition as routing sees it.

    `locating`: its texts are still to be fetched and read; `triage`: a person must choose, and why.
    `sender` sent it to the present office; `returned_by` sent it back; `designator` must name the office
    where it was lifted, as `superior` or `joint_meeting` (`lifted`, Art. 24). `orphan` was abolished, and `chooser`
    says which successor goes on. `suggested` are the places that the text may mean. `elsewhere` names, sealed, the body that it was led to.
    `about_office` and `about_level`: of the body complained about. `confidence` and `places_version` are of the reading
    that found the place, `reading` is what spoke for it: offsets, roles, never text; `choice` is what the directory and the rules said of the office (`domain.competence.Choice`).
    `made`: rules that placed it, `overturned`: those whose placing was taken back.
    """

    sealed: bool
    offices: list[str]
    barred: list[str]
    locating: bool
    triage: str | None = None
    located_rule: str | None = None
    assigned_rule: str | None = None
    method: str | None = None
    assigned_at: datetime | None = None
    signed_at: datetime | None = None
    round: int = 0
    sender: str | None = None
    final: bool = False
    objection_closed: bool = False
    returned_by: list[str] = field(default_factory=list)
    designator: str | None = None
    lifted: str | None = None
    decline: str | None = None
    elsewhere: bytes | None = None
    assisting: list[str] = field(default_factory=list)
    report_due: date | None = None
    reviewer: str | None = None
    orphan: str | None = None
    chooser: str | None = None
    suggested: list[str] = field(default_factory=list)
    about_office: str | None = None
    about_level: str | None = None
    confidence: float | None = None
    places_version: str | None = None
    reading: dict[str, Any] | None = None
    choice: dict[str, Any] | None = None
    made: list[str] = field(default_factory=list)
    overturned: list[str] = field(default_factory=list)


HELD = ("office", "sender", "designator", "registered_by", "reviewer", "chooser")
"""Where in a matter an office stands that has part in it."""


@dataclass
class Objection:
    """异议: why a body says that it is not competent, and what the sender made of it; texts are sealed."""

    number: str
    round: int
    office: str
    reason: str
    text: bytes
    at: datetime
    agreed: bool | None = None
    decided_at: datetime | None = None
    answer: bytes | None = None


@dataclass
class Deliberation:
    """协商、指定、联席会议、明确承继单位: how several bodies came to one; what was said is sealed (Art. 24).

    `level` is consultation, superior, joint_meeting or succession; `offices` took part, `office` answers.
    """

    number: str
    ordinal: int
    level: str
    by_office: str
    held_on: date
    offices: list[str]
    agreed: bool
    office: str | None
    assisting: list[str]
    text: bytes
    minutes: bytes | None
    at: datetime


@dataclass
class DivisionRow:
    """One division of the site, with the parents it needs."""

    code: str
    name: str
    level: str
    statistical_only: bool


@dataclass
class RulebookRow:
    """分流规则: all rules of the site as one file brought them; the newest counts, none is ever changed."""

    version: int
    rules: dict[str, Any]
    source: str
    imported_by: str
    imported_at: datetime


@dataclass
class AliasRow:
    """本地别名: kept with the petition in whose text somebody met it; nothing else of the text is."""

    number: str
    name: str
    division: str
    scope: str
    valid_from: date
    valid_to: date | None
    kept_by: str
    kept_at: datetime


@dataclass
class CategoryRow:
    """One content category of the site's tree (`sorting.tree`)."""

    id: str
    parent: str | None
    name: str
    source_code: str | None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: list[str] = field(default_factory=list)


MATTER = mapped(
    metadata,
    "matter",
    Matter,
    ("number",),
    Index("matter_offices", "offices", postgresql_using="gin"),
    Index("matter_locating", "number", postgresql_where=text("locating")),
    Index("matter_triage", "registered_at", postgresql_where=text("triage IS NOT NULL")),
    Index("matter_orphan", "registered_at", postgresql_where=text("orphan IS NOT NULL")),
)
OBJECTION = mapped(metadata, "objection", Objection, ("number", "round"), rare=True)
DELIBERATION = mapped(metadata, "deliberation", Deliberation, ("number", "ordinal"), rare=True)
ALIAS = mapped(metadata, "alias", AliasRow, ("number", "name"), rare=True)
DIVISION = mapped(metadata, "division", DivisionRow, ("code",), loaded=False)
CATEGORY = mapped(metadata, "category", CategoryRow, ("id",), loaded=False)
RULEBOOK = mapped(metadata, "rulebook", RulebookRow, ("version",), loaded=False)
matter, division, category, rulebook, alias = (
    MATTER.table, DIVISION.table, CATEGORY.table, RULEBOOK.table, ALIAS.table,
)  # fmt: skip

VISIBLE = Visible(matter.c.number, matter.c.offices, matter.c.barred)

MODEL = Model(
    source="routing",
    tables=bus,
    mappings=(MATTER, OBJECTION, DELIBERATION, ALIAS, office_mapping(bus)),
    sources=sources_of("routing"),
    check=check_event,
)


def left(connection: Connection, office: str, limit: int) -> list[str]:
    """Numbers of matters under way in which an abolished office still stands."""
    holds = [matter.c[name] == office for name in HELD]
    rows = connection.execute(
        select(matter.c.number)
        .where(
            matter.c.offices.contains([office]),
            or_(matter.c.handling.is_(None), matter.c.handling.not_in(("final", "withdrawn"))),
            or_(matter.c.orphan.is_(None), matter.c.orphan != office),
            or_(*holds, matter.c.assisting.contains([office])),
        )
        .order_by(matter.c.number)
        .limit(limit)
    )
    return [row.number for row in rows]


def divisions(connection: Connection) -> list[Division]:
    """The site's divisions."""
    rows = connection.execute(select(division).order_by(division.c.code))
    return [Division(row.code, row.name, row.level) for row in rows]


def parents(connection: Connection) -> dict[str, str | None]:
    """Each category's parent."""
    return {r.id: r.parent for r in connection.execute(select(category.c.id, category.c.parent))}


def used_categories(connection: Connection) -> set[str]:
    """Categories that a petition or an office's remit names."""
    named = select(matter.c.category.label("id")).where(matter.c.category.is_not(None)).distinct()
    held = select(func.unnest(bus.office.c.categories).label("id"))
    return {row.id for row in connection.execute(named.union(held))}


def put_tree(connection: Connection, rows: Iterable[CategoryRow]) -> None:
    """The whole tree, in place of the one before."""
    connection.execute(delete(category))
    put(connection, rows)


def put(connection: Connection, rows: Iterable[DivisionRow | CategoryRow]) -> None:
    """Writes divisions or categories; what stands already is brought up to date."""
    for row in rows:
        table = division if isinstance(row, DivisionRow) else category
        key = "code" if isinstance(row, DivisionRow) else "id"
        values = vars(row)
        rest = {name: value for name, value in values.items() if name != key}
        connection.execute(
            insert(table).values(values).on_conflict_do_update(index_elements=[key], set_=rest)
        )
