"""接待: sessions planned, held and followed up; the petitions that they brought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from console import listing, words
from console.app import Console
from console.forms import new_key
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/receptions"
PARTS = 6
"""Offices taking part that the form has room for."""
PLAN = ("kind", "day", "hours", "place", "receivers", "note")


class ReceptionPages:
    """Reception sessions."""

    app: Console

    @page("GET", "/receptions", scope=identity.PUBLIC)
    def reception_days(self, request: Request) -> Response:
        """公示: who receives when and where (信访工作条例 Art. 18); nothing of a petitioner."""
        visit = Visit(self.app, request)
        found = visit.part(visit.calls.reception_days) or []
        return visit.page("reception_days.html", sessions=found)

    @page("GET", URL, scope=identity.STAFF)
    def receptions(self, request: Request) -> Response:
        """The sessions of the officer's office, and the form for a new one."""
        return _all(Visit(self.app, request))

    @page("POST", URL, scope=identity.CLERK)
    def plan_reception(self, request: Request) -> Response:
        """安排接待."""
        visit = Visit(self.app, request)
        visit.check()
        answer, errors = visit.done(lambda: visit.calls.plan(_plan(visit), visit.text("key")))
        if answer is None:
            return _all(visit, errors, 422)
        return visit.go(f"{URL}/{answer['number']}", done="reception")

    @page("GET", f"{URL}/<number>", scope=identity.STAFF)
    def reception(self, request: Request, number: str) -> Response:
        """One session, with its petitions."""
        return _one(Visit(self.app, request), number)

    @page("POST", f"{URL}/<number>", scope=identity.CLERK)
    def change_reception(self, request: Request, number: str) -> Response:
        """更改安排、公示、取消."""
        visit = Visit(self.app, request)
        body, key, seen = _plan(visit), visit.text("key"), visit.text("seen")
        return _done(visit, number, "plan", lambda: visit.calls.change(number, body, key, seen))

    @page("POST", f"{URL}/<number>/entries", scope=identity.CLERK)
    def record_reception(self, request: Request, number: str) -> Response:
        """接待登记: a petition that was brought, and what was agreed."""
        visit = Visit(self.app, request)
        body = {
            "reception": number,
            "agreement": visit.text("agreement") or None,
            "promised_on": visit.text("promised_on") or None,
        }
        brought, key = visit.text("number"), visit.text("key")
        return _done(
            visit, number, "entry", lambda: visit.calls.receive(brought, body, f"{key}-{brought}")
        )

    @page("POST", f"{URL}/<number>/follow-up", scope=identity.CLERK)
    def follow_up_reception(self, request: Request, number: str) -> Response:
        """回访."""
        visit = Visit(self.app, request)
        body = {
            "reception": number,
            "kept": {"yes": True, "no": False}.get(visit.text("kept")),
            "text": visit.text("text") or None,
        }
        brought, key = visit.text("number"), visit.text("key")
        return _done(
            visit, number, brought,
            lambda: visit.calls.follow_up(brought, body, f"{key}-{brought}"),
        )  # fmt: skip


def _done(visit: Visit, number: str, tried: str, command: Callable[[], dict[str, Any]]) -> Response:
    """One command on a session's page: the page anew, or with what is wrong."""
    visit.check()
    answer, errors = visit.done(command)
    if answer is None:
        return _one(visit, number, errors, 422, tried)
    return visit.go(f"{URL}/{number}", done="reception")


def _all(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    found = visit.part(visit.calls.receptions) or []
    empty = dict.fromkeys(PLAN, "") | {"offices": [], "published": False, "cancelled": False}
    return visit.page(
        "receptions.html",
        status,
        sessions=found,
        plan=_plan(visit) if errors is not None else empty,
        parts=PARTS,
        errors=errors or {},
        key=visit.text("key") or new_key(),
    )


def _one(
    visit: Visit,
    number: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
    tried: str = "",
) -> Response:
    """The page of a session.

    Args:
        tried: the form that was refused: `plan`, `entry`, or the number of the petition followed up.
    """
    found = visit.part(lambda: visit.calls.reception(number))
    if found is None:
        return visit.page("reception.html", 404 if status == 200 else status, session=None)
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    session = found["reception"]
    return visit.page(
        "reception.html",
        status,
        session=session,
        entries=found["entries"],
        titles=listing.titles(visit, [entry["number"] for entry in found["entries"]], None),
        seen=found["sequence"],
        plan=_plan(visit) if tried == "plan" else session,
        parts=PARTS,
        is_host=visit.may("clerk") and session["host"] == visit.officer.office,
        is_held=session["day"] <= str(visit.today),
        tried=tried,
        errors=errors or {},
        key=visit.text("key") or new_key(),
        here=f"{URL}/{number}",
    )


def _plan(visit: Visit) -> dict[str, Any]:
    """The form of a session, as the register takes it."""
    body: dict[str, Any] = {name: visit.text(name) or None for name in PLAN}
    offices = [visit.text(f"offices.{i}") for i in range(PARTS)]
    body["offices"] = [office for office in offices if office]
    return body | {name: visit.text(name) == "yes" for name in ("published", "cancelled")}
