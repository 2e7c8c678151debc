"""The audit log: who did or read what, when, with what outcome; chained, so that changes show.

A row is written in the transaction of the act. Seconds later the clock role chains the settled
rows: each digest covers the one before, and once a day the last one is signed and kept apart.
Personal values enter as salted hashes. Erasure deletes the salt (and the sealed reason): the value
can no longer be guessed from its hash, while every digest still verifies.
Source: GB/T 22239-2019, 8.1.4.3 (time, user, event, result; protected from change); 网络安全法
(kept at least six months); 个人信息保护法 Art. 47 (erasure), 51 (security measures).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    LargeBinary,
    Table,
    Text,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.types import UserDefinedType

from kit.identity.actor import Actor
from kit.vault import Vault

AuditRow = Mapping[Any, Any]  # columns by name, as SQLAlchemy's `mappings()` gives them

GENESIS = bytes(32)
BATCH = 1000
# What a digest covers. Not: xid and what chaining itself writes; salts and reason_sealed, which
# erasure may delete (the reason's salted hash is in `detail`).
CHAINED = (
    "id",
    "at",
    "actor_kind",
    "actor",
    "office",
    "action",
    "subject",
    "route",
    "detail",
    "outcome",
    "trace",
)


@dataclass(frozen=True, slots=True)
class Salted:
    """A personal value as it enters the log: SHA-256 of salt, field name and value, in hex."""

    hash: str
    salt: str


def salted(name: str, value: str, salt: str | None = None) -> Salted:
    """Hashes a personal value under a fresh salt of 128 bits (or a known one, to compare)."""
    salt = salt or secrets.token_hex(16)
    return Salted(hashlib.sha256(f"{salt}\0{name}\0{value}".encode()).hexdigest(), salt)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act.

    Args:
        at: instant in UTC.
        actor_kind, actor, office: an `Actor`'s kind, id and office.
        action: what was done, as `petition.identity.read`.
        subject: petition number, office or account, if it was about one; never a person's name.
        route: the route's pattern, or the command of the command line.
        reason: why, in the actor's words; stored sealed, since people write names.
        fields: personal fields read or changed, as `salted`.
        detail: anything else that is not personal.
        outcome: `ok`, `denied` or `failed`.
        trace: traceparent of the request.
    """

    at: datetime
    actor_kind: str
    actor: str
    office: str | None
    action: str
    subject: str | None
    route: str
    reason: str | None = None
    fields: Mapping[str, Salted] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "ok"
    trace: str | None = None

    @classmethod
    def by(cls, actor: Actor, **rest: Any) -> AuditEntry:
        """An entry whose actor is an `Actor`; `rest` are the other fields."""
        return cls(actor_kind=actor.kind, actor=actor.id, office=actor.office, **rest)


def to_row(entry: AuditEntry, vault: Vault | None = None) -> dict[str, Any]:
    """The row to insert; always the same keys.

    Args:
        vault: seals the reason.

    Errors: ValueError for a reason without a vault.
    """
    fields = dict(entry.fields)
    if entry.reason is not None:
        fields["reason"] = salted("reason", entry.reason)
    detail = dict(entry.detail)
    if fields:
        detail["fields"] = {name: value.hash for name, value in fields.items()}
    return {
        "at": entry.at,
        "actor_kind": entry.actor_kind,
        "actor": entry.actor,
        "office": entry.office,
        "action": entry.action,
        "subject": entry.subject,
        "route": entry.route,
        "reason_sealed": _seal_reason(entry, vault),
        "detail": detail,
        "salts": {name: value.salt for name, value in fields.items()} or None,
        "outcome": entry.outcome,
        "trace": entry.trace,
    }


def reason_of(row: AuditRow, vault: Vault) -> str | None:
    """The reason in plain words; None where there is none, or no more. Errors: VaultError."""
    sealed = row["reason_sealed"]
    if sealed is None:
        return None
    return vault.open(sealed, _reason_context(row["subject"], row["at"]))


def matches(row: AuditRow, name: str, value: str) -> bool | None:
    """Whether a row's personal field had this value; None where it has none, or it was erased."""
    salt = (row["salts"] or {}).get(name)
    if salt is None:
        return None
    return hmac.compare_digest(row["detail"]["fields"][name], salted(name, value, salt).hash)


def _seal_reason(entry: AuditEntry, vault: Vault | None) -> bytes | None:
    if entry.reason is None:
        return None
    if vault is None:
        raise ValueError("a reason is stored sealed, and needs a vault")
    return vault.seal(entry.reason, _reason_context(entry.subject, entry.at))


def _reason_context(subject: str | None, at: datetime) -> str:
    return f"audit.reason:{subject}:{_instant(at)}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# --- tables --------------------------------------------------------------------------------------


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id: tells which rows a reader may already trust."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def audit_columns() -> list[Column[Any] | Index]:
    """Columns and indexes of a service's audit log.

    The service's role needs INSERT and SELECT, and UPDATE of chain_position, chained_at, digest,
    salts and reason_sealed alone.
    """
    return [
        Column("id", BigInteger, primary_key=True),
        Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("actor_kind", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("office", Text),
        Column("action", Text, nullable=False),
        Column("subject", Text),
        Column("route", Text, nullable=False),
        Column("reason_sealed", LargeBinary),
        Column("detail", JSONB, nullable=False, server_default="{}"),
        Column("salts", JSONB(none_as_null=True)),
        Column("outcome", Text, nullable=False),
        Column("trace", Text),
        Column("chain_position", BigInteger),
        Column("chained_at", DateTime(timezone=True)),
        Column("digest", LargeBinary),
        Index("audit_log_position", "chain_position", unique=True),
        Index("audit_log_unchained", "id", postgresql_where=text("digest IS NULL")),
        Index("audit_log_subject", "subject", "id"),
        Index("audit_log_actor", "actor", "id"),
    ]


def audit_head_columns() -> list[Column[Any]]:
    """Columns of the daily signed heads of the chain."""
    return [
        Column("day", Date, primary_key=True),
        Column("position", BigInteger, nullable=False),
        Column("digest", LargeBinary, nullable=False),
        Column("signature", LargeBinary, nullable=False),
    ]


# --- the chain -----------------------------------------------------------------------------------


def chain_step(previous_digest: bytes | memoryview, row: AuditRow) -> bytes:
    """The digest of a row after the one before it: SHA-256 over that and the row, canonically.

    Canonical: JSON with sorted keys, no blanks, UTF-8; instants in UTC with microseconds.
    """
    values = {name: row[name] for name in CHAINED} | {"at": _instant(row["at"])}
    line = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(bytes(previous_digest) + line.encode()).digest()


def chain(connection: Connection, table: Table, now: datetime, limit: int = BATCH) -> int:
    """Chains the next settled rows, within the caller's transaction.

    A row counts once every transaction older than its own has ended. One process at a time: others
    find the lock taken and go home.

    Args:
        table: made of `audit_columns()`.
        now: becomes chained_at.
        limit: rows at most; call again while the answer equals it.

    Returns: how many rows were chained.
    """
    if not connection.scalar(select(func.pg_try_advisory_xact_lock(_lock(table)))):
        return 0
    position, digest = _last(connection, table)
    rows = connection.execute(_settled(table, limit)).mappings().all()
    digests: list[bytes] = []
    for row in rows:
        digest = chain_step(digest, row)
        digests.append(digest)
    if rows:
        ids = [row["id"] for row in rows]
        values = {"ids": ids, "digests": digests, "last": position, "now": now}
        connection.execute(_write(table), values)
    return len(rows)


def verify(connection: Connection, table: Table) -> int | None:
    """The first position where the chain does not hold (changed, removed or moved row), or None.

    A tail cut off leaves the rest whole; `verify_heads` notices that.
    """
    expected, digest = 1, GENESIS
    for row in _chained(connection, table):
        digest = chain_step(digest, row)
        if row["chain_position"] != expected or digest != bytes(row["digest"] or b""):
            return expected
        expected += 1
    return None


def sign_head(private_key: Ed25519PrivateKey, digest: bytes, day: date) -> bytes:
    """Signs the last digest of a day: 64 bytes, Ed25519."""
    return private_key.sign(_head(digest, day))


def check_head(public_key: Ed25519PublicKey, digest: bytes, day: date, signature: bytes) -> bool:
    """Whether `sign_head` made this signature."""
    try:
        public_key.verify(bytes(signature), _head(digest, day))
    except InvalidSignature:
        return False
    return True


def sign_day(
    connection: Connection, table: Table, heads: Table, key: Ed25519PrivateKey, day: date
) -> bool:
    """Keeps the chain's present head, signed, as that of `day`; the first of a day stands.

    Returns: whether a head was written; False where the day has one, or nothing is chained yet.
    """
    position, digest = _last(connection, table)
    if position == 0:
        return False
    row = {"day": day, "position": position, "digest": digest}
    statement = insert(heads).values(**row, signature=sign_head(key, digest, day))
    return connection.execute(statement.on_conflict_do_nothing()).rowcount == 1


def verify_heads(
    connection: Connection, table: Table, heads: Table, key: Ed25519PublicKey
) -> date | None:
    """The first day whose signed head is not a row of the chain, or is not signed; else None."""
    found = select(heads, table.c.digest.label("chained"))
    found = found.outerjoin_from(heads, table, table.c.chain_position == heads.c.position)
    for row in connection.execute(found.order_by(heads.c.day)):
        held = row.chained is not None and bytes(row.chained) == bytes(row.digest)
        if not held or not check_head(key, row.digest, row.day, row.signature):
            day: date = row.day
            return day
    return None


def _head(digest: bytes, day: date) -> bytes:
    return b"petition audit head 1\0" + day.isoformat().encode() + b"\0" + bytes(digest)


def _lock(table: Table) -> Any:
    """One lock for each audit log of the database, also where a search path names the schema."""
    schema = table.schema or func.current_schema()
    return func.hashtextextended(func.concat("audit:", schema, ".", table.name), 0)


def _last(connection: Connection, table: Table) -> tuple[int, bytes]:
    newest = select(table.c.chain_position, table.c.digest)
    newest = newest.where(table.c.digest.is_not(None))
    row = connection.execute(newest.order_by(table.c.chain_position.desc()).limit(1)).first()
    return (row[0], bytes(row[1])) if row else (0, GENESIS)


def _settled(table: Table, limit: int) -> Any:
    snapshot = func.pg_current_snapshot()
    settled = or_(
        table.c.xid < func.pg_snapshot_xmin(snapshot),
        # rows restored from another cluster carry its numbers, which here are still to come
        table.c.xid >= func.pg_snapshot_xmax(snapshot),
    )
    columns = [table.c[name] for name in CHAINED]
    waiting = select(*columns).where(table.c.digest.is_(None), settled)
    return waiting.order_by(table.c.id).limit(limit)


def _write(table: Table) -> Any:
    ids = bindparam("ids", type_=ARRAY(BigInteger))
    digests = bindparam("digests", type_=ARRAY(LargeBinary))
    pairs = func.unnest(ids, digests).table_valued(
        Column("id", BigInteger), Column("digest", LargeBinary), with_ordinality="place"
    )
    step = pairs.render_derived("step")
    values = {
        "chain_position": bindparam("last", type_=BigInteger) + step.c.place,
        "chained_at": bindparam("now", type_=DateTime(timezone=True)),
        "digest": step.c.digest,
    }
    return update(table).values(values).where(table.c.id == step.c.id)


def _chained(connection: Connection, table: Table) -> Iterator[AuditRow]:
    """Chained rows in order, a batch at a time, whatever the length of the log."""
    columns = [table.c[name] for name in (*CHAINED, "chain_position", "digest")]
    place = table.c.chain_position
    after = 0
    while True:
        query = select(*columns).where(place > after).order_by(place).limit(BATCH)
        rows = connection.execute(query).mappings().all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = rows[-1]["chain_position"]
