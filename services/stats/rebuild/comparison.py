"""What two generations tell differently about the same events.

The new one may have heard of more: what it reads in the logs has perhaps not come by the queues yet. Petitions that
stand elsewhere in the two are left out of the rows, and reckoned into the sums.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, select

from kit import clock
from stats.life import cells
from stats.rebuild.generation import LIVE, NEXT, moved
from stats.store import Fact, fact, transition

SHOWN = 20
Cell = tuple[str, date]
"""A measure and a month, over the whole site."""


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
    """Sums of the whole site that differ by anything but what the petitions apart come to."""
    live, new = _totals(connection, LIVE), _totals(connection, NEXT)
    expected = Counter(live)
    expected.update(_of(connection, apart, moved(fact), moved(transition)))
    expected.subtract(_of(connection, apart, fact, transition))
    for measure, month in sorted({*expected, *new}):
        before, after = expected[measure, month], new[measure, month]
        if before != after:
            yield f"{measure} in {month:%Y-%m}: {before} by the live sums, {after} by the new ones"


def _totals(connection: Connection, schema: str) -> Counter[Cell]:
    rows = connection.exec_driver_sql(f"""
SELECT measure, month, sum(n) FROM (
  SELECT measure, month, n FROM {schema}.by_month WHERE axis = 'division' AND place = '' AND dim = ''
  UNION ALL SELECT measure, date_trunc('month', day)::date, n FROM {schema}.tally) t
GROUP BY 1, 2 HAVING sum(n) <> 0""")
    return Counter({(measure, month): int(n) for measure, month, n in rows})


def _of(
    connection: Connection, numbers: Iterable[str], facts: Table, steps: Table
) -> Counter[Cell]:
    """What some petitions count as."""
    found: Counter[Cell] = Counter()
    wanted = list(numbers)
    for row in connection.execute(select(facts).where(facts.c.number.in_(wanted))).mappings():
        for cell, n in cells(Fact(**row)).items():
            found[cell.measure, cell.day.replace(day=1)] += n
    told = select(steps.c.measure, steps.c.at).where(
        steps.c.number.in_(wanted), steps.c.measure.is_not(None)
    )
    for measure, at in connection.execute(told):
        found[measure, clock.local_date(at).replace(day=1)] += 1
    return found
