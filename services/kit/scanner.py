"""Looks at what is due, oldest first and never only "a page" (peers.md 3.6), until nothing is left.

A deadline is a fact to re-check, not an order: the handler reloads the petition under its lock and
decides; a row may move on to its next crossing or be done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from prometheus_client import Counter, Gauge

from kit import clock
from kit.db import Database, is_transient
from kit.due import Due
from kit.loop import Loop
from kit.unit import Model, Unit

log = logging.getLogger(__name__)

PAGE = 200
SCAN_EVERY = 2.0

FIRED = Counter("petition_due_fired_total", "Due rows looked at", ["service"])
FAILED = Counter("petition_due_failed_total", "Due items whose handling raised", ["service"])
BEHIND = Gauge(
    "petition_due_behind_seconds", "Age of the oldest due row not yet looked at", ["service"]
)

Fire = Callable[[Unit, Due], None]
"""Looks at one due item under its petition's lock: emits, moves `due_at` on, or sets `fired_at`."""


def scan(database: Database, model: Model, fire: Fire) -> int:
    """Looks at everything that is due now, oldest first. Returns how many rows were looked at."""
    total = 0
    failing: list[str] = []
    while subjects := _due_subjects(database, model, failing):
        try:
            looked = _fire(database, model, fire, subjects)
        except Exception as error:
            if is_transient(error):
                raise
            looked, failed = _fire_singly(database, model, fire, subjects)
            failing += failed
        total += looked
    return total


def _fire_singly(
    database: Database, model: Model, fire: Fire, subjects: list[str]
) -> tuple[int, list[str]]:
    """One petition that cannot be looked at must not hold up the others' deadlines."""
    looked, failed = 0, []
    for subject in subjects:
        try:
            looked += _fire(database, model, fire, [subject])
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("due item failed", extra={"subject": subject})
            FAILED.labels(model.source).inc()
            failed.append(subject)
    return looked, failed


def _fire(database: Database, model: Model, fire: Fire, subjects: list[str]) -> int:
    with database.unit(model) as unit:
        unit.open(subjects)
        rows = [row for s in subjects for row in unit.all(Due, s) if _is_due(row, unit.now)]
        for row in sorted(rows, key=lambda row: row.due_at):
            while _is_due(row, unit.now):  # after days off, warning and miss are both behind
                before = row.kind, row.due_at
                fire(unit, row)
                if row.fired_at is None and before == (row.kind, row.due_at):
                    raise RuntimeError(f"due item {row.item} was neither moved nor ended")
    FIRED.labels(model.source).inc(len(rows))
    return len(rows)


def _is_due(row: Due, now: datetime) -> bool:
    return row.fired_at is None and row.due_at <= now


def _due_subjects(database: Database, model: Model, failing: list[str]) -> list[str]:
    """Petitions with something due, oldest first. No row lock here: the petition's own lock comes
    first everywhere, and a second scanner finds nothing left to fire under it."""
    now = clock.now()
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT subject, due_at FROM {model.tables.due.fullname}"
            " WHERE fired_at IS NULL AND due_at <= %s AND NOT subject = ANY(%s)"
            " ORDER BY due_at LIMIT %s",
            (now, failing, PAGE),
        ).all()
    BEHIND.labels(model.source).set((now - rows[0].due_at).total_seconds() if rows else 0)
    return sorted({row.subject for row in rows})


class DueScanner(Loop):
    """Scans every two seconds inside a nameko container; several may run."""

    every = SCAN_EVERY

    def __init__(self, model: Model, fire: Fire) -> None:
        super().__init__()
        self.model, self.fire = model, fire

    def turn(self) -> None:
        scan(self.container.config["DATABASE"], self.model, self.fire)
