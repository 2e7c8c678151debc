"""The inbox on PostgreSQL: consumers of all sources at once, over the same petitions."""

from __future__ import annotations

import random
from collections import defaultdict
from uuid import uuid4

import eventlet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import envelope
from kit.consumer import Delivery, apply_batch
from kit.db import Database, Unavailable
from kit.envelope import Event
from kit.unit import Unit
from tests import things
from tests.things import MODEL, SOURCES, event, lines, note, rows


def told(rng: random.Random, subjects: int, steps: int) -> list[Event]:
    """Histories in which each event comes after whatever was told before it, of any source."""
    events: list[Event] = []
    for subject in (uuid4().hex for _ in range(subjects)):
        counts: dict[str, int] = defaultdict(int)
        for _ in range(steps):
            source = rng.choice(SOURCES)
            after = {s: n for s, n in counts.items() if s != source}
            counts[source] += 1
            events.append(event(subject, source, counts[source], after))
    return events


def pausing(rng: random.Random) -> dict[str, object]:
    """Handlers that let others run in the middle of their transactions."""

    def handle(unit: Unit, one: Event) -> None:
        if rng.random() < 0.3:
            eventlet.sleep(rng.random() * 0.01)
        note(unit, one)

    return {"thing.happened": handle}


def consume(database: Database, rng: random.Random, source: str, events: list[Event]) -> None:
    """A queue's reader: shuffled, with duplicates, in batches; a failed batch comes again."""
    events = events + rng.sample(events, len(events) // 4)
    rng.shuffle(events)
    while events:
        size = rng.randint(1, 12)
        batch = [
            Delivery(n, envelope.encode(one), source) for n, one in enumerate(events[:size], 1)
        ]
        try:
            apply_batch(database, MODEL, pausing(rng), batch)  # type: ignore[arg-type]
        except Unavailable:  # a deadlock: PostgreSQL chose this one to give way
            eventlet.sleep(0.01)
            continue
        events = events[size:]


def run(database: Database, seed: int, subjects: int, steps: int) -> None:
    rng = random.Random(seed)
    events = told(rng, subjects, steps)
    readers = [
        eventlet.spawn(
            consume, database, random.Random(seed + n), source,
            [one for one in events if one.source == source],
        )
        for n, source in enumerate(SOURCES)
    ]  # fmt: skip
    with eventlet.Timeout(60):
        for reader in readers:
            reader.wait()
    mine = {one.subject for one in events}
    found = [row[:3] for row in lines(database) if row[0] in mine]
    place = {name: n for n, name in enumerate(found)}
    assert len(found) == len(place) == len(events), "each once"
    for one in events:
        for source, sequence in (*one.after.items(), (one.source, one.sequence - 1)):
            if sequence:
                before = place[one.subject, source, sequence]
                assert before < place[one.subject, one.source, one.sequence]
    waiting = rows(
        database, "SELECT subject FROM thing.waiting WHERE subject = ANY(%s)", list(mine)
    )
    assert waiting == [] and things.count(database, "thing.parked") == 0


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**31))
def test_three_consumers_over_the_same_petitions(thing_db: Database, seed: int) -> None:
    """Every event once, in its source's order and after what it was told after; nothing waits."""
    run(thing_db, seed, subjects=8, steps=9)


@pytest.mark.parametrize("seed", [1, 2])
def test_many_petitions_that_nobody_has_seen_before(thing_db: Database, seed: int) -> None:
    """Every subject is new to all three at once: the rows to lock do not stand yet."""
    run(thing_db, seed, subjects=60, steps=3)
