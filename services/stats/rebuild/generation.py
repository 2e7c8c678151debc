"""A new generation of the read models: the same tables in a schema of their own, filled, and put in the live ones'
place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, insert, text
from sqlalchemy.schema import DropIndex

from kit import copying, migrations
from kit.copying import Block
from kit.memory import MemoryStore
from kit.sqlstore import seen_of
from kit.unit import Cursor, Mapping, Model
from stats.rebuild.lives import Told
from stats.store import MODEL, Fact, Tally, Transition, by_day, by_month, compacted

LIVE, NEXT = "stats", "stats_next"
REBUILT = (
    "fact",
    "transition",
    "tally",
    "by_day",
    "by_month",
    "compacted",
    "cursor",
    "waiting",
    "office",
)
"""What follows from the events of other services, and nothing else does."""  # fmt: skip
_LARGE = ("transition", "by_day", "by_month", "fact", "cursor")
"""They are filled without their indexes, which are made afterwards."""

_metadata = MetaData(schema=NEXT)


def moved(table: Table) -> Table:
    """The table of the new generation."""
    known = _metadata.tables.get(f"{NEXT}.{table.name}")
    return table.to_metadata(_metadata, schema=NEXT) if known is None else known


def _model() -> Model:
    bus = MODEL.tables
    return replace(
        MODEL,
        tables=replace(
            bus, cursor=moved(bus.cursor), waiting=moved(bus.waiting), office=moved(bus.office)
        ),
        mappings=tuple(
            replace(m, table=moved(m.table)) for m in MODEL.mappings if m.table.name in REBUILT
        ),
    )


NEXT_MODEL = _model()
"""Handlers work on the new generation by it as they do on the live one."""
for _one in (by_day, by_month, compacted):  # no mapping has them
    moved(_one)


class Generation:
    """The new tables while they are filled.

    Args:
        owner: connections of the database's owner.
    """

    def __init__(self, owner: Engine) -> None:
        self.owner = owner

    def begin(self, floor: date) -> None:
        """Empty tables; what a rebuild that was broken off left is gone."""
        with self.owner.begin() as connection:
            self._drop(connection)
            connection.execute(text(f"CREATE SCHEMA {NEXT}"))
            for name in REBUILT:
                _table(name).create(connection)
            for name in _LARGE:
                for index in _table(name).indexes:
                    connection.execute(DropIndex(index))
                connection.execute(text(f"ALTER TABLE {NEXT}.{name} DROP CONSTRAINT {name}_pkey"))
            connection.execute(insert(_table("compacted")).values(until=floor))

    def write(self, told: Told) -> None:
        """Lives, but for their sums."""
        blocks = (
            copying.mapped(_mapping(Fact), told.facts),
            copying.mapped(_mapping(Transition), told.transitions),
            copying.mapped(_mapping(Tally), told.tallies),
            _cursors(told.cursors),
        )
        self._copy(blocks)

    def write_sums(self, rollup: str, lines: Iterable[str]) -> None:
        """All rows of a roll-up."""
        table = _table(rollup)
        self._copy(Block(table.fullname, table.columns.keys(), some) for some in lines)

    def write_store(self, store: MemoryStore, now: datetime) -> None:
        """What went through the handlers."""
        blocks = [
            copying.mapped(m, store.appended[m.row] or store.rows[m.row].values())
            for m in NEXT_MODEL.mappings
        ]
        names = ("subject", "source", "sequence", "envelope", "since")
        held = ((*key, body, now) for key, body in store.held.items())
        waiting = copying.block(NEXT_MODEL.tables.waiting, names, held)
        self._copy([*blocks, _cursors(store.cursors.values()), waiting])

    def index(self) -> None:
        """Keys and indexes, and what the planner has to know: of two tables at once, the largest first."""
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._index, _LARGE))
        with self.owner.begin() as connection:
            for statement in _grants():
                connection.execute(text(statement))

    def _index(self, name: str) -> None:
        table = _table(name)
        key = ", ".join(f'"{column.name}"' for column in table.primary_key)
        with self.owner.begin() as connection:
            connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
            connection.execute(text(f"ALTER TABLE {NEXT}.{name} ADD CONSTRAINT {name}_pkey PRIMARY KEY ({key})"))  # fmt: skip
            for index in table.indexes:
                index.create(connection)
            connection.execute(text(f"ANALYZE {NEXT}.{name}"))

    def take(self, connection: Connection) -> None:
        """All live tables, before anything is changed: whoever reads one waits, so it is done soon or not now."""
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        tables = ", ".join(f"{LIVE}.{name}" for name in REBUILT)
        connection.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))

    def put_in_place(self, connection: Connection) -> None:
        """The live tables go, these come. What stats owns besides (returns, its own log) is not touched."""
        for name in REBUILT:
            connection.execute(text(f"DROP TABLE {LIVE}.{name}"))
            connection.execute(text(f"ALTER TABLE {NEXT}.{name} SET SCHEMA {LIVE}"))
        connection.execute(text(f"DROP SCHEMA {NEXT}"))
        migrations.grant(connection, LIVE)

    def drop(self) -> None:
        """The live ones stay."""
        with self.owner.begin() as connection:
            self._drop(connection)

    @staticmethod
    def _drop(connection: Connection) -> None:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {NEXT} CASCADE"))

    def _copy(self, blocks: Iterable[Block]) -> None:
        with self.owner.begin() as connection:
            cursor: Any = connection.connection.cursor()
            copying.write(cursor, (block for block in blocks if block.text))


def _table(name: str) -> Table:
    return _metadata.tables[f"{NEXT}.{name}"]


def _mapping(row: type[Any]) -> Mapping:
    return NEXT_MODEL.mapping(row)


def _cursors(cursors: Iterable[Cursor]) -> Block:
    rows = ((c.subject, c.own, seen_of(c)) for c in cursors)
    return copying.block(NEXT_MODEL.tables.cursor, ("subject", "own", "seen"), rows)


def _grants() -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA {NEXT} TO {LIVE}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {NEXT} TO {LIVE}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {NEXT} TO {LIVE}"
