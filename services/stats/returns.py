"""月报: drawn up from the figures, corrected with a reason, signed, locked; the county's is the sum of its offices'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from contracts.public import path, stamp
from kit import clock
from kit.identity import Actor, Directory, Office
from kit.unit import Unit
from kit.vault import Vault
from stats.domain import returns as rules
from stats.domain.indicators import INDICATORS
from stats.domain.periods import covering
from stats.domain.returns import ITEMS
from stats.levels import higher
from stats.queries.figures import Asker, count
from stats.queries.question import Question
from stats.store import Correction, Return, correction, monthly_return

Figures = dict[str, int | None]


def id_of(office: str, month: date) -> str:
    return f"{office}.{month:%Y-%m}"


def counted(asker: Asker, office: str, month: date) -> Figures:
    """The lines of an office's return as they are counted today; what nobody here can count is blank."""
    period = covering("month", month)

    def of(item: rules.Item, receiver: str) -> int:
        measure, where = INDICATORS[item.what].numerator, {"office": receiver, **item.where}
        return count(asker, Question(measure, period.since, period.until, where=where))[1][()]

    found: Figures = {}
    for item in ITEMS.values():
        known = counted_of(item, office, asker.directory)
        found[item.id] = sum(of(item, receiver) for receiver in known) if known else None
    return found


def counted_of(item: rules.Item, office: str, directory: Directory) -> list[str]:
    """The offices whose figures make a line of an office's return; none: it is entered by hand."""
    own = [office] if rules.OWN in item.at else []
    root = directory.root()
    if root is None or root.id != office:
        return own
    return own + [above.id for above in higher(directory) if above.level in item.at]


# -- steps -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """What a return is drawn up from: its figures, and the last one's as they would be told today."""

    figures: Figures
    last: Figures = field(default_factory=dict)


def draw(unit: Unit, office: str, month: date, drawn: Drawn, actor: Actor) -> dict[str, Any]:
    """编制: the figures as they are counted now; corrections that were made stay."""
    id_ = id_of(office, month)
    unit.open([id_, id_of(office, before(month))])
    row = unit.get(Return, id_)
    rules.check_unsigned(row.state if row else None)
    last = unit.get(Return, id_of(office, before(month)))
    later = (
        rules.differences(effective(unit, last), drawn.last)
        if last is not None and last.state == "signed"
        else {}
    )
    if row is None:
        row = Return(id_, office, month, {}, {}, "drawn", unit.now, actor.id)
        unit.add(row)
    row.figures, row.later = dict(drawn.figures), later
    row.drawn_at, row.drawn_by = unit.now, actor.id
    return {"number": id_}


def correct(
    unit: Unit, office: str, month: date, body: Mapping[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """更正: a line is told otherwise than it was counted, and why."""
    row = _opened(unit, office, month)
    item, now = body["item"], body["value"]
    rules.check_correction(item, now)
    was = effective(unit, row).get(item)
    ordinal = 1 + len(unit.all(Correction, row.id))
    reason = vault.seal(body["reason"], f"return:{row.id}:{ordinal}")
    unit.add(Correction(row.id, ordinal, item, was, now, reason, actor.id, unit.now))
    return {"number": row.id}


def sign(
    unit: Unit, office: Office, month: date, body: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    """签发: from now on it does not change. Emits report.published."""
    row = _opened(unit, office.id, month)
    figures = effective(unit, row)
    rules.check_signing(figures, body["confirmed"])
    row.state, row.signed_at, row.signed_by = "signed", unit.now, actor.id
    row.figures = figures
    period = covering("month", month)
    data = {
        "id": row.id,
        "kind": "monthly",
        "office": office.id,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "lines": [{"item": item, "n": figures[item]} for item in ITEMS],
    }
    unit.emit(row.id, "report.published", data, path=path(office.division))
    return {"number": row.id}


def _opened(unit: Unit, office: str, month: date) -> Return:
    id_ = id_of(office, month)
    unit.open([id_])
    row: Return | None = unit.get(Return, id_)
    rules.check_drawn(row.state if row else None)
    assert row is not None
    return row


def effective(unit: Unit, row: Return) -> Figures:
    """The lines with what was corrected."""
    made = sorted(unit.all(Correction, row.id), key=lambda c: c.ordinal)
    return {**row.figures, **{c.item: c.now for c in made}}


def before(month: date) -> date:
    """The month before."""
    return (month - timedelta(days=1)).replace(day=1)


# -- shown -----------------------------------------------------------------------------------------


def month_of(connection: Connection, directory: Directory, month: date) -> dict[str, Any]:
    """Every office's return of a month, who has not reported, and the sum of those that were signed."""
    at, above = clock.now(), higher(directory)
    offices = [office for office in directory if not office.ended(at) and office not in above]
    root = directory.root()
    rows = {r.office: r for r in connection.execute(
        select(monthly_return).where(monthly_return.c.month == month)
    )}  # fmt: skip
    made: dict[str, dict[str, int | None]] = {}
    statement = select(correction).where(correction.c.id.in_([row.id for row in rows.values()]))
    for one in connection.execute(statement.order_by(correction.c.id, correction.c.ordinal)):
        made.setdefault(one.id, {})[one.item] = one.now
    shown: list[dict[str, Any]] = [
        {
            "office": office.id,
            "state": row.state if (row := rows.get(office.id)) else None,
            "signed_at": stamp(row.signed_at) if row and row.signed_at else None,
            "figures": {**row.figures, **made.get(row.id, {})} if row else None,
        }
        for office in sorted(offices, key=lambda office: office.id)
    ]
    signed = [row["figures"] for row in shown if row["state"] == "signed"]
    return {
        "month": month.isoformat(),
        "items": [
            {"id": item.id, "name": item.name, "unit": item.unit,
             "by_hand": root is None or not counted_of(item, root.id, directory)}
            for item in ITEMS.values()
        ],
        "returns": shown,
        "sum": rules.summed(signed),
        "missing": [row["office"] for row in shown if row["state"] != "signed"],
    }  # fmt: skip


def one(connection: Connection, vault: Vault, office: str, month: date) -> dict[str, Any] | None:
    """One return with its corrections and what does not add up; None where it was not drawn up."""
    id_ = id_of(office, month)
    row = connection.execute(select(monthly_return).where(monthly_return.c.id == id_)).one_or_none()
    if row is None:
        return None
    corrections = list(
        connection.execute(
            select(correction).where(correction.c.id == id_).order_by(correction.c.ordinal)
        )
    )
    figures = {**row.figures, **{c.item: c.now for c in corrections}}
    return {
        "office": office,
        "month": month.isoformat(),
        "state": row.state,
        "figures": figures,
        "later": row.later,
        "faults": [fault.text for fault in rules.faults(figures)],
        "drawn_at": stamp(row.drawn_at),
        "signed_at": _stamp(row.signed_at),
        "corrections": [
            {
                "item": c.item,
                "was": c.was,
                "now": c.now,
                "reason": vault.open(c.reason, f"return:{id_}:{c.ordinal}"),
                "at": stamp(c.at),
            }
            for c in corrections
        ],
    }


def _stamp(instant: datetime | None) -> str | None:
    return stamp(instant) if instant else None


def today() -> date:
    """The office's day."""
    return clock.local_date(clock.now())
