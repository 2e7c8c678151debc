"""月报: drawn up from the figures, corrected with a reason, signed, locked; the county's is the sum of its offices'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from contracts.public import path, stamp
from kit import clock
from kit.identity import Actor, Directory, Office
from kit.unit import Unit
from kit.vault import Vault
from stats.domain import returns as rules
from stats.domain.disclosure import masked
from stats.domain.editions import OPEN, OWN, edition_for
from stats.domain.periods import covering
from stats.domain.returns import ITEMS
from stats.queries.returns import Lines, Taken, begun, behind, counted_of, reporting
from stats.store import Correction, Return, correction, monthly_return


def id_of(office: str, month: date) -> str:
    return f"{office}.{month:%Y-%m}"


# -- steps -----------------------------------------------------------------------------------------


def draw(unit: Unit, office: str, month: date, taken: Taken, actor: Actor) -> dict[str, Any]:
    """编制: the figures as they are counted now. Corrections that were made stay, beside what is counted: whoever made
    one for what was missing takes the counted value again (恢复统计数) once it is there."""
    id_ = id_of(office, month)
    unit.open([id_])
    row = unit.get(Return, id_)
    rules.check_unsigned(row.state if row else None)
    if row is None:
        row = Return(id_, office, month, {}, {}, {}, 0, 0, "drawn", unit.now, actor.id)
        unit.add(row)
    row.counted, row.figures = dict(taken.counted), _figures(unit, id_, taken.counted)
    row.later, row.signed_before = dict(taken.later), taken.signed
    row.drawn_at, row.drawn_by = unit.now, actor.id
    row.version += 1
    return {"number": id_, "version": row.version}


def correct(
    unit: Unit, office: Office, month: date, body: Mapping[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """更正: a line is told otherwise than it was counted, and why."""
    row = _opened(unit, office, month)
    item, value = body["item"], body["value"]
    rules.check_correction(item, value)
    was = {edition: lines.get(item) for edition, lines in row.figures.items()}
    counted = {edition: lines.get(item) for edition, lines in row.counted.items()}
    ordinal = 1 + len(unit.all(Correction, row.id))
    reason = vault.seal(body["reason"], f"return:{row.id}:{ordinal}")
    now = rules.corrected(counted, value)
    unit.add(Correction(row.id, ordinal, item, was, now, reason, actor.id, unit.now))
    row.figures = _figures(unit, row.id, row.counted)
    row.version += 1
    return {"number": row.id, "version": row.version}


def sign(
    unit: Unit, office: Office, month: date, body: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    """签发: from now on it does not change. Emits report.published: the open edition, without small counts."""
    row = _opened(unit, office, month)
    rules.check_seen(row.version, body["version"])
    edition = OPEN if office.ended(unit.now) else OWN
    rules.check_signing(row.figures[edition], body["confirmed"])
    rules.check_latest(row.signed_before, unit.count(f"returns:{office.id}") - 1)
    row.state, row.signed_at, row.signed_by = "signed", unit.now, actor.id
    period = covering("month", month)
    data = {
        "id": row.id,
        "kind": "monthly",
        "office": office.id,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "lines": [{"item": item, "n": masked(row.figures[OPEN][item])} for item in ITEMS],
    }
    unit.emit(row.id, "report.published", data, path=path(office.division))
    return {"number": row.id, "version": row.version}


def _opened(unit: Unit, office: Office, month: date) -> Return:
    id_ = id_of(office.id, month)
    unit.open([id_])
    row: Return | None = unit.get(Return, id_)
    rules.check_drawn(row.state if row else None)
    assert row is not None
    rules.check_edition(office.ended(unit.now), row.counted)
    return row


def _figures(unit: Unit, id_: str, counted: Mapping[str, Lines]) -> dict[str, Any]:
    """The lines with what was corrected."""
    made = sorted(unit.all(Correction, id_), key=lambda c: c.ordinal)
    return {
        edition: {**lines, **{c.item: c.now[edition] for c in made}}
        for edition, lines in counted.items()
    }


# -- shown -----------------------------------------------------------------------------------------


def month_of(
    connection: Connection, directory: Directory, month: date, own: Callable[[str], bool],
    due: date,
) -> dict[str, Any]:  # fmt: skip
    """The returns of every office that existed in a month, who has not reported and since when, and the sum of those
    that were signed, which is the same for everybody. What was reported stands, whatever became of the office.

    Args:
        own: whether an office is the reader's own.
        due: the last day on which a return of this month was in time; before the site began none was due.
    """
    root, owed = directory.root(), month in begun(connection, [month])
    found = select(monthly_return).where(monthly_return.c.month == month)
    rows = {row.office: row for row in connection.execute(found)}
    offices = sorted({*reporting(directory, month), *rows})
    shown = [_told(id_, rows.get(id_), edition_for(own(id_))) for id_ in offices]
    signed = [row.figures[OPEN] for row in rows.values() if row.state == "signed"]
    return {
        "month": month.isoformat(),
        "items": [
            {"id": item.id, "name": item.name, "unit": item.unit,
             "by_hand": root is None or not counted_of(item, root.id, directory)}
            for item in ITEMS.values()
        ],
        "returns": shown,
        "sum": (total := rules.summed(signed)),
        "faults": rules.what_is_wrong(total),
        "missing": [row["office"] for row in shown if row["state"] != "signed"],
        "due_on": due.isoformat() if owed else None,
        "days_late": rules.days_late(due, today()) if owed else 0,
    }  # fmt: skip


def _told(office: str, row: Any, edition: str) -> dict[str, Any]:
    """One office in the table of a month, with or without its return."""
    return {
        "office": office,
        "state": row.state if row else None,
        "signed_at": stamp(row.signed_at) if row and row.signed_at else None,
        "figures": row.figures[edition] if row else None,
    }


def one(
    connection: Connection, vault: Vault, directory: Directory, office: str, month: date, own: bool
) -> dict[str, Any] | None:
    """One return with its corrections and what does not add up, in the edition for its reader; None where it was not
    drawn up."""
    id_, edition = id_of(office, month), edition_for(own)
    row = connection.execute(select(monthly_return).where(monthly_return.c.id == id_)).one_or_none()
    if row is None:
        return None
    made = select(correction).where(correction.c.id == id_).order_by(correction.c.ordinal)
    return {
        "office": office,
        "month": month.isoformat(),
        "state": row.state,
        "version": row.version,
        "edition": edition,
        "figures": row.figures[edition],
        "counted": row.counted[edition],
        "cases": behind(office, month, directory),
        "later": row.later[edition],
        "faults": rules.what_is_wrong(row.figures[edition]),
        "drawn_at": stamp(row.drawn_at),
        "signed_at": stamp(row.signed_at) if row.signed_at else None,
        "signed_by": row.signed_by,
        "corrections": [
            {
                "item": c.item,
                "was": c.was[edition],
                "now": c.now[edition],
                "reason": vault.open(c.reason, f"return:{id_}:{c.ordinal}"),
                "at": stamp(c.at),
            }
            for c in connection.execute(made)
        ],
    }


def today() -> date:
    """The office's day."""
    return clock.local_date(clock.now())
