"""Bodies, actors and units for the services' handlers, on stores in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from contracts.codes import HANDLINGS
from contracts.public import status_of
from kit import envelope
from kit.envelope import Event
from kit.identity import Actor
from kit.inbox import Handler, Inbox
from kit.memory import MemoryStore
from kit.unit import Unit
from kit.vault import Vault

SITE = "330282"
BUREAU, TOWN, LABOUR = "330282-xfj", "330282104000", "330282-rsj"
NUMBER = "330282202603020001"
AT = datetime(2026, 3, 2, 1, 15, tzinfo=UTC)
VILLAGE = "330282104201"
CLERK = Actor("officer", "o1", TOWN, frozenset({"clerk"}))
OTHER = Actor("officer", "o2", LABOUR, frozenset({"clerk"}))
TRIAGE = Actor("officer", "o3", BUREAU, frozenset({"triage"}))
REASONED = {"facts": "经查，反映的情况属实。", "basis": "《农村土地承包法》第二十七条。"}
"""What an opinion says beside the decision (Art. 32)."""
OPINION = {"outcome": "supported", "opinion": "予以支持。", **REASONED}
TOOL = Actor("tool", "import", None, frozenset(), None)
PETITIONER = Actor("petitioner", NUMBER, None, frozenset(), NUMBER)


def vault(service: str) -> Vault:
    return Vault(bytes(range(32)), service)


def person(**changes: Any) -> dict[str, Any]:
    return {
        "role": "petitioner",
        "name": "张三",
        "id_kind": "resident",
        "id_number": "11010519491231002X",
        "phone": "13800005678",
        "address": "浙江省慈溪市观海卫镇天潭村1号",
    } | changes


def registration(**changes: Any) -> dict[str, Any]:
    """The body of a registration as its schema loads it."""
    return {
        "channel": "visit",
        "type": "request",
        "category": "c050101",
        "title": None,
        "text": "观海卫镇天潭村的工资被拖欠三个月。",
        "received_on": date(2026, 3, 2),
        "division": None,
        "head_count": 1,
        "household_count": None,
        "anonymous": False,
        "people": [person()],
        "complained_about": None,
        "accused": [],
        "postmarked_on": None,
        "barcode": None,
        "urgent": False,
        "simple": False,
        "collective": False,
        "confidential": False,
        "claims": [],
        "source_ref": None,
        "registered_at": None,
    } | changes


def state(**changes: Any) -> dict[str, Any]:
    """The public state that an event carries; a `status` is said by whoever owns that word."""
    found = {
        "number": NUMBER,
        "placing": "registered",
        "handling": None,
        "channel": "visit",
        "type": "request",
        "category": "c050101",
        "head_count": 1,
        "household_count": 1,
        "received_on": "2026-03-02",
        "registered_at": "2026-03-02T01:15:00Z",
        "registered_by": BUREAU,
        "division": None,
        "office": None,
        "forward_due": None,
        "accept_due": None,
        "answer_due": None,
        "review_due": None,
    } | changes
    if word := found.pop("status", None):
        found["handling" if word in HANDLINGS else "placing"] = word
    return found | {"status": status_of(found["placing"], found["handling"])}


EXTRA: dict[str, dict[str, Any]] = {
    "petition.registered": {
        "chosen_division": None, "barred": [],
        "about_office": None, "about_level": None, "urgent": False, "simple": False,
        "collective": False,
        "claims": [{"ordinal": 1, "type": "request", "branch": None}],
    },
    "petition.located": {"by": "rule", "rule": "town", "confidence": 0.9, "data_version": "v"},
    "petition.assigned": {
        "by": "rule", "rule": "town", "principle": "territorial", "data_version": "v", "method": "transfer", "from_office": BUREAU, "round": 1,
        "report_due": None, "final": False, "assisting": [],
    },
    "petition.accepted": {
        "procedure": "ordinary", "claims": [{"ordinal": 1, "branch": "31-6"}],
    },
    "petition.rated": {"petition_office": "basic", "responsible_office": "satisfied"},
    "petition.answered": {
        "outcome": "supported", "claims": [{"ordinal": 1, "outcome": "supported"}],
    },
    "petition.served": {
        "stage": "handle", "method": "in_person", "receipt": "signed", "served_on": "2026-03-05",
    },
    "petition.closed": {"on_time": True},
    "duty.approaching": {
        "duty": "forward", "office": BUREAU, "due_at": "2026-03-17T16:00:00Z",
        "at": "2026-03-14T16:00:00Z",
    },
    "duty.missed": {
        "duty": "forward", "office": BUREAU, "due_at": "2026-03-17T16:00:00Z",
        "at": "2026-03-17T16:00:00Z",
    },
}  # fmt: skip
"""What an event says beside the petition, where a test does not care."""


class Desk:
    """One service in memory: events come in, commands are done, each in a unit of its own."""

    def __init__(self, model: Any, handlers: dict[str, Handler]) -> None:
        self.store, self.handlers = MemoryStore(model), handlers
        self.sequences: dict[tuple[str, str], int] = {}

    def hear(
        self, source: str, type_: str, data: dict[str, Any], at: datetime = AT,
        subject: str = NUMBER, sealed: bool = False,
    ) -> list[Event]:  # fmt: skip
        """An event of another service arrives; gives the events that it made here."""
        key = source, subject
        self.sequences[key] = self.sequences.get(key, 0) + 1
        event = Event(
            envelope.new_id(), type_, source, SITE, subject, at, self.sequences[key],
            EXTRA.get(type_, {}) | data, sealed=sealed,
        )  # fmt: skip
        return self.do(
            lambda unit: Inbox(unit, self.handlers).apply([(event, envelope.encode(event))]), at
        )

    def do(self, work: Callable[[Unit], Any], at: datetime = AT) -> list[Event]:
        """Does work in a unit that stands at an instant; gives the events that it made."""
        unit = self.store.unit(at, SITE)
        work(unit)
        unit.flush()
        return [entry.event for entry in unit.changes.events]

    def one(self, row: type[Any], *key: Any) -> Any:
        """A row as it is stored, or None."""
        return self.store.rows[row].get(key)

    def all(self, row: type[Any]) -> list[Any]:
        return self.store.appended[row] or list(self.store.rows[row].values())


def keys_of(desk: Desk) -> list[tuple[str, str | None]]:
    """(routing key, cc) of every event so far."""
    return [(entry.routing_key, entry.cc) for entry in desk.store.log]
