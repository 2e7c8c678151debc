"""Stop signals that act only between two steps, so that no start is cut in two."""

import signal
import time
from types import FrameType, TracebackType
from typing import Self


class Stopped(Exception):
    """Somebody asked us to stop."""


class StopSignals:
    """Within its block SIGINT, SIGTERM and SIGHUP are noted, and the next pause() acts on them.

    A process could otherwise be started and, before its id is written down, be forgotten.
    """

    NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.received: signal.Signals | None = None

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._note) for number in self.NUMBERS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = signal.Signals(number)

    def pause(self, seconds: float) -> None:
        """Wait so many seconds.

        Raises:
            Stopped: a signal has come.
        """
        if self.received is not None:
            raise Stopped
        time.sleep(seconds)


def end_in_order() -> None:
    """From now on SIGTERM and SIGHUP end the process as Ctrl-C does: what it began is put away. One that is ignored
    (nohup) stays so."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
