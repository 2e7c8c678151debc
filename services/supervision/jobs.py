"""What supervision does at its own pace, in the plain process of jobs."""

from __future__ import annotations

from typing import Any

from contracts.public import stamp
from kit.config import Settings
from kit.jobs import YEAR_END, Job, Task, unit_of
from kit.offices import read_directory
from kit.unit import Unit
from supervision import calendars
from supervision.domain.calendar import Calendar
from supervision.domain.orders import YEARLY
from supervision.duties import instants, reckon
from supervision.handlers.affairs import start_year
from supervision.handlers.steps import publish
from supervision.store import MODEL, Affair, Case, Duty, Holder

RESCHEDULE = "reschedule"
PAGE = 100
"""Cases in one transaction."""


def reschedule(task: Task) -> dict[str, Any]:
    """Reckons every open deadline anew after a change of the calendar; one event for each case that moves.

    It may be done again: what was moved already stays where it is. Emits petition.rescheduled.
    """
    site, moved, last = Settings.from_env("supervision").site, 0, ""
    with task.engine.connect() as connection:
        calendar = calendars.read(connection)
    while numbers := _open(task, last):
        with unit_of(task, MODEL, site) as unit:
            unit.open(numbers)
            moved += sum(move(unit, number, calendar) for number in numbers)
        last = numbers[-1]
    return {"moved": moved}


def _open(task: Task, last: str) -> list[str]:
    """The next cases with an open deadline."""
    with task.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT DISTINCT number FROM duty WHERE state = 'open' AND due_at IS NOT NULL"
            " AND number > %s ORDER BY number LIMIT %s",
            (last, PAGE),
        )
        return [row.number for row in rows]


def move(unit: Unit, number: str, calendar: Calendar) -> bool:
    """Moves one case's open deadlines to where this calendar puts them; tells whether any moved."""
    case: Holder | None = unit.get(Case, number) or unit.get(Affair, number)
    moved = []
    for duty in unit.all(Duty, number):
        if case is None or duty.state != "open" or duty.due_at is None:
            continue
        warned, was = duty.warn_at, duty.due_at
        if instants(duty, calendar) == (warned, was):
            continue
        reckon(unit, case, duty, calendar)
        assert duty.due_at is not None
        moved.append({"duty": duty.kind, "was": stamp(was), "due_at": stamp(duty.due_at)})
    if case is not None and moved:
        publish(unit, case, "petition.rescheduled", {"duties": moved}, unit.now)
    return bool(moved)


def year_end(task: Task) -> dict[str, Any]:
    """年度报告、年度考核: opens what the site's petition office owes for the year that has ended (D14, Art. 39,
    41). It runs every day and opens each once. Emits affair.issued."""
    site, opened = Settings.from_env("supervision").site, []
    with task.engine.connect() as connection:
        calendar = calendars.read(connection)
        root = read_directory(connection, MODEL.tables).root()
    for kind in YEARLY if root else ():
        with unit_of(task, MODEL, site) as unit:
            assert root is not None
            opened.append(start_year(unit, site, root, kind, calendar))
    return {"opened": [number for number in opened if number]}


JOBS: dict[str, Job] = {RESCHEDULE: reschedule, YEAR_END: year_end}
