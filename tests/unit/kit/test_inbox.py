"""Order and once-only (house.md 4.6), for random histories delivered in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import envelope
from kit.envelope import Event
from kit.inbox import Applied, HandlerFailed, Inbox
from kit.memory import MemoryStore
from kit.unit import Model, Seen, Unit
from tests.things import MODEL, NOW, SOURCES, Line, event, memory, note, with_bytes

HANDLERS = {"thing.happened": note}
SUBJECTS = ("n1", "n2")
STEPS = st.lists(
    st.tuples(st.sampled_from(SUBJECTS), st.sampled_from(SOURCES), st.sets(st.sampled_from(SOURCES))),
    min_size=1,
    max_size=14,
)  # fmt: skip


def told(steps: Sequence[tuple[str, str, set[str]]]) -> list[Event]:
    """What happened: at each step a service hears some of the others, then tells something itself.

    As in the site, a service that hears an event has heard before what that one was told after.
    """
    logs: dict[tuple[str, str], list[Event]] = defaultdict(list)
    heard: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)

    def hear(subject: str, listener: str, source: str, upto: int) -> None:
        known = heard[subject, listener]
        for one in logs[subject, source][known.get(source, 0) : upto]:
            for other, sequence in one.after.items():
                if other != listener and known.get(other, 0) < sequence:
                    hear(subject, listener, other, sequence)
            known[source] = max(known.get(source, 0), one.sequence)

    events = []
    for subject, source, others in steps:
        for other in sorted(others - {source}):
            hear(subject, source, other, len(logs[subject, other]))
        log = logs[subject, source]
        log.append(event(subject, source, len(log) + 1, dict(heard[subject, source])))
        events.append(log[-1])
    return events


def apply(store: MemoryStore, events: list[Event], handlers: Any = HANDLERS) -> Applied:
    unit = store.unit(NOW)
    outcome = Inbox(unit, handlers).apply(with_bytes(events))
    unit.flush()
    return outcome


def seen(store: MemoryStore) -> list[tuple[str, str, int]]:
    """What the handlers wrote down, in order."""
    return [(r.number, r.source, r.sequence) for r in store.appended[Line]]


def key(one: Event) -> tuple[str, str, int]:
    return one.subject, one.source, one.sequence


def assert_in_order(applied: list[tuple[str, str, int]], events: list[Event]) -> None:
    """Each event once, after its predecessor and after all that it was told after."""
    assert len(applied) == len(set(applied))
    place = {name: i for i, name in enumerate(applied)}
    for one in events:
        if key(one) not in place:
            continue
        before = [(one.subject, one.source, n) for n in range(1, one.sequence)]
        before += [(one.subject, s, n) for s, n in one.after.items()]
        assert all(place[name] < place[key(one)] for name in before)


def batches(draw: Any, deliveries: list[Event]) -> Iterator[list[Event]]:
    while deliveries:
        size = draw(st.integers(1, len(deliveries)))
        batch, deliveries = deliveries[:size], deliveries[size:]
        yield batch


class Passing(Exception):
    """A failure of the database in the middle of a batch."""


def failing(after: int) -> dict[str, Any]:
    """Handlers that work `after` times and then fail."""
    left = [after]

    def handle(unit: Unit, one: Event) -> None:
        if left[0] == 0:
            raise Passing
        left[0] -= 1
        note(unit, one)

    return {"thing.happened": handle}


@given(steps=STEPS, data=st.data())
def test_every_event_once_in_order_nothing_left_waiting(
    steps: list[Any], data: st.DataObject
) -> None:
    """Any order, duplicates, any batches, and batches that fail half-way and are delivered again."""
    events = told(steps)
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=6))
    deliveries = data.draw(st.permutations(events + repeated))
    store = memory()
    for batch in batches(data.draw, deliveries):
        if data.draw(st.booleans()):
            before = (seen(store), set(store.held), deepcopy(store.cursors))
            try:
                apply(store, batch, failing(data.draw(st.integers(0, 3))))
            except HandlerFailed as failed:
                assert isinstance(failed.__cause__, Passing)
                assert before == (seen(store), set(store.held), store.cursors)
        apply(store, batch)
    assert set(seen(store)) == {key(one) for one in events}
    assert_in_order(seen(store), events)
    assert store.held == {}
    for subject in {one.subject for one in events}:
        for source in SOURCES:
            proof = Seen()
            for one in events:
                if (one.subject, one.source) == (subject, source):
                    proof.apply(one)
            assert store.cursors[subject].of(source) == proof


@given(steps=STEPS, data=st.data())
def test_what_is_missing_holds_up_exactly_what_depends_on_it(
    steps: list[Any], data: st.DataObject
) -> None:
    """Of events that never all arrive: applied is what can be, and the rest waits, nothing is lost."""
    events = told(steps)
    missing = data.draw(st.sets(st.sampled_from([key(one) for one in events])))
    arrived = [one for one in events if key(one) not in missing]
    store = memory()
    for batch in batches(data.draw, data.draw(st.permutations(arrived))):
        apply(store, batch)
    possible: set[tuple[str, str, int]] = set()
    for one in events:  # in the order in which they happened, so one pass finds all
        before = {(one.subject, one.source, one.sequence - 1)} if one.sequence > 1 else set()
        before |= {(one.subject, s, n) for s, n in one.after.items()}
        if key(one) not in missing and before <= possible:
            possible.add(key(one))
    assert set(seen(store)) == possible
    assert set(store.held) == {key(one) for one in arrived} - possible
    assert_in_order(seen(store), events)


@given(steps=STEPS, data=st.data())
def test_a_source_that_is_not_heard_is_not_waited_for(
    steps: list[Any], data: st.DataObject
) -> None:
    events = told(steps)
    mine = [one for one in events if one.source != "routing"]
    store = MemoryStore(replace(MODEL, sources=("intake", "supervision")))
    for batch in batches(data.draw, data.draw(st.permutations(mine))) if mine else ():
        apply(store, batch)
    assert sorted(seen(store)) == sorted(key(one) for one in mine)
    assert store.held == {}


def test_counts_tell_what_became_of_a_batch() -> None:
    store = memory()
    first, second, third = (event("n1", "intake", n) for n in (1, 2, 3))
    assert apply(store, [third, first, first]) == Applied(applied=1, duplicates=1, waiting=1)
    assert apply(store, [third]) == Applied()
    assert apply(store, [second]) == Applied(applied=2)
    assert apply(store, [first, second, third]) == Applied(duplicates=3)


def test_a_type_nobody_handles_moves_the_cursor() -> None:
    store = memory()
    unknown = event("n1", "intake", 1, type_="thing.never_heard_of")
    assert apply(store, [unknown, event("n1", "intake", 2)]).applied == 2
    assert seen(store) == [("n1", "intake", 2)]
    assert store.cursors["n1"].of("intake").applied == 2


def test_an_event_that_breaks_its_contract_is_the_one_that_fails() -> None:
    def check(type_: str, version: int, data: dict[str, Any], lenient: bool) -> None:
        assert lenient, "what is consumed is read leniently"
        if data.get("bad"):
            raise ValueError("contract")

    model: Model = replace(MODEL, check=check)
    store = MemoryStore(model)
    bad = event("n2", "intake", 1, bad=True)
    with pytest.raises(HandlerFailed) as failed:
        apply(store, [event("n1", "intake", 1), bad])
    assert failed.value.event == bad and seen(store) == []


def test_a_failing_event_is_named_though_it_waited_in_the_table() -> None:
    store = memory()
    second = event("n1", "intake", 2, type_="thing.broke")
    apply(store, [second])
    handlers = {**HANDLERS, "thing.broke": failing(0)["thing.happened"]}
    with pytest.raises(HandlerFailed) as failed:
        apply(store, [event("n1", "intake", 1)], handlers)
    assert failed.value.event.id == second.id
    assert set(store.held) == {("n1", "intake", 2)}


def test_a_waiting_event_keeps_its_bytes() -> None:
    """The bytes as they came, members of a later release included, not ours written anew."""
    store = memory()
    second = event("n1", "intake", 2)
    body = envelope.encode(second).replace(b'{"specversion"', b'{"newer":1,"specversion"')
    unit = store.unit(NOW)
    Inbox(unit, HANDLERS).apply([(second, body)])
    unit.flush()
    assert store.waiting(["n1"]) == [body]


def test_what_a_handler_tells_comes_after_the_event_it_answers() -> None:
    """`after` names the event in hand too: without it, a third service might hear the answer first."""

    def answer(unit: Unit, one: Event) -> None:
        unit.emit(one.subject, "thing.answered", {})

    store = memory()
    apply(store, [event("n1", "intake", 1), event("n1", "routing", 1)], {"thing.happened": answer})
    assert [entry.event.after for entry in store.log] == [
        {"intake": 1},
        {"intake": 1, "routing": 1},
    ]


def test_an_event_given_up_moves_the_cursor_and_nothing_else() -> None:
    store = memory()
    first, second = event("n1", "intake", 1), event("n1", "intake", 2)
    unit = store.unit(NOW)
    Inbox(unit, HANDLERS, skipping=first.id).apply(with_bytes([first, second]))
    unit.flush()
    assert seen(store) == [("n1", "intake", 2)] and store.cursors["n1"].reached("intake") == 2


def test_without_draining_the_rest_stays_where_it_is_and_is_taken_later() -> None:
    store = memory()
    first, second = event("n1", "intake", 1), event("n1", "intake", 2)
    apply(store, [second])
    unit = store.unit(NOW)
    Inbox(unit, HANDLERS, draining=False).apply(with_bytes([first]))
    unit.flush()
    assert set(store.held) == {("n1", "intake", 2)}
    assert apply(store, [second]).applied == 1 and store.held == {}
