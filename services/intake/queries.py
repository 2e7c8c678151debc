"""Reads of the register. Every one goes through the scope function `VISIBLE`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from contracts.public import stamp
from intake import receptions
from intake.domain import documents
from intake.store import (
    VISIBLE,
    VISIBLE_RECEPTION,
    Attachment,
    Claim,
    Person,
    Petition,
    Reception,
    ReceptionEntry,
    Supplement,
    TimelineEntry,
    person,
    petition,
    reception,
    reception_entry,
)
from kit.identity import Reach
from kit.unit import View
from kit.vault import Vault, mask_address, mask_id, mask_name, mask_phone

SEARCH_LIMIT = 1000
SESSIONS = 200
"""Sessions on one page."""
PUBLISHED = ("kind", "day", "hours", "place", "receivers", "host")
"""What everybody may know of a session."""
_MASKS = {"name": mask_name, "id_number": mask_id, "phone": mask_phone, "address": mask_address}


def page(
    row: Petition,
    view: View,
    vault: Vault,
    *,
    hidden: bool = False,
    sessions: Mapping[str, Reception] | None = None,
) -> dict[str, Any]:
    """A petition as its page shows it; without its people where they are hidden from this reader.

    Args:
        sessions: the reception sessions that it was brought to.
    """
    text = row.text
    if row.sealed_text:
        text = vault.open(row.sealed_text, f"petition.text:{row.number}")
    return {
        "petition": row.public(),
        "title": row.title or "(密封件)",
        "text": text,
        "sealed": row.sealed,
        "anonymous": row.anonymous,
        "complained_about": row.complained_about,
        "people": [] if hidden else people(view, vault, masked=True),
        "claims": [_claim(c, vault) for c in sorted(view.of(Claim), key=lambda c: c.ordinal)],
        "supplements": [
            _supplement(s, vault) for s in sorted(view.of(Supplement), key=lambda s: s.sequence)
        ],
        "attachments": [
            _attachment(f, vault)
            for f in sorted(view.of(Attachment), key=lambda f: f.ordinal)
            if not (hidden and f.identity)
        ],
        "receptions": [
            _received(entry, (sessions or {})[entry.reception], vault)
            for entry in sorted(view.of(ReceptionEntry), key=lambda entry: entry.at)
        ],
        "postmarked_on": row.postmarked_on.isoformat() if row.postmarked_on else None,
        "barcode": row.barcode,
        "urgent": row.urgent,
        "confidential": row.confidential,
        "collective": row.collective,
        "repeat_of": row.repeat_of,
        "contested": row.contested_at is not None,
        "rating": row.rating,
        "sequence": f"intake:{view.cursor.own}",
    }


NAMED = ("petitioner", "representative")
"""Whom a paper addresses; an agent acts for them."""


def addressee(row: Petition, view: View, vault: Vault, *, hidden: bool) -> dict[str, Any]:
    """Names and address for a paper, none where they are hidden from the office that gives it; and the
    petition's title and claims."""
    named = [p for p in people(view, vault, masked=False) if p["role"] in NAMED and not hidden]
    claims = sorted(view.of(Claim), key=lambda claim: claim.ordinal)
    return {
        "names": [p["name"] for p in named if p["name"]],
        "address": next((p["address"] for p in named if p["address"]), ""),
        "hidden": hidden,
        "title": row.title or "",
        "claims": [
            {"ordinal": c["ordinal"], "text": c["text"] or ""}
            for c in (_claim(claim, vault) for claim in claims)
        ],
    }


def _claim(row: Claim, vault: Vault) -> dict[str, Any]:
    text = row.text
    if row.sealed_text:
        text = vault.open(row.sealed_text, f"claim.text:{row.number}:{row.ordinal}")
    return {"ordinal": row.ordinal, "type": row.type, "branch": row.branch, "text": text}


def _supplement(row: Supplement, vault: Vault) -> dict[str, Any]:
    text = row.text
    if row.sealed_text:
        text = vault.open(row.sealed_text, f"supplement:{row.number}:{row.sequence}")
    return {"at": stamp(row.at), "by_petitioner": row.by_petitioner, "text": text}


def _received(entry: ReceptionEntry, session: Reception, vault: Vault) -> dict[str, Any]:
    return plan(session) | _entry(entry, vault)


def _entry(entry: ReceptionEntry, vault: Vault) -> dict[str, Any]:
    return {
        "reception": entry.reception,
        "at": stamp(entry.at),
        "promised_on": entry.promised_on.isoformat() if entry.promised_on else None,
        "followed_at": stamp(entry.followed_at) if entry.followed_at else None,
        "kept": entry.kept,
        **receptions.words(entry, vault),
    }


# -- reception sessions ----------------------------------------------------------------------------


def plan(row: Reception) -> dict[str, Any]:
    """A session as it is planned."""
    return asdict(row) | {"day": row.day.isoformat()}


def sessions(connection: Connection, numbers: Sequence[str]) -> dict[str, Reception]:
    """Sessions by number: those of one petition, which its reader may see."""
    if not numbers:
        return {}
    rows = connection.execute(select(reception).where(reception.c.number.in_(numbers)))
    return {row.number: Reception(**row._mapping) for row in rows}


def all_sessions(connection: Connection, reach: Reach) -> list[dict[str, Any]]:
    """The sessions that an officer's office holds or takes part in, the latest day first."""
    statement = select(reception).where(VISIBLE_RECEPTION.where(reach))
    statement = statement.order_by(reception.c.day.desc(), reception.c.number).limit(SESSIONS)
    return [plan(Reception(**row._mapping)) for row in connection.execute(statement)]


def published(connection: Connection, today: date) -> list[dict[str, Any]]:
    """公示: what everybody may know of the sessions to come: time, place and office of who receives."""
    rows = connection.execute(
        select(reception)
        .where(reception.c.published, ~reception.c.cancelled, reception.c.day >= today)
        .order_by(reception.c.day, reception.c.hours)
        .limit(SESSIONS)
    )
    sessions = (plan(Reception(**row._mapping)) for row in rows)
    return [{name: session[name] for name in PUBLISHED} for session in sessions]


def brought(
    connection: Connection, reach: Reach, session: str, vault: Vault
) -> list[dict[str, Any]]:
    """The petitions of a session that this reader may see, in the order in which they were brought."""
    rows = connection.execute(
        select(reception_entry)
        .join(petition, petition.c.number == reception_entry.c.number)
        .where(reception_entry.c.reception == session, VISIBLE.where(reach))
        .order_by(reception_entry.c.at, reception_entry.c.number)
    )
    return [
        _entry(entry, vault) | {"number": entry.number}
        for entry in (ReceptionEntry(**row._mapping) for row in rows)
    ]


def _attachment(row: Attachment, vault: Vault) -> dict[str, Any]:
    return {
        "ordinal": row.ordinal,
        "name": file_name(row, vault),
        "kind": row.kind,
        "size": row.size,
        "at": stamp(row.at),
        "by_petitioner": row.by_petitioner,
        "identity": row.identity,
        "state": row.state,
    }


def file_name(row: Attachment, vault: Vault) -> str:
    """A file's name in clear."""
    return vault.open(row.name, f"attachment.name:{row.number}:{row.ordinal}")


def people(view: View, vault: Vault, *, masked: bool) -> list[dict[str, Any]]:
    """The people of one petition; masked where nobody asked for more (张*, 138****5678)."""
    rows = sorted(view.of(Person), key=lambda person: person.ordinal)
    return [_person(row, vault, masked) for row in rows]


def _person(row: Person, vault: Vault, masked: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"role": row.role, "id_kind": row.id_kind}
    for field, mask in _MASKS.items():
        blob = getattr(row, field)
        value = vault.open(blob, f"person.{field}:{row.number}:{row.ordinal}") if blob else None
        result[field] = mask(value) if masked and value else value
    return result


def titles(
    connection: Connection, reach: Reach, numbers: Sequence[str], vault: Vault
) -> dict[str, dict[str, Any]]:
    """Title and masked first name of each petition on a page of a list."""
    rows = connection.execute(
        select(
            petition.c.number,
            petition.c.title,
            petition.c.anonymous,
            petition.c.confidential,
            person.c.name,
        )
        .select_from(
            petition.outerjoin(
                person, (person.c.number == petition.c.number) & (person.c.ordinal == 1)
            )
        )
        .where(petition.c.number.in_(numbers), VISIBLE.where(reach))
    )
    return {
        row.number: {
            "title": row.title or "(密封件)",
            "name": "保密"
            if row.confidential
            else "匿名"
            if row.anonymous or row.name is None
            else mask_name(vault.open(row.name, f"person.name:{row.number}:1")),
        }
        for row in rows
    }


AMONG_OFFICES = ("urgent.marked", "urgent.reported")
"""What offices report of a matter among themselves: it is not the petitioner's to read (Art. 25)."""


def entries(view: View, *, public: bool) -> list[dict[str, Any]]:
    """The timeline, oldest first; `public`: as the petitioner has it."""
    found = (row for row in view.of(TimelineEntry) if not (public and _among_offices(row)))
    rows = sorted(found, key=lambda row: (row.at, row.source, row.sequence))
    return [
        {
            "source": row.source,
            "sequence": row.sequence,
            "type": row.type,
            "at": stamp(row.at),
            "detail": row.detail,
        }
        for row in rows
    ]


def _among_offices(row: TimelineEntry) -> bool:
    return row.type in AMONG_OFFICES or row.detail.get("duty") == "urgent"


REPEATS = 10
"""Candidates that are shown."""


def repeats(
    connection: Connection, reach: Reach, row: Petition, people: list[Person]
) -> list[dict[str, Any]]:
    """Earlier petitions of the same persons, by id number, or by name and telephone, across channels. A
    suggestion with its reason; a person decides (never a score of people, only of the matter's words)."""
    same = [_same_person(p) for p in people if p.id_index or p.phone_index]
    if not same:
        return []
    statement = (
        select(petition)
        .where(
            petition.c.number.in_(select(person.c.number).where(or_(*same))),
            petition.c.number != row.number,
            petition.c.registered_at <= row.registered_at,
            VISIBLE.where(reach),
        )
        .order_by(petition.c.registered_at.desc())
        .limit(REPEATS)
    )
    found = [Petition(**r._mapping) for r in connection.execute(statement)]
    return [
        {
            "number": other.number,
            "title": other.title or "(密封件)",
            "registered_at": stamp(other.registered_at),
            "status": other.status,
            "channel": other.channel,
            "same_category": bool(row.category) and other.category == row.category,
            "alike": _alike(row.text, other.text),
        }
        for other in found
    ]


def _same_person(row: Person) -> ColumnElement[bool]:
    named = and_(person.c.name_index == row.name_index, person.c.phone_index == row.phone_index)
    if row.id_index is None:
        return named
    return (
        or_(person.c.id_index == row.id_index, named)
        if row.phone_index
        else person.c.id_index == row.id_index
    )


def _alike(text: str | None, other: str | None) -> int | None:
    """How much of the words is the same, in percent; None for sealed ones."""
    if not text or not other:
        return None
    return round(100 * SequenceMatcher(None, text[:400], other[:400], autojunk=False).ratio())


def search(
    connection: Connection, reach: Reach, query: dict[str, Any], vault: Vault
) -> tuple[list[str], bool]:
    """Numbers that match, newest first, and whether there are more than a thousand."""
    statement = select(petition.c.number).where(VISIBLE.where(reach))
    for field, column in (
        ("name", "name_index"),
        ("phone", "phone_index"),
        ("id_number", "id_index"),
    ):
        if query[field]:
            value = query[field]
            blind = vault.blind(
                documents.canonical(value) if field == "id_number" else value, field
            )
            matching = select(person.c.number).where(person.c[column] == blind)
            statement = statement.where(petition.c.number.in_(matching))
    if query["words"]:
        statement = statement.where(func.strpos(petition.c.text, query["words"]) > 0)
    statement = statement.order_by(petition.c.registered_at.desc()).limit(SEARCH_LIMIT + 1)
    numbers = [row.number for row in connection.execute(statement)]
    return numbers[:SEARCH_LIMIT], len(numbers) > SEARCH_LIMIT


def place_texts(connection: Connection, numbers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For routing alone: the text and the body complained about; sealed petitions are left out."""
    rows = connection.execute(
        select(petition.c.number, petition.c.text, petition.c.complained_about).where(
            petition.c.number.in_(numbers), petition.c.sealed.is_(False)
        )
    )
    return {
        row.number: {"text": row.text, "complained_about": row.complained_about} for row in rows
    }
