"""The audit chain on PostgreSQL: order of commit, one chainer at a time, what tampering leaves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    func,
    make_url,
    select,
    text,
    update,
)

from kit.audit import (
    AuditEntry,
    audit_columns,
    audit_head_columns,
    chain,
    matches,
    salted,
    sign_day,
    to_row,
    verify,
    verify_heads,
)
from kit.identity import Actor
from kit.vault import Vault
from tests.waiting import settled

NOW = datetime(2025, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
DAY = date(2025, 3, 4)
KEY = Ed25519PrivateKey.generate()
VAULT = Vault(bytes(32), "intake")


class Log:
    """An audit log of its own in a schema of its own."""

    def __init__(self, engine: Engine, schema: str) -> None:
        self.engine = engine
        self.metadata = MetaData(schema=schema)
        self.table = Table("audit_log", self.metadata, *audit_columns())
        self.heads = Table("audit_head", self.metadata, *audit_head_columns())

    def write(self, connection: Connection, count: int = 1, **columns: Any) -> None:
        rows = [to_row(entry(n), VAULT) | columns for n in range(count)]
        connection.execute(self.table.insert(), rows)

    def chain(self, limit: int = 1000) -> int:
        settled(self.engine)
        return self.chain_at_once(limit)

    def chain_at_once(self, limit: int = 1000) -> int:
        with self.engine.begin() as connection:
            return chain(connection, self.table, NOW, limit)

    def chained(self, count: int) -> None:
        with self.engine.begin() as connection:
            self.write(connection, count)
        assert self.chain() == count

    def verify(self) -> int | None:
        with self.engine.connect() as connection:
            return verify(connection, self.table)

    def sign(self, day: date) -> bool:
        with self.engine.begin() as connection:
            return sign_day(connection, self.table, self.heads, KEY, day)

    def verify_heads(self, key: Ed25519PrivateKey = KEY) -> date | None:
        with self.engine.connect() as connection:
            return verify_heads(connection, self.table, self.heads, key.public_key())

    def change(self, position: int, **columns: Any) -> None:
        where = self.table.c.chain_position == position
        with self.engine.begin() as connection:
            connection.execute(update(self.table).where(where).values(columns))

    def remove(self, position: int) -> None:
        with self.engine.begin() as connection:
            connection.execute(self.table.delete().where(self.table.c.chain_position == position))

    def ids(self) -> list[int]:
        place = self.table.c.chain_position
        query = select(self.table.c.id).where(place.is_not(None)).order_by(place)
        with self.engine.connect() as connection:
            return list(connection.scalars(query))


def entry(n: int) -> AuditEntry:
    return AuditEntry.by(
        Actor("officer", "wang", "town-1", frozenset({"clerk"})),
        at=NOW + timedelta(seconds=n),
        action="petition.identity.read",
        subject=f"33028220250304000{n % 10}",
        route="POST /petitions/{n}/identity",
        reason="张三来电询问",
        fields={"phone": salted("phone", "13812345678")},
        detail={"rows": n, "share": 0.5, "名": "é"},
    )


@pytest.fixture
def log(database_url: str) -> Iterator[Log]:
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg2"))
    schema = f"audit_{secrets.token_hex(4)}"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    log = Log(engine, schema)
    log.metadata.create_all(engine)
    yield log
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def test_chains_in_batches_and_verifies(log: Log) -> None:
    with log.engine.begin() as connection:
        log.write(connection, 25)
    assert [log.chain(10), log.chain(10), log.chain(10), log.chain(10)] == [10, 10, 5, 0]
    assert log.verify() is None
    assert log.ids() == sorted(log.ids())
    with log.engine.connect() as connection:
        chained_at = set(connection.scalars(select(log.table.c.chained_at)))
    assert chained_at == {NOW}


def test_an_empty_log_holds(log: Log) -> None:
    assert log.chain() == 0
    assert log.verify() is None
    assert log.sign(DAY) is False
    assert log.verify_heads() is None


def test_waits_for_an_older_transaction(log: Log) -> None:
    slow = log.engine.connect()
    log.write(slow, 2)
    with log.engine.begin() as quick:
        log.write(quick, 1)
    # the quick one has committed, but the slow one may still commit lower ids
    assert log.chain_at_once() == 0
    slow.commit()
    slow.close()
    assert log.chain() == 3
    assert log.ids() == sorted(log.ids())
    assert log.verify() is None


def test_rolled_back_rows_leave_no_gap(log: Log) -> None:
    log.chained(1)
    with log.engine.connect() as connection:
        log.write(connection, 3)
        connection.rollback()
    log.chained(1)
    assert log.verify() is None


def test_one_chainer_at_a_time(log: Log) -> None:
    with log.engine.begin() as connection:
        log.write(connection, 3)
    settled(log.engine)
    with log.engine.begin() as first:
        assert chain(first, log.table, NOW, 2) == 2
        assert log.chain_at_once() == 0
    assert log.chain() == 1
    assert log.verify() is None


def test_rows_restored_from_another_cluster_are_chained(log: Log) -> None:
    with log.engine.begin() as connection:
        log.write(connection, 2, xid="99999999999999")
    assert log.chain() == 2
    assert log.verify() is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "li"},
        {"at": NOW + timedelta(days=1)},
        {"detail": {"rows": 2}},
        {"outcome": "denied"},
        {"digest": bytes(32)},
        {"digest": None},
        {"digest": None, "chain_position": None},
    ],
)
def test_a_changed_row_is_found(log: Log, change: dict[str, Any]) -> None:
    log.chained(5)
    log.change(3, **change)
    assert log.verify() == 3


def test_a_removed_row_is_found_also_when_it_would_be_chained_again(log: Log) -> None:
    log.chained(5)
    log.remove(3)
    assert log.verify() == 3
    log.chained(1)
    assert log.verify() == 3


def test_long_logs_are_verified_in_batches(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.audit.BATCH", 4)
    log.chained(12)
    assert log.verify() is None
    log.change(11, actor="li")
    assert log.verify() == 11


def test_erasure_leaves_the_chain_whole(log: Log) -> None:
    log.chained(3)
    with log.engine.begin() as connection:
        row = connection.execute(select(log.table)).mappings().first()
        assert row is not None
        assert matches(row, "phone", "13812345678") is True
        connection.execute(update(log.table).values(salts=None, reason_sealed=None))
        assert connection.scalar(select(func.count()).where(log.table.c.salts.is_(None))) == 3
    assert log.verify() is None


def test_a_signed_head_is_kept_for_each_day(log: Log) -> None:
    log.chained(3)
    assert log.sign(DAY) is True
    assert log.sign(DAY) is False
    log.chained(2)
    assert log.sign(DAY + timedelta(days=1)) is True
    assert log.verify_heads() is None
    assert log.verify_heads(Ed25519PrivateKey.generate()) == DAY


def test_a_cut_off_tail_is_found_by_its_head(log: Log) -> None:
    log.chained(3)
    log.sign(DAY)
    log.remove(3)
    assert log.verify() is None
    assert log.verify_heads() == DAY


def test_a_whole_chain_made_anew_is_found_by_its_head(log: Log) -> None:
    log.chained(3)
    log.sign(DAY)
    with log.engine.begin() as connection:
        forget = {"digest": None, "chain_position": None, "actor": "li"}
        connection.execute(update(log.table).values(forget))
    assert log.chain() == 3
    assert log.verify() is None
    assert log.verify_heads() == DAY
