"""The list of cases: its filters, the page read for them, and the way to and fro."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from console.visit import Visit

MOST_NUMBERS = 500
"""Numbers that a search hands to the list: more would not fit into the head of a request."""
FIRST = "-"
TRAIL = 40
"""Pages back that are remembered."""


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed by. `words` and persons are sent in a form's body only.

    `after` is where the page begins, `trail` where the pages before it began.
    """

    status: str = ""
    light: str = ""
    urgent: str = ""
    channel: str = ""
    type: str = ""
    office: str = ""
    number: str = ""
    words: str = ""
    name: str = ""
    phone: str = ""
    id_number: str = ""
    after: str = ""
    trail: str = ""

    @classmethod
    def from_form(cls, text: Callable[[str], str]) -> Filters:
        """Filters out of a form, given by `text(name)`."""
        return cls(**{f.name: text(f.name) for f in fields(cls)})

    @classmethod
    def from_address(cls, query: Callable[[str], str]) -> Filters:
        """Filters out of an address; a person in it is not heeded."""
        return cls(**{f.name: query(f.name) for f in fields(cls) if f.name not in PERSONAL})

    @property
    def personal(self) -> bool:
        """Whether it asks for what people wrote or who they are."""
        return any(getattr(self, name) for name in PERSONAL)

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return any(getattr(self, f.name) for f in fields(self) if f.name not in ("after", "trail"))

    def address(self) -> dict[str, str]:
        """As the query of an address."""
        return {name: value for name, value in self.all().items() if name not in PERSONAL}

    def all(self) -> dict[str, str]:
        """Everything set, by name: the hidden fields of a form."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}

    def forward(self, after: str) -> Filters:
        """The next page."""
        trail = [*self._trail(), self.after or FIRST][-TRAIL:]
        return replace(self, after=after, trail=",".join(trail))

    def back(self) -> Filters | None:
        """The page before, if there is one."""
        trail = self._trail()
        if not trail:
            return replace(self, after="", trail="") if self.after else None
        return replace(
            self, after="" if trail[-1] == FIRST else trail[-1], trail=",".join(trail[:-1])
        )

    def _trail(self) -> list[str]:
        return [part for part in self.trail.split(",") if part]


PERSONAL = ("words", "name", "phone", "id_number")
PLAIN = ("status", "light", "urgent", "channel", "type", "office", "after")


@dataclass(frozen=True)
class Found:
    """One page of the list. `narrow`: more matched than could be listed."""

    cases: list[dict[str, Any]]
    total: int
    next: str | None
    narrow: bool = False


def read(visit: Visit, filters: Filters) -> Found:
    """The page of the list for these filters. Raises Down, Refusal."""
    wanted = {name: getattr(filters, name) for name in PLAIN if getattr(filters, name)}
    narrow = False
    if filters.personal:
        found = visit.calls.search(
            {n: getattr(filters, n) for n in PERSONAL if getattr(filters, n)}
        )
        numbers = [n for n in found["numbers"] if not filters.number or n == filters.number]
        narrow = found["narrow"] or len(numbers) > MOST_NUMBERS
        if not numbers:
            return Found([], 0, None)
        wanted["numbers"] = ",".join(numbers[:MOST_NUMBERS])
    elif filters.number:
        wanted["numbers"] = filters.number
    page = visit.calls.cases(wanted)
    return Found(page["cases"], page["total"], page["next"], narrow)


def count(visit: Visit, light: str) -> int:
    """How many cases within reach show a light."""
    return int(visit.calls.cases({"light": light, "limit": "1"})["total"])


def forward_due(visit: Visit, numbers: list[str]) -> dict[str, str | None]:
    """Until when each of these has to be forwarded: supervision's to know."""
    if not numbers:
        return {}
    page = visit.calls.cases({"numbers": ",".join(numbers), "limit": str(len(numbers))})
    return {case["number"]: case["forward_due"] for case in page["cases"]}


def titles(visit: Visit, numbers: Iterable[str], found: Found | None) -> dict[str, dict[str, str]]:
    """Titles and masked names of everything on the page, in one call."""
    wanted = {
        *filter(str.isdecimal, numbers),
        *(case["number"] for case in (found.cases if found else ())),
    }
    if not wanted:
        return {}
    return visit.part(lambda: visit.calls.titles(sorted(wanted))) or {}
