"""The page of one petition, and the steps that can be taken on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from console import seen, words
from console.app import Console
from console.casefile import CaseFile, gather
from console.forms import new_key
from console.visit import Visit
from kit import identity
from kit.http import Request, page
from kit.problems import not_found

URL = "/office/petitions/<number>"
HANDLE = identity.CLERK | identity.HEAD
UNASSIGNED = ("registered", "located")


class CasePages:
    """One petition."""

    app: Console

    @page("GET", URL, scope=identity.STAFF)
    def petition(self, request: Request, number: str) -> Response:
        """State, lights, timeline, people masked, text, opinion, and what can be done now."""
        return show(Visit(self.app, request), number)

    @page("POST", f"{URL}/people", scope=identity.STAFF)
    def people(self, request: Request, number: str) -> Response:
        """The people in clear, for a reason that is logged."""
        visit = Visit(self.app, request)
        visit.check()
        reason = visit.text("reason")
        if not reason:
            return show(visit, number, "people", {"reason": "请填写查看理由。"}, 422)
        found, errors = visit.done(lambda: visit.calls.people(number, reason))
        return show(visit, number, "people", errors, 200 if found else 422, people=found)

    @page("POST", f"{URL}/assign", scope=identity.TRIAGE)
    def assign(self, request: Request, number: str) -> Response:
        """分流: the place where it was chosen anew, then the office."""
        visit = Visit(self.app, request)
        visit.check()
        return step(visit, number, "assign", lambda: _assign(visit, number), "/office/triage")

    @page("POST", f"{URL}/sign", scope=HANDLE)
    def sign(self, request: Request, number: str) -> Response:
        """签收."""
        return _simple(Visit(self.app, request), number, "sign")

    @page("POST", f"{URL}/accept", scope=HANDLE)
    def accept(self, request: Request, number: str) -> Response:
        """受理."""
        return _simple(Visit(self.app, request), number, "accept")

    @page("POST", f"{URL}/answer", scope=HANDLE)
    def answer(self, request: Request, number: str) -> Response:
        """答复: outcome and opinion."""
        return _written(Visit(self.app, request), number, "answer", ("outcome", "opinion"))

    @page("POST", f"{URL}/serve", scope=HANDLE)
    def serve(self, request: Request, number: str) -> Response:
        """送达: method and date."""
        return _written(Visit(self.app, request), number, "serve", ("method", "served_on"))

    @page("POST", f"{URL}/close", scope=HANDLE)
    def close(self, request: Request, number: str) -> Response:
        """办结."""
        return _simple(Visit(self.app, request), number, "close")


def show(
    visit: Visit,
    number: str,
    tried: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
    people: list[dict[str, Any]] | None = None,
) -> Response:
    """The page of a petition.

    Args:
        tried: the form that was refused; it keeps what was typed and its key.
        people: in clear, where they were just asked for.
    """
    file = gather(visit.calls, number, seen.read(visit.query("seen")))
    if not file.known and not file.down:
        raise not_found("此信访件，或您无权查看", "such petition, or it is not yours to see")
    for service in sorted(file.down):
        visit.notice("down", words.SERVICES[service])
    if done := words.DONE.get(visit.query("done")):
        visit.notice("wait" if file.pending else "done", done)
    return visit.page(
        "case.html",
        status,
        file=file,
        steps=possible(visit, file),
        tried=tried,
        typed=visit.request.form,
        errors=errors or {},
        key=visit.text("key") or new_key(),
        people=people,
        shown=bool(people),
        likely=_likely(visit, file),
        here=f"/office/petitions/{number}",
    )


def possible(visit: Visit, file: CaseFile) -> list[str]:
    """The steps that this officer can take now, as the services see it."""
    steps: list[str] = []
    matter, case = file.matter, file.case
    at = matter["petition"]["status"] if matter else ""
    if matter and at in UNASSIGNED and not matter["locating"] and visit.may("triage"):
        steps.append("assign")
    ours = file.known and file.state["office"] == visit.officer.office
    if not (ours and visit.may("clerk", "head")):
        return steps
    if at == "assigned":
        steps.append("sign")
    elif case and case["next_step"]:
        steps.append(case["next_step"])
    return steps


def step(
    visit: Visit, number: str, name: str, command: Callable[[], dict[str, Any]], onward: str = ""
) -> Response:
    """Takes one step: on to the page that shows it, or the same page with what is wrong."""
    answer, errors = visit.done(command)
    if answer is None:
        return show(visit, number, name, errors, 422)
    if onward:
        return visit.go(onward, done=name)
    furthest = seen.merged(visit.text("seen"), answer["sequence"])
    return visit.go(f"/office/petitions/{number}", seen=furthest, done=name)


def _simple(visit: Visit, number: str, name: str) -> Response:
    visit.check()
    command = getattr(visit.calls, name)
    return step(visit, number, name, lambda: command(number, visit.text("key"), visit.text("seen")))


def _written(visit: Visit, number: str, name: str, fields: tuple[str, ...]) -> Response:
    visit.check()
    body = {field: visit.text(field) or None for field in fields}
    command = getattr(visit.calls, name)
    key, sight = visit.text("key"), visit.text("seen")
    return step(visit, number, name, lambda: command(number, body, key, sight))


def _assign(visit: Visit, number: str) -> dict[str, Any]:
    """Two commands under one form's key: each takes effect once, however often it is sent."""
    key, sight, division = visit.text("key"), visit.text("seen"), visit.text("division")
    if division and division != visit.text("was_division"):
        located = visit.calls.locate(number, division, f"{key}-place", sight)
        sight = seen.merged(sight, located["sequence"])
    return visit.calls.assign(
        number, visit.text("office"), visit.text("method"), f"{key}-office", sight
    )


def _likely(visit: Visit, file: CaseFile) -> Any:
    if not file.known:
        return None
    return visit.lists.likely(file.state["division"], file.state["category"])
