"""Stats as a nameko service: one container a role. No decisions here."""

from __future__ import annotations

from contracts.flows import sources_of
from kit.app import AppProvider
from kit.consumer import Delivery, apply_batch, consume
from kit.housekeeping import Housekeeper
from kit.http import Ops
from kit.relay import RelayProvider
from stats.api import Api
from stats.app import build
from stats.clock import Roller
from stats.store import MODEL


class Web(Api, Ops):
    """HTTP."""

    name = "stats.web"
    app = AppProvider()


class Worker:
    """Counts every event of the site."""

    name = "stats.worker"
    app = AppProvider()

    @consume("stats", *sources_of("stats"))
    def events(self, batch: list[Delivery]) -> None:
        apply_batch(self.app.database, MODEL, self.app.subscriptions(), batch)


class Relay:
    """Publishes what stats itself announces."""

    name = "stats.relay"
    relay = RelayProvider(MODEL)


class Clock:
    """Keeps house, and rolls up what was counted."""

    name = "stats.clock"
    keeper = Housekeeper(MODEL)
    roller = Roller()


ROLES = {"web": Web, "worker": Worker, "relay": Relay, "clock": Clock}
__all__ = ["ROLES", "build"]
