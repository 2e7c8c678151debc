"""A tree or a site's words, checked against what there is and taken into routing, intake and stats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

import intake.store
import routing.store
from intake import codes
from intake.codes import Code
from kit import clock
from kit.app import App
from kit.audit import AuditEntry, to_row
from kit.identity import Actor
from kit.sheet import Unreadable
from routing import queries, rulebook
from routing.store import CategoryRow
from sorting import tree, words
from sorting.suggesting import Word
from sorting.tree import Category, Line
from stats import categories as names


def kept(connection: Connection) -> dict[str, Category]:
    """The tree as it stands. `connection` is routing's."""
    return {
        row["id"]: Category(**row | {"successors": tuple(row["successors"])})
        for row in queries.categories(connection)
    }


def take_tree(
    routing_app: App, intake_app: App, stats_app: App, lines: Sequence[Line], actor: Actor,
    name: str, check: bool,
) -> tuple[int, int]:  # fmt: skip
    """Puts a tree in place of the one before, in all three services. Raises Unreadable with every fault.

    Args:
        name: of the file, for the audit log.
        check: change nothing.

    Returns how many categories it has, and how many of them are new or changed.
    """
    with (
        routing_app.database.connection() as there,
        intake_app.database.connection() as here,
        stats_app.database.connection() as told,
    ):
        known = kept(there)
        used = _used(there, here)
        rows, faults = tree.checked(lines, known, used)
        _refuse(rows, faults)
        changed = sum(known.get(row.id) != row for row in rows)
        if not check:
            _put(there, here, rows)
            names.put(told, ((row.id, row.parent, row.name) for row in rows))
            _audit(routing_app, there, actor, "categories-import", name)
    return len(rows), changed


def take_words(
    routing_app: App, intake_app: App, lines: Sequence[Line], actor: Actor, name: str, check: bool
) -> int:
    """Puts a site's own words in place of those before. Raises Unreadable with every fault.

    Returns how many there are.
    """
    with routing_app.database.reading() as there:
        known = kept(there)
    found, faults = words.checked(lines, known)
    if faults:
        raise Unreadable(faults)
    if not check:
        with intake_app.database.connection() as here:
            codes.put_words(here, found)
            _audit(intake_app, here, actor, "words-import", name)
    return len(found)


def speaking(intake_app: App, category: str) -> list[tuple[Word, bool]]:
    """The words for a category, the heaviest first, and whether each is the site's own."""
    with intake_app.database.reading() as connection:
        own = codes.own_words(connection)
    found = [word for word in words.together(own) if word.category == category]
    return sorted(
        ((word, word in own) for word in found), key=lambda pair: (-pair[0].weight, pair[0].word)
    )


def _used(there: Connection, here: Connection) -> set[str]:
    """Categories that a petition, a remit or a rule of competence names."""
    ruled = {rule.category for rule in rulebook.current(there).rules if rule.category}
    return ruled | routing.store.used_categories(there) | intake.store.used_categories(here)


def _refuse(rows: Sequence[Category], faults: list[str]) -> None:
    if faults or not rows:
        raise Unreadable(faults or ["表中没有分类"])


def _put(there: Connection, here: Connection, rows: Iterable[Category]) -> None:
    routing.store.put_tree(
        there,
        [
            CategoryRow(
                row.id,
                row.parent,
                row.name,
                row.source_code,
                row.valid_from,
                row.valid_to,
                list(row.successors),
            )
            for row in rows
        ],
    )
    codes.put(
        here,
        codes.CATEGORY,
        [Code(row.id, row.parent, row.valid_from, row.valid_to) for row in rows],
    )


def _audit(app: App, connection: Connection, actor: Actor, action: str, name: str) -> None:
    entry = AuditEntry.by(
        actor, at=clock.now(), action=action, subject=None, route="petition categories", reason=name
    )
    connection.execute(app.model.tables.audit_log.insert(), to_row(entry, app.vault))
