"""考核 over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.wrappers import Response

from kit import sheet
from kit.http import Request, attachment, route
from kit.identity import Actor
from kit.unit import Unit
from stats.api.scopes import KEEP, REPORT, SIGN, STAFF
from stats.app import Stats
from stats.assessments import opening, schemes, shown, steps
from stats.assessments.round import Round
from stats.assessments.shown import Reader
from stats.assessments.steps import Hand
from stats.returns import today
from stats.schemas import assessments as schemas

Step = Callable[[Hand, dict[str, Any]], dict[str, Any]]

_ONE = "/assessments/<id>"
_SHEET = f"{_ONE}/offices/<office>"


class AssessmentsApi:
    """Schemes, assessments, and the steps on an office's sheet."""

    app: Stats

    # -- schemes ---------------------------------------------------------------------------------

    @route("GET", "/schemes", out=schemas.SchemesOut, scope=STAFF)
    def schemes(self, request: Request) -> dict[str, Any]:
        """Every 考核办法 that can be applied, the newest first."""
        with self.app.database.reading() as connection:
            return {
                "schemes": [
                    shown.scheme(one, self.app.windows)
                    for one in schemes.every(connection).values()
                ]
            }

    @route("POST", "/schemes", body=schemas.SchemeIn, out=schemas.TakenOut, scope=KEEP, command=True)  # fmt: skip
    def take_scheme(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Takes a 考核办法 over from a file, or names all that is wrong with it."""

        def read(content: bytes) -> tuple[str, Callable[[Unit], int]]:
            made = schemes.read(content)
            return made.id, lambda unit: schemes.take(unit, made, body["name"])

        return self.app.take(request, body, read)

    @route("GET", "/schemes/<id>/file", query=schemas.SchemeFileQuery, scope=STAFF)
    def scheme_file(self, request: Request, id: str) -> Response:
        """A 考核办法 as a file that can be taken over again."""
        format_ = request.query["format"]
        with self.app.database.reading() as connection:
            content = schemes.file(schemes.one(connection, id), format_)
        return attachment(content, f"考核办法-{id}.{format_}", sheet.TYPES[format_])

    # -- assessments -----------------------------------------------------------------------------

    @route("GET", "/assessments", out=schemas.RoundsOut, scope=STAFF)
    def assessments(self, request: Request) -> dict[str, Any]:
        """Every assessment, the newest first."""
        with self.app.database.reading() as connection:
            return {"assessments": shown.every(connection)}

    @route("POST", "/assessments", body=schemas.OpenIn, out=schemas.DoneOut, scope=SIGN, command=True)  # fmt: skip
    def open_assessment(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """开始考核: the evidence is drawn from the figures as they stand now, and frozen with groups and checkers."""
        return self.app.do(request, opening.opened(self.app, request.actor, body))

    @route("GET", _ONE, out=schemas.RoundOut, scope=STAFF)
    def assessment(self, request: Request, id: str) -> dict[str, Any]:
        """One assessment as a table, as far as the reader sees it."""
        with self._reading(request.actor, id) as reader:
            return shown.table(reader, self.app.directory.get(), self.app.vault)

    @route("GET", f"{_ONE}/file", scope=STAFF)
    def assessment_file(self, request: Request, id: str) -> Response:
        """The table as a workbook."""
        with self._reading(request.actor, id) as reader:
            content = shown.file(reader, self.app.directory.get())
        return attachment(content, f"考核-{id}.xlsx", sheet.TYPES["xlsx"])

    @route("POST", f"{_ONE}/advance", body=schemas.AdvanceIn, out=schemas.DoneOut, scope=SIGN, command=True)  # fmt: skip
    def advance(self, request: Request, id: str, body: dict[str, Any]) -> dict[str, Any]:
        """The next stage: 互查, 定分, 排序, 公布; or 作废."""
        directory, vault = self.app.directory.get(), self.app.vault
        return self.app.do(
            request, lambda unit, actor: steps.advance(unit, id, body, actor, directory, vault)
        )

    # -- one office ------------------------------------------------------------------------------

    @route("GET", _SHEET, out=schemas.SheetOut, scope=STAFF)
    def score_sheet(self, request: Request, id: str, office: str) -> dict[str, Any]:
        """An office's sheet: evidence with definitions and cases, what was said, what may be done now."""
        with self._reading(request.actor, id) as reader:
            return shown.one(reader, office, self.app.vault)

    @route("POST", f"{_SHEET}/self", body=schemas.SelfIn, out=schemas.DoneOut, scope=REPORT, command=True)  # fmt: skip
    def assess(self, request: Request, id: str, office: str, body: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
        """自评: points with evidence, and which figures are wrong."""
        return self._scored(request, id, office, body, steps.assess)

    @route("POST", f"{_SHEET}/peer", body=schemas.CheckIn, out=schemas.DoneOut, scope=REPORT, command=True)  # fmt: skip
    def check(self, request: Request, id: str, office: str, body: dict[str, Any]) -> dict[str, Any]:
        """互查: another office's points with a remark."""
        return self._scored(request, id, office, body, steps.check)

    @route("POST", f"{_SHEET}/final", body=schemas.FinalIn, out=schemas.DoneOut, scope=SIGN, command=True)  # fmt: skip
    def decide(self, request: Request, id: str, office: str, body: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
        """定分, with the reason."""
        return self._scored(request, id, office, body, steps.decide)

    @route("POST", f"{_SHEET}/appeal", body=schemas.DisputeIn, out=schemas.DoneOut, scope=REPORT, command=True)  # fmt: skip
    def appeal(self, request: Request, id: str, office: str, body: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
        """申诉 against the points of one criterion."""
        return self._scored(request, id, office, body, steps.appeal)

    @route("POST", f"{_SHEET}/verdict", body=schemas.VerdictIn, out=schemas.DoneOut, scope=SIGN, command=True)  # fmt: skip
    def answer(self, request: Request, id: str, office: str, body: dict[str, Any]) -> dict[str, Any]:  # fmt: skip
        """处理申诉: upheld with new points, or rejected; the ranking is reckoned anew."""
        return self._scored(request, id, office, body, steps.answer)

    # -- what they share -------------------------------------------------------------------------

    @contextmanager
    def _reading(self, actor: Actor, id: str) -> Iterator[Reader]:
        """An assessment, and who reads it. Raises Problem 404."""
        with self.app.database.reading() as connection:
            yield Reader(Round.read(connection, id), actor, today(), self.app.windows)

    def _scored(self, request: Request, id: str, office: str, body: dict[str, Any], step: Step) -> dict[str, Any]:  # fmt: skip
        """One step on one office's sheet."""
        vault = self.app.vault
        return self.app.do(
            request, lambda unit, actor: step(Hand(unit, id, office, actor, vault), body)
        )
