"""Supervision's routes."""

from __future__ import annotations

from typing import Any

from kit import clock, events, identity
from kit.http import Request, route
from supervision import handlers, queries, schemas
from supervision.app import Supervision
from supervision.store import DUTY

READ = identity.STAFF | identity.PETITIONER | identity.TOOL
STAFF = identity.STAFF | identity.TOOL
HANDLE = identity.CLERK | identity.HEAD | identity.TOOL


class Api:
    """Cases and duties over HTTP."""

    app: Supervision

    @route("GET", "/cases", query=schemas.CasesQuery, out=schemas.CasesOut, scope=STAFF)
    def cases(self, request: Request) -> dict[str, Any]:
        """The list of cases, newest first."""
        with self.app.database.reading() as connection:
            return queries.cases(connection, self.app.reach(request.actor), request.query)

    @route("GET", "/cases/<number>", out=schemas.CaseOut, scope=READ)
    def case(self, request: Request, number: str) -> dict[str, Any]:
        """One case: state, steps, duties with their lights, the opinion."""
        row, view = self.app.commands_on_case.view(request.actor, number, DUTY)
        shown = queries.page(row, view, self.app.vault, clock.now())
        if request.actor.kind == "petitioner" and row.served_on is None:
            shown |= {"opinion": None, "outcome": None}  # an opinion speaks once it is served
        return shown

    @route("GET", "/desk", out=schemas.DeskOut, scope=STAFF)
    def desk(self, request: Request) -> dict[str, Any]:
        """My desk: what waits for my office."""
        with self.app.database.reading() as connection:
            reach = self.app.reach(request.actor)
            return queries.desk(connection, reach, request.actor.office, clock.now())

    @route("POST", "/cases/<number>/acceptance", body=schemas.StepIn, out=schemas.AcceptedOut,
           scope=HANDLE, command=True)  # fmt: skip
    def accept(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """受理: accept the matter; the 60 days begin."""
        return self.app.commands_on_case.run(request, number, handlers.accept, body)

    @route("POST", "/cases/<number>/answer", body=schemas.AnswerIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def answer(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """处理意见: give the opinion."""
        handler = self.app.with_vault(handlers.answer)
        return self.app.commands_on_case.run(request, number, handler, body)

    @route("POST", "/cases/<number>/service", body=schemas.ServeIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def serve(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """送达: record that the opinion reached the petitioner."""
        return self.app.commands_on_case.run(request, number, handlers.serve, body)

    @route("POST", "/cases/<number>/closure", body=schemas.StepIn, out=schemas.ClosedOut,
           scope=HANDLE, command=True)  # fmt: skip
    def close(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """办结: close the case."""
        return self.app.commands_on_case.run(request, number, handlers.close, body)

    @route("GET", "/internal/events", query=events.EventsQuery, out=events.EventsOut,
           scope=identity.SERVICE | identity.TOOL)  # fmt: skip
    def feed(self, request: Request) -> dict[str, Any]:
        """The event log, page by page, for rebuilds and audits."""
        return events.page(self.app.database, self.app.model, **request.query)
