"""The site's offices, divisions and categories, as pages name and offer them.

They are public and change rarely: kept for a minute, and for as long as routing is away, so that a
front desk that has them goes on registering with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from console.client import Calls, Down, Refusal

FRESH = 60.0
"""Seconds for which a list is not asked for again."""
RETRY = 5.0


@dataclass(frozen=True)
class Group:
    """A group of choices in a select: its name and (value, text) pairs."""

    name: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Lists:
    """Offices, divisions and categories by id; `missing` where routing never answered."""

    offices: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    divisions: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    categories: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    missing: bool = False

    def office(self, id: str | None) -> str:
        """An office's short name."""
        return str(self.offices[id]["short_name"]) if id and id in self.offices else id or ""

    @cached_property
    def present(self) -> list[dict[str, Any]]:
        """The offices that exist; one that was abolished keeps its name in what happened before."""
        return [office for office in self.offices.values() if not office["valid_to"]]

    def under(self, id: str) -> set[str]:
        """An office and every one below it."""
        return self._reached(id, lambda o, some: o["parent"] in some)

    def predecessors(self, id: str | None) -> set[str]:
        """The abolished offices that one goes on for, or that one of these went on for."""
        gone = self._reached(
            id, lambda o, some: o["valid_to"] and not some.isdisjoint(o["successors"])
        )
        return gone - {id}

    def _reached(
        self, id: str | None, further: Callable[[dict[str, Any], set[str]], Any]
    ) -> set[str]:
        """An office and all that are reached from it. `further`: whether an office is, from some."""
        found: set[str] = set()
        more = {id} if id else set()
        while more:
            found |= more
            more = {o["id"] for o in self.offices.values() if further(o, more)} - found
        return found

    def place(self, code: str | None) -> str:
        """A division as people say it: 周巷镇 天潭村."""
        if not code:
            return ""
        parts = [f"{code[:9]}000", code] if code[9:] != "000" else [code]
        names = [str(self.divisions[part]["name"]) for part in parts if part in self.divisions]
        return " ".join(names) or code

    def area(self, code: str) -> str:
        """A division in which a rule holds: a town by its name, what is above a town as the whole site."""
        return self.place(code) if code in self.divisions and code[6:9] != "000" else "全站"

    def category(self, id: str | None) -> str:
        """A category with all above it: 农业农村 / 村务管理 / 村务公开."""
        return " / ".join(self.categories[part]["name"] for part in self.ancestry(id)) or id or ""

    def ancestry(self, id: str | None) -> list[str]:
        """A category's ids from the top down."""
        found: list[str] = []
        while id and id in self.categories and id not in found:
            found.insert(0, id)
            id = self.categories[id]["parent"]
        return found

    @cached_property
    def topics(self) -> dict[str, str]:
        """The top level of the categories."""
        tops = (c for c in self.categories.values() if c["parent"] is None)
        return {str(c["id"]): str(c["name"]) for c in tops}

    @cached_property
    def root(self) -> dict[str, Any] | None:
        """The site's own petition office."""
        return next(
            (o for o in self.present if o["parent"] is None and o["kind"] == "petition_office"),
            None,
        )

    @cached_property
    def site_name(self) -> str:
        """Whose front desk this is."""
        return str(self.root["name"]) if self.root else "信访部门"

    @cached_property
    def place_groups(self) -> tuple[Group, ...]:
        """Villages under their towns, each town itself first."""
        towns = [d for d in self.divisions.values() if d["level"] == "town"]
        return tuple(Group(town["name"], self._places_of(town)) for town in towns)

    def _places_of(self, town: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        inside = [
            (code, str(d["name"]))
            for code, d in self.divisions.items()
            if d["level"] == "village" and code[:9] == town["code"][:9]
        ]
        return ((town["code"], f"{town['name']}（不分村、社区）"), *inside)

    def category_groups(self, day: date) -> tuple[Group, ...]:
        """Categories of a day under their top level, the whole path below it as text. One that has ended keeps
        its name in what was registered under it, and is not offered."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for id in sorted(self.categories, key=self.ancestry):
            if self.holds(id, day):
                top, *below = (self.categories[part]["name"] for part in self.ancestry(id))
                choice = (id, " / ".join(below) or f"{top}（不细分）")
                groups.setdefault(top, []).append(choice)
        return tuple(Group(top, tuple(choices)) for top, choices in groups.items())

    def holds(self, id: str, day: date) -> bool:
        """Whether something may be registered under a category on a day."""
        since, until = self.categories[id]["valid_from"], self.categories[id]["valid_to"]
        return (not since or since <= str(day)) and (not until or str(day) < until)

    @cached_property
    def office_groups(self) -> tuple[Group, ...]:
        """All offices: the petition office, towns, departments."""
        kinds = (("petition_office", "信访部门"), ("town", "镇、街道"), ("department", "市级部门"))
        return tuple(
            Group(name, tuple((o["id"], o["short_name"]) for o in self.of_kind(kind)))
            for kind, name in kinds
            if self.of_kind(kind)
        )

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """The offices of one kind."""
        return [office for office in self.present if office["kind"] == kind]

    def proposed(self, choice: dict[str, Any] | None) -> tuple[Group, ...]:
        """Offices that a triage officer will probably choose, by what routing says of them."""
        if choice is None:
            return ()
        named = (
            choice["office"],
            *choice["candidates"],
            choice["competent"],
            choice["territorial"],
        )
        found = dict.fromkeys(id for id in named if id in self.offices)
        return (
            (Group("可能的承办单位", tuple((id, self.office(id)) for id in found)),)
            if found
            else ()
        )


class ListsCache:
    """The lists as routing last gave them."""

    def __init__(self, calls: Callable[[], Calls]) -> None:
        self._calls = calls
        self._lists = Lists(missing=True)
        self._until = 0.0

    def get(self) -> Lists:
        """At most a minute old; the last known ones while routing is away."""
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + RETRY  # others keep what there is meanwhile
            try:
                self._lists = self._read()
                if self._lists.offices:
                    self._until = time.monotonic() + FRESH
            except (Down, Refusal):
                pass
        return self._lists

    def forget(self) -> None:
        """The next page reads them anew."""
        self._until = 0.0

    def _read(self) -> Lists:
        calls = self._calls()
        return Lists(
            offices={o["id"]: o for o in calls.offices()},
            divisions={d["code"]: d for d in calls.divisions()},
            categories={c["id"]: c for c in calls.categories()},
        )
