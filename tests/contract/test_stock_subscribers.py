"""Strangers read our events with the tools they have: nameko as it comes, and pika.

The code they run is the two examples of contracts/README.md, word for word.
"""

import kit.patched  # isort: skip  # noqa: F401 - first: eventlet

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_socket
from nameko.containers import ServiceContainer
from nameko.testing.services import entrypoint_waiter

from contracts import build, story
from contracts.flows import FLOWS
from contracts.public import path
from kit import envelope, relay, topology
from kit.bus import connected

# pytest-socket puts back, after every test, the socket that it met at its own import, before
# eventlet patched it: the next read would block the whole process.
pytest_socket._true_socket = socket.socket
pytest_socket._true_connect = socket.socket.connect

NAMEKO, PIKA = re.findall(
    r"```python\n(.*?)```", (build.HERE / "README.md").read_text("utf-8"), re.DOTALL
)
TOWN = path(story.TOWN)

pytestmark = pytest.mark.timeout(60)


def row(name: str, was: str | None = None, sealed: bool = False) -> Any:
    """A sample as the relay reads it from the outbox."""
    event = envelope.decode(json.dumps(build.samples()[name]).encode())
    return SimpleNamespace(
        event_id=event.id,
        type=event.type,
        routing_key=f"{event.type}.{TOWN}",
        cc=f"{event.type}.{was}" if was else None,
        sealed=sealed,
        envelope=envelope.encode(event),
        traceparent=None,
        recorded_at=datetime.fromisoformat("2026-03-02T01:15:00Z"),
    )


@contextmanager
def site(amqp_url: str) -> Iterator[Any]:
    """A channel of the site, its exchanges and queues declared, as the relay opens it."""
    with connected(amqp_url) as connection:
        channel = connection.channel()
        channel.confirm_select()
        topology.declare(channel, FLOWS)
        yield channel


def publish(channel: Any, source: str, row: Any) -> None:
    """Publishes the relay's own message and waits for the confirm."""
    exchange = topology.sealed(source) if row.sealed else topology.events(source)
    channel.basic_publish_confirm(
        relay._message(row), exchange=exchange, routing_key=row.routing_key, mandatory=True
    )


@contextmanager
def noticeboard(amqp_url: str, **config: Any) -> Iterator[ServiceContainer]:
    """The nameko example, running."""
    names: dict[str, Any] = {}
    exec(NAMEKO, names)
    container = ServiceContainer(names["Noticeboard"], {"AMQP_URI": amqp_url, **config})
    container.start()
    try:
        yield container
    finally:
        container.stop()


@contextmanager
def desk(amqp_url: str) -> Iterator[Iterator[str]]:
    """The pika example in a process of its own, without eventlet; yields what it prints."""
    process = subprocess.Popen(
        [sys.executable, "-c", PIKA],
        env={**os.environ, "AMQP_URL": amqp_url},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    lines = (line.rstrip("\n") for line in process.stdout)
    try:
        assert next(lines) == "listening"
        yield lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def heard(container: ServiceContainer, channel: Any, capsys: pytest.CaptureFixture[str]) -> str:
    """What the noticeboard prints of a registered petition."""
    with entrypoint_waiter(container, "registered", timeout=10) as result:
        publish(channel, "intake", row("petition.registered.1", was="33.02.81"))
    result.get()
    return capsys.readouterr().out


@pytest.mark.parametrize("config", [{}, {"DECLARE_EVENT_EXCHANGES": False}])
def test_stock_nameko_hears(
    amqp_url: str, capsys: pytest.CaptureFixture[str], config: dict[str, Any]
) -> None:
    with site(amqp_url) as channel, noticeboard(amqp_url, **config) as container:
        assert heard(container, channel, capsys) == f"{story.NUMBER} visit\n"


def test_stock_nameko_may_come_before_the_site(
    amqp_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It declares `intake.events` itself; the site's own declaration must agree with it."""
    with noticeboard(amqp_url) as container, site(amqp_url) as channel:
        assert heard(container, channel, capsys) == f"{story.NUMBER} visit\n"


def test_pika_hears_its_city_once_and_in_order(amqp_url: str) -> None:
    """Also where the old and the new key match both; another city's event is not for it."""
    with site(amqp_url) as channel, desk(amqp_url) as lines:
        publish(channel, "intake", row("petition.registered.1"))
        publish(channel, "routing", row("office.changed.1"))
        publish(channel, "routing", row("petition.located.1", was="33.02.81"))
        publish(channel, "routing", elsewhere(row("petition.signed.1")))
        publish(channel, "supervision", elsewhere(row("petition.accepted.1", was="33.02.82")))
        publish(channel, "supervision", row("petition.closed.1"))
        assert [next(lines) for _ in range(4)] == [
            f"petition.registered {story.NUMBER} registered",
            f"petition.located {story.NUMBER} located",
            f"petition.accepted {story.NUMBER} accepted",
            f"petition.closed {story.NUMBER} closed",
        ]


def elsewhere(row: Any) -> Any:
    """The same event in another province."""
    row.routing_key = f"{row.type}.11.01.05"
    return row


def test_both_sides_of_a_hand_over_hear_of_it(amqp_url: str) -> None:
    with site(amqp_url) as channel:
        queues = {"new": "*.*.33.02.82.104.#", "old": "*.*.33.02.81.#", "other": "*.*.33.02.83.#"}
        for queue, key in queues.items():
            channel.queue_declare(queue, exclusive=True)
            channel.queue_bind(queue, topology.events("routing"), key)
        publish(channel, "routing", row("petition.located.1", was="33.02.81"))
        assert [len(taken(channel, queue)) for queue in queues] == [1, 1, 0]


def test_a_sealed_petition_stays_inside(amqp_url: str) -> None:
    with site(amqp_url) as channel:
        channel.queue_declare("stranger", exclusive=True)
        channel.queue_bind("stranger", topology.events("intake"), "#")
        publish(channel, "intake", row("petition.registered.1", sealed=True))
        assert taken(channel, "stranger") == []
        assert len(taken(channel, topology.queue("routing", "intake"))) == 1


def taken(channel: Any, queue: str) -> list[Any]:
    """Every message that lies in a queue."""
    messages = []
    while (message := channel.basic_get(queue, no_ack=True)) is not None:
        messages.append(message)
    return messages
