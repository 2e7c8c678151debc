"""So many cases with nine steps each over five years, and the roll-ups that rolling them would have left.

The rows are made by SQL. What the roller would have summed from differences is summed here over the cases, by
grouping sets; tests/integration/stats holds the two to the same figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from kit.offices import OfficeRow
from stats.domain.measures import CASE_MEASURES, STEP_MEASURES, TYPE_OF, Measure
from stats.rolling import DAILY, MONTH
from tool.demo import Site

YEARS = 5
CATEGORIES = [f"c{top:02}{below:02}01" for top in range(1, 17) for below in range(1, 9)]
CHANNELS = "{letter,visit,visit,visit,call,web,web,mobile,wechat,mailbox}"
TYPES = "{request,request,request,suggestion,enquiry,other}"

_FACTS = """
INSERT INTO stats.fact (number, status, "placing", handling, channel, type, category, head_count, household_count, received_on,
  registered_at, registered_by, division, office, forward_due, accept_due, answer_due, sealed, offices, barred, size,
  turn, forwarded_at, assigned_at, signed_at, accepted_at, answered_at, served_at, closed_at, ended_at, rated_at,
  on_time, outcome, rating, sender_rating, bounced, extended, sent_back, reviewed, rate_due, forward_in_time,
  accept_in_time, answer_in_time, days_to_accept, days_to_answer)
SELECT '330282' || to_char(n, 'FM000000000000'), 'closed', 'signed', 'closed', channel, type, category, heads,
  CASE WHEN channel = 'visit' THEN 1 + heads / 3 END, at::date,
  at, %(root)s, division, office, at + interval '15 days', at + interval '16 days', at + interval '65 days', false,
  ARRAY[%(root)s, office], '{}', CASE WHEN heads > 4 THEN 'joint' ELSE 'single' END,
  CASE WHEN r < 0.15 THEN 'repeat' ELSE 'first' END, at + interval '1 day', at + interval '1 day',
  at + interval '2 days', at + interval '5 days', at + late, at + late + interval '1 day',
  at + late + interval '5 days', at + late + interval '5 days', at + late + interval '9 days',
  late < interval '65 days', 'supported', rating, rating, r > 0.95, r > 0.9, false, false,
  at + late + interval '31 days', true, true, late < interval '65 days', 5, 30
FROM (SELECT n, %(start)s::timestamptz + n * (interval '1 day' * %(days)s / %(count)s) AS at, r,
    (%(channels)s::text[])[1 + (n * 7919 %% 10)] AS channel, (%(types)s::text[])[1 + (n * 104729 %% 6)] AS type,
    (%(categories)s::text[])[1 + (n * 15485863 %% %(n_categories)s)] AS category,
    1 + (n * 31 %% 7) AS heads, (%(divisions)s::text[])[1 + p] AS division, (%(holders)s::text[])[1 + p] AS office,
    interval '1 day' * (20 + (n * 13 %% 50)) AS late,
    (ARRAY['satisfied','basic','unsatisfied'])[1 + n %% 3] AS rating
  FROM (SELECT n, random() AS r, (n * 2654435761 %% %(n_divisions)s)::int AS p
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) n) g) h
"""
STEPS = {
    "registered": "registered_at", "located": "registered_at", "assigned": "assigned_at", "signed": "signed_at",
    "accepted": "accepted_at", "answered": "answered_at", "served": "served_at", "closed": "closed_at",
    "rated": "rated_at",
}  # fmt: skip
CHUNK = 250_000


def load(connection: Connection, petitions: int, start: str) -> None:
    """Fills an empty site."""
    site = Site.load()
    root = next(o.id for o in site.offices if o.parent is None)
    _offices(connection, site)
    divisions, holders = zip(*_places(site, root), strict=True)
    values = {
        "root": root, "start": start, "days": YEARS * 365, "count": petitions, "channels": CHANNELS,
        "types": TYPES, "categories": CATEGORIES, "n_categories": len(CATEGORIES),
        "divisions": list(divisions), "holders": list(holders), "n_divisions": len(divisions),
    }  # fmt: skip
    for first in range(1, petitions + 1, CHUNK):
        span = {"first": first, "last": min(first + CHUNK - 1, petitions)}
        connection.exec_driver_sql(_FACTS, values | span)
    connection.exec_driver_sql(_steps())
    for measure in CASE_MEASURES.values():
        if not measure.apart:
            for day, sign in _days(measure):
                _sum(connection, measure.id, _marks(measure, day, sign))
    for measure in STEP_MEASURES:
        if measure in STEPS:
            _sum(connection, measure, _stepped(measure))
    connection.exec_driver_sql("ANALYZE stats.fact, stats.transition, stats.by_day, stats.by_month")


def _sum(connection: Connection, measure: str, marks: str) -> None:
    for table in _TIMES:
        connection.exec_driver_sql(_summed(measure, marks, table))


def _offices(connection: Connection, site: Site) -> None:
    rows = [
        OfficeRow(o.id, o.name, o.short_name, o.parent, o.division, o.level, o.kind, [], None, None)
        for o in site.offices
    ]
    for row in rows:
        connection.exec_driver_sql(
            "INSERT INTO stats.office (id, name, short_name, parent, division, level, kind)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (row.id, row.name, row.short_name, row.parent, row.division, row.level, row.kind),
        )


def _places(site: Site, root: str) -> Iterator[tuple[str, str]]:
    """Villages, with the office of their town, or a department's for every third."""
    towns = {o.division: o.id for o in site.offices if o.kind == "town"}
    others = [o.id for o in site.offices if o.kind == "department"]
    for i, division in enumerate(d for d in site.divisions if d.code[9:] != "000"):
        holder = towns.get(division.code[:9] + "000", root)
        yield division.code, others[i % len(others)] if i % 3 == 0 else holder


def _steps() -> str:
    parts = (
        f"SELECT number, '{'intake' if m in ('registered', 'rated') else 'routing'}', {i}, '{TYPE_OF[m]}',"
        f" {f'{m!r}' if m in STEP_MEASURES else 'NULL'}, office, division, {column}, {column} FROM stats.fact"
        for i, (m, column) in enumerate(STEPS.items(), 1)
    )
    return "INSERT INTO stats.transition " + " UNION ALL ".join(parts)


# -- sums ------------------------------------------------------------------------------------------


def _days(measure: Measure) -> list[tuple[str, int]]:
    return [(measure.day, 1), *([("ended_at", -1)] if measure.stock else [])]


def _marks(measure: Measure, day: str, sign: int) -> str:
    """One row a mark of a measure."""
    shift = " - interval '1 microsecond'" if measure.limit else ""
    where = " AND ".join(
        [f"{day} IS NOT NULL", *(f"{c} IN ({', '.join(map(_literal, v))})" for c, v in measure.where.items())]
    )  # fmt: skip
    office = "registered_by" if measure.receiver else "coalesce(office, registered_by)"
    amount = f"{sign} * {measure.amount or 1}"
    return (
        f"SELECT timezone('Asia/Shanghai', {day}{shift})::date AS day, {office} AS office, division, channel, type,"
        f" coalesce(category, '') AS category, turn, size, {amount} AS n FROM stats.fact WHERE {where}"
    )


def _stepped(measure: str) -> str:
    return (
        f"SELECT timezone('Asia/Shanghai', {STEPS[measure]})::date AS day, office, division, channel, type,"
        " '' AS category, '' AS turn, size, 1 AS n FROM stats.fact"
    )


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


_PLACES = {"town": "division", "exact": "place", "office": "office", "": "division"}
_DIMS = ("", "channel", "type", "category", "turn", "size")
_COLUMNS = ("town", "exact", "office", "channel", "type", "category", "turn", "size")


def _summed(measure: str, marks: str, table: str) -> str:
    """One roll-up of one measure, in one reading of the cases."""
    time, of, which = _TIMES[table]
    sets = [
        tuple(filter(None, (place, dim)))
        for place in _PLACES
        for dim in _DIMS
        if not (place == "exact" and dim)
    ] + [("town", "office")]
    mask = f"GROUPING({', '.join(_COLUMNS)})"
    kinds = {_mask(one): one for one in sets}
    assert len(kinds) == len(sets)
    axis, place, dim, value = (_case(mask, kinds, tell) for tell in (_axis, _place, _dim, _value))
    grouped = ", ".join(f"({', '.join((of, *one))})" for one in sets)
    own = "SELECT *, left(division, 9) AS town, division AS exact"
    return f"""
    WITH summed AS (SELECT {axis} AS axis, {place} AS place, {dim} AS dim, {of} AS {time}, {value} AS value, sum(n) AS n
      FROM ({own} FROM ({marks}) m) m GROUP BY GROUPING SETS ({grouped})),
    every AS (SELECT * FROM summed UNION ALL
      SELECT 'division', '', 'office', {time}, place, n FROM summed WHERE axis = 'office' AND dim = '')
    INSERT INTO stats.{table} AS r (measure, axis, place, dim, {time}, value, recorded_on, n)
    SELECT '{measure}', axis, place, dim, {time}, value, '1970-01-01', n FROM every WHERE n <> 0 AND ({which})
    ON CONFLICT (measure, axis, place, dim, {time}, value, recorded_on) DO UPDATE SET n = r.n + excluded.n"""


def _mask(one: tuple[str, ...]) -> int:
    """What GROUPING() says of a set: one bit a column that is summed over."""
    return sum(1 << i for i, column in enumerate(reversed(_COLUMNS)) if column not in one)


def _case(mask: str, kinds: dict[int, tuple[str, ...]], tell: Any) -> str:
    return (
        f"CASE {mask} "
        + " ".join(f"WHEN {m} THEN {tell(one)}" for m, one in kinds.items())
        + " END"
    )


def _parts(one: tuple[str, ...]) -> tuple[str, str]:
    place = next((c for c in one if c in ("town", "exact")), "")
    place = place or ("office" if "office" in one else "")
    return place, next((c for c in one if c != place), "")


def _axis(one: tuple[str, ...]) -> str:
    return f"'{_PLACES[_parts(one)[0]]}'"


def _place(one: tuple[str, ...]) -> str:
    return _parts(one)[0] or "''"


def _dim(one: tuple[str, ...]) -> str:
    return f"'{_parts(one)[1]}'"


def _value(one: tuple[str, ...]) -> str:
    return _parts(one)[1] or "''"


_TIMES = {"by_day": ("day", "day", DAILY), "by_month": ("month", MONTH, "true")}
