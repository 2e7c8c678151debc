"""`petition generate`: years of petitions at once, by COPY, as the services would have left them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg2.extensions
from sqlalchemy import text

from intake.domain.registration import number as petition_number
from kit import clock, keys
from kit.identity import Office
from kit.migrations import engine_for
from kit.vault import Vault
from tool import copying
from tool.demo import Life, Site, generate_lives
from tool.history import History, Vaults

CHUNK = 500


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
    """Writes `petitions` lives between `start` and `until`. Returns how many.

    Args:
        url: of the database's owner; one transaction, all or nothing.
        progress: told how many were written since the last call.
    """
    # COPY needs a blocking connection; nothing else runs in this process
    psycopg2.extensions.set_wait_callback(None)
    key, site = keys.load_vault(key_folder), Site.load()
    vaults = Vaults(Vault(key, "intake"), Vault(key, "supervision"))
    history = History(vaults, offices(site), until, site_code)
    lives = generate_lives(petitions, seed, start, _last_day(until), site)
    total = 0
    with engine_for(url).begin() as connection:
        cursor = connection.connection.cursor()
        connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        numbers = _Numbers(cursor, site_code)
        while chunk := list(islice(lives, CHUNK)):
            for life in chunk:
                history.live(life, numbers.next(life))
            copying.write(cursor, history.stores)
            history.clear()
            total += len(chunk)
            progress(len(chunk))
        numbers.store()
    return total


def offices(site: Site) -> Iterator[Office]:
    """The site's offices as the directory has them."""
    for o in site.offices:
        yield Office(
            o.id, o.name, o.short_name, o.parent, o.division, o.level, o.kind, tuple(o.categories)
        )


def _last_day(until: datetime) -> date:
    return clock.local_date(until)


class _Numbers:
    """Numbers that go on where each day's register ends."""

    def __init__(self, cursor: Any, site_code: str) -> None:
        self.cursor, self.site_code = cursor, site_code
        cursor.execute("LOCK TABLE intake.number_day IN EXCLUSIVE MODE")
        cursor.execute("SELECT day, last FROM intake.number_day")
        self.last: Counter[date] = Counter(dict(cursor.fetchall()))

    def next(self, life: Life) -> str:
        day = _last_day(life.registered_at)
        self.last[day] += 1
        return petition_number(self.site_code, day, self.last[day])

    def store(self) -> None:
        for day, last in self.last.items():
            self.cursor.execute(
                "INSERT INTO intake.number_day (day, last) VALUES (%s, %s)"
                " ON CONFLICT (day) DO UPDATE SET last = excluded.last",
                (day, last),
            )
