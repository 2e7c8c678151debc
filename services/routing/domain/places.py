"""A first, honest form of locating: exact names of the site's own divisions in what was written.

It answers only what is certain: one town, or one village whose name stands once in the site or lies in
the town that is named. Everything else goes to the triage desk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Division:
    """One division: 12-digit code, full name, level (`county`, `town`, `village`)."""

    code: str
    name: str
    level: str


@dataclass(frozen=True)
class Place:
    """Where the matter is. `code` is None where it is not certain; `rule` says why."""

    code: str | None
    rule: str


_VILLAGE_TAILS = re.compile("(村民委员会|社区居民委员会|社区居委会|居民委员会|居委会|村委会)$")


def short_names(division: Division) -> tuple[str, ...]:
    """The forms in which people write a village: 天潭村, 天潭村委会; a town by its full name."""
    if division.level != "village":
        return (division.name,)
    base = _VILLAGE_TAILS.sub("", division.name)
    if division.name.endswith(("村民委员会", "村委会")):
        return division.name, base if base.endswith("村") else base + "村"
    return division.name, base if base.endswith("社区") else base + "社区"


class Gazetteer:
    """The names of one site, and what a text says of them."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._codes: dict[str, set[str]] = {}
        self._levels: dict[str, str] = {}
        for division in divisions:
            self._levels[division.code] = division.level
            if division.level in ("town", "village"):
                for name in short_names(division):
                    self._codes.setdefault(name, set()).add(division.code)
        names = sorted(self._codes, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, names))) if names else None

    def knows(self, code: str) -> bool:
        """Whether the site has this division."""
        return code in self._levels

    def locate(self, text: str) -> Place:
        """The one place that a text names, or none."""
        if self._pattern is None:
            return Place(None, "no-divisions")
        names = set(self._pattern.findall(text))
        towns = {c for n in names for c in self._codes[n] if self._levels[c] == "town"}
        if len(towns) > 1:
            return Place(None, "several-towns")
        villages = {c for n in names for c in self._codes[n] if self._levels[c] == "village"}
        if towns:
            (town,) = towns
            inside = {code for code in villages if code[:9] == town[:9]}
            return (
                Place(inside.pop(), "village-in-town") if len(inside) == 1 else Place(town, "town")
            )
        if len(villages) == 1:
            return Place(villages.pop(), "village")
        return Place(None, "several-villages" if villages else "no-name")
