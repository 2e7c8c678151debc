"""So many petitions over five years, by COPY: lives that the generator told, repeated on days and under numbers of
their own, and the roll-ups that rolling them would have left (tests/integration/stats/test_bench_load.py holds the two
to the same sums)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, text

from stats.domain.periods import DAY
from stats.rebuild.sums import BY_DAY, BY_MONTH, keys
from stats.rolling import FOLDED_ON
from stats.store import bus, by_day, by_month, fact, transition
from tests.bench.stats.patterns import EVENT_COLUMNS, SOURCES, Pattern
from tool.demo import Site

YEARS = 5
DAYS = YEARS * 365
TAIL = 1200
"""Days after the last registration on which something may count."""
CHUNK = 20_000
_LARGE = (fact, transition, bus.cursor, by_day, by_month)


@dataclass
class Plan:
    """Which life begins on which day."""

    patterns: list[Pattern]
    which: Any
    days: Any
    start: date

    @classmethod
    def made(cls, patterns: list[Pattern], petitions: int, start: date) -> Plan:
        random = np.random.default_rng(petitions)
        which = random.integers(len(patterns), size=petitions)
        return cls(patterns, which, np.sort(random.integers(DAYS, size=petitions)), start)

    def lives(self) -> Iterator[tuple[Pattern, str, list[str]]]:
        """Each with its number, and the texts of its days."""
        dates = [str(self.start + n * DAY) for n in range(DAYS + TAIL)]
        compact = [day.replace("-", "") for day in dates]
        given = Counter[int]()
        slices: tuple[int, list[str]] = (-1, [])
        for which, day in zip(self.which.tolist(), self.days.tolist(), strict=True):
            if slices[0] != day:
                slices = (day, dates[day:])
            pattern = self.patterns[which]
            local = day + pattern.local
            given[local] += 1
            yield pattern, f"330282{compact[local]}{given[local]:04}", slices[1]


def load(connection: Connection, plan: Plan) -> None:
    """Fills an empty site's statistics; indexes are made afterwards."""
    for table in _LARGE:
        connection.execute(text(f"ALTER TABLE {table.fullname} DROP CONSTRAINT {table.name}_pkey"))
        for index in table.indexes:
            index.drop(connection)
    _copy(connection, plan, {
        fact.fullname: lambda p, number, days: p.fact.at(number, days),
        transition.fullname: lambda p, number, days: p.steps.at(number, days),
        f"{bus.cursor.fullname} (subject, own, seen)": lambda p, number, days: p.cursor.at(number, days),
    })  # fmt: skip
    for table, lines in _sums(plan):
        _send(connection, table.fullname, lines)


def index(connection: Connection) -> None:
    """Keys and indexes."""
    connection.execute(text("SET maintenance_work_mem = '1GB'"))
    for table in _LARGE:
        key = ", ".join(f'"{column.name}"' for column in table.primary_key)
        connection.execute(text(f"ALTER TABLE {table.fullname} ADD CONSTRAINT {table.name}_pkey PRIMARY KEY ({key})"))  # fmt: skip
        for one in table.indexes:
            one.create(connection)


def load_logs(connection: Connection, plan: Plan) -> None:
    """The event logs of the services that stats hears."""
    for source in SOURCES:
        _copy(connection, plan, {
            f"{source}.event_log ({EVENT_COLUMNS})": lambda p, number, days, s=source: p.events[s].at(number, days)
        })  # fmt: skip


Line = Callable[[Pattern, str, list[str]], str]


def _copy(connection: Connection, plan: Plan, into: dict[str, Line]) -> None:
    pieces: dict[str, list[str]] = {table: [] for table in into}
    for count, life in enumerate(plan.lives(), 1):
        for table, line in into.items():
            pieces[table].append(line(*life))
        if count % CHUNK == 0:
            _flush(connection, pieces)
    _flush(connection, pieces)


def _flush(connection: Connection, pieces: dict[str, list[str]]) -> None:
    for table, lines in pieces.items():
        _send(connection, table, lines)
        lines.clear()


def _send(connection: Connection, table: str, lines: Iterable[str]) -> None:
    cursor: Any = connection.connection.cursor()
    cursor.copy_expert(f"COPY {table} FROM STDIN", StringIO("".join(lines)))


def directory(connection: Connection) -> None:
    """The site's offices."""
    for o in Site.load().offices:
        connection.exec_driver_sql(
            "INSERT INTO stats.office (id, name, short_name, parent, division, level, kind)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (o.id, o.name, o.short_name, o.parent, o.division, o.level, o.kind),
        )


# -- sums ------------------------------------------------------------------------------------------

Key = tuple[str, ...]
"""Measure, axis, place, dimension, value."""


def _sums(plan: Plan) -> Iterator[tuple[Table, list[str]]]:
    """What the lives come to: each pattern's cells on all the days on which it begins."""
    times = len(plan.patterns)
    began = np.bincount(plan.which * DAYS + plan.days, minlength=times * DAYS).reshape(times, DAYS)
    every = [plan.start + n * DAY for n in range(DAYS + TAIL)]
    firsts = sorted({day.replace(day=1) for day in every})
    month_of = np.array([firsts.index(day.replace(day=1)) for day in every])
    for table, kinds, span in ((by_day, BY_DAY, len(every)), (by_month, BY_MONTH, len(firsts))):
        sums: dict[Key, Any] = {}
        for pattern, days in zip(plan.patterns, began, strict=True):
            for after, who, counted in _grouped(pattern):
                if table is by_day:
                    there, amounts = slice(after, after + DAYS), days
                else:
                    there = slice(0, span)
                    amounts = np.bincount(month_of[after : after + DAYS], days, span).astype(int)
                for (key,) in keys(kinds, [who]):
                    for measure, n in counted:
                        row = sums.get((measure, *key))
                        if row is None:
                            row = sums[measure, *key] = np.zeros(span, int)
                        row[there] += n * amounts
        texts = list(map(str, every if table is by_day else firsts))
        keyed = iter(sums.items())
        while lines := list(_lines(keyed, texts)):
            yield table, lines


def _grouped(pattern: Pattern) -> Iterator[tuple[int, Key, list[tuple[str, int]]]]:
    """Its cells by day and by whose they are."""
    found: dict[tuple[int, Key], list[tuple[str, int]]] = defaultdict(list)
    for after, cell, n in pattern.counts:
        found[after, cell[2:9]].append((cell.measure, n))
    for (after, who), counted in found.items():
        yield after, who, counted


def _lines(sums: Iterator[tuple[Key, Any]], times: list[str]) -> Iterator[str]:
    """Some hundred thousand of them."""
    count = 0
    for (measure, axis, place, dim, value), row in sums:
        head, tail = f"{measure}\t{axis}\t{place}\t{dim}\t", f"\t{value}\t{FOLDED_ON}\t"
        for at in np.flatnonzero(row).tolist():
            yield f"{head}{times[at]}{tail}{row[at]}\n"
            count += 1
        if count > 500_000:
            return


def end(start: date) -> date:
    """The day after the last registration."""
    return start + timedelta(days=DAYS)
