"""Figures over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from werkzeug.wrappers import Response

from kit import sheet
from kit.http import Request, attachment, route
from kit.identity import Actor
from kit.problems import busy
from stats import categories
from stats.api.scopes import STAFF
from stats.app import Stats
from stats.domain.indicators import INDICATORS
from stats.queries import cases, figures
from stats.queries.figures import Asked
from stats.queries.question import Question
from stats.schemas import figures as schemas


class FiguresApi:
    """Figures and the cases behind them."""

    app: Stats

    @route("GET", "/figures/today", out=schemas.TodayOut, scope=STAFF)
    def today(self, request: Request) -> dict[str, Any]:
        """Today's figures."""
        with self.app.asking(request.actor) as asker:
            return figures.today(asker)

    @route("GET", "/counts", query=schemas.CountsQuery, out=schemas.CountsOut, scope=STAFF)
    def counts(self, request: Request) -> dict[str, Any]:
        """Counts by day, office, division, channel and type."""
        with self.app.asking(request.actor) as asker:
            return figures.counts(asker, request.query)

    @route("GET", "/indicators", out=schemas.IndicatorsOut, scope=STAFF)
    def indicators(self, request: Request) -> dict[str, Any]:
        """Every count and indicator with its definition."""
        return {
            "indicators": [indicator.record(self.app.windows) for indicator in INDICATORS.values()]
        }

    @route("GET", "/figures", query=schemas.FiguresQuery, out=schemas.FiguresOut, scope=STAFF)
    def figures(self, request: Request) -> dict[str, Any]:
        """A figure over a period, grouped and compared, with its definition and links to the cases."""
        with self.app.asking(request.actor) as asker:
            return figures.figures(asker, asked(request.query))

    @route("GET", "/figures/cases", query=schemas.CasesQuery, out=schemas.CasesOut, scope=STAFF)
    def cases(self, request: Request) -> dict[str, Any]:
        """The cases behind a figure, page by page."""
        query = request.query
        with self.app.asking(request.actor) as asker:
            return figures.listed(
                asker, asked(query), query["part"], query["after"], query["limit"]
            )

    @route("GET", "/figures/cases/file", query=schemas.FileQuery, scope=STAFF)
    def file(self, request: Request) -> Response:
        """All of them as a file, sent while it is written."""
        query, format_ = request.query, request.query["format"]
        with self.app.asking(request.actor) as asker:
            figures.check_file(asker, asked(query), query["part"], format_)
        rows = self._rows(request.actor, query)
        first = list(islice(rows, 1))  # what it takes is had, or refused, before the answer begins
        self.app.audited(request, "figures.exported", None)
        content = sheet.pieces(list(cases.COLUMNS.values()), chain(first, rows), format_)
        name = f"{query['what']}-{query['period'].since}.{format_}"
        return attachment(content, name, sheet.TYPES[format_])

    def _rows(self, actor: Actor, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The whole list as it stands at one moment, whatever happens while it is written. Raises Problem 429 where
        many are written already."""
        if not self.app.files.acquire(blocking=False):
            raise busy(5)
        try:
            with self.app.at_one_moment(actor) as asker:
                behind = figures.behind(asker, asked(query), query["part"])
                topics = categories.names(asker.connection)
                for row in cases.every(asker.connection, asker.reach, behind):
                    yield cases.in_words(row, asker.directory, topics)
        finally:
            self.app.files.release()


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
