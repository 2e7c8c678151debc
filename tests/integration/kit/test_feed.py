"""The event log as a feed: page by page, nothing twice, and nothing passed over (reliability.md C7)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from kit import events
from kit.db import Database
from tests.things import MODEL, rows
from tests.waiting import settled


def page_of(database: Any, model: Any, after: int, limit: int) -> dict[str, Any]:
    """A page when nobody else holds it back."""
    settled(database.engine)
    return page_now(database, model, after, limit)


def page_now(database: Any, model: Any, after: int, limit: int) -> dict[str, Any]:
    """A page as whoever asks for it reads it."""
    page = events.page(database, model, after, limit)
    lines = page.get_data().splitlines()
    return {
        "events": [orjson.loads(line) for line in lines],
        "position": int(page.headers[events.POSITION]),
    }


def tell(database: Database, subject: str, count: int = 1) -> None:
    with database.unit(MODEL) as unit:
        unit.open([subject])
        for _ in range(count):
            unit.emit(subject, "thing.happened", {})


def subjects(page: dict[str, object]) -> list[str]:
    return [event["subject"] for event in page["events"]]  # type: ignore[index,attr-defined]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_follow_one_another_to_the_end(thing_db: Database, limit: int) -> None:
    for n in range(7):
        tell(thing_db, f"n{n}")
    found, after = [], 0
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
        slow.emit("slow", "thing.happened", {})
        slow.flush()
        slow.store.cursor.execute("SELECT 1")  # type: ignore[attr-defined]  # what was deferred goes
        slow.changes.__init__()  # type: ignore[misc]  # written already
        tell(thing_db, "quick")
        page = page_now(thing_db, MODEL, 0, 100)
        assert subjects(page) == ["first"]
    assert subjects(page_of(thing_db, MODEL, page["position"], 100)) == ["slow", "quick"]


def test_a_transaction_that_failed_leaves_a_gap_that_holds_up_nobody(thing_db: Database) -> None:
    with pytest.raises(ZeroDivisionError), thing_db.unit(MODEL) as unit:
        unit.open(["n1"])
        unit.emit("n1", "thing.happened", {})
        unit.flush()
        raise ZeroDivisionError
    tell(thing_db, "n2")
    assert subjects(page_of(thing_db, MODEL, 0, 100)) == ["n2"]
    positions = rows(thing_db, "SELECT position FROM thing.event_log")
    assert len(positions) == 1
