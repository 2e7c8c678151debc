"""The event log as a paged feed, for rebuilds and audits (reliability.md C7)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from kit.db import Database
from kit.unit import Model

LINES = "application/x-ndjson"
POSITION = "Petition-Position"
"""The header that says where to go on from."""


class EventsQuery(Schema):
    """`after`: the position of the last event read."""

    after = fields.Integer(load_default=0, validate=validate.Range(min=0))
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 1000))


def page(database: Database, model: Model, after: int, limit: int) -> Response:
    """Events after a position, oldest first, each on a line as it was published: who puts a log by need not read it.

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
    position = rows[-1][0] if rows else after
    body = "".join(f"{envelope}\n" for _, envelope in rows)
    return Response(body, content_type=LINES, headers={POSITION: str(position)})
