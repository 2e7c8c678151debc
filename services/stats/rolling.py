"""The roller: moves differences out of the tally into the sums by place and one dimension, and compacts them.

Moving is deleting and adding in one statement, so a reader counts each difference once, before or after. What
an event costs depends on how many cells its marks have (places above it × dimensions), not on how many petitions
there are; the cells of a site are finite, the petitions are not.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection

BATCH = 5_000
"""Rows of the tally moved, or of a roll-up compacted, at once."""
SETTLING = 200_000
"""The same where nobody waits."""
KEEP = timedelta(days=92)
"""So long back `as_of` can go; before that the differences of all days are one."""
FOLDED_ON = date(1970, 1, 1)
"""The recorded day of what was compacted."""
LOCK = 7216

# The whole site, a town with everything in it, the very division, the very office. A village is few enough to be
# counted from its cases, but for how many there are; a county is the sum of its towns.
_PLACES = """(VALUES
  ('division', '', 7), ('office', office, 6), ('place', division, 0),
  ('division', CASE division WHEN '' THEN '-' ELSE left(division, 9) END, 7)
) AS p (axis, place, dims)"""
_DIMS = """(VALUES
  (0, '', ''), (1, 'channel', channel), (2, 'type', type), (3, 'category', category), (4, 'turn', turn),
  (5, 'size', size), (7, 'office', office)
) AS d (rank, dim, value)"""
CELLS = f"""
  SELECT measure, axis, place, dim, value, day, recorded AS recorded_on, sum(n) AS n
  FROM (SELECT *, CASE WHEN recorded_on < %(floor)s THEN DATE '1970-01-01' ELSE recorded_on END AS recorded
        FROM gone) g
  CROSS JOIN LATERAL {_PLACES} CROSS JOIN LATERAL {_DIMS}
  WHERE rank <= dims GROUP BY 1, 2, 3, 4, 5, 6, 7"""
"""Rows of the tally (`gone`) by the cells of the roll-ups that they fall in."""


def _adding(table: str, time: str, of: str, which: str = "true") -> str:
    """Cells into one of the roll-ups, onto what stands there."""
    key = f"measure, axis, place, dim, {time}, value, recorded_on"
    return f"""INSERT INTO stats.{table} AS r ({key}, n)
      SELECT measure, axis, place, dim, {of}, value, recorded_on, sum(n) FROM cells
      WHERE {which} GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0
      ON CONFLICT ({key}) DO UPDATE SET n = r.n + excluded.n"""


MONTH = "date_trunc('month', day)::date"
DAILY = "dim = '' OR (axis = 'division' AND place = '')"
"""What is kept by day: how many at each place, and each dimension of the whole site. All of it by day was 600 rows
a petition (ADR 0012)."""
_ROLL = f"""
WITH gone AS (
  DELETE FROM stats.tally WHERE id IN (
    SELECT id FROM stats.tally WHERE NOT apart ORDER BY id LIMIT %(batch)s) RETURNING *),
cells AS ({CELLS}),
days AS ({_adding("by_day", "day", "day", DAILY)}),
months AS ({_adding("by_month", "month", MONTH)})
SELECT count(*) FROM gone"""


def roll(connection: Connection, floor: date, batch: int = BATCH) -> int:
    """Moves the oldest rows of the tally; gives how many. Others that want to roll pass by meanwhile."""
    free = connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,)).scalar_one()
    if not free:
        return 0
    moved: int = connection.exec_driver_sql(_ROLL, {"floor": floor, "batch": batch}).scalar_one()
    return moved


_COMPACT = """
WITH old AS (
  DELETE FROM stats.{table} WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM stats.{table} WHERE recorded_on > '1970-01-01' AND recorded_on < %(floor)s
    LIMIT %(batch)s)) RETURNING *),
one AS (
  INSERT INTO stats.{table} AS r (measure, axis, place, dim, {time}, value, recorded_on, n)
  SELECT measure, axis, place, dim, {time}, value, DATE '1970-01-01', sum(n) FROM old
  GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0
  ON CONFLICT (measure, axis, place, dim, {time}, value, recorded_on) DO UPDATE SET n = r.n + excluded.n)
SELECT count(*) FROM old"""


def close(connection: Connection, floor: date) -> None:
    """Nobody can ask as of a day before `floor` from now on: they can be compacted, in as many transactions as it takes."""
    if floor > floor_of(connection):
        connection.exec_driver_sql(
            "INSERT INTO stats.compacted (until) VALUES (%s)"
            " ON CONFLICT (one) DO UPDATE SET until = excluded.until",
            (floor,),
        )


def compact(connection: Connection, batch: int = BATCH) -> int:
    """Makes one of some rows of each roll-up that were recorded on days that are closed; gives how many. None where
    others roll meanwhile."""
    free = connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,)).scalar_one()
    if not free:
        return 0
    given = {"floor": floor_of(connection), "batch": batch}
    return sum(
        connection.exec_driver_sql(_COMPACT.format(table=table, time=time), given).scalar_one()
        for table, time in (("by_day", "day"), ("by_month", "month"))
    )


def floor_of(connection: Connection) -> date:
    """The first recorded day that can be told from others."""
    found: date | None = connection.exec_driver_sql(
        "SELECT until FROM stats.compacted"
    ).scalar_one_or_none()
    return found or FOLDED_ON


def settle(connection: Connection, floor: date) -> None:
    """Compacts and moves everything: after a long past was copied in."""
    close(connection, floor)
    while compact(connection, SETTLING):
        pass
    while roll(connection, floor, SETTLING) == SETTLING:
        pass
