"""The roll-ups of many lives at once: in memory what `stats.rolling` does in SQL, to the same rows.

Lives are told in the order in which they began, and nothing counts before its petition was there: what counted in
months before the one being told is final, and leaves.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from operator import add
from typing import Any

import numpy as np

from kit.copying import escaped
from stats.domain.measures import CASE_MEASURES, STEP_MEASURES
from stats.life import Cell
from stats.queries.sums import TOWN

MEASURES = (*CASE_MEASURES, *STEP_MEASURES)
_AT = {measure: place for place, measure in enumerate(MEASURES)}
Key = tuple[str, str, str, str]
"""Axis, place, dimension, value."""
_Table = dict[Key, "array[int]"]
"""How many of each measure, for one span of time."""
_Tables = dict[tuple[date, date], _Table]
"""By the day or month, and the recorded day."""
Line = str
"""Measure, axis, place, dimension, time, value, recorded day, n: a row of by_day or by_month for COPY."""
_Numbers = np.ndarray[Any, np.dtype[np.integer[Any]]]
MANY = 2_000_000
"""Cells that are put by before they are summed up: 80 MB."""
SPARSE = 8
"""So many times more places than cells are sorted instead of counted through."""
_SPAN = 4_000_000
"""More than there are days in the calendar."""
_Who = tuple[str, ...]
"""Office, division, channel, type, category, turn, size."""
_DIMENSIONS = ("channel", "type", "category", "turn", "size")


@lru_cache(maxsize=4096)
def by_month_keys(who: _Who) -> tuple[Key, ...]:
    """The cells of by_month that something falls in."""
    office, division, *values = who
    by = [("", ""), *zip(_DIMENSIONS, values, strict=True)]
    town = division[:TOWN] or "-"
    return (
        *(("division", place, *one) for place in ("", town) for one in [*by, ("office", office)]),
        *(("office", office, *one) for one in by),
        ("place", division, "", ""),
    )


@lru_cache(maxsize=4096)
def by_day_keys(who: _Who) -> tuple[Key, ...]:
    """Those of by_day: how many at each place, and each dimension of the whole site."""
    return tuple(
        key for key in by_month_keys(who) if key[2] == "" or (key[0] == "division" and key[1] == "")
    )


class Sums:
    """By day and by month, by recorded day.

    What is added is put by in columns and summed up many at once: a cell falls into ten sums by day and twenty-one by
    month, and one by one these took half of a rebuild (ADR 0012).
    """

    def __init__(self) -> None:
        self.days: _Tables = defaultdict(dict)
        self.months: _Tables = defaultdict(dict)
        self._begin()

    def _begin(self) -> None:
        self._whose: dict[_Who, int] = {}
        self._columns = [array("q") for _ in range(5)]

    def add(self, recorded: date, cells: Mapping[Cell, int]) -> None:
        """What was recorded on one day; cells of what is apart are not for roll-ups."""
        whose, measures, amounts, days, recorded_days = self._columns
        recorded_day = recorded.toordinal()
        for cell, n in cells.items():
            whose.append(self._whose.setdefault(cell[2:9], len(self._whose)))
            measures.append(_AT[cell.measure])
            amounts.append(n)
            days.append(cell.day.toordinal())
            recorded_days.append(recorded_day)
        if len(whose) > MANY:
            self._sum_up()

    def _sum_up(self) -> None:
        """From columns to sums."""
        if not self._whose:
            return
        whose, measures, amounts, days, recorded = map(np.asarray, self._columns)
        for tables, keys_of, firsts in (
            (self.days, by_day_keys, days), (self.months, by_month_keys, _first_days(days)),
        ):  # fmt: skip
            times, time_of = np.unique(firsts * _SPAN + recorded, return_inverse=True)
            spans = [tables[_days(time)] for time in times.tolist()]
            for keys in zip(*map(keys_of, self._whose), strict=True):  # one of each cell's
                names = list(dict.fromkeys(keys))
                numbered = {key: n * len(spans) for n, key in enumerate(names)}
                row_of = np.array([numbered[key] for key in keys])[whose] + time_of
                for row, counted in _summed(row_of, measures, amounts, len(names) * len(spans)):
                    place, span = divmod(row, len(spans))
                    _into(spans[span], names[place], counted)
        self._begin()

    def merge(self, other: Sums) -> None:
        """Takes another one's sums over, which is of no use any more."""
        other._sum_up()
        for mine, others in ((self.days, other.days), (self.months, other.months)):
            for time, table in others.items():
                known = mine[time]
                for key, counted in table.items():
                    _into(known, key, counted)

    def leave(self, before: date = date.max) -> tuple[Iterator[Line], Iterator[Line]]:
        """Lines of by_day and of by_month that are final before a day, which are forgotten then."""
        self._sum_up()
        return _lines(_taken(self.days, before)), _lines(_taken(self.months, before))


def _first_days(days: _Numbers) -> _Numbers:
    """The first day of each one's month."""
    known, at = np.unique(days, return_inverse=True)
    firsts = [date.fromordinal(day).replace(day=1).toordinal() for day in known.tolist()]
    return np.array(firsts)[at]


def _days(time: int) -> tuple[date, date]:
    day, recorded = divmod(time, _SPAN)
    return date.fromordinal(day), date.fromordinal(recorded)


def _summed(
    row_of: _Numbers, measures: _Numbers, amounts: _Numbers, rows: int
) -> Iterator[tuple[int, array[int]]]:
    """What was added to each row of some, by measure."""
    wide = len(MEASURES)
    known = None
    if rows * wide > SPARSE * len(row_of):  # of most rows there is nothing
        known, row_of = np.unique(row_of, return_inverse=True)
        rows = len(known)
    sums = np.bincount(row_of * wide + measures, amounts, rows * wide).reshape(rows, wide)
    used = np.flatnonzero(sums.any(axis=1))
    names = used if known is None else known[used]
    whole = sums[used].astype(np.int64)
    for name, row in zip(names.tolist(), whole, strict=True):
        yield name, array("q", row.tobytes())


def _into(table: _Table, key: Key, counted: array[int]) -> None:
    row = table.setdefault(key, counted)
    if row is not counted:
        table[key] = array("q", map(add, row, counted))


def _taken(tables: _Tables, before: date) -> _Tables:
    return {time: tables.pop(time) for time in sorted(tables) if time[0] < before}


def _lines(tables: _Tables) -> Iterator[Line]:
    """COPY's text format, by hand: there are more of these lines than of anything else."""
    for (time, recorded), table in tables.items():
        for (axis, place, dim, value), counted in table.items():
            where = f"{axis}\t{escaped(place)}\t{dim}\t{time}\t{escaped(value)}\t{recorded}"
            for measure, n in zip(MEASURES, counted, strict=True):
                if n:
                    yield f"{measure}\t{where}\t{n}\n"
