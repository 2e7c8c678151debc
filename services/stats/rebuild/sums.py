"""The roll-ups of many lives at once: what `stats.rolling` does in SQL, to the same rows.

Where lives are told, what they count as is summed up and put by in a file for each roll-up. When all are told, these are
put together in the order of the table's key: what comes in its order is indexed without being sorted (ADR 0012).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import count, repeat
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from kit.copying import escaped
from stats.domain.measures import CASE_MEASURES, STEP_MEASURES
from stats.life import Cell
from stats.queries.sums import TOWN
from stats.store import by_day, by_month

MEASURES = tuple(sorted((*CASE_MEASURES, *STEP_MEASURES)))
_AT = {measure: place for place, measure in enumerate(MEASURES)}
Key = tuple[str, str, str, str]
"""Axis, place, dimension, value."""
_Numbers = np.ndarray[Any, np.dtype[Any]]
MANY = 2_000_000
"""Cells that are put by before they are summed up: 80 MB."""
SPARSE = 8
"""So many times more places than cells are sorted instead of counted through."""
LINES = 200_000
"""Rows of a roll-up that are written at once."""
_SPAN = 4_000_000
"""More than there are days in the calendar."""
_ENTRY = np.dtype(
    [("measure", "u1"), ("key", "i4"), ("time", "i4"), ("recorded", "i4"), ("n", "i8")]
)
"""One sum: places in MEASURES and among the keys, ordinals of days."""
_Who = tuple[str, ...]
"""Office, division, channel, type, category, turn, size."""
_DIMENSIONS = ("channel", "type", "category", "turn", "size")

# -- the sums that something falls in --------------------------------------------------------------

_Kinds = tuple[tuple[str, str, str], ...]
BY_MONTH: _Kinds = (
    *(("division", place, dim) for place in ("", "town") for dim in ("", *_DIMENSIONS, "office")),
    *(("office", "office", dim) for dim in ("", *_DIMENSIONS)),
    ("place", "division", ""),
)
"""Those of by_month: axis, what its place is, dimension."""
BY_DAY: _Kinds = tuple(kind for kind in BY_MONTH if kind[2] == "" or kind[1] == "")
"""Those of by_day: how many at each place, and each dimension of the whole site."""


def keys(kinds: _Kinds, whose: Iterable[_Who]) -> Iterator[Iterator[Key]]:
    """For each kind of sum, under which key everybody's falls."""
    offices, divisions, *values = zip(*whose, strict=True)
    known = {
        "": ("",) * len(offices),
        "office": offices,
        "division": divisions,
        "town": tuple(division[:TOWN] or "-" for division in divisions),
        **dict(zip(_DIMENSIONS, values, strict=True)),
    }
    for axis, place, dim in kinds:
        yield zip(repeat(axis), known[place], repeat(dim), known[dim])


def _first_days(days: _Numbers) -> _Numbers:
    """The first day of each one's month."""
    known, at = np.unique(days, return_inverse=True)
    firsts = [date.fromordinal(day).replace(day=1).toordinal() for day in known.tolist()]
    return np.array(firsts)[at]


ROLLUPS: dict[str, tuple[_Kinds, Callable[[_Numbers], _Numbers]]] = {
    by_day.name: (BY_DAY, np.asarray),
    by_month.name: (BY_MONTH, _first_days),
}
"""The tables, with the days under which days are summed."""

# -- where lives are told --------------------------------------------------------------------------


class Sums:
    """Of the lives of a month.

    What is added is put by in columns and summed up many at once: a cell falls into ten sums by day and twenty-one by
    month, and one by one these took half of a rebuild (ADR 0012).
    """

    def __init__(self) -> None:
        self._keys: dict[str, dict[Key, int]] = {rollup: {} for rollup in ROLLUPS}
        self._entries = {rollup: [np.empty(0, _ENTRY)] for rollup in ROLLUPS}
        self._begin()

    def _begin(self) -> None:
        self._whose: dict[_Who, int] = {}
        self._columns = [array("q") for _ in range(5)]

    def add(self, recorded: date, cell: Cell, n: int) -> None:
        """`n` more, recorded on a day; what is apart is not for roll-ups."""
        whose, measures, amounts, days, recorded_days = self._columns
        whose.append(self._whose.setdefault(cell[2:9], len(self._whose)))
        measures.append(_AT[cell.measure])
        amounts.append(n)
        days.append(cell.day.toordinal())
        recorded_days.append(recorded.toordinal())
        if len(whose) > MANY:
            self._sum_up()

    def _sum_up(self) -> None:
        """From columns to sums."""
        if not self._whose:
            return
        whose, measures, amounts, days, recorded = map(np.asarray, self._columns)
        for rollup, (kinds, time_of) in ROLLUPS.items():
            known, entries = self._keys[rollup], self._entries[rollup]
            times, at = np.unique(time_of(days) * _SPAN + recorded, return_inverse=True)
            cells, wide = at * len(MEASURES) + measures, len(times) * len(MEASURES)
            for falls in map(list, keys(kinds, self._whose)):
                numbered = {key: n for n, key in enumerate(dict.fromkeys(falls))}
                rows = np.array([numbered[key] for key in falls])[whose] * wide + cells
                found, n = _summed(rows, amounts, len(numbered) * wide)
                numbers = np.array([known.setdefault(key, len(known)) for key in numbered])
                entries.append(_entries(found, n, numbers, times))
        self._begin()

    def put_by(self, folder: Path, month: str) -> None:
        """Into a folder, for `in_order`."""
        self._sum_up()
        for rollup in ROLLUPS:
            found = np.concatenate(self._entries[rollup])
            found = found[np.argsort(found["measure"], kind="stable")]
            bounds = np.searchsorted(found["measure"], np.arange(len(MEASURES) + 1)).tolist()
            np.save(folder / f"{rollup}.{month}.npy", found)
            index = [list(self._keys[rollup]), bounds]
            (folder / f"{rollup}.{month}.json").write_bytes(orjson.dumps(index))


def _summed(rows: _Numbers, amounts: _Numbers, size: int) -> tuple[_Numbers, _Numbers]:
    """Rows of which there is something, and how much."""
    if size > SPARSE * len(rows):  # of most rows there is nothing
        found, at = np.unique(rows, return_inverse=True)
        return found, np.bincount(at, amounts)
    sums = np.bincount(rows, amounts, size)
    found = np.flatnonzero(sums)
    return found, sums[found]


def _entries(found: _Numbers, n: _Numbers, keys: _Numbers, times: _Numbers) -> _Numbers:
    entries = np.empty(len(found), _ENTRY)
    found, entries["measure"] = np.divmod(found, len(MEASURES))
    found, at = np.divmod(found, len(times))
    entries["key"] = keys[found]
    entries["time"], entries["recorded"] = np.divmod(times[at], _SPAN)
    entries["n"] = n
    return entries


# -- when all are told -----------------------------------------------------------------------------


class _Part:
    """What a month put by."""

    def __init__(self, path: Path) -> None:
        keys, self.bounds = orjson.loads(path.read_bytes())
        self.keys: list[Key] = list(map(tuple, keys))
        self._entries = np.load(path.with_suffix(".npy"), mmap_mode="r")

    def number(self, wheres: dict[tuple[str, ...], int], values: dict[str, int]) -> None:
        """Where its keys stand among those of all parts."""
        self._where = np.array([wheres[key[:3]] for key in self.keys], "i8")
        self._value = np.array([values[key[3]] for key in self.keys], "i8")

    def of(self, measure: int) -> tuple[_Numbers, ...]:
        """Its sums of one measure: where, time, value, recorded day, n."""
        found = np.array(self._entries[self.bounds[measure] : self.bounds[measure + 1]])
        key = found["key"]
        return self._where[key], found["time"], self._value[key], found["recorded"], found["n"]


def in_order(folder: Path, rollup: str) -> Iterator[str]:
    """All rows of a roll-up in COPY's text format, in the order of its key, some at a time."""
    parts = [_Part(path) for path in sorted(folder.glob(f"{rollup}.*.json"))]
    if not parts:
        return
    wheres = sorted({key[:3] for part in parts for key in part.keys})
    values = sorted({key[3] for part in parts for key in part.keys})
    for part in parts:
        part.number(dict(zip(wheres, count())), dict(zip(values, count())))
    heads = [f"{axis}\t{escaped(place)}\t{dim}" for axis, place, dim in wheres]
    said = list(map(escaped, values))
    for number, measure in enumerate(MEASURES):
        columns = zip(*(part.of(number) for part in parts), strict=True)
        yield from _lines(measure, heads, said, *map(np.concatenate, columns))


def _lines(
    measure: str, heads: list[str], values: list[str],
    where: _Numbers, time: _Numbers, value: _Numbers, recorded: _Numbers, n: _Numbers,
) -> Iterator[str]:  # fmt: skip
    """Those of one measure. All that a row is known by is one number, which is sorted by: of 63 bits, a county with a
    thousand villages and sixty years of days needs some 50."""
    if not len(n):
        return
    days, time = _days(time)
    recorded_days, recorded = _days(recorded)
    place = (where * len(days) + time) * len(values) + value
    row, n = _added(place * len(recorded_days) + recorded, n)
    for start in range(0, len(row), LINES):
        rest, recorded = np.divmod(row[start : start + LINES], len(recorded_days))
        rest, value = np.divmod(rest, len(values))
        columns = *np.divmod(rest, len(days)), value, recorded, n[start : start + LINES]
        yield "".join(
            [
                f"{measure}\t{heads[w]}\t{days[t]}\t{values[v]}\t{recorded_days[r]}\t{k}\n"
                for w, t, v, r, k in zip(*(column.tolist() for column in columns), strict=True)
            ]
        )


def _days(ordinals: _Numbers) -> tuple[list[str], _Numbers]:
    """The texts of some days in their order, and which of them each one is."""
    known, at = np.unique(ordinals, return_inverse=True)
    return [str(date.fromordinal(day)) for day in known.tolist()], at


def _added(rows: _Numbers, n: _Numbers) -> tuple[_Numbers, _Numbers]:
    """Each row once, in order, without what comes to nought."""
    order = np.argsort(rows)
    rows, n = rows[order], n[order]
    starts = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
    sums = np.add.reduceat(n, starts)
    some = sums != 0
    return rows[starts][some], sums[some]
