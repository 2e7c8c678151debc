"""What the register does with reception sessions (接待) and the petitions they bring. One function each."""

from __future__ import annotations

from datetime import date
from typing import Any

from intake.domain import reception as rules
from intake.handlers import publish
from intake.store import RECEPTIONS, Petition, Reception, ReceptionEntry
from kit import clock
from kit.identity import Actor
from kit.unit import Unit
from kit.vault import Vault

PLAN = ("kind", "day", "hours", "place", "receivers", "published", "cancelled", "note")
"""What of a session is written by whoever holds it."""


def number(day: date, tail: str) -> str:
    """`jd-20261124-3f9a1c`: a session is a subject of its own, and no petition's number begins so."""
    return f"{RECEPTIONS}{day:%Y%m%d}-{tail}"


def check(body: dict[str, Any], today: date, host: bool) -> None:
    """Raises `Refused` for a session that cannot stand so."""
    rules.check_session(
        day=body["day"],
        today=today,
        published=body["published"],
        cancelled=body["cancelled"],
        hours=body["hours"],
        host=host,
    )


def plan(unit: Unit, number: str, body: dict[str, Any], host: str) -> dict[str, Any]:
    """安排接待: a new session; checked before. Emits reception.changed."""
    values = {name: body[name] for name in PLAN}
    row = Reception(
        number=number, host=host, offices=_with(host, body["offices"]), barred=[], **values
    )
    unit.create(number)
    unit.add(row)
    _told(unit, row)
    return {"number": number, "sequence": "intake:1"}


def change(unit: Unit, row: Reception, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """更改安排、公示、取消: by whoever holds it. Emits reception.changed."""
    check(body, clock.local_date(unit.now), host=actor.kind == "tool" or actor.office == row.host)
    for name in PLAN:
        setattr(row, name, body[name])
    row.offices = _with(row.host, body["offices"])
    _told(unit, row)
    return {}


def record(
    unit: Unit, petition: Petition, body: dict[str, Any], actor: Actor, session: Reception, vault: Vault
) -> dict[str, Any]:  # fmt: skip
    """接待登记: it was brought to a session; what was agreed, and until when, may follow later or be put right.

    Emits reception.recorded.
    """
    agreed, promised_on = body["agreement"], body["promised_on"]
    rules.check_entry(
        day=session.day,
        today=clock.local_date(unit.now),
        cancelled=session.cancelled,
        agreed=agreed,
        promised_on=promised_on,
    )
    entry = unit.get(ReceptionEntry, petition.number, session.number)
    if entry is None:
        entry = ReceptionEntry(petition.number, session.number, unit.now)
        unit.add(entry)
    if agreed:
        entry.agreed = vault.seal(agreed, _context("agreed", entry))
        entry.promised_on = promised_on
        entry.followed_at = entry.follow_up = entry.kept = None
    data = {
        "reception": session.number,
        "host": session.host,
        "kind": session.kind,
        "held_on": session.day.isoformat(),
        "promised_on": promised_on.isoformat() if promised_on else None,
    }
    publish(unit, petition, "reception.recorded", data)
    return {}


def follow_up(
    unit: Unit, petition: Petition, body: dict[str, Any], actor: Actor, session: Reception, vault: Vault
) -> dict[str, Any]:  # fmt: skip
    """回访: whether what was agreed was done. Emits reception.followed."""
    entry = unit.get(ReceptionEntry, petition.number, session.number)
    rules.check_follow_up(entry is not None, entry is not None and entry.agreed is not None)
    assert entry is not None
    entry.followed_at, entry.kept = unit.now, body["kept"]
    entry.follow_up = vault.seal(body["text"], _context("follow-up", entry))
    data = {"reception": session.number, "host": session.host, "kept": body["kept"]}
    publish(unit, petition, "reception.followed", data)
    return {}


def words(entry: ReceptionEntry, vault: Vault) -> dict[str, str | None]:
    """What was agreed and what became of it, in clear."""
    return {
        "agreed": vault.open(entry.agreed, _context("agreed", entry)) if entry.agreed else None,
        "follow_up": vault.open(entry.follow_up, _context("follow-up", entry))
        if entry.follow_up
        else None,
    }


def _context(what: str, entry: ReceptionEntry) -> str:
    return f"reception.{what}:{entry.number}:{entry.reception}"


def _with(host: str, others: list[str]) -> list[str]:
    return list(dict.fromkeys([host, *others]))


def _told(unit: Unit, row: Reception) -> None:
    data = {
        "id": row.number,
        "kind": row.kind,
        "day": row.day.isoformat(),
        "host": row.host,
        "offices": row.offices,
        "published": row.published,
        "cancelled": row.cancelled,
    }
    unit.emit(row.number, "reception.changed", data)
