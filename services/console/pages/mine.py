"""A petitioner's own petition: how it stands, and the rating."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from console import files, seen, words
from console.app import Console
from console.casefile import CaseFile, gather
from console.client import Refusal
from console.forms import new_key
from console.gate import MINE, PETITION_COOKIE, LookUpFirst
from console.visit import Visit
from kit import identity
from kit.http import Request, page

HIDDEN = frozenset(
    ("urgent.marked", "urgent.reported", "duty.approaching", "extension.requested", "extension.refused", "document.voided",
     "order.issued", "order.answered", "order.confirmed", "order.returned", "order.lifted")
)  # fmt: skip
"""Steps of a timeline that are the office's own business."""
AMONG_OFFICES = frozenset({"urgent", "order", "report", "confirm", "follow_up", "reopen"})
"""Duties of one office to another: their lights are no news for the petitioner."""
INTERNAL = frozenset({"transfer", "assignment", "order", "report", "receipt"})
"""Papers that pass between offices, or stay in the file."""
WITHDRAWABLE = ("registered", "located", "assigned", "signed", "objected", "accepted")
"""Where the form to withdraw is offered; the register decides."""


class MinePages:
    """Pages behind number and query code."""

    app: Console

    @page("GET", MINE, scope=identity.PETITIONER)
    def mine(self, request: Request) -> Response:
        """How the petition stands."""
        return show(Visit(self.app, request))

    @page("GET", f"{MINE}/papers/<int:ordinal>", scope=identity.PETITIONER)
    def own_paper(self, request: Request, ordinal: int) -> Response:
        """A paper that was for the petitioner."""
        visit = Visit(self.app, request)
        return files.handed(visit, lambda: visit.calls.paper(visit.number, ordinal)) or show(
            visit, status=visit.failed
        )

    @page("POST", f"{MINE}/rating", scope=identity.PETITIONER)
    def rated(self, request: Request) -> Response:
        """The rating of both bodies."""
        visit = Visit(self.app, request)
        visit.check()
        body = {
            "petition_office": visit.text("petition_office"),
            "responsible_office": visit.text("responsible_office"),
            "comment": visit.text("comment") or None,
        }
        answer, errors = visit.done(
            lambda: visit.calls.rate(visit.number, body, visit.text("key"), visit.text("seen"))
        )
        if answer is None:
            return show(visit, errors, 422)
        return visit.go(MINE, seen=seen.merged(visit.text("seen"), answer["sequence"]), done="rate")

    @page("POST", f"{MINE}/review", scope=identity.PETITIONER)
    def review(self, request: Request) -> Response:
        """请求复查、复核, within 30 days of the opinion's receipt."""
        return _asked(Visit(self.app, request), "seek_review", "review")

    @page("POST", f"{MINE}/withdrawal", scope=identity.PETITIONER)
    def withdraw(self, request: Request) -> Response:
        """撤回, while no opinion was given."""
        return _asked(Visit(self.app, request), "withdraw", "withdraw")

    @page("POST", f"{MINE}/supplement", scope=identity.PETITIONER)
    def supplement(self, request: Request) -> Response:
        """What the petitioner adds."""
        return _asked(Visit(self.app, request), "supplement", "supplement")

    @page("POST", f"{MINE}/attachments", scope=identity.PETITIONER, limit=files.FORM_LIMIT)
    def add_files(self, request: Request) -> Response:
        """Files that the petitioner adds."""
        visit = Visit(self.app, request)
        visit.check()
        if not files.keep(visit, visit.number, visit.text("key")):
            errors = {} if visit.notices else {"files": "请选择文件。"}
            return show(visit, errors, 422)
        return visit.go(MINE, done="attach")

    @page("GET", f"{MINE}/attachments/<int:ordinal>", scope=identity.PETITIONER)
    def own_file(self, request: Request, ordinal: int) -> Response:
        """One of their own files, to be saved."""
        visit = Visit(self.app, request)
        return files.handed(visit, lambda: visit.calls.attachment(visit.number, ordinal)) or show(
            visit, status=visit.failed
        )

    @page("POST", f"{MINE}/contest", scope=identity.PETITIONER)
    def contest(self, request: Request) -> Response:
        """It is not the same matter as before."""
        return _asked(Visit(self.app, request), "contest", "contest")

    @page("POST", f"{MINE}/leave", scope=identity.PETITIONER)
    def leave(self, request: Request) -> Response:
        """Forgets the petition on this machine."""
        visit = Visit(self.app, request)
        visit.check()
        visit.forget(PETITION_COOKIE, MINE)
        return visit.go("/")


def _asked(visit: Visit, name: str, done: str) -> Response:
    """One thing that a petitioner can ask for on their own page."""
    visit.check()
    service, path, field = ASKED[name]
    body = {field: visit.text(field) or None} if field else {}
    url = path.format(number=visit.number)
    answer, errors = visit.done(
        lambda: visit.calls.step(service, url, body, visit.text("key"), visit.text("seen"))
    )
    if answer is None:
        return show(visit, errors, 422)
    return visit.go(MINE, seen=seen.merged(visit.text("seen"), answer["sequence"]), done=done)


ASKED = {
    "seek_review": ("supervision", "/cases/{number}/review", "grounds"),
    "supplement": ("intake", "/petitions/{number}/supplement", "text"),
    "contest": ("intake", "/petitions/{number}/contest", ""),
    "withdraw": ("intake", "/petitions/{number}/withdrawal", "reason"),
}


def show(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    """The page of the petition, with what is wrong with the form on it."""
    wanted = seen.read(visit.query("seen"))
    try:
        file = gather(visit.calls, visit.number, wanted)
    except Refusal as refusal:
        if refusal.status == 401:
            raise LookUpFirst from None
        raise
    for service in sorted(file.down):
        visit.notice("down", words.SERVICES[service])
    if done := words.DONE.get(visit.query("done")):
        visit.notice("wait" if file.pending else "done", done)
    if not file.known and not file.down:
        raise LookUpFirst
    return visit.page(
        "mine.html",
        status,
        file=file,
        errors=errors or {},
        entries=[e for e in file.entries or () if _told(e)],
        can_rate=_can_rate(file),
        windows=_windows(file),
        can_add=file.known and not file.ended,
        can_withdraw=file.known and file.state["status"] in WITHDRAWABLE,
        key=visit.text("key") or new_key(),
    )


def _told(entry: dict[str, Any]) -> bool:
    """Whether a petitioner is told of a step."""
    detail = entry["detail"]
    if entry["type"] == "document.issued":
        return detail["kind"] not in INTERNAL
    return entry["type"] not in HIDDEN and detail.get("duty") not in AMONG_OFFICES


def _can_rate(file: CaseFile) -> bool:
    """An opinion that was served can be rated, once."""
    if file.petition is None or file.petition["rating"] or file.case is None:
        return False
    return any(part["served_on"] for part in file.case["proceedings"])


def _windows(file: CaseFile) -> list[dict[str, object]]:
    """The window in which a review may be sought, if one is open."""
    duties = file.case["duties"] if file.case else []
    return [d for d in duties if d["owed_by"] == "petitioner" and d["state"] == "open"]
