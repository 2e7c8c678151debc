"""Registration at the counter (登记)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from console import files
from console.app import Console
from console.forms import Registration
from console.pages.places import located
from console.pages.public import submit
from console.visit import FORM_EXPIRED, Visit
from kit import identity
from kit.http import Request, page


class RegisterPages:
    """The registration form and its slip."""

    app: Console

    @page("GET", "/office/register", scope=identity.CLERK)
    def form(self, request: Request) -> Response:
        """An empty form."""
        visit = Visit(self.app, request)
        fresh = Registration.fresh(
            channel=visit.query("channel") or "visit", received_on=str(visit.today), type="request"
        )
        return visit.page("register.html", form=fresh)

    @page("POST", "/office/register", scope=identity.CLERK, limit=files.FORM_LIMIT)
    def registered(self, request: Request) -> Response:
        """Registers: a slip, or the form again with what is wrong.

        A form of an earlier session is shown again as it was typed, so that nothing is lost.
        """
        visit = Visit(self.app, request)
        form = Registration.read(request.form)
        if visit.text("action") == "add-person":
            form.add_person()
            return visit.page("register.html", form=form)
        if not visit.form_is_ours:
            visit.notice("error", FORM_EXPIRED)
            return visit.page("register.html", 403, form=form)
        if chosen := visit.text("place"):
            form.values["division"] = chosen
        if chosen or visit.text("action") == "locate":
            return _located(visit, form)
        if visit.text("action") == "suggest":
            return _suggested(visit, form)
        if chosen := visit.text("take"):
            form.values["category"] = chosen
            return _suggested(visit, form)
        return submit(
            visit, form, "register.html", "slip.html",
            lambda answer: _then(visit, answer["number"], form.key),
        )  # fmt: skip


def _located(visit: Visit, form: Registration) -> Response:
    """The form as it was typed, with the places that its text may mean (识别属地)."""
    if not form.values["text"]:
        errors = {"text": "请先填写内容，再点“识别属地”。"}
        return visit.page("register.html", 422, form=form, errors=errors)
    found = located(visit, form)
    return visit.page("register.html", form=form, located=found, chosen=form.values["division"])


def _suggested(visit: Visit, form: Registration) -> Response:
    """The form as it was typed, with the categories that its text seems to be about (建议分类)."""
    if not (text := form.values["text"]):
        errors = {"text": "请先填写内容，再点“建议分类”。"}
        return visit.page("register.html", 422, form=form, errors=errors)
    found = visit.part(lambda: visit.calls.suggestions(text, form.values["type"] or None))
    return visit.page("register.html", form=form, suggested=found)


def _then(visit: Visit, number: str, key: str) -> None:
    """What came with it: files, and the reception session that it was brought to."""
    files.keep(visit, number, key)
    if session := visit.text("reception"):
        body = {"reception": session}
        visit.done(lambda: visit.calls.receive(number, body, f"{key}-reception"))
