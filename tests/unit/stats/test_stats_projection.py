"""Random lives told by the services' own handlers: facts, tallies and timeline against a naive count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from chinese_calendar import is_workday
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.store import Petition, TimelineEntry
from stats.domain.measures import CASE_MEASURES, STEP_MEASURES, marks
from stats.store import Fact, Tally, Transition
from supervision.store import Duty
from tool.demo import Life, Site, generate_lives
from tool.generate import offices
from tool.history import History, Vaults

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = date(2026, 1, 5)
ROOT = "330282-xfj"
DAY = timedelta(days=1)


@cache
def site() -> Site:
    return Site.load()


def day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def midnight(of: date) -> datetime:
    return datetime.combine(of, time(), SHANGHAI).astimezone(UTC)


@dataclass
class Said:
    """One thing that happened in a life, as anybody would tell it from the plan."""

    type: str
    at: datetime
    office: str
    division: str


@dataclass
class Limit:
    """A limit as the law words it: so many days after a day, which is not counted."""

    kind: str
    zero: date
    days: int
    warn: int
    end: str
    working: bool = False

    @property
    def due(self) -> datetime:
        """The end of the last day, by numpy; a last day off rolls on."""
        counted = np.busdaycalendar("1111111", off() if self.working else [])
        last = np.busday_offset(self.zero, self.days, roll="backward", busdaycal=counted)
        worked = np.busdaycalendar("1111111", off())
        return midnight(np.busday_offset(last, 0, "forward", busdaycal=worked).astype(date) + DAY)

    def crossings(self) -> list[tuple[datetime, str]]:
        if not self.warn:
            return [(self.due, "lapsed")]
        return [(self.warned, "approaching"), (self.due, "missed")]

    @property
    def warned(self) -> datetime:
        """So many days before the end; of a limit in working days, so many working days."""
        if not self.working:
            return self.due - self.warn * DAY
        counted = np.busdaycalendar("1111111", off())
        last = day(self.due) - DAY
        return midnight(np.busday_offset(last, 1 - self.warn, busdaycal=counted).astype(date))


@cache
def off() -> list[date]:
    """Days on which offices are closed."""
    days = (date(2025, 12, 1) + n * DAY for n in range(900))
    return [d for d in days if not (is_workday(d) if d.year < 2027 else d.weekday() < 5)]


def reviewable(life: Life) -> bool:
    return life.purpose != "suggestion"  # Art. 29 knows no review


def limits(life: Life, moments: dict[str, datetime]) -> list[Limit]:
    found = [Limit("forward", day(life.received_at), 15, 3, "assigned")]
    if "assigned" in moments:
        zero = day(moments["assigned"])
        found.append(Limit("accept", zero, 15, 3, "accepted"))
        found.append(Limit("object", zero, 5, 0, "accepted", working=True))
    if "accepted" in moments:
        kind = "answer" if reviewable(life) else "reply"
        found.append(Limit(kind, day(moments["accepted"]), 60, 10, "answered"))
    if "answered" in moments:
        found.append(Limit("serve", day(moments["answered"]), 10, 2, "served", working=True))
    if "served" in moments and reviewable(life):
        found.append(Limit("seek_review", day(moments["served"]), 30, 0, "never"))
    elif "served" in moments:
        found.append(Limit("close", day(moments["served"]), 10, 2, "closed", working=True))
    return found


def ended_for_good(life: Life, moments: dict[str, datetime]) -> datetime | None:
    """Where no review was sought for 30 days, or none can be."""
    if "closed" not in moments:
        return None
    return limits(life, moments)[-1].due if reviewable(life) else moments["closed"]


def story(life: Life, until: datetime) -> list[Said]:
    """The events of a life, from its plan and its limits alone: no handler, no state kept."""
    moments = {step.kind: step.at for step in life.steps if step.at <= until}
    happened = [(at, 1, f"petition.{kind}") for kind, at in moments.items()]
    for limit in limits(life, moments):
        ended = min(moments.get(limit.end, until), until)
        for at, word in limit.crossings():
            if at <= ended:
                happened.append((at, 0, f"duty.{word}"))
    if (final := ended_for_good(life, moments)) and final <= until:
        happened.append((final, 2, "petition.final"))
    told = []
    for at, _, type_ in sorted(happened):
        assigned = moments.get("assigned")
        located = moments.get("located")
        own = 0 if type_.startswith("duty.") else 1  # a step's own change counts for it already
        moved = assigned is not None and (assigned < at or (own and assigned == at))
        placed = located is not None and (located < at or (own and located == at))
        office = life.office if moved else ROOT
        told.append(Said(type_, at, office, (life.place or "") if placed else ""))
    return told


def lived(seed: int, count: int, days: int) -> tuple[History, list[tuple[Life, str]], datetime]:
    until = midnight(START + timedelta(days=days))
    key = bytes(range(32))
    vaults = Vaults.of(key)
    history = History(vaults, offices(site()), until, "330282")
    lives = generate_lives(
        count, seed, START, START + timedelta(days=days - 1), site(), detours=False
    )
    numbered = [(life, f"33028220260105{n:04}") for n, life in enumerate(lives, 1)]
    for life, number in numbered:
        history.live(life, number)
    return history, numbered, until


def dimensions(life: Life) -> tuple[str, str]:
    return life.channel, life.purpose


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), days=st.integers(3, 200))
def test_figures_agree_with_a_naive_count(seed: int, days: int) -> None:
    history, numbered, until = lived(seed, 12, days)
    check(history, numbered, until)


def test_figures_agree_over_a_long_year_with_late_answers() -> None:
    history, numbered, until = lived(7, 150, 400)
    kinds = Counter(said.type for life, _ in numbered for said in story(life, until))
    assert kinds["duty.missed"] and kinds["petition.rated"] and kinds["petition.closed"] > 50
    check(history, numbered, until)


def check(history: History, numbered: list[tuple[Life, str]], until: datetime) -> None:
    stats, intake = history.stores["stats"], history.stores["intake"]
    cells: Counter[tuple[Any, ...]] = Counter()
    for life, number in numbered:
        cells.update(cases(life, until))
        told = story(life, until)
        for said in told:
            if said.type == "duty.lapsed":
                continue
            measure = said.type.partition(".")[2]
            if measure == "registered":
                continue  # a case's own, see `cases`
            cells[day(said.at), measure, said.office, said.division, *dimensions(life)] += 1
        assert_fact(stats.rows[Fact][(number,)], life, told)
        assert_times(list(stats.rows[Transition].values()), number, list(map(on_the_day, told)))
        assert_times(intake.appended[TimelineEntry], number, told)
        assert_duties(list(history.stores["supervision"].rows[Duty].values()), life, number, until)
        petition = intake.rows[Petition][(number,)]
        assert petition.status == status_of(told)
    counted: Counter[tuple[Any, ...]] = Counter()
    for t in stats.appended[Tally]:
        if t.measure in STEP_MEASURES or t.measure in LOOKED_AT:
            counted[t.day, t.measure, t.office, t.division, t.channel, t.type] += t.n
    assert {cell: n for cell, n in counted.items() if n} == cells
    assert_marks(stats)
    for store in history.stores.values():
        assert store.held == {}, "nothing waits"


LOOKED_AT = (
    "registered", "heads", "household", "open", "accept_due", "accept_in_time", "answer_due", "answer_in_time",
    "rating_given", "satisfied_body", "case_closed", "days_to_answer", "first_answered", "close_due",
    "close_in_time", "case_served", "rate_due",
)  # fmt: skip


def cases(life: Life, until: datetime) -> Counter[tuple[Any, ...]]:
    """What a case of the plan counts as by now, where and with whom it is now."""
    moments = {step.kind: step.at for step in life.steps if step.at <= until}
    registered = moments["registered"]
    holder = life.office if "assigned" in moments else ROOT
    place = (life.place or "") if "located" in moments else ""
    found: Counter[tuple[Any, ...]] = Counter()

    def add(at: datetime | date, measure: str, n: int = 1, office: str = holder) -> None:
        on = day(at) if isinstance(at, datetime) else at
        found[on, measure, office, place, *dimensions(life)] += n

    add(registered, "registered", office=ROOT)
    add(registered, "heads", life.head_count, ROOT)
    if life.channel in ("visit", "visit_down"):
        add(registered, "household", homes(life), ROOT)
    add(registered, "open")
    owed = limits(life, moments)
    # the limit to accept is told with supervision's next word: the acceptance, the warning, or that the days
    # for an objection are over
    words = [at for one in owed if one.kind in ("accept", "object") for at, _ in one.crossings()]
    for limit in owed:
        known = limit.kind == "answer" or limit.end in moments or min(words, default=until) <= until
        if limit.kind in ("accept", "answer") and known:
            add(day(limit.due) - DAY, f"{limit.kind}_due")
            if limit.end in moments and moments[limit.end] < limit.due:
                add(day(limit.due) - DAY, f"{limit.kind}_in_time")
        if limit.kind == "answer":
            add(day(limit.due) - DAY, "close_due")
            if moments.get("closed", limit.due) < limit.due:
                add(day(limit.due) - DAY, "close_in_time")
    if "served" in moments:
        add(moments["served"], "case_served")
        add(day(moments["served"]) + 30 * DAY, "rate_due")
    if "answered" in moments:
        add(moments["answered"], "first_answered")
        length = (day(moments["answered"]) - day(registered)).days
        add(moments["answered"], "days_to_answer", length)
    if "closed" in moments:
        add(moments["closed"], "case_closed")
        add(moments["closed"], "open", -1)
    if "rated" in moments:
        add(moments["rated"], "rating_given")
        if life.rating in ("satisfied", "basic"):
            add(moments["rated"], "satisfied_body")
    return Counter({cell: n for cell, n in found.items() if n})


def homes(life: Life) -> int:
    """Households of those who came: their different addresses."""
    return len({life.petitioner.address, *(person.address for person in life.representatives)})


def assert_marks(stats: Any) -> None:
    """Every difference ever told adds up to what the cases count as now."""
    now: Counter[tuple[Any, ...]] = Counter()
    for fact in stats.rows[Fact].values():
        for on, measure, office, n in marks(fact, day):
            now[on, measure, office, fact.division or "", fact.category, fact.turn] += n
    told: Counter[tuple[Any, ...]] = Counter()
    for t in stats.appended[Tally]:
        if t.measure in CASE_MEASURES:
            told[t.day, t.measure, t.office, t.division, t.category, t.turn] += t.n
    assert {c: n for c, n in told.items() if n} == {c: n for c, n in now.items() if n}


def status_of(told: list[Said]) -> str:
    steps = [said.type.partition(".")[2] for said in told if said.type.startswith("petition.")]
    return [step for step in steps if step != "rated"][-1]


def assert_fact(fact: Fact, life: Life, told: list[Said]) -> None:
    moments = {said.type: said.at for said in told}
    for step in ("assigned", "signed", "accepted", "answered", "closed", "rated"):
        assert getattr(fact, f"{step}_at") == moments.get(f"petition.{step}"), step
    assert (fact.channel, fact.type) == dimensions(life)
    assert fact.status == status_of(told)
    assert fact.office == (life.office if "petition.assigned" in moments else None)
    assert fact.division == (life.place if "petition.located" in moments else None)
    assert fact.outcome == (life.outcome if "petition.answered" in moments else None)
    assert fact.rating == (life.rating if "petition.rated" in moments else None)


def on_the_day(said: Said) -> Said:
    """送达 is of a day, not of an hour."""
    return replace(said, at=midnight(day(said.at))) if said.type == "petition.served" else said


def assert_times(rows: list[Any], number: str, told: list[Said]) -> None:
    found = Counter((row.type, row.at) for row in rows if row.number == number)
    assert found == Counter((said.type, said.at) for said in told)


def assert_duties(duties: list[Duty], life: Life, number: str, until: datetime) -> None:
    moments = {step.kind: step.at for step in life.steps if step.at <= until}
    owed = {duty.kind: duty for duty in duties if duty.number == number}
    expected = limits(life, moments)
    assert set(owed) == {limit.kind for limit in expected}
    for limit in expected:
        duty, end = owed[limit.kind], moments.get(limit.end)
        assert duty.due_at == limit.due
        if limit.warn:
            assert (duty.ended_at, duty.state) == (end, "fulfilled" if end else "open")
        elif limit.due <= min(end or until, until):
            assert (duty.ended_at, duty.state) == (limit.due, "lapsed")
        else:
            assert duty.state == ("void" if end else "open")


def test_the_oracle_can_say_no() -> None:
    """One tally more, and the comparison fails."""
    history, numbered, until = lived(3, 5, 60)
    check(history, numbered, until)
    history.stores["stats"].appended[Tally][0].n += 1
    try:
        check(history, numbered, until)
    except AssertionError:
        return
    raise RuntimeError("a wrong figure passed")
