"""What statistics make of events: facts, transitions, and tallies that add up."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from contracts.schemas import EVENTS, PetitionEvent
from stats.domain.cases import INSTANT
from stats.domain.indicators import INDICATORS
from stats.domain.measures import CASE_MEASURES, DIMENSIONS, FOLLOWED, MEASURES, STEP_MEASURES
from stats.domain.windows import RATING, Windows, with_site
from stats.store import MODEL, Fact, Tally, Transition
from stats.subscriptions import SUBSCRIPTIONS, subscriptions
from tests.people import AT, BUREAU, EXTRA, LABOUR, NUMBER, TOWN, Desk, state

DAY = date(2026, 3, 2)
DIVISION = "330282104000"


def desk_of() -> Desk:
    desk = Desk(MODEL, SUBSCRIPTIONS)
    desk.hear("intake", "petition.registered", {"petition": state()})
    return desk


def fact(desk: Desk) -> Fact:
    found: Fact = desk.one(Fact, NUMBER)
    return found


def cells(desk: Desk, *measures: str) -> dict[tuple[Any, ...], int]:
    """(day, measure, office, division) → how many, of these measures."""
    found: Counter[tuple[Any, ...]] = Counter()
    for tally in desk.all(Tally):
        if tally.measure in measures:
            found[tally.day, tally.measure, tally.office, tally.division] += tally.n
    return {key: n for key, n in found.items() if n}


def test_every_petition_event_of_the_contracts_is_measured() -> None:
    types = {event.type for event in EVENTS if issubclass(event, PetitionEvent)}
    assert {*MEASURES, *FOLLOWED} == types and not {*MEASURES} & {*FOLLOWED}
    assert len(set(MEASURES.values())) == len(MEASURES)
    assert INSTANT.keys() <= types
    assert set(DIMENSIONS) <= {"day", "office", "division", "channel", "type"}


def test_a_registration_is_a_fact_counted_on_its_day() -> None:
    desk = desk_of()
    assert fact(desk).offices == [BUREAU]
    assert cells(desk, "registered") == {(DAY, "registered", BUREAU, ""): 1}
    tally = next(t for t in desk.all(Tally) if t.measure == "registered")
    assert (tally.channel, tally.type, tally.recorded_on) == ("visit", "request", DAY)


def test_a_step_counts_for_the_office_after_it() -> None:
    desk = desk_of()
    told = state(status="assigned", office=TOWN, division=DIVISION)
    desk.hear("routing", "petition.assigned", {"petition": told}, AT + timedelta(days=1))
    assert cells(desk, "assigned") == {(date(2026, 3, 3), "assigned", TOWN, DIVISION): 1}
    assert fact(desk).assigned_at == AT + timedelta(days=1)
    assert fact(desk).offices == [BUREAU, TOWN]


def test_it_does_not_matter_which_of_two_services_is_heard_first() -> None:
    """Neither knew of the other's event: a rebuild goes by time, a queue by arrival, and both come to the same."""
    assigned = (
        "routing",
        "petition.assigned",
        state(status="assigned", office=TOWN, division=DIVISION),
    )
    withdrawn = ("intake", "petition.withdrawn", state())
    reopened = ("supervision", "petition.reopened", state(status="accepted"))
    found = []
    for order in itertools.permutations((assigned, withdrawn, reopened)):
        desk = desk_of()
        for source, type_, told in order:
            data = {"petition": told, "cause": "rework", "follow_up": None}
            desk.hear(source, type_, data, AT + timedelta(days=len(type_)))
        measures = {tally.measure for tally in desk.all(Tally)}
        steps = sorted(dataclasses.astuple(step) for step in desk.all(Transition))
        found.append((cells(desk, *measures), dataclasses.astuple(fact(desk)), steps))
    assert all(one == found[0] for one in found)


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
    assert cells(desk, "missed") == {(date(2026, 3, 18), "missed", BUREAU, ""): 1}
    recorded = [t.recorded_on for t in desk.all(Tally) if t.measure == "missed"]
    assert recorded == [date(2026, 3, 25)]


def held() -> Desk:
    """A case that a town has."""
    desk = desk_of()
    desk.hear("routing", "petition.assigned", {"petition": state(status="assigned", office=TOWN)})
    return desk


REVIEW = {"stage": "review", "office": TOWN, "requested_on": "2026-03-09", "outcome": "supported",
          "receipt": "signed"}  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "column", "value"),
    [
        ("petition.answered", "outcome", "supported"),
        ("review.requested", "reviewer", TOWN),
        ("petition.rated", "rating", "satisfied"),
    ],
)
def test_what_a_step_says_is_kept(type_: str, column: str, value: Any) -> None:
    desk = desk_of()
    source = "intake" if type_ == "petition.rated" else "supervision"
    desk.hear(source, type_, REVIEW | {"petition": state()})
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
    counted = {tally.measure: tally.n for tally in desk.all(Tally)}
    assert counted["registered"] == counted["open"] == 100
    assert len(desk.all(Tally)) == len(counted)


def test_an_event_without_its_registration_is_not_swallowed() -> None:
    desk = Desk(MODEL, SUBSCRIPTIONS)
    with pytest.raises(Exception, match="routing:1"):
        desk.hear("routing", "petition.signed", {"petition": state()})


# -- what a case counts as -------------------------------------------------------------------------

DUE = datetime(2026, 3, 17, 16, tzinfo=UTC)
"""The end of 17 March at the office."""


def test_a_registration_moves_to_its_place_and_is_recorded_as_moved() -> None:
    desk = desk_of()
    later = AT + timedelta(days=3)
    desk.hear("routing", "petition.located", {"petition": state(division=DIVISION)}, later)
    assert cells(desk, "registered") == {(DAY, "registered", BUREAU, DIVISION): 1}
    told = [(t.division, t.recorded_on, t.n) for t in desk.all(Tally) if t.measure == "registered"]
    assert sorted(told) == [
        ("", DAY, 1), ("", date(2026, 3, 5), -1), (DIVISION, date(2026, 3, 5), 1),
    ]  # fmt: skip


def test_the_backlog_is_one_more_and_one_less() -> None:
    desk = desk_of()
    assert sum(cells(desk, "open").values()) == 1
    closed = AT + timedelta(days=9)
    desk.hear("supervision", "petition.closed", {"petition": state(status="closed")}, closed)
    assert cells(desk, "open") == {
        (DAY, "open", BUREAU, ""): 1, (date(2026, 3, 11), "open", BUREAU, ""): -1,
    }  # fmt: skip
    final = AT + timedelta(days=40)
    desk.hear("supervision", "petition.final", {"petition": state(), "cause": "settled"}, final)
    assert sum(cells(desk, "open").values()) == 0, "it ends once"


def test_a_new_round_takes_back_what_the_last_one_came_to() -> None:
    desk = desk_of()
    closed, again = AT + timedelta(days=9), AT + timedelta(days=50)
    desk.hear("supervision", "petition.closed", {"petition": state(status="closed")}, closed)
    assert cells(desk, "case_closed") == {(date(2026, 3, 11), "case_closed", BUREAU, ""): 1}
    opened = {"petition": state(status="accepted"), "cause": "rework", "follow_up": None}
    desk.hear("supervision", "petition.reopened", opened, again)
    assert cells(desk, "case_closed") == {} and sum(cells(desk, "open").values()) == 1
    taken = [(t.n, t.recorded_on) for t in desk.all(Tally) if t.measure == "case_closed"]
    assert taken == [(1, date(2026, 3, 11)), (-1, date(2026, 4, 21))]
    assert sum(cells(desk, "closed").values()) == 1, "the step was taken all the same"


@pytest.mark.parametrize(
    ("at", "kept"), [(DUE - timedelta(seconds=1), 1), (DUE, 0), (DUE + timedelta(days=1), 0)]
)
def test_a_limit_counts_on_its_last_day_and_is_kept_before_it_ends(at: datetime, kept: int) -> None:
    desk = desk_of()
    due = {"petition": state(accept_due="2026-03-17T16:00:00Z")}
    desk.hear("supervision", "duty.approaching", due)
    last = (date(2026, 3, 17), "accept_due", BUREAU, "")
    assert cells(desk, "accept_due") == {last: 1} and cells(desk, "accept_in_time") == {}
    desk.hear("supervision", "petition.accepted", due, at)
    assert cells(desk, "accept_due") == {last: 1}
    assert sum(cells(desk, "accept_in_time").values()) == kept


def test_a_limit_that_moves_is_owed_on_its_new_day() -> None:
    desk = desk_of()
    for day in ("2026-03-17", "2026-04-16"):
        told = {"petition": state(answer_due=f"{day}T16:00:00Z")}
        desk.hear("supervision", "duty.approaching", told)
    assert cells(desk, "answer_due") == {(date(2026, 4, 16), "answer_due", BUREAU, ""): 1}


def test_nothing_is_owed_by_a_matter_that_went_before_the_limit() -> None:
    for at, owed in ((DUE - timedelta(days=1), 0), (DUE + timedelta(days=1), 1)):
        desk = desk_of()
        due = {"petition": state(answer_due="2026-03-17T16:00:00Z")}
        desk.hear("supervision", "duty.approaching", due)
        desk.hear("intake", "petition.withdrawn", due, at)
        desk.hear("supervision", "petition.final", due | {"cause": "withdrawn"}, at)
        for measure in ("answer_due", "close_due"):
            assert sum(cells(desk, measure).values()) == owed
        assert cells(desk, "answer_in_time", "close_in_time") == {}, "nobody did it"


def test_a_confirmed_repeat_counts_as_one_from_then_on() -> None:
    desk = desk_of()
    desk.hear("intake", "petition.linked", {"petition": state(), "repeat_of": "n1"})
    assert cells(desk, "repeated", "matter") == {(DAY, "repeated", BUREAU, ""): 1}
    assert sum(cells(desk, "registered").values()) == 1
    desk.hear("intake", "petition.unlinked", {"petition": state(), "repeat_of": "n1"})
    assert cells(desk, "repeated", "matter") == {(DAY, "matter", BUREAU, ""): 1}


def test_silence_is_never_satisfaction() -> None:
    desk = desk_of()
    desk.hear("supervision", "petition.served", {"petition": state(status="served")})
    asked = ("rating_given", "satisfied_body", "satisfied_sender", "rate_given")
    assert cells(desk, *asked) == {}
    assert cells(desk, "rate_due") == {(date(2026, 4, 4), "rate_due", BUREAU, ""): 1}
    rating = {"petition_office": "unsatisfied", "responsible_office": "basic"}
    desk.hear("intake", "petition.rated", {"petition": state(), **rating})
    assert {measure for _, measure, *_ in cells(desk, *asked)} == set(asked) - {"satisfied_sender"}


def test_who_rated_one_round_is_not_asked_about_the_next() -> None:
    """评价只能提交一次: what was rated before it was handled anew is no rating of the new answer."""
    desk = desk_of()
    served = {"petition": state(status="served"), "served_on": "2026-03-05"}
    desk.hear("supervision", "petition.served", served, AT + timedelta(days=3))
    rating = {"petition_office": "basic", "responsible_office": "unsatisfied"}
    desk.hear("intake", "petition.rated", {"petition": state(), **rating}, AT + timedelta(days=5))
    reopened = {"petition": state(status="accepted"), "cause": "rework", "follow_up": None}
    desk.hear("supervision", "petition.reopened", reopened, AT + timedelta(days=8))
    once = {(date(2026, 4, 4), name, BUREAU, ""): 1 for name in ("rate_due", "rate_given")}
    assert cells(desk, "rate_due", "rate_given") == once
    desk.hear("supervision", "petition.served", served | {"served_on": "2026-05-05"}, AT + timedelta(days=64))  # fmt: skip
    assert cells(desk, "rate_due", "rate_given") == once


def test_who_did_not_rate_one_round_may_rate_the_next() -> None:
    desk = desk_of()
    served = {"petition": state(status="served"), "served_on": "2026-03-05"}
    desk.hear("supervision", "petition.served", served, AT + timedelta(days=3))
    reopened = {"petition": state(status="accepted"), "cause": "rework", "follow_up": None}
    desk.hear("supervision", "petition.reopened", reopened, AT + timedelta(days=8))
    assert cells(desk, "rate_due") == {}
    desk.hear("supervision", "petition.served", served | {"served_on": "2026-05-05"}, AT + timedelta(days=64))  # fmt: skip
    rating = {"petition_office": "basic", "responsible_office": "basic"}
    desk.hear("intake", "petition.rated", {"petition": state(), **rating}, AT + timedelta(days=66))
    assert set(cells(desk, "rate_due", "rate_given")) == {
        (date(2026, 6, 4), name, BUREAU, "") for name in ("rate_due", "rate_given")
    }


def test_service_counts_on_the_day_it_reached_the_petitioner_not_on_that_of_its_entry() -> None:
    desk = desk_of()
    entered = AT + timedelta(days=34)
    desk.hear("supervision", "petition.served", {"petition": state()}, entered)
    reached = date(2026, 3, 5)
    assert cells(desk, "served", "case_served") == {
        (reached, "served", BUREAU, ""): 1, (reached, "case_served", BUREAU, ""): 1,
    }  # fmt: skip
    assert {t.recorded_on for t in desk.all(Tally) if t.measure == "served"} == {date(2026, 4, 5)}


def test_a_rating_is_waited_for_as_long_as_the_site_says() -> None:
    desk = Desk(MODEL, subscriptions(Windows(with_site(RATING, [(DAY, 60)]))))
    desk.hear("intake", "petition.registered", {"petition": state()})
    desk.hear("supervision", "petition.served", {"petition": state(status="served")})
    assert cells(desk, "rate_due") == {(date(2026, 5, 4), "rate_due", BUREAU, ""): 1}


def test_households_and_persons_of_a_visit_are_added_up_and_corrected() -> None:
    """A correction travels with the public state: any event of intake's carries it."""
    desk = Desk(MODEL, SUBSCRIPTIONS)
    told = state(head_count=5, household_count=2)
    desk.hear("intake", "petition.registered", {"petition": told})
    assert cells(desk, "household", "visit_heads", "visit") == {
        (DAY, "household", BUREAU, ""): 2, (DAY, "visit_heads", BUREAU, ""): 5, (DAY, "visit", BUREAU, ""): 1,
    }  # fmt: skip
    desk.hear("intake", "petition.supplemented", {"petition": told | {"household_count": 3}})
    assert cells(desk, "household") == {(DAY, "household", BUREAU, ""): 3}
    letter = Desk(MODEL, SUBSCRIPTIONS)
    letter.hear("intake", "petition.registered", {"petition": state(channel="letter", household_count=None)})  # fmt: skip
    assert cells(letter, "household", "visit") == {}


def test_an_urgent_report_is_a_step() -> None:
    desk = desk_of()
    for ordinal in (1, 2, 3):
        report = {"office": BUREAU, "ordinal": ordinal, "to": ["government"], "method": "phone",
                  "reported_at": "2026-03-02T01:15:00Z"}  # fmt: skip
        desk.hear("supervision", "urgent.reported", {"petition": state()} | report)
    assert cells(desk, "urgent") == {(DAY, "urgent", BUREAU, ""): 1}, "further reports are none"


def test_a_limit_is_missed_by_whoever_owed_it() -> None:
    """An assisting office, a reviewing body, a sender that has to arbitrate: not whoever has the case."""
    desk = held()
    for type_ in ("duty.approaching", "duty.missed"):
        desk.hear(
            "supervision",
            type_,
            {"petition": state(status="assigned", office=TOWN), "office": LABOUR},
        )
    assert {office for _, _, office, _ in cells(desk, "missed", "approaching")} == {LABOUR}


def test_a_review_is_its_reviewing_bodys_and_what_it_finds_the_handling_offices() -> None:
    desk = held()
    told = {"petition": state(status="assigned", office=TOWN)}
    asked = {"stage": "review", "office": LABOUR, "requested_on": "2026-03-09"}
    desk.hear("supervision", "review.requested", told | asked)
    desk.hear("supervision", "review.decided", told | {"stage": "review", "outcome": "changed"})
    served = {"stage": "review", "method": "post", "receipt": "signed", "served_on": "2026-03-12"}
    desk.hear("supervision", "petition.served", told | served)
    assert cells(desk, "review_requested", "review_decided", "review_served") == {
        (date(2026, 3, 9), "review_requested", LABOUR, ""): 1,
        (DAY, "review_decided", LABOUR, ""): 1,
        (date(2026, 3, 12), "review_served", LABOUR, ""): 1,
    }
    assert {office for _, _, office, _ in cells(desk, "review_done", "overturned")} == {TOWN}


def reviewed(desk: Desk, stage: str, outcome: str, at: datetime) -> None:
    told = {"petition": state(status="assigned", office=TOWN), "stage": stage}
    asked = {"office": LABOUR, "requested_on": f"{at:%Y-%m-%d}"}
    desk.hear("supervision", "review.requested", told | asked, at)
    desk.hear("supervision", "review.decided", told | {"outcome": outcome}, at)


def test_an_opinion_that_was_changed_stays_so_whatever_is_upheld_later() -> None:
    desk = held()
    reviewed(desk, "review", "changed", AT)
    reviewed(desk, "rereview", "upheld", AT + timedelta(days=60))
    counted = {(DAY, "review_done", TOWN, ""): 1, (DAY, "overturned", TOWN, ""): 1}
    assert cells(desk, "review_done", "overturned") == counted


def test_a_re_review_may_find_what_the_review_did_not() -> None:
    desk = held()
    reviewed(desk, "review", "upheld", AT)
    assert cells(desk, "overturned") == {}
    reviewed(desk, "rereview", "revoked", AT + timedelta(days=60))
    assert cells(desk, "overturned", "review_done").keys() == {
        (DAY, "review_done", TOWN, ""), (DAY, "overturned", TOWN, ""),
    }  # fmt: skip


def test_nobody_has_sought_review_of_an_opinion_that_is_given_anew() -> None:
    desk = held()
    reviewed(desk, "review", "revoked", AT)
    told = {"petition": state(status="assigned", office=TOWN)}
    desk.hear("supervision", "petition.reopened", told | {"cause": "review_revoked", "follow_up": None})  # fmt: skip
    desk.hear("supervision", "petition.served", told)
    assert cells(desk, "case_served") and cells(desk, "reviewed") == {}
    assert sum(cells(desk, "overturned").values()) == 1, "the first one was revoked all the same"


@pytest.mark.parametrize(("days", "kept"), [(-1, 1), (1, 0)])
def test_closed_in_time_is_closed_before_the_limit_not_answered(days: int, kept: int) -> None:
    desk = desk_of()
    due = {"petition": state(answer_due="2026-03-17T16:00:00Z")}
    desk.hear("supervision", "petition.answered", due)
    assert sum(cells(desk, "close_due").values()) == 1
    desk.hear("supervision", "petition.closed", due, DUE + timedelta(days=days))
    assert sum(cells(desk, "close_in_time").values()) == kept
    assert sum(cells(desk, "answer_in_time").values()) == 1


@pytest.mark.parametrize(("cause", "kept"), [("disagreed", 1), ("succession", 0)])
def test_to_refer_is_to_have_done_with_forwarding(cause: str, kept: int) -> None:
    """报请决定 (Art. 22) is one of the three ways."""
    desk = desk_of()
    due = {"petition": state(forward_due="2026-03-17T16:00:00Z")}
    desk.hear("supervision", "duty.approaching", due)
    told = {"to_office": BUREAU, "lifted": "superior", "cause": cause}
    desk.hear("routing", "petition.referred", due | told, DUE - timedelta(days=5))
    assert sum(cells(desk, "forward_in_time").values()) == kept
    desk.hear("routing", "petition.assigned", due, DUE + timedelta(days=5))
    assert sum(cells(desk, "forward_in_time").values()) == kept


def test_a_succession_keeps_who_stood_there_before() -> None:
    """A return counts what an office had while it stood."""
    desk = desk_of()
    desk.hear("routing", "petition.assigned", {"petition": state(office=TOWN)})
    told = {"petition": state(office=LABOUR), "from_office": TOWN, "to_office": LABOUR}
    desk.hear("routing", "petition.succeeded", told, AT + timedelta(days=1))
    assert fact(desk).inherited == {"2026-03-03": {"office": TOWN}}, "it was not the registrar"
    told = {"petition": state(office=LABOUR), "from_office": BUREAU, "to_office": LABOUR}
    desk.hear("routing", "petition.succeeded", told, AT + timedelta(days=2))
    assert fact(desk).inherited["2026-03-04"] == {"registered_by": BUREAU}
    assert (fact(desk).registered_by, fact(desk).office) == (LABOUR, LABOUR)


def test_who_gave_it_back_owes_no_acceptance_until_it_is_assigned_again() -> None:
    desk = desk_of()
    told = {"petition": state(office=TOWN, accept_due="2026-03-17T16:00:00Z")}
    desk.hear("routing", "petition.assigned", told)
    desk.hear("supervision", "duty.approaching", told)
    assert sum(cells(desk, "accept_due").values()) == 1
    back = {"office": TOWN, "to_office": BUREAU, "bounces": 1, "lifted": None}
    desk.hear("routing", "petition.returned", told | back)
    assert cells(desk, "accept_due") == {}
    desk.hear("routing", "petition.assigned", told)
    assert sum(cells(desk, "accept_due").values()) == 1


def test_what_is_brought_in_from_elsewhere_is_recorded_on_the_day_it_came() -> None:
    """An import tells of days long gone: before it came nobody knew, and `as_of` has to say so."""
    desk = Desk(MODEL, SUBSCRIPTIONS)
    came = AT + timedelta(days=100)
    desk.hear("intake", "petition.registered", {"petition": state()}, came)
    desk.hear("supervision", "petition.closed", {"petition": state()}, AT + timedelta(days=9))
    assert {t.recorded_on for t in desk.all(Tally)} == {came.date()}
    assert (date(2026, 3, 11), "case_closed", BUREAU, "") in cells(desk, "case_closed")


def test_a_sealed_one_stays_apart_with_whoever_may_not_count_it() -> None:
    desk = Desk(MODEL, SUBSCRIPTIONS)
    told = {"petition": state(), "barred": [TOWN]}
    desk.hear("intake", "petition.registered", told, sealed=True)
    assert {(t.apart, tuple(t.barred)) for t in desk.all(Tally)} == {(True, (TOWN,))}


def test_an_officer_who_steps_aside_counts_it_no_longer() -> None:
    desk = desk_of()
    aside = {
        "account": "o7",
        "by_office": TOWN,
        "by": "self",
        "cause": "kinship",
        "to_office": None,
    }
    desk.hear("routing", "petition.assigned", {"petition": state(status="assigned", office=TOWN)})
    desk.hear(
        "routing", "petition.recused", {"petition": state(status="assigned", office=TOWN), **aside}
    )
    desk.hear("routing", "petition.signed", {"petition": state(status="assigned", office=TOWN)})
    for measure in ("registered", "assigned", "signed"):  # cases, and steps before and after it
        counted: Counter[tuple[bool, tuple[str, ...]]] = Counter()
        for tally in desk.all(Tally):
            if tally.measure == measure:
                counted[tally.apart, tuple(tally.barred)] += tally.n
        assert +counted == {(True, ("@o7",)): 1}, measure


def test_every_indicator_has_its_definition() -> None:
    measured = {*CASE_MEASURES, *STEP_MEASURES}
    for indicator in INDICATORS.values():
        assert {indicator.numerator, indicator.denominator or indicator.numerator} <= measured
        assert indicator.source in ("R", "F", "G") and indicator.formula and indicator.name
        assert indicator.english.isascii()
        assert (indicator.denominator is None) == (indicator.kind == "count")
    assert len({i.name for i in INDICATORS.values()}) == len(INDICATORS)
    assert set(STEP_MEASURES) <= INDICATORS.keys()
