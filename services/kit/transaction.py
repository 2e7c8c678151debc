"""A transaction whose BEGIN and COMMIT travel with the statements beside them.

Under eventlet every message to PostgreSQL is two switches of the hub, so a command is written to need few:
BEGIN goes with the first statement, what may wait is deferred to the next one, COMMIT goes with the last
(ADR 0003). The connection is in autocommit mode; psycopg2 sends what it is given, as one simple query.
Planning a statement takes PostgreSQL as long as doing it for one petition, so each connection plans a
`Statement` once (PREPARE travels with its first use), where no plan could be a bad one for other values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any


@dataclass(frozen=True)
class Statement:
    """SQL with one parameter, `$1`, of a type of PostgreSQL's (`json`, `text[]`).

    `lasting` plans are made once a connection. A join is planned each time: made while a table is empty,
    its plan would read the whole of it for each row, and go on so until the table is analysed.
    """

    type: str
    sql: str
    lasting: bool = True
    name: str = field(init=False)

    def __post_init__(self) -> None:
        digest = blake2b(f"{self.type} {self.sql}".encode(), digest_size=12).hexdigest()
        object.__setattr__(self, "name", f"kit_{digest}")


class Transaction:
    """A psycopg2 cursor that is given whole messages. Not shared between greenthreads.

    Args:
        prepared: names of the statements that the cursor's connection has planned; kept with it.
        reading: each message is a transaction by itself: no BEGIN, no COMMIT.
    """

    def __init__(self, cursor: Any, prepared: set[str], reading: bool = False) -> None:
        self._cursor, self._reading = cursor, reading
        self._prepared, self._preparing = prepared, set[str]()
        self._pending: list[bytes] = []
        self.begun = False

    def call(self, statement: Statement, value: Any) -> None:
        """Sends this statement with its value together with the next one."""
        if not statement.lasting:
            literal = self._cursor.mogrify("%s", (value,)).decode()
            self.defer(statement.sql.replace("$1", f"{literal}::{statement.type}"))
            return
        if statement.name not in self._prepared and statement.name not in self._preparing:
            self._preparing.add(statement.name)
            self.defer(f"PREPARE {statement.name}({statement.type}) AS {statement.sql}")
        self.defer(self._cursor.mogrify(f"EXECUTE {statement.name}(%s)", (value,)))

    def defer(self, sql: str | bytes) -> None:
        """Sends this statement, its values already in it, together with the next one."""
        self._pending.append(sql.encode() if isinstance(sql, str) else sql)

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        """Sends what was deferred and this statement; the result is this statement's."""
        self.defer(self._cursor.mogrify(sql, parameters))
        self._send()

    def query(self, statement: Statement, value: Any) -> list[tuple[Any, ...]]:
        """Sends what was deferred and this statement, and returns its rows."""
        self.call(statement, value)
        self._send()
        return self.fetchall()

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
        if self._preparing:  # nobody knows how far the message came; PREPARE outlives a rollback
            self._cursor.execute("DEALLOCATE ALL")
            self._prepared.clear()
            self._preparing.clear()

    def _send(self) -> None:
        message = b"; ".join(self._pending)
        self._pending.clear()
        if not self.begun and not self._reading:
            # set first: whether a failed message began a transaction is for ROLLBACK to find out
            self.begun, message = True, b"BEGIN; " + message
        self._cursor.execute(message)
        self._prepared |= self._preparing
        self._preparing.clear()
