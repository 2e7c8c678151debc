"""The table of divisions, and a plain oracle: every way in which a text can be read as a place.

Slow and simple on purpose: it shares nothing with the resolver that the cases judge. A code is kept
without its trailing zeros, so that a division lies in another exactly if its code begins with it.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
"""Length of a code → its level."""
FILES = ("provinces", "cities", "areas", "streets", "villages")

NAMELESS = re.compile(r"^(市辖区|县|省直辖县级行政区划|自治区直辖县级行政区划)$")
FAKE_COUNTIES = frozenset(("441900", "442000", "460400", "620201"))
"""Cities without counties: the list repeats the city's name at the county's level."""

PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|"
    "东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|"
    "俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各"
)
SUFFIXES = {
    2: rf"(({PEOPLES})族?)?自治区|省|市",
    4: rf"(({PEOPLES})族?)+自治州|自治州|地区|盟|市",
    6: rf"(({PEOPLES})族?)+自治[县旗]|自治[县旗]|新区|市|区|县|旗",
    9: rf"(({PEOPLES})族)+[乡镇]|街道|地区|苏木|镇|乡",
    12: "村|社区|嘎查",
}
STEMS = {length: re.compile(rf"^(.{{2,}}?)(?:{ends})$") for length, ends in SUFFIXES.items()}
VILLAGE_TAIL = re.compile(r"(?<=.)(村|社区|嘎查)$")

COMMITTEES = (
    ("村村民委员会", "村"), ("村民委员会", "村"), ("村村委会", "村"), ("村委会", "村"),
    ("社区居民委员会", "社区"), ("社区居委会", "社区"), ("居民委员会", "社区"), ("居委会", "社区"),
    ("街道办事处", "街道"),
)  # fmt: skip
"""The end of an official name → what people write instead."""


def written(name: str) -> str:
    """A name as people write it: 天潭村村委会 → 天潭村."""
    for end, short in COMMITTEES:
        if name.endswith(end) and len(name) > len(end):
            base = name.removesuffix(end)
            return base if base.endswith((short, "嘎查")) else base + short
    return name


def stem(length: int, name: str) -> str:
    """A name without the word for its level: 慈溪市 → 慈溪, 天元村社区 → 天元; 曹县 stays."""
    name = written(name)
    if length == 12:
        while len(shorter := VILLAGE_TAIL.sub("", name)) < len(name) and len(shorter) > 1:
            name = shorter
        return name
    found = STEMS[length].match(name)
    return found[1] if found else name


def level_of(code: str) -> str:
    return LEVELS[len(code)]


def long_form(code: str) -> str:
    """A code as the cases and the statistical office write it, in twelve digits."""
    return code.ljust(12, "0")


def short_form(code: str) -> str:
    """The code without the zeros of the levels below it."""
    for length in LEVELS:
        if set(code[length:]) <= {"0"}:
            return code[:length]
    return code


class Divisions:
    """All divisions of one folder of CSV files, by code and by stem."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        """Code → official name; of every level, and without those nobody writes."""
        self.below: dict[str, list[str]] = defaultdict(list)
        """Code → the divisions directly under it."""
        self.by_stem: dict[tuple[int, str], list[str]] = defaultdict(list)
        for code, name in names.items():
            self.by_stem[len(code), stem(len(code), name)].append(code)
            self.below[self.parent(code)].append(code)

    @classmethod
    def load(cls, dist: Path) -> Divisions:
        return cls(dict(_rows(dist)))

    def parent(self, code: str) -> str:
        """The next named division above; empty above a province."""
        return next(iter(self.above(code)), "")

    def above(self, code: str) -> list[str]:
        """The named divisions above one, the nearest first."""
        return [code[:n] for n in reversed(LEVELS) if n < len(code) and code[:n] in self.names]

    def path(self, code: str) -> dict[str, str]:
        """Level → name as written, of the division and those above it."""
        return {level_of(c): written(self.names[c]) for c in [*self.above(code)[::-1], code]}

    def common(self, codes: Iterable[str]) -> str:
        """The deepest named division that holds all of these; empty for the nation."""
        one, *others = codes
        holding = [one, *self.above(one)]
        return next((c for c in holding if all(o.startswith(c) for o in others)), "")

    def named(self, token: str, length: int, loose: bool = False) -> Iterator[str]:
        """The divisions of one level with this full or short name.

        Loosely, a town or village may also carry another word for its level: 周巷乡, 天元社区.
        """
        base = stem(length, token)
        for code in self.by_stem.get((length, base), ()):
            name = self.names[code]
            exact = token in (name, written(name), stem(length, name))
            if exact or (loose and length > 6):
                yield code

    def read(
        self, text: str, *, deepest: int = 12, loose: bool = False, within: str = ""
    ) -> set[str]:
        """The places a text can mean: cut in every way into names, each lying in the one before."""
        found: set[str] = set()
        for end in range(1, len(text) + 1):
            token, rest = text[:end], text[end:]
            for length in LEVELS:
                if not len(within) < length <= deepest or (rest and length == deepest):
                    continue
                inside = (c for c in self.named(token, length, loose) if c.startswith(within))
                for code in inside:
                    found |= (
                        self.read(rest, deepest=deepest, loose=loose, within=code)
                        if rest
                        else {code}
                    )
        return found

    def settle(self, readings: set[str], office: str) -> tuple[str, bool] | None:
        """(deepest division that is sure, whether more than one was meant), or None if disputable.

        What lies in the office's division, or holds it, goes before places elsewhere; an office that
        has nothing to do with several readings helps nobody to choose.
        """
        near = {c for c in readings if office and (c.startswith(office) or office.startswith(c))}
        if not readings or (office and not near and len(readings) > 1):
            return None
        pool = near or readings
        return self.common(pool), len(pool) > 1


def _rows(dist: Path) -> Iterator[tuple[str, str]]:
    for file in FILES:
        with (dist / f"{file}.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["code"] not in FAKE_COUNTIES and not NAMELESS.match(row["name"]):
                    yield row["code"], row["name"]


def near(a: str, b: str) -> bool:
    """Whether two names are one edit apart, or the same."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    first = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    tails = {
        (a[first + 1 :], b[first + 1 :]),
        (a[first:], b[first + 1 :]),
        (a[first + 1 :], b[first:]),
    }
    swapped = (
        a[first : first + 2][::-1] == b[first : first + 2] and a[first + 2 :] == b[first + 2 :]
    )
    return swapped or any(x == y for x, y in tails)
