"""A transaction whose BEGIN and COMMIT travel with the statements beside them.

Under eventlet every message to PostgreSQL is two switches of the hub, so a command is written to need few:
BEGIN goes with the first statement, what may wait is deferred to the next one, COMMIT goes with the last
(ADR 0003). The connection is in autocommit mode; psycopg2 sends what it is given, as one simple query.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Transaction:
    """A psycopg2 cursor that is given whole messages. Not shared between greenthreads."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._pending: list[bytes] = []
        self.begun = False

    def defer(self, sql: str | bytes) -> None:
        """Sends this statement, its values already in it, together with the next one."""
        self._pending.append(sql.encode() if isinstance(sql, str) else sql)

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Sends what was deferred and this statement; the result is this statement's."""
        self.defer(self._cursor.mogrify(sql, parameters))
        self._send()

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def commit(self) -> None:
        """Sends what is left, and COMMIT with it; nothing at all where nothing was ever sent."""
        if self._pending or self.begun:
            self.defer(b"COMMIT")
            self._send()
            self.begun = False

    def rollback(self) -> None:
        """Forgets what was deferred and undoes what was sent."""
        self._pending.clear()
        if self.begun:
            self._cursor.execute("ROLLBACK")
            self.begun = False

    def _send(self) -> None:
        message = b"; ".join(self._pending)
        self._pending.clear()
        if not self.begun:
            # set first: whether a failed message began a transaction is for ROLLBACK to find out
            self.begun, message = True, b"BEGIN; " + message
        self._cursor.execute(message)
