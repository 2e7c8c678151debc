"""Divisions by name: what peers call a place, as the code that it had in the list of 2023.

Peers follow other lists, whose nine-digit codes often mean another town. So a place is looked up by
its names, from the province down, each within the one above; never by a peer's code.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.bench.locate.judge import DIGITS

FILES = {
    "province": ("provinces.csv", None),
    "city": ("cities.csv", "provinceCode"),
    "county": ("areas.csv", "cityCode"),
    "town": ("streets.csv", "areaCode"),
    "village": ("villages.csv", "streetCode"),
}
LEVELS = {digits: level for level, digits in DIGITS.items()}
FILLERS = re.compile(r"市辖区|县|(省|自治区)直辖县级行政区划")
"""Rows that stand between a province and its counties, and are never written."""
COMMITTEE = re.compile(r"(村民委员会|社区居民委员会|社区居委会|居民委员会|居委会|村委会|村委)$")
SUFFIX = re.compile(r"(?<=..)(街道办事处|街道|地区|民族乡|镇|乡|苏木|社区|村)$")


@cache
def base(name: str) -> str:
    """A name without the word for what it is: lists differ in it (a 乡 is a 镇 by now)."""
    return SUFFIX.sub("", COMMITTEE.sub("", name))


class Names:
    """All divisions, to be found by name within the one above."""

    def __init__(self, dist: Path) -> None:
        self.names: dict[str, str] = {}
        self.below: dict[str, list[str]] = defaultdict(list)
        for level, (file, parent) in FILES.items():
            for row in _rows(dist / file):
                code = row["code"]
                self.names[code] = row["name"]
                self.below[row[parent] if parent else ""].append(code)
                if len(code) != DIGITS[level]:
                    raise ValueError(f"{file}: {code} is no code of a {level}")

    def path(self, code: str) -> str:
        """The full name of the division with this 12-digit code, as one would write it."""
        names = [self.names.get(code[:digits], "") for digits in DIGITS.values()]
        return "".join(dict.fromkeys(name for name in names if not FILLERS.fullmatch(name)))

    def find(self, names: Iterable[str | None]) -> tuple[str | None, str | None]:
        """Code and level of the deepest division that names from the province down lead to."""
        place = ""
        for name in filter(None, names):
            if place and self.names[place] == name:
                continue  # 北京市 北京市 海淀区
            child = self._child(place, name)
            if child is None:
                break
            place = child
        return (place.ljust(12, "0"), LEVELS[len(place)]) if place else (None, None)

    def _child(self, place: str, name: str) -> str | None:
        """The one division of this name right below a place; a row that goes unwritten is passed."""
        below = list(self._below(place))
        for form in (str, base):
            found = [code for code in below if form(self.names[code]) == form(name)]
            if len(found) == 1:
                return found[0]
        return None

    def _below(self, place: str) -> Iterator[str]:
        for code in self.below.get(place, ()):
            yield code
            name = self.names[code]
            if FILLERS.fullmatch(name) or (place and name == self.names[place]):
                yield from self.below.get(code, ())


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)
