"""What could not be read or applied: kept in a table, listed, shown, replayed or discarded.

A parked event does not move its subject's cursor, so that petition alone waits behind it, visibly.
`replay` applies it again on the same road; `discard` moves the cursor past it with a reason. Both are
audited. A forged event, which no log of a service holds, is discarded without moving anything: the true
event with its sequence may still come. A detail never holds the event's data: only what went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from kit import envelope, topology
from kit.db import Database, is_transient
from kit.envelope import Event
from kit.inbox import Handler, HandlerFailed, Inbox
from kit.unit import Model

T = TypeVar("T")
KEEP_BYTES = 64 * 1024
"""How much of an unreadable body is kept; more of it helps nobody."""


class NotParked(LookupError):
    """No open parked row with this id."""


def park(
    database: Database,
    model: Model,
    queue: str,
    body: bytes,
    reason: str,
    detail: str,
    event: Event | None = None,
) -> None:
    """Writes one row, once however often the message comes, and frees its place in `waiting`."""
    tables = model.tables
    with database.connection() as connection:
        if event is None and _is_known(connection, model, queue, body):
            return
        connection.execute(
            insert(tables.parked)
            .values(
                queue=queue,
                source=event.source if event else None,
                subject=event.subject if event else None,
                sequence=event.sequence if event else None,
                reason=reason,
                detail=detail.replace("\x00", "")[:2000],
                body=body if event else body[:KEEP_BYTES],
                size=len(body),
            )
            .on_conflict_do_nothing()
        )
        if event:
            forget_waiting(connection, model, event)


def _is_known(connection: Connection, model: Model, queue: str, body: bytes) -> bool:
    """Whether this unreadable body lies open already; a readable event has an index for that."""
    table = model.tables.parked
    found = select(table.c.id).where(
        table.c.resolved_at.is_(None),
        table.c.queue == queue,
        table.c.size == len(body),
        table.c.body == body[:KEEP_BYTES],
    )
    return connection.execute(found.limit(1)).first() is not None


def forget_waiting(connection: Connection, model: Model, event: Event) -> bool:
    """An event waits no longer; gives whether it did."""
    waiting = model.tables.waiting
    gone = connection.execute(
        waiting.delete().where(
            waiting.c.subject == event.subject,
            waiting.c.source == event.source,
            waiting.c.sequence == event.sequence,
        )
    )
    return bool(gone.rowcount)


def listed(connection: Connection, model: Model, *, open_only: bool = True) -> list[Any]:
    """Rows without their bodies, oldest first, with the number of events waiting behind each."""
    table = model.tables.parked
    waiting = model.tables.waiting.fullname
    columns = [c for c in table.c if c.name != "body"]
    behind = text(
        f"(SELECT count(*) FROM {waiting} w WHERE w.subject = {table.fullname}.subject) AS behind"
    )
    query = select(*columns, behind).order_by(table.c.id)
    if open_only:
        query = query.where(table.c.resolved_at.is_(None))
    return list(connection.execute(query))


def shown(connection: Connection, model: Model, parked_id: int) -> Any:
    """One row with its body. Raises `NotParked`."""
    table = model.tables.parked
    row = connection.execute(select(table).where(table.c.id == parked_id)).one_or_none()
    if row is None:
        raise NotParked(f"nothing is parked under {parked_id} in {model.source}")
    return row


def replay(
    database: Database,
    model: Model,
    handlers: Mapping[str, Handler],
    parked_id: int,
    by: str,
    audit: Mapping[str, Any],
) -> None:
    """Applies a parked event now, and what waited behind it.

    Raises NotParked, envelope.Unreadable where the body is still no event, or what the handler raises
    (then nothing changed). Of those behind, one that fails is parked in its turn.
    """

    def work() -> None:
        with database.unit(model) as unit:
            connection = unit.store.cursor  # type: ignore[attr-defined]
            row = _open_row(connection, model, parked_id)
            event = envelope.decode(row)
            Inbox(unit, handlers).apply([(event, row)])
            _resolve(connection, model, parked_id, "replayed", by, None, unit.now)
            unit.audit(dict(audit))

    _parking_those_behind(database, model, parked_id, work)


def discard(
    database: Database,
    model: Model,
    handlers: Mapping[str, Handler],
    parked_id: int,
    by: str,
    reason: str,
    audit: Mapping[str, Any],
    *,
    is_logged: Callable[[Event], bool] = lambda _: True,
) -> bool:
    """Gives a parked message up, with a reason; the petition behind it goes on.

    Args:
        is_logged: whether the log of the event's source holds it; else it is forged.
    Returns whether the message was an event of ours that is now given up.
    Raises NotParked; ValueError where no reason is given.
    """
    if not reason.strip():
        raise ValueError("a reason is needed to discard")

    def work() -> bool:
        with database.unit(model) as unit:
            connection = unit.store.cursor  # type: ignore[attr-defined]
            body = _open_row(connection, model, parked_id)
            event = _readable(body)
            ours = event is not None and is_logged(event)
            if event is not None and ours:
                Inbox(unit, handlers, skipping=event.id).apply([(event, body)])
            resolution = "discarded" if ours or event is None else "forged"
            _resolve(connection, model, parked_id, resolution, by, reason, unit.now)
            unit.audit(dict(audit))
        return ours

    return _parking_those_behind(database, model, parked_id, work)


def _readable(body: bytes) -> Event | None:
    try:
        return envelope.decode(body)
    except envelope.Unreadable:
        return None


def _parking_those_behind(
    database: Database, model: Model, parked_id: int, work: Callable[[], T]
) -> T:
    """Does the work; an event that fails behind the one in hand is parked, and the work done again."""
    while True:
        try:
            return work()
        except HandlerFailed as failed:
            with database.connection() as connection:
                row = shown(connection, model, parked_id)
            event, cause = failed.event, failed.__cause__ or failed
            if (row.source, row.subject, row.sequence) == (
                event.source,
                event.subject,
                event.sequence,
            ):
                raise
            if is_transient(cause):
                raise
            queue, detail = (
                topology.queue(model.source, event.source),
                f"{type(cause).__name__}: {cause}",
            )
            park(database, model, queue, envelope.encode(event), "handler failed", detail, event)


def _open_row(cursor: Any, model: Model, parked_id: int) -> bytes:
    cursor.execute(
        f"SELECT body FROM {model.tables.parked.fullname}"
        " WHERE id = %s AND resolved_at IS NULL FOR UPDATE",
        (parked_id,),
    )
    row = cursor.fetchone()
    if row is None:
        raise NotParked(f"nothing open is parked under {parked_id} in {model.source}")
    return bytes(row[0])


def _resolve(
    cursor: Any,
    model: Model,
    parked_id: int,
    resolution: str,
    by: str,
    note: str | None,
    at: datetime,
) -> None:
    cursor.execute(
        f"UPDATE {model.tables.parked.fullname} SET resolved_at = %s, resolution = %s,"
        " resolved_by = %s, note = %s WHERE id = %s",
        (at, resolution, by, note, parked_id),
    )


def depth(connection: Connection, model: Model) -> int:
    """Open rows, for the metric and the audit."""
    table = model.tables.parked.fullname
    return int(
        connection.exec_driver_sql(
            f"SELECT count(*) FROM {table} WHERE resolved_at IS NULL"
        ).scalar_one()
    )


__all__ = ["NotParked", "depth", "discard", "forget_waiting", "listed", "park", "replay", "shown"]
