"""Stats' routes."""

from __future__ import annotations

from typing import Any

from kit import clock, identity
from kit.app import App
from kit.http import Request, route
from stats import queries, schemas

STAFF = identity.STAFF | identity.TOOL


class Api:
    """Figures over HTTP."""

    app: App

    @route("GET", "/figures/today", out=schemas.TodayOut, scope=STAFF)
    def today(self, request: Request) -> dict[str, Any]:
        """Today's figures."""
        with self.app.database.reading() as connection:
            return queries.today(
                connection, self.app.reach(request.actor), clock.local_date(clock.now())
            )

    @route("GET", "/counts", query=schemas.CountsQuery, out=schemas.CountsOut, scope=STAFF)
    def counts(self, request: Request) -> dict[str, Any]:
        """Counts by day, office, division, channel and type."""
        with self.app.database.reading() as connection:
            return queries.counts(connection, self.app.reach(request.actor), request.query)
