"""One service's event log, page by page (`GET /internal/events`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import requests
from urllib3.exceptions import HTTPError

from kit.events import BEGINNING, POSITION
from kit.peers import service_url

PAGE = 1000
SECONDS = 30.0
"""What one page may take."""

Envelope = bytes
"""An event as it was published."""


class Silent(Exception):
    """A service does not give its log."""


class Feed:
    """Reads on from where it ended.

    Args:
        token: makes a token that may read logs; asked for each page, so that none grows old.
    """

    def __init__(self, source: str, token: Callable[[], str]) -> None:
        self.source, self.token = source, token
        self.position = BEGINNING
        self._session = requests.Session()

    def pages(self) -> Iterator[list[Envelope]]:
        """Everything that the log has beyond what was read, in its order: the next page is asked for while this one is
        worked on. Raises Silent."""
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(self.page)
            while events := coming.result():
                coming = ahead.submit(self.page)
                yield events

    def page(self) -> list[Envelope]:
        """The next page; empty where nothing is left."""
        try:
            answer = self._session.get(
                f"{service_url(self.source)}/internal/events",
                params={"after": self.position, "limit": str(PAGE)},
                headers={"Authorization": f"Bearer {self.token()}"},
                timeout=SECONDS,
                stream=True,
            )
            answer.raise_for_status()
            # all at once: between two pieces another thread may take its time
            content = answer.raw.read(decode_content=True)
        except (requests.RequestException, HTTPError) as error:
            raise Silent(f"{self.source} does not give its log: {type(error).__name__}") from error
        self.position = answer.headers[POSITION]
        return content.splitlines()
