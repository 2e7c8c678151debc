"""What statistics make of events: facts, transitions, and tallies that add up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.schemas import EVENTS, PetitionEvent
from stats.domain.measures import DIMENSIONS, FOLLOWED, INSTANT, MEASURES
from stats.store import MODEL, Fact, Tally, Transition
from stats.subscriptions import SUBSCRIPTIONS
from tests.people import AT, BUREAU, EXTRA, NUMBER, TOWN, Desk, state

DAY = date(2026, 3, 2)
DIVISION = "330282104000"


def desk_of() -> Desk:
    desk = Desk(MODEL, SUBSCRIPTIONS)
    desk.hear("intake", "petition.registered", {"petition": state()})
    return desk


def fact(desk: Desk) -> Fact:
    found: Fact = desk.one(Fact, NUMBER)
    return found


def cells(desk: Desk) -> dict[tuple[Any, ...], int]:
    """(day, measure, office, division) → how many."""
    found: dict[tuple[Any, ...], int] = {}
    for tally in desk.all(Tally):
        key = (tally.day, tally.measure, tally.office, tally.division)
        found[key] = found.get(key, 0) + tally.n
    return found


def test_every_petition_event_of_the_contracts_is_measured() -> None:
    types = {event.type for event in EVENTS if issubclass(event, PetitionEvent)}
    assert {*MEASURES, *FOLLOWED} == types and not {*MEASURES} & {*FOLLOWED}
    assert len(set(MEASURES.values())) == len(MEASURES)
    assert set(INSTANT) <= types
    assert set(DIMENSIONS) <= {"day", "office", "division", "channel", "type"}


def test_a_registration_is_a_fact_counted_on_its_day() -> None:
    desk = desk_of()
    assert fact(desk).offices == [BUREAU]
    assert cells(desk) == {(DAY, "registered", BUREAU, ""): 1}
    (tally,) = desk.all(Tally)
    assert (tally.channel, tally.type, tally.recorded_on) == ("visit", "request", DAY)


def test_a_step_counts_for_the_office_after_it() -> None:
    desk = desk_of()
    told = state(status="assigned", office=TOWN, division=DIVISION)
    desk.hear("routing", "petition.assigned", {"petition": told}, AT + timedelta(days=1))
    assert cells(desk)[date(2026, 3, 3), "assigned", TOWN, DIVISION] == 1
    assert fact(desk).assigned_at == AT + timedelta(days=1)
    assert fact(desk).offices == [BUREAU, TOWN]


def test_a_day_ends_at_midnight_in_the_office() -> None:
    desk = desk_of()
    for minute in (59, 60):
        at = datetime(2026, 3, 2, 15, tzinfo=UTC) + timedelta(minutes=minute)
        desk.hear("supervision", "petition.accepted", {"petition": state(status="accepted")}, at)
    days = [tally.day for tally in desk.all(Tally) if tally.measure == "accepted"]
    assert days == [DAY, DAY + timedelta(days=1)]


def test_a_missed_duty_counts_on_the_day_it_was_missed_not_noticed() -> None:
    desk = desk_of()
    noticed = datetime(2026, 3, 25, tzinfo=UTC)
    desk.hear("supervision", "duty.missed", {"petition": state()}, noticed)
    assert cells(desk)[date(2026, 3, 18), "missed", BUREAU, ""] == 1
    recorded = [t.recorded_on for t in desk.all(Tally) if t.measure == "missed"]
    assert recorded == [date(2026, 3, 25)]


@pytest.mark.parametrize(
    ("type_", "column", "value"),
    [
        ("petition.answered", "outcome", "supported"),
        ("petition.closed", "on_time", True),
        ("petition.rated", "rating", "satisfied"),
    ],
)
def test_what_a_step_says_is_kept(type_: str, column: str, value: Any) -> None:
    desk = desk_of()
    source = "intake" if type_ == "petition.rated" else "supervision"
    desk.hear(source, type_, {"petition": state()})
    assert getattr(fact(desk), column) == value


def test_each_event_is_one_transition() -> None:
    desk = desk_of()
    desk.hear("routing", "petition.signed", {"petition": state(status="signed")})
    assert [(t.source, t.sequence, t.type) for t in desk.all(Transition)] == [
        ("intake", 1, "petition.registered"), ("routing", 1, "petition.signed"),
    ]  # fmt: skip


def test_a_batch_writes_one_row_a_cell() -> None:
    """A hundred registrations of one batch are one row of the tally, not a hundred."""
    from kit import envelope
    from kit.envelope import Event
    from kit.inbox import Inbox

    desk = Desk(MODEL, SUBSCRIPTIONS)
    events = [
        Event(
            envelope.new_id(), "petition.registered", "intake", "330282", f"n{n}", AT, 1,
            {"petition": state(number=f"n{n}"), **EXTRA["petition.registered"]},
        )
        for n in range(100)
    ]  # fmt: skip
    batch = [(event, envelope.encode(event)) for event in events]
    desk.do(lambda unit: Inbox(unit, SUBSCRIPTIONS).apply(batch))
    assert [tally.n for tally in desk.all(Tally)] == [100]


def test_an_event_without_its_registration_is_not_swallowed() -> None:
    desk = Desk(MODEL, SUBSCRIPTIONS)
    with pytest.raises(Exception, match="routing:1"):
        desk.hear("routing", "petition.signed", {"petition": state()})
