"""Stats' parts: what every service has, monthly returns, and what reports are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from threading import Semaphore
from typing import Any

from sqlalchemy import Connection

from kit import clock
from kit.app import App
from kit.commands import Commands
from kit.config import Settings
from kit.identity import Actor, Office
from kit.inbox import Handler
from kit.offices import PUBLISHED
from kit.problems import Problem, not_found
from kit.unit import Unit
from stats import returns
from stats.domain.returns import check_month, check_reports
from stats.levels import higher
from stats.queries.figures import Asker
from stats.queries.returns import taken
from stats.settings import returns_due, windows
from stats.store import MODEL, Return
from stats.subscriptions import subscriptions

FILES = 4
"""Long files that a process writes at once: each keeps a connection of twenty, and what the database was then, until
whoever asked for it has it all."""


@dataclass
class Stats(App):
    """Stats' process."""

    def __post_init__(self) -> None:
        self.windows, self.returns_due = windows(), returns_due()
        self.files = Semaphore(FILES)
        self.commands_on_return: Commands = self.commands(Return, PUBLISHED)

    @contextmanager
    def asking(self, actor: Actor) -> Iterator[Asker]:
        """Who asks, over a connection of its own."""
        with self.database.reading() as connection:
            yield self.asker(connection, actor)

    def asker(self, connection: Connection, actor: Actor) -> Asker:
        """Who asks over a connection."""
        reach, directory = self.reach(actor), self.directory.get()
        return Asker(connection, reach, directory, clock.now(), self.windows)

    def subscriptions(self) -> dict[str, Handler]:
        """What the worker does with each type of event."""
        return subscriptions(self.windows)

    @contextmanager
    def at_one_moment(self, actor: Actor) -> Iterator[Asker]:
        """The same, while nothing changes: figures that stand beside one another add up."""
        with self.database.connection() as connection:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield self.asker(connection, actor)

    # -- monthly returns ---------------------------------------------------------------------------

    def draw(self, request: Any, office: str, month: date) -> dict[str, Any]:
        """编制月报, by the figures as they stand now."""
        known = self.reporting(request.actor, office)
        check_month(month, returns.today())
        with self.at_one_moment(request.actor) as asker:
            figures = taken(asker, known, month)
        return self.do(
            request, lambda unit, actor: returns.draw(unit, office, month, figures, actor)
        )

    def correct(
        self, request: Any, office: str, month: date, body: dict[str, Any]
    ) -> dict[str, Any]:
        """更正月报的一项."""
        known = self.reporting(request.actor, office)
        return self.do(
            request,
            lambda unit, actor: returns.correct(unit, known, month, body, actor, self.vault),
        )

    def sign(self, request: Any, office: str, month: date, body: dict[str, Any]) -> dict[str, Any]:
        """签发月报."""
        known = self.reporting(request.actor, office)
        return self.do(request, lambda unit, actor: returns.sign(unit, known, month, body, actor))

    def reporting(self, actor: Actor, id: str) -> Office:
        """An office reports for itself; for one that was abolished a successor does, who has its people by then.
        Raises Problem 404, 403."""
        directory, now = self.directory.get(), clock.now()
        office = directory.get(id)
        if office and office.ended(now) and actor.office in directory.heirs(id, now):
            check_reports(office in higher(directory))
            return office
        return self.own(actor, id)

    def own(self, actor: Actor, id: str, what: str = "月报") -> Office:
        """An office reports for itself. Raises Problem 404, 403."""
        directory = self.directory.get()
        office = directory.get(id)
        if office is None:
            raise not_found("此单位", "such office")
        check_reports(office in higher(directory))
        if not is_own(actor, id):
            raise Problem(
                403, "not-your-office", f"{what}由各单位自己编制。", "An office reports for itself."
            )
        return office

    def do(self, request: Any, work: Callable[[Unit, Actor], dict[str, Any]]) -> dict[str, Any]:
        return self.commands_on_return.create(request, lambda unit, _, actor: work(unit, actor), {})


def is_own(actor: Actor, office: str) -> bool:
    """Whether an office is the reader's own; the command line's are all."""
    return actor.kind == "tool" or actor.office == office


def build(settings: Settings) -> Stats:
    """The app of one stats process."""
    return Stats.build(settings, MODEL)
