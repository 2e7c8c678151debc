"""The console's rows: accounts and sessions. It holds no petition data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, MetaData

from contracts.checks import check_event
from contracts.flows import sources_of
from kit.rows import mapped
from kit.tables import bus_tables
from kit.unit import Model

metadata = MetaData(schema="console")
bus = bus_tables(metadata)


@dataclass
class Account:
    """An officer's account. `post` is the post's title (登记岗); `name`, if any, is sealed.

    `password` is an encoded scrypt hash (`passwords.py`), `failed` counts wrong ones since the last
    right one, and until `locked_until` no password is looked at.
    """

    id: str
    login: str
    post: str
    name: bytes | None
    office: str | None
    roles: list[str]
    password: str
    active: bool
    created_at: datetime
    failed: int = 0
    locked_until: datetime | None = None


@dataclass
class Session:
    """A log-in. Only the SHA-256 of what the browser holds is stored."""

    digest: bytes
    account: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


ACCOUNT = mapped(
    metadata,
    "account",
    Account,
    ("id",),
    Index("account_login", "login", unique=True),
    subject="id",
)
SESSION = mapped(
    metadata,
    "session",
    Session,
    ("digest",),
    Index("session_account", "account"),
    Index("session_expires", "expires_at"),
    loaded=False,
)
account, session = ACCOUNT.table, SESSION.table

MODEL = Model(
    source="console",
    tables=bus,
    mappings=(ACCOUNT, SESSION),
    sources=sources_of("console"),
    check=check_event,
)
