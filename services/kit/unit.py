"""The unit of work: what one transaction loads, changes, emits and writes.

Rows are plain dataclasses with the same field names as their table's columns. A unit loads the rows
of its subjects once (identity map), handlers change them as objects, and at the end everything that
changed is written together with the events, in as few statements as there are tables. A command is a
unit with one subject, a batch of events one with hundreds: the same handlers serve both.

`Unit` knows no database. `kit.sqlstore.SqlStore` stands behind it in production, `kit.memory.MemoryStore`
in unit tests and in the generator of demonstration data; tests/contract holds the two to the same
behaviour.
"""

from __future__ import annotations

import dataclasses
import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, Protocol, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kit import envelope
from kit.envelope import Event
from kit.tables import BusTables

R = TypeVar("R")


@dataclass(frozen=True)
class Mapping:
    """Ties a row class to its table.

    `key` names the identifying columns, `subject` the column that holds the petition number (or other
    subject) by which rows are loaded. `live` is a condition in SQL: only rows that meet it are loaded
    (`"state = 'open'"`). `wants` tells by a subject's form whether it can have rows here at all, so
    that a petition does not ask for offices. A mapping with no key is append-only and never loaded. The
    rows of a `rare` one are loaded when a handler first asks for them, not with every event.
    """

    row: type[Any]
    table: Table
    key: tuple[str, ...] = ()
    subject: str = "number"
    live: str | None = None
    rare: bool = False
    wants: Callable[[str], bool] = field(default=lambda subject: True, compare=False)

    def is_live(self, row: Any) -> bool:
        """`live` for a row in memory. Raises ValueError for a condition that is not `column IS NULL`."""
        if self.live is None:
            return True
        name, _, condition = self.live.partition(" ")
        if condition != "IS NULL":
            raise ValueError(f"cannot tell in memory: {self.live}")
        return getattr(row, name) is None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(item.name for item in dataclasses.fields(self.row))

    @cached_property
    def mutable(self) -> tuple[int, ...]:
        """Positions of the columns whose values can change in place."""
        changeable = (ARRAY, JSONB)
        columns = enumerate(self.columns)
        return tuple(i for i, n in columns if isinstance(self.table.c[n].type, changeable))

    @cached_property
    def key_of(self) -> Callable[[Any], tuple[Any, ...]]:
        return _getter(self.key)

    @cached_property
    def values_of(self) -> Callable[[Any], tuple[Any, ...]]:
        return _getter(self.columns)


Check = Callable[[str, int, dict[str, Any], bool], None]


def no_check(_type: str, _version: int, _data: dict[str, Any], _lenient: bool) -> None:
    """For models whose events have no contract (tests of the kit)."""


@dataclass(frozen=True)
class Model:
    """What one service owns and hears: `source` is its name, `sources` the services it consumes.

    `check(type, version, data, lenient)` raises where an event breaks its contract (kit does not know
    them): to the letter where it is published, leniently where it is consumed.
    """

    source: str
    tables: BusTables
    mappings: tuple[Mapping, ...]
    sources: tuple[str, ...] = ()
    check: Check = no_check

    def mapping(self, row: type[Any]) -> Mapping:
        for mapping in self.mappings:
            if mapping.row is row:
                return mapping
        raise LookupError(f"{row.__name__} is not mapped in {self.source}")


@dataclass(slots=True)
class Seen:
    """What was applied of one source for one subject: the last sequence, how many, and a rolling digest.

    The digest folds the event ids in the order of application, so that an audit can prove order and
    once-only against the source's log without an inbox table.
    """

    sequence: int = 0
    applied: int = 0
    digest: str = ""

    def apply(self, event: Event) -> None:
        self.sequence = event.sequence
        self.applied += 1
        self.digest = fold(self.digest, event.id)


def fold(digest: str, event_id: str) -> str:
    """One step of the rolling digest: 16 hex digits."""
    return blake2b((digest + event_id).encode(), digest_size=8).hexdigest()


@dataclass(slots=True)
class Cursor:
    """Where one subject stands in one service: how many events of its own, and what it has applied."""

    subject: str
    own: int = 0
    seen: dict[str, Seen] = field(default_factory=dict)
    changed: bool = False

    def of(self, source: str) -> Seen:
        return self.seen.setdefault(source, Seen())

    def reached(self, source: str) -> int:
        """The sequence reached of a source, 0 where nothing was applied."""
        seen = self.seen.get(source)
        return seen.sequence if seen else 0

    def after(self) -> dict[str, int]:
        return {source: seen.sequence for source, seen in self.seen.items() if seen.sequence}

    def copy(self) -> Cursor:
        """The same, unchanged so far, for a unit of its own."""
        seen = {s: Seen(v.sequence, v.applied, v.digest) for s, v in self.seen.items()}
        return Cursor(self.subject, self.own, seen)


@dataclass(frozen=True, slots=True)
class View:
    """One subject as it stood at one moment: its cursor, and its rows by their class."""

    cursor: Cursor
    rows: dict[type[Any], list[Any]]

    @property
    def seen(self) -> str:
        """What was applied, as the header `Petition-Seen` says it."""
        return " ".join(f"{source}:{n}" for source, n in sorted(self.cursor.after().items()))

    def of(self, row: type[R]) -> list[R]:
        return self.rows[row]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event on its way into event_log and outbox."""

    event: Event
    routing_key: str
    cc: str | None
    body: bytes


@dataclass
class Changes:
    """Everything one unit wants written, in the order of the model's tables."""

    cursors: list[Cursor] = field(default_factory=list)
    inserts: list[tuple[Mapping, list[Any]]] = field(default_factory=list)
    updates: list[tuple[Mapping, tuple[str, ...], list[Any]]] = field(default_factory=list)
    events: list[LogEntry] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)
    waited: list[Event] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    audits: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[str, str, str, bytes]] = field(default_factory=list)


class Store(Protocol):
    """What a unit needs below it."""

    def open(
        self, subjects: Sequence[str], mappings: Sequence[Mapping]
    ) -> tuple[dict[str, Cursor], list[list[Any]]]:
        """Locks these subjects, in their sorted order, until the end.

        Returns: their cursors, made where missing, and for each mapping the live rows.
        """

    def load(self, mapping: Mapping, subjects: Sequence[str]) -> list[Any]:
        """The live rows of one mapping."""

    def waiting(self, subjects: Sequence[str]) -> list[bytes]:
        """Envelopes that wait for their turn."""

    def count(self, series: str, by: int) -> int:
        """Takes the next `by` numbers of a series, and returns the last of them."""

    def enqueue(self, job: tuple[Any, ...]) -> int:
        """Asks for a job (kit.jobs): kind, subject, arguments in JSON, run_at. Returns its id."""

    def write(self, changes: Changes) -> None:
        """Writes all of it."""


class Unit:
    """One transaction's rows and events. Not shared between greenthreads."""

    def __init__(
        self,
        model: Model,
        store: Store,
        now: datetime,
        site: str,
        traceparent: str | None = None,
    ) -> None:
        self.model, self.store, self.now, self.site = model, store, now, site
        self.traceparent = traceparent
        self.cursors: dict[str, Cursor] = {}
        self._rows: dict[type[Any], dict[tuple[Any, ...], Any]] = defaultdict(dict)
        self._snapshots: dict[int, tuple[Any, ...]] = {}
        self._by_subject: dict[type[Any], dict[str, list[Any]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._new: dict[type[Any], list[Any]] = defaultdict(list)
        self._unasked: dict[type[Any], tuple[Mapping, set[str]]] = {}
        self.changes = Changes()
        self.notes: dict[Any, Any] = {}
        """Scratch of the handlers of one unit, for what a batch gathers (a tally per cell)."""

    # -- loading ---------------------------------------------------------------------------------

    def open(self, subjects: Iterable[str], also: Collection[type[Any]] = ()) -> None:
        """Locks these subjects and loads their rows. A unit may be opened once more for other ones only
        where no other transaction can want both (lock order).

        Args:
            also: rare rows that are asked for anyway: they come by the same message.
        """
        wanted = sorted(set(subjects) - self.cursors.keys())
        if not wanted:
            return
        wished = [m for m in self.model.mappings if m.key and any(map(m.wants, wanted))]
        mappings = [m for m in wished if not m.rare or m.row in also]
        cursors, rows = self.store.open(wanted, mappings)
        self.cursors.update(cursors)
        for mapping in wished:
            if mapping.rare and mapping.row not in also:
                self._unasked.setdefault(mapping.row, (mapping, set()))[1].update(wanted)
        for mapping, found in zip(mappings, rows, strict=True):
            self._remember(mapping, found)

    def create(self, subject: str) -> None:
        """A subject that nobody else can know yet: nothing to lock, nothing to load."""
        self.cursors[subject] = Cursor(subject, changed=True)

    def _remember(self, mapping: Mapping, rows: Iterable[Any]) -> None:
        key_of, values_of = mapping.key_of, mapping.values_of
        known, by_subject = self._rows[mapping.row], self._by_subject[mapping.row]
        for row in rows:
            known[key_of(row)] = row
            by_subject[getattr(row, mapping.subject)].append(row)
            self._snapshots[id(row)] = _copied(values_of(row), mapping.mutable)

    def _ask(self, row: type[Any]) -> None:
        """Loads the rows of a rare mapping, the first time that somebody asks for them."""
        if row in self._unasked:
            mapping, subjects = self._unasked.pop(row)
            self._remember(mapping, self.store.load(mapping, sorted(subjects)))

    # -- rows ------------------------------------------------------------------------------------

    def get(self, row: type[R], *key: Any) -> R | None:
        """The row with this key among the opened subjects, or None."""
        self._ask(row)
        return self._rows[row].get(key)

    def all(self, row: type[R], subject: str) -> list[R]:
        """The live rows of one opened subject."""
        self._ask(row)
        return self._by_subject[row][subject]

    def add(self, row: Any) -> None:
        """A new row."""
        mapping = self.model.mapping(type(row))
        self._new[type(row)].append(row)
        if mapping.key:
            self._rows[mapping.row][mapping.key_of(row)] = row
            self._by_subject[mapping.row][getattr(row, mapping.subject)].append(row)

    def count(self, series: str, by: int = 1) -> int:
        """Takes the next `by` numbers of a series without gaps, and returns the last of them. Whoever else
        counts in it waits until this transaction ends, and takes the same numbers where it fails."""
        return self.store.count(series, by)

    # -- events ----------------------------------------------------------------------------------

    def emit(
        self,
        subject: str,
        type_: str,
        data: dict[str, Any],
        *,
        path: str = "",
        was: str | None = None,
        sealed: bool = False,
        version: int = 1,
        at: datetime | None = None,
    ) -> Event:
        """Appends an event to the log and the outbox; `at` is when it happened, if not now.

        `path` is the dotted path of the competent division after the event (`33.02.82.104`), `was` the
        one before where it changed: its key goes into CC, so that both see the hand-over.
        """
        self.model.check(type_, version, data, False)
        cursor = self.cursors[subject]
        cursor.own += 1
        cursor.changed = True
        event = Event(
            id=envelope.new_id(),
            type=type_,
            source=self.model.source,
            site=self.site,
            subject=subject,
            time=at or self.now,
            sequence=cursor.own,
            after=cursor.after(),
            data=data,
            traceparent=self.traceparent,
            version=version,
            sealed=sealed,
        )
        key = f"{type_}.{path}" if path else type_
        cc = f"{type_}.{was}" if was and was != path else None
        self.changes.events.append(LogEntry(event, key, cc, envelope.encode(event)))
        return event

    def audit(self, entry: dict[str, Any]) -> None:
        """An audit row (`kit.audit.to_row`), written with everything else."""
        self.changes.audits.append(entry)

    # -- writing ---------------------------------------------------------------------------------

    def collect(self) -> Changes:
        """What has to be written now; rows are compared with what was loaded."""
        changes = self.changes
        changes.cursors = [cursor for cursor in self.cursors.values() if cursor.changed]
        for mapping in self.model.mappings:
            if new := self._new.get(mapping.row):
                changes.inserts.append((mapping, new))
            if updated := self._updated(mapping):
                changes.updates.append((mapping, *updated))
        return changes

    def flush(self) -> None:
        """Writes everything that changed. The caller commits."""
        self.store.write(self.collect())

    def _updated(self, mapping: Mapping) -> tuple[tuple[str, ...], list[Any]] | None:
        if not mapping.key or not self._snapshots:
            return None
        names, values_of = mapping.columns, mapping.values_of
        rows: list[Any] = []
        touched: set[str] = set()
        for row in self._rows[mapping.row].values():
            before = self._snapshots.get(id(row))
            if before is None or before == (after := values_of(row)):
                continue
            rows.append(row)
            touched.update(n for n, a, b in zip(names, before, after, strict=True) if a != b)
        if not rows:
            return None
        return tuple(name for name in names if name in touched), rows


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    getter = operator.attrgetter(*names)
    if len(names) == 1:
        return lambda row: (getter(row),)
    return getter


def _copied(values: tuple[Any, ...], mutable: tuple[int, ...]) -> tuple[Any, ...]:
    """Lists and dictionaries are copied, so that a change in place is seen."""
    if not mutable:
        return values
    copied = list(values)
    for i in mutable:
        copied[i] = detached(copied[i])
    return tuple(copied)


def detached(value: Any) -> Any:
    """A list of words is flat; a dictionary may hold others, which change in place too."""
    return value.copy() if type(value) is list else deepcopy(value)
