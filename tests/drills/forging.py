"""What nobody should send: hostile messages, repeated ones, half a body."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pika
import uuid_utils

from contracts.flows import FLOWS
from tests.site import Site

HUGE = 50_000_000
Query = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Message:
    """A body and its properties."""

    body: bytes
    properties: pika.BasicProperties


@contextmanager
def _channel(site: Site) -> Iterator[Any]:
    parameters = pika.URLParameters(site.amqp_url)
    parameters.blocked_connection_timeout = 60
    connection = pika.BlockingConnection(parameters)
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel
    finally:
        connection.close()


def publish(site: Site, exchange: str, key: str, messages: Sequence[Message]) -> None:
    """Publishes with confirms."""
    with _channel(site) as channel:
        for message in messages:
            channel.basic_publish(exchange, key, message.body, message.properties)


def republish_reversed(site: Site, query: Query) -> int:
    """Every log's envelopes again, newest first; how many deliveries that makes."""
    deliveries = 0
    with _channel(site) as channel:
        for source, consumers in FLOWS.items():
            if not consumers:
                continue
            rows = query(
                f"SELECT routing_key, envelope, sealed FROM {source}.event_log ORDER BY position DESC"
            )
            for key, body, sealed in rows:
                exchange = f"{source}.sealed" if sealed else f"{source}.events"
                channel.basic_publish(exchange, key, bytes(body), _json())
            deliveries += len(rows) * len(consumers)
    return deliveries


def _json(**more: Any) -> pika.BasicProperties:
    return pika.BasicProperties(content_type="application/json", delivery_mode=2, **more)


def hostile() -> list[Message]:
    """Messages that no reader can read: each is parked by each of its readers, and harms nobody."""
    hops = {"nameko.call_id_stack": 5}
    return [
        Message(b"not JSON at all", _json()),
        Message(b"", _json()),
        Message(b"x" * HUGE, _json()),
        Message(
            b"\x80\x04\x95.", pika.BasicProperties(content_type="application/x-python-serialize")
        ),
        Message(b"\xff\xfe\x00", pika.BasicProperties(content_type="text/plain")),
        Message(b"{}", _json(headers=hops)),
        Message(b"[" * 100_000, _json()),
        Message(b"abc-def-" * 2000, _json(content_encoding="punycode")),
        Message("no".encode("utf-16"), _json(content_encoding="utf-16")),
        *(Message(orjson.dumps(_event() | change), _json(headers=hops)) for change in _CHANGES),
    ]


_CHANGES: tuple[dict[str, Any], ...] = (
    {"subject": "33028220260101\u00000001"},
    {"sequence": 2**40},
    {"sequence": True},
    {"dataschema": "no slash"},
    {"time": "2026-01-01T00:00:00"},
    {"time": "never"},
    {"after": "intake:" + "9" * 5000},
    {"source": "/999999/intake"},
    {"source": "/330282/routing"},
    {"data": [1, 2, 3]},
    {"id": "x" * 5000},
)


def _event() -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid_utils.uuid7()),
        "source": "/330282/intake",
        "type": "petition.registered",
        "subject": "330282202601019999",
        "time": "2026-01-01T00:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "/schemas/petition.registered/1",
        "sequence": 1,
        "after": "",
        "data": {"petition": {}},
    }


def forged(envelope: dict[str, Any]) -> Message:
    """An event that pretends to be the next after a real one, and breaks its contract."""
    changed = envelope | {
        "id": str(uuid_utils.uuid7()),
        "sequence": envelope["sequence"] + 1,
        "type": "petition.signed",
        "dataschema": "/schemas/petition.signed/1",
        "data": {"petition": "nonsense"},
    }
    return Message(orjson.dumps(changed), _json())


# -- HTTP ------------------------------------------------------------------------------------------


class HalfBodies:
    """Clients that sent half a body and wait."""

    def __init__(self, port: int, count: int) -> None:
        head = (
            b"POST /petitions HTTP/1.1\r\nHost: drill\r\nContent-Type: application/json\r\n"
            b"Idempotency-Key: half\r\nContent-Length: 1000\r\n\r\n"
        )
        self._sockets = []
        for _ in range(count):
            sock = socket.create_connection(("127.0.0.1", port), timeout=10)
            sock.sendall(head + b"{" * 500)
            self._sockets.append(sock)

    def cut_off(self) -> int:
        """How many the server has answered or closed."""
        return sum(self._is_cut(sock) for sock in self._sockets)

    @staticmethod
    def _is_cut(sock: socket.socket) -> bool:
        sock.settimeout(0.01)
        try:
            sock.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        for sock in self._sockets:
            sock.close()


@contextmanager
def half_bodies(port: int, count: int) -> Iterator[HalfBodies]:
    """So many clients, gone after the block."""
    clients = HalfBodies(port, count)
    try:
        yield clients
    finally:
        clients.close()
