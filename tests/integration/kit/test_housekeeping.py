"""What is forgotten after a while, and what is not."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from kit import clock
from kit.db import Database
from kit.housekeeping import KEEP_JOBS, KEEP_KEYS, Housekeeper
from tests.things import MODEL, rows

DAY = timedelta(days=1)


def keep(database: Database) -> None:
    housekeeper = Housekeeper(MODEL)
    housekeeper.container = SimpleNamespace(config={"DATABASE": database})
    housekeeper.keep_tables()


def test_keys_are_forgotten_save_those_of_the_tool(thing_db: Database) -> None:
    """By its keys an import knows which rows are in already, a year later as well."""
    now = clock.now()
    with thing_db.connection() as connection:
        for actor in ("officer:1", "tool:import"):
            for key, at in (("old", now - KEEP_KEYS - DAY), ("new", now - KEEP_KEYS + DAY)):
                connection.exec_driver_sql(
                    "INSERT INTO thing.command_key (actor, route, key, body_hash, at)"
                    " VALUES (%s, '/things', %s, '', %s)",
                    (actor, key, at),
                )
    keep(thing_db)
    kept = rows(thing_db, "SELECT actor, key FROM thing.command_key ORDER BY 1, 2")
    assert kept == [("officer:1", "new"), ("tool:import", "new"), ("tool:import", "old")]


def test_finished_jobs_are_forgotten_and_open_ones_kept(thing_db: Database) -> None:
    now = clock.now()
    with thing_db.connection() as connection:
        for kind, at in (
            ("old", now - KEEP_JOBS - DAY),
            ("new", now - KEEP_JOBS + DAY),
            ("open", None),
        ):
            connection.exec_driver_sql(
                "INSERT INTO thing.job (kind, finished_at, run_at) VALUES (%s, %s, %s)",
                (kind, at, now - 2 * KEEP_JOBS),
            )
    keep(thing_db)
    assert rows(thing_db, "SELECT kind FROM thing.job ORDER BY 1") == [("new",), ("open",)]
