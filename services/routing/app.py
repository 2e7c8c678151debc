"""Routing's parts beyond what every service has."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kit import clock
from kit.app import App
from kit.commands import Commands
from kit.config import Settings
from kit.envelope import Event
from kit.identity import Actor
from kit.inbox import Handler
from kit.offices import PUBLISHED, OfficeRow
from kit.problems import Problem, not_found
from kit.unit import Unit
from routing import handlers
from routing.domain.places import Division
from routing.domain.remit import Body, Choice, responsible
from routing.reading import Reader, reader
from routing.store import MODEL, VISIBLE, Matter, divisions, parents
from routing.subscriptions import SUBSCRIPTIONS

REFRESH = 30.0
"""Seconds after which divisions and categories are read again."""


@dataclass
class Routing(App):
    """Routing's process."""

    def __post_init__(self) -> None:
        self.commands_on_matter: Commands = self.commands(Matter, VISIBLE)
        self.commands_on_office: Commands = self.commands(OfficeRow, PUBLISHED)
        self._read_at = 0.0
        self._reader, self._divisions = Reader(None, ()), list[Division]()
        self._parents: dict[str, str | None] = {}

    def reader(self) -> Reader:
        """Reads places in texts, with the site's divisions at most half a minute old."""
        self._refresh()
        return self._reader

    def near(self, office: str) -> str | None:
        """The division of an office."""
        found = self.directory.get().get(office)
        return found.division if found else None

    def responsible(self, division: str, category: str | None) -> Choice:
        """The office that must answer, by the directory as it is now."""
        self._refresh()
        at = clock.now()
        offices = [o for o in self.directory.get() if not o.ended(at)]
        bodies = [Body(o.id, o.kind, o.division, o.categories) for o in offices]
        return responsible(bodies, division, category, self._superiors(category))

    def with_directory(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that asks who stands above whom."""
        return lambda unit, row, body, actor: handler(unit, row, body, actor, self.directory.get())

    def place(self, unit: Unit, row: Matter, body: dict[str, Any], actor: Any) -> dict[str, Any]:
        """`handlers.place`, of a division that the site has."""
        if not self._knows(body["division"]):
            raise Problem(422, "division-unknown", "区划资料中没有该区划。",
                          "No such division in this site.", field="division")  # fmt: skip
        return handlers.place(unit, row, body, actor)

    def _knows(self, division: str) -> bool:
        if not self.reader().knows(division):
            self._read_at = 0.0  # it may have been loaded a moment ago
        return self.reader().knows(division)

    def with_both(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that seals what was said and asks who stands above whom."""
        return lambda unit, row, body, actor: handler(
            unit, row, body, actor, self.vault, self.directory.get()
        )

    def check_kept(self, actor: Actor, id: str) -> None:
        """An office of the directory, for those who keep it.

        Raises Problem 404 for an office that is not in it, 403 for anybody else.
        """
        if id not in self.directory.get():
            raise not_found("此单位", "such office")
        self.check_keeper(actor)

    def subscriptions(self) -> dict[str, Handler]:
        """The subscriptions, with the rule that names the office bound into the one that needs it."""

        def on_registered(unit: Unit, event: Event) -> None:
            handlers.on_registered(unit, event, self.responsible)

        return {**SUBSCRIPTIONS, "petition.registered": on_registered}

    def _superiors(self, category: str | None) -> list[str]:
        found: list[str] = []
        while category and (category := self._parents.get(category)):
            found.append(category)
        return found

    def _refresh(self) -> None:
        if self._read_at and time.monotonic() - self._read_at < REFRESH:
            return
        with self.database.connection() as connection:
            found = divisions(connection)
            self._parents = parents(connection)
        if found != self._divisions:
            self._reader, self._divisions = reader(found, self.settings.state), found
        self._read_at = time.monotonic()


def build(settings: Settings) -> Routing:
    """The app of one routing process."""
    return Routing.build(settings, MODEL)
