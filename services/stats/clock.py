"""What stats does by time: it rolls up what was counted."""

from __future__ import annotations

from kit import clock
from kit.loop import Loop
from stats.rolling import BATCH, KEEP, compact, floor_of, roll


class Roller(Loop):
    """Runs in the clock role; several may run."""

    every = 2.0

    def turn(self) -> None:
        database = self.container.config["DATABASE"]
        with database.connection() as connection:
            compact(connection, clock.local_date(clock.now()) - KEEP)
        moved = BATCH
        while moved == BATCH and not self.stopping:
            with database.connection() as connection:
                moved = roll(connection, floor_of(connection))
