"""A load generator that leaves the machine to what is measured: about 0.05 ms of CPU a request.

One thread, one epoll, connections kept alive, requests built beforehand as bytes. Latency counts from
the planned start of a request, so that a server that falls behind cannot hide it by slowing us down
(coordinated omission). wrk and hey know neither planned starts nor lives of several steps.
"""

from __future__ import annotations

import heapq
import select
import socket
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

HOST = "127.0.0.1"
READ = 1 << 16
MAX_CONNECTIONS = 256
"""Connections to one port; further requests wait for a free one, and their latency with them."""
GIVE_UP = 30.0
"""Seconds after the last planned start for which answers are waited for."""
LOST = 0
"""Status of a request whose connection broke before the answer came."""


@dataclass(slots=True)
class Reply:
    """An answer and its times (monotonic seconds)."""

    status: int
    head: bytes
    body: bytes
    planned: float
    done: float

    @property
    def latency(self) -> float:
        """Seconds from the planned start."""
        return self.done - self.planned

    def header(self, name: bytes) -> bytes | None:
        """A header's value; `name` in lower case."""
        return _header(self.head, name)


Then = Callable[[Reply], None]


def _header(head: bytes, name: bytes) -> bytes | None:
    at = head.find(b"\r\n" + name + b":")
    if at < 0:
        return None
    start = at + len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else len(head)].strip()


class _Connection:
    """One kept connection with at most one request under way."""

    __slots__ = ("buffer", "planned", "pool", "sock", "then")

    def __init__(self, pool: _Pool) -> None:
        self.pool, self.buffer = pool, b""
        self.then: Then | None = None
        self.planned = 0.0
        self.sock = socket.create_connection((HOST, pool.port), timeout=5)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)

    def send(self, data: bytes, planned: float, then: Then) -> None:
        """Sends a request. It fits into the kernel's buffer: nothing else is under way."""
        self.planned, self.then = planned, then
        self.sock.sendall(data)

    def receive(self) -> Reply | None:
        """Reads what came; the reply once it is complete. Raises OSError, EOFError when cut off."""
        data = self.sock.recv(READ)
        if not data:
            raise EOFError
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.buffer[:end].lower()
        whole = end + 4 + int(_header(head, b"content-length") or 0)
        if len(self.buffer) < whole:
            return None
        body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
        return Reply(int(head[9:12]), head, body, self.planned, time.monotonic())


class _Pool:
    """The connections to one port and the requests that wait for one."""

    def __init__(self, port: int) -> None:
        self.port, self.open = port, 0
        self.idle: list[_Connection] = []
        self.waiting: deque[tuple[bytes, float, Then]] = deque()


class Loop:
    """Sends requests at their time and hands out the answers."""

    def __init__(self, connections: int = MAX_CONNECTIONS) -> None:
        self._most = connections
        self._poll = select.epoll()
        self._pools: dict[int, _Pool] = {}
        self._connections: dict[int, _Connection] = {}
        self._timers: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._serial = count()
        self.under_way = 0

    def at(self, when: float, call: Callable[..., None], *args: Any) -> None:
        """Calls `call(*args)` at a monotonic time."""
        heapq.heappush(self._timers, (when, next(self._serial), call, args))

    def send(self, port: int, data: bytes, planned: float, then: Then) -> None:
        """Sends a request on a free connection, or on the next that gets free."""
        pool = self._pools.get(port) or self._pools.setdefault(port, _Pool(port))
        self.under_way += 1
        if pool.idle:
            self._start(pool.idle.pop(), data, planned, then)
        elif pool.open < self._most:
            self._open(pool, data, planned, then)
        else:
            pool.waiting.append((data, planned, then))

    def run(self, until: Callable[[], bool]) -> None:
        """Works until `until()` is true; it is asked after every turn."""
        timers = self._timers
        while not until():
            now = time.monotonic()
            while timers and timers[0][0] <= now:
                _, _, call, args = heapq.heappop(timers)
                call(*args)
            wait = max(0.0, timers[0][0] - time.monotonic()) if timers else 0.1
            for fd, _ in self._poll.poll(min(wait, 0.1)):
                self._readable(self._connections[fd])

    def close(self) -> None:
        """Closes every connection."""
        for connection in self._connections.values():
            connection.sock.close()
        self._poll.close()

    def __enter__(self) -> Loop:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, pool: _Pool, data: bytes, planned: float, then: Then) -> None:
        try:
            connection = _Connection(pool)
        except OSError:
            self._finish(then, Reply(LOST, b"", b"", planned, time.monotonic()))
            return
        pool.open += 1
        self._connections[connection.sock.fileno()] = connection
        self._poll.register(connection.sock.fileno(), select.EPOLLIN)
        self._start(connection, data, planned, then)

    def _start(self, connection: _Connection, data: bytes, planned: float, then: Then) -> None:
        try:
            connection.send(data, planned, then)
        except OSError:
            self._cut(connection)

    def _readable(self, connection: _Connection) -> None:
        try:
            reply = connection.receive()
        except (OSError, EOFError):
            self._cut(connection)
            return
        if reply is None or connection.then is None:
            return
        then, connection.then = connection.then, None
        if b"\r\nconnection: close" in reply.head:
            self._drop(connection)
        else:
            self._free(connection)
        self._finish(then, reply)

    def _free(self, connection: _Connection) -> None:
        if connection.pool.waiting:
            self._start(connection, *connection.pool.waiting.popleft())
        else:
            connection.pool.idle.append(connection)

    def _cut(self, connection: _Connection) -> None:
        then = connection.then
        self._drop(connection)
        if then is not None:
            self._finish(then, Reply(LOST, b"", b"", connection.planned, time.monotonic()))

    def _drop(self, connection: _Connection) -> None:
        pool = connection.pool
        if connection in pool.idle:
            pool.idle.remove(connection)
        pool.open -= 1
        del self._connections[connection.sock.fileno()]
        connection.sock.close()  # leaves the epoll set with it
        if pool.waiting:
            self._open(pool, *pool.waiting.popleft())

    def _finish(self, then: Then, reply: Reply) -> None:
        self.under_way -= 1
        then(reply)


@dataclass
class Outcome:
    """What became of many requests of one kind."""

    latencies: array[float] = field(default_factory=lambda: array("d"))
    """Of the accepted ones (2xx), seconds from the planned start."""
    statuses: Counter[int] = field(default_factory=Counter)
    turned_away: int = 0
    """429 with Retry-After."""

    def note(self, reply: Reply) -> None:
        """Counts one answer."""
        self.statuses[reply.status] += 1
        if 200 <= reply.status < 300:
            self.latencies.append(reply.latency)
        elif reply.status == 429 and reply.header(b"retry-after"):
            self.turned_away += 1

    @property
    def accepted(self) -> int:
        return len(self.latencies)

    @property
    def failed(self) -> int:
        """Answers that are neither success nor a proper 429."""
        return sum(self.statuses.values()) - self.accepted - self.turned_away

    def quantile(self, q: float) -> float:
        """A latency in seconds (0.99: only one in a hundred took longer)."""
        return quantile(self.latencies, q)


def quantile(values: Any, q: float) -> float:
    """The value below which a share `q` lies; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else float("nan")


def arrivals(start: float, rate: float, seconds: float, seed: int = 1) -> Iterator[float]:
    """Planned starts: as many as the rate says, at random moments (a Poisson stream)."""
    random = Random(seed)
    yield from sorted(start + random.random() * seconds for _ in range(round(rate * seconds)))


def open_loop(
    port: int, make: Callable[[], bytes], rate: float, seconds: float, note: Then | None = None
) -> Outcome:
    """Requests at planned times, whatever the server does. `note` sees every reply too."""
    outcome = Outcome()

    def done(reply: Reply) -> None:
        outcome.note(reply)
        if note:
            note(reply)

    with Loop() as loop:
        planned = arrivals(time.monotonic() + 0.05, rate, seconds)

        def fire(at: float) -> None:
            loop.send(port, make(), at, done)
            schedule()

        def schedule() -> None:
            if (at := next(planned, None)) is not None:
                loop.at(at, fire, at)

        schedule()
        end = time.monotonic() + seconds
        loop.run(lambda: time.monotonic() > end and _over(loop, end))
    return outcome


def _over(loop: Loop, end: float) -> bool:
    return loop.under_way == 0 or time.monotonic() > end + GIVE_UP


def closed_loop(
    port: int,
    make: Callable[[], bytes],
    connections: int,
    seconds: float,
    note: Then | None = None,
) -> Outcome:
    """Each of so many clients sends its next request when the last one was answered."""
    outcome = Outcome()
    with Loop(connections) as loop:
        end = time.monotonic() + seconds

        def again(reply: Reply) -> None:
            outcome.note(reply)
            if note:
                note(reply)
            begin()

        def begin() -> None:
            if (now := time.monotonic()) < end:
                loop.send(port, make(), now, again)

        for _ in range(connections):
            begin()
        loop.run(lambda: _over(loop, end))
    return outcome
