"""报告: drawn up, looked at, issued; and 热点, which matters come most often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.wrappers import Response

from console import charts, words
from console.app import Console
from console.files import handed
from console.forms import new_key
from console.pages.statistics import name, period
from console.visit import Visit
from kit import identity
from kit.http import Request, page

URL = "/office/reports"
MAY = identity.CLERK | identity.HEAD | identity.TRIAGE


class ReportPages:
    """Reports and hot topics."""

    app: Console

    @page("GET", "/office/topics", scope=identity.STAFF)
    def topics(self, request: Request) -> Response:
        """热点: ranked, compared, with their trend as small columns."""
        visit = Visit(self.app, request)
        asked = {n: visit.query(n) for n in ("kind", "on", "by", "division", "office")}
        asked["kind"] = asked["kind"] if asked["kind"] in words.PERIODS else "month"
        asked["on"], asked["by"] = asked["on"] or str(visit.today), asked["by"] or "topic"
        query = {n: asked[n] for n in ("by", "division", "office") if asked[n]}
        query["period"] = period(asked["kind"], asked["on"], "")
        found, errors = visit.done(lambda: visit.calls.topics(query))
        return visit.page(
            "topics.html",
            asked=asked,
            errors=errors,
            found=found,
            rows=[_topic(visit, row, asked["by"]) for row in found["topics"]] if found else [],
        )

    # -- reports -----------------------------------------------------------------------------------

    @page("GET", URL, scope=identity.STAFF)
    def reports(self, request: Request) -> Response:
        """The reports of a year."""
        return _list(Visit(self.app, request))

    @page("GET", f"{URL}/<office>", scope=identity.STAFF)
    def report(self, request: Request, office: str) -> Response:
        """One report."""
        visit = Visit(self.app, request)
        return _show(visit, office, visit.query("period"))

    @page("GET", f"{URL}/<office>/file", scope=identity.STAFF)
    def report_file(self, request: Request, office: str) -> Response:
        """Its file."""
        visit = Visit(self.app, request)
        query = {"period": visit.query("period"), "format": visit.query("format") or "docx"}
        sent = handed(visit, lambda: visit.calls.report_file(office, query))
        return sent or _show(visit, office, query["period"], status=visit.failed)

    @page("POST", f"{URL}/<office>/drawing", scope=MAY)
    def draw_report(self, request: Request, office: str) -> Response:
        """编制."""
        visit = Visit(self.app, request)
        visit.check()
        asked = visit.text("period") or period(visit.text("kind"), visit.text("on"), "")
        answer, errors = visit.done(
            lambda: visit.calls.draw_report(office, asked, visit.text("key"))
        )
        if answer is None:
            return _list(visit, errors, 422)
        return visit.go(f"{URL}/{quote(office)}", period=asked, done="report-drawing")

    @page("POST", f"{URL}/<office>/addition", scope=MAY)
    def add_to_report(self, request: Request, office: str) -> Response:
        """补充内容."""
        visit = Visit(self.app, request)
        visit.check()
        asked = visit.text("period")
        body = {"period": asked, "version": visit.whole("version"), "text": visit.text("text")}
        answer, errors = visit.done(
            lambda: visit.calls.add_to_report(office, body, visit.text("key"))
        )
        if answer is None:
            return _show(visit, office, asked, errors, 422)
        return visit.go(f"{URL}/{quote(office)}", period=asked, done="report-addition")

    @page("POST", f"{URL}/<office>/issue", scope=identity.HEAD | identity.TRIAGE)
    def issue_report(self, request: Request, office: str) -> Response:
        """印发."""
        visit = Visit(self.app, request)
        visit.check()
        asked = visit.text("period")
        body = {"period": asked, "version": visit.whole("version")}
        answer, errors = visit.done(
            lambda: visit.calls.issue_report(office, body, visit.text("key"))
        )
        if answer is None:
            return _show(visit, office, asked, errors, 422)
        return visit.go(f"{URL}/{quote(office)}", period=asked, done="report-issue")


def _topic(visit: Visit, row: dict[str, Any], by: str) -> dict[str, Any]:
    """A row with its name and its columns."""
    said = name(by, row["values"][by], visit.lists)
    return row | {"name": said, "columns": charts.spark(row["trend"])}


def _tables(found: dict[str, Any], office: str, asked: str) -> Iterator[dict[str, Any]]:
    """The tables of a report, each figure of them with the question for the cases behind it."""
    for head in found["tables"]:
        rows = found["figures"]["tables"][head["id"]]
        names = [column["id"] for column in head["columns"]]
        for row in rows:
            row["cells"] = [
                figure
                | {
                    "cases": _behind(office, asked, what, head["by"], row["key"])
                    if figure.get("listed", True)
                    else None
                }
                for what in names
                for figure in (row["figures"][what],)
            ]
        yield head | {"rows": rows}


def _behind(office: str, asked: str, what: str, by: str, key: str) -> str:
    """What lists the cases of one figure: of a row's month, or of the period with what the row is about."""
    question = {"what": what, "period": asked, "office": office}
    within = {"period": f"month:{key[:7]}"} if by == "month" else {"where": f"{by}:{key}"}
    return urlencode(question | within)


def _list(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    found = visit.part(lambda: visit.calls.reports(visit.year))
    return visit.page(
        "reports.html",
        status,
        year=int(visit.year),
        found=found or [],
        typed=visit.request.form,
        errors=errors or {},
        key=new_key(),
    )


def _show(
    visit: Visit,
    office: str,
    asked: str,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    if done := words.DONE.get(visit.query("done")):
        visit.notice("done", done)
    found, more = visit.done(lambda: visit.calls.report(office, asked))
    return visit.page(
        "report.html",
        status if found else max(status, 404),
        office=office,
        period=asked,
        found=found,
        tables=list(_tables(found, office, asked)) if found else [],
        typed=visit.request.form,
        own=visit.officer.office == office,
        errors=errors or more,
        key=new_key(),
    )
