"""What the bench of statistics loads is what a site would have come to."""

from __future__ import annotations

import psycopg2.extensions
from sqlalchemy import Connection, select

from kit import copying, db
from kit.migrations import engine_for
from stats import rolling
from stats.domain.measures import STEP_MEASURES
from stats.life import Cell, cell_of, cells, tally
from stats.store import TALLY, Fact, Transition, fact, transition
from tests.bench.stats.load import Plan, index, load
from tests.bench.stats.patterns import STEPS, patterns
from tests.integration.stats.test_rebuild import TABLES
from tests.servers import fresh_database
from tool.local.servers import Servers

PETITIONS = 120


def test_the_sums_are_what_the_roller_makes_of_the_cases(
    servers: Servers, template_database: str
) -> None:
    plan = Plan.made(patterns(40, rolling.date(2021, 1, 1)), PETITIONS, rolling.date(2021, 1, 1))
    psycopg2.extensions.set_wait_callback(None)
    try:
        with (
            fresh_database(servers, template_database) as url,
            engine_for(url).begin() as connection,
        ):
            load(connection, plan)
            index(connection)
            loaded = {
                name: connection.exec_driver_sql(TABLES[name]).all()
                for name in ("by_day", "by_month")
            }
            rolled(connection)
            for name, rows in loaded.items():
                assert rows and connection.exec_driver_sql(TABLES[name]).all() == rows, name
    finally:
        psycopg2.extensions.set_wait_callback(db._wait)


def rolled(connection: Connection) -> None:
    """The sums made anew out of the loaded rows."""
    cases = [Fact(**row) for row in connection.execute(select(fact)).mappings()]
    steps = [Transition(**row) for row in connection.execute(select(transition)).mappings()]
    assert len(cases) == PETITIONS and len(steps) >= STEPS * PETITIONS
    found: list[tuple[Cell, int]] = [one for case in cases for one in cells(case).items()]
    of = {case.number: case for case in cases}
    counted = [(cell, 1) for step in steps if (cell := cell_of(of[step.number], step))]
    assert {cell.measure for cell, _ in counted} <= set(STEP_MEASURES)
    connection.exec_driver_sql("TRUNCATE stats.by_day, stats.by_month")
    tallies = [tally(cell, rolling.FOLDED_ON, n) for cell, n in [*found, *counted]]
    copying.write(connection.connection.cursor(), [copying.mapped(TALLY, tallies)])
    rolling.settle(connection, rolling.FOLDED_ON)
