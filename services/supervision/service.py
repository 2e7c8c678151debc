"""Supervision as a nameko service: one container a role. No decisions here."""

from __future__ import annotations

from contracts.flows import sources_of
from kit.app import AppProvider
from kit.consumer import Delivery, apply_batch, consume
from kit.housekeeping import Housekeeper
from kit.http import Ops
from kit.relay import RelayProvider
from kit.scanner import DueScanner
from supervision.api import Api
from supervision.app import build
from supervision.duties import fire
from supervision.store import MODEL


class Web(Api, Ops):
    """HTTP."""

    name = "supervision.web"
    app = AppProvider()


class Worker:
    """Applies other services' events."""

    name = "supervision.worker"
    app = AppProvider()

    @consume("supervision", *sources_of("supervision"))
    def events(self, batch: list[Delivery]) -> None:
        apply_batch(self.app.database, MODEL, self.app.subscriptions(), batch)


class Relay:
    """The only publisher."""

    name = "supervision.relay"
    relay = RelayProvider(MODEL)


class Clock:
    """Tells what comes near and what is overdue; keeps house."""

    name = "supervision.clock"
    scanner = DueScanner(MODEL, fire)
    keeper = Housekeeper(MODEL)


ROLES = {"web": Web, "worker": Worker, "relay": Relay, "clock": Clock}
__all__ = ["ROLES", "build"]
