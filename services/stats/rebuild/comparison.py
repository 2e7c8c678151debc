"""What two generations tell differently about the same events.

The new one may have heard of more: what it reads in the logs has perhaps not come by the queues yet. Petitions that
stand elsewhere in the two are left out of the rows, and reckoned into the sums.

The sums are those of every measure, axis and dimension, by day and by month, each with a fingerprint of where in it
they stand: there are too many rows to be put side by side while nothing may change. The recorded day is in neither:
of the petitions left out nobody knows it any more.

Where the live one is far behind, or empty, there is nothing to compare: that is said, and is for an operator to accept.
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
from stats.store import MODEL, Fact, Transition, fact, transition

SHOWN = 20
MOST = 3_000
"""Petitions that are told one by one although they stand elsewhere in the two."""


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
    """`behind`: petitions of which the new generation has not heard what the live one has; nothing is compared then.
    `ahead`: those of which it heard more, or the first of them, if there are more than `MOST`."""

    ahead: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)

    @property
    def far(self) -> bool:
        """Whether so much is ahead that nothing was compared."""
        return len(self.ahead) > MOST

    @property
    def equal(self) -> bool:
        return not self.rows and not self.sums and not self.far

    def lines(self) -> Iterator[str]:
        """What differs, in words; of many, the first."""
        if self.far:
            yield f"the live figures lack events of more than {MOST:,} petitions: nothing was compared"
        yield from [*self.rows[:SHOWN], *self.sums[:SHOWN]]
        if more := max(len(self.rows) - SHOWN, 0) + max(len(self.sums) - SHOWN, 0):
            yield f"and {more} more"


def compare(connection: Connection) -> Comparison:
    """Both generations as they stand; the caller keeps the live one from changing."""
    found = Comparison()
    for subject, kind in connection.exec_driver_sql(_ELSEWHERE):
        if kind == "aside":
            found.rows.append(f"{subject}: other events were applied, or in another order")
        else:
            getattr(found, kind).append(subject)
    found.behind += connection.exec_driver_sql(_NOT_HEARD).scalars()
    if found.behind or found.far:
        return found
    apart = {"apart": found.ahead}
    for what, statement in _ROWS.items():
        found.rows += [
            f"{number}: another {what}"
            for (number,) in connection.exec_driver_sql(statement, apart).all()
        ]
    found.sums += _sums(connection, found.ahead)
    return found


def _further(one: str, other: str) -> str:
    """Whether one of two cursors has heard what the other has not."""
    return f"""EXISTS (SELECT FROM jsonb_each({one}.seen) s
    WHERE (s.value->>0)::int > coalesce(({other}.seen->s.key->>0)::int, 0))"""


_ELSEWHERE = f"""
SELECT subject, CASE WHEN {_further("l", "n")} THEN 'behind' WHEN {_further("n", "l")} THEN 'ahead' ELSE 'aside' END
FROM {LIVE}.cursor l FULL JOIN {NEXT}.cursor n USING (subject)
WHERE coalesce(l.seen, '{{}}') <> coalesce(n.seen, '{{}}') ORDER BY 2 DESC, 1 LIMIT {MOST + 1}"""
"""Subjects that stand elsewhere; those as far by different ways stand `aside`. In this order of words those `behind` come
first, and of many `ahead` some."""
_NOT_HEARD = f"""
SELECT DISTINCT subject FROM {LIVE}.waiting l WHERE NOT EXISTS (
  SELECT FROM {NEXT}.waiting n WHERE (n.subject, n.source, n.sequence) = (l.subject, l.source, l.sequence))
AND NOT EXISTS (
  SELECT FROM {NEXT}.cursor n WHERE n.subject = l.subject AND (n.seen->l.source->>0)::int >= l.sequence) ORDER BY 1"""
"""Subjects of an event that waits in the live generation and is unknown to the new one: no queue brings it again."""


def _differing(table: Table, key: str, name: str) -> str:
    """Rows that differ, by the column that names whose they are. The columns are named: a migration may have left them
    in another order."""
    live, new = (", ".join(f'{of}."{c.name}"' for c in table.columns) for of in "ln")
    whose = f"coalesce(l.{name}, n.{name})"
    return f"""
SELECT DISTINCT {whose} FROM {LIVE}.{table.name} l FULL JOIN {NEXT}.{table.name} n USING ({key})
WHERE ({live}) IS DISTINCT FROM ({new}) AND {whose} <> ALL(%(apart)s::text[]) ORDER BY 1"""


_ROWS = {
    "case": _differing(fact, "number", "number"),
    "office": _differing(MODEL.tables.office, "id", "id"),
    "step": _differing(transition, "number, source, sequence", "number"),
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
