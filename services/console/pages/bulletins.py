"""简报: an office's series, its bulletins by number, and the way of one from the draft to being void."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from console import words
from console.app import Console
from console.files import handed
from console.forms import new_key
from console.pages.statistics import period
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/bulletins"
MAY = identity.CLERK | identity.HEAD | identity.TRIAGE
_STEPS = ("change", "issue", "voiding")


class BulletinPages:
    """Bulletins."""

    app: Console

    @page("GET", URL, scope=identity.STAFF)
    def bulletins(self, request: Request) -> Response:
        """The series of an office, and its bulletins of a year."""
        return _list(Visit(self.app, request))

    @page("POST", f"{URL}/series", scope=MAY)
    def begin_series(self, request: Request) -> Response:
        """A new series."""
        visit = Visit(self.app, request)
        visit.check()
        body = {"series_name": visit.text("series_name")}
        answer, errors = visit.done(lambda: visit.calls.begin_series(body, visit.text("key")))
        return visit.go(URL, done="series") if answer else _list(visit, errors, 422)

    @page("POST", URL, scope=MAY)
    def draft_bulletin(self, request: Request) -> Response:
        """拟稿; or, for a text under way, words about the figures of a period."""
        visit = Visit(self.app, request)
        visit.check()
        if visit.text("step") == "insert":
            return _list(visit, typed=_inserted(visit))
        body = _words(visit) | {"series": visit.whole("series")}
        answer, errors = visit.done(lambda: visit.calls.draft_bulletin(body, visit.text("key")))
        if answer is None:
            return _list(visit, errors, 422)
        return visit.go(f"{URL}/{quote(answer['number'])}", done="bulletin-draft")

    @page("GET", f"{URL}/<id>", scope=identity.STAFF)
    def bulletin(self, request: Request, id: str) -> Response:
        """One bulletin."""
        return _show(Visit(self.app, request), id)

    @page("GET", f"{URL}/<id>/file", scope=identity.STAFF)
    def bulletin_file(self, request: Request, id: str) -> Response:
        """Its file."""
        visit = Visit(self.app, request)
        return handed(visit, lambda: visit.calls.bulletin_file(id)) or _show(
            visit, id, status=visit.failed
        )

    @page("POST", f"{URL}/<id>", scope=MAY)
    def step_bulletin(self, request: Request, id: str) -> Response:
        """修改, 印发 or 作废."""
        visit = Visit(self.app, request)
        visit.check()
        step = visit.text("step")
        if step == "insert":
            return _show(visit, id, typed=_inserted(visit))
        step = step if step in _STEPS else "change"
        body = _said(visit, step)
        answer, errors = visit.done(
            lambda: visit.calls.bulletin_step(id, step, body, visit.text("key"))
        )
        if answer is None:
            return _show(visit, id, errors, 422, visit.request.form)
        return visit.go(f"{URL}/{quote(id)}", done=f"bulletin-{step}")


def _said(visit: Visit, step: str) -> dict[str, Any]:
    if step == "voiding":
        return {"reason": visit.text("reason")}
    seen = {"revision": visit.whole("revision")}
    return seen if step == "issue" else _words(visit) | seen


def _words(visit: Visit) -> dict[str, Any]:
    return {"title": visit.text("title"), "text": visit.text("text")}


def _inserted(visit: Visit) -> dict[str, str]:
    """What was typed, with paragraphs about a period at its end."""
    asked = period(visit.text("kind"), visit.text("on"), "")
    found = visit.part(lambda: visit.calls.narrative(visit.officer.office or "", asked))
    text = "\n".join(filter(None, (visit.text("text"), *(found or ()))))
    return {**visit.request.form, "text": text}


def _list(
    visit: Visit,
    errors: dict[str, str] | None = None,
    status: int = 200,
    typed: Any = None,
) -> Response:
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    root = visit.lists.root
    office = visit.query("office") or visit.officer.office or (root["id"] if root else "")
    found = visit.part(lambda: visit.calls.bulletins(office, visit.year))
    return visit.page(
        "bulletins.html",
        status,
        office=office,
        year=int(visit.year),
        found=found,
        own=visit.officer.office == office,
        typed=typed or visit.request.form,
        errors=errors or {},
        key=new_key(),
    )


def _show(
    visit: Visit,
    id: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
    typed: Any = None,
) -> Response:
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    found = visit.part(lambda: visit.calls.bulletin(id))
    return visit.page(
        "bulletin.html",
        status if found else max(status, 404),
        found=found,
        own=found is not None and visit.officer.office == found["office"],
        typed=typed or {},
        errors=errors or {},
        key=new_key(),
    )
