"""The public state of a petition as every service keeps it in its own row (house.md 4.3).

Each service takes from an event only the fields that the event's source owns, so that three services
may write about one petition at the same time and agree in the end.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

OWNED: dict[str, tuple[str, ...]] = {
    "intake": (
        "channel", "type", "category", "head_count", "household_count", "received_on", "registered_at",
    ),
    "routing": ("placing", "division", "office"),
    "supervision": ("handling", "forward_due", "accept_due", "answer_due", "review_due"),
}  # fmt: skip
"""Which service owns which field. `status` follows from `placing` and `handling` (ADR 0007); `registered_by` stays as
it was registered, until that office is succeeded, which everybody hears (`succeed`)."""

_INSTANTS = frozenset({"registered_at", "forward_due", "accept_due", "answer_due", "review_due"})


@dataclass
class PublicFields:
    """The columns of the public state; row classes of the services inherit it."""

    number: str
    status: str
    placing: str
    handling: str | None
    channel: str
    type: str
    category: str | None
    head_count: int
    household_count: int | None
    received_on: date
    registered_at: datetime
    registered_by: str
    division: str | None
    office: str | None
    forward_due: datetime | None
    accept_due: datetime | None
    answer_due: datetime | None
    review_due: datetime | None

    def public(self) -> dict[str, Any]:
        """The state as an event carries it (JSON types only)."""
        return {
            "number": self.number,
            "status": self.status,
            "placing": self.placing,
            "handling": self.handling,
            "channel": self.channel,
            "type": self.type,
            "category": self.category,
            "head_count": self.head_count,
            "household_count": self.household_count,
            "received_on": self.received_on.isoformat(),
            "registered_at": stamp(self.registered_at),
            "registered_by": self.registered_by,
            "division": self.division,
            "office": self.office,
            "forward_due": stamp(self.forward_due) if self.forward_due else None,
            "accept_due": stamp(self.accept_due) if self.accept_due else None,
            "answer_due": stamp(self.answer_due) if self.answer_due else None,
            "review_due": stamp(self.review_due) if self.review_due else None,
        }

    def placed(self, word: str) -> None:
        """Routing's own step."""
        self.placing = word
        self.status = status_of(self.placing, self.handling)

    def handled(self, word: str | None) -> None:
        """Supervision's own step; None: it stands where routing says."""
        self.handling = word
        self.status = status_of(self.placing, self.handling)

    def take(self, source: str, state: dict[str, Any]) -> None:
        """Takes over from another service's event what that service owns."""
        for name in OWNED[source]:
            setattr(self, name, read(name, state[name]))
        self.status = status_of(self.placing, self.handling)


def offices_told(type_: str, data: dict[str, Any]) -> list[str]:
    """The offices that may see a petition because of this event: who has it, who assists, who names the
    office anew, who reviews, who owes the report of an urgent matter. `data` is that of the event."""
    told = [data["petition"]["office"], data.get("to_office")]
    told += [helper["office"] for helper in data.get("assisting", ())]
    if type_ in ("review.requested", "urgent.marked"):
        told.append(data["office"])
    return [office for office in told if office]


def seen_by(offices: list[str], type_: str, data: dict[str, Any]) -> list[str]:
    """Those who see it already and those who do from this event on, in order; most events admit nobody."""
    told = offices_told(type_, data)
    if set(offices).issuperset(told):
        return offices
    return list(dict.fromkeys([*offices, *told]))


def succeed(row: Any, was: str, heir: str, *names: str) -> None:
    """承继: where an abolished office stood in a row, its successor stands (Art. 24)."""
    for name in names:
        if getattr(row, name) == was:
            setattr(row, name, heir)


def status_of(placing: str, handling: str | None) -> str:
    """The one word for where a petition stands (ADR 0007)."""
    return handling or placing


_NAMES = tuple(item.name for item in dataclasses.fields(PublicFields))


def fields_of(state: dict[str, Any]) -> dict[str, Any]:
    """The public state of an event as keyword arguments of a row class."""
    return {name: read(name, state[name]) for name in _NAMES}


def read(name: str, value: Any) -> Any:
    """One field from its JSON form."""
    if value is None:
        return None
    if name in _INSTANTS:
        return datetime.fromisoformat(value)
    if name == "received_on":
        return date.fromisoformat(value)
    return value


def stamp(instant: datetime) -> str:
    """An aware instant as RFC 3339 in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def path(division: str | None) -> str:
    """A division code as words of a routing key: `330282104000` → `33.02.82.104`, village included."""
    if not division:
        return ""
    parts = [division[0:2], division[2:4], division[4:6], division[6:9], division[9:12]]
    while parts and not parts[-1].strip("0"):
        parts.pop()
    return ".".join(parts)


def prefix(division: str) -> str:
    """What the codes of a division and of everything in it begin with: `330282100000` → `330282100`,
    not `3302821`, with which the codes of other towns begin too."""
    return path(division).replace(".", "") or division
