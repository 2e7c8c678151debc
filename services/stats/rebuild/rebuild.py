"""The whole of a rebuild: read the logs, tell the lives, catch up while live, compare, switch."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import orjson
from sqlalchemy import Connection, Engine, text

from kit import clock, envelope
from kit.inbox import HandlerFailed, Inbox
from kit.jobs import unit_over
from stats.rebuild.comparison import Comparison, compare
from stats.rebuild.feed import Envelope, Feed
from stats.rebuild.generation import LIVE, NEXT, NEXT_MODEL, Generation
from stats.rebuild.lives import Place, Teller
from stats.rebuild.shelf import OTHERS, Shelf
from stats.rolling import KEEP, LOCK
from stats.subscriptions import SUBSCRIPTIONS

TRIES = 5
"""Attempts to find both generations at the same events before it is given up."""
_ONE_AT_A_TIME = 7217


class Busy(Exception):
    """Another rebuild is at work."""


class Unsettled(Exception):
    """The live generation has heard of events that the logs do not give."""


@dataclass
class Report:
    """What was done, and how long it took.

    `seconds`: by step. `failed`: events that no handler could apply; their petitions wait behind them.
    """

    events: int = 0
    petitions: int = 0
    caught_up: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[Place] = field(default_factory=list)
    comparison: Comparison = field(default_factory=Comparison)
    switched: bool = False

    @property
    def per_second(self) -> float:
        """Events a second, from the first page to the last index."""
        return self.events / max(sum(self.seconds.values()), 1e-9)


class Rebuild:
    """One rebuild.

    Args:
        owner: connections of the database's owner. role: blocking ones in stats' own role.
        feeds: of the sources that stats hears, at their beginnings.
        accept: switch although the generations differ.
        scratch: where events are put by meanwhile: about a kilobyte each.
        say: is told how far it is.
    """

    def __init__(
        self, owner: Engine, role: Engine, feeds: list[Feed], site: str, *,
        accept: bool = False, scratch: Path | None = None, say: Callable[[str], None] = print,
    ) -> None:  # fmt: skip
        self.owner, self.role, self.feeds, self.site = owner, role, feeds, site
        self.accept, self.scratch, self.say = accept, scratch, say
        self.report = Report()
        self.generation = Generation(owner)

    def run(self, audit: Callable[[Connection], None] = lambda connection: None) -> Report:
        """All of it. `audit` writes who did it, in the transaction that switches. Raises Busy, Unsettled, Silent."""
        with _alone(self.owner):
            try:
                self._make()
                self._switch(audit)
            finally:
                if not self.report.switched:
                    self.generation.drop()
        return self.report

    # -- the past ----------------------------------------------------------------------------------

    def _make(self) -> None:
        floor = clock.local_date(clock.now()) - KEEP
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            shelf = Shelf(Path(folder))
            with self._timed("read"), ThreadPoolExecutor(len(self.feeds)) as readers:
                for count in readers.map(lambda feed: self._read(feed, shelf), self.feeds):
                    self.report.events += count
            self.say(f"{self.report.events:,} events read")
            with self._timed("tell"):
                self.generation.begin(floor)
                self._tell(shelf, Teller(clock.now(), floor, self._discarded()))
        with self._timed("index"):
            self.generation.index()
        self.say(f"{self.report.petitions:,} petitions told")

    def _read(self, feed: Feed, shelf: Shelf) -> int:
        return sum(shelf.put(feed.source, page) for page in feed.pages())

    def _tell(self, shelf: Shelf, teller: Teller) -> None:
        for month in shelf.months():
            subjects = shelf.take(month, [feed.source for feed in self.feeds])
            if month == OTHERS:
                for subject, logs in subjects.items():
                    teller.by_handlers(subject, logs)
                continue
            began = date(int(month[:4]), int(month[4:]), 1)
            teller.begin(began)
            days, months = teller.sums.leave(began)
            for subject, logs in subjects.items():
                teller.tell(subject, logs)
            told = teller.leave()
            self.report.petitions += len(told.facts)
            self.generation.write(told, days, months)
        self.generation.write(teller.leave(), *teller.sums.leave())
        self.generation.write_store(teller.apart, clock.now())
        self.report.failed += teller.failed

    def _discarded(self) -> frozenset[Place]:
        with self.owner.connect() as connection:
            rows = connection.exec_driver_sql(
                f"SELECT subject, source, sequence FROM {LIVE}.parked"
                " WHERE resolution = 'discarded' AND subject IS NOT NULL"
            )
            return frozenset((subject, source, sequence) for subject, source, sequence in rows)

    # -- the present -------------------------------------------------------------------------------

    def _catch_up(self) -> int:
        """What the logs have had since, through the handlers themselves; gives how many events."""
        caught = 0
        for feed in self.feeds:
            for page in feed.pages():
                self._apply(page)
                caught += len(page)
        self.report.caught_up += caught
        return caught

    def _apply(self, page: list[Envelope]) -> None:
        events = [(envelope.read(raw), orjson.dumps(raw)) for raw in page]
        while events:
            try:
                with unit_over(self.role, NEXT_MODEL, self.site) as unit:
                    Inbox(unit, SUBSCRIPTIONS).apply(events)
                return
            except HandlerFailed as failed:
                bad = failed.event
                self.report.failed.append((bad.subject, bad.source, bad.sequence))
                events = [one for one in events if one[0].id != bad.id]

    def _switch(self, audit: Callable[[Connection], None]) -> None:
        """Stands still for a moment: whoever applies events waits, whoever reads does not."""
        while self._catch_up() > 1000:
            pass
        for attempt in range(TRIES):
            with self.owner.begin() as connection:
                self._stand_still(connection)
                self._catch_up()
                found = self.report.comparison = compare(connection)
                if not found.behind:
                    if found.equal or self.accept:
                        self._take_over(connection, audit)
                    return
            time.sleep(
                attempt
            )  # its transaction was younger than one that still ran: the log hides it
        raise Unsettled(", ".join(found.behind[:5]))

    def _stand_still(self, connection: Connection) -> None:
        connection.execute(text("SET LOCAL lock_timeout = '30s'"))
        connection.execute(text(f"LOCK TABLE {LIVE}.cursor IN EXCLUSIVE MODE"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))

    def _take_over(self, connection: Connection, audit: Callable[[Connection], None]) -> None:
        """Cursors of stats' own subjects (returns) stand in no other service's log: they come along."""
        connection.execute(
            text(
                f"INSERT INTO {NEXT}.cursor (subject, own, seen)"
                f" SELECT subject, own, seen FROM {LIVE}.cursor WHERE own > 0"
                " ON CONFLICT (subject) DO UPDATE SET own = excluded.own"
            )
        )
        audit(connection)
        self.generation.put_in_place(connection)
        self.report.switched = True

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.report.seconds[what] = time.perf_counter() - began


@contextmanager
def _alone(owner: Engine) -> Iterator[None]:
    with owner.connect() as connection:
        taken = connection.execute(text(f"SELECT pg_try_advisory_lock({_ONE_AT_A_TIME})")).scalar()
        connection.commit()
        if not taken:
            raise Busy
        yield
