"""报告 and 热点 over HTTP, and the forms that reports are printed on."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from kit.http import Request, attachment, route
from kit.identity import Actor
from kit.problems import not_found
from kit.template_routes import TemplateRoutes
from kit.templates import TYPES
from stats import printing, reports
from stats.api.scopes import REPORT, SIGN, STAFF
from stats.app import Stats, is_own
from stats.domain import narrative
from stats.domain.editions import OPEN, edition_for
from stats.domain.periods import Period, read
from stats.domain.reports import check_period, id_of
from stats.queries import reports as figures
from stats.queries.topics import topics
from stats.returns import today
from stats.schemas import reports as schemas
from stats.templates import TEMPLATES

WHAT = "报告"


class ReportsApi(TemplateRoutes):
    """Reports."""

    app: Stats
    templates = TEMPLATES

    @route("GET", "/topics", query=schemas.TopicsQuery, out=schemas.TopicsOut, scope=STAFF)
    def topics(self, request: Request) -> dict[str, Any]:
        """热点: which matters come most often, compared, with their trend."""
        with self.app.asking(request.actor) as asker:
            return topics(asker, **request.query)

    @route("GET", "/reports", query=schemas.ReportsQuery, out=schemas.ReportsOut, scope=STAFF)
    def reports(self, request: Request) -> dict[str, Any]:
        """The reports that were issued, and those that the reader's office has drawn up."""
        with self.app.database.reading() as connection:
            return {"reports": reports.listed(connection, request.actor.office, request.query["year"])}  # fmt: skip

    @route("GET", "/reports/<office>", query=schemas.PeriodQuery, out=schemas.ReportOut, scope=STAFF)  # fmt: skip
    def report(self, request: Request, office: str) -> dict[str, Any]:
        """One report: its frozen figures, its words, and its files with their SHA-256."""
        own = is_own(request.actor, office)
        with self.app.database.reading() as connection:
            row = self._report(connection, request.actor, office, request.query["period"])
            told = reports.one(connection, self.app.vault, row, own)
        words = narrative.written(told["figures"], read(row.period), told["edition"])
        return told | {"text": words}

    @route("GET", "/reports/<office>/file", query=schemas.ReportFileQuery, scope=STAFF)
    def report_file(self, request: Request, office: str) -> Response:
        """The report as DOCX or XLSX, in the edition for this reader."""
        format_, own = request.query["format"], is_own(request.actor, office)
        with self.app.database.reading() as connection:
            row = self._report(connection, request.actor, office, request.query["period"])
            edition = edition_for(own)
            content = printing.opened(
                connection, self.app.vault, row.id, row.version, edition, format_
            )
        self.app.audited(request, "read-report", row.id)
        return attachment(content, f"{row.id}.{format_}", TYPES[format_])

    @route("POST", "/reports/<office>/drawing", body=schemas.DrawReportIn, out=schemas.DrawnOut,
           scope=REPORT, command=True)  # fmt: skip
    def draw_report(self, request: Request, office: str, body: dict[str, Any]) -> dict[str, Any]:
        """编制报告: the figures are taken now, and frozen; a job prints it."""
        period, known = body["period"], self.app.own(request.actor, office, WHAT)
        check_period(period, today())
        with self.app.at_one_moment(request.actor) as asker:
            taken = figures.editions(asker, known, period)
        return self.app.do(
            request, lambda unit, actor: reports.draw(unit, known, period, taken, actor)
        )

    @route("POST", "/reports/<office>/addition", body=schemas.AdditionIn, out=schemas.DrawnOut,
           scope=REPORT, command=True)  # fmt: skip
    def add_to_report(self, request: Request, office: str, body: dict[str, Any]) -> dict[str, Any]:
        """补充内容: paragraphs of the office's own, printed with the same figures as another version."""
        known, vault = self.app.own(request.actor, office, WHAT), self.app.vault
        return self.app.do(
            request,
            lambda unit, actor: reports.supplement(unit, known, body["period"], body, actor, vault),
        )

    @route("POST", "/reports/<office>/issue", body=schemas.IssueReportIn, out=schemas.DrawnOut,
           scope=SIGN, command=True)  # fmt: skip
    def issue_report(self, request: Request, office: str, body: dict[str, Any]) -> dict[str, Any]:
        """印发报告: from now on it does not change."""
        period, known = body["period"], self.app.own(request.actor, office, WHAT)
        return self.app.do(
            request, lambda unit, actor: reports.issue(unit, known, period, body["version"], actor)
        )

    @route("GET", "/reports/<office>/narrative", query=schemas.PeriodQuery,
           out=schemas.NarrativeOut, scope=REPORT)  # fmt: skip
    def narrative(self, request: Request, office: str) -> dict[str, Any]:
        """Paragraphs about a period, to be taken into a bulletin."""
        period, known = request.query["period"], self.app.own(request.actor, office, WHAT)
        check_period(period, today())
        with self.app.at_one_moment(request.actor) as asker:
            told = figures.opened(asker, known, period)
        words = narrative.written(told, period, OPEN)
        names = ("overview", "by_form", "topics", "handling")
        return {"paragraphs": [line for name in names for line in words[name]]}

    def _report(self, connection: Any, actor: Actor, office: str, period: Period) -> Any:
        row = reports.newest(connection, id_of(office, period), is_own(actor, office))
        if row is None:
            raise not_found("此报告", "such report")
        return row
