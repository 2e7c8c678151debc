"""Supervision's parts beyond what every service has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from kit import clock
from kit.app import App
from kit.commands import Commands, unknown
from kit.config import Settings
from kit.identity import Actor
from kit.inbox import Handler
from kit.unit import Unit
from supervision import handlers
from supervision.calendars import CalendarCache
from supervision.handlers.affairs import PROPOSAL_SERIES, check_about
from supervision.means import Means
from supervision.store import (
    MODEL,
    VISIBLE,
    VISIBLE_AFFAIR,
    Affair,
    Case,
    Claim,
    Holder,
    Mediation,
    Proceeding,
)
from supervision.subscriptions import subscriptions

Step = Callable[[Unit, Case, dict[str, Any], Actor, Means], dict[str, Any]]
T = TypeVar("T")
OrderStep = Callable[[Unit, Holder, dict[str, Any], Actor, Means], dict[str, Any]]


@dataclass
class Supervision(App):
    """Supervision's process."""

    def __post_init__(self) -> None:
        self.commands_on_case: Commands = self.commands(Case, VISIBLE, Claim, Proceeding, Mediation)
        self.commands_on_affair: Commands = self.commands(Affair, VISIBLE_AFFAIR)
        self.calendar = CalendarCache(self.database)

    def means(self) -> Means:
        """What a handler is given beside its unit, as it is now."""
        return Means(self.vault, self.calendar.get(), self.directory.get())

    def step(
        self, request: Any, number: str, handler: Step, body: dict[str, Any]
    ) -> dict[str, Any]:
        """One step of one case, as a command."""
        means = self.means()
        return self.commands_on_case.run(
            request,
            number,
            lambda unit, case, body, actor: handler(unit, case, body, actor, means),
            body,
        )

    def take_settings(
        self, request: Any, body: dict[str, Any], about: str,
        read: Callable[[bytes], list[T]], write: Callable[[Unit, list[T], str], int],
    ) -> dict[str, Any]:  # fmt: skip
        """Takes a file of the site's own limits or days over (`App.take`)."""

        def made(content: bytes) -> tuple[str, Callable[[Unit], int]]:
            found = read(content)
            return about, lambda unit: write(unit, found, body["name"])

        taken = self.take(request, body, made)
        self.calendar.forget()
        return taken

    def order_step(
        self, commands: Commands, request: Any, number: str, round_: str, handler: OrderStep,
        body: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        """One step of one demand, on a case or an affair."""
        if not round_.isascii() or not round_.isdigit() or len(round_) > 6:
            raise unknown(number)
        means, of = self.means(), int(round_)
        return commands.run(
            request,
            number,
            lambda unit, row, body, actor: handler(unit, row, {**body, "round": of}, actor, means),
            body,
        )

    def propose(self, request: Any, body: dict[str, Any]) -> dict[str, Any]:
        """A proposal: an affair with a number of its own."""
        if body["about"]:
            case, _ = self.commands_on_case.view(request.actor, body["about"])
            check_about(case, body["office"])
        means = self.means()

        def named(unit: Unit, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
            year = clock.local_date(unit.now).year
            series = f"{self.settings.site}{PROPOSAL_SERIES}{year}"
            number = f"{series}{unit.count(series):04d}"
            return handlers.propose(unit, number, body, actor, means)

        return self.commands_on_affair.create(request, named, body)

    def subscriptions(self) -> dict[str, Handler]:
        """The subscriptions with the calendar in force."""
        return subscriptions(self.calendar.get)


def build(settings: Settings) -> Supervision:
    """The app of one supervision process."""
    return Supervision.build(settings, MODEL)
