"""The site's codes of places and of content (区划、内容分类), by which a registration is checked and a category suggested.

They are routing's; the commands that set a site up write them here too (ADR 0009), so that the counter needs
nobody to refuse a code that is none. While there are none, nothing is refused: nobody is sent away because
a site is being set up.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from intake.store import category_word, known_code
from sorting import words
from sorting.suggesting import Rules, Suggestion, Word, suggest
from sorting.tree import holds

if TYPE_CHECKING:
    from kit.db import Database

DIVISION, CATEGORY = "division", "category"
REFRESH = 30.0
"""Seconds after which they are read again."""


@dataclass(frozen=True)
class Code:
    """A code, the one above it, and from when to when it may be used."""

    code: str
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def put(connection: Connection, kind: str, codes: Iterable[Code]) -> None:
    """The codes of a kind, in place of those before."""
    connection.execute(delete(known_code).where(known_code.c.kind == kind))
    rows = [{"kind": kind} | asdict(code) for code in codes]
    if rows:
        connection.execute(insert(known_code).on_conflict_do_nothing(), rows)


def put_words(connection: Connection, own: Iterable[Word]) -> None:
    """The site's own words, in place of those before."""
    connection.execute(delete(category_word))
    rows = [word._asdict() for word in own]
    if rows:
        connection.execute(insert(category_word), rows)


def own_words(connection: Connection) -> list[Word]:
    """The site's own words."""
    return [
        Word(row.category, row.word, row.weight)
        for row in connection.execute(select(category_word))
    ]


class Codes:
    """The codes in memory, at most half a minute old; none are not kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at, self._known = 0.0, dict[str, dict[str, Code]]()
        self._own: list[Word] = []
        self._rules: tuple[date, Rules] | None = None

    def refuses(self, kind: str, code: str | None) -> bool:
        """Whether the site has codes of this kind, and this is none of them."""
        return code is not None and self._unknown(kind, code)

    def ended(self, kind: str, code: str | None, day: date) -> bool:
        """Whether the site has this code, and it may not be used on a day (停用)."""
        found = self._of(kind).get(code) if code else None
        return found is not None and not holds(found.valid_from, found.valid_to, day)

    def suggest(self, text: str, day: date) -> list[Suggestion]:
        """The categories of a day that a text seems to be about (建议分类)."""
        categories = self._of(CATEGORY)
        if self._rules is None or self._rules[0] != day:
            parents = {
                code.code: code.parent
                for code in categories.values()
                if holds(code.valid_from, code.valid_to, day)
            }
            self._rules = day, Rules(words.together(self._own), parents)
        return suggest(text, self._rules[1])

    def _unknown(self, kind: str, code: str) -> bool:
        known = self._of(kind)
        if known and code not in known:
            self._refresh()  # it may have been loaded a moment ago
            return code not in self._known.get(kind, {code: None})
        return False

    def _of(self, kind: str) -> dict[str, Code]:
        if not self._known or time.monotonic() - self._read_at >= REFRESH:
            self._refresh()
        return self._known.get(kind, {})

    def _refresh(self) -> None:
        with self._database.reading() as connection:
            found: dict[str, dict[str, Code]] = {}
            for kind, *rest in connection.execute(select(known_code)):
                found.setdefault(kind, {})[rest[0]] = Code(*rest)
            own = own_words(connection)
        if (found.get(CATEGORY), own) != (self._known.get(CATEGORY), self._own):
            self._rules = None
        self._known, self._own, self._read_at = found, own, time.monotonic()
