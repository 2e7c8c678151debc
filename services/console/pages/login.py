"""Logging in and out."""

from __future__ import annotations

from werkzeug.wrappers import Response

from console.app import Console
from console.gate import OFFICE, SESSION_COOKIE
from console.visit import FORM_EXPIRED, Visit
from kit import identity
from kit.http import Request, page

REFUSED = "账号或密码不正确；连续五次输错的账号会锁定十五分钟。"
LONGEST_LOGIN = 64


class LoginPages:
    """The way into the office and out of it."""

    app: Console

    @page("GET", "/login", scope=identity.PUBLIC)
    def login(self, request: Request) -> Response:
        """The log-in form."""
        visit = Visit(self.app, request)
        return visit.page("login.html", login="", next=_safe(visit.query("next")))

    @page("POST", "/login", scope=identity.PUBLIC)
    def log_in(self, request: Request) -> Response:
        """Logs in. Whatever is wrong, the answer is the same."""
        visit = Visit(self.app, request)
        login, after = visit.text("login")[:LONGEST_LOGIN], _safe(visit.text("next"))
        if not visit.form_is_ours:
            visit.notice("error", FORM_EXPIRED)
            return visit.page("login.html", 403, login=login, next=after)
        account = self.app.log_in(login, request.form.get("password", ""))
        if account is None:
            visit.notice("error", REFUSED)
            return visit.page("login.html", 403, login=login, next=after)
        visit.remember(SESSION_COOKIE, self.app.sessions.open(account), OFFICE)
        return visit.go(after or OFFICE)

    @page("POST", "/office/logout", scope=identity.STAFF)
    def log_out(self, request: Request) -> Response:
        """Ends the session."""
        visit = Visit(self.app, request)
        visit.check()
        self.app.sessions.close(visit.officer.session)
        self.app.audited(request, "logout", visit.officer.id)
        visit.forget(SESSION_COOKIE, OFFICE)
        return visit.go("/login", out="1")


def _safe(path: str) -> str:
    """A page of the office to go on to, "" for anything else."""
    return path if path == OFFICE or (path.startswith(f"{OFFICE}/") and path.isascii()) else ""
