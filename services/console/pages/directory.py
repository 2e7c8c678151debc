"""The directory of offices for those who keep it: bodies that are split, merged or abolished."""

from __future__ import annotations

from werkzeug.wrappers import Response

from console import accounts, words
from console.app import Console
from console.forms import new_key
from console.pages.rules import LARGEST, download, take
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/directory"
SUCCESSORS = 3
"""Successors that the form has room for."""


class DirectoryPages:
    """机构."""

    app: Console

    @page("GET", URL, scope=identity.TRIAGE | identity.ADMIN)
    def offices(self, request: Request) -> Response:
        """The bodies that were abolished, and the form that ends one."""
        return _show(Visit(self.app, request))

    @page("POST", URL, scope=identity.TRIAGE | identity.ADMIN)
    def abolish(self, request: Request) -> Response:
        """撤销: the body ends; its officers belong to its successor, where there is one."""
        visit = Visit(self.app, request)
        visit.check()
        office = visit.text("office")
        heirs = [heir for i in range(SUCCESSORS) if (heir := visit.text(f"successors.{i}"))]
        if not office:
            return _show(visit, {"office": "请选择单位。"}, 422)
        body = {"on": visit.text("on") or None, "successors": heirs}
        answer, errors = visit.done(lambda: visit.calls.abolish(office, body, visit.text("key")))
        if answer is None:
            return _show(visit, errors, 422)
        if len(heirs) == 1:
            officers = [row.id for row in self.app.staff([office])]
            accounts.move(self.app.database, self.app.model, officers, heirs[0])
        self.app.lists.forget()
        return visit.go("/office/directory", done="abolish")

    @page("GET", f"{URL}/file", scope=identity.STAFF)
    def offices_file(self, request: Request) -> Response:
        """The directory as a spreadsheet."""
        visit = Visit(self.app, request)
        return download(visit, "offices") or _show(visit, status=visit.failed)

    @page("POST", f"{URL}/file", scope=identity.TRIAGE | identity.ADMIN, limit=LARGEST)
    def take_offices(self, request: Request) -> Response:
        """Takes offices over from a file."""
        visit = Visit(self.app, request)
        fault = take(visit, "offices")
        return _show(visit, {"files": fault}, 422) if fault else visit.go(URL, done="offices")


def _show(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    ended = [office for office in visit.lists.offices.values() if office["valid_to"]]
    return visit.page(
        "directory.html",
        status,
        ended=ended,
        errors=errors or {},
        typed=visit.request.form,
        key=visit.text("key") or new_key(),
    )
