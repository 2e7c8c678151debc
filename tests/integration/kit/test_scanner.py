"""What falls due: each crossing once, whoever looks, and no item holds up another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import eventlet
import pytest

from kit import clock, scanner
from kit.db import Database, Unavailable
from kit.due import Due
from kit.scanner import scan
from kit.unit import Unit
from tests import things
from tests.things import MODEL, lines, rows

HOUR = timedelta(hours=1)


def put(database: Database, *items: Due) -> None:
    with database.unit(MODEL) as unit:
        unit.open([item.subject for item in items])
        for item in items:
            unit.add(item)


def item(subject: str, ago: timedelta, kind: str = "warn", name: str = "") -> Due:
    return Due(subject, name or f"{subject}:answer", kind, clock.now() - ago)


def fire(unit: Unit, due: Due) -> None:
    """Warns, then misses an hour later, as supervision does."""
    unit.add(things.Line(due.subject, "due", 0, f"{due.kind} {due.item}"))
    unit.emit(due.subject, f"duty.{due.kind}", {})
    if due.kind == "warn":
        due.kind, due.due_at = "miss", due.due_at + HOUR
    else:
        due.fired_at = unit.now


def fired(database: Database) -> list[str]:
    return [row[3] for row in lines(database)]


def open_items(database: Database) -> list[tuple[Any, ...]]:
    return rows(database, "SELECT subject, kind FROM thing.due WHERE fired_at IS NULL ORDER BY 1")


def test_what_is_due_fires_once_and_moves_on(thing_db: Database) -> None:
    put(thing_db, item("n1", timedelta(minutes=1)), item("n2", -HOUR))
    assert scan(thing_db, MODEL, fire) == 1
    assert scan(thing_db, MODEL, fire) == 0
    assert fired(thing_db) == ["warn n1:answer"]
    assert open_items(thing_db) == [("n1", "miss"), ("n2", "warn")]


def test_the_moment_itself_counts(thing_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    put(thing_db, Due("n1", "n1:answer", "warn", now))
    put(thing_db, Due("n2", "n2:answer", "warn", now + timedelta(microseconds=1)))
    assert scan(thing_db, MODEL, fire) == 1 and fired(thing_db) == ["warn n1:answer"]


def test_after_days_off_both_crossings_are_behind(thing_db: Database) -> None:
    put(thing_db, item("n1", timedelta(days=5)))
    scan(thing_db, MODEL, fire)
    assert fired(thing_db) == ["warn n1:answer", "miss n1:answer"]
    assert open_items(thing_db) == []
    types = [row[0] for row in rows(thing_db, "SELECT type FROM thing.event_log ORDER BY position")]
    assert types == ["duty.warn", "duty.miss"]


def test_the_oldest_goes_first_within_a_petition(thing_db: Database) -> None:
    put(
        thing_db,
        item("n1", timedelta(minutes=3), "miss", "n1:b"),
        item("n1", timedelta(minutes=9), "miss", "n1:c"),
        item("n1", timedelta(minutes=6), "miss", "n1:a"),
    )
    scan(thing_db, MODEL, fire)
    assert fired(thing_db) == ["miss n1:c", "miss n1:a", "miss n1:b"]


def test_never_only_a_page(thing_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "PAGE", 7)
    put(thing_db, *(item(f"n{n:02}", timedelta(minutes=n + 1), "miss") for n in range(40)))
    assert scan(thing_db, MODEL, fire) == 40
    assert len(set(fired(thing_db))) == 40 and open_items(thing_db) == []


def test_two_scanners_at_once(thing_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "PAGE", 10)

    def slow(unit: Unit, due: Due) -> None:
        eventlet.sleep(0.002)
        fire(unit, due)

    put(thing_db, *(item(f"n{n:02}", timedelta(days=1)) for n in range(30)))
    scanners = [eventlet.spawn(scan, thing_db, MODEL, slow) for _ in range(3)]
    with eventlet.Timeout(60):
        for one in scanners:
            one.wait()
    told = fired(thing_db)
    assert len(told) == len(set(told)) == 60 and open_items(thing_db) == []


@pytest.mark.parametrize("how", ["raises", "does nothing", "cannot be written"])
def test_an_item_that_fails_does_not_hold_up_the_others(
    thing_db: Database, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "PAGE", 4)

    def sometimes(unit: Unit, due: Due) -> None:
        if due.subject != "bad":
            fire(unit, due)
        elif how == "raises":
            raise ValueError("cannot")
        elif how == "cannot be written":
            due.kind = "a\x00b"
            due.fired_at = unit.now

    bad = item("bad", timedelta(days=9))
    put(thing_db, bad, *(item(f"n{n}", timedelta(days=n + 1), "miss") for n in range(9)))
    with eventlet.Timeout(20, AssertionError("it went round and round")):
        scan(thing_db, MODEL, sometimes)
    assert sorted(fired(thing_db)) == [f"miss n{n}:answer" for n in range(9)]
    assert open_items(thing_db) == [("bad", "warn")]
    scan(thing_db, MODEL, fire)
    assert open_items(thing_db) == [], "the next look finds it again"


def test_while_the_database_is_away_nothing_is_blamed(thing_db: Database) -> None:
    def away(unit: Unit, due: Due) -> None:
        raise Unavailable("away")

    put(thing_db, item("n1", HOUR), item("n2", HOUR))
    with pytest.raises(Unavailable):
        scan(thing_db, MODEL, away)
    assert [row[0] for row in open_items(thing_db)] == ["n1", "n2"]


def test_the_age_of_the_oldest_is_measured(thing_db: Database) -> None:
    put(thing_db, item("n1", timedelta(days=2), "miss"))
    seen: list[float] = []

    def look(unit: Unit, due: Due) -> None:
        seen.append(scanner.BEHIND.labels("thing")._value.get())
        fire(unit, due)

    scan(thing_db, MODEL, look)
    assert seen[0] == pytest.approx(2 * 86400, abs=60)
    assert scanner.BEHIND.labels("thing")._value.get() == 0
