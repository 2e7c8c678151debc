"""`petition parked`: what could not be read or applied, in the words of a terminal."""

from __future__ import annotations

import kit.patched  # noqa: F401  isort: skip

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TypeVar

import click
import orjson

from contracts.flows import FLOWS
from kit import clock, envelope
from kit import parked as parking
from kit.app import App
from kit.audit import AuditEntry, to_row
from kit.envelope import Event
from kit.inbox import Handler
from kit.migrations import engine_for
from tool.commands import app_of, database_url, operator

T = TypeVar("T")
SERVICES = ("intake", "routing", "supervision", "stats")


def handlers(app: App) -> Mapping[str, Handler]:
    """The service's subscriptions as its worker has them."""
    bound = getattr(app, "subscriptions", None)
    if bound is not None:
        subscriptions: Mapping[str, Handler] = bound()
        return subscriptions
    module = import_module(f"{app.settings.service}.subscriptions")
    found: Mapping[str, Handler] = module.SUBSCRIPTIONS
    return found


def listed(everything: bool) -> Iterator[str]:
    """One line a row, and a sum."""
    count = 0
    for service in SERVICES:
        app = app_of(service)
        with app.database.connection() as connection:
            for row in parking.listed(connection, app.model, open_only=not everything):
                count += 1
                state = row.resolution or "open"
                yield (
                    f"{service:<12} {row.id:>6}  {row.parked_at:%Y-%m-%d %H:%M:%S}  {state:<9} "
                    f"{row.subject or '-'} {row.source or ''}:{row.sequence or ''}  {row.reason}: "
                    f"{row.detail.splitlines()[0][:100]}  ({row.behind} waiting behind)"
                )
    yield f"{count} parked"


def shown(app: App, parked_id: int) -> str:
    """Everything about one row."""
    with app.database.connection() as connection:
        row = _found(lambda: parking.shown(connection, app.model, parked_id))
    facts = {k: v for k, v in row._mapping.items() if k != "body" and v is not None}
    lines = [f"{name:<12} {value}" for name, value in facts.items()]
    try:
        body = orjson.dumps(orjson.loads(bytes(row.body)), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        body = repr(bytes(row.body)[:500])
    return "\n".join([*lines, "", body])


def replay(app: App, parked_id: int) -> str:
    """Replays one row; says what came of it."""
    audit = _audit("parked-replay", parked_id)
    try:
        _found(
            lambda: parking.replay(
                app.database, app.model, handlers(app), parked_id, operator().id, audit
            )
        )
    except envelope.Unreadable as error:
        raise click.ClickException(f"still unreadable: {error}; discard it") from error
    except Exception as error:
        if isinstance(error, click.ClickException):
            raise
        cause = error.__cause__ or error
        raise click.ClickException(f"it failed again, nothing changed: {cause}") from error
    return f"{app.settings.service} {parked_id}: replayed"


def discard(app: App, parked_id: int, reason: str) -> str:
    """Discards one row with a reason; says whether an event of the log was given up."""
    audit = _audit("parked-discard", parked_id)
    ours = _found(
        lambda: parking.discard(
            app.database, app.model, handlers(app), parked_id, operator().id, reason, audit,
            is_logged=is_logged,
        )
    )  # fmt: skip
    what = "given up" if ours else "it was never in a service's log, so nothing is missing"
    return f"{app.settings.service} {parked_id}: discarded; {what}"


def is_logged(event: Event) -> bool:
    """Whether the log of its source holds this event; asked as the owner, who sees every schema."""
    if event.source not in FLOWS:
        return False
    with engine_for(database_url()).connect() as connection:
        row = connection.exec_driver_sql(
            f"SELECT event_id::text AS id FROM {event.source}.event_log"
            " WHERE subject = %s AND sequence = %s",
            (event.subject, event.sequence),
        ).one_or_none()
    return row is not None and row.id == event.id


def _audit(action: str, parked_id: int) -> dict[str, object]:
    route = f"petition parked {parked_id}"
    return to_row(
        AuditEntry.by(operator(), at=clock.now(), action=action, subject=None, route=route)
    )


def _found(work: Callable[[], T]) -> T:
    """Does the work; what a person did wrong is one line."""
    try:
        return work()
    except (parking.NotParked, ValueError) as error:
        if isinstance(error, envelope.Unreadable):
            raise
        raise click.ClickException(str(error)) from error
