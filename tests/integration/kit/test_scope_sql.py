"""The one scope function: what SQL admits and what Python admits are the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    create_engine,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from kit.identity import Reach, Visible

TABLE = Table(
    "scope_line",
    MetaData(),
    Column("number", Text, primary_key=True),
    Column("offices", ARRAY(Text)),
    Column("barred", ARRAY(Text)),
    prefixes=["TEMPORARY"],
)
VISIBLE = Visible(TABLE.c.number, TABLE.c.offices, TABLE.c.barred)

# few names, so that rows and reaches meet; some that SQL might trip over
OFFICES = st.sampled_from(["county", "town", "town-1", "a,b", '{"}', "NULL", "信访局", "%s", ":x"])
NUMBERS = st.sampled_from(["1", "2", "3", "4", "5"])
SOME_OFFICES = st.frozensets(OFFICES, max_size=4)
REACHES = st.builds(
    Reach,
    everything=st.booleans(),
    offices=SOME_OFFICES,
    chain=SOME_OFFICES,
    petition=st.none() | NUMBERS,
)


@dataclass
class Line:
    number: str
    offices: list[str] | None
    barred: list[str] | None


COLUMN = st.none() | st.lists(OFFICES, max_size=4)
ROWS = st.lists(
    st.builds(Line, NUMBERS, COLUMN, COLUMN), max_size=5, unique_by=lambda row: row.number
)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg2"))
    with engine.connect() as connection:
        TABLE.create(connection)
        yield connection
        connection.rollback()
    engine.dispose()


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, reaches=st.lists(REACHES, min_size=1, max_size=4))
def test_sql_and_python_admit_the_same_rows(
    connection: Connection, rows: list[Line], reaches: list[Reach]
) -> None:
    connection.execute(TABLE.delete())
    if rows:
        connection.execute(TABLE.insert(), [asdict(row) for row in rows])
    for reach in reaches:
        found = set(connection.scalars(select(TABLE.c.number).where(VISIBLE.where(reach))))
        assert found == {row.number for row in rows if VISIBLE.admits(reach, row)}


def test_a_long_list_can_use_an_index(connection: Connection) -> None:
    rows = [{"number": str(n), "offices": [f"office-{n % 97}"], "barred": []} for n in range(3000)]
    connection.execute(TABLE.insert(), rows)
    connection.execute(text("CREATE INDEX ON scope_line USING gin (offices)"))
    connection.execute(text("ANALYZE scope_line"))
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    reach = Reach(offices=frozenset({"office-7"}), chain=frozenset({"office-7", "county"}))
    query = select(TABLE.c.number).where(VISIBLE.where(reach))
    compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
    plan = "\n".join(connection.scalars(text(f"EXPLAIN {compiled}")))
    assert "Bitmap Index Scan" in plan
