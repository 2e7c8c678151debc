"""Stats' parts: what every service has, and monthly returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from kit import clock
from kit.app import App
from kit.commands import Commands
from kit.config import Settings
from kit.identity import Actor, Office
from kit.offices import PUBLISHED
from kit.problems import Problem, not_found
from kit.unit import Unit
from stats import returns
from stats.domain.returns import check_month
from stats.queries.figures import Asker
from stats.store import MODEL, Return


@dataclass
class Stats(App):
    """Stats' process."""

    def __post_init__(self) -> None:
        self.commands_on_return: Commands = self.commands(Return, PUBLISHED)

    @contextmanager
    def asking(self, actor: Actor) -> Iterator[Asker]:
        """Who asks, over a connection of its own."""
        with self.database.reading() as connection:
            yield self.asker(connection, actor)

    def asker(self, connection: Connection, actor: Actor) -> Asker:
        """Who asks over a connection."""
        return Asker(connection, self.reach(actor), self.directory.get(), clock.now())

    # -- monthly returns ---------------------------------------------------------------------------

    def draw(self, request: Any, office: str, month: date) -> dict[str, Any]:
        """编制月报, by the figures as they stand now."""
        self._own(request.actor, office)
        check_month(month, returns.today())
        with self.asking(request.actor) as asker:
            drawn = returns.Drawn(
                returns.counted(asker, office, month),
                returns.counted(asker, office, returns.before(month)),
            )
        return self._do(
            request, lambda unit, actor: returns.draw(unit, office, month, drawn, actor)
        )

    def correct(
        self, request: Any, office: str, month: date, body: dict[str, Any]
    ) -> dict[str, Any]:
        """更正月报的一项."""
        self._own(request.actor, office)
        return self._do(
            request,
            lambda unit, actor: returns.correct(unit, office, month, body, actor, self.vault),
        )

    def sign(self, request: Any, office: str, month: date, body: dict[str, Any]) -> dict[str, Any]:
        """签发月报."""
        known = self._own(request.actor, office)
        return self._do(request, lambda unit, actor: returns.sign(unit, known, month, body, actor))

    def _own(self, actor: Actor, id: str) -> Office:
        """An office reports for itself. Raises Problem 404, 403."""
        office = self.directory.get().get(id)
        if office is None:
            raise not_found("此单位", "such office")
        if actor.office != id and actor.kind != "tool":
            raise Problem(
                403, "not-your-office", "月报由各单位自己编制。", "An office reports for itself."
            )
        return office

    def _do(self, request: Any, work: Callable[[Unit, Actor], dict[str, Any]]) -> dict[str, Any]:
        return self.commands_on_return.create(request, lambda unit, _, actor: work(unit, actor), {})


def build(settings: Settings) -> Stats:
    """The app of one stats process."""
    return Stats.build(settings, MODEL)
