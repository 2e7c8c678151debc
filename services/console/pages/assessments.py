"""考核: schemes, the list of assessments, one as a table, and an office's sheet with the forms of its steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from console import words
from console.app import Console
from console.files import handed, taken_over
from console.forms import new_key
from console.pages.rules import LARGEST
from console.pages.statistics import period
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/assessments"
WRITERS = identity.CLERK | identity.HEAD | identity.TRIAGE
HOLDERS = identity.HEAD | identity.TRIAGE
KEEPERS = HOLDERS | identity.ADMIN
PERIODS = ("month", "quarter", "half", "year")
GIVEN = {"self": 7, "peer": 14}
"""Days that a step is given where nothing else is filled in."""


class AssessmentPages:
    """考核."""

    app: Console

    # -- schemes ---------------------------------------------------------------------------------

    @page("GET", f"{URL}/schemes", scope=identity.STAFF)
    def schemes(self, request: Request) -> Response:
        """Every 考核办法 with its criteria."""
        return _schemes(Visit(self.app, request))

    @page("POST", f"{URL}/schemes", scope=KEEPERS, limit=LARGEST)
    def take_scheme(self, request: Request) -> Response:
        """Takes one over from a file."""
        visit = Visit(self.app, request)
        answer, fault = taken_over(visit, visit.calls.take_scheme)
        if answer is None:
            return _schemes(visit, {"files": fault}, 422)
        return visit.go(f"{URL}/schemes", done="scheme")

    @page("GET", f"{URL}/schemes/<id>/file", scope=identity.STAFF)
    def scheme_file(self, request: Request, id: str) -> Response:
        """One as a spreadsheet."""
        visit = Visit(self.app, request)
        format_ = visit.query("format") or "xlsx"
        return handed(visit, lambda: visit.calls.scheme_file(id, format_)) or _schemes(visit, None, visit.failed)  # fmt: skip

    # -- assessments -----------------------------------------------------------------------------

    @page("GET", URL, scope=identity.STAFF)
    def assessments(self, request: Request) -> Response:
        """All of them, and the form that opens one."""
        return _list(Visit(self.app, request))

    @page("POST", URL, scope=HOLDERS)
    def open_assessment(self, request: Request) -> Response:
        """开始考核."""
        visit = Visit(self.app, request)
        visit.check()
        body = {name: visit.text(name) for name in ("scheme", "self_due", "peer_due")} | {
            "period": period(visit.text("kind"), visit.text("on"), ""),
            "offices": request.form.getlist("offices"),
        }
        answer, errors = visit.done(lambda: visit.calls.assess(body=body, key=visit.text("key")))
        if answer is None:
            return _list(visit, errors, 422)
        return visit.go(f"{URL}/{answer['number']}", done="assessment-open")

    @page("GET", f"{URL}/<id>", scope=identity.STAFF)
    def assessment(self, request: Request, id: str) -> Response:
        """One as a table, by group."""
        return _table(Visit(self.app, request), id)

    @page("POST", f"{URL}/<id>", scope=HOLDERS)
    def advance(self, request: Request, id: str) -> Response:
        """The next stage."""
        visit = Visit(self.app, request)
        visit.check()
        body = {"state": visit.text("state"), "text": visit.text("text") or None}
        answer, errors = visit.done(
            lambda: visit.calls.assess(id, "advance", body=body, key=visit.text("key"))
        )
        if answer is None:
            return _table(visit, id, errors, 422)
        return visit.go(f"{URL}/{id}", done="assessment-advance")

    @page("GET", f"{URL}/<id>/file", scope=identity.STAFF)
    def assessment_file(self, request: Request, id: str) -> Response:
        """The table as a workbook."""
        visit = Visit(self.app, request)
        return handed(visit, lambda: visit.calls.assessment_file(id)) or _table(
            visit, id, None, visit.failed
        )

    # -- one office ------------------------------------------------------------------------------

    @page("GET", f"{URL}/<id>/<office>", scope=identity.STAFF)
    def score_sheet(self, request: Request, id: str, office: str) -> Response:
        """An office's sheet."""
        return _sheet(Visit(self.app, request), id, office)

    @page("POST", f"{URL}/<id>/<office>", scope=WRITERS)
    def score(self, request: Request, id: str, office: str) -> Response:
        """自评, 互查, 定分, 申诉 or its answer."""
        visit = Visit(self.app, request)
        visit.check()
        step = visit.text("step") if visit.text("step") in words.SCORE_STEPS else "self"
        body = _said(visit, step)
        path, key = (id, "offices", office, step), visit.text("key")
        answer, errors = visit.done(lambda: visit.calls.assess(*path, body=body, key=key))
        if answer is None:
            return _sheet(visit, id, office, _by_criterion(errors, body), 422)
        return visit.go(f"{URL}/{id}/{office}", done=f"score-{step}")


# -- what was typed --------------------------------------------------------------------------------


def _said(visit: Visit, step: str) -> dict[str, Any]:
    """What a step is sent; points left blank are no nought."""
    if step in ("self", "peer"):
        ids = [name.partition(".")[2] for name in visit.request.form if name.startswith("points.")]
        marks = [{"criterion": id} | _mark(visit, id) for id in ids]
        return {"marks": marks} | ({"disputes": _disputes(visit)} if step == "self" else {})
    id = visit.text("criterion")
    mark = _mark(visit, id)
    if step == "final":
        return {"criterion": id} | mark
    said = {"criterion": id, "text": mark["text"]}
    if step == "appeal":
        return said
    upheld = visit.text(f"upheld.{id}")
    return said | {"upheld": {"yes": True, "no": False}.get(upheld), "points": mark["points"]}


def _mark(visit: Visit, id: str) -> dict[str, Any]:
    return {"points": visit.text(f"points.{id}") or None, "text": visit.text(f"text.{id}")}


def _disputes(visit: Visit) -> list[dict[str, str]]:
    """The figures that the office says are wrong."""
    names = [name for name in visit.request.form if name.startswith("dispute.")]
    return [
        {"criterion": name.partition(".")[2], "text": visit.text(name)}
        for name in names
        if visit.text(name)
    ]


def _by_criterion(errors: dict[str, str], body: dict[str, Any]) -> dict[str, str]:
    """Errors by the fields of the form: `marks.0.points` → `points.basics`."""
    found = {}
    for path, text in errors.items():
        match path.split("."):
            case ["marks", index, name] if name != "criterion":
                path = f"{name}.{body['marks'][int(index)]['criterion']}"
            case ["disputes", index, _]:
                path = f"dispute.{body['disputes'][int(index)]['criterion']}"
            case [name] if "criterion" in body:
                path = f"{name if name in words.SCORED else 'text'}.{body['criterion']}"
        found[path] = text
    return found


# -- shown -----------------------------------------------------------------------------------------


def _told(visit: Visit) -> None:
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)


def _schemes(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    _told(visit)
    return visit.page(
        "schemes.html",
        status,
        schemes=visit.part(visit.calls.schemes) or [],
        errors=errors or {},
        keeps=not visit.officer.roles.isdisjoint({"head", "triage", "admin"}) and _holds(visit),
        key=new_key(),
    )


def _holds(visit: Visit) -> bool:
    """Whether the officer's office is the site's own petition office; the services check it again."""
    root = visit.lists.root
    own = root is not None and visit.officer.office == root["id"]
    return own or "admin" in visit.officer.roles


def _list(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    _told(visit)
    opens = _holds(visit) and visit.may("head", "triage")
    schemes = (visit.part(visit.calls.schemes) or []) if opens else []
    days = {name: str(visit.today + timedelta(days=n)) for name, n in GIVEN.items()}
    return visit.page(
        "assessments.html",
        status,
        found=visit.part(visit.calls.assessments) or [],
        opens=opens,
        schemes={one["id"]: one["name"] for one in schemes},
        periods={kind: words.PERIODS[kind] for kind in PERIODS},
        before=str(visit.today - timedelta(days=182)),
        days=days,
        typed=visit.request.form,
        errors=errors or {},
        key=visit.text("key") or new_key(),
    )


def _table(
    visit: Visit, id: str, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    _told(visit)
    found = visit.part(lambda: visit.calls.assessment(id))
    rows = found["rows"] if found else []
    return visit.page(
        "assessment.html",
        status,
        id=id,
        found=found,
        bands=[(name, _ranked(rows, band)) for band, name in enumerate(found["bands"])] if found else [],
        idle=[row for row in rows if row["band"] is None],
        mine=[row for row in rows if visit.officer.office in (row["office"], row["checker"])],
        typed=visit.request.form,
        errors=errors or {},
        key=new_key(),
    )  # fmt: skip


def _ranked(rows: list[dict[str, Any]], band: int) -> list[dict[str, Any]]:
    """The offices of a group, the best first; those without a rank after them."""
    its = [row for row in rows if row["band"] == band]
    return sorted(its, key=lambda row: (row["rank"] or len(rows) + 1, row["office"]))


def _sheet(
    visit: Visit, id: str, office: str, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    _told(visit)
    return visit.page(
        "score_sheet.html",
        status,
        id=id,
        office=office,
        found=visit.part(lambda: visit.calls.score_sheet(id, office)),
        typed=visit.request.form,
        errors=errors or {},
        key=visit.text("key").partition("-")[0] or new_key(),
    )
