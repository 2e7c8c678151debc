"""What one process of one service is made of, built once and handed to every route and handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from nameko.extensions import DependencyProvider

from kit import clock, keys, sheet
from kit.audit import AuditEntry, to_row
from kit.commands import Commands, audit_row
from kit.config import Settings
from kit.db import Database, connect
from kit.identity import (
    Actor,
    Authenticator,
    DirectoryCache,
    Issuer,
    Reach,
    Visible,
    reach,
)
from kit.offices import directory_cache
from kit.problems import forbidden
from kit.relay import Wake
from kit.sqlstore import SqlStore
from kit.unit import Changes, Model, Unit
from kit.vault import Vault


@dataclass
class App:
    """The parts of one service's process."""

    settings: Settings
    database: Database
    model: Model
    vault: Vault
    directory: DirectoryCache
    authenticator: Authenticator
    wake: Wake

    @classmethod
    def build(cls, settings: Settings, model: Model, pool_size: int = 20) -> Self:
        """Opens no connection: a process starts, and waits, also where nothing answers yet."""
        wake = Wake()
        database = connect(settings, pool_size, wake.set)
        return cls(
            settings=settings,
            database=database,
            model=model,
            vault=Vault(keys.load_vault(settings.keys), settings.service),
            directory=directory_cache(database, model.tables),
            authenticator=Authenticator(keys.load_public(settings.keys)),
            wake=wake,
        )

    def reach(self, actor: Actor) -> Reach:
        """What this actor may see, by the directory as it is now."""
        return reach(actor, self.directory.get())

    def check_keeper(self, actor: Actor) -> None:
        """What holds for the whole site is kept by the administrator and by its own petition office.

        Raises Problem 403 for anybody else.
        """
        root = self.directory.get().root()
        keeps = actor.kind == "tool" or "admin" in actor.roles
        if not keeps and (root is None or actor.office != root.id):
            raise forbidden()

    def take(
        self,
        request: Any,
        body: dict[str, Any],
        read: Callable[[bytes], tuple[str, Callable[[Unit], int]]],
    ) -> dict[str, Any]:
        """Takes a file of what holds for the whole site over, in one transaction with its audit row; or nothing of it.

        Args:
            body: its `content` in base64.
            read: makes of the content what it is about, for the audit log, and what writes it and gives how much was
                taken. Either may raise Unreadable with all that is wrong.

        Raises Problem 403 for who does not keep the site's rules, 422 with what is wrong by row.
        """
        self.check_keeper(request.actor)
        try:
            about, write = read(sheet.sent(body["content"]))
            with self.database.unit(self.model) as unit:
                taken = write(unit)
                unit.audit(audit_row(unit, request, about))
        except sheet.Unreadable as error:
            raise sheet.refused(error) from error
        return {"taken": taken}

    @cached_property
    def issuer(self) -> Issuer:
        """Signs this service's own tokens."""
        name = self.settings.service
        return Issuer(keys.load_private(self.settings.keys, name), name)

    def service_token(self) -> str:
        """A short-lived token for the internal routes of another service."""
        return self.issuer.own()

    def commands(self, row: type[Any], visible: Visible, *needs: type[Any]) -> Commands:
        return Commands(self.database, self.model, self.vault, row, visible, self.reach, needs)

    def with_vault(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that writes what a person said needs the vault to seal it."""
        return lambda unit, row, body, actor: handler(unit, row, body, actor, self.vault)

    def audited(
        self, request: Any, action: str, subject: str | None, reason: str | None = None
    ) -> None:
        """Writes an audit row of a reading, in a transaction of its own."""
        entry = AuditEntry.by(
            request.actor,
            at=clock.now(),
            action=action,
            subject=subject,
            route=request.route,
            reason=reason,
        )
        with self.database.transaction() as transaction:
            store = SqlStore(self.model, transaction)
            store.write(Changes(audits=[to_row(entry, self.vault)]))


class AppProvider(DependencyProvider):  # type: ignore[misc]
    """nameko dependency: the `App` of the process."""

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.container.config["APP"]
