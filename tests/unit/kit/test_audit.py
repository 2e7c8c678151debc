"""Audit rows and the pure part of their chain."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import MetaData, Table

from kit.audit import (
    CHAINED,
    GENESIS,
    AuditEntry,
    audit_columns,
    audit_head_columns,
    chain_step,
    check_head,
    matches,
    reason_of,
    salted,
    sign_head,
    to_row,
)
from kit.identity import Actor
from kit.vault import Vault, VaultError

VAULT = Vault(bytes(32), "intake")
AT = datetime(2025, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
ENTRY = AuditEntry.by(
    Actor("officer", "wang", "town-1", frozenset({"clerk"})),
    at=AT,
    action="petition.identity.read",
    subject="330282202503040001",
    route="POST /petitions/{n}/identity",
    reason="张三来电询问",
    fields={"phone": salted("phone", "13812345678")},
    detail={"rows": 1},
    trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)


def row(**changes: Any) -> dict[str, Any]:
    return {"id": 1} | to_row(ENTRY, VAULT) | changes


def test_a_row_has_a_column_for_everything_and_nothing_personal_in_plain() -> None:
    table = Table("audit_log", MetaData(), *audit_columns())
    assert set(to_row(ENTRY, VAULT)) < set(table.c.keys())
    plain = str(to_row(ENTRY, VAULT))
    assert "张三" not in plain
    assert "13812345678" not in plain


def test_rows_have_the_same_keys_always() -> None:
    bare = AuditEntry(AT, "tool", "root", None, "parked.replay", None, "parked replay")
    assert to_row(bare).keys() == to_row(ENTRY, VAULT).keys()
    assert to_row(bare)["salts"] is None
    assert to_row(bare)["detail"] == {}


def test_a_reason_needs_a_vault_and_opens_only_in_its_row() -> None:
    with pytest.raises(ValueError):
        to_row(ENTRY)
    assert reason_of(row(), VAULT) == ENTRY.reason
    assert reason_of(row(reason_sealed=None), VAULT) is None
    with pytest.raises(VaultError):
        reason_of(row(subject="330282202503040002"), VAULT)


def test_a_value_can_be_recognised_until_its_salt_is_erased() -> None:
    assert matches(row(), "phone", "13812345678") is True
    assert matches(row(), "phone", "13812345679") is False
    assert matches(row(), "reason", "张三来电询问") is True
    assert matches(row(), "name", "张三") is None
    assert matches(row(salts=None), "phone", "13812345678") is None


def test_equal_values_hash_differently() -> None:
    assert salted("phone", "1").hash != salted("phone", "1").hash
    assert salted("phone", "1", "aa").hash != salted("name", "1", "aa").hash


def test_every_chained_column_counts() -> None:
    before = chain_step(GENESIS, row())
    for name in CHAINED:
        change = AT + timedelta(microseconds=1) if name == "at" else "changed"
        assert chain_step(GENESIS, row() | {"detail": row()["detail"], name: change}) != before


def test_the_digest_before_counts() -> None:
    one = row()
    first = chain_step(GENESIS, one)
    assert len(first) == 32
    assert chain_step(first, one) != first


def test_erasure_leaves_the_digest() -> None:
    one = row()
    assert chain_step(GENESIS, one | {"salts": None, "reason_sealed": None}) == chain_step(
        GENESIS, one
    )


def test_the_digest_does_not_depend_on_how_the_row_was_read() -> None:
    one = row()
    read = {name: one[name] for name in reversed(CHAINED)}
    read["at"] = AT.astimezone(timezone(timedelta(hours=8)))
    read["detail"] = dict(reversed(json.loads(json.dumps(one["detail"])).items()))
    assert chain_step(memoryview(GENESIS), read) == chain_step(GENESIS, one)


def test_a_digest_is_the_same_tomorrow() -> None:
    """Logs are verified years later: whoever changes this line breaks every chain."""
    fixed = row(detail={"rows": 1})
    digest = "3fccb55552624c18fb5bac59df8787664ef08ca7bdbe368fbbf421551db70b38"
    assert chain_step(GENESIS, fixed).hex() == digest


def test_a_head_is_signed_for_its_day() -> None:
    key = Ed25519PrivateKey.generate()
    digest, day = bytes(range(32)), date(2025, 3, 4)
    signature = sign_head(key, digest, day)
    assert check_head(key.public_key(), digest, day, signature)
    assert not check_head(key.public_key(), digest, date(2025, 3, 5), signature)
    assert not check_head(key.public_key(), GENESIS, day, signature)
    assert not check_head(Ed25519PrivateKey.generate().public_key(), digest, day, signature)


def test_heads_have_a_row_a_day() -> None:
    table = Table("audit_head", MetaData(), *audit_head_columns())
    assert set(table.c.keys()) == {"day", "position", "digest", "signature"}
    assert [column.name for column in table.primary_key] == ["day"]
