"""简报 over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from kit.http import Request, attachment, route
from kit.identity import Actor, Office
from kit.problems import not_found
from kit.templates import TYPES
from kit.unit import Unit
from stats import bulletins, printing
from stats.api.scopes import REPORT, SIGN, STAFF
from stats.app import Stats, is_own
from stats.domain.bulletins import DRAFT
from stats.schemas import bulletins as schemas
from stats.store import Bulletin

WHAT = "简报"
Step = Callable[[Unit, Bulletin, Office, Actor], dict[str, Any]]


class BulletinsApi:
    """Bulletins: an office's own words, numbered without gaps."""

    app: Stats

    @route("GET", "/bulletins", query=schemas.BulletinsQuery, out=schemas.BulletinsOut, scope=STAFF)
    def bulletins(self, request: Request) -> dict[str, Any]:
        """An office's series, and its bulletins of a year by number, voided ones too."""
        office, year = request.query["office"], request.query["year"]
        with self.app.database.reading() as connection:
            own = is_own(request.actor, office)
            return bulletins.listed(connection, self.app.vault, office, year, own)

    @route("GET", "/bulletins/<id>", out=schemas.BulletinOut, scope=STAFF)
    def bulletin(self, request: Request, id: str) -> dict[str, Any]:
        """One bulletin; a draft is its own office's."""
        with self.app.database.reading() as connection:
            return bulletins.one(
                connection, self.app.vault, self._bulletin(connection, request, id)
            )

    @route("GET", "/bulletins/<id>/file", scope=STAFF)
    def bulletin_file(self, request: Request, id: str) -> Response:
        """The bulletin as DOCX."""
        with self.app.database.reading() as connection:
            self._bulletin(connection, request, id)
            content = printing.opened(connection, self.app.vault, id, 1, bulletins.EDITION, "docx")
        self.app.audited(request, "read-bulletin", id)
        return attachment(content, f"{id}.docx", TYPES["docx"])

    @route("POST", "/bulletins/series", body=schemas.SeriesIn, out=schemas.SeriesOut, scope=REPORT,
           command=True)  # fmt: skip
    def begin_series(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """A new series of the reader's office."""
        office = self._own(request)
        return self.app.do(
            request, lambda unit, actor: bulletins.begin(unit, office, body["series_name"])
        )

    @route("POST", "/bulletins", body=schemas.DraftIn, out=schemas.DraftOut, scope=REPORT,
           status=201, command=True)  # fmt: skip
    def draft_bulletin(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """拟稿."""
        office, vault = self._own(request), self.app.vault
        return self.app.do(
            request, lambda unit, actor: bulletins.draft(unit, office, body, actor, vault)
        )

    @route("POST", "/bulletins/<id>/change", body=schemas.ChangeIn, out=schemas.DraftOut,
           scope=REPORT, command=True)  # fmt: skip
    def change_bulletin(self, request: Request, id: str, body: dict[str, Any]) -> dict[str, Any]:
        """修改 of a draft."""
        vault = self.app.vault
        return self._step(
            request, id, lambda unit, row, office, actor: bulletins.change(unit, row, body, vault)
        )

    @route("POST", "/bulletins/<id>/issue", body=schemas.SeenIn, out=schemas.IssuedOut, scope=SIGN,
           command=True)  # fmt: skip
    def issue_bulletin(self, request: Request, id: str, body: dict[str, Any]) -> dict[str, Any]:
        """印发: the next number of its series and year."""
        seen = body["revision"]
        return self._step(
            request, id,
            lambda unit, row, office, actor: bulletins.issue(unit, row, seen, office, actor),
        )  # fmt: skip

    @route("POST", "/bulletins/<id>/voiding", body=schemas.VoidIn, out=schemas.VoidedOut,
           scope=SIGN, command=True)  # fmt: skip
    def void_bulletin(self, request: Request, id: str, body: dict[str, Any]) -> dict[str, Any]:
        """作废: it was wrong; its number stays taken."""
        reason, vault = body["reason"], self.app.vault
        return self._step(
            request, id,
            lambda unit, row, office, actor: bulletins.void(unit, row, reason, office, actor, vault),
        )  # fmt: skip

    def _step(self, request: Request, id: str, step: Step) -> dict[str, Any]:
        """One step of a bulletin of the reader's own office."""

        def work(unit: Unit, actor: Actor) -> dict[str, Any]:
            unit.open([id])
            row = unit.get(Bulletin, id)
            if row is None:
                raise _unknown()
            return step(unit, row, self.app.own(actor, row.office, WHAT), actor)

        return self.app.do(request, work)

    def _own(self, request: Request) -> Office:
        """The reader's office; for the command line, the site's own."""
        root = self.app.directory.get().root()
        return self.app.own(request.actor, request.actor.office or (root.id if root else ""), WHAT)

    def _bulletin(self, connection: Any, request: Request, id: str) -> Any:
        row = bulletins.found(connection, id)
        if row is None or (row.state == DRAFT and not is_own(request.actor, row.office)):
            raise _unknown()
        return row


def _unknown() -> Exception:
    return not_found("这份简报", "such bulletin")
