"""Intake's routes."""

from __future__ import annotations

from typing import Any

from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response

from intake import contents, handlers, queries, receptions, schemas
from intake.app import Intake
from intake.domain.attachments import BY_NAME, MOST_MEGABYTES, check_download
from intake.domain.registration import Refused, check_readable, hides_people
from intake.store import (
    ATTACHMENT,
    CLAIM,
    ENTRY,
    PERSON,
    SUPPLEMENT,
    TIMELINE,
    Attachment,
    Person,
    Petition,
    ReceptionEntry,
)
from kit import clock, events, identity
from kit.http import Request, attachment, route
from kit.identity import Actor
from kit.problems import Problem, not_found

FILE = identity.PUBLIC
READ = identity.STAFF | identity.PETITIONER | identity.TOOL
STAFF = identity.STAFF | identity.TOOL
LINK = identity.CLERK | identity.TRIAGE | identity.TOOL
WITHDRAW = COUNTER = identity.CLERK | identity.TOOL
TOKEN_SECONDS = 3600
FILE_LIMIT = (MOST_MEGABYTES << 20) + 1
"""Bytes of an upload that are received at all; what a site allows is told with the file's name."""


class Api:
    """The register over HTTP."""

    app: Intake

    @route("POST", "/petitions", body=schemas.RegisterIn, out=schemas.RegisteredOut, scope=FILE,
           status=201, command=True)  # fmt: skip
    def register(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Register a petition (登记): by an officer at the counter, or by a petitioner online."""
        if body["registered_at"] and request.actor.kind != "tool":
            raise Refused("registered-at-by-hand", "登记时间由系统记录。",
                          "The time of registration is the system's.", "registered_at")  # fmt: skip
        self.app.check(body, request.actor)
        answer = self.app.registrations.run(request, body)
        self.app.count_suggestion(body, request.actor)
        return answer

    @route("POST", "/categories/suggestions", body=schemas.SuggestIn, out=schemas.SuggestionsOut,
           scope=COUNTER)  # fmt: skip
    def suggestions(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """建议分类: at most three categories that a text seems to be about, with the words that say so."""
        check_readable(body["type"])
        found = self.app.suggestions(body["text"])
        return {"suggestions": [{"category": s.category, "words": list(s.words)} for s in found]}

    @route("GET", "/petitions/<number>", out=schemas.PetitionOut, scope=READ)
    def petition(self, request: Request, number: str) -> dict[str, Any]:
        """One petition with masked people."""
        row, view = self.app.commands_on_petition.view(
            request.actor, number, PERSON, CLAIM, SUPPLEMENT, ATTACHMENT, ENTRY
        )
        with self.app.database.reading() as connection:
            told = [entry.reception for entry in view.of(ReceptionEntry)]
            sessions = queries.sessions(connection, told)
        if request.actor.kind != "petitioner":
            self.app.audited(request, "read", number)
        hidden = self._hidden(request, row)
        return queries.page(row, view, self.app.vault, hidden=hidden, sessions=sessions)

    @route("POST", "/petitions/<number>/identity", body=schemas.ReasonIn, out=schemas.PeopleOut,
           scope=STAFF)  # fmt: skip
    def reveal(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """The people in clear, for a stated reason; every look is logged."""
        row, view = self.app.commands_on_petition.view(request.actor, number, PERSON)
        if self._hidden(request, row):
            raise Refused("confidential", "本件保密,信访人信息只有登记单位可以查看。",
                          "It is confidential: only the office that registered it sees who petitioned.",
                          None, "信访工作条例 第四十六条", 403)  # fmt: skip
        self.app.audited(request, "read-identity", number, body["reason"])
        return {"people": queries.people(view, self.app.vault, masked=False)}

    @staticmethod
    def _hidden(request: Request, row: Petition) -> bool:
        actor = request.actor
        return hides_people(row.confidential, row.registered_by, actor.kind, actor.office)

    @route("POST", "/petitions/<number>/rating", body=schemas.RateIn, out=schemas.DoneOut,
           scope=identity.PETITIONER, command=True)  # fmt: skip
    def rate(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """The petitioner's rating of both bodies (评价), once."""
        return self.app.commands_on_petition.run(
            request, number, self.app.with_vault(handlers.rate), body
        )

    @route("POST", "/petitions/<number>/supplement", body=schemas.SupplementIn, out=schemas.DoneOut,
           scope=identity.PETITIONER | WITHDRAW, command=True)  # fmt: skip
    def supplement(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """补充: add to the petition while it is under way."""
        handler = self.app.with_vault(handlers.supplement)
        return self.app.commands_on_petition.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/attachments", query=schemas.AttachQuery,
           out=schemas.AttachedOut, scope=identity.PETITIONER | WITHDRAW, status=201, command=True,
           raw=True, limit=FILE_LIMIT)  # fmt: skip
    def attach(self, request: Request, number: str) -> dict[str, Any]:
        """添加附件: the body is the file; its name stands in the header Content-Disposition (RFC 8187), since no
        person's words stand in an address."""
        _, options = parse_options_header(request.headers.get("content-disposition", ""))
        body = {
            "name": options.get("filename", ""),
            "data": request.raw,
            "digest": contents.digest_of(request.raw),
            "identity": request.query["identity"],
        }
        return self.app.commands_on_petition.run(request, number, self.app.attach(), body)

    @route("GET", "/petitions/<number>/attachments/<int:ordinal>", scope=READ)
    def attachment(self, request: Request, number: str, ordinal: int) -> Response:
        """One file, to be saved and not to be shown; every download is logged."""
        row, view = self.app.commands_on_petition.view(request.actor, number, ATTACHMENT)
        file = next((f for f in view.of(Attachment) if f.ordinal == ordinal), None)
        if file is None or (file.identity and self._hidden(request, row)):
            raise not_found("此附件", "such attachment")
        name = queries.file_name(file, self.app.vault)
        check_download(name, file.state)
        self.app.audited(request, "read-attachment", number)
        kind = BY_NAME[file.kind]
        plain = f"{ordinal}{kind.endings[0]}"
        return attachment(self.app.content(file), name, kind.media_type, plain)

    @route("POST", "/petitions/<number>/reception", body=schemas.RecordIn, out=schemas.DoneOut,
           scope=WITHDRAW, command=True)  # fmt: skip
    def receive(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """接待登记: it was brought to a session, and what was agreed there."""
        session, _ = self.app.commands_on_reception.view(request.actor, body["reception"])
        handler = self.app.at_session(receptions.record, session)
        return self.app.commands_on_petition.run(request, number, handler, body)

    @route("POST", "/petitions/<number>/reception/follow-up", body=schemas.FollowUpIn,
           out=schemas.DoneOut, scope=WITHDRAW, command=True)  # fmt: skip
    def follow_up(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """回访: whether what was agreed at a session was done."""
        session, _ = self.app.commands_on_reception.view(request.actor, body["reception"])
        handler = self.app.at_session(receptions.follow_up, session)
        return self.app.commands_on_petition.run(request, number, handler, body)

    @route("POST", "/receptions", body=schemas.ReceptionIn, out=schemas.DoneOut, scope=WITHDRAW,
           status=201, command=True)  # fmt: skip
    def plan(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """安排接待: a leaders' day, a visit down, a joint reception."""
        self.app.check_session(body, request.actor)
        return self.app.plans.run(request, body)

    @route("POST", "/receptions/<number>", body=schemas.ReceptionIn, out=schemas.DoneOut,
           scope=WITHDRAW, command=True)  # fmt: skip
    def change_plan(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """更改安排、公示、取消."""
        self.app.check_offices(body["offices"], "offices")
        return self.app.commands_on_reception.run(request, number, receptions.change, body)

    @route("GET", "/receptions", out=schemas.ReceptionsOut, scope=STAFF)
    def sessions(self, request: Request) -> dict[str, Any]:
        """The sessions that the officer's office holds or takes part in."""
        with self.app.database.reading() as connection:
            return {"receptions": queries.all_sessions(connection, self.app.reach(request.actor))}

    @route("GET", "/receptions/<number>", out=schemas.ReceptionOut, scope=STAFF)
    def session(self, request: Request, number: str) -> dict[str, Any]:
        """One session, with those of its petitions that the officer may see."""
        row, view = self.app.commands_on_reception.view(request.actor, number)
        with self.app.database.reading() as connection:
            reach = self.app.reach(request.actor)
            entries = queries.brought(connection, reach, number, self.app.vault)
        self.app.audited(request, "read-reception", number)
        sequence = f"intake:{view.cursor.own}"
        return {"reception": queries.plan(row), "entries": entries, "sequence": sequence}

    @route("GET", "/reception-days", out=schemas.ReceptionsOut, scope=FILE)
    def reception_days(self, request: Request) -> dict[str, Any]:
        """公示: the sessions to come, for everybody (Art. 18)."""
        today = clock.local_date(clock.now(), self.app.settings.tz)
        with self.app.database.reading() as connection:
            return {"receptions": queries.published(connection, today)}

    @route("GET", "/petitions/<number>/repeats", out=schemas.RepeatsOut, scope=STAFF)
    def repeats(self, request: Request, number: str) -> dict[str, Any]:
        """Earlier petitions of the same persons: suggestions, for a person to confirm."""
        row, view = self.app.commands_on_petition.view(request.actor, number, PERSON)
        reach = self.app.reach(request.actor)
        with self.app.database.reading() as connection:
            found = queries.repeats(connection, reach, row, view.of(Person))
        self.app.audited(request, "read-repeats", number)
        return {"candidates": found}

    @route("POST", "/petitions/<number>/link", body=schemas.LinkIn, out=schemas.LinkedOut,
           scope=LINK, command=True)  # fmt: skip
    def link(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """登记为重复件: confirm that it repeats an earlier one."""
        first, _ = self.app.commands_on_petition.view(request.actor, body["repeat_of"])

        def linked(unit: Any, row: Any, sent: dict[str, Any], actor: Actor) -> dict[str, Any]:
            return handlers.link(unit, row, sent, actor, first)

        return self.app.commands_on_petition.run(request, number, linked, body)

    @route("POST", "/petitions/<number>/unlink", body=schemas.EmptyIn, out=schemas.DoneOut,
           scope=LINK, command=True)  # fmt: skip
    def unlink(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """撤销重复件登记: it is a matter of its own."""
        return self.app.commands_on_petition.run(request, number, handlers.unlink, body)

    @route("POST", "/petitions/<number>/contest", body=schemas.EmptyIn, out=schemas.DoneOut,
           scope=identity.PETITIONER, command=True)  # fmt: skip
    def contest(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """信访人异议: it is not the same matter; a person looks at it."""
        return self.app.commands_on_petition.run(request, number, handlers.contest, body)

    @route("POST", "/petitions/<number>/withdrawal", body=schemas.WithdrawIn, out=schemas.DoneOut,
           scope=identity.PETITIONER | WITHDRAW, command=True)  # fmt: skip
    def withdraw(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """撤回: while no opinion was given."""
        handler = self.app.with_vault(handlers.withdraw)
        return self.app.commands_on_petition.run(request, number, handler, body)

    @route("GET", "/petitions/<number>/timeline", out=schemas.TimelineOut, scope=READ)
    def timeline(self, request: Request, number: str) -> dict[str, Any]:
        """Every step of every service, oldest first."""
        _, view = self.app.commands_on_petition.view(request.actor, number, TIMELINE)
        return {"entries": queries.entries(view, public=request.actor.kind == "petitioner")}

    @route("POST", "/titles", body=schemas.NumbersIn, out=schemas.TitlesOut, scope=STAFF)
    def titles(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Titles and masked names for one page of a list."""
        with self.app.database.reading() as connection:
            reach = self.app.reach(request.actor)
            found = queries.titles(connection, reach, body["numbers"], self.app.vault)
        self.app.audited(request, "read-titles", None)
        return {"titles": found}

    @route("POST", "/search", body=schemas.SearchIn, out=schemas.SearchOut, scope=STAFF)
    def search(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Numbers by person (exact) or by words, in the body: no person stands in a URL."""
        with self.app.database.reading() as connection:
            numbers, narrow = queries.search(
                connection, self.app.reach(request.actor), body, self.app.vault
            )
        self.app.audited(request, "search", None)
        return {"numbers": numbers, "narrow": narrow}

    @route("POST", "/petitioner-tokens", body=schemas.TokenIn, out=schemas.TokenOut,
           scope=identity.PUBLIC)  # fmt: skip
    def token(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """A petitioner's token for one petition, against its number and query code."""
        number = body["number"].strip()
        if not self.app.vault.check_code(number, body["code"]):
            raise Problem(403, "code-wrong", "编号或查询码不正确。", "Number or query code is wrong.",
                          field="code")  # fmt: skip
        actor = Actor("petitioner", number, None, frozenset(), number)
        return {"token": self.app.issuer.token(actor, TOKEN_SECONDS), "expires_in": TOKEN_SECONDS}

    @route("POST", "/internal/place-texts", body=schemas.NumbersIn, out=schemas.PlaceTextsOut,
           scope=identity.SERVICE)  # fmt: skip
    def place_texts(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Texts and bodies complained about, for routing's worker alone (house.md 4)."""
        with self.app.database.reading() as connection:
            return {"texts": queries.place_texts(connection, body["numbers"])}

    @route("GET", "/internal/petitions/<number>/addressee", query=schemas.PaperQuery,
           out=schemas.AddresseeOut, scope=identity.SERVICE)  # fmt: skip
    def addressee(self, request: Request, number: str) -> dict[str, Any]:
        """Who a paper is for, and the petition's words, for the service that prints it (house.md 4).

        `officer` gave the paper `paper` for `office`; that is what the audit log names.
        """
        asked = request.query
        row, view = self.app.commands_on_petition.view(request.actor, number, PERSON, CLAIM)
        self.app.audited(request, "read-addressee", number, f"{asked['paper']} {asked['officer']}")
        hidden = hides_people(row.confidential, row.registered_by, "officer", asked["office"])
        return queries.addressee(row, view, self.app.vault, hidden=hidden)

    @route(
        "GET", "/internal/events", query=events.EventsQuery, scope=identity.SERVICE | identity.TOOL
    )
    def feed(self, request: Request) -> Response:
        """The event log, page by page, for rebuilds and audits.

        An event a line, as it was published; the header `Petition-Position` says where to go on from.
        """
        return events.page(self.app.database, self.app.model, **request.query)
