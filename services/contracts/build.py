"""Writes what others read of the contracts: `python -m contracts.build [--check]`.

    generated/schemas/<type>.<version>.json   JSON Schema of an event's data, strict
    generated/samples/<type>.<version>.json   one whole event, invented
    asyncapi.yaml                             exchanges, keys, queues and messages (AsyncAPI 3.0)

The marshmallow classes in `schemas.EVENTS` are the one source. JSON Schema is draft-07: AsyncAPI's
own schema object extends it, and fastjsonschema compiles it. Nothing here runs in a service.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from apispec import APISpec
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema

from contracts.flows import FLOWS, sources_of
from contracts.public import status_of
from contracts.schemas import EVENTS, EventSchema, PetitionEvent
from contracts.story import BEGINNING, SITE, STORY

HERE = Path(__file__).parent

# -- JSON Schema -----------------------------------------------------------------------------------


def name(event: type[EventSchema]) -> str:
    """`petition.registered.1`: how files and messages are called."""
    return f"{event.type}.{event.version}"


def json_schema(event: type[EventSchema]) -> dict[str, Any]:
    """The strict schema of an event's data, complete in itself (nested objects stand inline)."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"/schemas/{event.type}/{event.version}",
        "title": f"{event.type}/{event.version}",
        "description": inspect.getdoc(event),
        "x-publisher": event.publisher,
        **_converter().schema2jsonschema(event()),
    }


@cache
def _converter() -> Any:
    def inline(_: type[Schema] | Schema) -> None:
        return None

    spec = APISpec(title="contracts", version="1", openapi_version="3.1.0")
    return OpenAPIConverter("3.1.0", schema_name_resolver=inline, spec=spec)


# -- samples ---------------------------------------------------------------------------------------


@cache
def samples() -> dict[str, dict[str, Any]]:
    """The story told as events, by `name`, numbered as the services would.

    Errors: KeyError where the story has a step that is no event.
    """
    classes = {(event.type, event.version): event for event in EVENTS}
    state: dict[str, Any] = dict(BEGINNING)
    sent: Counter[tuple[str, str]] = Counter()
    told = {}
    for index, step in enumerate(STORY, 1):
        event = classes[step.type, step.version]
        data = dict(step.data)
        if issubclass(event, PetitionEvent):
            state |= step.state
            state["status"] = status_of(state["placing"], state["handling"])
            data = {"petition": dict(state), **data}
        told[name(event)] = _envelope(event, index, step.time, data, sent)
    return told


def _envelope(
    event: type[EventSchema],
    index: int,
    time: str,
    data: dict[str, Any],
    sent: Counter[tuple[str, str]],
) -> dict[str, Any]:
    """A whole event; kit.envelope is not imported (house.md 2), the drift test compares them."""
    subject = data["petition"]["number"] if "petition" in data else data.get("affair") or data["id"]
    heard = sorted(source for source in sources_of(event.publisher) if sent[source, subject])
    sent[event.publisher, subject] += 1
    return {
        "specversion": "1.0",
        "id": _uuid7(time, index),
        "source": f"/{SITE}/{event.publisher}",
        "type": event.type,
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
        "dataschema": f"/schemas/{event.type}/{event.version}",
        "sequence": sent[event.publisher, subject],
        "after": " ".join(f"{source}:{sent[source, subject]}" for source in heard),
        "data": data,
    }


def _uuid7(time: str, index: int) -> str:
    """A UUIDv7 of that time whose random part is a count, so that building twice gives the same."""
    stamp = f"{int(datetime.fromisoformat(time).timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-{index:012x}"


# -- AsyncAPI --------------------------------------------------------------------------------------

ABOUT = """\
Events of an open petition (信访) case system, as RabbitMQ carries them. How to subscribe, with
examples: README.md beside this file.

**Exchanges.** Each service publishes to `<service>.events` (topic, durable). Declaring it with the
same arguments is harmless; binding a queue of your own is all that a subscription takes.

**Routing keys.** Event type, always two words, and the dotted path of the competent division after
the event: `petition.registered.33.02.82.104` (positions 2+2+2+3+3 of the 12-digit code, without the
zeros at its end). Where no division is known yet the key is the bare type. `#` hears everything,
`*.*.33.02.#` the city 33.02 with all below it, `petition.closed.#` one type everywhere.

**Hand-over.** When the competent division changes, the event is published once, with the key of the
new division; the key of the old one stands in the header `CC`, by which RabbitMQ routes too. So
both see the event, and a queue that matches both gets it once.

**Sealed petitions.** Their events go to `<service>.sealed`, which only the site's own services may
read. Subscribers, webhooks, exports and other sites get none of them.

**Order and repetition.** At least once: keep the ids you have seen, or the last `sequence` of each
source and subject (1, 2, 3 …). Who filters sees gaps: do not wait for them. Every petition event
carries the public state in full, so take the newest and forget the rest.

**Versions.** `dataschema` ends with the version. Within one, optional fields and words of a code
list may be added: ignore what you do not know. Anything else is a new version beside the old.

**Never in an event:** a person's name, identity number, telephone or address; the text of a
petition, an opinion or a reason; attachments; the name of a body complained about.
"""

ENVELOPE: dict[str, Any] = {
    "description": "CloudEvents 1.0 as plain JSON (`application/json`, no `cloudEvents:` headers).",
    "type": "object",
    "required": [
        "specversion", "id", "source", "type", "subject", "time",
        "datacontenttype", "dataschema", "sequence", "after", "data",
    ],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "UUIDv7; also `message_id`."},
        "source": {"type": "string", "description": "`/<site>/<service>`."},
        "type": {"type": "string"},
        "subject": {"type": "string", "description": "Petition number, or id of what changed."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "description": "`/schemas/<type>/<version>`."},
        "sequence": {
            "type": "integer", "minimum": 1, "description": "1, 2, 3 … per source and subject.",
        },
        "after": {
            "type": "string",
            "description": "What the publisher had applied of others: `intake:3 routing:5`.",
        },
        "traceparent": {"type": "string", "description": "W3C trace context, where there is one."},
        "sealed": {"const": True, "description": "In the sealed exchange alone."},
        "data": {"type": "object"},
    },
}  # fmt: skip
HEADERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "CC": {
            "type": "array",
            "items": {"type": "string"},
            "maxItems": 1,
            "description": "The routing key of the division before, where it changed.",
        },
        "traceparent": {
            "type": "string",
            "description": "W3C Trace Context of the request that caused the event, where there was one.",
        },
    },
}
BINDING = "0.3.0"


def asyncapi() -> dict[str, Any]:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "信访 petition events",
            "version": "1.0.0",
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "site": {
                "host": "{host}",
                "protocol": "amqp",
                "description": "The broker of one site.",
                "variables": {"host": {"default": "localhost:5672"}},
            }
        },
        "channels": {**_event_channels(), **_sealed_channels(), **_queue_channels()},
        "operations": {**_sends(), **_receives()},
        "components": {
            "schemas": {"Envelope": ENVELOPE, "Headers": HEADERS},
            "messages": {name(event): _message(event) for event in EVENTS},
        },
    }


def _message(event: type[EventSchema]) -> dict[str, Any]:
    own = {
        "type": {"const": event.type},
        "dataschema": {"const": f"/schemas/{event.type}/{event.version}"},
        "data": {"$ref": f"./generated/schemas/{name(event)}.json"},
    }
    return {
        "name": event.type,
        "title": f"{event.type}/{event.version}",
        "summary": inspect.getdoc(event),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {"type": "object", "properties": own},
            ]
        },
        "bindings": {"amqp": {"messageType": event.type, "bindingVersion": BINDING}},
        "examples": [{"name": "invented", "payload": samples()[name(event)]}],
    }


def _messages(events: Iterator[type[EventSchema]]) -> dict[str, Any]:
    return {name(event): {"$ref": f"#/components/messages/{name(event)}"} for event in events}


def _of_type(type_: str) -> Iterator[type[EventSchema]]:
    return (event for event in EVENTS if event.type == type_)


def _from(source: str) -> Iterator[type[EventSchema]]:
    return (event for event in EVENTS if event.publisher == source)


def _exchange(exchange: str) -> dict[str, Any]:
    made = {"name": exchange, "type": "topic", "durable": True, "autoDelete": False}
    return {"amqp": {"is": "routingKey", "exchange": made, "bindingVersion": BINDING}}


def _path() -> dict[str, Any]:
    about = "Dotted path of the competent division; with its dot it is missing where none is known."
    return {"path": {"description": about, "examples": ["33.02.82.104"]}}


def _event_channels() -> dict[str, Any]:
    """One channel a type: its exchange and routing key."""
    return {
        event.type: {
            "address": f"{event.type}.{{path}}",
            "parameters": _path(),
            "messages": _messages(_of_type(event.type)),
            "bindings": _exchange(f"{event.publisher}.events"),
        }
        for event in EVENTS
    }


def _sealed_channels() -> dict[str, Any]:
    """One channel a source whose events may be of sealed petitions."""
    return {
        f"{source}.sealed": {
            "address": "{type}.{path}",
            "description": "Events of sealed petitions, for the site's own services only.",
            "parameters": {"type": {"enum": sorted({e.type for e in _from(source)})}, **_path()},
            "messages": _messages(_from(source)),
            "bindings": _exchange(f"{source}.sealed"),
        }
        for source, consumers in FLOWS.items()
        if consumers
    }


def _pairs() -> Iterator[tuple[str, str]]:
    return ((consumer, source) for source in FLOWS for consumer in FLOWS[source])


def _queue_channels() -> dict[str, Any]:
    """One channel a queue of the site's own services."""
    return {
        f"{consumer}.{source}": {
            "address": f"{consumer}.{source}",
            "description": f"Quorum queue, bound with `#` to {source}.events and {source}.sealed.",
            "messages": _messages(_from(source)),
            "bindings": {"amqp": _queue(f"{consumer}.{source}")},
        }
        for consumer, source in _pairs()
    }


def _queue(queue: str) -> dict[str, Any]:
    made = {"name": queue, "durable": True, "exclusive": False, "autoDelete": False}
    return {"is": "queue", "queue": made, "bindingVersion": BINDING}


def _sends() -> dict[str, Any]:
    amqp = {"deliveryMode": 2, "timestamp": True, "bindingVersion": BINDING}
    return {
        f"{event.publisher}.sends.{event.type}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{event.type}"},
            "bindings": {"amqp": amqp},
        }
        for event in EVENTS
    }


def _receives() -> dict[str, Any]:
    amqp = {"ack": True, "bindingVersion": BINDING}
    return {
        f"{consumer}.hears.{source}": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{consumer}.{source}"},
            "bindings": {"amqp": amqp},
        }
        for consumer, source in _pairs()
    }


# -- files -----------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, no anchors: the file is read by people."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def files() -> dict[str, str]:
    """Everything that is generated: path under this folder → text.

    Errors: KeyError for an event without a step in STORY.
    """
    made = {f"generated/schemas/{name(e)}.json": _json(json_schema(e)) for e in EVENTS}
    made |= {f"generated/samples/{name(e)}.json": _json(samples()[name(e)]) for e in EVENTS}
    made["asyncapi.yaml"] = yaml.dump(
        asyncapi(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
    return made


def drift(folder: Path = HERE) -> list[str]:
    """Paths that are missing, differ, or should not be there."""
    made = files()
    wrong = {
        path
        for path, text in made.items()
        if not (folder / path).is_file() or (folder / path).read_text("utf-8") != text
    }
    there = {p.relative_to(folder).as_posix() for p in (folder / "generated").rglob("*.json")}
    return sorted(wrong | (there - made.keys()))


def write(folder: Path = HERE) -> list[str]:
    """Makes the files equal to the schemas; the paths that were not."""
    made = files()
    changed = drift(folder)
    for path in changed:
        if path not in made:
            (folder / path).unlink()
            continue
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(made[path], "utf-8")
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 1 where `--check` found drift."""
    parser = argparse.ArgumentParser(prog="python -m contracts.build", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 on drift")
    check = parser.parse_args(arguments).check
    for path in (paths := drift() if check else write()):
        print(f"{'differs' if check else 'wrote'}: {path}")
    return 1 if check and paths else 0


if __name__ == "__main__":
    sys.exit(main())
