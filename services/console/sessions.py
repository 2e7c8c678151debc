"""Sessions of officers, and who stands behind a page's request.

The browser holds 256 random bits, the table their SHA-256. A session ends 12 hours after the log-in,
30 minutes after the last page, at log-out, and with its account.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select

from console.store import Account, account, session
from kit import clock
from kit.db import Database
from kit.identity import Actor

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
"""A session's last page is noted at most this often."""


@dataclass(frozen=True, slots=True)
class Officer(Actor):
    """An officer at a page: an actor with the session and the post."""

    session: str = field(default="", repr=False)
    post: str = ""


def digest_of(secret: str) -> bytes:
    """What is stored of a session's secret."""
    return sha256(secret.encode()).digest()


class Sessions:
    """The sessions of the site's officers."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def open(self, who: Account) -> str:
        """Starts a session; returns what the browser is to hold."""
        secret, now = secrets.token_urlsafe(32), clock.now()
        values = {
            "digest": digest_of(secret),
            "account": who.id,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + LONGEST,
        }
        with self.database.connection() as connection:
            connection.execute(session.insert().values(values))
        return secret

    def find(self, secret: str) -> Officer | None:
        """The officer behind a session that is still good."""
        now, digest = clock.now(), digest_of(secret)
        columns = (account.c.id, account.c.office, account.c.roles, account.c.post)
        statement = (
            select(session.c.seen_at, *columns)
            .join(account, account.c.id == session.c.account)
            .where(
                session.c.digest == digest,
                session.c.expires_at > now,
                session.c.seen_at > now - IDLE,
                account.c.active,
            )
        )
        with self.database.connection() as connection:
            row = connection.execute(statement).one_or_none()
            if row is None:
                return None
            if now - row.seen_at > TOUCH:
                mine = session.c.digest == digest
                connection.execute(session.update().where(mine).values(seen_at=now))
        return Officer(
            "officer", row.id, row.office, frozenset(row.roles), None, digest.hex(), row.post
        )

    def close(self, digest: str) -> None:
        """Ends a session (`Officer.session`)."""
        with self.database.connection() as connection:
            connection.execute(session.delete().where(session.c.digest == bytes.fromhex(digest)))

    def sweep(self) -> None:
        """Deletes what is over."""
        now = clock.now()
        over = (session.c.expires_at < now) | (session.c.seen_at < now - IDLE)
        with self.database.connection() as connection:
            connection.execute(session.delete().where(over))
