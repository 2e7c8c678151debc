"""The index of divisions: one automaton over all names, and flat arrays that are read from the page cache.

A folder with `names.ac` (every name as people write it), `arrays.bin` (what the names stand for) and
`manifest.json` (sources, versions, checksums, where each array begins).
"""

from __future__ import annotations

import json
import mmap
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import ahocorasick

LEVELS = ("province", "city", "county", "town", "village")
PROVINCE, CITY, COUNTY, TOWN, VILLAGE = range(5)
FULL, SHORT, OLD, BASE = range(4)
"""How a name stands for a division: written out, without its kind, as it was called, a village's base."""
NODE = (1 << 24) - 1
LENGTH = 63
"""Low bits of a name's value: its length in characters; above them its number."""
ARRAYS: dict[str, Literal["B", "I", "Q"]] = {"codes": "Q", "parents": "I", "ends": "I", "levels": "B", "flags": "B", "name_at": "I",
          "names": "B", "post_at": "I", "posts": "I", "uses": "B"}  # fmt: skip
OWN = 900
"""Within a county NBS numbers towns below this; those that it lacks are numbered from here on."""
ABOVE, BELOW, WHOLE = 1, 2, 4
"""Uses of a name: for something from province to town, for a village, for a village as it stands (a farm)."""
STATISTICAL, COMMUNITY, NAMED_VILLAGE, UNSPOKEN = 1, 2, 4, 8
"""Flags of a division: statistical only; a community; a village (neither: a farm, a gacha); a row of the hierarchy
that nobody writes."""

CODE = re.compile("[0-9]{12}")
HALF_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}


@dataclass(frozen=True)
class Index:
    """Divisions in order of their codes: whatever lies in a division stands between it and its end.

    Args:
        names: automaton; a value is number << 6 | length.
        codes: NBS 2023, 12 digits, by node.
        parents, ends: nodes, by node; a province is its own parent.
        post_at, posts: for a name's number, where its postings begin; each is kind << 24 | node, sorted.
        uses: for a name's number, what it stands for at all.
        spell: toneless syllable by character.
        simple: simplified character by traditional, half-width by full-width.
    """

    names: Any
    codes: memoryview
    parents: memoryview
    ends: memoryview
    levels: memoryview
    flags: memoryview
    name_at: memoryview
    name_bytes: memoryview
    post_at: memoryview
    posts: memoryview
    uses: memoryview
    spell: dict[str, str]
    simple: dict[int, str]
    version: str

    @classmethod
    def load(cls, folder: Path) -> Index:
        """Opens an index. Errors: OSError, ValueError for one of another layout."""
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        with (folder / "arrays.bin").open("rb") as file:
            whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        views = {}
        for name, type_ in ARRAYS.items():
            begin, length = manifest["arrays"][name]
            views[name] = whole[begin : begin + length].cast(type_)
        spelling = json.loads((folder / "characters.json").read_text("utf-8"))
        names = views.pop("names")
        return cls(
            names=ahocorasick.load(str(folder / "names.ac"), _no_pickles),
            name_bytes=names,
            spell=spelling["syllables"],
            simple=str.maketrans(HALF_WIDTH | spelling["simplified"]),
            version=manifest["version"],
            **views,
        )

    def plain(self, text: str) -> str:
        """A text in simplified characters of half width."""
        return text.translate(self.simple)

    def name(self, node: int) -> str:
        """The registered name."""
        begin, end = self.name_at[node], self.name_at[node + 1]
        return bytes(self.name_bytes[begin:end]).decode()

    def code(self, node: int) -> str:
        """12 digits."""
        return str(self.codes[node])

    def find(self, code: str) -> int | None:
        """The node of a code; None where it is none."""
        if not CODE.fullmatch(code):
            return None
        wanted, low, high = int(code), 0, len(self.codes)
        while low < high:
            middle = (low + high) // 2
            if self.codes[middle] < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.codes) and self.codes[low] == wanted else None

    def unspoken(self, node: int) -> bool:
        """Whether it is a row of the hierarchy that nobody writes (市辖区)."""
        return bool(self.flags[node] & UNSPOKEN)

    def statistical(self, node: int) -> bool:
        """Whether it is there for statistics alone (a development zone)."""
        return bool(self.flags[node] & STATISTICAL)

    def published(self, node: int) -> bool:
        """Whether its code is that of NBS 2023; what is newer has one of our own."""
        return self.levels[node] != TOWN or self.codes[node] // 1000 % 1000 < OWN

    def nearest_published(self, code: str | None) -> tuple[str | None, str | None]:
        """The code and level of a division, or of the one above it that has a published code."""
        node = self.find(code) if code else None
        if node is None:
            return None, None
        if not self.published(node):
            node = self.parents[node]
        return self.code(node), LEVELS[self.levels[node]]

    def holds(self, area: int, node: int) -> bool:
        """Whether a division is another one, or lies in it."""
        return area <= node < self.ends[area]

    def related(self, one: int, other: int) -> bool:
        """Whether one of two divisions lies in the other."""
        low, high = (one, other) if one < other else (other, one)
        return high < self.ends[low]

    def path(self, node: int) -> list[int]:
        """The division and all above it, outermost first."""
        path = [node]
        while (above := self.parents[path[-1]]) != path[-1]:
            path.append(above)
        return path[::-1]

    def children(self, node: int) -> list[int]:
        """The divisions directly below."""
        found, at, end = [], node + 1, self.ends[node]
        while at < end:
            found.append(at)
            at = self.ends[at]
        return found


def _no_pickles(_: bytes) -> Any:
    raise ValueError("an index holds numbers alone")
