"""The console as a nameko service: one container a role. No decisions here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventlet import tpool
from eventlet.semaphore import Semaphore
from nameko.extensions import DependencyProvider

from console.app import build
from console.clock import Sweeper
from console.gate import Gate
from console.pages import Pages
from console.passwords import give_back_large_blocks
from console.store import MODEL
from kit.app import AppProvider
from kit.housekeeping import Housekeeper
from kit.http import Ops
from kit.relay import RelayProvider

HASHERS = 2
"""Passwords that are looked at together, 16 MB each; the others wait their turn."""


class GateProvider(DependencyProvider):  # type: ignore[misc]
    """Puts the gate before the pages, and hashing into threads: it would stop every greenthread."""

    def setup(self) -> None:
        app = self.container.config["APP"]
        give_back_large_blocks()
        turn = Semaphore(HASHERS)

        def hashing(matches: Callable[[str, str], bool], *arguments: str) -> bool:
            with turn:
                return bool(tpool.execute(matches, *arguments))

        app.hashing = hashing
        self.container.config["PAGE_AUTHENTICATOR"] = Gate(app)

    def get_dependency(self, worker_ctx: Any) -> None:
        return None


class Web(Pages, Ops):
    """Pages."""

    name = "console.web"
    app = AppProvider()
    gate = GateProvider()


class Relay:
    """The only publisher."""

    name = "console.relay"
    relay = RelayProvider(MODEL)


class Clock:
    """Keeps house, forgets sessions."""

    name = "console.clock"
    keeper = Housekeeper(MODEL)
    sweeper = Sweeper()


ROLES = {"web": Web, "relay": Relay, "clock": Clock}
__all__ = ["ROLES", "build"]
