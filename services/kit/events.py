"""The event log as a paged feed, for rebuilds and audits (reliability.md C7)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from kit.db import Database
from kit.unit import Model

LINES = "application/x-ndjson"
POSITION = "Petition-Position"
"""The header that says where to go on from."""
BEGINNING = "0.0"


class EventsQuery(Schema):
    """`after`: where the last page ended, as its header said: transaction and position."""

    after = fields.String(
        load_default=BEGINNING, validate=validate.Regexp(r"[0-9]{1,19}\.[0-9]{1,18}\Z")
    )
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 1000))


def page(database: Database, model: Model, after: str, limit: int) -> Response:
    """Events after a place in the log, each on a line as it was published: who puts a log by need not read it.

    In the order of their transactions, and only of those below the oldest that still runs: nothing can come any more
    among what is given. By position alone it could. A position is taken before the commit, and by a transaction that
    may be younger than one which takes the next position and commits first: a reader of that one has passed a gap to
    which it would never come back.
    """
    table = model.tables.event_log.fullname
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT xid, position, convert_from(envelope, 'UTF8') FROM {table}"
            " WHERE (xid, position) > (%s::xid8, %s::bigint)"
            " AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, position LIMIT %s",
            (*after.split("."), limit),
        ).all()
    position = f"{rows[-1][0]}.{rows[-1][1]}" if rows else after
    body = "".join(f"{envelope}\n" for *_, envelope in rows)
    return Response(body, content_type=LINES, headers={POSITION: position})
