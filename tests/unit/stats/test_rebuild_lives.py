"""A rebuild tells lives to the letter as the handlers told them, whatever the order in which logs are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from kit import clock, envelope
from stats.domain.windows import RATING, Windows, with_site
from stats.rebuild.lives import ByHandlers, Teller, Told, ordered
from stats.rebuild.shelf import OTHERS, Logs, Shelf, month_of
from stats.rebuild.sums import Sums, in_order
from stats.rolling import FOLDED_ON
from stats.store import Fact, Tally, Transition
from stats.subscriptions import SUBSCRIPTIONS
from tests.people import AT, EXTRA, LABOUR, NUMBER, TOWN, state
from tool.demo import Site, generate_lives
from tool.generate import offices
from tool.history import History, Vaults

SOURCES = ("intake", "routing", "supervision")
DAY = timedelta(days=1)
TODAY = date(2026, 11, 20)
SITE = Site.load()


def lived(petitions: int, seed: int, days: int) -> History:
    """Some lives with their numbers, up to a day."""
    until = clock.midnight(TODAY)
    history = History(Vaults.of(b"k" * 32), offices(SITE), until, "330282")
    given: list[str] = []
    for life in generate_lives(petitions, seed, TODAY - days * DAY, TODAY, SITE):
        if life.registered_at <= until:
            day = clock.local_date(life.registered_at)
            given.append(f"330282{day:%Y%m%d}{life.index + 1:04}")
            history.live(life, given[-1], None if life.repeat_of is None else given[life.repeat_of])
    return history


def shelved(history: History, folder: Path, page: int) -> Shelf:
    """The logs as they are read, some events at a time."""
    shelf = Shelf(folder)
    for source in SOURCES:
        log = [entry.body for entry in history.stores[source].log]
        for start in range(0, len(log), page):
            shelf.put(source, log[start : start + page])
    return shelf


def told_by(
    shelf: Shelf, floor: date, windows: Windows = Windows()
) -> tuple[list[Told], Rows, Rows]:
    """Month after month, as a rebuild does."""
    months = shelf.months()
    assert OTHERS not in months
    parts = {month: Teller(floor, windows).tell(shelf.take(month)) for month in months}
    return list(parts.values()), *summed({month: told.sums for month, told in parts.items()})


Rows = dict[Any, int]


def summed(sums: dict[str, Sums]) -> tuple[Rows, Rows]:
    """Rows of by_day and of by_month, which come in the order of their keys."""
    with TemporaryDirectory() as folder:
        for month, some in sums.items():
            some.put_by(Path(folder), month)
        return rows(Path(folder), "by_day"), rows(Path(folder), "by_month")


def rows(folder: Path, rollup: str) -> Rows:
    found: Rows = {}
    for line in "".join(in_order(folder, rollup)).splitlines():
        measure, axis, place, dim, time, value, recorded, n = line.split("\t")
        key = (measure, axis, place, dim, date.fromisoformat(time), value, date.fromisoformat(recorded))  # fmt: skip
        assert key not in found
        found[key] = int(n)
    assert list(found) == sorted(found)
    return found


def rolled(tallies: Iterable[Tally], floor: date, table: str) -> Counter[Any]:
    """What the roller makes of the handlers' tallies, in plain words."""
    found: Counter[Any] = Counter()
    for t in tallies:
        if t.apart:
            continue
        recorded = t.recorded_on if t.recorded_on >= floor else FOLDED_ON
        time = t.day if table == "by_day" else t.day.replace(day=1)
        for axis, place, dim, value in cells_of(t):
            if table == "by_month" or dim == "" or (axis, place) == ("division", ""):
                found[t.measure, axis, place, dim, time, value, recorded] += t.n
    return Counter({key: n for key, n in found.items() if n})


def cells_of(t: Tally) -> Iterator[tuple[str, str, str, str]]:
    dims = [("", ""), ("channel", t.channel), ("type", t.type), ("category", t.category),
            ("turn", t.turn), ("size", t.size), ("office", t.office)]  # fmt: skip
    yield "place", t.division, "", ""
    for axis, place in (("division", ""), ("division", t.division[:9] or "-"), ("office", t.office)):  # fmt: skip
        for dim, value in dims[: 6 if axis == "office" else 7]:
            yield axis, place, dim, value


def test_the_sites_windows_hold_in_a_rebuild_too(tmp_path: Path) -> None:
    own = Windows(with_site(RATING, [(date(2026, 1, 1), 60)]))
    parts, _, _ = told_by(shelved(lived(12, 3, 200), tmp_path, 20), TODAY, own)
    served = [fact for told in parts for fact in told.facts if fact.served_at]
    assert served and all(fact.rate_due == fact.served_at + 60 * DAY for fact in served)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000), petitions=st.integers(1, 14), days=st.integers(2, 400),
    page=st.integers(1, 40), back=st.integers(0, 300),
)  # fmt: skip
def test_random_lives_are_told_as_they_were_handled(
    seed: int, petitions: int, days: int, page: int, back: int
) -> None:
    floor = TODAY - back * DAY
    history = lived(petitions, seed, days)
    live = history.stores["stats"]
    with TemporaryDirectory() as folder:
        parts, by_day, by_month = told_by(shelved(history, Path(folder), page), floor)
    assert not any(told.left for told in parts)
    facts = {fact.number: fact for told in parts for fact in told.facts}
    assert facts == {fact.number: fact for fact in live.rows[Fact].values()}
    steps = {(t.number, t.source, t.sequence): t for told in parts for t in told.transitions}
    assert steps == live.rows[Transition]
    assert len(steps) == sum(len(told.transitions) for told in parts)
    cursors = {c.subject: c.seen for told in parts for c in told.cursors}
    assert cursors == {s: c.seen for s, c in live.cursors.items() if c.seen}
    for table, rows in (("by_day", by_day), ("by_month", by_month)):
        assert rows == rolled(live.appended[Tally], floor, table)
    assert apart(t for told in parts for t in told.tallies) == apart(live.appended[Tally], floor)


def apart(tallies: Iterable[Tally], floor: date = date.min) -> Counter[Any]:
    """What somebody must not count, by cell."""
    found: Counter[Any] = Counter()
    for t in tallies:
        if t.apart:
            recorded = t.recorded_on if t.recorded_on >= floor else FOLDED_ON
            found[t.day, recorded, t.measure, t.office, t.division, t.turn, *t.barred] += t.n
    return Counter({key: n for key, n in found.items() if n})


# -- events of every kind, in any order ------------------------------------------------------------

SAMPLES = {
    sample["type"]: sample
    for path in sorted((files("contracts") / "generated" / "samples").iterdir(), key=str)
    if (sample := orjson.loads(path.read_bytes()))["type"] in SUBSCRIPTIONS
    and "petition" in sample["data"]
}
"""One of each kind, by type: the contracts' own story."""
STEPS = sorted(set(SAMPLES) - {"petition.registered"})
PLACES = ((None, None), ("330282104000", TOWN), ("330282104201", TOWN), (None, LABOUR))


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 40), st.sampled_from(PLACES)), max_size=14
    ),
    sealed=st.booleans(), back=st.integers(100, 260),
)  # fmt: skip
def test_any_events_are_told_as_they_are_handled(
    steps: list[tuple[str, int, tuple[str | None, str | None]]], sealed: bool, back: int
) -> None:
    logs: Logs = {}
    at, sequences = AT, Counter[str]()
    for type_, days, (division, office) in [("petition.registered", 0, PLACES[0]), *steps]:
        at += days * DAY
        sample = SAMPLES[type_]
        source = sample["source"].rpartition("/")[2]
        told = state(division=division, office=office, answer_due="2026-05-01T16:00:00Z")
        sequences[source] += 1
        logs.setdefault(source, []).append(
            raw(source, type_, sequences[source], at, sealed, **sample["data"] | {"petition": told})
        )
    floor = TODAY - back * DAY
    fast = Teller(floor).tell({NUMBER: logs})
    slow = ByHandlers(AT, frozenset())
    slow.tell({NUMBER: logs})
    assert not fast.left and not slow.failed
    assert {(f.number,): f for f in fast.facts} == slow.store.rows[Fact]
    live = slow.store.appended[Tally]
    days, months = summed({"202603": fast.sums})
    assert days == rolled(live, floor, "by_day") and months == rolled(live, floor, "by_month")
    assert apart(fast.tallies) == apart(live, floor)


# -- order -----------------------------------------------------------------------------------------


def test_an_event_comes_after_all_that_it_names() -> None:
    history = lived(6, 4, 300)
    subject = history.stores["intake"].log[0].event.subject
    logs = {
        source: [e.event for e in history.stores[source].log if e.event.subject == subject]
        for source in SOURCES
    }
    seen: list[tuple[str, int]] = []
    shuffled = list(logs.items())
    Random(1).shuffle(shuffled)
    for event in ordered(dict(shuffled)):
        for source, n in event.after.items():
            assert (source, n) in seen
        seen.append((event.source, event.sequence))
    assert len(seen) == sum(map(len, logs.values()))


def raw(
    source: str,
    type_: str,
    sequence: int = 1,
    when: datetime = AT,
    sealed: bool = False,
    **data: Any,
) -> bytes:
    event = envelope.Event(
        id=envelope.new_id(), type=type_, source=source, site="330282", subject=NUMBER, time=when,
        sequence=sequence, sealed=sealed, data=EXTRA.get(type_, {}) | {"petition": state()} | data,
    )  # fmt: skip
    return envelope.encode(event)


def broken() -> bytes:
    bad = orjson.loads(raw("routing", "petition.located"))
    del bad["data"]["petition"]["office"]
    return orjson.dumps(bad)


def test_what_cannot_be_applied_is_left_to_the_handlers_and_the_rest_waits() -> None:
    logs: Logs = {"intake": [raw("intake", "petition.registered")], "routing": [broken(), raw("routing", "petition.signed", 2)]}  # fmt: skip
    told = Teller(TODAY).tell({NUMBER: logs})
    assert told.left == {NUMBER: logs} and not told.facts and not told.cursors
    handlers = ByHandlers(AT, frozenset())
    handlers.tell(told.left)
    assert handlers.failed == [(NUMBER, "routing", 1)]
    assert list(handlers.store.rows[Fact]) == [(NUMBER,)]
    assert list(handlers.store.held) == [(NUMBER, "routing", 2)]


def test_what_was_discarded_moves_the_cursor_and_nothing_else() -> None:
    signed = raw("routing", "petition.signed", 2)
    handlers = ByHandlers(AT, frozenset({(NUMBER, "routing", 1)}))
    handlers.tell(
        {NUMBER: {"intake": [raw("intake", "petition.registered")], "routing": [broken(), signed]}}
    )
    assert not handlers.failed and list(handlers.store.rows[Fact]) == [(NUMBER,)]
    steps = [step.type for step in handlers.store.rows[Transition].values()]
    assert steps == ["petition.registered", "petition.signed"]
    assert handlers.store.cursors[NUMBER].reached("routing") == 2


def test_an_event_that_had_waited_and_fails_does_not_take_the_other_with_it() -> None:
    waiting = orjson.dumps(orjson.loads(broken()) | {"after": "intake:2"})
    logs: Logs = {
        "routing": [waiting],
        "intake": [
            raw("intake", "petition.registered", when=AT + DAY),
            raw("intake", "petition.rated", 2, when=AT + DAY),
        ],
    }
    handlers = ByHandlers(AT, frozenset())
    handlers.tell({NUMBER: logs})
    assert handlers.failed == [(NUMBER, "routing", 1)] and not handlers.store.held
    assert handlers.store.cursors[NUMBER].reached("intake") == 2


def test_what_counts_before_the_month_of_the_number_is_summed_on_its_day() -> None:
    """A number that names another month than its registration."""
    told = Teller(TODAY).tell({NUMBER: {"intake": [raw("intake", "petition.registered")]}})
    days, _ = summed({"202609": told.sums})
    site = {key[0]: n for key, n in days.items() if key[1:5] == ("division", "", "", AT.date())}
    assert site.keys() >= {"registered", "heads"} and not told.tallies


def test_a_month_is_read_off_the_number() -> None:
    assert month_of("330282202603020001") == "202603" and month_of(NUMBER) == "202603"
    for subject in ("office-1", "330282202613020001", "3302822026030200", "督2026-0001", ""):
        assert month_of(subject) == OTHERS
