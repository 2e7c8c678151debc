"""`petition audit` finds what is planted: a loss, a double and a swap, each by its petition's number."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest

from kit.unit import fold
from stats.domain.measures import MEASURES
from tests.site import Site

SITE = "(axis, place, dim) = ('division', '', '')"
"""Sums by day over the whole site."""


@pytest.fixture
def lived(quiet_site: Site) -> Site:
    """A site with a past and nothing running."""
    done = quiet_site.petition("generate", "--petitions", "40", "--seed", "5")
    assert done.returncode == 0, done.stderr
    return quiet_site


def do(site: Site, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg2.connect(site.database_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def with_events(site: Site, source: str, least: int) -> tuple[str, list[str]]:
    """A petition with at least so many events of a source, and their ids in order."""
    return do(
        site,
        f"SELECT subject, array_agg(event_id::text ORDER BY sequence) FROM {source}.event_log"
        " GROUP BY subject HAVING count(*) >= %s ORDER BY subject LIMIT 1",
        least,
    )[0]


def plant(site: Site, consumer: str, source: str, number: str, ids: list[str], last: int) -> None:
    """Leaves the cursor as a consumer leaves it that applied just these events, in this order."""
    digest = ""
    for one in ids:
        digest = fold(digest, one)
    do(
        site,
        f"UPDATE {consumer}.cursor SET seen = jsonb_set(seen, ARRAY[%s],"
        " jsonb_build_array(%s::int, %s::int, %s::text)) WHERE subject = %s",
        source, last, len(ids), digest, number,
    )  # fmt: skip


def test_an_untouched_site_is_clean(lived: Site) -> None:
    done = lived.petition("audit")
    assert done.returncode == 0, done.stdout
    assert done.stdout.rstrip().endswith("clean")


@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        ("missing", lambda ids: ids[:1] + ids[2:]),
        ("doubled", lambda ids: [*ids[:2], ids[1], *ids[2:]]),
        ("disordered", lambda ids: [ids[1], ids[0], *ids[2:]]),
    ],
)
def test_each_fault_is_found_by_its_number(lived: Site, fault: str, mend: Any) -> None:
    number, ids = with_events(lived, "supervision", 3)
    plant(lived, "stats", "supervision", number, mend(ids), len(ids))
    done = lived.petition("audit")
    assert done.returncode == 1
    assert f"stats from supervision, {fault}: {number}" in done.stdout
    flows = {(f.consumer, f.source): f for f in lived.audit(0).flows}
    counts = {name: len(getattr(flows["stats", "supervision"], name)) for name in FAULTS}
    assert counts == {name: int(name == fault) for name in FAULTS}
    assert all(flow.clean for key, flow in flows.items() if key != ("stats", "supervision"))


FAULTS = ("missing", "doubled", "disordered")


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("DELETE FROM stats.fact WHERE number = %s", "stats facts"),
        ("DELETE FROM supervision.case WHERE number = %s", "supervision cases"),
        ("DELETE FROM stats.transition WHERE number = %s AND sequence = 1", "stats transitions"),
        ("DELETE FROM intake.timeline WHERE number = %s AND source = 'routing'", "intake timeline"),
        (f"UPDATE stats.by_day SET n = n + 1 WHERE ctid = (SELECT min(ctid) FROM stats.by_day WHERE {SITE}"
         " AND measure = 'assigned') AND %s <> ''", "stats tallies"),
    ],
)  # fmt: skip
def test_an_effect_that_is_gone_is_found(lived: Site, sql: str, what: str) -> None:
    number, _ = with_events(lived, "routing", 3)
    do(lived, sql, number)
    report = lived.audit(0)
    assert not report.clean
    assert any(what in finding.what for finding in report.findings)


def test_an_event_that_was_given_up_is_named_but_not_missing(lived: Site) -> None:
    """As `petition parked discard` leaves it; without the discarded row it is a loss."""
    number, _ = with_events(lived, "routing", 3)
    type_ = do(
        lived,
        "DELETE FROM stats.transition WHERE number = %s AND source = 'routing' AND sequence = 2"
        " RETURNING type",
        number,
    )[0][0]
    do(
        lived,
        "UPDATE stats.by_day SET n = n - 1 WHERE ctid ="
        f" (SELECT min(ctid) FROM stats.by_day WHERE {SITE} AND measure = %s AND n > 0)",
        MEASURES[type_],
    )
    assert not lived.audit(0).clean
    do(
        lived,
        "INSERT INTO stats.parked (queue, source, subject, sequence, reason, detail, body, size,"
        " resolved_at, resolution) VALUES ('stats.routing', 'routing', %s, 2, 'handler failed', '',"
        " '', 0, now(), 'discarded')",
        number,
    )
    report = lived.audit(0)
    assert report.clean, report.findings
    assert [
        f.discarded for f in report.flows if (f.consumer, f.source) == ("stats", "routing")
    ] == [1]
