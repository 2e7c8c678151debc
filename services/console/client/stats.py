"""Stats' routes: figures, returns, reports, assessments."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from console.client.network import Download
from console.client.sending import Sending, piece


class Stats(Sending):
    """Stats' routes: figures, returns, reports, assessments."""

    def today(self) -> dict[str, Any]:
        """Today's figures."""
        return self._get("stats", "/figures/today")

    def counts(self, query: dict[str, str]) -> dict[str, Any]:
        """A measure over a period, grouped."""
        return self._get("stats", "/counts", query)

    def indicators(self) -> list[dict[str, Any]]:
        """Every figure that can be asked for, with its definition."""
        return list(self._get("stats", "/indicators")["indicators"])

    def returns(self, month: str) -> dict[str, Any]:
        """Every office's monthly return, their sum, and who has not reported."""
        return self._get("stats", "/returns", {"month": month})

    def returns_sum(self, query: dict[str, str]) -> dict[str, Any]:
        """The returns of several months in one, compared."""
        return self._get("stats", "/returns/sum", query)

    def monthly_return(self, office: str, month: str) -> dict[str, Any]:
        """One office's."""
        return self._get("stats", f"/returns/{piece(office)}", {"month": month})

    def return_step(self, office: str, step: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Draws up, corrects or signs a monthly return."""
        return self._command("stats", f"/returns/{piece(office)}/{piece(step)}", body, key)

    def figures(self, query: dict[str, str]) -> dict[str, Any]:
        """A count or an indicator over a period, compared."""
        return self._get("stats", "/figures", query)

    def figure_cases(self, query: dict[str, str]) -> dict[str, Any]:
        """One page of the cases behind a figure."""
        return self._get("stats", "/figures/cases", query)

    def figure_file(self, query: dict[str, str]) -> Download:
        """All of them as a file."""
        return self._file("stats", f"/figures/cases/file?{urlencode(query)}")

    def schemes(self) -> list[dict[str, Any]]:
        """Every 考核办法 with its criteria."""
        return list(self._get("stats", "/schemes")["schemes"])

    def scheme_file(self, id: str, format_: str) -> Download:
        """One as a file."""
        return self._file("stats", f"/schemes/{piece(id)}/file?{urlencode({'format': format_})}")

    def assessments(self) -> list[dict[str, Any]]:
        """Every assessment, the newest first."""
        return list(self._get("stats", "/assessments")["assessments"])

    def assessment(self, id: str) -> dict[str, Any]:
        """One as a table."""
        return self._get("stats", f"/assessments/{piece(id)}")

    def assessment_file(self, id: str) -> Download:
        """The table as a workbook."""
        return self._file("stats", f"/assessments/{piece(id)}/file")

    def score_sheet(self, id: str, office: str) -> dict[str, Any]:
        """One office's sheet."""
        return self._get("stats", f"/assessments/{piece(id)}/offices/{piece(office)}")

    def assess(self, *path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Opens an assessment; or a step of one: its id and `advance`, or its id, `offices`, an office, `self`."""
        there = "".join(f"/{piece(part)}" for part in path)
        return self._command("stats", f"/assessments{there}", body, key)

    def take_scheme(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Takes a 考核办法 over."""
        return self._command("stats", "/schemes", body, key)

    def topics(self, query: dict[str, str]) -> dict[str, Any]:
        """Matters by how often they come, with their trend."""
        return self._get("stats", "/topics", query)

    def reports(self, year: str) -> list[dict[str, Any]]:
        """The reports of a year."""
        return list(self._get("stats", "/reports", {"year": year})["reports"])

    def report(self, office: str, period: str) -> dict[str, Any]:
        """One report: figures, words, files."""
        return self._get("stats", f"/reports/{piece(office)}", {"period": period})

    def report_file(self, office: str, query: dict[str, str]) -> Download:
        """A report as DOCX or XLSX."""
        return self._file("stats", f"/reports/{piece(office)}/file?{urlencode(query)}")

    def draw_report(self, office: str, period: str, key: str) -> dict[str, Any]:
        """Draws a report up, or up again."""
        return self._command("stats", f"/reports/{piece(office)}/drawing", {"period": period}, key)

    def add_to_report(self, office: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """补充内容 of a report, as it was seen."""
        return self._command("stats", f"/reports/{piece(office)}/addition", body, key)

    def issue_report(self, office: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Issues a report as it was seen."""
        return self._command("stats", f"/reports/{piece(office)}/issue", body, key)

    def narrative(self, office: str, period: str) -> list[str]:
        """Paragraphs about a period."""
        query = {"period": period}
        return list(self._get("stats", f"/reports/{piece(office)}/narrative", query)["paragraphs"])

    def bulletins(self, office: str, year: str) -> dict[str, Any]:
        """An office's series, and its bulletins of a year."""
        return self._get("stats", "/bulletins", {"office": office, "year": year})

    def bulletin(self, id: str) -> dict[str, Any]:
        """One bulletin with its text."""
        return self._get("stats", f"/bulletins/{piece(id)}")

    def bulletin_file(self, id: str) -> Download:
        """A bulletin as DOCX."""
        return self._file("stats", f"/bulletins/{piece(id)}/file")

    def begin_series(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A new series of bulletins."""
        return self._command("stats", "/bulletins/series", body, key)

    def draft_bulletin(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """A bulletin's first text."""
        return self._command("stats", "/bulletins", body, key)

    def bulletin_step(self, id: str, step: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Changes, issues or voids a bulletin."""
        return self._command("stats", f"/bulletins/{piece(id)}/{piece(step)}", body, key)
