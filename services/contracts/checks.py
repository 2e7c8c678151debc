"""Does an event's data keep its contract? Fast enough to ask of every event, both ways.

`data` holds JSON types only: dates and instants are RFC 3339 strings (`2026-03-02`,
`2026-03-02T01:15:00Z`), never date or datetime objects, so that what is checked is what is stored
and sent. Publishers are held to the schema to the letter; consumers read leniently, so that a
service that was not upgraded yet goes on reading the events of one that was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
from fastjsonschema import JsonSchemaValueException

from contracts.schemas import EVENTS

SCHEMAS = Path(__file__).with_name("generated") / "schemas"
KNOWN = frozenset((event.type, event.version) for event in EVENTS)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class ContractBroken(ValueError):
    """Data that breaks its contract.

    `field` is the dotted path of the first offence (`petition.status`), empty where the whole is
    wrong.
    The text names the rule, never the value: it may be logged.
    """

    def __init__(self, type_: str, version: int, field: str, message: str) -> None:
        super().__init__(f"{type_}/{version}: {message}")
        self.type, self.version, self.field = type_, version, field


def known(type_: str, version: int) -> bool:
    """Whether this type of event is in the contracts, in this version."""
    return (type_, version) in KNOWN


def check(type_: str, version: int, data: dict[str, Any], *, lenient: bool = False) -> None:
    """Refuses data that breaks its contract.

    Args:
        lenient: for consumers. Unknown fields and words that a code list does not have yet pass;
            whatever a reader relies on (required fields, their kinds and formats) does not.

    Errors: ContractBroken, also for a type or version that is not `known`.
    """
    if (type_, version) not in KNOWN:
        raise ContractBroken(type_, version, "", "no such event in the contracts")
    try:
        _validator(type_, version, lenient)(data)
    except JsonSchemaValueException as error:
        raise ContractBroken(type_, version, _field(error), error.message) from None


@cache
def _validator(type_: str, version: int, lenient: bool) -> Callable[[Any], Any]:
    """The compiled schema; made at first use, some milliseconds each."""
    schema = json.loads((SCHEMAS / f"{type_}.{version}.json").read_bytes())
    return fastjsonschema.compile(
        _loosened(schema) if lenient else schema,
        formats={"date": _is_date, "date-time": _is_instant},
        use_default=False,
    )


def _loosened(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema as a consumer reads it: open to what a later release may add."""
    loose = {k: v for k, v in schema.items() if k not in ("additionalProperties", "enum")}
    if "properties" in schema:
        loose["properties"] = {k: _loosened(v) for k, v in schema["properties"].items()}
    if "items" in schema:
        loose["items"] = _loosened(schema["items"])
    return loose


def _is_date(text: str) -> bool:
    return _DATE.fullmatch(text) is not None and _parses(date.fromisoformat, text)


def _is_instant(text: str) -> bool:
    return _INSTANT.fullmatch(text) is not None and _parses(datetime.fromisoformat, text)


def _parses(parse: Callable[[str], object], text: str) -> bool:
    """The pattern says RFC 3339, this says that the day exists and that our readers can read it."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _field(error: JsonSchemaValueException) -> str:
    """The path of the field; the library names the parent of a missing or surplus one."""
    path = error.path[1:]  # without "data"
    if error.rule == "required":
        path += sorted(set(error.rule_definition) - set(error.value))[:1]
    elif error.rule == "additionalProperties":
        path += sorted(set(error.value) - set(error.definition["properties"]))[:1]
    return ".".join(path)


def check_event(type_: str, version: int, data: dict[str, Any], lenient: bool) -> None:
    """`check` in the shape that `kit.unit.Model` asks for."""
    check(type_, version, data, lenient=lenient)
