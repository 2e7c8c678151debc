"""The whole of a rebuild: read the logs, tell the lives, catch up while live, compare, switch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from psycopg2.errorcodes import DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from kit import clock, envelope
from kit.db import is_transient
from kit.envelope import Event
from kit.inbox import HandlerFailed, Inbox
from kit.jobs import plain_engine, unit_over
from kit.migrations import engine_for
from kit.parked import forget_waiting
from stats.domain.windows import Windows
from stats.rebuild.comparison import Comparison, compare
from stats.rebuild.feed import PATIENCE, Envelope, Feed, Silent
from stats.rebuild.generation import LIVE, NEXT, NEXT_MODEL, REBUILT, Generation
from stats.rebuild.lives import ByHandlers, Place
from stats.rebuild.scratch import scratch
from stats.rebuild.shelf import OTHERS, Shelf
from stats.rebuild.sums import ROLLUPS
from stats.rebuild.telling import Desk, desks
from stats.rolling import KEEP, LOCK
from stats.subscriptions import subscriptions

TRIES = 40
"""Attempts to find both generations at the same events, and nobody at the live tables, before it is given up: what took
an hour to make is worth some minutes."""
PAUSE = 10
"""Seconds between two attempts; at first less."""
BRIEFLY = 5.0
"""Seconds that are waited for a service while the live generation stands still."""
MANY = 1000
"""Events that may come while the live generation stands still."""
_ONE_AT_A_TIME = 7217

Item = tuple[Event, bytes]
"""An event, and as it was published."""


class Busy(Exception):
    """Another rebuild is at work."""


class Unsettled(Exception):
    """The live generation has heard of events that the logs do not give."""


class Held(Exception):
    """Somebody is at the live tables for long: a file that is written out, a copy of the database."""


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
        url: of the database's owner.
        feeds: of the sources that stats hears, at their beginnings.
        accept: switch although the generations differ.
        scratch: where events are put by meanwhile: about a kilobyte each.
        processes: that tell lives at once; 1: this one does.
        say: is told how far it is.
        windows: the site's.
    """

    def __init__(
        self, url: str, feeds: list[Feed], site: str, *, accept: bool = False,
        scratch: Path | None = None, processes: int = 1, say: Callable[[str], None] = print,
        windows: Windows = Windows(),
    ) -> None:  # fmt: skip
        self.url, self.feeds, self.site = url, feeds, site
        self.accept, self.scratch, self.processes, self.say = accept, scratch, processes, say
        self.owner, self.role = engine_for(url), plain_engine(url, LIVE)
        self.windows, self.handlers = windows, subscriptions(windows)
        self.report = Report()
        self.generation = Generation(self.owner)

    def run(self, audit: Callable[[Connection], None] = lambda connection: None) -> Report:
        """All of it. `audit` writes who did it, in the transaction that switches. Raises Busy, Unsettled, Held, Silent."""
        with _alone(self.owner):
            try:
                self._make()
                self._switch(audit)
            finally:
                self.role.dispose()
                if not self.report.switched:
                    self.generation.drop()
        return self.report

    # -- the past ----------------------------------------------------------------------------------

    def _make(self) -> None:
        floor = clock.local_date(clock.now()) - KEEP
        with scratch(self.scratch) as folder:
            shelf, sums = Shelf(folder / "events"), folder / "sums"
            sums.mkdir()
            with self._timed("read"):
                self._read(shelf)
            self.say(f"{self.report.events:,} events read")
            with self._timed("tell"):
                self.generation.begin(floor)
                self._tell(shelf, sums, floor)
        with self._timed("index"):
            self.generation.index()
        self.say(f"{self.report.petitions:,} petitions told")

    def _read(self, shelf: Shelf) -> None:
        """All logs at once; where one cannot be read, or it is to end, none is read further."""

        def read(feed: Feed) -> int:
            return sum(shelf.put(feed.source, page) for page in feed.pages())

        with ThreadPoolExecutor(len(self.feeds)) as readers:
            try:
                self.report.events += sum(readers.map(read, self.feeds))
            except BaseException:
                for feed in self.feeds:
                    feed.over.set()
                raise

    def _tell(self, shelf: Shelf, sums: Path, floor: date) -> None:
        parked, discarded = self._parked()
        by_handlers = ByHandlers(clock.now(), discarded, self.windows)
        months = [month for month in shelf.months() if month != OTHERS]
        desk = Desk(self.url, shelf.folder, sums, floor, parked, self.windows)
        with desks(self.processes, desk) as at_work:
            for told in at_work.each(Desk.tell, months):
                by_handlers.tell(told.left)
                self.report.petitions += told.petitions
            list(at_work.each(Desk.write_sums, ROLLUPS))
        by_handlers.tell(shelf.take(OTHERS))
        self.generation.write_store(by_handlers.store, clock.now())
        self.report.failed += by_handlers.failed

    def _parked(self) -> tuple[frozenset[str], frozenset[Place]]:
        """Petitions that an event was parked of, and the events that were given up."""
        with self.owner.connect() as connection:
            rows = connection.exec_driver_sql(
                f"SELECT subject, source, sequence, resolution = 'discarded' FROM {LIVE}.parked"
                " WHERE subject IS NOT NULL"
            ).all()
        return (
            frozenset(row[0] for row in rows),
            frozenset((subject, source, sequence) for subject, source, sequence, gone in rows if gone),
        )  # fmt: skip

    # -- the present -------------------------------------------------------------------------------

    def _catch_up(self, patience: float = PATIENCE) -> int:
        """What the logs have had since, through the handlers themselves; gives how many events."""
        caught = 0
        for feed in self.feeds:
            while page := feed.page(patience):
                self._apply(page)
                caught += len(page)
        self.report.caught_up += caught
        return caught

    def _apply(self, page: list[Envelope]) -> None:
        events = [(envelope.decode(body), body) for body in page]
        while events:
            try:
                with unit_over(self.role, NEXT_MODEL, self.site) as unit:
                    Inbox(unit, self.handlers).apply(events)
                return
            except HandlerFailed as failed:
                events = self._without(failed, events)

    def _without(self, failed: HandlerFailed, events: list[Item]) -> list[Item]:
        """The events without the one that cannot be applied, which may be one that had waited for them."""
        bad = failed.event
        if is_transient(failed.__cause__ or failed):
            raise failed
        left = [one for one in events if one[0].id != bad.id]
        with self.owner.begin() as connection:
            if not forget_waiting(connection, NEXT_MODEL, bad) and len(left) == len(events):
                raise failed
        self.report.failed.append((bad.subject, bad.source, bad.sequence))
        return left

    def _switch(self, audit: Callable[[Connection], None]) -> None:
        for attempt in range(1, TRIES + 1):
            while self._catch_up() > MANY:
                pass
            try:
                self.report.switched = self._attempt(audit)
                return
            except (Unsettled, Held, Silent) as error:
                if attempt == TRIES:
                    raise
                pause = min(attempt, PAUSE)
                self.say(f"not yet: {error}; again in {pause} s")
                time.sleep(pause)

    def _attempt(self, audit: Callable[[Connection], None]) -> bool:
        """Stands still for a moment: whoever applies events waits, whoever reads does not. Gives whether the new ones
        are in place; raises Unsettled, Held, Silent where they may be later."""
        with self.owner.begin() as connection, self._unless_held(connection):
            self._stand_still(connection)
            self._catch_up(BRIEFLY)
            found = self.report.comparison = compare(connection)
            if found.behind:
                # its transaction was younger than one that still ran: the log hides it
                subjects = ", ".join(found.behind[:5])
                raise Unsettled(f"the logs do not give what the live figures know of {subjects}")
            if wanted := found.equal or self.accept:
                self._take_over(connection, audit)
        return wanted

    def _stand_still(self, connection: Connection) -> None:
        connection.execute(text("SET LOCAL lock_timeout = '30s'"))
        connection.execute(text(f"LOCK TABLE {LIVE}.cursor IN EXCLUSIVE MODE"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))

    @contextmanager
    def _unless_held(self, connection: Connection) -> Iterator[None]:
        """A lock that is not to be had now, or that another one and we wait for in a circle, is tried for again."""
        try:
            yield
        except OperationalError as error:
            if getattr(error.orig, "pgcode", None) not in (LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED):
                raise
            users = ", ".join(self._users(connection)) or "somebody"
            raise Held(f"{users} is at work on the live figures") from error

    def _users(self, connection: Connection) -> Iterable[str]:
        """Who is at the live tables, but for ourselves."""
        ours: Any = connection.connection
        with self.owner.connect() as another:
            return another.exec_driver_sql(_USERS, (ours.get_backend_pid(),)).scalars().all()

    def _take_over(self, connection: Connection, audit: Callable[[Connection], None]) -> None:
        """Cursors of stats' own subjects (returns) stand in no other service's log: they come along."""
        self.generation.take(connection)
        connection.execute(
            text(
                f"INSERT INTO {NEXT}.cursor (subject, own, seen)"
                f" SELECT subject, own, seen FROM {LIVE}.cursor WHERE own > 0"
                " ON CONFLICT (subject) DO UPDATE SET own = excluded.own"
            )
        )
        audit(connection)
        self.generation.put_in_place(connection)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.report.seconds[what] = time.perf_counter() - began


_USERS = f"""
SELECT DISTINCT coalesce(nullif(application_name, ''), 'process') || ' ' || pid
FROM pg_locks JOIN pg_stat_activity USING (pid) JOIN pg_class ON pg_class.oid = relation
WHERE granted AND pid <> %s AND relnamespace = '{LIVE}'::regnamespace AND relname IN {REBUILT}"""


@contextmanager
def _alone(owner: Engine) -> Iterator[None]:
    with owner.connect() as connection:
        taken = connection.execute(text(f"SELECT pg_try_advisory_lock({_ONE_AT_A_TIME})")).scalar()
        connection.commit()
        if not taken:
            raise Busy
        yield
