"""Random lives told by the services' own handlers: facts, tallies and timeline against a naive count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.store import Petition, TimelineEntry
from kit.vault import Vault
from stats.store import Fact, Tally, Transition
from supervision.store import Duty
from tool.demo import Life, Site, generate_lives
from tool.generate import offices
from tool.history import History, Vaults

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = date(2026, 1, 5)
ROOT = "330282-xfj"


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


def story(life: Life, until: datetime) -> list[Said]:
    """The events of a life, from its plan and the two limits alone: no handler, no state kept."""
    moments = {step.kind: step.at for step in life.steps if step.at <= until}
    happened = [(at, 1, f"petition.{kind}") for kind, at in moments.items()]
    for start, days, warn, end in (
        ("registered", 15, 3, "assigned"), ("accepted", 60, 10, "answered"),
    ):  # fmt: skip
        if start not in moments:
            continue
        due = midnight(day(moments[start]) + timedelta(days=days + 1))
        for at, word in ((due - timedelta(days=warn), "approaching"), (due, "missed")):
            if at <= moments.get(end, until):
                happened.append((at, 0, f"duty.{word}"))
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
    vaults = Vaults(Vault(key, "intake"), Vault(key, "supervision"))
    history = History(vaults, offices(site()), until, "330282")
    lives = generate_lives(count, seed, START, START + timedelta(days=days - 1), site())
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
        told = story(life, until)
        for said in told:
            measure = said.type.partition(".")[2]
            cells[day(said.at), measure, said.office, said.division, *dimensions(life)] += 1
        assert_fact(stats.rows[Fact][(number,)], life, told)
        assert_times(stats.appended[Transition], number, told)
        assert_times(intake.appended[TimelineEntry], number, told)
        assert_duties(list(history.stores["supervision"].rows[Duty].values()), number, told)
        petition = intake.rows[Petition][(number,)]
        assert petition.status == status_of(told)
    counted: Counter[tuple[Any, ...]] = Counter()
    for t in stats.appended[Tally]:
        counted[t.day, t.measure, t.office, t.division, t.channel, t.type] += t.n
    assert counted == cells
    for store in history.stores.values():
        assert store.held == {}, "nothing waits"


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
    if "petition.closed" in moments:
        due = midnight(day(moments["petition.accepted"]) + timedelta(days=61))
        assert fact.on_time == (moments["petition.answered"] < due)
    else:
        assert fact.on_time is None


def assert_times(rows: list[Any], number: str, told: list[Said]) -> None:
    found = Counter((row.type, row.at) for row in rows if row.number == number)
    assert found == Counter((said.type, said.at) for said in told)


def assert_duties(duties: list[Duty], number: str, told: list[Said]) -> None:
    moments = {said.type: said.at for said in told}
    owed = {duty.kind: duty for duty in duties if duty.number == number}
    assert set(owed) == {"forward"} | ({"answer"} if "petition.accepted" in moments else set())
    for kind, end in (("forward", "petition.assigned"), ("answer", "petition.answered")):
        if kind in owed:
            assert owed[kind].ended_at == moments.get(end)
            assert owed[kind].state == ("fulfilled" if end in moments else "open")


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
