"""What a unit says of events, and what it finds out before it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kit.unit import Cursor, Seen, Unit, fold
from tests.things import MODEL, NOW, SITE, Thing, event, memory


@pytest.fixture
def unit() -> Unit:
    unit = Unit(MODEL, memory(), NOW, SITE, traceparent="00-trace")
    unit.open(["n1"])
    return unit


def test_an_event_carries_what_its_unit_knows(unit: Unit) -> None:
    told = unit.emit("n1", "thing.happened", {"a": 1}, version=2)
    assert (told.source, told.site, told.subject, told.sequence) == ("thing", SITE, "n1", 1)
    assert (told.time, told.traceparent, told.version) == (NOW, "00-trace", 2)
    assert (told.sealed, told.after, told.data) == (False, {}, {"a": 1})


def test_an_event_may_have_happened_before_it_was_noticed(unit: Unit) -> None:
    before = NOW - timedelta(days=3)
    assert unit.emit("n1", "thing.happened", {}, at=before).time == before


@pytest.mark.parametrize(
    ("path", "was", "key", "cc"),
    [
        ("", None, "thing.happened", None),
        ("33.02", None, "thing.happened.33.02", None),
        ("33.02", "33.02", "thing.happened.33.02", None),
        ("33.02", "33.03", "thing.happened.33.02", "thing.happened.33.03"),
        ("33.02", "", "thing.happened.33.02", None),
        ("", "33.03", "thing.happened", "thing.happened.33.03"),
    ],
)
def test_both_sides_of_a_hand_over_are_named(
    unit: Unit, path: str, was: str | None, key: str, cc: str | None
) -> None:
    unit.emit("n1", "thing.happened", {}, path=path, was=was)
    (entry,) = unit.changes.events
    assert (entry.routing_key, entry.cc) == (key, cc)


def test_an_event_that_breaks_its_contract_is_not_emitted() -> None:
    def check(type_: str, version: int, data: dict[str, Any], lenient: bool) -> None:
        assert not lenient, "what is published is held to the letter"
        raise ValueError(f"{type_}/{version} {data}")

    unit = Unit(replace(MODEL, check=check), memory(), NOW, SITE)
    unit.open(["n1"])
    with pytest.raises(ValueError, match=r"thing\.happened/1"):
        unit.emit("n1", "thing.happened", {})
    assert unit.changes.events == [] and unit.cursors["n1"].own == 0


def test_an_event_of_a_subject_not_opened_is_refused(unit: Unit) -> None:
    """Without its cursor's lock two transactions could count the same sequence."""
    with pytest.raises(KeyError):
        unit.emit("n2", "thing.happened", {})


def test_subjects_are_locked_in_sorted_order_and_once() -> None:
    store = memory()
    asked: list[list[str]] = []
    opened = store.open

    def noted(subjects: Any, mappings: Any) -> Any:
        asked.append(list(subjects))
        return opened(subjects, mappings)

    store.open = noted  # type: ignore[method-assign]
    unit = store.unit(NOW)
    unit.open(["c", "a", "b", "a"])
    unit.open(["b", "d"])
    unit.open(["a"])
    assert asked == [["a", "b", "c"], ["d"]]


def test_a_changed_row_is_found_once_though_looked_at_twice(unit: Unit) -> None:
    unit.add(Thing("1", "n1"))
    thing = unit.get(Thing, "1")
    assert thing is not None
    thing.text = "changed before it was written"
    changes = unit.collect()
    ((mapping, added),) = changes.inserts
    assert added == [thing] and mapping.row is Thing and changes.updates == []


def test_the_digest_tells_order_and_repetition() -> None:
    a, b = event("n1", "intake", 1), event("n1", "intake", 2)

    def digest(*events: Any) -> str:
        seen = Seen()
        for one in events:
            seen.apply(one)
        return seen.digest

    assert digest(a, b) == fold(fold("", a.id), b.id)
    assert len({digest(), digest(a), digest(b), digest(a, b), digest(b, a), digest(a, a)}) == 6


def test_a_copied_cursor_is_its_own() -> None:
    cursor = Cursor("n1", 3, {"intake": Seen(2, 2, "x")}, changed=True)
    copy = cursor.copy()
    assert copy == Cursor("n1", 3, {"intake": Seen(2, 2, "x")})
    copy.of("intake").sequence = 9
    copy.of("routing").sequence = 1
    assert cursor.after() == {"intake": 2}


def test_asking_how_far_a_source_is_does_not_make_a_row() -> None:
    cursor = Cursor("n1")
    assert cursor.reached("intake") == 0 and cursor.seen == {}
