"""Who stands at a page: an officer by session, a petitioner by token, or the public.

Officers' pages lie under /office, a petitioner's own under /mine, and each cookie is sent to its own
part alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.http import parse_cookie

from kit.http import Request
from kit.identity import PUBLIC_ACTOR, Actor
from kit.problems import Problem

if TYPE_CHECKING:
    from console.app import Console

OFFICE, MINE = "/office", "/mine"
SESSION_COOKIE, PETITION_COOKIE, FORM_COOKIE = "officer", "petition", "form"


class LogInFirst(Problem):
    """No session, or one that is over. `next` is the page that was asked for."""

    def __init__(self, request: Request) -> None:
        super().__init__(401, "log-in-first", "登录已过期，请重新登录。", "Log in again.")
        self.next = request.path if request.method in ("GET", "HEAD") else None


class LookUpFirst(Problem):
    """No token for a petition, or one that is over."""

    def __init__(self) -> None:
        super().__init__(
            401, "look-up-first", "查询已过期，请重新输入编号和查询码。", "Look it up again."
        )


class Gate:
    """The authenticator of pages (`PAGE_AUTHENTICATOR`)."""

    def __init__(self, app: Console) -> None:
        self._app = app

    def actor(self, request: Request) -> Actor:
        """The one at this page. Raises LogInFirst, LookUpFirst."""
        cookies = parse_cookie(request.headers.get("cookie"))
        if _under(OFFICE, request.path):
            secret = cookies.get(SESSION_COOKIE)
            officer = self._app.sessions.find(secret) if secret else None
            if officer is None:
                raise LogInFirst(request)
            return officer
        if _under(MINE, request.path):
            return self._petitioner(cookies.get(PETITION_COOKIE))
        return PUBLIC_ACTOR

    def _petitioner(self, token: str | None) -> Actor:
        try:
            actor = self._app.authenticator.actor(f"Bearer {token}") if token else PUBLIC_ACTOR
        except Problem:
            raise LookUpFirst from None
        if actor.kind != "petitioner":
            raise LookUpFirst
        return actor


def _under(part: str, path: str) -> bool:
    return path == part or path.startswith(f"{part}/")
