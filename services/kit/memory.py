"""The store of a unit in memory, for unit tests and for the generator of demonstration data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from kit.unit import Changes, Cursor, LogEntry, Mapping, Model, Unit, detached

R = TypeVar("R")


class MemoryStore:
    """The same store in dictionaries, one service's worth. Rows go in and out as copies."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.rows: dict[type[Any], dict[tuple[Any, ...], Any]] = defaultdict(dict)
        self.appended: dict[type[Any], list[Any]] = defaultdict(list)
        self.cursors: dict[str, Cursor] = {}
        self.log: list[LogEntry] = []
        self.held: dict[tuple[str, str, int], bytes] = {}
        self.audits: list[dict[str, Any]] = []
        self.counters: Counter[str] = Counter()
        self.jobs: list[tuple[Any, ...]] = []
        self._subjects: dict[type[Any], dict[str, list[tuple[Any, ...]]]] = defaultdict(
            lambda: defaultdict(list)
        )

    def unit(self, now: datetime, site: str = "330282") -> Unit:
        return Unit(self.model, self, now, site)

    def open(
        self, subjects: Sequence[str], mappings: Sequence[Mapping]
    ) -> tuple[dict[str, Cursor], list[list[Any]]]:
        cursors = {s: self.cursors[s].copy() if s in self.cursors else Cursor(s) for s in subjects}
        return cursors, [self.load(mapping, subjects) for mapping in mappings]

    def load(self, mapping: Mapping, subjects: Sequence[str]) -> list[Any]:
        """The live rows of these subjects."""
        keys, rows = self._subjects[mapping.row], self.rows[mapping.row]
        found = (rows[key] for s in subjects for key in keys.get(s, ()))
        return [_clone(mapping, row) for row in found if mapping.is_live(row)]

    def waiting(self, subjects: Sequence[str]) -> list[bytes]:
        wanted = set(subjects)
        return [body for (subject, _, _), body in self.held.items() if subject in wanted]

    def count(self, series: str, by: int) -> int:
        self.counters[series] += by
        return self.counters[series]

    def enqueue(self, job: tuple[Any, ...]) -> int:
        self.jobs.append(job)
        return len(self.jobs)

    def write(self, changes: Changes) -> None:
        for mapping, rows in changes.inserts:
            self._refuse_doubles(mapping, rows)
        for cursor in changes.cursors:
            self.cursors[cursor.subject] = cursor
        for mapping, rows in changes.inserts:
            self._insert(mapping, rows)
        for mapping, _, rows in changes.updates:
            for row in rows:
                self.rows[mapping.row][mapping.key_of(row)] = _clone(mapping, row)
        self.log.extend(changes.events)
        self.audits.extend(changes.audits)
        for event in changes.waiting:
            self.held[event.subject, event.source, event.sequence] = changes.bodies[event.id]
        for event in changes.waited:
            self.held.pop((event.subject, event.source, event.sequence), None)

    def _refuse_doubles(self, mapping: Mapping, rows: list[Any]) -> None:
        known = self.rows[mapping.row]
        for key in map(mapping.key_of, rows) if mapping.key else ():
            if key in known:
                raise KeyError(f"{mapping.table.name} {key} is there already")

    def _insert(self, mapping: Mapping, rows: list[Any]) -> None:
        if not mapping.key:
            self.appended[mapping.row].extend(rows)
            return
        for row in rows:
            key = mapping.key_of(row)
            self.rows[mapping.row][key] = _clone(mapping, row)
            self._subjects[mapping.row][getattr(row, mapping.subject)].append(key)


def _clone(mapping: Mapping, row: R) -> R:
    clone: R = object.__new__(type(row))
    clone.__dict__.update(row.__dict__)
    for i in mapping.mutable:
        name = mapping.columns[i]
        clone.__dict__[name] = detached(clone.__dict__[name])
    return clone
