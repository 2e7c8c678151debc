"""Supervision's parts beyond what every service has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kit.app import App
from kit.commands import Commands
from kit.config import Settings
from supervision.store import MODEL, VISIBLE, Case


@dataclass
class Supervision(App):
    """Supervision's process."""

    def __post_init__(self) -> None:
        self.commands_on_case: Commands = self.commands(Case, VISIBLE)

    def with_vault(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that writes what a person said needs the vault to seal it."""
        return lambda unit, row, body, actor: handler(unit, row, body, actor, self.vault)


def build(settings: Settings) -> Supervision:
    """The app of one supervision process."""
    return Supervision.build(settings, MODEL)  # type: ignore[return-value]
