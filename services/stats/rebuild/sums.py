"""The roll-ups of many lives at once: in memory what `stats.rolling` does in SQL, to the same rows.

Lives are told in the order in which they began, and nothing counts before its petition was there: what counted in
months before the one being told is final, and leaves.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from operator import add

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
_NOTHING = array("q", bytes(8 * len(MEASURES)))
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
    """By day and by month, by recorded day."""

    def __init__(self) -> None:
        self.days: _Tables = defaultdict(dict)
        self.months: _Tables = defaultdict(dict)

    def add(self, recorded: date, cells: Mapping[Cell, int]) -> None:
        """What was recorded on one day; cells of what is apart are not for roll-ups."""
        days: dict[tuple[date, _Who], list[tuple[int, int]]] = defaultdict(list)
        months: dict[tuple[date, _Who], list[tuple[int, int]]] = defaultdict(list)
        for cell, n in cells.items():
            one = (_AT[cell.measure], n)
            who: _Who = cell[2:9]
            days[cell.day, who].append(one)
            months[cell.day.replace(day=1), who].append(one)
        for (day, who), counted in days.items():
            _into(self.days[day, recorded], by_day_keys(who), counted)
        for (month, who), counted in months.items():
            _into(self.months[month, recorded], by_month_keys(who), counted)

    def merge(self, other: Sums) -> None:
        """Takes another one's sums over, which is of no use any more."""
        for mine, others in ((self.days, other.days), (self.months, other.months)):
            for time, table in others.items():
                known = mine[time]
                for key, counted in table.items():
                    row = known.setdefault(key, counted)
                    if row is not counted:
                        known[key] = array("q", map(add, row, counted))

    def leave(self, before: date = date.max) -> tuple[Iterator[Line], Iterator[Line]]:
        """Lines of by_day and of by_month that are final before a day, which are forgotten then."""
        return _lines(_taken(self.days, before)), _lines(_taken(self.months, before))


def _into(table: _Table, keys: Iterable[Key], counted: list[tuple[int, int]]) -> None:
    for key in keys:
        row = table.get(key)
        if row is None:
            row = table[key] = _NOTHING[:]
        for place, n in counted:
            row[place] += n


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
