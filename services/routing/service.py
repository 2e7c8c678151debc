"""Routing as a nameko service: one container a role. No decisions here."""

from __future__ import annotations

from contracts.flows import sources_of
from kit.app import AppProvider
from kit.consumer import Delivery, apply_batch, consume
from kit.housekeeping import Housekeeper
from kit.http import Ops
from kit.relay import RelayProvider
from routing.api import Api
from routing.app import build
from routing.locator import Locator
from routing.store import MODEL
from routing.succession import Succession


class Web(Api, Ops):
    """HTTP."""

    name = "routing.web"
    app = AppProvider()


class Worker:
    """Applies other services' events, reads places out of texts."""

    name = "routing.worker"
    app = AppProvider()
    locator = Locator()

    @consume("routing", *sources_of("routing"))
    def events(self, batch: list[Delivery]) -> None:
        apply_batch(self.app.database, MODEL, self.app.subscriptions(), batch)


class Relay:
    """The only publisher."""

    name = "routing.relay"
    relay = RelayProvider(MODEL)


class Clock:
    """Keeps house, and passes on what abolished bodies had."""

    name = "routing.clock"
    keeper = Housekeeper(MODEL)
    app = AppProvider()
    succession = Succession()


ROLES = {"web": Web, "worker": Worker, "relay": Relay, "clock": Clock}
__all__ = ["ROLES", "build"]
