"""My desk, the list of cases, and the triage desk."""

from __future__ import annotations

from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from console import listing, words
from console.app import Console
from console.listing import Filters
from console.visit import Visit
from kit import identity
from kit.http import Request, page

DUTIES = 12
"""Open duties shown on the desk; the list has them all."""


class DeskPages:
    """What waits for whom."""

    app: Console

    @page("GET", "/office", scope=identity.STAFF)
    def front(self, request: Request) -> Response:
        """Where an officer's day begins."""
        visit = Visit(self.app, request)
        if visit.only_administers:
            return visit.go("/office/figures")
        return visit.go("/office/desk")

    @page("GET", "/office/desk", scope=identity.STAFF)
    def desk(self, request: Request) -> Response:
        """Counts by step and light, duties by due date, the newest cases."""
        visit = Visit(self.app, request)
        if done := words.DONE.get(visit.query("done")):
            visit.notice("done", done)
        filters = Filters()
        desk = visit.part(visit.calls.desk)
        duties = desk["duties"][:DUTIES] if desk else []
        found = visit.part(lambda: listing.read(visit, filters))
        titles = listing.titles(visit, [d["number"] for d in duties], found)
        return visit.page(
            "desk.html",
            region=_region(visit),
            desk=desk,
            duties=duties,
            found=found,
            filters=filters,
            titles=titles,
        )

    @page("GET", "/office/cases", scope=identity.STAFF)
    def cases(self, request: Request) -> Response:
        """The list of cases, by filters that may stand in an address."""
        visit = Visit(self.app, request)
        return _list(visit, Filters.from_address(visit.query))

    @page("POST", "/office/cases", scope=identity.STAFF)
    def search(self, request: Request) -> Response:
        """The list by what people wrote or who they are: never in an address."""
        visit = Visit(self.app, request)
        visit.check()
        filters = Filters.from_form(visit.text)
        if not filters.personal:
            return visit.go("/office/cases", **filters.address())
        return _list(visit, filters)

    @page("GET", "/office/triage", scope=identity.TRIAGE)
    def triage(self, request: Request) -> Response:
        """Petitions for which a person must choose."""
        visit = Visit(self.app, request)
        if done := words.DONE.get(visit.query("done")):
            visit.notice("done", done)
        after = visit.query("after")
        found: dict[str, Any] | None = visit.part(lambda: visit.calls.triage(after or None))
        matters = found["matters"] if found else []
        numbers = [matter["number"] for matter in matters]
        titles = listing.titles(visit, numbers, None)
        due = visit.part(lambda: listing.forward_due(visit, numbers)) or {}
        return visit.page("triage.html", found=found, titles=titles, due=due, after=after)


def _region(visit: Visit) -> dict[str, int]:
    """For those who supervise: how many cases of all offices show which light."""
    if not visit.may("supervisor"):
        return {}
    found = {light: visit.part(partial(listing.count, visit, light)) for light in ("red", "yellow")}
    return {light: n for light, n in found.items() if n is not None}


def _list(visit: Visit, filters: Filters) -> Response:
    found = visit.part(lambda: listing.read(visit, filters))
    titles = listing.titles(visit, [], found)
    return visit.page("cases.html", found=found, filters=filters, titles=titles)
