"""属地: what a text says of its place while it is written; and the names that the site keeps itself (本地别名)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from console import words
from console.app import Console
from console.forms import Registration, new_key
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/aliases"
KEEPERS = identity.TRIAGE | identity.ADMIN


class PlacePages:
    """地名."""

    app: Console

    @page("POST", "/office/register/places", scope=identity.CLERK)
    def places(self, request: Request) -> Response:
        """What the text that is being written says of its place, as a piece of the form."""
        visit = Visit(self.app, request)
        visit.check()
        form = Registration.read(request.form)
        found = located(visit, form)
        return visit.page("_places_piece.html", found=found, chosen=form.values["division"])

    @page("GET", URL, scope=identity.STAFF)
    def aliases(self, request: Request) -> Response:
        """Every name that was kept, with its place and its days."""
        return _show(Visit(self.app, request))

    @page("POST", URL, scope=KEEPERS)
    def end_alias(self, request: Request) -> Response:
        """停用: it is not read any more."""
        visit = Visit(self.app, request)
        visit.check()
        body = {"number": visit.text("number"), "name": visit.text("name")}
        answer, _ = visit.done(lambda: visit.calls.end_alias(body, visit.text("key")))
        return visit.go(URL, done="alias") if answer else _show(visit, 422)


def located(visit: Visit, form: Registration) -> dict[str, Any] | None:
    """What the form's text says of its place, each candidate with the words that speak for it."""
    text = form.values["text"]
    if not text or form.values["type"] == "accusation":
        return None  # no machine reads an accusation (Art. 30)
    about = form.values["complained_about"] or None
    found = visit.part(lambda: visit.calls.places(text, about))
    for place in found["candidates"] if found else ():
        place["said"] = [text[begin:end] for begin, end in place["spans"]]
    return found


def _show(visit: Visit, status: int = 200) -> Response:
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    return visit.page(
        "aliases.html",
        status,
        aliases=visit.part(visit.calls.aliases) or [],
        keeps=not visit.officer.roles.isdisjoint({"triage", "admin"}),
        key=new_key(),
    )
