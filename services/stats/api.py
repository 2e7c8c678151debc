"""Stats' routes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from kit import clock, identity, sheet
from kit.http import Request, attachment, route
from kit.identity import Actor
from kit.problems import not_found
from stats import returns, schemas
from stats.app import Stats
from stats.domain.indicators import INDICATORS
from stats.queries import cases, figures
from stats.queries.figures import Asked, Asker
from stats.queries.question import Question

STAFF = identity.STAFF | identity.TOOL
REPORT = identity.CLERK | identity.HEAD | identity.TRIAGE | identity.TOOL
SIGN = identity.HEAD | identity.TRIAGE | identity.TOOL
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Api:
    """Figures over HTTP."""

    app: Stats

    @route("GET", "/figures/today", out=schemas.TodayOut, scope=STAFF)
    def today(self, request: Request) -> dict[str, Any]:
        """Today's figures."""
        with self._asker(request.actor) as asker:
            return figures.today(asker)

    @route("GET", "/counts", query=schemas.CountsQuery, out=schemas.CountsOut, scope=STAFF)
    def counts(self, request: Request) -> dict[str, Any]:
        """Counts by day, office, division, channel and type."""
        with self._asker(request.actor) as asker:
            return figures.counts(asker, request.query)

    @route("GET", "/indicators", out=schemas.IndicatorsOut, scope=STAFF)
    def indicators(self, request: Request) -> dict[str, Any]:
        """Every count and indicator with its definition."""
        return {"indicators": [indicator.record() for indicator in INDICATORS.values()]}

    @route("GET", "/figures", query=schemas.FiguresQuery, out=schemas.FiguresOut, scope=STAFF)
    def figures(self, request: Request) -> dict[str, Any]:
        """A figure over a period, grouped and compared, with its definition and links to the cases."""
        with self._asker(request.actor) as asker:
            return figures.figures(asker, asked(request.query))

    @route("GET", "/figures/cases", query=schemas.CasesQuery, out=schemas.CasesOut, scope=STAFF)
    def cases(self, request: Request) -> dict[str, Any]:
        """The cases behind a figure, page by page."""
        query = request.query
        with self._asker(request.actor) as asker:
            return figures.listed(
                asker, asked(query), query["part"], query["after"], query["limit"]
            )

    @route("GET", "/figures/cases/file", query=schemas.FileQuery, scope=STAFF)
    def file(self, request: Request) -> Response:
        """All of them as a file."""
        query = request.query
        with self._asker(request.actor) as asker:
            figures.behind(asker, asked(query), query["part"])  # refuses before the file begins
        self.app.audited(request, "figures.exported", None)
        rows = self._rows(request.actor, query)
        name = f"{query['what']}-{query['period'].since}.{query['format']}"
        if query["format"] == "xlsx":
            told = ({zh: row[name] for name, zh in cases.COLUMNS.items()} for row in rows)
            content = sheet.write(list(cases.COLUMNS.values()), told, "xlsx")
            return attachment(content, name, SHEET)
        return attachment(_csv(rows), name, "text/csv; charset=utf-8")

    # -- monthly returns ---------------------------------------------------------------------------

    @route("GET", "/returns", query=schemas.MonthQuery, out=schemas.MonthOut, scope=STAFF)
    def returns(self, request: Request) -> dict[str, Any]:
        """月报 of a month: every office's, their sum, and who has not reported."""
        at = clock.now()
        offices = [office for office in self.app.directory.get() if not office.ended(at)]
        with self.app.database.reading() as connection:
            return returns.month_of(connection, offices, request.query["month"])

    @route("GET", "/returns/<office>", query=schemas.MonthQuery, out=schemas.ReturnOut, scope=STAFF)
    def monthly_return(self, request: Request, office: str) -> dict[str, Any]:
        """One office's 月报, with its corrections and what does not add up."""
        with self.app.database.reading() as connection:
            found = returns.one(connection, self.app.vault, office, request.query["month"])
        if found is None:
            raise not_found("此月报", "such return")
        return found

    @route("POST", "/returns/<office>/drawing", body=schemas.DrawIn, out=schemas.ReturnedOut,
           scope=REPORT, command=True)  # fmt: skip
    def draw(self, request: Request, office: str, body: dict[str, Any]) -> dict[str, Any]:
        """编制月报: by the figures as they stand now."""
        return self.app.draw(request, office, body["month"])

    @route("POST", "/returns/<office>/correction", body=schemas.CorrectIn, out=schemas.ReturnedOut,
           scope=REPORT, command=True)  # fmt: skip
    def correct(self, request: Request, office: str, body: dict[str, Any]) -> dict[str, Any]:
        """更正: a line is told otherwise than it was counted, with the reason."""
        return self.app.correct(request, office, body["month"], body)

    @route("POST", "/returns/<office>/signature", body=schemas.SignIn, out=schemas.ReturnedOut,
           scope=SIGN, command=True)  # fmt: skip
    def sign(self, request: Request, office: str, body: dict[str, Any]) -> dict[str, Any]:
        """签发: from now on it is locked."""
        return self.app.sign(request, office, body["month"], body)

    @contextmanager
    def _asker(self, actor: Actor) -> Iterator[Asker]:
        with self.app.database.reading() as connection:
            yield self._with(connection, actor)

    def _with(self, connection: Any, actor: Actor) -> Asker:
        return Asker(connection, self.app.reach(actor), self.app.directory.get(), clock.now())

    def _rows(self, actor: Actor, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The whole list as it stands at one moment, whatever happens while it is written."""
        with self.app.database.connection() as connection:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            asker = self._with(connection, actor)
            behind = figures.behind(asker, asked(query), query["part"])
            yield from cases.every(connection, asker.reach, behind)


def asked(query: dict[str, Any]) -> Asked:
    """A question out of a route's query."""
    period, indicator = query["period"], INDICATORS[query["what"]]
    question = Question(
        indicator.numerator, period.since, period.until, query["division"], query["office"],
        where=query["where"],
    )  # fmt: skip
    if "by" not in query:
        return Asked(indicator, period, question)
    question = replace(question, by=query["by"], as_of=query["as_of"])
    return Asked(indicator, period, question, query["compare"], query["published"])


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """A table for spreadsheets, line by line."""
    yield "\ufeff".encode() + _line(cases.COLUMNS.values())
    for row in rows:
        yield _line(row[name] for name in cases.COLUMNS)


def _line(cells: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
