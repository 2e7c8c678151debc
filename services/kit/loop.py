"""A greenthread of a nameko container that does one thing again and again until it is told to stop."""

from __future__ import annotations

import logging
from typing import Any

import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider

from kit.db import is_transient

log = logging.getLogger(__name__)
_TICK = 0.2


class Loop(DependencyProvider):  # type: ignore[misc]
    """Calls `turn()` every `every` seconds. An error is logged and the next turn comes all the same."""

    every: float = 1.0
    """Seconds between turns."""

    def __init__(self) -> None:
        self.stopping = False
        self._finished = Signal()

    def turn(self) -> None:
        """One turn of the loop."""
        raise NotImplementedError

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=type(self).__name__)

    def stop(self) -> None:
        self.stopping = True
        self._finished.wait()

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self

    def _run(self) -> None:
        while not self.stopping:
            try:
                self.turn()
            except Exception as error:
                if is_transient(error):
                    log.warning("loop waits", extra={"loop": type(self).__name__})
                else:
                    log.exception("loop failed", extra={"loop": type(self).__name__})
            self._sleep()
        self._finished.send()

    def _sleep(self) -> None:
        left = self.every
        while left > 0 and not self.stopping:
            eventlet.sleep(min(_TICK, left))
            left -= _TICK
