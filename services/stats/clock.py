"""What stats does by time: it rolls up what was counted."""

from __future__ import annotations

from kit import clock
from kit.loop import Loop
from stats.rolling import BATCH, KEEP, close, compact, floor_of, roll


class Roller(Loop):
    """Runs in the clock role; several may run. Rolling comes first, and some of what is to be compacted a turn: whatever
    there is of it, figures go on. Days are closed a turn before: who asked about them has his answer by then."""

    every = 2.0

    def turn(self) -> None:
        database = self.container.config["DATABASE"]
        moved = BATCH
        while moved == BATCH and not self.stopping:
            with database.connection() as connection:
                moved = roll(connection, floor_of(connection))
        with database.connection() as connection:
            compact(connection)
        with database.connection() as connection:
            close(connection, clock.local_date(clock.now()) - KEEP)
