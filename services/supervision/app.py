"""Supervision's parts beyond what every service has."""

from __future__ import annotations

from dataclasses import dataclass

from kit.app import App
from kit.commands import Commands
from kit.config import Settings
from supervision.store import MODEL, VISIBLE, Case


@dataclass
class Supervision(App):
    """Supervision's process."""

    def __post_init__(self) -> None:
        self.commands_on_case: Commands = self.commands(Case, VISIBLE)


def build(settings: Settings) -> Supervision:
    """The app of one supervision process."""
    return Supervision.build(settings, MODEL)
