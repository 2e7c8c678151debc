"""A change of the calendar moves open deadlines, visibly: one event a case (alaveteli#7292, zammad#534)."""

from __future__ import annotations

from datetime import date, timedelta

from kit.unit import Unit
from supervision.calendars import merged, shipped
from supervision.domain.calendar import Calendar
from supervision.jobs import move
from tests.people import NUMBER
from tests.unit.procedure.site import TOWN, Site
from tests.unit.procedure.test_procedure import accepted, assigned, reviewed, served

CLOSED = merged([(date(2026, 3, 17), False, "停电"), (date(2026, 3, 5), False, "停电")])


def moved(site: Site, calendar: Calendar) -> list[dict[str, str]]:
    """Moves the case; gives what its one event says, or nothing."""
    before = len(site.stores["supervision"].log)

    def work(unit: Unit) -> None:
        unit.open([NUMBER])
        move(unit, NUMBER, calendar)

    site._do("supervision", site.at, work)
    events = [e.event for e in site.stores["supervision"].log[before:]]
    assert len(events) <= 1 and all(e.type == "petition.rescheduled" for e in events)
    return [duty for e in events for duty in e.data["duties"]]


def test_working_days_and_last_days_move_and_nothing_else() -> None:
    site = assigned()
    assert sorted(m["duty"] for m in moved(site, CLOSED)) == ["accept", "object"]
    assert site.due("accept") == "2026-03-18T16:00:00Z", "the 17th is off: until the 18th"
    assert site.due("object") == "2026-03-10T16:00:00Z", "the 5th is off: one working day more"
    assert site.case.accept_due and site.case.accept_due.day == 19
    assert moved(site, CLOSED) == [], "doing it again moves nothing"


def test_back_to_where_they_were() -> None:
    site = assigned()
    due = site.due("accept")
    moved(site, CLOSED)
    assert {m["duty"] for m in moved(site, shipped())} == {"accept", "object"}
    assert site.due("accept") == due


def test_calendar_days_do_not_move_but_at_their_end() -> None:
    site = accepted()
    assert moved(site, CLOSED) == []
    last = date(2026, 5, 1)
    assert site.due("answer") == "2026-05-06T16:00:00Z"
    assert moved(site, merged([(last, True, "上班")])), "the 60th day is worked now"
    assert site.due("answer") == "2026-05-01T16:00:00Z"


def test_a_light_follows_its_deadline() -> None:
    """Warned for the old day, it warns again for the new one, and turns red on the new one alone."""
    site = assigned()
    site.wait(13)
    assert site.events("duty.approaching") == ["duty.approaching"]
    later = merged([(date(2026, 3, n), False, "抗灾") for n in range(17, 25)])
    moved(site, later)
    site.wait(5)
    assert "duty.missed" not in site.events()
    site.wait(8)
    assert site.events("duty.missed") == ["duty.missed"]


def test_what_is_over_does_not_move() -> None:
    site = reviewed()
    site.do("serve_review", "330282-xfj", **served(site))
    site.wait(40)
    assert site.owed() == {} and moved(site, CLOSED) == []


def test_a_missed_deadline_that_moves_into_the_future_is_not_missed_any_more() -> None:
    site = assigned(TOWN)
    site.wait(16)
    assert site.events("duty.missed") == ["duty.missed"]
    until = [(date(2026, 3, 17) + timedelta(days=n), False, "抗灾") for n in range(10)]
    moved(site, merged(until))
    duty = next(d for d in site.duties if d.kind == "accept")
    assert duty.missed_at is None and duty.due_at and duty.due_at > site.at
