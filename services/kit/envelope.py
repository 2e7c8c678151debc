"""How an event looks on the wire: CloudEvents 1.0 as JSON, with `sequence` and `after` (house.md 4.4).

Content type is plain `application/json`, so that every client decodes it; this is not CloudEvents'
structured mode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
import uuid_utils

CONTENT_TYPE = "application/json"
SPEC_VERSION = "1.0"
MAX_BYTES = 256 * 1024
"""Largest event that is read, in bytes; ours are 1-2 KB, a larger body is not ours."""
MAX_SEQUENCE = 2**31 - 1
"""What the tables can hold."""


class Unreadable(ValueError):
    """The bytes are no event of ours; `str(error)` says why. It is parked, never retried."""


@dataclass(frozen=True, slots=True)
class Event:
    """A fact, past tense.

    `source` is the bare service name (`intake`), on the wire `/<site>/<service>`;
    `subject` the petition number, office id or order; `sequence` counts 1, 2, 3 … per source and
    subject; `after` names what its publisher had applied of other sources for that subject.
    """

    id: str
    type: str
    source: str
    site: str
    subject: str
    time: datetime
    sequence: int
    data: dict[str, Any]
    after: dict[str, int] = field(default_factory=dict)
    traceparent: str | None = None
    version: int = 1
    sealed: bool = False


def new_id() -> str:
    """A UUIDv7: unique, and sorted by time."""
    return str(uuid_utils.uuid7())


def schema_uri(type_: str, version: int) -> str:
    """Where the schema of an event's data stands in contracts: `/schemas/petition.registered/1`."""
    return f"/schemas/{type_}/{version}"


def write_after(after: dict[str, int]) -> str:
    """`{"routing": 5, "intake": 3}` → `"intake:3 routing:5"`."""
    return " ".join(f"{source}:{after[source]}" for source in sorted(after))


def read_after(text: str) -> dict[str, int]:
    """The reverse of `write_after`. Raises ValueError for anything else."""
    result: dict[str, int] = {}
    for item in text.split():
        source, _, number = item.partition(":")
        if not source.isidentifier() or not number.isdecimal():
            raise ValueError(f"expected 'service:number', got {item[:40]!r}")
        result[source] = int(number)
    return result


def encode(event: Event) -> bytes:
    """The finished bytes: stored in event_log and published as they are."""
    body: dict[str, Any] = {
        "specversion": SPEC_VERSION,
        "id": event.id,
        "source": f"/{event.site}/{event.source}",
        "type": event.type,
        "subject": event.subject,
        "time": event.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": CONTENT_TYPE,
        "dataschema": schema_uri(event.type, event.version),
        "sequence": event.sequence,
        "after": write_after(event.after),
        "data": event.data,
    }
    if event.traceparent:
        body["traceparent"] = event.traceparent
    if event.sealed:
        body["sealed"] = True
    return orjson.dumps(body)


def decode(body: bytes) -> Event:
    """Bytes from a queue → Event. Raises `Unreadable`, and nothing else, whatever the bytes are."""
    if len(body) > MAX_BYTES:
        raise Unreadable(f"body of {len(body)} bytes is larger than {MAX_BYTES}")
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error}") from None
    if not isinstance(raw, dict) or raw.get("specversion") != SPEC_VERSION:
        raise Unreadable("not a CloudEvents 1.0 object")
    try:
        return _read(raw)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from None


def _read(raw: dict[str, Any]) -> Event:
    """An event out of its parsed body; raises whatever a strange body makes it raise."""
    site, source = _origin(raw["source"])
    sequence, data, time = raw["sequence"], raw["data"], datetime.fromisoformat(raw["time"])
    if type(sequence) is not int or not 1 <= sequence <= MAX_SEQUENCE:
        raise ValueError("sequence must be a whole number from 1")
    if not isinstance(data, dict):
        raise TypeError("data must be an object")
    for name in ("id", "type", "subject"):
        text = raw[name]
        if not isinstance(text, str) or not 0 < len(text) <= 128 or not text.isprintable():
            raise ValueError(f"{name} must be a short text")
    if time.tzinfo is None:
        raise ValueError("time names no instant")
    return Event(
        id=raw["id"],
        type=raw["type"],
        source=source,
        site=site,
        subject=raw["subject"],
        time=time if time.tzinfo is UTC else time.astimezone(UTC),
        sequence=sequence,
        after=dict(_after(raw.get("after", ""))),
        data=data,
        traceparent=_text(raw.get("traceparent")),
        version=_version(raw["dataschema"]),
        sealed=raw.get("sealed") is True,
    )


@lru_cache(maxsize=256)
def _origin(source: str) -> tuple[str, str]:
    """`/330282/intake` → site and service."""
    nothing, site, name = source.split("/")
    if nothing or not name.isidentifier():
        raise ValueError("source must be /site/service")
    return site, name


@lru_cache(maxsize=1024)
def _after(text: str) -> dict[str, int]:
    """Few are told again and again; whoever gets one makes it their own."""
    return read_after(text)


@lru_cache(maxsize=256)
def _version(schema: str) -> int:
    """`/schemas/petition.registered/1` → 1."""
    return int(schema.rsplit("/", 1)[1])


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("traceparent must be a text")
    return value
