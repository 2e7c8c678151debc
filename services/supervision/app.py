"""Supervision's parts beyond what every service has."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kit.app import App
from kit.commands import Commands, audit_row
from kit.config import Settings
from kit.identity import Actor
from kit.inbox import Handler
from kit.unit import Unit
from supervision import templates
from supervision.calendars import CalendarCache
from supervision.means import Means
from supervision.store import MODEL, VISIBLE, Case
from supervision.subscriptions import subscriptions

Step = Callable[[Unit, Case, dict[str, Any], Actor, Means], dict[str, Any]]


@dataclass
class Supervision(App):
    """Supervision's process."""

    def __post_init__(self) -> None:
        self.commands_on_case: Commands = self.commands(Case, VISIBLE)
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

    def put_template(self, request: Any, kind: str, content: str) -> int:
        """Takes an office's own form over, in one transaction with its audit row and the job that tries it."""
        try:
            raw = b64decode(content, validate=True)
        except ValueError:
            raise templates.unfit("文件编码有误。", "This is no base64.") from None
        with self.database.unit(self.model) as unit:
            office = request.actor.office or ""
            version = templates.put(unit, office, kind, raw, request.actor)
            unit.audit(audit_row(unit, request, kind))
        return version

    def subscriptions(self) -> dict[str, Handler]:
        """The subscriptions with the calendar in force."""
        return subscriptions(self.calendar.get)


def build(settings: Settings) -> Supervision:
    """The app of one supervision process."""
    return Supervision.build(settings, MODEL)
