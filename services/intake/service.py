"""The register as a nameko service: one container a role. No decisions here."""

from __future__ import annotations

from contracts.flows import sources_of
from intake.api import Api
from intake.app import build
from intake.store import MODEL
from intake.subscriptions import SUBSCRIPTIONS
from kit.app import AppProvider
from kit.consumer import Delivery, apply_batch, consume
from kit.housekeeping import Housekeeper
from kit.http import Ops
from kit.relay import RelayProvider


class Web(Api, Ops):
    """HTTP."""

    name = "intake.web"
    app = AppProvider()


class Worker:
    """Applies other services' events."""

    name = "intake.worker"
    app = AppProvider()

    @consume("intake", *sources_of("intake"))
    def events(self, batch: list[Delivery]) -> None:
        apply_batch(self.app.database, MODEL, SUBSCRIPTIONS, batch)


class Relay:
    """The only publisher."""

    name = "intake.relay"
    relay = RelayProvider(MODEL)


class Clock:
    """Chains the audit log, forgets old keys."""

    name = "intake.clock"
    keeper = Housekeeper(MODEL)


ROLES = {"web": Web, "worker": Worker, "relay": Relay, "clock": Clock}
__all__ = ["ROLES", "build"]
