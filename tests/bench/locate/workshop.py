"""The bench on which a pattern makes a case: draws places, words and offices, and asks the oracle."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from itertools import permutations
from random import Random
from typing import Any

from tests.bench.locate import phrases as say
from tests.bench.locate.divisions import LEVELS, Divisions, level_of, long_form, near, stem, written
from tests.bench.locate.spellings import mistaken

Case = dict[str, Any]
Draw = Callable[["Workshop"], Case | None]

HOME = ("3302", "33", "1306")
"""Prefixes from which a part of the places is drawn, as in the development cases."""
FULL = ("province", "city", "county", "town", "village")
PATTERNS: dict[str, tuple[int, Draw]] = {}
"""Name → (share of the cases, how to draw one)."""


def pattern(share: int) -> Callable[[Draw], Draw]:
    """Registers a pattern under its function's name."""

    def register(draw: Draw) -> Draw:
        PATTERNS[draw.__name__] = (share, draw)
        return draw

    return register


def ordinary(code: str, name: str) -> bool:
    """A place with a usual name and a government: no zone of the statistics, nothing truncated."""
    if "71" <= code[4:6] <= "79" or "400" <= code[6:9] <= "599" or code[9:] in ("498", "598"):
        return False
    ends = {6: "[市区县旗]", 9: "(镇|乡|街道)", 12: "(村|社区|嘎查)"}.get(len(code), "")
    plain = re.fullmatch(rf"[\u4e00-\u9fff]{{2,12}}{ends}", written(name))
    return (
        bool(plain)
        and "村村村" not in name
        and not re.search("办事处|开发区|园区|管理区|生活区", name)
    )


class Workshop:
    """A seeded source of places, and the bench on which a text becomes a case."""

    def __init__(self, divisions: Divisions, seed: int) -> None:
        self.all = divisions
        self.rng = Random(seed)
        self.pools: dict[tuple[int, str], list[str]] = {}

    # -- drawing -----------------------------------------------------------------------------------

    def place(self, length: int = 12, prefix: str = "") -> str:
        """The code of an ordinary place all of whose parents are ordinary."""
        if not prefix and self.rng.random() < 0.3:
            prefix = self.rng.choice(HOME)
        pool = self._pool(length, prefix) or self._pool(length, "")
        while True:
            code = self.rng.choice(pool)
            if self._usual(code):
                return code

    def _usual(self, code: str) -> bool:
        """Whether it and all above it are ordinary, and none repeats another's name (召陵区青年镇)."""
        path = {c: written(self.all.names[c]) for c in [code, *self.all.above(code)]}
        plain = all(ordinary(c, name) for c, name in path.items())
        return plain and not any(a in b for a, b in permutations(path.values(), 2))

    def _pool(self, length: int, prefix: str) -> list[str]:
        if (length, prefix) not in self.pools:
            names = self.all.names
            pool = [c for c in names if len(c) == length and c.startswith(prefix)]
            self.pools[length, prefix] = pool
        return self.pools[length, prefix]

    def one(self, *choices: Any) -> Any:
        return self.rng.choice(choices)

    def office(self, code: str, share: float = 0.6) -> str:
        """The office that received it: the place's own, or one above it; often unknown."""
        if self.rng.random() >= share:
            return ""
        offices = [c for c in [code, *self.all.above(code)] if len(c) < 12]
        weights = [{9: 2, 6: 6, 4: 3, 2: 1}[len(c)] for c in offices]
        chosen: str = self.rng.choices(offices, weights)[0]
        return chosen

    def elsewhere(self, code: str) -> str:
        """A county in another province; empty where the table has none."""
        others = (self.place(6) for _ in range(40))
        return next((c for c in others if c[:2] != code[:2]), "")

    # -- words -------------------------------------------------------------------------------------

    def join(self, code: str, *levels: str, short: tuple[str, ...] = ()) -> str:
        """The names of these levels of a place's path, some of them in their short form."""
        path = self.all.path(code)
        length = {level: n for n, level in LEVELS.items()}
        words = (
            stem(length[level], path[level]) if level in short else path[level]
            for level in levels
            if level in path
        )
        return "".join(words)

    def somehow(self, code: str) -> str:
        """One of the usual ways to write a whole address, up to the place's own level."""
        ends = FULL[: FULL.index(level_of(code)) + 1]
        skip = self.one(0, 0, 1, 1, 2)
        short = self.one((), (), ("city",), ("city", "county"), ("county",))
        return self.join(code, *ends[min(skip, len(ends) - 1) :], short=short)

    def number(self) -> str:
        group = self.rng.randint(1, 20)
        numeral = "一二三四五六七八九"[group % 9]
        house = f"{self.rng.randint(2, 300)}号"
        tails = ("", f"{group}组", f"第{numeral}村民小组", house, f"{group}组{house}")
        return self.rng.choice(tails)

    def road(self) -> str:
        number = self.rng.randint(1, 999)
        flat = f"{self.rng.randint(1, 40)}栋{self.rng.randint(1, 4)}单元{self.rng.randint(101, 2899)}室"
        return f"{self.rng.choice(say.ROADS)}{number}号{self.one('', flat)}"

    def fill(self, template: str, **words: str) -> str:
        """A phrase with its blanks filled, the usual ones by chance."""
        usual = {
            "name": self.rng.choice(say.PEOPLE),
            "what": self.rng.choice(say.GRIEVANCES),
            "fault": self.rng.choice(say.FAULTS),
        }
        return template.format(**(usual | words))

    # -- judging -----------------------------------------------------------------------------------

    def agreed(self, address: str, office: str, deepest: int = 12) -> tuple[str, bool] | None:
        """The oracle's answer, if a strict and a lenient reader give the same."""
        strict = self.all.settle(self.all.read(address, deepest=deepest), office)
        lenient = self.all.settle(self.all.read(address, deepest=deepest, loose=True), office)
        return strict if strict == lenient else None

    def case(self, text: str, code: str, office: str, ambiguous: bool = False) -> Case:
        return {
            "text": text,
            "expected_code": long_form(code) if code else None,
            "expected_level": level_of(code) if code else None,
            "receiving_office_code": long_form(office) if office else None,
            "pattern": "",
            "ambiguous": ambiguous,
        }

    def sure(self, text: str | None, address: str, code: str, *, share: float = 0.6, far: bool = False,
             deepest: int = 12) -> Case | None:  # fmt: skip
        """A case whose address means this place and no other; with `far`, at times told elsewhere."""
        if not text:
            return None
        office = self.office(code, share)
        if far and self.rng.random() < 0.13:
            office = self.elsewhere(code)
        if self.agreed(address, office, deepest) != (code, False):
            return None
        return self.case(text, code, office)

    def any(self, text: str, address: str, office: str, deepest: int = 12) -> Case | None:
        """A case whose address may be ambiguous."""
        answer = self.agreed(address, office, deepest)
        return answer and self.case(text, answer[0], office, answer[1])

    def unlike_others(self, word: str, code: str) -> bool:
        """Whether a misspelt name points to this place alone among its siblings.

        Nor may it be the right name of another: of a village in the county, of a town in the city.
        """
        length = len(code)
        wide = self.all.parent(self.all.parent(code))
        if any(c.startswith(wide) for c in self.all.by_stem.get((length, word), ())):
            return False
        siblings = self.all.below[self.all.parent(code)]
        alike = {c for c in siblings if near(stem(length, self.all.names[c]), word)}
        return alike == {code}

    def misspelt(self, code: str, groups: list[str]) -> tuple[str, str] | None:
        """(right name, wrong name) of a town or village, the wrong one still recognisable."""
        name = written(self.all.names[code])
        base = stem(len(code), name)
        wrong = mistaken(self.rng, base, groups)
        if wrong is None or not self.unlike_others(wrong, code):
            return None
        return name, name.replace(base, wrong, 1)

    @cached_property
    def twins(self) -> list[tuple[str, str]]:
        """Villages and communities of one town that share a short name, and only these two."""
        groups: dict[tuple[str, str], list[str]] = {}
        for (length, base), codes in self.all.by_stem.items():
            for code in codes if length == 12 else ():
                groups.setdefault((code[:9], base), []).append(code)
        return [
            (pair[0], pair[1])
            for (_, base), pair in groups.items()
            if {written(self.all.names[c]) for c in pair} == {base + "村", base + "社区"}
            and len(pair) == 2
            and all(ordinary(c, self.all.names[c]) for c in pair)
        ]

    @cached_property
    def shared(self) -> dict[int, list[str]]:
        """Length of a code → the ordinary names of that level that more than one place bears."""
        bearers = Counter(
            (len(code), written(name))
            for code, name in self.all.names.items()
            if len(code) > 4 and ordinary(code, name)
        )
        names: dict[int, list[str]] = {6: [], 9: [], 12: []}
        for (length, name), times in bearers.items():
            if times > 1:
                names[length].append(name)
        return names
