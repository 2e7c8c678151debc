"""One visit to one page: who it is, what they sent, and how the page answers."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Response

from console import forms, words
from console.client import Calls, Down, Refusal
from console.gate import FORM_COOKIE, PETITION_COOKIE
from console.lists import Lists
from console.render import HEADERS, render
from console.sessions import Officer
from kit import clock
from kit.http import Request
from kit.identity import ADMIN_ROLES
from kit.problems import Problem

if TYPE_CHECKING:
    from console.app import Console

T = TypeVar("T")
FORM_EXPIRED = "页面已过期，请检查后再提交一次。"
NOT_VALID = "填写有误："
"""How a service begins the list of fields that are not valid (kit.problems)."""


class Visit:
    """A request to a page, with the app behind it."""

    def __init__(self, app: Console, request: Request) -> None:
        self.app, self.request = app, request
        self.notices: list[tuple[str, str]] = []
        self.failed = 200
        """Status of a page that is all about what could not be had: the refusal's, 503 of a service that is away."""
        self._new_anchor: str | None = None
        self._cookies: list[dict[str, Any]] = []

    # -- who -------------------------------------------------------------------------------------

    @property
    def officer(self) -> Officer:
        """The officer at a page under /office."""
        assert isinstance(self.request.actor, Officer)
        return self.request.actor

    @property
    def number(self) -> str:
        """The petition of a petitioner at a page under /mine."""
        assert self.request.actor.petition is not None
        return self.request.actor.petition

    @cached_property
    def calls(self) -> Calls:
        """The services, on behalf of whoever is here."""
        actor = self.request.actor
        token: str | None = None
        if isinstance(actor, Officer):
            token = self.app.tokens.of(actor)
        elif actor.kind == "petitioner":
            token = self.request.cookies[PETITION_COOKIE]
        return Calls(self.app.http, token, self.request.trace or "")

    @cached_property
    def lists(self) -> Lists:
        """Offices, divisions and categories."""
        return self.app.lists.get()

    @property
    def today(self) -> date:
        """The office's day."""
        return clock.local_date(clock.now(), self.tz)

    @property
    def tz(self) -> str:
        """The office's time zone."""
        return self.app.settings.tz

    @property
    def minute(self) -> str:
        """The office's time as a form takes it: 2026-03-02T09:15."""
        return clock.now().astimezone(ZoneInfo(self.tz)).strftime("%Y-%m-%dT%H:%M")

    def may(self, *roles: str) -> bool:
        """Whether the officer has one of these roles and an office."""
        return self.officer.office is not None and not self.officer.roles.isdisjoint(roles)

    @property
    def only_administers(self) -> bool:
        """Whether the officer administers and sees no petitions."""
        return self.officer.office is None or self.officer.roles <= ADMIN_ROLES

    # -- what they sent --------------------------------------------------------------------------

    def query(self, name: str) -> str:
        """One value of the address, "" where it is not given."""
        value = self.request.query.get(name, "")
        return value if isinstance(value, str) else value[0]

    @property
    def year(self) -> str:
        """The year that is asked for; the present one where it is none."""
        asked = self.query("year")
        return asked if re.fullmatch("[0-9]{4}", asked) else str(self.today.year)

    def text(self, name: str) -> str:
        """One field of the form, trimmed."""
        return self.request.form.get(name, "").strip()

    def whole(self, name: str) -> int | str | None:
        """A whole number of the form, or what was written in its place."""
        return forms.whole(self.text(name))

    @property
    def form_is_ours(self) -> bool:
        """Whether the form came from a page of this visitor's (cross-site request forgery)."""
        return self._anchor != "" and hmac.compare_digest(
            self.text("csrf"), self._csrf(self._anchor)
        )

    def check(self) -> None:
        """Raises Problem 403 for a form that is not ours."""
        if not self.form_is_ours:
            raise Problem(
                403, "form-expired", FORM_EXPIRED, "This form has expired; send it again."
            )

    @property
    def _anchor(self) -> str:
        """What a form is bound to: the session, or the cookie of those who have none."""
        if isinstance(self.request.actor, Officer):
            return self.request.actor.session
        return self._new_anchor or self.request.cookies.get(FORM_COOKIE, "")

    def _csrf(self, anchor: str) -> str:
        return self.app.vault.blind(anchor, "csrf").hex()

    def csrf(self) -> str:
        """The hidden field of a form on this page."""
        if not self._anchor:
            self._new_anchor = secrets.token_hex(16)
            self.remember(FORM_COOKIE, self._new_anchor, "/")
        return self._csrf(self._anchor)

    # -- calls that may fail ---------------------------------------------------------------------

    def part(self, read: Callable[[], T]) -> T | None:
        """What a part of the page needs; where its service is away, None and a notice once."""
        try:
            return read()
        except Down as down:
            self.failed = 503
            self.notice("down", words.SERVICES[down.service])
        except Refusal as refusal:
            self.failed = refusal.status
            for text in _by_field(refusal):
                self.notice("error", text)
        return None

    def done(
        self, command: Callable[[], T], titles: Mapping[str, str] | None = None
    ) -> tuple[T | None, dict[str, str]]:
        """A command's answer, or None and what is wrong by field; the reason becomes a notice.

        Args:
            titles: of the form's fields, by which the notice names them.
        """
        try:
            return command(), {}
        except Down as down:
            self.failed = 503
            self.notice("down", words.NOT_DONE[down.service])
            return None, {}
        except Refusal as refusal:
            self.failed = refusal.status
            self.notice("error", _said(refusal, titles or {}))
            return None, refusal.errors

    def notice(self, kind: str, text: str) -> None:
        """A line above the page: `down`, `error`, `done` or `wait`."""
        if (kind, text) not in self.notices:
            self.notices.append((kind, text))

    # -- answers ---------------------------------------------------------------------------------

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page."""
        officer = self.request.actor if isinstance(self.request.actor, Officer) else None
        about = {
            "officer": officer,
            "visit": self,
            "lists": self.lists,
            "today": self.today,
            "tz": self.tz,
            "csrf": self.csrf,
        }
        response = render(
            template, about | {"errors": {}} | context | {"notices": self.notices}, status
        )
        return self._with_cookies(response)

    def go(self, path: str, **query: str) -> Response:
        """Onward to another page of ours, with GET."""
        given = {name: value for name, value in query.items() if value}
        location = f"{path}?{urlencode(given)}" if given else path
        response = Response("", 303, HEADERS | {"Location": location})
        response.autocorrect_location_header = False
        return self._with_cookies(response)

    def remember(self, name: str, value: str, path: str, seconds: int | None = None) -> None:
        """Sets a cookie that scripts and other sites do not get."""
        self._cookies.append({"key": name, "value": value, "path": path, "max_age": seconds})

    def forget(self, name: str, path: str) -> None:
        """Deletes a cookie."""
        self._cookies.append({"key": name, "value": "", "path": path, "max_age": 0})

    def _with_cookies(self, response: Response) -> Response:
        # a proxy in front says that the browser came by TLS; a liar harms only themselves
        secure = self.request.headers.get("x-forwarded-proto", "") == "https"
        for cookie in self._cookies:
            response.set_cookie(**cookie, httponly=True, samesite="Strict", secure=secure)
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def _by_field(refusal: Refusal) -> list[str]:
    """What is wrong, field by field in the words of the page where it has no form to say it beside."""
    if refusal.code != "invalid" or not refusal.errors:
        return [refusal.detail]
    return [f"{words.field(name)}：{text}" for name, text in refusal.errors.items()]


def _said(refusal: Refusal, titles: Mapping[str, str]) -> str:
    """Why a service said no. Where that is a list of fields, they are told by their titles: a service knows
    their paths alone."""
    if not refusal.detail.startswith(NOT_VALID) or not refusal.errors:
        return refusal.detail
    names = (titles.get(path) or words.field(path) for path in refusal.errors)
    return f"{NOT_VALID}{'、'.join(dict.fromkeys(names))}。"
