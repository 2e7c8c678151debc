"""Reads the places out of the texts of new petitions: one of the two reads between services.

Outside any transaction the texts of a batch are fetched from intake with a service token and a
time-out; only codes are kept. While intake is away the petitions wait (house.md 4).
"""

from __future__ import annotations

from collections.abc import Iterable

import requests

from kit.db import Unavailable
from kit.loop import Loop
from kit.peers import service_url
from routing import handlers
from routing.app import Routing
from routing.store import Matter

PAGE = 100
TIMEOUT = (2, 5)
"""Seconds to connect, and to wait for the answer."""


class Locator(Loop):
    """Runs in the worker role; several may run, each petition is decided under its lock."""

    every = 0.2

    def turn(self) -> None:
        app: Routing = self.container.config["APP"]
        while numbers := _locating(app):
            texts = fetch(app, numbers)
            self.decide(app, numbers, texts)
            if len(numbers) < PAGE or self.stopping:
                return

    @staticmethod
    def decide(
        app: Routing, numbers: dict[str, str], texts: dict[str, dict[str, str | None]]
    ) -> None:
        """Writes what the texts say, one transaction for the batch."""
        reader, competence = app.reader(), app.competence()
        places = {
            number: reader.read(
                (texts.get(number) or {}).get("text") or "",
                app.near(office),
                competence.threshold(office),
                (texts.get(number) or {}).get("complained_about"),
            )
            for number, office in numbers.items()
        }
        with app.database.unit(app.model) as unit:
            unit.open(list(numbers))
            for number, place in places.items():
                if matter := unit.get(Matter, number):
                    handlers.read_place(unit, matter, place, competence)


def _locating(app: Routing) -> dict[str, str]:
    """Petitions whose texts are to be read, with the offices that registered them."""
    with app.database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT number, registered_by FROM routing.matter WHERE locating"
            f" ORDER BY number LIMIT {PAGE}"
        )
        return {row.number: row.registered_by for row in rows}


def fetch(app: Routing, numbers: Iterable[str]) -> dict[str, dict[str, str | None]]:
    """The texts of a batch. Raises Unavailable where intake does not answer."""
    try:
        answer = requests.post(
            f"{service_url('intake')}/internal/place-texts",
            json={"numbers": list(numbers)},
            headers={"Authorization": f"Bearer {app.service_token()}"},
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        raise Unavailable(f"intake: {type(error).__name__}") from error
    texts: dict[str, dict[str, str | None]] = answer.json()["texts"]
    return texts
