"""The published language is what the code speaks: generated files, envelope and topology."""

import json
from typing import Any

import fastjsonschema
import pytest
import yaml

from contracts import build, story
from contracts.flows import FLOWS
from contracts.public import path
from kit import envelope, topology

ASYNCAPI = yaml.safe_load((build.HERE / "asyncapi.yaml").read_text("utf-8"))


def test_generated_files_are_up_to_date() -> None:
    assert build.drift() == [], "run python -m contracts.build"


@pytest.mark.parametrize("name", sorted(build.samples()))
def test_sample_is_what_kit_sends(name: str) -> None:
    sample = build.samples()[name]
    event = envelope.decode(json.dumps(sample).encode())
    assert json.loads(envelope.encode(event)) == sample


@pytest.mark.parametrize("name", sorted(build.samples()))
def test_sample_is_what_asyncapi_says(name: str) -> None:
    """The message's payload: envelope and data, its references put in."""
    message = ASYNCAPI["components"]["messages"][name]
    shell, own = message["payload"]["allOf"]
    assert shell == {"$ref": "#/components/schemas/Envelope"}
    data = own["properties"]["data"].pop("$ref")
    own["properties"]["data"] = json.loads((build.HERE / data).read_text("utf-8"))
    schema = {"allOf": [ASYNCAPI["components"]["schemas"]["Envelope"], own]}
    fastjsonschema.compile(schema)(message["examples"][0]["payload"])


class Recorder:
    """A channel that remembers what was declared."""

    def __init__(self) -> None:
        self.exchanges: dict[str, dict[str, Any]] = {}
        self.queues: dict[str, dict[str, Any]] = {}
        self.bindings: set[tuple[str, str, str]] = set()

    def exchange_declare(self, name: str, kind: str, durable: bool, auto_delete: bool) -> None:
        self.exchanges[name] = {
            "name": name, "type": kind, "durable": durable, "autoDelete": auto_delete,
        }  # fmt: skip

    def queue_declare(self, name: str, durable: bool, auto_delete: bool, **_: Any) -> None:
        self.queues[name] = {
            "name": name, "durable": durable, "exclusive": False, "autoDelete": auto_delete,
        }  # fmt: skip

    def queue_bind(self, queue: str, exchange: str, routing_key: str = "") -> None:
        self.bindings.add((queue, exchange, routing_key))


def test_asyncapi_has_the_exchanges_and_queues_that_kit_declares() -> None:
    channel = Recorder()
    topology.declare(channel, FLOWS)
    bindings = [channel["bindings"]["amqp"] for channel in ASYNCAPI["channels"].values()]
    for exchange in (b["exchange"] for b in bindings if b["is"] == "routingKey"):
        assert channel.exchanges[exchange["name"]] == exchange
    queues = {b["queue"]["name"]: b["queue"] for b in bindings if b["is"] == "queue"}
    assert queues == {n: q for n, q in channel.queues.items() if n != topology.DEAD}


def test_the_path_in_the_examples_is_the_path_of_the_services() -> None:
    parameter = ASYNCAPI["channels"]["petition.registered"]["parameters"]["path"]
    assert parameter["examples"] == [path(story.TOWN)]
