"""月报 over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Any

from kit.http import Request, route
from kit.problems import not_found
from stats import returns
from stats.api.scopes import REPORT, SIGN, STAFF
from stats.app import Stats, is_own
from stats.domain.returns import due_on
from stats.queries.returns import summed
from stats.schemas import returns as schemas


class ReturnsApi:
    """Monthly returns."""

    app: Stats

    @route("GET", "/returns", query=schemas.MonthQuery, out=schemas.MonthOut, scope=STAFF)
    def returns(self, request: Request) -> dict[str, Any]:
        """月报 of a month: every office's, their sum, and who has not reported."""
        directory, own = self.app.directory.get(), partial(is_own, request.actor)
        month = request.query["month"]
        due = due_on(month, self.app.returns_due)
        with self.app.database.reading() as connection:
            return returns.month_of(connection, directory, month, own, due)

    @route("GET", "/returns/sum", query=schemas.SumQuery, out=schemas.SumOut, scope=STAFF)
    def returns_sum(self, request: Request) -> dict[str, Any]:
        """The signed returns of a month, quarter, half-year or year in one, with 同比."""
        query, directory = request.query, self.app.directory.get()
        with self.app.database.reading() as connection:
            return summed(connection, directory, query["period"], query["office"])

    @route("GET", "/returns/<office>", query=schemas.MonthQuery, out=schemas.ReturnOut, scope=STAFF)
    def monthly_return(self, request: Request, office: str) -> dict[str, Any]:
        """One office's 月报, with its corrections and what does not add up."""
        month, own = request.query["month"], is_own(request.actor, office)
        directory = self.app.directory.get()
        with self.app.database.reading() as connection:
            found = returns.one(connection, self.app.vault, directory, office, month, own)
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
