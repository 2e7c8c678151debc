"""Calls to the four services, each under the token of whoever is at the page.

Everything sent is a reading or carries an Idempotency-Key, so one broken connection is tried again.
"""

from __future__ import annotations

from console.client.intake import Intake
from console.client.network import Down as Down
from console.client.network import Download as Download
from console.client.network import Http as Http
from console.client.network import Network as Network
from console.client.network import Refusal as Refusal
from console.client.routing import Routing
from console.client.stats import Stats
from console.client.supervision import Supervision


class Calls(Intake, Routing, Supervision, Stats):
    """The services' routes as methods, on behalf of one actor.

    `key` is the Idempotency-Key of a command, `seen` what its caller has seen (`routing:5 intake:3`).
    """
