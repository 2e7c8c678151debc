"""Sessions and lock-out on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from console import accounts
from console.sessions import IDLE, LONGEST, Sessions, digest_of
from console.store import MODEL, Account, account, session
from kit import clock
from kit.config import Settings
from kit.db import Database, connect
from tests.site import Site, fresh_site
from tool.local.servers import Servers


@pytest.fixture(scope="module")
def site(servers: Servers, template_database: str) -> Iterator[Site]:
    """A site of this file's own, no process running: its clock is moved, its sessions are swept."""
    with fresh_site(servers, template_database) as site:
        site.load_demo()
        yield site


@pytest.fixture(scope="module")
def database(site: Site) -> Iterator[Database]:
    database = connect(Settings.from_env("console", site.env), 4)
    yield database
    database.engine.dispose()


@pytest.fixture
def shifted() -> Iterator[Any]:
    """Moves this process's clock; put back afterwards."""
    yield lambda by: clock.set_shift(by)
    clock.set_shift(timedelta())


@pytest.fixture
def who(database: Database) -> Account:
    with database.unit(MODEL) as unit:
        unit.open(["demo-zhen"])
        row = unit.get(Account, "demo-zhen")
    assert row is not None
    return row


def test_the_command_line_prints_the_demonstrations_accounts(site: Site) -> None:
    printed = [line.split()[:2] for line in site.petition("demo", "accounts").stdout.splitlines()]
    assert dict(printed) == site.accounts  # type: ignore[arg-type]
    assert len(printed) == len(site.accounts) > 5


def test_only_the_digest_is_stored(database: Database, who: Account) -> None:
    secret = Sessions(database).open(who)
    with database.connection() as connection:
        stored = set(connection.execute(select(session.c.digest)).scalars())
    assert digest_of(secret) in {bytes(digest) for digest in stored}
    assert Sessions(database).find(secret + "x") is None


def test_a_session_ends_after_half_an_hour_of_rest(
    database: Database, who: Account, shifted: Any
) -> None:
    sessions = Sessions(database)
    secret = sessions.open(who)
    for minutes in (29, 58, 87):
        shifted(timedelta(minutes=minutes))
        officer = sessions.find(secret)
        assert officer is not None
        assert (officer.office, officer.roles) == (who.office, frozenset(who.roles))
    shifted(timedelta(minutes=87) + IDLE)
    assert sessions.find(secret) is None


def test_a_session_ends_after_twelve_hours(database: Database, who: Account, shifted: Any) -> None:
    sessions = Sessions(database)
    secret = sessions.open(who)
    for quarter in range(1, 48):
        shifted(timedelta(minutes=15 * quarter))
        assert sessions.find(secret) is not None
    shifted(LONGEST)
    assert sessions.find(secret) is None
    sessions.sweep()
    with database.connection() as connection:
        assert connection.execute(select(func.count()).select_from(session)).scalar_one() == 0


def test_a_closed_account_has_no_session(database: Database, who: Account) -> None:
    sessions = Sessions(database)
    secret = sessions.open(who)
    mine = account.c.id == who.id
    with database.connection() as connection:
        connection.execute(account.update().where(mine).values(active=False))
    try:
        assert sessions.find(secret) is None
    finally:
        with database.connection() as connection:
            connection.execute(account.update().where(mine).values(active=True))
    assert sessions.find(secret) is not None
    sessions.close(digest_of(secret).hex())
    assert sessions.find(secret) is None


def test_five_failures_lock_and_are_written_down(
    database: Database, site: Site, shifted: Any
) -> None:
    id = accounts.find(database, " SHENJI ")
    assert id == "demo-shenji"
    password = site.accounts["shenji"]
    for _ in range(accounts.FAILURES):
        assert accounts.log_in(database, MODEL, id, "wrong") is None
    assert accounts.log_in(database, MODEL, id, password) is None
    shifted(accounts.LOCKED + timedelta(seconds=1))
    assert accounts.log_in(database, MODEL, id, password) is not None
    log = MODEL.tables.audit_log
    with database.connection() as connection:
        outcomes = connection.execute(
            select(log.c.outcome)
            .where(log.c.actor == id, log.c.action == "login")
            .order_by(log.c.id)
        ).scalars()
        assert list(outcomes)[-7:] == ["denied"] * 6 + ["ok"]
