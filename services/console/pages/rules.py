"""分流规则: which office answers for what, tried before it is believed; and the directory and the rules as files."""

from __future__ import annotations

from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from console import words
from console.app import Console
from console.files import format_of, handed, taken_over
from console.forms import new_key
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/rules"
KEEPERS = identity.TRIAGE | identity.ADMIN
LARGEST = 1 << 20
"""Bytes of an upload; a thousand offices have 200 KB."""


class RulePages:
    """分流规则."""

    app: Console

    @page("GET", URL, scope=identity.STAFF)
    def rules(self, request: Request) -> Response:
        """Every rule with what became of it, and a question to try them with."""
        return show(Visit(self.app, request))

    @page("POST", URL, scope=KEEPERS, limit=LARGEST)
    def take_rules(self, request: Request) -> Response:
        """Takes the site's rules over from a file."""
        visit = Visit(self.app, request)
        fault = take(visit, "rules")
        return show(visit, {"rules": fault}, 422) if fault else visit.go(URL, done="rules")

    @page("GET", f"{URL}/file", scope=identity.STAFF)
    def rules_file(self, request: Request) -> Response:
        """The rules as a spreadsheet."""
        visit = Visit(self.app, request)
        return download(visit, "rules") or show(visit, status=visit.failed)


def take(visit: Visit, what: str) -> str:
    """Takes the uploaded file over. Returns what is wrong with it, "" where nothing is."""
    answer, fault = taken_over(visit, partial(visit.calls.take_file, what))
    visit.app.lists.forget()
    return "" if answer else fault or "没有导入。"


def download(visit: Visit, what: str) -> Response | None:
    """The directory or the rules as a file; None, and a notice, where it cannot be had."""
    return handed(visit, lambda: visit.calls.file(what, format_of(visit)))


def show(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    """The page of rules."""
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    asked = {name: visit.query(name) for name in ("division", "category", "level", "about", "on")}
    answer: dict[str, Any] | None = None
    if any(asked.values()):
        answer = visit.part(lambda: visit.calls.competence(asked))
    found = visit.part(visit.calls.rules) or {"rules": [], "tallies": [], "version": 0}
    return visit.page(
        "rules.html",
        status,
        found=found,
        tallies={row["rule"]: row for row in found["tallies"] if row["step"] == "office"},
        own={rule["id"] for rule in found["rules"]},
        asked=asked,
        answer=answer,
        errors=errors or {},
        keeps=not visit.officer.roles.isdisjoint({"triage", "admin"}),
        key=new_key(),
    )
