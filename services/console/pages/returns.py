"""月报: an office's return of a month, and the county's as the sum of its offices'."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from werkzeug.wrappers import Response

from console import tables, words
from console.app import Console
from console.files import format_of, spreadsheet
from console.forms import new_key
from console.pages.statistics import period
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/returns"


class ReturnPages:
    """月报."""

    app: Console

    @page("GET", URL, scope=identity.STAFF)
    def returns(self, request: Request) -> Response:
        """The county's return of a month: the sum, each office's, and who has not reported."""
        visit = Visit(self.app, request)
        month = _month(visit)
        found = visit.part(lambda: visit.calls.returns(month))
        return _everybody(visit, month, found)

    @page("GET", f"{URL}/file", scope=identity.STAFF)
    def returns_file(self, request: Request) -> Response:
        """The same month as a table: a row for each office that existed in it, and the sum."""
        visit = Visit(self.app, request)
        month, format_ = _month(visit), format_of(visit)
        found = visit.part(lambda: visit.calls.returns(month))
        if found is None:
            return _everybody(visit, month, None, 503)
        return spreadsheet(
            tables.returns(found, visit.lists, format_), f"returns-{month[:7]}", format_
        )

    @page("GET", f"{URL}/sum", scope=identity.STAFF)
    def returns_sum(self, request: Request) -> Response:
        """The returns of a month, quarter, half-year or year in one, against the year before."""
        visit = Visit(self.app, request)
        kind, office = visit.query("kind"), visit.query("office")
        asked = {"kind": kind if kind in words.WHOLE_MONTHS else "year", "office": office,
                 "on": visit.query("on") or str(visit.today)}  # fmt: skip
        query = {"period": period(asked["kind"], asked["on"], "")}
        found, errors = visit.done(
            lambda: visit.calls.returns_sum(query | ({"office": office} if office else {}))
        )
        return visit.page("returns_sum.html", asked=asked, errors=errors, found=found)

    @page("GET", f"{URL}/<office>", scope=identity.STAFF)
    def monthly_return(self, request: Request, office: str) -> Response:
        """One office's return."""
        return _show(Visit(self.app, request), office)

    @page("POST", f"{URL}/<office>", scope=identity.CLERK | identity.HEAD | identity.TRIAGE)
    def step(self, request: Request, office: str) -> Response:
        """编制, 更正 or 签发."""
        visit = Visit(self.app, request)
        visit.check()
        name = visit.text("step")
        body = {"month": _month(visit)} | _said(visit, name)
        answer, errors = visit.done(
            lambda: visit.calls.return_step(office, name, body, visit.text("key"))
        )
        if answer is None:
            return _show(visit, office, errors, 422)
        return visit.go(f"{URL}/{office}", month=_month(visit), done=f"return-{name}")


def _said(visit: Visit, name: str) -> dict[str, Any]:
    if name == "signature":
        return {"version": visit.whole("version"), "confirmed": visit.text("confirmed") == "yes"}
    if name != "correction":
        return {}
    return {name: visit.text(name) for name in ("item", "reason")} | {"value": visit.whole("value")}


def _show(
    visit: Visit, office: str, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    month = _month(visit)
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    whole = visit.part(lambda: visit.calls.returns(month))
    drawn = (
        any(row["office"] == office and row["state"] for row in whole["returns"])
        if whole
        else False
    )
    found = visit.part(lambda: visit.calls.monthly_return(office, month)) if drawn else None
    return visit.page(
        "return.html",
        status,
        office=office,
        month=month,
        whole=whole,
        items=whole["items"] if whole else [],
        found=found,
        signer=_signer(visit, found),
        own=visit.officer.office == office,
        for_it=office in visit.lists.predecessors(visit.officer.office),
        errors=errors or {},
        typed=visit.request.form,
        key=new_key(),
        **_around(month),
    )


def _signer(visit: Visit, found: dict[str, Any] | None) -> str:
    """Who signed it, by post and login; nothing where it was no account of here."""
    account = found["signed_by"] if found else None
    return (visit.app.titled(account) or "") if account else ""


def _month(visit: Visit) -> str:
    """The month that is asked for, by its first day; the last one where none is."""
    asked = visit.text("month") or visit.query("month")
    try:
        return date.fromisoformat(asked).replace(day=1).isoformat()
    except ValueError:
        return _before(visit.today.replace(day=1)).isoformat()


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _everybody(
    visit: Visit, month: str, found: dict[str, Any] | None, status: int = 200
) -> Response:
    gone = visit.lists.predecessors(visit.officer.office)
    return visit.page("returns.html", status, month=month, found=found, gone=gone, **_around(month))


def _around(month: str) -> dict[str, Any]:
    """The months before and after."""
    first = date.fromisoformat(month)
    return {"earlier": _beside(first, -1), "later_month": _beside(first, 31)}


def _beside(first: date, days: int) -> str:
    """The month so many days off; none where the calendar ends."""
    try:
        return (first + timedelta(days)).replace(day=1).isoformat()
    except OverflowError:
        return ""
