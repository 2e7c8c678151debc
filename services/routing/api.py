"""Routing's routes."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from kit import events, identity
from kit.http import Request, route
from routing import aliases, handlers, queries, schemas
from routing.app import Routing
from routing.store import DELIBERATION, OBJECTION

READ = identity.STAFF | identity.PETITIONER | identity.TOOL
STAFF = identity.STAFF | identity.TOOL
ASSIGN = identity.TRIAGE | identity.TOOL
DESIGNATE = identity.TRIAGE | identity.HEAD | identity.TOOL
OFFICERS = identity.CLERK | identity.HEAD | identity.TRIAGE | identity.SUPERVISOR | identity.TOOL
HANDLE = identity.CLERK | identity.HEAD | identity.TOOL
KEEP = identity.TRIAGE | identity.ADMIN | identity.TOOL
LARGEST = 1 << 20
"""Bytes of a body with a file; a thousand offices have 200 KB."""


class Api:
    """Places, offices and assignments over HTTP."""

    app: Routing

    @route("GET", "/petitions/<number>", out=schemas.RoutingOut, scope=READ)
    def matter(self, request: Request, number: str) -> dict[str, Any]:
        """Where one petition belongs, and by which rule."""
        row, view = self.app.commands_on_matter.view(request.actor, number, OBJECTION, DELIBERATION)
        public = request.actor.kind == "petitioner"
        return self.app.named(queries.page(row, view, self.app.vault, public=public))

    @route("GET", "/triage", query=schemas.TriageQuery, out=schemas.TriageOut, scope=ASSIGN)
    def triage(self, request: Request) -> dict[str, Any]:
        """The triage desk: petitions for which a person must choose."""
        with self.app.database.reading() as connection:
            return queries.triage(connection, self.app.reach(request.actor), request.query)

    @route("POST", "/petitions/<number>/location", body=schemas.PlaceIn, out=schemas.DoneOut,
           scope=ASSIGN, command=True)  # fmt: skip
    def place(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """Set the place of the matter (问题属地)."""
        return self.app.commands_on_matter.run(request, number, self.app.place, body)

    @route("POST", "/petitions/<number>/assignment", body=schemas.AssignIn, out=schemas.DoneOut,
           scope=ASSIGN, command=True)  # fmt: skip
    def assign(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """Name the office that must answer (转送, 交办, 自办)."""
        handler = self.app.with_directory(handlers.assign)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/consultation", body=schemas.ConsultIn,
           out=schemas.DecidedOut, scope=ASSIGN, command=True)  # fmt: skip
    def consult(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """协商: several bodies agree who answers, or it goes to their common superior (Art. 24)."""
        handler = self.app.with_both(handlers.consult)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/designation", body=schemas.DesignateIn,
           out=schemas.DoneOut, scope=DESIGNATE, command=True)  # fmt: skip
    def designate(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """指定: the common superior names the office, with its reason."""
        handler = self.app.with_both(handlers.designate)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/joint-meeting", body=schemas.ConveneIn,
           out=schemas.DoneOut, scope=DESIGNATE, command=True)  # fmt: skip
    def convene(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """联席会议: without a common superior the joint meeting names the office."""
        handler = self.app.with_both(handlers.convene)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/succession", body=schemas.SuccessorIn,
           out=schemas.DoneOut, scope=DESIGNATE, command=True)  # fmt: skip
    def name_successor(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """明确承继单位: of an abolished body's successors, the one that goes on with this matter."""
        handler = self.app.with_both(handlers.name_successor)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/recusal", body=schemas.RecuseIn, out=schemas.DoneOut,
           scope=OFFICERS, command=True)  # fmt: skip
    def recuse(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """回避: step aside from a petition, or, as a head, order that an officer does."""
        handler = self.app.with_directory(handlers.recuse)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("POST", "/offices/<id>/abolition", body=schemas.AbolishIn, out=schemas.DoneOut,
           scope=ASSIGN | identity.ADMIN, command=True)  # fmt: skip
    def abolish(self, request: Request, id: str, body: dict[str, Any]) -> dict[str, Any]:
        """撤销、合并、分立: the body ends on a day, its successors go on (Art. 24)."""
        self.app.check_kept(request.actor, id)
        handler = self.app.with_directory(handlers.abolish)
        return self.app.commands_on_office.run(request, id, handler, body)

    @route("POST", "/petitions/<number>/signature", body=schemas.StepIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def sign(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """签收: confirm that the office has the matter."""
        return self.app.commands_on_matter.run(request, number, handlers.sign, body)

    @route("POST", "/petitions/<number>/objection", body=schemas.ObjectIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def object(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """提出异议: say with reasons that another body is competent, within 5 working days."""
        handler = self.app.with_vault(handlers.raise_objection)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/arbitration", body=schemas.DecideIn, out=schemas.DecidedOut,
           scope=ASSIGN, command=True)  # fmt: skip
    def arbitrate(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """核实异议: agree, and take it back, or uphold the assignment."""
        handler = self.app.with_both(handlers.decide_objection)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/refusal", body=schemas.DeclineIn, out=schemas.DeclinedOut,
           scope=ASSIGN | HANDLE, command=True)  # fmt: skip
    def decline(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """不予受理、不再受理、告知: a coded reason with its article."""
        handler = self.app.with_vault(handlers.decline)
        return self.app.commands_on_matter.run(request, number, handler, body)

    @route("GET", "/offices", out=schemas.DirectoryOut, scope=identity.PUBLIC)
    def offices(self, request: Request) -> dict[str, Any]:
        """The directory of offices (Art. 18: published)."""
        with self.app.database.reading() as connection:
            return {"offices": queries.offices(connection)}

    # -- places -------------------------------------------------------------------------------------

    @route("POST", "/places", body=schemas.PlacesIn, out=schemas.PlacesOut, scope=identity.PUBLIC)
    def places(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """属地: what a text says of its place, with what speaks for each candidate; the text is not kept."""
        return self.app.places(request.actor, body)

    @route("GET", "/aliases", out=schemas.AliasesOut, scope=STAFF)
    def aliases(self, request: Request) -> dict[str, Any]:
        """本地别名: the names that the triage desk kept, with the places that they stand for."""
        with self.app.database.reading() as connection:
            return {"aliases": aliases.all_(connection)}

    @route("POST", "/aliases/ending", body=schemas.EndAliasIn, out=schemas.TakenOut, scope=KEEP,
           command=True)  # fmt: skip
    def end_alias(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """停用: a local name is not read any more."""
        return self.app.end_alias(request, body)

    # -- the directory and the rules as files, and what they say -----------------------------------

    @route("POST", "/offices", body=schemas.FileIn, out=schemas.TakenOut, scope=KEEP, command=True,
           limit=LARGEST)  # fmt: skip
    def take_offices(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """单位目录: take offices over from a CSV or XLSX file; with one fault nothing is taken."""
        return self.app.take_file(request, body, "offices")

    @route("GET", "/offices/file", query=schemas.FileQuery, scope=STAFF)
    def offices_file(self, request: Request) -> Response:
        """The directory as a file that can be taken over again."""
        return self.app.file("offices", request.query["format"])

    @route("GET", "/rules", out=schemas.RulesOut, scope=STAFF)
    def rules(self, request: Request) -> dict[str, Any]:
        """分流规则: the site's own rules, and how often each was taken back in the last year."""
        return self.app.rules(request.actor)

    @route("POST", "/rules", body=schemas.FileIn, out=schemas.TakenOut, scope=KEEP, command=True,
           limit=LARGEST)  # fmt: skip
    def take_rules(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Take the site's rules over from a CSV or XLSX file, all of them, as a new version."""
        return self.app.take_file(request, body, "rules")

    @route("GET", "/rules/file", query=schemas.FileQuery, scope=STAFF)
    def rules_file(self, request: Request) -> Response:
        """The rules as a file that can be taken over again."""
        return self.app.file("rules", request.query["format"])

    @route(
        "GET", "/competence", query=schemas.CompetenceQuery, out=schemas.CompetenceOut, scope=STAFF
    )
    def competence(self, request: Request) -> dict[str, Any]:
        """Which office would have to answer, and why; nothing is decided."""
        return self.app.answer(request.query)

    @route("GET", "/divisions", out=schemas.DivisionsOut, scope=identity.PUBLIC)
    def divisions(self, request: Request) -> dict[str, Any]:
        """The site's divisions."""
        with self.app.database.reading() as connection:
            return {"divisions": queries.divisions(connection)}

    @route("GET", "/categories", out=schemas.CategoriesOut, scope=identity.PUBLIC)
    def categories(self, request: Request) -> dict[str, Any]:
        """The content categories."""
        with self.app.database.reading() as connection:
            return {"categories": queries.categories(connection)}

    @route(
        "GET", "/internal/events", query=events.EventsQuery, scope=identity.SERVICE | identity.TOOL
    )
    def feed(self, request: Request) -> Response:
        """The event log, page by page, for rebuilds and audits.

        An event a line, as it was published; the header `Petition-Position` says where to go on from.
        """
        return events.page(self.app.database, self.app.model, **request.query)
