"""What every service does by time: chain the audit log, sign its head daily, forget old keys, measure."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import Gauge

from kit import audit, clock, keys, parked
from kit.loop import Loop
from kit.tables import FORGOTTEN
from kit.unit import Model

KEEP_KEYS = timedelta(days=30)
"""How long an Idempotency-Key is remembered: longer than any client retries."""
KEEP_JOBS = timedelta(days=90)
"""How long a finished job is shown; what it did stands in the audit log."""

PARKED = Gauge("petition_parked_open", "Parked messages nobody has resolved", ["service"])
WAITING = Gauge("petition_waiting_events", "Events that came before their turn", ["service"])


class Housekeeper(Loop):
    """Runs in the clock role; several may run, the audit chain is guarded by an advisory lock."""

    every = 5.0

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def turn(self) -> None:
        self.keep_audit()
        self.keep_tables()

    def keep_audit(self) -> None:
        """Chains what was written since the last turn, and signs the first head of a day."""
        app, tables = self.container.config["APP"], self.model.tables
        with app.database.connection() as connection:
            while audit.chain(connection, tables.audit_log, clock.now(), 1000) == 1000:
                pass
            key = keys.load_private(app.settings.keys, self.model.source)
            audit.sign_day(
                connection, tables.audit_log, tables.audit_head, key, clock.local_date(clock.now())
            )

    def keep_tables(self) -> None:
        """Forgets old keys and jobs, and measures what waits or is parked."""
        database, tables = self.container.config["DATABASE"], self.model.tables
        now = clock.now()
        with database.connection() as connection:
            old = tables.command_key.c.at < now - KEEP_KEYS
            connection.execute(tables.command_key.delete().where(old, FORGOTTEN))
            connection.execute(
                tables.job.delete().where(tables.job.c.finished_at < now - KEEP_JOBS)
            )
            waiting = connection.exec_driver_sql(
                f"SELECT count(*) FROM (SELECT 1 FROM {tables.waiting.fullname} LIMIT 100000) w"
            ).scalar_one()
            WAITING.labels(self.model.source).set(waiting)
            PARKED.labels(self.model.source).set(parked.depth(connection, self.model))
