"""`petition audit`: proves that nothing was lost, doubled or swapped, by comparing effects.

Two questions, both by set difference over the whole site:

1. Do the registers agree? intake's numbers = supervision's cases = routing's matters = stats' facts,
   and what stats counted = the transitions it kept = the events that the logs hold.
2. Did every consumer apply every event of every log it hears once and in order? Each cursor keeps, for
   each source, how many events it applied and a digest folded over their ids in the order of
   application; the same is folded here over the source's log. Fewer applied: missing; more: doubled;
   as many with another digest: out of order.

An event that an operator gave up with a reason (`petition parked discard`) is counted as discarded, not
as missing. The audit reads as the database's owner, while services run or stand still. What is still on its way
(outbox, queues) counts as missing: let it settle first (`--wait`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from contracts.flows import FLOWS
from kit.migrations import engine_for
from kit.unit import fold
from stats.domain.measures import TYPE_OF

REGISTERS = {
    "routing matters": "routing.matter",
    "supervision cases": "supervision.case",
    "stats facts": "stats.fact",
}
EFFECTS = {
    "stats transitions": "stats.transition",
    "intake timeline": "intake.timeline",
}
SHOWN = 20
"""Subjects named per finding; the counts are always complete."""


@dataclass
class Flow:
    """What one consumer made of one source's log. The lists name subjects with their sequences."""

    consumer: str
    source: str
    events: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    discarded: int = 0
    parked: int = 0

    @property
    def clean(self) -> bool:
        return not (self.missing or self.doubled or self.disordered)


@dataclass
class Finding:
    """Two registers that do not agree."""

    what: str
    only_left: int
    only_right: int
    examples: list[str]


@dataclass
class Report:
    """The whole audit."""

    petitions: int
    flows: list[Flow]
    findings: list[Finding]

    @property
    def clean(self) -> bool:
        return not self.findings and all(flow.clean for flow in self.flows)


def settled(url: str, wait: float) -> Report:
    """Audits a site, again each second until it is clean or `wait` seconds are over."""
    deadline = time.monotonic() + wait
    engine = engine_for(url)
    while True:
        with engine.connect() as connection:
            report = audit(connection)
        if report.clean or time.monotonic() >= deadline:
            return report
        time.sleep(1.0)


def audit(connection: Connection) -> Report:
    """Audits a site. `connection` is the owner's; everything is read in one snapshot."""
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    petitions = connection.exec_driver_sql("SELECT count(*) FROM intake.petition").scalar_one()
    return Report(
        petitions=petitions,
        flows=[
            _flow(connection, consumer, source)
            for source, consumers in FLOWS.items()
            for consumer in consumers
        ],
        findings=list(_findings(connection)),
    )


# -- the registers ---------------------------------------------------------------------------------


def _findings(connection: Connection) -> Iterator[Finding]:
    for what, table in REGISTERS.items():
        consumer = table.partition(".")[0]
        yield from _differ(
            connection,
            f"intake petitions / {what}",
            "SELECT number AS k FROM intake.petition",
            f"SELECT number AS k FROM {table}",
            f"SELECT subject AS k {_GIVEN_UP.format(consumer)} AND source = 'intake' AND sequence = 1",
        )
    for what, table in EFFECTS.items():
        consumer = table.partition(".")[0]
        yield from _differ(
            connection,
            f"events of the logs / {what}",
            _ALL_EVENTS,
            f"SELECT source || ':' || number || ':' || sequence AS k FROM {table}",
            f"SELECT source || ':' || subject || ':' || sequence AS k {_GIVEN_UP.format(consumer)}",
        )
    yield from _differ(
        connection,
        "stats transitions by type / stats tallies",
        "SELECT type || '=' || count(*) AS k FROM stats.transition"
        " WHERE type IN (SELECT type FROM (VALUES {measures}) m (measure, type))"
        # a further report of an urgent matter is kept, and counts for nothing of its own
        " AND NOT (type = 'urgent.reported' AND measure IS NULL) GROUP BY type",
        "SELECT m.type || '=' || sum(n) AS k FROM (SELECT measure, n FROM stats.tally UNION ALL"
        " SELECT measure, n FROM stats.by_day WHERE (axis, place, dim) = ('division', '', '')) t"
        " JOIN (VALUES {measures}) m (measure, type) USING (measure) GROUP BY m.type"
        " HAVING sum(n) <> 0",
    )


_NOTHING = "SELECT NULL::text AS k WHERE false"
_GIVEN_UP = "FROM {}.parked WHERE resolution = 'discarded' AND subject IS NOT NULL"
_ALL_EVENTS = " UNION ALL ".join(
    f"SELECT '{source}:' || subject || ':' || sequence AS k FROM {source}.event_log"
    " WHERE type NOT LIKE 'office.%%' AND type NOT LIKE 'affair.%%'"
    " AND type <> 'reception.changed'"
    for source in ("intake", "routing", "supervision")
)


def _differ(
    connection: Connection, what: str, left: str, right: str, given_up: str = _NOTHING
) -> Iterator[Finding]:
    """What one side has and the other has not; what was given up may be missing on the right."""
    measures = ", ".join(f"('{t}', '{m}')" for t, m in TYPE_OF.items())
    left, right = (sql.replace("{measures}", measures) for sql in (left, right))
    # EXCEPT ALL: a double on one side is a difference too
    sql = (
        f"WITH r AS ({right}), gone AS ({given_up} EXCEPT SELECT k FROM r),"
        f" l AS ({left} EXCEPT ALL SELECT k FROM gone)"
        " (SELECT 'l' AS side, k FROM (SELECT k FROM l EXCEPT ALL SELECT k FROM r) x)"
        " UNION ALL (SELECT 'r', k FROM (SELECT k FROM r EXCEPT ALL SELECT k FROM l) y)"
    )
    rows = connection.exec_driver_sql(sql).all()
    if rows:
        only_left = sum(row.side == "l" for row in rows)
        examples = [row.k for row in rows[:SHOWN]]
        yield Finding(what, only_left, len(rows) - only_left, examples)


# -- the flows -------------------------------------------------------------------------------------


def _flow(connection: Connection, consumer: str, source: str) -> Flow:
    flow = Flow(consumer, source)
    expected = dict(_folded(connection, source))
    flow.events = sum(count for count, _ in expected.values())
    rows = connection.exec_driver_sql(
        f"SELECT subject, (seen->'{source}'->>1)::int AS applied, seen->'{source}'->>2 AS digest"
        f" FROM {consumer}.cursor WHERE jsonb_exists(seen, '{source}')"
    )
    found = {row.subject: (row.applied, row.digest) for row in rows}
    for subject in expected.keys() | found.keys():
        _compare(flow, subject, expected.get(subject, (0, "")), found.get(subject, (0, "")))
    parked = connection.exec_driver_sql(
        f"SELECT count(*) FILTER (WHERE resolved_at IS NULL) AS open,"
        f" count(*) FILTER (WHERE resolution = 'discarded' AND subject IS NOT NULL) AS discarded"
        f" FROM {consumer}.parked WHERE queue = '{consumer}.{source}'"
    ).one()
    flow.parked, flow.discarded = parked.open, parked.discarded
    return flow


def _compare(flow: Flow, subject: str, wanted: tuple[int, str], found: tuple[int, str]) -> None:
    if found[0] < wanted[0]:
        flow.missing.append(f"{subject} ({found[0]} of {wanted[0]})")
    elif found[0] > wanted[0]:
        flow.doubled.append(f"{subject} ({found[0]} for {wanted[0]})")
    elif found[1] != wanted[1]:
        flow.disordered.append(subject)


def _folded(connection: Connection, source: str) -> Iterator[tuple[str, tuple[int, str]]]:
    """Each subject's number of events and digest, from the log of a source."""
    result = connection.execution_options(stream_results=True, yield_per=5000).exec_driver_sql(
        f"SELECT subject, event_id::text AS id FROM {source}.event_log ORDER BY subject, sequence"
    )
    subject, count, digest = None, 0, ""
    for row in result:
        if row.subject != subject:
            if subject is not None:
                yield subject, (count, digest)
            subject, count, digest = row.subject, 0, ""
        count, digest = count + 1, fold(digest, row.id)
    if subject is not None:
        yield subject, (count, digest)


# -- printing --------------------------------------------------------------------------------------


def lines(report: Report) -> Iterator[str]:
    """The report as it is printed."""
    yield f"{report.petitions} petitions registered"
    yield ""
    yield f"{'consumer':<13}{'source':<13}{'events':>9}{'missing':>9}{'doubled':>9}{'disorder':>9}{'discarded':>11}{'parked':>8}"
    for f in report.flows:
        counts = (f.events, len(f.missing), len(f.doubled), len(f.disordered))
        yield (
            f"{f.consumer:<13}{f.source:<13}"
            + "".join(f"{c:>9}" for c in counts)
            + f"{f.discarded:>11}{f.parked:>8}"
        )
    yield ""
    for flow in report.flows:
        for name in ("missing", "doubled", "disordered"):
            subjects: list[Any] = getattr(flow, name)
            for subject in subjects[:SHOWN]:
                yield f"{flow.consumer} from {flow.source}, {name}: {subject}"
            if len(subjects) > SHOWN:
                yield f"{flow.consumer} from {flow.source}, {name}: and {len(subjects) - SHOWN} more"
    for finding in report.findings:
        yield f"{finding.what}: {finding.only_left} only left, {finding.only_right} only right"
        yield from (f"    {example}" for example in finding.examples)
    yield "clean" if report.clean else "NOT CLEAN"
