"""The event log as a feed: page by page, nothing twice, and nothing passed over (reliability.md C7)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from kit import events
from kit.db import Database
from kit.unit import Unit
from tests.things import MODEL, rows
from tests.waiting import settled


def page_of(database: Any, model: Any, after: str, limit: int) -> dict[str, Any]:
    """A page when nobody else holds it back."""
    settled(database.engine)
    return page_now(database, model, after, limit)


def page_now(database: Any, model: Any, after: str, limit: int) -> dict[str, Any]:
    """A page as whoever asks for it reads it."""
    page = events.page(database, model, after, limit)
    lines = page.get_data().splitlines()
    return {
        "events": [orjson.loads(line) for line in lines],
        "position": page.headers[events.POSITION],
    }


def tell(database: Database, subject: str, count: int = 1) -> None:
    with database.unit(MODEL) as unit:
        unit.open([subject])
        for _ in range(count):
            unit.emit(subject, "thing.happened", {})


def held(unit: Unit, subject: str) -> None:
    """Logs an event that is committed only when the unit ends."""
    unit.emit(subject, "thing.happened", {})
    unit.flush()
    unit.store.cursor.execute("SELECT 1")  # type: ignore[attr-defined]  # what was deferred goes
    unit.changes.__init__()  # type: ignore[misc]  # written already


def subjects(page: dict[str, object]) -> list[str]:
    return [event["subject"] for event in page["events"]]  # type: ignore[index,attr-defined]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_follow_one_another_to_the_end(thing_db: Database, limit: int) -> None:
    for n in range(7):
        tell(thing_db, f"n{n}")
    found, after = [], events.BEGINNING
    while (page := page_of(thing_db, MODEL, after, limit))["events"]:
        assert len(page["events"]) <= limit
        found += subjects(page)
        after = page["position"]
    assert found == [f"n{n}" for n in range(7)] and page["position"] == after


def test_an_event_still_to_be_committed_holds_the_feed_back(thing_db: Database) -> None:
    """Its position is taken: a reader that went past it would never come back."""
    tell(thing_db, "first")
    with thing_db.unit(MODEL) as slow:
        slow.open(["slow"])
        held(slow, "slow")
        tell(thing_db, "quick")
        page = page_now(thing_db, MODEL, events.BEGINNING, 100)
        assert subjects(page) == ["first"]
    assert subjects(page_of(thing_db, MODEL, page["position"], 100)) == ["slow", "quick"]


def test_what_a_younger_transaction_still_holds_is_not_passed_over(thing_db: Database) -> None:
    """It took its position first, and commits last."""
    with thing_db.unit(MODEL) as young:
        with thing_db.unit(MODEL) as old:
            old.open(["old"])
            young.open(["young"])
            held(young, "young")
            old.emit("old", "thing.happened", {})
        page = page_now(thing_db, MODEL, events.BEGINNING, 100)
        assert subjects(page) == ["old"]
    assert subjects(page_of(thing_db, MODEL, page["position"], 100)) == ["young"]


def test_a_transaction_that_failed_leaves_a_gap_that_holds_up_nobody(thing_db: Database) -> None:
    with pytest.raises(ZeroDivisionError), thing_db.unit(MODEL) as unit:
        unit.open(["n1"])
        unit.emit("n1", "thing.happened", {})
        unit.flush()
        raise ZeroDivisionError
    tell(thing_db, "n2")
    assert subjects(page_of(thing_db, MODEL, events.BEGINNING, 100)) == ["n2"]
    positions = rows(thing_db, "SELECT position FROM thing.event_log")
    assert len(positions) == 1
