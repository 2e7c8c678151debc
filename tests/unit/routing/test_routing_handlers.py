"""What routing makes of a new petition, of what its text says, and of a person's choice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kit.envelope import Event
from kit.identity import Actor, Directory, Office
from kit.offices import OfficeRow
from kit.problems import Problem
from kit.unit import Unit
from routing import handlers
from routing.domain.competence import Choice, Question
from routing.domain.places import Place
from routing.domain.remit import Refused
from routing.store import MODEL, Matter
from routing.subscriptions import SUBSCRIPTIONS
from tests.people import (
    AT,
    BUREAU,
    CLERK,
    LABOUR,
    NUMBER,
    OTHER,
    TOOL,
    TOWN,
    TRIAGE,
    VILLAGE,
    Desk,
    keys_of,
    state,
)  # fmt: skip

DIRECTORY = Directory([Office(TOWN, "t", "t", BUREAU, "330282104000", "town", "town")])
LATER = AT + timedelta(hours=1)


def find(asked: Question) -> Choice:
    """The town answers for what lies in it; for the rest nobody is found."""
    inside = asked.division.startswith("330282104")
    return Choice(TOWN, "town", "territorial") if inside else Choice(None, "no-office")


COMPETENCE = handlers.Competence(find, version="d/1")


def desk_of(
    chosen: str | None = None,
    sealed: bool = False,
    competence: handlers.Competence = COMPETENCE,
    **about: Any,
) -> tuple[Desk, list[Event]]:
    """A desk that has heard of one petition, and what it told."""

    def on_registered(unit: Unit, event: Event) -> None:
        handlers.on_registered(unit, event, competence)

    desk = Desk(MODEL, {**SUBSCRIPTIONS, "petition.registered": on_registered})
    data = {"petition": state(), "chosen_division": chosen, **about}
    return desk, desk.hear("intake", "petition.registered", data, sealed=sealed)


def matter(desk: Desk) -> Matter:
    found: Matter = desk.one(Matter, NUMBER)
    return found


def do(desk: Desk, work: Any, *args: Any) -> list[Event]:
    """A handler on the matter, an hour later."""

    def in_unit(unit: Unit) -> None:
        unit.open([NUMBER])
        work(unit, unit.get(Matter, NUMBER), *args)

    return desk.do(in_unit, LATER)


def types(events: list[Event]) -> list[str]:
    return [event.type for event in events]


def test_a_new_petition_waits_for_its_text_to_be_read() -> None:
    desk, events = desk_of()
    assert events == [] and matter(desk).locating and matter(desk).triage is None
    assert matter(desk).offices == [BUREAU]


def test_a_place_that_a_clerk_chose_decides_at_once() -> None:
    desk, events = desk_of(VILLAGE)
    assert types(events) == ["petition.located", "petition.assigned"]
    assert events[0].data["by"] == "person" and events[0].data["rule"] == "chosen"
    assert events[1].data["by"] == "rule" and events[1].data["from_office"] == BUREAU
    assert [event.after for event in events] == [{"intake": 1}] * 2
    assert [event.time for event in events] == [AT, AT]
    found = matter(desk)
    assert (found.division, found.office, found.status) == (VILLAGE, TOWN, "assigned")
    assert (found.locating, found.triage, found.offices) == (False, None, [BUREAU, TOWN])
    assert keys_of(desk) == [
        ("petition.located.33.02.82.104.201", None), ("petition.assigned.33.02.82.104.201", None),
    ]  # fmt: skip


def test_where_the_directory_names_nobody_a_person_chooses() -> None:
    desk, events = desk_of("330282105201")
    assert types(events) == ["petition.located"]
    assert matter(desk).triage == "no-office" and matter(desk).office is None


def test_what_decided_is_kept_and_told() -> None:
    desk, events = desk_of(VILLAGE, about_office=LABOUR, about_level="county")
    found = matter(desk)
    assert found.choice is not None
    assert (found.choice["rule"], found.choice["principle"]) == ("town", "territorial")
    assert found.choice["version"] == events[1].data["data_version"] == "d/1"
    assert events[1].data["principle"] == "territorial"
    assert (found.about_office, found.about_level) == (LABOUR, "county")
    assert found.made == ["office:town"] and found.overturned == []


def test_the_body_complained_about_is_asked_for_with_its_level() -> None:
    asked: list[Question] = []

    def find(question: Question) -> Choice:
        asked.append(question)
        return Choice(None, "no-office", candidates=(TOWN,))

    desk, _ = desk_of(VILLAGE, competence=handlers.Competence(find), about_office=TOWN)
    assert asked == [Question(VILLAGE, "c050101", None, TOWN)]
    choice = matter(desk).choice
    assert choice is not None and choice["candidates"] in ([TOWN], (TOWN,))


def test_a_rule_that_names_helpers_gives_them_their_days() -> None:
    choice = Choice(TOWN, "r1", "competent", assisting=(LABOUR,), assist_days=15)
    _, events = desk_of(VILLAGE, competence=handlers.Competence(lambda _: choice))
    assert events[1].data["assisting"] == [{"office": LABOUR, "due_on": "2026-03-17"}]
    assert events[1].data["rule"] == "r1" and events[1].data["principle"] == "competent"


def test_an_office_that_lets_nothing_be_assigned_by_rule_is_asked() -> None:
    desk, events = desk_of(VILLAGE, competence=handlers.Competence(find, lambda _: 0.0))
    assert types(events) == ["petition.located"]
    assert matter(desk).triage == "by-hand" and matter(desk).made == []


def test_what_was_read_is_kept_with_how_sure_it_is() -> None:
    desk, _ = desk_of()
    place = Place(VILLAGE, "text", (), 0.93, "nbs-2023")
    events = do(desk, handlers.read_place, place, COMPETENCE)
    told = events[0].data
    assert (told["rule"], told["confidence"], told["data_version"]) == ("text", 0.93, "nbs-2023")
    assert matter(desk).made == ["place:text", "office:town"]


def test_a_placing_that_a_person_corrects_counts_against_its_rule() -> None:
    desk, _ = desk_of()
    do(desk, handlers.read_place, Place("330282105201", "text", (), 0.93, "v"), COMPETENCE)
    do(desk, handlers.place, {"division": VILLAGE}, TRIAGE)
    assert matter(desk).overturned == ["place:text"]
    do(desk, handlers.place, {"division": VILLAGE}, TRIAGE)
    assert matter(desk).overturned == ["place:text"], "once"


@pytest.mark.parametrize("chosen", [None, VILLAGE])
def test_no_machine_reads_or_assigns_a_sealed_petition(chosen: str | None) -> None:
    desk, events = desk_of(chosen, sealed=True)
    found = matter(desk)
    assert found.triage == "sealed" and not found.locating and found.office is None
    assert types(events) == (["petition.located"] if chosen else [])
    assert all(event.sealed for event in events)


def test_what_the_text_says_is_told() -> None:
    desk, _ = desk_of()
    events = do(desk, handlers.read_place, Place(VILLAGE, "village"), COMPETENCE)
    assert types(events) == ["petition.located", "petition.assigned"]
    assert (events[0].data["by"], events[0].data["rule"]) == ("rule", "village")
    assert not matter(desk).locating and matter(desk).located_rule == "village"
    assert do(desk, handlers.read_place, Place(VILLAGE, "village"), COMPETENCE) == [], "once"


def test_a_text_that_names_no_place_goes_to_the_triage_desk() -> None:
    desk, _ = desk_of()
    assert (
        do(desk, handlers.read_place, Place(None, "several-places", (VILLAGE,)), COMPETENCE) == []
    )
    assert matter(desk).triage == "several-places" and matter(desk).status == "registered"
    assert matter(desk).suggested == [VILLAGE], "for the person who chooses"


def test_a_person_sets_the_place_and_then_the_office() -> None:
    desk, _ = desk_of()
    do(desk, handlers.read_place, Place(None, "no-name"), COMPETENCE)
    (located,) = do(desk, handlers.place, {"division": VILLAGE, "at": None}, TRIAGE)
    assert located.data["by"] == "person" and located.time == LATER
    body = {"office": TOWN, "method": "assign", "at": None, "report_due": date(2026, 4, 1)}
    (assigned,) = do(desk, handlers.assign, body, TRIAGE, DIRECTORY)
    assert assigned.data["method"] == "assign" and assigned.data["rule"] is None
    assert matter(desk).triage is None and matter(desk).offices == [BUREAU, TOWN]


def test_a_place_set_by_hand_before_the_text_was_read_stays_on_the_triage_desk() -> None:
    """Else nobody's desk shows it: located, and no office named."""
    desk, _ = desk_of()
    do(desk, handlers.place, {"division": VILLAGE, "at": None}, TRIAGE)
    found = matter(desk)
    assert not found.locating and found.office is None and found.triage is not None
    assert do(desk, handlers.read_place, Place("330282105201", "x"), COMPETENCE) == []


def test_a_corrected_place_tells_both_sides() -> None:
    desk, _ = desk_of("330282105201")
    do(desk, handlers.place, {"division": VILLAGE, "at": None}, TRIAGE)
    assert keys_of(desk)[-1] == (
        "petition.located.33.02.82.104.201", "petition.located.33.02.82.105.201",
    )  # fmt: skip


def test_an_office_must_stand_in_the_directory() -> None:
    desk, _ = desk_of("330282105201")
    before = matter(desk)
    with pytest.raises(Problem) as problem:
        body = {"office": "nowhere", "method": "assign", "at": None}
        do(desk, handlers.assign, body, TRIAGE, DIRECTORY)
    assert problem.value.status == 422 and problem.value.errors[0].field == "office"
    assert matter(desk) == before


def test_signing() -> None:
    desk, _ = desk_of(VILLAGE)
    with pytest.raises(Refused):
        do(desk, handlers.sign, {"at": None}, OTHER)
    (signed,) = do(desk, handlers.sign, {"at": None}, CLERK)
    assert signed.type == "petition.signed" and matter(desk).signed_at == LATER
    with pytest.raises(Refused) as refused:
        do(desk, handlers.sign, {"at": None}, CLERK)
    assert refused.value.rule == "nothing-to-sign"


@pytest.mark.parametrize("actor", [CLERK, TRIAGE])
def test_only_an_import_says_when(actor: Actor) -> None:
    desk, _ = desk_of(VILLAGE)
    with pytest.raises(Refused):
        do(desk, handlers.sign, {"at": AT}, actor)
    with pytest.raises(Refused):
        do(desk, handlers.sign, {"at": LATER + timedelta(seconds=1)}, TOOL)
    (signed,) = do(desk, handlers.sign, {"at": AT}, TOOL)
    assert signed.time == AT


def test_what_supervision_tells_is_followed() -> None:
    desk, _ = desk_of(VILLAGE)
    told = state(status="accepted", office=LABOUR, answer_due="2026-05-02T16:00:00Z")
    desk.hear("supervision", "petition.accepted", {"petition": told})
    found = matter(desk)
    assert found.status == "accepted" and found.answer_due is not None
    assert found.office == TOWN, "routing alone says which office"


# -- the directory ---------------------------------------------------------------------------------


def office(**changes: Any) -> dict[str, Any]:
    values = {
        "id": LABOUR, "name": "慈溪市人社局", "short_name": "人社局", "parent": BUREAU,
        "division": "330282000000", "level": "county", "kind": "department",
        "categories": ["c05"], "valid_from": None, "valid_to": None, "successors": [],
    }  # fmt: skip
    return values | changes


def put(desk: Desk, **changes: Any) -> list[Event]:
    def work(unit: Unit) -> None:
        unit.open([LABOUR])
        handlers.put_office(unit, office(**changes))

    return desk.do(work)


def test_an_office_is_told_when_it_is_new_or_changed_and_not_else() -> None:
    desk = Desk(MODEL, SUBSCRIPTIONS)
    (new,) = put(desk)
    assert (new.type, new.subject, new.sequence) == ("office.changed", LABOUR, 1)
    assert put(desk) == []
    (changed,) = put(desk, categories=["c05", "c06"])
    assert changed.data["categories"] == ["c05", "c06"] and changed.sequence == 2
    assert desk.one(OfficeRow, LABOUR).categories == ["c05", "c06"]


def test_every_service_keeps_the_newest_state_of_an_office() -> None:
    import intake.subscriptions
    from intake.store import MODEL as INTAKE

    routing, desk = Desk(MODEL, SUBSCRIPTIONS), Desk(INTAKE, intake.subscriptions.SUBSCRIPTIONS)
    for changes in ({}, {"name": "慈溪市人力资源和社会保障局"}):
        (event,) = put(routing, **changes)
        later = event.data | {"said_by_a_later_release": 1}
        desk.hear("routing", event.type, later, subject=LABOUR)
    kept = OfficeRow(**office(name="慈溪市人力资源和社会保障局"))
    assert desk.one(OfficeRow, LABOUR) == kept
