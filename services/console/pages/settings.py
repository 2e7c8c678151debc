"""期限和工作日历: what the law sets, what the site sets itself, and the days on which offices work."""

from __future__ import annotations

from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from console import words
from console.app import Console
from console.files import taken_over
from console.forms import new_key
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/settings"
KEEPERS = identity.TRIAGE | identity.ADMIN
LARGEST = 256 << 10
"""Bytes of an upload; a hundred years of days have 60 KB."""


class SettingsPages:
    """What holds for the whole site."""

    app: Console

    @page("GET", URL, scope=identity.STAFF)
    def settings(self, request: Request) -> Response:
        """Every limit with its ground, and the days of a year that are not what their weekday says."""
        return _show(Visit(self.app, request))

    @page("POST", f"{URL}/limits", scope=KEEPERS, limit=LARGEST)
    def put_limits(self, request: Request) -> Response:
        """Takes the site's own limits over from a file."""
        return _take(Visit(self.app, request), "limits")

    @page("POST", f"{URL}/calendar", scope=KEEPERS, limit=LARGEST)
    def put_days(self, request: Request) -> Response:
        """Takes holidays and make-up working days over from a file."""
        return _take(Visit(self.app, request), "calendar")


def _take(visit: Visit, what: str) -> Response:
    answer, fault = taken_over(visit, partial(visit.calls.take, what))
    if answer is None:
        return _show(visit, {what: fault}, 422)
    return visit.go(URL, done=what if answer["taken"] else "same")


def _show(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    asked = visit.query("year")
    year = int(asked) if asked.isdecimal() and 2004 <= int(asked[:5]) <= 2100 else visit.today.year
    limits: list[dict[str, Any]] = visit.part(visit.calls.limits) or []
    return visit.page(
        "settings.html",
        status,
        limits=limits,
        calendar=visit.part(lambda: visit.calls.calendar(year)),
        errors=errors or {},
        keeps=not visit.officer.roles.isdisjoint({"triage", "admin"}),
        key=new_key(),
    )
