"""The event log as a paged feed, for rebuilds and audits (reliability.md C7)."""

from __future__ import annotations

from typing import Any

import orjson
from marshmallow import Schema, fields, validate

from kit.db import Database
from kit.unit import Model


class EventsQuery(Schema):
    """`after`: the position of the last event read."""

    after = fields.Integer(load_default=0, validate=validate.Range(min=0))
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 1000))


class EventsOut(Schema):
    events = fields.List(fields.Dict(), required=True)
    position = fields.Integer(required=True)


def page(database: Database, model: Model, after: int, limit: int) -> dict[str, Any]:
    """Events after a position, oldest first, and the position to go on from.

    Only rows whose transaction every later reader sees too: positions become visible out of order,
    and a reader that passes a gap would never come back to it.
    """
    table = model.tables.event_log.fullname
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT position, convert_from(envelope, 'UTF8') FROM {table} WHERE position > %s"
            " AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY position LIMIT %s",
            (after, limit),
        ).all()
    return {
        "events": [orjson.Fragment(envelope) for _, envelope in rows],  # JSON as it stands
        "position": rows[-1][0] if rows else after,
    }
