"""The site's codes of places and of content (区划、内容分类), by which a registration is checked.

They are routing's; the command that sets a site up writes them here too (ADR 0009), so that the counter needs
nobody to refuse a code that is none. While there are none, nothing is refused: nobody is sent away because
a site is being set up.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from intake.store import known_code

if TYPE_CHECKING:
    from kit.db import Database

DIVISION, CATEGORY = "division", "category"
REFRESH = 30.0
"""Seconds after which they are read again."""


def put(connection: Connection, kind: str, codes: Iterable[str]) -> None:
    """The codes of a kind, in place of those before."""
    connection.execute(delete(known_code).where(known_code.c.kind == kind))
    rows = [{"kind": kind, "code": code} for code in sorted(set(codes))]
    if rows:
        connection.execute(insert(known_code).on_conflict_do_nothing(), rows)


class Codes:
    """The codes in memory, at most half a minute old; none are not kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at, self._known = 0.0, dict[str, frozenset[str]]()

    def refuses(self, kind: str, code: str | None) -> bool:
        """Whether the site has codes of this kind, and this is none of them."""
        if code is None:
            return False
        if not self._known or time.monotonic() - self._read_at >= REFRESH:
            self._refresh()
        known = self._known.get(kind)
        if known and code not in known:
            self._refresh()  # it may have been loaded a moment ago
            return code not in self._known.get(kind, {code})
        return False

    def _refresh(self) -> None:
        with self._database.reading() as connection:
            found: dict[str, set[str]] = {}
            for kind, code in connection.execute(select(known_code.c.kind, known_code.c.code)):
                found.setdefault(kind, set()).add(code)
        self._known = {kind: frozenset(codes) for kind, codes in found.items()}
        self._read_at = time.monotonic()
