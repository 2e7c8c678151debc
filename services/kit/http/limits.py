"""How much is let in: requests in flight, what the outbox can still take, bytes of bodies."""

from collections.abc import Callable

from kit import metrics
from kit.problems import busy


class Admission:
    """Counts the requests being worked on or waiting for a worker; one for the whole process.

    `hook`, set by whoever knows (kit.relay), says how many seconds commands should stay away.
    """

    def __init__(self, limit: int = 200) -> None:
        self.limit, self.in_flight = limit, 0
        self.hook: Callable[[], float | None] | None = None

    def enter(self, service: str, command: bool) -> None:
        """Let a request in; raises Problem 429 with `Retry-After`. `leave` must follow."""
        if self.in_flight >= self.limit:
            metrics.http_rejected().labels(service, "in_flight").inc()
            raise busy(1)
        seconds = self.hook() if command and self.hook is not None else None
        if seconds is not None:
            metrics.http_rejected().labels(service, "outbox").inc()
            raise busy(seconds)
        self.in_flight += 1

    def leave(self) -> None:
        """The request has been answered."""
        self.in_flight -= 1


class Memory:
    """Bytes of request bodies that a process holds at one time."""

    def __init__(self, limit: int = 64 << 20) -> None:
        self._limit, self._held = limit, 0

    def take(self, size: int) -> None:
        """Count `size` bytes more; raises Problem 429 when that is too much."""
        if self._held + size > self._limit:
            raise busy(2)
        self._held += size

    def free(self, size: int) -> None:
        """Count `size` bytes less."""
        self._held -= size


admission = Admission()
metrics.http_in_flight().set_function(lambda: admission.in_flight)
