"""One connection to the broker, with every wait bounded. Shared by relay and consumer."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import amqp
from kombu.connection import Connection

HEARTBEAT = 30
"""Seconds; the owner of a connection calls `heartbeat_tick` at least every few seconds."""
IO_TIMEOUT = 15
"""Seconds that one read of a reply or one write may take: a memory alarm blocks writes without end."""

BROKEN = (OSError, socket.timeout, amqp.exceptions.AMQPError)
"""What a lost or refused connection raises. OSError on purpose: nameko misses ConnectionResetError."""


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """An open amqp connection; closed at the end without waiting for a broker that is gone."""
    connection = Connection(
        url,
        heartbeat=HEARTBEAT,
        connect_timeout=5,
        transport_options={"read_timeout": IO_TIMEOUT, "write_timeout": IO_TIMEOUT},
    )
    raw = connection.connect()
    try:
        yield raw
    finally:
        try:
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
            connection.drain_events(timeout=0)
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
