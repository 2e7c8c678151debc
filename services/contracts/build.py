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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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

HERE = Path(__file__).parent
SITE = "330282"

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


# -- samples: one petition's life, and one change each of an office and an account -----------------


@dataclass(frozen=True)
class Step:
    """One event of the story: what it changes of the public state, what else stands in its data."""

    type: str
    time: str
    state: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1


NUMBER = f"{SITE}202603020001"
EARLIER = f"{SITE}202601050003"
BUREAU, TOWN, LABOUR = f"{SITE}-xfj", "330282104000", f"{SITE}-rsj"
FORWARD_DUE, ACCEPT_DUE = "2026-03-17T16:00:00Z", "2026-04-02T16:00:00Z"
ANSWER_DUE, EXTENDED_DUE = "2026-05-18T16:00:00Z", "2026-06-17T16:00:00Z"
REVIEW_DUE = "2026-07-06T16:00:00Z"
BEGINNING = {
    "number": NUMBER,
    "status": "registered",
    "placing": "registered",
    "handling": None,
    "channel": "visit",
    "type": "request",
    "category": "c050101",
    "head_count": 3,
    "received_on": "2026-03-02",
    "registered_at": "2026-03-02T01:15:00Z",
    "registered_by": BUREAU,
    "division": None,
    "office": None,
    "forward_due": None,
    "accept_due": None,
    "answer_due": None,
    "review_due": None,
}
OFFICE = {
    "id": LABOUR,
    "name": "慈溪市人力资源和社会保障局",
    "short_name": "市人社局",
    "parent": None,
    "division": f"{SITE}000000",
    "level": "county",
    "kind": "department",
    "categories": ["c05"],
    "valid_from": "2025-12-31T16:00:00Z",
    "valid_to": None,
}
ACCOUNT = {"id": "a-0001", "office": LABOUR, "roles": ["handler"], "active": True}
CLAIM = {"ordinal": 1, "type": "request", "branch": None}


def duty(kind: str, office: str, due_at: str, at: str) -> dict[str, str]:
    """What a duty event says beside the petition."""
    return {"duty": kind, "office": office, "due_at": due_at, "at": at}


def assigned(round_: int, *, final: bool) -> dict[str, Any]:
    """What an assignment says beside the petition."""
    return {
        "by": "person", "rule": None, "method": "transfer", "from_office": BUREAU, "round": round_,
        "report_due": None, "final": final,
        "assisting": [{"office": TOWN, "due_on": "2026-04-01"}],
    }  # fmt: skip


STORY = (
    Step("office.changed", "2026-01-05T01:00:00Z", data=OFFICE),
    Step("account.changed", "2026-01-05T01:30:00Z", data=ACCOUNT),
    Step(
        "petition.registered",
        "2026-03-02T01:15:00Z",
        data={"chosen_division": None, "barred": [], "urgent": True, "claims": [CLAIM]},
    ),
    Step("urgent.reported", "2026-03-02T02:00:00Z", data={"office": BUREAU}),
    Step(
        "duty.missed",
        "2026-03-17T16:00:20Z",
        {"forward_due": FORWARD_DUE},
        duty("forward", BUREAU, FORWARD_DUE, FORWARD_DUE),
    ),
    Step(
        "petition.located",
        "2026-03-18T00:40:00Z",
        {"placing": "located", "division": TOWN},
        {"by": "person", "rule": None},
    ),
    Step(
        "petition.assigned",
        "2026-03-18T00:40:02Z",
        {"placing": "assigned", "office": LABOUR},
        assigned(1, final=False),
    ),
    Step("petition.signed", "2026-03-18T02:05:00Z", {"placing": "signed"}),
    Step(
        "petition.objected",
        "2026-03-18T03:00:00Z",
        {"placing": "objected"},
        {"office": LABOUR, "cause": "outside_remit", "round": 1},
    ),
    Step("petition.upheld", "2026-03-18T06:00:00Z", {"placing": "signed"}, {"office": LABOUR}),
    Step(
        "petition.accepted",
        "2026-03-19T01:00:00Z",
        {"handling": "accepted", "answer_due": ANSWER_DUE, "accept_due": ACCEPT_DUE},
        {"procedure": "ordinary", "claims": [{"ordinal": 1, "branch": "31-6"}]},
    ),
    Step("assist.answered", "2026-03-30T01:00:00Z", data={"office": TOWN}),
    Step(
        "duty.approaching",
        "2026-05-08T16:00:20Z",
        data=duty("answer", LABOUR, ANSWER_DUE, "2026-05-08T16:00:00Z"),
    ),
    Step("extension.refused", "2026-05-09T01:00:00Z", data={"days": 30}),
    Step("extension.requested", "2026-05-10T01:00:00Z", data={"days": 30}),
    Step(
        "petition.extended",
        "2026-05-11T01:00:00Z",
        {"answer_due": EXTENDED_DUE},
        {"days": 30},
    ),
    Step(
        "petition.answered",
        "2026-05-12T03:00:00Z",
        {"handling": "answered"},
        {"outcome": "explained", "claims": [{"ordinal": 1, "outcome": "explained"}]},
    ),
    Step(
        "petition.served",
        "2026-05-13T06:30:00Z",
        {"handling": "served"},
        {
            "stage": "handle",
            "method": "in_person",
            "receipt": "signed",
            "served_on": "2026-05-13",
        },
    ),
    Step("petition.closed", "2026-05-13T07:00:00Z", {"handling": "closed"}, {"on_time": True}),
    Step(
        "petition.rated",
        "2026-05-15T04:20:00Z",
        data={"petition_office": "basic", "responsible_office": "unsatisfied"},
    ),
    Step(
        "petition.reopened",
        "2026-05-20T01:00:00Z",
        {"handling": "accepted"},
        {"cause": "not_executed"},
    ),
    Step(
        "review.requested",
        "2026-06-06T01:00:00Z",
        {"handling": "review_sought", "review_due": REVIEW_DUE},
        {"stage": "review", "office": BUREAU, "requested_on": "2026-06-06"},
    ),
    Step(
        "petition.rescheduled",
        "2026-06-10T01:00:00Z",
        data={"duties": [{"duty": "review", "was": "2026-07-05T16:00:00Z", "due_at": REVIEW_DUE}]},
    ),
    Step("hearing.opened", "2026-06-15T01:00:00Z", data={"stage": "review"}),
    Step("hearing.closed", "2026-06-16T01:00:00Z", data={"stage": "review"}),
    Step(
        "review.decided",
        "2026-07-01T01:00:00Z",
        {"handling": "review_decided"},
        {"stage": "review", "outcome": "upheld"},
    ),
    Step(
        "duty.lapsed",
        "2026-08-02T16:00:10Z",
        data=duty("seek_rereview", BUREAU, "2026-08-02T16:00:00Z", "2026-08-02T16:00:00Z"),
    ),
    Step(
        "petition.final",
        "2026-08-02T16:00:10Z",
        {"handling": "final"},
        {"cause": "rereview_not_sought"},
    ),
    Step(
        "petition.returned",
        "2026-08-03T01:00:00Z",
        data={"office": LABOUR, "to_office": BUREAU, "bounces": 2, "lifted": "superior"},
    ),
    Step(
        "petition.declined",
        "2026-08-03T02:00:00Z",
        data={"by_office": BUREAU, "cause": "final_already", "article": "第三十六条"},
    ),
    Step("petition.supplemented", "2026-08-03T02:05:00Z"),
    Step("petition.linked", "2026-08-03T02:10:00Z", data={"repeat_of": EARLIER}),
    Step("petition.contested", "2026-08-03T02:20:00Z", data={"repeat_of": EARLIER}),
    Step("petition.unlinked", "2026-08-03T02:30:00Z", data={"repeat_of": EARLIER}),
    Step("petition.withdrawn", "2026-08-03T03:00:00Z"),
)


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
    subject = data["petition"]["number"] if "petition" in data else data["id"]
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
