"""文书: given on the page of a petition, listed by number in the register of papers; and the forms of an office, on
which papers and reports are printed."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from urllib.parse import quote

from werkzeug.wrappers import Response

from console import files, words
from console.app import Console
from console.forms import new_key
from console.pages.case import URL, show, step
from console.visit import Visit
from kit import identity
from kit.http import Request, page

FORMS = "/office/templates"
_REPORTS = {*words.REPORT_KINDS, "workbook", "bulletin"}
"""Forms that stats prints on."""
LARGEST_FORM = 1 << 20
"""Bytes of the upload; supervision says how large a form may be."""


class PaperPages:
    """Papers and their forms."""

    app: Console

    @page("POST", f"{URL}/papers", scope=identity.STAFF)
    def issue(self, request: Request, number: str) -> Response:
        """出具: the next number of its kind; the file is there some seconds later."""
        visit = Visit(self.app, request)
        visit.check()
        sent = {"kind": visit.text("kind"), "about": visit.text("about") or None}
        sent["note"] = visit.text("note") or None
        return step(visit, number, "paper", lambda: visit.calls.step(
            "supervision", f"/cases/{quote(number, safe='')}/papers", sent, visit.text("key"), visit.text("seen")
        ))  # fmt: skip

    @page("POST", f"{URL}/papers/<int:ordinal>/voiding", scope=identity.STAFF)
    def void(self, request: Request, number: str, ordinal: int) -> Response:
        """作废: the number stays taken."""
        visit = Visit(self.app, request)
        visit.check()
        sent = {"cause": visit.text("cause")}
        path = f"/cases/{quote(number, safe='')}/papers/{ordinal}/voiding"
        return step(visit, number, "voided", lambda: visit.calls.step(
            "supervision", path, sent, visit.text("key"), visit.text("seen")
        ))  # fmt: skip

    @page("GET", f"{URL}/papers/<int:ordinal>", scope=identity.STAFF)
    def paper(self, request: Request, number: str, ordinal: int) -> Response:
        """The printed paper."""
        visit = Visit(self.app, request)
        return files.handed(visit, lambda: visit.calls.paper(number, ordinal)) or show(
            visit, number, status=visit.failed
        )

    @page("GET", "/office/papers", scope=identity.STAFF)
    def papers(self, request: Request) -> Response:
        """文书登记簿: every number of a kind and year of the officer's office, voided ones too."""
        visit = Visit(self.app, request)
        asked = {
            "kind": visit.query("kind") or "acceptance",
            "year": visit.query("year") or str(visit.today.year),
            "before": visit.query("before"),
        }
        wanted = {name: value for name, value in asked.items() if value}
        found = visit.part(lambda: visit.calls.papers(wanted))
        return visit.page("papers.html", asked=asked, found=found)

    # -- forms -------------------------------------------------------------------------------------

    @page("GET", FORMS, scope=identity.STAFF)
    def paper_forms(self, request: Request) -> Response:
        """模板: which form each kind of paper is printed on."""
        return _forms(Visit(self.app, request))

    @page("GET", f"{FORMS}/<kind>", scope=identity.STAFF)
    def paper_form(self, request: Request, kind: str) -> Response:
        """The form in use, to be changed in a word processor."""
        visit = Visit(self.app, request)
        service, shipped = _service(kind), visit.query("shipped") == "true"
        sent = files.handed(visit, lambda: visit.calls.form(service, kind, shipped))
        return sent or _forms(visit, visit.failed)

    @page("POST", f"{FORMS}/<kind>", scope=identity.HEAD, limit=LARGEST_FORM)
    def put_form(self, request: Request, kind: str) -> Response:
        """Puts an office's own form in the place of the one in use."""
        visit = Visit(self.app, request)
        visit.check()
        upload = request.files.get("files")
        content = b64encode(upload.read() if upload else b"").decode()
        done, _ = visit.done(
            lambda: visit.calls.put_form(_service(kind), kind, content, visit.text("key"))
        )
        return visit.go(FORMS, done="form") if done else _forms(visit, 422)

    @page("POST", f"{FORMS}/<kind>/ending", scope=identity.HEAD)
    def end_form(self, request: Request, kind: str) -> Response:
        """Gives the office's own form up."""
        visit = Visit(self.app, request)
        visit.check()
        done, _ = visit.done(lambda: visit.calls.end_form(_service(kind), kind, visit.text("key")))
        return visit.go(FORMS, done="form-ending") if done else _forms(visit, 422)


def _service(kind: str) -> str:
    """Whose form it is: a report's, or a paper's."""
    return "stats" if kind in _REPORTS else "supervision"


def _forms(visit: Visit, status: int = 200) -> Response:
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    found = {
        title: visit.part(partial(visit.calls.forms, service)) or []
        for service, title in (("supervision", "文书"), ("stats", "报告、简报"))
    }
    return visit.page("templates.html", status, found=found, key=new_key())
