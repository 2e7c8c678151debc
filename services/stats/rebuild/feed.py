"""One service's event log, page by page (`GET /internal/events`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import requests
from urllib3.exceptions import HTTPError

from kit.events import BEGINNING, POSITION
from kit.peers import service_url

PAGE = 1000
SECONDS = 30.0
"""What one page may take."""
PATIENCE = 300.0
"""Seconds for which a service may be away, as it is while it is restarted."""
PAUSE = 10.0
"""Seconds between two questions to a service that is away; at first less."""

Envelope = bytes
"""An event as it was published."""


class Silent(Exception):
    """A service does not give its log."""


class Refused(Silent):
    """It will not later, either."""


class Feed:
    """Reads on from where it ended.

    Args:
        token: makes a token that may read logs; asked for each page, so that none grows old.
        say: is told what is waited for.
    """

    def __init__(
        self, source: str, token: Callable[[], str], say: Callable[[str], None] = print
    ) -> None:
        self.source, self.token, self.say = source, token, say
        self.position = BEGINNING
        self.over = Event()
        """Set when nobody reads on: it stops asking."""
        self._session = requests.Session()

    def pages(self) -> Iterator[list[Envelope]]:
        """Everything that the log has beyond what was read, in its order: the next page is asked for while this one is
        worked on. Raises Silent."""
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(self.page)
            while (events := coming.result()) and not self.over.is_set():
                coming = ahead.submit(self.page)
                yield events

    def page(self, patience: float = PATIENCE) -> list[Envelope]:
        """The next page; empty where nothing is left. Asks again while the service is away, for so many seconds. Raises
        Silent."""
        until, pause = time.monotonic() + patience, 0.0
        while True:
            try:
                return self._page(min(SECONDS, patience))
            except Refused:
                raise
            except Silent as error:
                if not pause:
                    self.say(f"{error}; it is asked for {patience:.0f} s more")
                pause = min(2 * pause or 0.5, PAUSE)
                if time.monotonic() + pause > until or self.over.wait(pause):
                    raise

    def _page(self, timeout: float) -> list[Envelope]:
        try:
            answer = self._session.get(
                f"{service_url(self.source)}/internal/events",
                params={"after": self.position, "limit": str(PAGE)},
                headers={"Authorization": f"Bearer {self.token()}"},
                timeout=timeout,
                stream=True,
            )
            # all at once: between two pieces another thread may take its time
            content = answer.raw.read(decode_content=True)
        except (requests.RequestException, HTTPError) as error:
            raise self._silent(Silent, type(error).__name__) from error
        if answer.status_code != 200:
            kind = Silent if answer.status_code >= 500 or answer.status_code == 429 else Refused
            raise self._silent(kind, str(answer.status_code))
        if POSITION not in answer.headers:
            raise self._silent(Refused, f"no {POSITION}")
        self.position = answer.headers[POSITION]
        return content.splitlines()

    def _silent(self, kind: type[Silent], why: str) -> Silent:
        return kind(f"{self.source} does not give its log: {why}")
