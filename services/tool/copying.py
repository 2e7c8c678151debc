"""Writes what `MemoryStore`s hold into PostgreSQL by COPY: a million petitions in minutes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from kit import copying
from kit.copying import Block
from kit.memory import MemoryStore
from kit.sqlstore import seen_of
from stats.store import Tally


def rendered(stores: Mapping[str, MemoryStore]) -> list[Block]:
    """Everything the stores hold, ready to be copied."""
    return [block for store in stores.values() for block in _render(store) if block.text]


_EVENT = (
    "event_id", "subject", "sequence", "type", "routing_key", "cc", "sealed", "envelope", "recorded_at",
)  # fmt: skip


def _render(store: MemoryStore) -> Iterator[Block]:
    tables = store.model.tables
    for mapping in store.model.mappings:
        rows = store.appended[mapping.row] or list(store.rows[mapping.row].values())
        yield copying.mapped(mapping, collapsed(rows) if mapping.row is Tally else rows)
    cursors = ((c.subject, c.own, seen_of(c)) for c in store.cursors.values())
    yield copying.block(tables.cursor, ("subject", "own", "seen"), cursors)
    yield copying.block(
        tables.event_log,
        _EVENT,
        (
            (e.event.id, e.event.subject, e.event.sequence, e.event.type)
            + (e.routing_key, e.cc, e.event.sealed, e.body, e.event.time)
            for e in store.log
        ),
    )


_CELL = tuple(item.name for item in fields(Tally) if item.name not in ("n", "barred"))


def collapsed(rows: Iterable[Tally]) -> list[Tally]:
    """One row a cell; the tallies of a long past are known to the day, not to the batch."""
    cells: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        cells[*(getattr(row, name) for name in _CELL), tuple(row.barred)] += row.n
    return [
        Tally(**dict(zip(_CELL, cell, strict=True)), n=n, barred=list(barred))
        for (*cell, barred), n in cells.items()
    ]
