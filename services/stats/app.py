"""Stats' parts: what every service has."""

from __future__ import annotations

from kit.app import App
from kit.config import Settings
from stats.store import MODEL


def build(settings: Settings) -> App:
    """The app of one stats process."""
    return App.build(settings, MODEL)
