"""Opening, ending and firing duties: one mechanism for whatever is owed (house.md 3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.public import path, stamp
from kit.due import Due
from kit.unit import Unit
from supervision.domain import clocks
from supervision.store import Case, Duty

ZONE = ZoneInfo("Asia/Shanghai")


SETTLING = timedelta(minutes=10)
"""A register brought in from elsewhere opens duties that ended long ago; its later steps get this long to
arrive before the clock looks, so that what was done in time is not told as missed."""


def open_duty(unit: Unit, case: Case, kind: str, office: str, started: datetime, day: date) -> Duty:
    """Opens a duty on a case and the row that will fall due. `day` is day zero."""
    rule = clocks.rule(kind)
    duty = Duty(
        number=case.number,
        kind=kind,
        round=1 + sum(d.kind == kind for d in unit.all(Duty, case.number)),
        office=office,
        ground=rule.article,
        started_at=started,
        due_at=clocks.due_at(day, rule.days, ZONE),
        state="open",
    )
    unit.add(duty)
    first = clocks.warn_at(duty.due_at, rule, ZONE)
    if first < unit.now:
        first = unit.now + SETTLING
    unit.add(Due(case.number, duty.item, "warn", first))
    return duty


def end_duty(unit: Unit, number: str, kind: str, at: datetime) -> Duty | None:
    """Ends the open duty of this kind, if there is one. Late is late: a crossing not yet noticed is
    told now, back-dated to the moment it happened."""
    duty = next((d for d in unit.all(Duty, number) if d.kind == kind and d.state == "open"), None)
    if duty is None:
        return None
    due = unit.get(Due, duty.item)
    if due is not None:
        while due.fired_at is None and crossing(duty, due.kind) <= at:
            fire(unit, due)
        due.fired_at = due.fired_at or unit.now
    duty.state, duty.ended_at = "fulfilled", at
    return duty


def crossing(duty: Duty, kind: str) -> datetime:
    """When the light of this duty turned yellow (`warn`) or red (`miss`)."""
    if kind == "miss":
        return duty.due_at
    return clocks.warn_at(duty.due_at, clocks.rule(duty.kind), ZONE)


def fire(unit: Unit, due: Due) -> None:
    """A due row's crossing: looks again, tells, and moves on to the next (kit.due.Fire).

    Emits duty.approaching or duty.missed, once each, with the time it happened.
    """
    number, kind, round_ = due.item.rsplit(":", 2)
    duty, case = unit.get(Duty, number, kind, int(round_)), unit.get(Case, number)
    if duty is None or case is None or duty.state != "open":
        due.fired_at = unit.now
        return
    at = crossing(duty, due.kind)
    if due.kind == "warn":
        duty.warned_at = at
        _tell(unit, case, duty, "duty.approaching", at)
        due.kind, due.due_at = "miss", duty.due_at
    else:
        duty.missed_at = at
        _tell(unit, case, duty, "duty.missed", at)
        due.fired_at = unit.now


def _tell(unit: Unit, case: Case, duty: Duty, type_: str, at: datetime) -> None:
    unit.emit(
        case.number,
        type_,
        {
            "petition": case.public(),
            "duty": duty.kind,
            "office": duty.office,
            "due_at": stamp(duty.due_at),
            "at": stamp(at),
        },
        path=path(case.division),
        sealed=case.sealed,
    )
