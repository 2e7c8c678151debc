"""`MemoryStore` and `SqlStore` behave alike: what a unit loads, notices, emits and writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import clock, envelope
from kit.db import Database
from kit.memory import MemoryStore
from kit.unit import Unit
from tests import things
from tests.things import MODEL, NOW, Line, Note, Thing, event, with_bytes

LONG = "信访人反映:\n" + "拖欠工资'\"\\%s" * 1660
TEXTS = [
    "", " ", "张三", "O'Brien", '"quoted"', "back\\slash", "\\", "'", "''", "%", "%s %(x)s %%",
    ";", "--", "/* */", "$1", "{}", "line\nfeed\r\n\ttab", "\u2028", "𠮷", "NULL", "\\N", "\x01", LONG,
]  # fmt: skip
LISTS = [
    [], [""], ["a"], ["a", "b"], ["a,b", '{"}', "NULL", "信访局", "'", '"', "\\", "%s", " "], [LONG],
]  # fmt: skip
DICTS: list[dict[str, Any]] = [
    {}, {"a": 1}, {"a": None}, {"名": ["张三", {"x": "O'Brien \\ % \""}]}, {"n": [1, 2.5, True, None]},
]  # fmt: skip
VALUES: list[tuple[str, Any]] = [
    *(("text", value) for value in TEXTS),
    *(("words", value) for value in LISTS),
    *(("extra", value) for value in DICTS),
    *(("count", value) for value in (0, 1, -1, 2**31 - 1, -(2**31))),
    ("flag", True),
    ("flag", False),
    ("blob", b""),
    ("blob", bytes(range(256))),
    ("blob", b"\\x00'%s"),
    ("day", date(1990, 1, 1)),
    ("day", date(9999, 12, 31)),
    ("at", datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)),
    ("at", datetime(2026, 3, 4, 5, 6, 7, tzinfo=timezone(timedelta(hours=8)))),
    ("at", datetime(1990, 1, 1, tzinfo=UTC)),
]
COLUMNS = ("text", "count", "flag", "blob", "day", "at", "words", "extra")


def other_than(column: str) -> Any:
    """A value of a column that no test compares with."""
    return {
        "text": "before", "count": 77, "flag": None, "blob": b"before", "day": date(2000, 2, 29),
        "at": NOW, "words": ["before"], "extra": {"before": 1},
    }[column]  # fmt: skip


class Desk(ABC):
    """One store, with transactions and a way to look at what was written."""

    @abstractmethod
    def unit(self) -> AbstractContextManager[Unit]:
        """A transaction: written at the end, dropped where the block raises."""

    @abstractmethod
    def lines(self) -> list[tuple[str, str, int, str]]:
        """The append-only rows, in order."""

    @abstractmethod
    def log(self) -> list[tuple[str, int, str, str, str | None, bytes]]:
        """(subject, sequence, type, routing key, cc, body) of every event, in order."""

    @abstractmethod
    def held(self) -> set[tuple[str, str, int]]:
        """(subject, source, sequence) of what waits."""

    @abstractmethod
    def audits(self) -> list[str]:
        """The actions in the audit log."""

    def add(self, *rows: Any) -> None:
        with self.unit() as unit:
            unit.open([row.number for row in rows])
            for row in rows:
                unit.add(row)

    def read(self, number: str) -> list[Thing]:
        """The rows of a subject as another transaction sees them."""
        with self.unit() as unit:
            unit.open([number])
            return sorted(unit.all(Thing, number), key=lambda thing: thing.id)


class MemoryDesk(Desk):
    def __init__(self) -> None:
        self.store = MemoryStore(MODEL)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        unit = self.store.unit(NOW)
        yield unit
        unit.flush()

    def lines(self) -> list[tuple[str, str, int, str]]:
        return [(r.number, r.source, r.sequence, r.word) for r in self.store.appended[Line]]

    def log(self) -> list[tuple[str, int, str, str, str | None, bytes]]:
        return [
            (e.event.subject, e.event.sequence, e.event.type, e.routing_key, e.cc, e.body)
            for e in self.store.log
        ]

    def held(self) -> set[tuple[str, str, int]]:
        return set(self.store.held)

    def audits(self) -> list[str]:
        return [row["action"] for row in self.store.audits]


class SqlDesk(Desk):
    def __init__(self, database: Database) -> None:
        self.database = database

    def unit(self) -> AbstractContextManager[Unit]:
        return self.database.unit(MODEL)

    def lines(self) -> list[tuple[str, str, int, str]]:
        return things.lines(self.database)

    def log(self) -> list[tuple[str, int, str, str, str | None, bytes]]:
        found = things.rows(
            self.database,
            "SELECT subject, sequence, type, routing_key, cc, envelope FROM thing.event_log"
            " ORDER BY position",
        )
        return [(*row[:5], bytes(row[5])) for row in found]  # type: ignore[misc]

    def held(self) -> set[tuple[str, str, int]]:
        found = things.rows(self.database, "SELECT subject, source, sequence FROM thing.waiting")
        return set(found)  # type: ignore[arg-type]

    def audits(self) -> list[str]:
        found = things.rows(self.database, "SELECT action FROM thing.audit_log ORDER BY id")
        return [row[0] for row in found]


def audit_entry(action: str) -> dict[str, Any]:
    from kit.audit import AuditEntry, to_row
    from kit.identity import PUBLIC_ACTOR

    entry = AuditEntry.by(PUBLIC_ACTOR, at=NOW, action=action, subject=None, route="/x")
    return to_row(entry)


class StoreContract(ABC):
    """Everything that both stores must do; each subclass gives its desk."""

    # -- rows ------------------------------------------------------------------------------------

    def test_what_is_added_is_found_again(self, desk: Desk) -> None:
        desk.add(Thing("1", "n1", text="a"), Thing("2", "n1"), Thing("3", "n2"))
        assert [t.id for t in desk.read("n1")] == ["1", "2"]
        assert desk.read("n2") == [Thing("3", "n2")]
        assert desk.read("n3") == []

    def test_an_added_row_is_seen_within_its_own_unit(self, desk: Desk) -> None:
        with desk.unit() as unit:
            unit.open(["n1"])
            assert unit.get(Thing, "1") is None and unit.all(Thing, "n1") == []
            thing = Thing("1", "n1")
            unit.add(thing)
            assert unit.get(Thing, "1") is thing and unit.all(Thing, "n1") == [thing]

    def test_get_and_all_give_the_same_object(self, desk: Desk) -> None:
        desk.add(Thing("1", "n1"))
        with desk.unit() as unit:
            unit.open(["n1"])
            assert unit.get(Thing, "1") is unit.all(Thing, "n1")[0]

    def test_a_row_of_a_subject_not_opened_is_not_there(self, desk: Desk) -> None:
        desk.add(Thing("1", "n1"), Thing("2", "n2"))
        with desk.unit() as unit:
            unit.open(["n2"])
            assert unit.get(Thing, "1") is None and unit.get(Thing, "2") is not None

    def test_opening_again_loads_only_what_is_new(self, desk: Desk) -> None:
        desk.add(Thing("1", "n1"), Thing("2", "n2"))
        with desk.unit() as unit:
            unit.open(["n1"])
            changed = unit.get(Thing, "1")
            assert changed is not None
            changed.text = "changed"
            unit.open(["n1", "n2"])
            assert unit.get(Thing, "1") is changed and changed.text == "changed"
            assert unit.get(Thing, "2") is not None
        assert desk.read("n1")[0].text == "changed"

    @pytest.mark.parametrize(("column", "value"), VALUES)
    def test_a_value_survives_being_added(self, desk: Desk, column: str, value: Any) -> None:
        desk.add(Thing("1", "n1", **{column: value}))
        assert getattr(desk.read("n1")[0], column) == value

    @pytest.mark.parametrize(("column", "value"), VALUES)
    def test_a_value_survives_being_changed_to(self, desk: Desk, column: str, value: Any) -> None:
        desk.add(Thing("1", "n1", **{column: other_than(column)}))
        with desk.unit() as unit:
            unit.open(["n1"])
            setattr(unit.all(Thing, "n1")[0], column, value)
        assert getattr(desk.read("n1")[0], column) == value

    @pytest.mark.parametrize("column", COLUMNS)
    def test_none_survives_and_replaces(self, desk: Desk, column: str) -> None:
        desk.add(Thing("1", "n1"), Thing("2", "n2", **{column: other_than(column)}))
        with desk.unit() as unit:
            unit.open(["n2"])
            setattr(unit.all(Thing, "n2")[0], column, None)
        assert getattr(desk.read("n1")[0], column) is None
        assert getattr(desk.read("n2")[0], column) is None

    def test_rows_that_changed_differently_are_all_written(self, desk: Desk) -> None:
        """One statement carries the columns that any row touched; none may overwrite another."""
        before = [Thing(str(i), "n1", text="t", count=i, words=["w"]) for i in range(4)]
        desk.add(*(replace(t) for t in before))
        with desk.unit() as unit:
            unit.open(["n1"])
            found = {t.id: t for t in unit.all(Thing, "n1")}
            found["0"].text = "new"
            found["1"].count = -5
            found["2"].words = None
        assert desk.read("n1") == [
            replace(before[0], text="new"),
            replace(before[1], count=-5),
            replace(before[2], words=None),
            before[3],
        ]

    @pytest.mark.parametrize(
        ("column", "before", "change"),
        [
            ("words", ["a"], lambda v: v.append("b")),
            ("words", ["a", "b"], lambda v: v.reverse()),
            ("words", ["a"], lambda v: v.clear()),
            ("extra", {"a": 1}, lambda v: v.update(a=2)),
            ("extra", {"a": 1}, lambda v: v.pop("a")),
            ("extra", {"a": {"b": [1]}}, lambda v: v["a"]["b"].append(2)),
        ],
    )
    def test_a_change_in_place_is_noticed(
        self, desk: Desk, column: str, before: Any, change: Any
    ) -> None:
        desk.add(Thing("1", "n1", **{column: deepcopy(before)}))
        with desk.unit() as unit:
            unit.open(["n1"])
            value = getattr(unit.all(Thing, "n1")[0], column)
            change(value)
        assert getattr(desk.read("n1")[0], column) == value

    def test_what_did_not_change_is_not_written(self, desk: Desk) -> None:
        desk.add(Thing("1", "n1", text="a", words=["w"], extra={"a": 1}))
        with desk.unit() as unit:
            unit.open(["n1"])
            thing = unit.all(Thing, "n1")[0]
            thing.text = "b"
            thing.text = "a"
            changes = unit.collect()
            assert (changes.updates, changes.inserts, changes.cursors) == ([], [], [])

    def test_only_touched_columns_are_named(self, desk: Desk) -> None:
        desk.add(Thing("1", "n1", text="a", count=1))
        with desk.unit() as unit:
            unit.open(["n1"])
            unit.all(Thing, "n1")[0].count = 2
            ((_, touched, _),) = unit.collect().updates
            assert touched == ("count",)

    def test_append_only_rows_stay_in_order(self, desk: Desk) -> None:
        desk.add(Line("n1", "intake", 1, "甲"), Line("n1", "intake", 2, "乙"))
        desk.add(Line("n1", "intake", 3, "丙"))
        assert [row[3] for row in desk.lines()] == ["甲", "乙", "丙"]

    def test_an_unmapped_row_is_refused(self, desk: Desk) -> None:
        with pytest.raises(LookupError), desk.unit() as unit:
            unit.add(object())

    def test_the_same_key_twice_is_refused_and_nothing_is_written(self, desk: Desk) -> None:
        desk.add(Thing("1", "n1", text="first"))
        with pytest.raises(Exception, match="1"), desk.unit() as unit:
            unit.open(["n2"])
            unit.emit("n2", "thing.happened", {})
            unit.add(Thing("2", "n2"))
            unit.add(Thing("1", "n2", text="second"))
        assert desk.read("n1") == [Thing("1", "n1", text="first")]
        assert desk.read("n2") == [] and desk.log() == []

    # -- what is seldom asked for --------------------------------------------------------------

    def test_a_rare_row_is_loaded_when_it_is_asked_for(self, desk: Desk) -> None:
        desk.add(Note("n1", 1, "a"), Note("n2", 1, "b"), Note("n3", 1, "other"))
        with desk.unit() as unit:
            unit.open(["n1", "n2"])
            unit.add(Note("n1", 2, "new"))
            found = unit.get(Note, "n2", 1)
            assert found is not None and unit.get(Note, "n3", 1) is None
            found.word = "changed"
            assert [note.word for note in unit.all(Note, "n1")] == ["new", "a"]
        with desk.unit() as unit:
            unit.open(["n2"])
            assert [note.word for note in unit.all(Note, "n2")] == ["changed"]
            unit.open(["n1"])
            words = {note.ordinal: note.word for note in unit.all(Note, "n1")}
            assert words == {1: "a", 2: "new"}

    def test_a_rare_row_comes_with_the_subject_where_it_is_wanted_anyway(self, desk: Desk) -> None:
        desk.add(Note("n1", 1, "a"))
        with desk.unit() as unit:
            unit.open(["n1"], [Note])
            asked: list[Any] = []
            unit.store.load = lambda *wanted: asked.append(wanted)  # type: ignore[method-assign]
            assert [note.word for note in unit.all(Note, "n1")] == ["a"]
            assert asked == [], "no message of its own"

    def test_a_series_counts_without_gaps(self, desk: Desk) -> None:
        with desk.unit() as unit:
            assert (unit.count("a"), unit.count("a", 3), unit.count("b")) == (1, 4, 1)
        with desk.unit() as unit:
            assert unit.count("a") == 5

    # -- a unit that raises ----------------------------------------------------------------------

    def test_a_unit_that_raises_writes_nothing(self, desk: Desk) -> None:
        desk.add(Thing("1", "n1", text="a", words=["w"], extra={"a": {"b": 1}}))
        with pytest.raises(ZeroDivisionError), desk.unit() as unit:
            unit.open(["n1", "n2"])
            thing = unit.all(Thing, "n1")[0]
            assert thing.words is not None and thing.extra is not None
            thing.text = "b"
            thing.words.append("x")
            thing.extra["a"]["b"] = 2
            unit.add(Thing("2", "n2"))
            unit.add(Line("n1", "intake", 1, "x"))
            unit.emit("n1", "thing.happened", {})
            unit.cursors["n1"].of("intake").apply(event("n1", "intake", 1))
            unit.cursors["n1"].changed = True
            unit.audit(audit_entry("command"))
            waiting = event("n1", "intake", 3)
            unit.changes.waiting.append(waiting)
            unit.changes.bodies[waiting.id] = envelope.encode(waiting)
            raise ZeroDivisionError
        assert desk.read("n1") == [Thing("1", "n1", text="a", words=["w"], extra={"a": {"b": 1}})]
        assert desk.read("n2") == []
        assert (desk.lines(), desk.log(), desk.held(), desk.audits()) == ([], [], set(), [])
        with desk.unit() as unit:
            unit.open(["n1"])
            assert unit.cursors["n1"].own == 0 and unit.cursors["n1"].reached("intake") == 0

    # -- events and cursors ----------------------------------------------------------------------

    def test_events_count_one_two_three_per_subject(self, desk: Desk) -> None:
        for batch in (["n1", "n1", "n2"], ["n1"], ["n2", "n1"]):
            with desk.unit() as unit:
                unit.open(set(batch))
                for subject in batch:
                    unit.emit(subject, "thing.happened", {})
        assert [row[:2] for row in desk.log()] == [
            ("n1", 1), ("n1", 2), ("n2", 1), ("n1", 3), ("n2", 2), ("n1", 4),
        ]  # fmt: skip

    def test_an_event_is_stored_as_the_bytes_it_travels_in(self, desk: Desk) -> None:
        with desk.unit() as unit:
            unit.open(["n1"])
            told = unit.emit(
                "n1",
                "thing.happened",
                {"text": "O'Brien \\ % 张三"},
                path="33.02.82.104",
                was="33.02.82.105",
                sealed=True,
                at=NOW,
            )
        ((subject, sequence, type_, key, cc, body),) = desk.log()
        assert (subject, sequence, type_) == ("n1", 1, "thing.happened")
        assert key == "thing.happened.33.02.82.104" and cc == "thing.happened.33.02.82.105"
        assert envelope.decode(body) == told and told.sealed and told.time == NOW

    def test_a_subject_made_new_needs_no_lock(self, desk: Desk) -> None:
        with desk.unit() as unit:
            unit.create("n1")
            unit.emit("n1", "thing.happened", {})
        with desk.unit() as unit:
            unit.open(["n1"])
            assert unit.cursors["n1"].own == 1
            assert unit.emit("n1", "thing.happened", {}).sequence == 2

    def test_a_cursor_keeps_what_was_applied(self, desk: Desk) -> None:
        first, second = event("n1", "intake", 1), event("n1", "intake", 2)
        with desk.unit() as unit:
            unit.open(["n1"])
            for applied in (first, second, event("n1", "routing", 1)):
                unit.cursors["n1"].of(applied.source).apply(applied)
            unit.cursors["n1"].changed = True
            digest = unit.cursors["n1"].of("intake").digest
        with desk.unit() as unit:
            unit.open(["n1"])
            cursor = unit.cursors["n1"]
            assert cursor.after() == {"intake": 2, "routing": 1}
            assert (cursor.of("intake").applied, cursor.of("intake").digest) == (2, digest)
            assert cursor.reached("supervision") == 0
            assert unit.emit("n1", "thing.happened", {}).after == {"intake": 2, "routing": 1}

    def test_a_cursor_only_looked_at_is_not_written(self, desk: Desk) -> None:
        with desk.unit() as unit:
            unit.open(["n1"])
            unit.emit("n1", "thing.happened", {})
        with desk.unit() as unit:
            unit.open(["n1"])
            assert unit.collect().cursors == []

    # -- waiting, audit --------------------------------------------------------------------------

    def test_what_waits_is_kept_until_it_waited(self, desk: Desk) -> None:
        early = [event("n1", "intake", 2), event("n1", "routing", 2), event("n2", "intake", 2)]
        with desk.unit() as unit:
            unit.open(["n1", "n2"])
            for one, body in with_bytes(early):
                unit.changes.waiting.append(one)
                unit.changes.bodies[one.id] = body
        with desk.unit() as unit:
            found = [envelope.decode(body) for body in unit.store.waiting(["n1"])]
            assert sorted(e.id for e in found) == sorted(e.id for e in early[:2])
            unit.changes.waited.append(early[0])
        assert desk.held() == {("n1", "routing", 2), ("n2", "intake", 2)}

    def test_audit_rows_are_written_with_the_rest(self, desk: Desk) -> None:
        with desk.unit() as unit:
            unit.audit(audit_entry("one"))
            unit.audit(audit_entry("two"))
        assert desk.audits() == ["one", "two"]

    def test_a_unit_with_nothing_to_write_is_fine(self, desk: Desk) -> None:
        with desk.unit() as unit:
            unit.open([])
            unit.open(["n1"])
        assert desk.log() == []


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def desk(self) -> Desk:
        return MemoryDesk()


class TestSqlStore(StoreContract):
    @pytest.fixture
    def desk(self, thing_db: Database) -> Desk:
        return SqlDesk(thing_db)

    @pytest.mark.parametrize("column", ["text", "words", "extra"])
    def test_a_text_with_nul_is_refused_and_nothing_is_written(
        self, desk: Desk, column: str
    ) -> None:
        """PostgreSQL holds no NUL; kit.http and kit.envelope refuse it before it comes here."""
        bad = {"text": "a\x00b", "words": ["a\x00b"], "extra": {"a": "a\x00b"}}[column]
        with pytest.raises(Exception, match=r"(?i)nul|\\\\u0000"):
            desk.add(Thing("1", "n1", text="good"), Thing("2", "n1", **{column: bad}))
        assert desk.read("n1") == []

    def test_now_is_the_clock_of_the_kit(self, desk: Desk) -> None:
        clock.set_shift(timedelta(days=-400))
        try:
            with desk.unit() as unit:
                assert timedelta(days=399) < datetime.now(UTC) - unit.now < timedelta(days=401)
        finally:
            clock.set_shift(timedelta())

    @pytest.mark.parametrize("known", [True, False])
    def test_what_is_locked_is_locked(self, thing_db: Database, known: bool) -> None:
        """Also a subject that no one has seen before: the second unit waits for the first."""
        import eventlet

        if known:
            with thing_db.unit(MODEL) as unit:
                unit.open(["n0", "n1"])
        order: list[str] = []

        def second() -> None:
            with thing_db.unit(MODEL) as unit:
                unit.open(["n0", "n1"])
                order.append("second")

        with thing_db.unit(MODEL) as unit:
            unit.open(["n1"])
            other = eventlet.spawn(second)
            eventlet.sleep(0.2)
            order.append("first")
        other.wait()
        assert order == ["first", "second"]


def test_copy_writes_what_a_unit_writes(thing_db: Database) -> None:
    """`tool.copying` renders the rows of a MemoryStore: every value reads back as a unit's own."""
    import psycopg2.extensions

    from kit import db
    from kit.copying import write
    from tool import copying

    desk, sql = MemoryDesk(), SqlDesk(thing_db)
    wanted = [Thing(f"{n:03}", "n1", **{column: value}) for n, (column, value) in enumerate(VALUES)]
    desk.add(*(deepcopy(thing) for thing in wanted), Thing("none", "n1"))
    with desk.unit() as unit:
        unit.open(["n1"])
        unit.emit("n1", "thing.happened", {"text": LONG}, path="33.02", was="33.03", sealed=True)
        unit.cursors["n1"].of("intake").apply(event("n1", "intake", 1))
    psycopg2.extensions.set_wait_callback(None)  # COPY blocks
    try:
        with thing_db.connection() as connection:
            raw = connection.connection.cursor()
            write(raw, copying.rendered({"thing": desk.store}))
    finally:
        psycopg2.extensions.set_wait_callback(db._wait)
    assert sql.read("n1") == [*wanted, Thing("none", "n1")]
    assert sql.log() == desk.log()
    with sql.unit() as unit:
        unit.open(["n1"])
        assert unit.cursors["n1"] == desk.store.cursors["n1"].copy()


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
THINGS = st.builds(
    Thing,
    id=st.builds(lambda: uuid4().hex),
    number=st.just(""),
    text=st.none() | TEXT,
    count=st.none() | st.integers(-(2**31), 2**31 - 1),
    flag=st.none() | st.booleans(),
    blob=st.none() | st.binary(max_size=20),
    day=st.none() | st.dates(),
    at=st.none() | st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),
    words=st.none() | st.lists(TEXT, max_size=3),
    extra=st.none() | st.dictionaries(TEXT, JSON, max_size=3),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.lists(THINGS, min_size=1, max_size=4), data=st.data())
def test_sql_gives_back_what_memory_gives_back(
    thing_db: Database, before: list[Thing], data: st.DataObject
) -> None:
    """Any rows, changed in any way: both stores end with the same."""
    number = uuid4().hex
    after = [replace(data.draw(THINGS), id=thing.id, number=number) for thing in before]
    desks: list[Desk] = [MemoryDesk(), SqlDesk(thing_db)]
    for desk in desks:
        desk.add(*(replace(thing, number=number) for thing in before))
        with desk.unit() as unit:
            unit.open([number])
            for thing in after:
                vars(unit.get(Thing, thing.id)).update(vars(thing))
        assert desk.read(number) == sorted(after, key=lambda thing: thing.id)
