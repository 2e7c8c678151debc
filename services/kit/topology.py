"""Exchanges, queues and bindings: one table, declared by whoever comes first.

    <source>.events  topic   everything, for the site and for subscribers
    <source>.sealed  topic   events of sealed petitions, for the site's own services only
    <consumer>.<source>      quorum queue, bound to both with '#'
    petition.dead            what the broker gave up on (a message that crashed its reader very often)

Publishers declare the queues of their consumers too, so that an event published before a consumer ever
started is kept for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DEAD = "petition.dead"
DELIVERY_LIMIT = 1000
"""Deliveries of one message before the broker takes it away. High on purpose: kills and restarts count
too, and what cannot be applied is parked by the consumer long before (reliability.md C8)."""

Flows = Mapping[str, Sequence[str]]
"""source → services that consume it."""


def events(source: str) -> str:
    return f"{source}.events"


def sealed(source: str) -> str:
    return f"{source}.sealed"


def queue(consumer: str, source: str) -> str:
    return f"{consumer}.{source}"


def declare(channel: Any, flows: Flows) -> None:
    """Declares everything on an AMQP channel; does nothing where it stands already.

    Raises amqp.PreconditionFailed where a queue stands with other arguments.
    """
    channel.exchange_declare(DEAD, "fanout", durable=True, auto_delete=False)
    channel.queue_declare(
        DEAD, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"}
    )
    channel.queue_bind(DEAD, DEAD)
    for source, consumers in flows.items():
        for exchange in (events(source), sealed(source)):
            channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        for consumer in consumers:
            _declare_queue(channel, consumer, source)


def _declare_queue(channel: Any, consumer: str, source: str) -> None:
    name = queue(consumer, source)
    channel.queue_declare(
        name,
        durable=True,
        auto_delete=False,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )
    for exchange in (events(source), sealed(source)):
        channel.queue_bind(name, exchange, routing_key="#")
