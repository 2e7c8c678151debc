"""What the console does by time: it forgets sessions that are over."""

from __future__ import annotations

from console.sessions import Sessions
from kit.loop import Loop


class Sweeper(Loop):
    """Deletes old sessions every few minutes."""

    every = 300.0

    def turn(self) -> None:
        Sessions(self.container.config["DATABASE"]).sweep()
