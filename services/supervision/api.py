"""Supervision's routes."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from kit import clock, events, identity
from kit.http import Request, attachment, route
from kit.problems import Problem
from kit.template_routes import TemplateRoutes
from kit.templates import TYPES
from supervision import handlers, queries, schemas, settings, views
from supervision.app import Supervision
from supervision.store import (
    CLAIM,
    CONTRIBUTION,
    DOCUMENT,
    DUTY,
    EXTENSION,
    FOLLOW_UP,
    MEDIATION,
    ORDER,
    PROCEEDING,
    REPLY,
    URGENT_MARK,
    URGENT_REPORT,
    Document,
)
from supervision.templates import TEMPLATES

READ = identity.STAFF | identity.PETITIONER | identity.TOOL
STAFF = identity.STAFF | identity.TOOL
HANDLE = identity.CLERK | identity.HEAD | identity.TOOL
DECIDE = identity.HEAD | identity.TOOL
FOLLOW = HANDLE | identity.TRIAGE
SUPERVISE = identity.SUPERVISOR | identity.TOOL
JUDGE = identity.SUPERVISOR | identity.HEAD | identity.TRIAGE | identity.TOOL
SETTLE = identity.TRIAGE | identity.ADMIN | identity.TOOL
SEEK = identity.PETITIONER | identity.CLERK | identity.TOOL


class Api(TemplateRoutes):
    """Cases and duties over HTTP."""

    app: Supervision
    templates = TEMPLATES

    @route("GET", "/cases", query=schemas.CasesQuery, out=schemas.CasesOut, scope=STAFF)
    def cases(self, request: Request) -> dict[str, Any]:
        """The list of cases, newest first."""
        with self.app.database.reading() as connection:
            return queries.cases(
                connection, self.app.reach(request.actor), request.query, clock.now()
            )

    @route("GET", "/cases/<number>", out=schemas.CaseOut, scope=READ)
    def case(self, request: Request, number: str) -> dict[str, Any]:
        """One case: state, steps, claims, proceedings with their opinions, duties with their lights."""
        row, view = self.app.commands_on_case.view(
            request.actor, number, DUTY, CLAIM, PROCEEDING, EXTENSION, CONTRIBUTION, MEDIATION,
            FOLLOW_UP, ORDER, REPLY, DOCUMENT, URGENT_MARK, URGENT_REPORT,
        )  # fmt: skip
        directory = self.app.directory.get()
        return views.page(row, view, self.app.vault, clock.now(), request.actor, directory)

    @route("GET", "/cases/<number>/duties", out=schemas.DutiesOut, scope=READ)
    def duties(self, request: Request, number: str) -> dict[str, Any]:
        """Why this deadline: every duty with its article, day by day."""
        _, view = self.app.commands_on_case.view(request.actor, number, DUTY)
        return views.explained(view, self.app.calendar.get(), clock.now(), request.actor)

    @route("GET", "/desk", out=schemas.DeskOut, scope=STAFF)
    def desk(self, request: Request) -> dict[str, Any]:
        """My desk: what waits for my office."""
        with self.app.database.reading() as connection:
            reach = self.app.reach(request.actor)
            return queries.desk(connection, reach, request.actor.office, clock.now())

    @route("POST", "/cases/<number>/acceptance", body=schemas.AcceptIn, out=schemas.DatedOut,
           scope=HANDLE, command=True)  # fmt: skip
    def accept(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """受理: accept the matter, each claim on its branch; the clock that follows begins."""
        return self.app.step(request, number, handlers.accept, body)

    @route("POST", "/cases/<number>/extension", body=schemas.ExtendIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def ask_extension(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """申请延期: ask the head of the body for up to 30 days more, once."""
        return self.app.step(request, number, handlers.ask_extension, body)

    @route("POST", "/cases/<number>/extension/decision", body=schemas.ApproveIn,
           out=schemas.DatedOut, scope=DECIDE, command=True)  # fmt: skip
    def decide_extension(
        self, request: Request, number: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        """批准延期: the head of the body decides."""
        return self.app.step(request, number, handlers.decide_extension, body)

    @route("POST", "/cases/<number>/assistance", body=schemas.AssistIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def assist(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """协办意见: an assisting office gives its part."""
        return self.app.step(request, number, handlers.assist, body)

    @route("POST", "/cases/<number>/mediation", body=schemas.MediateIn, out=schemas.MediatedOut,
           scope=HANDLE, command=True)  # fmt: skip
    def mediate(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """调解、和解: what was tried and agreed; an agreement on every claim is the answer."""
        return self.app.step(request, number, handlers.mediate, body)

    @route("POST", "/cases/<number>/answer", body=schemas.AnswerIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def answer(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """处理意见: give the opinion, an outcome for each claim."""
        return self.app.step(request, number, handlers.answer, body)

    @route("POST", "/cases/<number>/service", body=schemas.ServeIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def serve(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """送达: record that the opinion reached the petitioner."""
        return self.app.step(request, number, handlers.serve, body)

    @route("POST", "/cases/<number>/notice", body=schemas.ServeIn, out=schemas.DoneOut,
           scope=HANDLE | identity.TRIAGE, command=True)  # fmt: skip
    def notify(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """告知: record that the petitioner was told of a refusal, or where to go."""
        return self.app.step(request, number, handlers.notify, body)

    @route("POST", "/cases/<number>/closure", body=schemas.StepIn, out=schemas.ClosedOut,
           scope=HANDLE, command=True)  # fmt: skip
    def close(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """办结: close the case."""
        return self.app.step(request, number, handlers.close, body)

    @route("POST", "/cases/<number>/follow-up", body=schemas.FollowUpIn, out=schemas.DoneOut,
           scope=FOLLOW, command=True)  # fmt: skip
    def follow_up(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """回访: whether what was answered was carried out."""
        return self.app.step(request, number, handlers.follow_up, body)

    @route("POST", "/cases/<number>/reopening", body=schemas.ReopenIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def reopen(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """重新办理: after a follow-up that found the promise not kept, a new error, a report sent back."""
        return self.app.step(request, number, handlers.reopen, body)

    @route("POST", "/cases/<number>/urgency", body=schemas.MarkUrgentIn, out=schemas.DoneOut,
           scope=HANDLE | identity.TRIAGE, command=True)  # fmt: skip
    def mark_urgent(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """标为紧急: after registration it turned out that the matter is major or urgent (Art. 25)."""
        return self.app.step(request, number, handlers.mark_urgent, body)

    @route("POST", "/cases/<number>/urgent-report", body=schemas.UrgentIn, out=schemas.DoneOut,
           scope=HANDLE | identity.TRIAGE, command=True)  # fmt: skip
    def report_urgent(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """直报、续报: a major or urgent matter was reported, to whom, how and when (Art. 25)."""
        return self.app.step(request, number, handlers.report_urgent, body)

    @route("POST", "/cases/<number>/check", body=schemas.StepIn, out=schemas.DoneOut,
           scope=HANDLE | identity.TRIAGE, command=True)  # fmt: skip
    def resolve(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """核对: facts that clashed were looked at by a person."""
        return self.app.step(request, number, handlers.resolve, body)

    @route("POST", "/cases/<number>/review", body=schemas.SeekIn, out=schemas.DoneOut,
           scope=SEEK, command=True)  # fmt: skip
    def seek_review(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """请求复查、复核: by the petitioner, or entered by a clerk who received the request."""
        return self.app.step(request, number, handlers.seek_review, body)

    @route("POST", "/cases/<number>/review/opinion", body=schemas.ReviewIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def decide_review(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """复查、复核意见: upheld, changed, or revoked and to be redone."""
        return self.app.step(request, number, handlers.decide_review, body)

    @route("POST", "/cases/<number>/review/service", body=schemas.ServeIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def serve_review(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """送达复查、复核意见."""
        return self.app.step(request, number, handlers.serve_review, body)

    @route("POST", "/cases/<number>/review/hearing", body=schemas.StepIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def open_hearing(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """听证开始: the 30 days stand still."""
        return self.app.step(request, number, handlers.open_hearing, body)

    @route("POST", "/cases/<number>/review/hearing/end", body=schemas.StepIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def close_hearing(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """听证结束: the 30 days run on."""
        return self.app.step(request, number, handlers.close_hearing, body)

    # -- papers ------------------------------------------------------------------------------------

    @route("POST", "/cases/<number>/papers", body=schemas.PaperIn, out=schemas.PaperOut,
           scope=HANDLE | identity.TRIAGE, command=True)  # fmt: skip
    def give_paper(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """出具文书: give a paper its number, and have it printed."""
        return self.app.step(request, number, handlers.give_paper, body)

    @route("POST", "/cases/<number>/papers/<int:ordinal>/voiding", body=schemas.VoidIn,
           out=schemas.DoneOut, scope=HANDLE | identity.TRIAGE, command=True)  # fmt: skip
    def void_paper(
        self, request: Request, number: str, ordinal: int, body: dict[str, Any]
    ) -> dict[str, Any]:
        """作废: the paper was wrong; its number stays taken."""
        return self.app.step(request, number, handlers.void_paper, body | {"ordinal": ordinal})

    @route("GET", "/cases/<number>/papers/<int:ordinal>", scope=READ)
    def paper(self, request: Request, number: str, ordinal: int) -> Response:
        """The printed paper as DOCX; every look is logged."""
        _, view = self.app.commands_on_case.view(
            request.actor, number, DOCUMENT, PROCEEDING, MEDIATION
        )
        public = request.actor.kind == "petitioner"
        found = next((p for p in view.of(Document) if p.ordinal == ordinal), None)
        if found is None or (public and not views.public_paper(found, view)):
            raise Problem(404, "paper-unknown", "没有这份文书。", "There is no such paper.")
        if found.printed_at is None:
            raise Problem(409, "paper-not-printed", "文书正在生成,请稍后再试。",
                          "The paper is being printed; try again.", headers={"Retry-After": "2"})  # fmt: skip
        self.app.audited(request, "read-paper", number, found.code)
        with self.app.database.reading() as connection:
            content = queries.printed(connection, found, self.app.vault)
        return attachment(content, f"{found.code}.docx", TYPES["docx"])

    @route("GET", "/papers", query=schemas.PapersQuery, out=schemas.PapersOut, scope=STAFF)
    def register(self, request: Request) -> dict[str, Any]:
        """文书登记簿: the papers of an office by number, without gaps."""
        office = self._own(request, request.query["office"])
        with self.app.database.reading() as connection:
            reach = self.app.reach(request.actor)
            return queries.register(connection, reach, request.query | {"office": office})

    def _own(self, request: Request, office: str | None) -> str:
        """The office asked for, if it is the reader's or under it; the reader's without one."""
        own = request.actor.office
        if request.actor.kind == "tool":
            return office or self.app.directory.get().root().id  # type: ignore[union-attr]
        if office and own and not self.app.directory.get().under(office, own):
            raise Problem(403, "office-not-yours", "只能查看本单位及下级单位的文书。",
                          "Only papers of your own office and those under it.", field="office")  # fmt: skip
        return office or own or ""

    # -- what the site sets itself -----------------------------------------------------------------

    @route("GET", "/limits", out=schemas.LimitsOut, scope=STAFF)
    def limits(self, request: Request) -> dict[str, Any]:
        """期限: every limit with its ground, whether the site may change it, and its own versions."""
        with self.app.database.reading() as connection:
            return {"limits": settings.all_limits(connection)}

    @route("POST", "/limits", body=schemas.FileIn, out=schemas.TakenOut, scope=SETTLE, command=True)
    def take_limits(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Take over the site's own limits from a CSV file; what is open keeps its own."""
        return self.app.take_settings(
            request, body, "limits", settings.limits, settings.take_limits
        )

    @route("GET", "/calendar", query=schemas.YearQuery, out=schemas.YearOut, scope=STAFF)
    def calendar(self, request: Request) -> dict[str, Any]:
        """工作日历: the days of a year that are not what their weekday says."""
        with self.app.database.reading() as connection:
            return settings.year(connection, request.query["year"])

    @route(
        "POST", "/calendar", body=schemas.FileIn, out=schemas.TakenOut, scope=SETTLE, command=True
    )
    def take_days(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Take over holidays and make-up working days from a CSV file; open deadlines move with it."""
        return self.app.take_settings(request, body, "calendar", settings.days, settings.take_days)

    # -- orders, and what is owed about no petition ----------------------------------------------

    @route("GET", "/orders", query=schemas.OrdersQuery, out=schemas.OrdersOut, scope=STAFF)
    def orders(self, request: Request) -> dict[str, Any]:
        """督办台账: orders, reports, proposals and yearly reports within reach, with their lights."""
        with self.app.database.reading() as connection:
            reach = self.app.reach(request.actor)
            return queries.orders(connection, reach, request.query, clock.now())  # type: ignore[no-any-return]

    @route("POST", "/cases/<number>/orders", body=schemas.OrderIn, out=schemas.IssuedOut,
           scope=SUPERVISE, command=True)  # fmt: skip
    def issue(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """督办: demand an answer of a body that has the petition (Art. 40)."""
        return self.app.step(request, number, handlers.issue, body)

    @route("POST", "/cases/<number>/orders/<round_>/reply", body=schemas.ReplyIn,
           out=schemas.DoneOut, scope=HANDLE, command=True)  # fmt: skip
    def reply(
        self, request: Request, number: str, round_: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        """回复督办, or report the result of a 交办."""
        commands = self.app.commands_on_case
        return self.app.order_step(commands, request, number, round_, handlers.reply, body)

    @route("POST", "/cases/<number>/orders/<round_>/verdict", body=schemas.JudgeIn,
           out=schemas.DoneOut, scope=JUDGE, command=True)  # fmt: skip
    def judge(
        self, request: Request, number: str, round_: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        """确认办结, or 退回重办."""
        commands = self.app.commands_on_case
        return self.app.order_step(commands, request, number, round_, handlers.judge, body)

    @route("POST", "/cases/<number>/orders/<round_>/lifting", body=schemas.NothingIn,
           out=schemas.DoneOut, scope=JUDGE, command=True)  # fmt: skip
    def lift(
        self, request: Request, number: str, round_: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        """撤销督办."""
        commands = self.app.commands_on_case
        return self.app.order_step(commands, request, number, round_, handlers.lift, body)

    @route("POST", "/affairs", body=schemas.ProposalIn, out=schemas.DoneOut, scope=SUPERVISE,
           command=True)  # fmt: skip
    def propose(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """三项建议: improve the work, better a policy, hold to account (Art. 14, 40)."""
        return self.app.propose(request, body)

    @route("GET", "/affairs/<number>", out=schemas.AffairOut, scope=STAFF)
    def affair(self, request: Request, number: str) -> dict[str, Any]:
        """One affair: what was demanded, what was answered, until when."""
        row, view = self.app.commands_on_affair.view(request.actor, number, DUTY, ORDER, REPLY)
        return views.affair_page(row, view, self.app.vault, clock.now())

    @route("GET", "/affairs/<number>/duties", out=schemas.DutiesOut, scope=STAFF)
    def affair_duties(self, request: Request, number: str) -> dict[str, Any]:
        """Why this deadline."""
        _, view = self.app.commands_on_affair.view(request.actor, number, DUTY)
        return views.explained(view, self.app.calendar.get(), clock.now(), request.actor)

    @route("POST", "/affairs/<number>/reply", body=schemas.ReplyIn, out=schemas.DoneOut,
           scope=HANDLE, command=True)  # fmt: skip
    def affair_reply(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """反馈建议, with whether it is adopted; or record that the yearly report was sent."""
        commands = self.app.commands_on_affair
        return self.app.order_step(commands, request, number, "1", handlers.reply, body)

    @route("POST", "/affairs/<number>/verdict", body=schemas.JudgeIn, out=schemas.DoneOut,
           scope=JUDGE, command=True)  # fmt: skip
    def affair_judge(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """Take note of the feedback, or send it back."""
        commands = self.app.commands_on_affair
        return self.app.order_step(commands, request, number, "1", handlers.judge, body)

    @route("POST", "/affairs/<number>/lifting", body=schemas.NothingIn, out=schemas.DoneOut,
           scope=JUDGE, command=True)  # fmt: skip
    def affair_lift(self, request: Request, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """撤销建议."""
        commands = self.app.commands_on_affair
        return self.app.order_step(commands, request, number, "1", handlers.lift, body)

    @route(
        "GET", "/internal/events", query=events.EventsQuery, scope=identity.SERVICE | identity.TOOL
    )
    def feed(self, request: Request) -> Response:
        """The event log, page by page, for rebuilds and audits.

        An event a line, as it was published; the header `Petition-Position` says where to go on from.
        """
        return events.page(self.app.database, self.app.model, **request.query)
