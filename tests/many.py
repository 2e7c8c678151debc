"""Cases by the thousand, in stats alone."""

from __future__ import annotations

from kit.migrations import engine_for

MANY = 25_000
OLD = "month:2019-05"
"""The month of theirs, in which there are no others."""


def add_cases(url: str) -> None:
    """Adds MANY cases like the first one there is, registered in OLD by whoever registered that one.

    Args:
        url: of the site's database.
    """
    with engine_for(url).begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO stats.fact SELECT r.* FROM (SELECT * FROM stats.fact ORDER BY number LIMIT 1) g,"
            f" generate_series(1, {MANY}) n, LATERAL jsonb_populate_record(g::stats.fact, jsonb_build_object("
            " 'number', '3302822019050' || to_char(n, 'FM00000'), 'barred', '{}'::text[],"
            " 'registered_at', '2019-05-01T00:00:00+08'::timestamptz + n * interval '100 seconds')) r"
        )
