"""`petition generate`: years of petitions at once, by COPY, as the services would have left them."""

from __future__ import annotations

import multiprocessing
import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg2.extensions

from intake.domain.registration import number as petition_number
from intake.store import series_of
from kit import clock, keys
from kit.copying import Block, write
from kit.identity import Office
from kit.migrations import engine_for
from stats import rolling
from tool.copying import rendered
from tool.demo import Life, Site, generate_lives
from tool.history import History, Vaults

CHUNK = 500
FEW = 5000
"""Up to so many petitions, starting processes costs more than it saves."""


def generate(
    url: str,
    key_folder: Path,
    petitions: int,
    seed: int,
    start: date,
    until: datetime,
    site_code: str,
    progress: Callable[[int], None] = lambda n: None,
) -> int:
    """Writes `petitions` lives between `start` and the day of `until`, as far as they have begun.
    Returns how many.

    Args:
        url: of the database's owner; one transaction, all or nothing.
        progress: told how many were written since the last call.
    """
    # COPY needs a blocking connection; nothing else runs in this process
    psycopg2.extensions.set_wait_callback(None)
    setting = (keys.load_vault(key_folder), until, site_code)
    lives = generate_lives(petitions, seed, start, clock.local_date(until), Site.load())
    begun = (life for life in lives if life.registered_at <= until)  # the day is not over yet
    total = 0
    with engine_for(url).begin() as connection, _tellers(petitions, setting) as tell:
        cursor = connection.connection.cursor()
        numbers = _Numbers(cursor, site_code)
        for told, blocks in tell(numbers.chunks(begun)):
            write(cursor, blocks)
            total += told
            progress(told)
        numbers.store()
        rolling.settle(connection, clock.local_date(until) - rolling.KEEP)
    return total


Setting = tuple[bytes, datetime, str]
Chunk = list[tuple[Life, str, str | None]]
"""Lives with their numbers, and with those of the petitions that they repeat."""
Told = tuple[int, list[Block]]

_history: History


@contextmanager
def _tellers(
    petitions: int, setting: Setting
) -> Iterator[Callable[[Iterable[Chunk]], Iterable[Told]]]:
    """Who tells the lives: this process where they are few, else one process for each core."""
    if petitions <= FEW:
        _prepare(*setting)
        yield partial(map, _tell)
        return
    with multiprocessing.get_context("spawn").Pool(os.cpu_count(), _prepare, setting) as pool:
        yield partial(pool.imap, _tell)


def _prepare(key: bytes, until: datetime, site_code: str) -> None:
    """One teller's own memory."""
    global _history
    _history = History(Vaults.of(key), offices(Site.load()), until, site_code)


def _tell(chunk: Chunk) -> Told:
    """Lives a chunk of lives and renders what they leave behind."""
    for life, number, first in chunk:
        _history.live(life, number, first)
    blocks = rendered(_history.stores)
    _history.clear()
    return len(chunk), blocks


def offices(site: Site) -> Iterator[Office]:
    """The site's offices as the directory has them."""
    for o in site.offices:
        yield Office(
            o.id, o.name, o.short_name, o.parent, o.division, o.level, o.kind, tuple(o.categories)
        )


class _Numbers:
    """Numbers that go on where each day's register ends."""

    def __init__(self, cursor: Any, site_code: str) -> None:
        self.cursor, self.site_code = cursor, site_code
        cursor.execute("LOCK TABLE intake.counter IN EXCLUSIVE MODE")
        cursor.execute("SELECT series, last FROM intake.counter")
        self.last: Counter[str] = Counter(dict(cursor.fetchall()))
        self.given = array("Q")  # by a life's index: 8 bytes each, for a million of them

    def chunks(self, lives: Iterator[Life]) -> Iterator[Chunk]:
        """Lives with their numbers, some hundred at a time."""
        while chunk := [(life, self.next(life), self.first(life)) for life in islice(lives, CHUNK)]:
            yield chunk

    def first(self, life: Life) -> str | None:
        """The number of the petition that it repeats."""
        return None if life.repeat_of is None else str(self.given[life.repeat_of])

    def next(self, life: Life) -> str:
        day = clock.local_date(life.registered_at)
        series = series_of(day)
        self.last[series] += 1
        number = petition_number(self.site_code, day, self.last[series])
        self.given.append(int(number))
        return number

    def store(self) -> None:
        for counted in self.last.items():
            self.cursor.execute(
                "INSERT INTO intake.counter (series, last) VALUES (%s, %s)"
                " ON CONFLICT (series) DO UPDATE SET last = excluded.last",
                counted,
            )
