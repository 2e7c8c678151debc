"""The page of one petition, and the steps that can be taken on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Response

from console import files, seen, words
from console.app import Console
from console.casefile import CaseFile, gather
from console.forms import new_key
from console.steps import STEPS, body, helpers, on_orders, possible, recusals
from console.visit import Visit
from kit import identity
from kit.http import Request, page
from kit.problems import Problem, not_found

URL = "/office/petitions/<number>"


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

    @page("GET", f"{URL}/repeats", scope=identity.STAFF)
    def repeats(self, request: Request, number: str) -> Response:
        """可能重复: earlier petitions of the same persons, for a person to compare."""
        visit = Visit(self.app, request)
        found = visit.part(lambda: visit.calls.repeats(number)) or []
        return visit.page("repeats.html", number=number, candidates=found)

    @page("POST", f"{URL}/do/<name>", scope=identity.STAFF)
    def do(self, request: Request, number: str, name: str) -> Response:
        """Any other step of the procedure (console.steps); the service that does it checks who may."""
        visit = Visit(self.app, request)
        form = STEPS.get(name)
        if form is None:
            raise not_found("这一步", "such step")
        visit.check()
        ordinals = [n for n in range(1, 11) if any(f".{n}" in field for field in request.form)]
        sent = body(form, visit.text, ordinals, visit.tz)
        if name == "order_recusal":
            sent |= _ordered(visit, sent["account"])
        key, sight = visit.text("key"), visit.text("seen")
        which = quote(visit.text("round") or "0", safe="")
        path = form.path.format(number=quote(number, safe=""), round=which)
        onward = "/office/desk" if name == "recuse" else ""
        return step(
            visit,
            number,
            name,
            lambda: visit.calls.step(form.service, path, sent, key, sight),
            onward,
        )

    @page("POST", f"{URL}/attachments", scope=identity.CLERK, limit=files.FORM_LIMIT)
    def attach(self, request: Request, number: str) -> Response:
        """添加附件: what the petitioner brought, one or several files."""
        visit = Visit(self.app, request)
        visit.check()
        if not files.keep(visit, number, visit.text("key")):
            errors = {} if visit.notices else {"files": "请选择文件。"}
            return show(visit, number, "attach", errors, 422)
        return visit.go(f"/office/petitions/{number}", done="attach")

    @page("GET", f"{URL}/attachments/<int:ordinal>", scope=identity.STAFF)
    def attachment(self, request: Request, number: str, ordinal: int) -> Response:
        """One file, to be saved; the download is logged."""
        visit = Visit(self.app, request)
        return files.handed(visit, lambda: visit.calls.attachment(number, ordinal)) or show(
            visit, number, status=visit.failed
        )

    @page("GET", f"{URL}/duties", scope=identity.STAFF)
    def duties(self, request: Request, number: str) -> Response:
        """为什么是这一天: each deadline, with its article and day by day."""
        visit = Visit(self.app, request)
        found = visit.part(lambda: visit.calls.duties(number)) or []
        return visit.page("duties.html", number=number, duties=found)


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
    if done := done_text(visit.query("done")):
        visit.notice("wait" if file.pending else "done", done)
    proposed = _proposed(visit, file)
    return visit.page(
        "case.html",
        status,
        file=file,
        steps=possible(visit, file),
        on_orders=on_orders(visit, _offers(file)),
        recusals=recusals(visit, file),
        forms=STEPS,
        claim_texts=_claim_texts(file),
        tried=tried,
        typed=visit.request.form,
        errors=errors or {},
        key=visit.text("key") or new_key(),
        people=people,
        shown=bool(people),
        proposed=proposed,
        offered=_offered(visit, proposed),
        can_attach=_may_attach(visit, file),
        officers=_officers(visit) if visit.may("head") else {},
        here=f"/office/petitions/{number}",
    )


def step(
    visit: Visit, number: str, name: str, command: Callable[[], dict[str, Any]], onward: str = ""
) -> Response:
    """Takes one step: on to the page that shows it, or the same page with what is wrong."""
    titles = STEPS[name].titles if name in STEPS else {}
    answer, errors = visit.done(command, titles)
    if answer is None:
        return show(visit, number, name, errors, 422)
    if onward:
        return visit.go(onward, done=name)
    furthest = seen.merged(visit.text("seen"), answer["sequence"])
    return visit.go(f"/office/petitions/{number}", seen=furthest, done=name)


def _assign(visit: Visit, number: str) -> dict[str, Any]:
    """Two commands under one form's key: each takes effect once, however often it is sent."""
    key, sight, division = visit.text("key"), visit.text("seen"), visit.text("division")
    alias = visit.text("alias") or None
    if division and (alias or division != visit.text("was_division")):
        located = visit.calls.locate(number, division, alias, f"{key}-place", sight)
        sight = seen.merged(sight, located["sequence"])
    sent: dict[str, Any] = {
        name: visit.text(name) or None for name in ("office", "method", "report_due")
    }
    sent["assisting"] = helpers(visit.text)
    return visit.calls.assign(number, sent, f"{key}-office", sight)


def done_text(name: str) -> str | None:
    """What is said of a step that was done."""
    return STEPS[name].done if name in STEPS else words.DONE.get(name)


def _offers(file: CaseFile) -> list[dict[str, Any]]:
    return file.case["next_steps"] if file.case else []


def _staff(visit: Visit) -> dict[str, Any]:
    """Those whose recusal a head may order: of the own office and of those under it, by account."""
    offices = visit.lists.under(visit.officer.office or "")
    return {row.id: row for row in visit.app.staff(offices) if row.id != visit.officer.id}


def _officers(visit: Visit) -> dict[str, str]:
    return {
        id: f"{visit.lists.office(row.office)} {row.post}（{row.login}）"
        for id, row in _staff(visit).items()
    }


def _ordered(visit: Visit, account: str | None) -> dict[str, Any]:
    """What routing cannot know of an account: its office, and whether it is a head's."""
    row = _staff(visit).get(account or "")
    if row is None:
        raise Problem(422, "account-unknown", "请选择本单位的工作人员。", "Choose an officer of your office.",
                      field="account")  # fmt: skip
    return {"office": row.office, "head": "head" in row.roles}


def _claim_texts(file: CaseFile) -> dict[int, str]:
    claims = file.petition["claims"] if file.petition else []
    return {claim["ordinal"]: claim["text"] or "" for claim in claims}


def _may_attach(visit: Visit, file: CaseFile) -> bool:
    """Whether the form for files is offered; the register decides."""
    return file.petition is not None and visit.may("clerk") and not file.ended


def _proposed(visit: Visit, file: CaseFile) -> dict[str, Any] | None:
    """What rules and directory say of the office, for whoever assigns now."""
    if file.matter is None or not visit.may("triage"):
        return None
    if not any(step["name"] == "assign" for step in file.matter["next_steps"]):
        return None
    places = [file.state["division"], *file.matter["suggested"]]
    asked = {
        "division": next(filter(None, places), ""),
        "category": file.state["category"] or "",
        "level": file.matter["about_level"] or "",
        "about": file.matter["about_office"] or "",
    }
    return visit.part(lambda: visit.calls.competence(asked))


def _offered(visit: Visit, proposed: dict[str, Any] | None) -> dict[str, str]:
    """The helpers that a rule names, as fields of the form."""
    if proposed is None:
        return {}
    until = visit.today + timedelta(days=proposed["assist_days"])
    return {
        f"assisting.{i}.{name}": value
        for i, office in enumerate(proposed["assisting"])
        for name, value in (("office", office), ("due_on", until.isoformat()))
    }
