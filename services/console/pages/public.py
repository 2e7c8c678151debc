"""Pages for everybody: what this is, the directory, filing a petition, looking one up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from console import words
from console.app import Console
from console.client import Down, Refusal
from console.forms import Registration, new_key
from console.gate import MINE, PETITION_COOKIE
from console.pages.places import asked
from console.render import HEADERS, STATIC, STATIC_TYPES, VERSION
from console.visit import FORM_EXPIRED, Visit
from kit import identity
from kit.http import Request, page, route
from kit.problems import not_found

KEY_USED = "这份表单此前已经提交成功，后来的改动没有登记。如需另外登记一件，请再次提交。"
WRONG = "编号或查询码不正确，请核对回执后重新输入。"
ONLINE = ("web", "mobile", "wechat")
FOREVER = "public, max-age=31536000, immutable"


class PublicPages:
    """Pages that need no log-in."""

    app: Console

    @page("GET", "/", scope=identity.PUBLIC)
    def home(self, request: Request) -> Response:
        """What this is, and the two ways on."""
        return Visit(self.app, request).page("home.html")

    @page("GET", "/offices", scope=identity.PUBLIC)
    def directory(self, request: Request) -> Response:
        """The directory of offices (信访工作条例 Art. 18: published)."""
        return Visit(self.app, request).page("offices.html")

    @page("GET", "/file", scope=identity.PUBLIC)
    def file(self, request: Request) -> Response:
        """The form for a petition."""
        visit = Visit(self.app, request)
        return visit.page("file.html", form=Registration.fresh(channel=_online(visit)))

    @page("POST", "/file", scope=identity.PUBLIC)
    def filed(self, request: Request) -> Response:
        """The form, its answers to check, or, once checked, the receipt."""
        visit = Visit(self.app, request)
        form = Registration.read(
            request.form, channel=_online(visit), received_on=str(visit.today), title=""
        )
        action = visit.text("action")
        if action == "edit":
            return visit.page("file.html", form=form)
        if not visit.form_is_ours:
            visit.notice("error", FORM_EXPIRED)
            return visit.page("file.html", 403, form=form)
        if answer := asked(visit, form, "file.html"):
            return answer
        if gaps := form.gaps():
            return visit.page("file.html", 422, form=form, errors=gaps)
        if action != "submit":
            return visit.page("check.html", form=form)
        return submit(visit, form, "file.html", "receipt.html")

    @page("GET", "/lookup", scope=identity.PUBLIC)
    def lookup(self, request: Request) -> Response:
        """The form for number and query code."""
        visit = Visit(self.app, request)
        if visit.query("expired"):
            visit.notice("wait", "为保护您的信息，查询一小时后自动退出。请重新输入编号和查询码。")
        return visit.page("lookup.html", number="")

    @page("POST", "/lookup", scope=identity.PUBLIC)
    def look_up(self, request: Request) -> Response:
        """Opens a petition to its petitioner; a wrong number and a wrong code look the same."""
        visit = Visit(self.app, request)
        number = visit.text("number")
        if not visit.form_is_ours:
            visit.notice("error", FORM_EXPIRED)
            return visit.page("lookup.html", 403, number=number)
        try:
            answer = visit.calls.petitioner_token(number, visit.text("code"))
        except Down:
            visit.notice("down", "查询暂时无法进行，请稍后再试。")
            return visit.page("lookup.html", 503, number=number)
        except Refusal:
            visit.notice("error", WRONG)
            return visit.page("lookup.html", 403, number=number)
        visit.remember(PETITION_COOKIE, answer["token"], MINE, int(answer["expires_in"]))
        return visit.go(MINE)

    @route("GET", "/static/<version>/<name>", scope=identity.PUBLIC, direct=True, tags=("pages",))
    def static(self, request: Request, version: str, name: str) -> Response:
        """Style and script of the pages; a new version has a new address."""
        suffix = name[name.rfind(".") :]
        if name not in STATIC or suffix not in STATIC_TYPES:
            raise not_found("此文件", "such file")
        headers = HEADERS | {"Cache-Control": FOREVER if version == VERSION else "no-cache"}
        return Response(STATIC[name], headers=headers, content_type=STATIC_TYPES[suffix])


def _online(visit: Visit) -> str:
    """网上, 手机 or 微信: where the link to the form stands says it (/file?channel=wechat)."""
    channel = visit.text("channel") or visit.query("channel")
    return channel if channel in ONLINE else ONLINE[0]


def submit(
    visit: Visit,
    form: Registration,
    again: str,
    slip: str,
    then: Callable[[dict[str, Any]], Any] = lambda answer: None,
) -> Response:
    """Registers what stands in the form: the slip, or the form again with what is wrong.

    Args:
        again, slip: the two templates.
        then: what follows once it is registered; it may leave notices, and undoes nothing.
    """
    try:
        answer = visit.calls.register(form.body(), form.key)
    except Refusal as refusal:
        if refusal.code == "idempotency-key-reused":
            form.key = new_key()
            visit.notice("error", KEY_USED)
            return visit.page(again, 409, form=form)
        # named fields are told at their fields
        visit.notice("error", "有几处需要更正。" if refusal.errors else refusal.detail)
        return visit.page(again, 422, form=form, errors=refusal.errors)
    except Down as down:
        visit.notice("down", words.NOT_DONE[down.service])
        return visit.page(again, 503, form=form)
    then(answer)
    return visit.page(slip, 201, form=form, answer=answer)
