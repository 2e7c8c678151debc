"""Stats as a nameko service: one container a role. No decisions here."""

from __future__ import annotations

from kit.app import AppProvider
from kit.consumer import Delivery, apply_batch, consume
from kit.housekeeping import Housekeeper
from kit.http import Ops
from kit.relay import RelayProvider
from stats.api import Api
from stats.app import build
from stats.store import MODEL
from stats.subscriptions import SUBSCRIPTIONS


class Web(Api, Ops):
    """HTTP."""

    name = "stats.web"
    app = AppProvider()


class Worker:
    """Counts every event of the site."""

    name = "stats.worker"
    app = AppProvider()

    @consume("stats", "intake")
    def from_intake(self, batch: list[Delivery]) -> None:
        apply_batch(self.app.database, MODEL, SUBSCRIPTIONS, "intake", batch)

    @consume("stats", "routing")
    def from_routing(self, batch: list[Delivery]) -> None:
        apply_batch(self.app.database, MODEL, SUBSCRIPTIONS, "routing", batch)

    @consume("stats", "supervision")
    def from_supervision(self, batch: list[Delivery]) -> None:
        apply_batch(self.app.database, MODEL, SUBSCRIPTIONS, "supervision", batch)


class Relay:
    """Publishes what stats itself announces."""

    name = "stats.relay"
    relay = RelayProvider(MODEL)


class Clock:
    """Keeps house."""

    name = "stats.clock"
    keeper = Housekeeper(MODEL)


ROLES = {"web": Web, "worker": Worker, "relay": Relay, "clock": Clock}
__all__ = ["ROLES", "build"]
