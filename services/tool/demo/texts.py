"""Invented petition texts (信访内容): templates, the places they name, and the telling.

A template's text may hold `[one|other]` alternatives and `{slots}`; both are compiled once into
parts, so that a text is a few picks and one join. No text accuses an identifiable person.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tool.demo.people import pick
from tool.demo.phrases import (
    CIRCUMSTANCES,
    CLOSINGS,
    HISTORY,
    NOWHERE,
    OPENINGS,
    REQUEST_OPENINGS,
    RETELLINGS,
    SLOTS,
    SPOKEN_BY,
)
from tool.demo.rhythm import Weighted
from tool.demo.site import COUNTY_NAME, DATA, Spot, read_rows

Random = Callable[[], float]

MAX_TITLE = 40
MENTIONS = Weighted(("town_village", "town", "village", "none"), (0.55, 0.30, 0.10, 0.05))
WITH_COUNTY = 0.25  # put the county before the town
TELLS_MORE = 0.4  # of written requests
LETTERLIKE = frozenset({"letter", "mailbox", "web"})

_TOKEN = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")


class Mention(NamedTuple):
    """How a text names its place; `code` is the deepest division the words determine."""

    kind: str  # town_village | town | village | none
    words: str
    code: str | None


class Scene(NamedTuple):
    """What the slots of one text are filled from."""

    random: Random
    place: str
    since: tuple[str, ...]
    days: tuple[str, ...]


Part = str | Callable[[Scene], str]


@dataclass(frozen=True, slots=True)
class Template:
    """One matter people write about; `where` is the kind of place it happens in."""

    id: str
    purpose: str
    category: str
    office: str
    town_share: float
    where: str
    register: str
    months: tuple[int, ...]
    joint: bool
    weight: float
    title: str
    body: tuple[Part, ...]
    ask: tuple[Part, ...]

    def weight_in(self, month: int) -> float:
        """How often it comes up in a month (1-12): in season twice as often, else a third."""
        if not self.months:
            return self.weight
        return self.weight * (2.0 if month in self.months else 0.35)


def load_templates(path: Path = DATA / "templates.csv") -> tuple[Template, ...]:
    """Read and compile the templates."""
    return tuple(
        Template(
            id=row["id"],
            purpose=row["purpose"],
            category=row["category"],
            office=row["office"],
            town_share=float(row["town_share"]),
            where=row["where"],
            register=row["register"],
            months=tuple(int(m) for m in row["months"].split("|") if m),
            joint=row["joint"] == "yes",
            weight=float(row["weight"]),
            title=row["title"],
            body=compile_text(row["body"]),
            ask=compile_text(row["ask"]),
        )
        for row in read_rows(path)
    )


@cache
def compile_text(text: str) -> tuple[Part, ...]:
    """Split a template into plain strings and pickers."""
    parts: list[Part] = []
    at = 0
    for token in _TOKEN.finditer(text):
        if token.start() > at:
            parts.append(text[at : token.start()])
        alternatives, slot = token.groups()
        parts.append(_slot(slot) if slot else _choice(alternatives))
        at = token.end()
    if at < len(text):
        parts.append(text[at:])
    return tuple(parts)


def tell(parts: tuple[Part, ...], scene: Scene) -> str:
    """Fill in a compiled text."""
    return "".join([part if part.__class__ is str else part(scene) for part in parts])  # type: ignore[operator]


def mention(random: Random, spot: Spot) -> Mention:
    """Name a place, by the exact names of divisions (天潭村 for 天潭村委会), or do not."""
    kind = MENTIONS.pick(random)
    if kind == "none":
        return Mention("none", pick(random, NOWHERE), None)
    town = spot.town.name
    if random() < WITH_COUNTY:
        town = COUNTY_NAME + town
    if kind == "town" or spot.village is None:
        return Mention("town", town, spot.town.code)
    village = spot.village.spoken
    return Mention(kind, village if kind == "village" else town + village, spot.village.code)


def greet(random: Random, template: Template, channel: str) -> str:
    """How a text begins: with the clerk's note where it was spoken, else with a greeting."""
    if channel in SPOKEN_BY:
        return pick(random, SPOKEN_BY[channel])
    pools = REQUEST_OPENINGS if template.purpose == "request" else OPENINGS
    return pick(random, pools[template.register])


def write(template: Template, scene: Scene, channel: str) -> str:
    """What a petition says, without its greeting: 60 to 500 characters."""
    told = [tell(template.body, scene)]
    if template.purpose == "request":
        told += _history(template, scene, channel)
    told.append(tell(template.ask, scene))
    told.append(pick(scene.random, CLOSINGS[template.purpose, template.register]))
    return "".join(told)


def retell(random: Random, first: date) -> str:
    """How a repeat petition (重复信访) begins; the same matter follows."""
    return pick(random, RETELLINGS).format(day=f"{first.month}月{first.day}日")


def entitle(template: Template, place: Mention, *, again: bool = False) -> str:
    """The clerk's one-line summary (标题), at most 40 characters."""
    words = place.words.removeprefix(COUNTY_NAME) if place.code else ""
    title = f"{words}{template.title}" if template.purpose != "other" else template.title
    return (f"再次反映{title}" if again else title)[:MAX_TITLE]


def recent_days(today: date) -> tuple[str, ...]:
    """Ways to write a day within the last seven weeks."""
    days = (today - timedelta(days=n) for n in range(1, 50))
    return tuple(f"{d.month}月{d.day}日" for d in days)


@cache
def months_ago(year: int, month: int) -> tuple[str, ...]:
    """Ways to write a month within the last three years, as seen from a month."""
    said = []
    for n in range(2, 36):
        years, index = divmod(year * 12 + month - 1 - n, 12)
        when = {year: "今年", year - 1: "去年"}.get(years, f"{years}年")
        said.append(f"{when}{index + 1}月")
    return tuple(said)


def _history(template: Template, scene: Scene, channel: str) -> list[str]:
    """What was tried before, and how things stand; people who write tell more of both."""
    random = scene.random
    written = channel in LETTERLIKE
    told = _several(random, HISTORY[template.register], int(random() * (4 if written else 2)))
    if random() < (TELLS_MORE if written else TELLS_MORE / 5):
        told += _several(random, CIRCUMSTANCES[template.register], 1 + int(random() * 2))
    return [tell(compile_text(text), scene) for text in told]


def _several(random: Random, pool: tuple[str, ...], wanted: int) -> list[str]:
    """Different phrases of a pool, from a random one on."""
    start = int(random() * len(pool))
    return [pool[(start + n) % len(pool)] for n in range(min(wanted, len(pool)))]


def _slot(name: str) -> Part:
    if name == "place":
        return lambda scene: scene.place
    if name == "since":
        return lambda scene: pick(scene.random, scene.since)
    if name == "day":
        return lambda scene: pick(scene.random, scene.days)
    pool = SLOTS[name]
    return lambda scene: pick(scene.random, pool)


def _choice(text: str) -> Part:
    alternatives = tuple(compile_text(option) for option in text.split("|"))
    return lambda scene: tell(pick(scene.random, alternatives), scene)
