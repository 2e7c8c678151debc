"""One connection to the broker, with every wait bounded. Shared by relay and consumer."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import amqp
from kombu.connection import Connection

HEARTBEAT = 15
"""Seconds; the owner of a connection calls `heartbeat_tick` at least every few seconds. A network that
swallows everything is noticed after two of them."""
IO_TIMEOUT = 15
"""Seconds that one read of a reply or one write may take: a memory alarm blocks writes without end."""
CLOSE_TIMEOUT = 2
"""Seconds for a goodbye: a broker under alarm, or behind a dead network, does not read it."""

BROKEN = (OSError, socket.timeout, amqp.exceptions.AMQPError)
"""What a lost or refused connection raises. OSError on purpose: nameko misses ConnectionResetError."""


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """An open amqp connection; closed at the end without waiting for a broker that is gone."""
    raw = Connection(url, heartbeat=HEARTBEAT, connect_timeout=5).connect()
    # py-amqp's own read and write time-outs are socket options, which do nothing to eventlet's
    # non-blocking sockets; the time-out of the (green) socket bounds every wait without one of its own
    raw.transport.sock.settimeout(IO_TIMEOUT)
    try:
        yield raw
    finally:
        _close(raw)


def _close(raw: Any) -> None:
    try:
        if raw.transport is not None and raw.transport.sock is not None:
            raw.transport.sock.settimeout(CLOSE_TIMEOUT)
        raw.close()
    except BROKEN:
        raw.collect()


def keep_alive(connection: Any) -> None:
    """Reads what the broker sent and sends a heartbeat when it is time.

    A connection that only publishes reads nothing between its windows: the broker's heartbeats would
    lie in the socket and the connection be given up as silent.
    """
    try:
        while True:
            # not 0: py-amqp turns in circles, never yielding, where a frame stops in its middle
            connection.drain_events(timeout=0.001)
    except TimeoutError:
        pass
    connection.heartbeat_tick()


class Backoff:
    """Seconds to wait after failures in a row: 0.2, 0.4 … at most `cap`, with jitter."""

    def __init__(self, cap: float = 5.0) -> None:
        self.cap, self.failures = cap, 0

    def reset(self) -> None:
        self.failures = 0

    def next(self) -> float:
        self.failures += 1
        longest = min(self.cap, 0.1 * 2.0 ** min(self.failures, 10))
        return longest * random.uniform(0.5, 1.0)
