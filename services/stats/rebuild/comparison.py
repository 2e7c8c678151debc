"""What two generations tell differently about the same events.

The new one may have heard of more: what it reads in the logs has perhaps not come by the queues yet. Petitions that
stand elsewhere in the two are left out of the rows, and reckoned into the sums.

The sums are those of every measure, axis and dimension, by day and by month, each with a fingerprint of where in it
they stand: there are too many rows to be put side by side while nothing may change. The recorded day is in neither:
of the petitions left out nobody knows it any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Table, select

from stats.life import Cell, cell_of, cells
from stats.rebuild.generation import LIVE, NEXT, moved
from stats.rolling import CELLS, DAILY, FOLDED_ON, MONTH
from stats.store import Fact, Transition, fact, transition

SHOWN = 20


class Sum(NamedTuple):
    """What is summed."""

    table: str
    measure: str
    axis: str
    dim: str


Totals = dict[Sum, tuple[int, int]]
"""How many there are, and the fingerprint of the places, values and days at which they are counted."""


@dataclass
class Comparison:
    """`behind`: petitions of which the new generation has not heard what the live one has."""

    ahead: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        return not self.rows and not self.sums

    def lines(self) -> Iterator[str]:
        """What differs, in words; of many, the first."""
        yield from [*self.rows[:SHOWN], *self.sums[:SHOWN]]
        if more := max(len(self.rows) - SHOWN, 0) + max(len(self.sums) - SHOWN, 0):
            yield f"and {more} more"


def compare(connection: Connection) -> Comparison:
    """Both generations as they stand; the caller keeps the live one from changing."""
    found = Comparison()
    for subject, live, new in connection.exec_driver_sql(_ELSEWHERE):
        kind = _kind(live or {}, new or {})
        if kind == "other":
            found.rows.append(f"{subject}: other events were applied, or in another order")
        else:
            getattr(found, kind).append(subject)
    apart = {"apart": [*found.ahead, *found.behind]}
    for what, statement in _ROWS.items():
        found.rows += [
            f"{number}: another {what}"
            for (number,) in connection.exec_driver_sql(statement, apart).all()
        ]
    found.sums += _sums(connection, apart["apart"])
    return found


def _kind(live: dict[str, Any], new: dict[str, Any]) -> str:
    """Which of two cursors is further; `other` where they are as far by different ways."""
    reached = {s: (live.get(s, [0])[0], new.get(s, [0])[0]) for s in {*live, *new}}
    if any(old > fresh for old, fresh in reached.values()):
        return "behind"
    return "ahead" if any(fresh > old for old, fresh in reached.values()) else "other"


_ELSEWHERE = f"""
SELECT subject, l.seen, n.seen FROM {LIVE}.cursor l FULL JOIN {NEXT}.cursor n USING (subject)
WHERE coalesce(l.seen, '{{}}') <> coalesce(n.seen, '{{}}') ORDER BY subject"""
_ROWS = {
    "case": f"""
SELECT coalesce(l.number, n.number) FROM {LIVE}.fact l FULL JOIN {NEXT}.fact n USING (number)
WHERE (l.*) IS DISTINCT FROM (n.*) AND coalesce(l.number, n.number) <> ALL(%(apart)s::text[]) ORDER BY 1""",
    "office": f"""
SELECT coalesce(l.id, n.id) FROM {LIVE}.office l FULL JOIN {NEXT}.office n USING (id)
WHERE (l.*) IS DISTINCT FROM (n.*) AND coalesce(l.id, n.id) <> ALL(%(apart)s::text[]) ORDER BY 1""",
    "step": f"""
SELECT DISTINCT coalesce(l.number, n.number) FROM {LIVE}.transition l
FULL JOIN {NEXT}.transition n USING (number, source, sequence)
WHERE (l.*) IS DISTINCT FROM (n.*) AND coalesce(l.number, n.number) <> ALL(%(apart)s::text[]) ORDER BY 1""",
}


def _sums(connection: Connection, apart: list[str]) -> Iterator[str]:
    """Sums that differ by anything but what the petitions apart come to."""
    live = _totals(connection, LIVE, _ahead(connection, apart))
    new = _totals(connection, NEXT, [])
    for one in sorted({*live, *new}):
        before, after = live.get(one, (0, 0)), new.get(one, (0, 0))
        if before != after:
            yield _told(one, before[0], after[0])


def _told(one: Sum, before: int, after: int) -> str:
    which = f"{one.table}: {one.measure} by {one.axis}" + (f" and {one.dim}" if one.dim else "")
    told = f"{which}: {before} by the live sums, {after} by the new ones"
    return told if before != after else f"{told}, but elsewhere"


def _summed(table: str, rows: str, time: str, which: str = "true") -> str:
    """How many, and as fingerprint each times the hash of where it is: a sum, too, so that what is still in the
    tally, and what the petitions apart come to, can be added."""
    where = f"hashtext(place || ' ' || value || ' ' || ({time} - DATE '1970-01-01'))"
    return f"""
SELECT '{table}', measure, axis, dim, sum(n), sum(n * {where}) FROM {rows} WHERE {which} GROUP BY 2, 3, 4"""


_OF_TALLY = "day, recorded_on, measure, office, division, channel, type, category, turn, size, n"


def _statements(schema: str) -> Iterator[str]:
    """One for each table, whose statistics tell the planner how few groups there are; it need not sort."""
    yield _summed("by_day", f"{schema}.by_day", "day")
    yield _summed("by_month", f"{schema}.by_month", "month")
    yield f"""
WITH gone AS (
  SELECT {_OF_TALLY} FROM {schema}.tally
  UNION ALL SELECT {_OF_TALLY} FROM json_populate_recordset(NULL::{schema}.tally, %(more)s::json)),
cells AS ({CELLS}) {_summed("by_day", "cells", "day", DAILY)} UNION ALL {_summed("by_month", "cells", MONTH)}"""


def _totals(connection: Connection, schema: str, more: list[dict[str, Any]]) -> Totals:
    """Roll-ups and tally in one, with `more` rows of the tally. What is apart is never rolled up, but summed as the
    rest is: a petition may have become so since."""
    found: Totals = {}
    given = {"floor": FOLDED_ON, "more": orjson.dumps(more).decode()}
    for statement in _statements(schema):
        for *one, n, places in connection.exec_driver_sql(statement, given):
            known = found.get(key := Sum(*one), (0, 0))
            found[key] = (known[0] + int(n), known[1] + int(places))
    return found


# -- petitions that stand elsewhere in the two -----------------------------------------------------


def _ahead(connection: Connection, numbers: list[str]) -> list[dict[str, Any]]:
    """What some petitions count as in the new generation, and do not in the live one, as rows of the tally."""
    found = _of(connection, numbers, moved(fact), moved(transition))
    found.subtract(_of(connection, numbers, fact, transition))
    return [cell._asdict() | {"recorded_on": FOLDED_ON, "n": n} for cell, n in found.items() if n]


def _of(connection: Connection, numbers: list[str], facts: Table, steps: Table) -> Counter[Cell]:
    """What some petitions count as."""
    found: Counter[Cell] = Counter()
    its = {
        row["number"]: Fact(**row)
        for row in connection.execute(select(facts).where(facts.c.number.in_(numbers))).mappings()
    }
    for one in its.values():
        found.update(cells(one))
    for row in connection.execute(select(steps).where(steps.c.number.in_(numbers))).mappings():
        of = its.get(row["number"])
        if of is not None and (cell := cell_of(of, Transition(**row))) is not None:
            found[cell] += 1
    return found
