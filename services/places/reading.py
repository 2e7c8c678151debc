"""Names in a text, and what stands around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from places.index import ABOVE, BELOW, LENGTH, WHOLE, Index

BLANK = re.compile(
    r"[\s\u200b-\u200f\ufeff~|·•*^_`]|(?<=[\u4e00-\u9fff])\s*\.(?=[\s\u4e00-\u9fff])"
)
"""Blanks, and the specks that a scan leaves between characters."""
BREAK = re.compile(r"[,、;:()\-—·。./\[\]【】《》\"“”'‘’的]+")
"""What may stand between the names of one place."""
BESIDE = 3
"""Characters of it that may, where the names are to stand beside each other."""
SENTENCE = re.compile(r"[。!?;\n]")


class Cue:
    """What may follow a name.

    Args:
        firsts: the characters that it may begin with; most names are followed by another, which is seen at once.
    """

    def __init__(self, pattern: str, firsts: str) -> None:
        self._pattern, self.firsts = re.compile(pattern), frozenset(firsts)

    def match(self, text: str, at: int) -> re.Match[str] | None:
        """The cue, if it stands here."""
        return self._pattern.match(text, at) if text[at : at + 1] in self.firsts else None


TOWN_KIND = Cue("街道|镇|乡|苏木", "街镇乡苏")
VILLAGE_KIND = Cue("(社区|居委|居民委)|(村(?!民(?!委))|嘎查)", "社居村嘎")
ROAD = Cue(
    "[东西南北中]?(?:路|街(?!道)|大道)|巷|弄|胡同|桥|河|湖|山(?!村|社区)|站|大厦|广场|公司|银行|医院|学校|中学|小学|大学|饭店|酒店|超市",
    "东西南北中路街大巷弄胡桥河湖山站广公银医学小饭酒超",
)
ROADS = frozenset("路街巷弄桥")
HAN = re.compile("[\u4e00-\u9fff]*$")
NUMBERED = re.compile("[东西南北中]?[路段]?[0-9零一二三四五六七八九十百]+")
COUNTY_KIND = Cue("县|市|区|旗", "县市区旗")
CUES = TOWN_KIND.firsts | VILLAGE_KIND.firsts | ROAD.firsts | COUNTY_KIND.firsts
STOP = re.compile("城市管理|城市建设|城市规划|拆迁安置")
"""Words of petitions that seem to hold a name: 镇海|城市管理局, 拆|迁安|置."""
TOWN_TOKEN = re.compile("([\u4e00-\u9fff]{1,6}?)(街道|镇|乡|苏木)")
KIND = re.compile("街道|镇|乡|苏木|村|社区|居委会|居民委员会|嘎查")
"""What a name ends in, known or not."""
LONGEST = 8
HEAD, TAIL = 4000, 2000


class After(NamedTuple):
    """What stands behind a name.

    Args:
        village, town, county: a kind, which may be another one than the name's own.
        road: whether it is the name of a road, a bridge or a house: 南京路, 和平桥, 新华书店.
        numbered: whether it is that of a road with a number behind it: 长江路429号.
    """

    village: re.Match[str] | None = None
    town: re.Match[str] | None = None
    county: re.Match[str] | None = None
    road: bool = False
    numbered: bool = False


NOTHING = After()


class Mention(NamedTuple):
    """A name in a text.

    Args:
        start, end: where it stands.
        until: the last place where another stands right behind it.
        number: its own in the index.
        after: what stands behind it.
    """

    start: int
    end: int
    until: int
    number: int
    after: After


class Text:
    """A text as it is read: half-width, in simplified characters, without blanks. Of a very long one the
    beginning and the end: names are weighed against each other, and a book of addresses is no petition."""

    def __init__(self, written: str, index: Index) -> None:
        self._left_out = 0
        if len(written) > HEAD + TAIL:
            self._left_out = len(written) - HEAD - TAIL - 1
            written = f"{written[:HEAD]}。{written[-TAIL:]}"
        self._plain = index.plain(written)
        self.read = BLANK.sub("", self._plain)

    def written(self, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Where spans of what was read stand in what was written."""
        ordered = sorted(set(spans))
        if len(self.read) == len(self._plain) and not self._left_out:
            return tuple(ordered)
        blanks = [found.start() - n for n, found in enumerate(BLANK.finditer(self._plain))]

        def at(place: int) -> int:
            place += bisect_right(blanks, place)
            return place if place <= HEAD else place + self._left_out

        return tuple((at(start), at(end - 1) + 1) for start, end in ordered)

    def mentions(self, index: Index) -> tuple[list[Mention], list[Mention]]:
        """Names from province to town, and of villages where there is a reason to look for one. Of two above, none
        lies within another with its kind, save where it goes on right behind a third: 常德|安乡, not 德安乡."""
        uses, read, kinds = index.uses, self.read, VILLAGE_KIND.firsts
        above: list[Mention] = []
        below: list[Mention] = []
        ended: set[int] = set()
        behind: set[int] = set()
        reached, holder = 0, -1
        for start, ends, number in self._names(index):
            end, use = -ends, uses[number]
            if use & ABOVE and (end > reached or (start in ended and start > holder)):
                mention = self.mention(start, end, number)
                above.append(mention)
                ended.add(end)
                behind.update(range(end, mention.until + 1))
                holder = start if end > reached else holder
                kind = mention.after.county or mention.after.town
                reached = max(reached, kind.end() if kind else end)
            if use & BELOW and (
                read[end : end + 1] in kinds
                or read[end - 1] == "村"
                or (end >= reached and (start in behind or use & WHOLE))
            ):
                below.append(self.mention(start, end, number))
        return above, below

    def _names(self, index: Index) -> list[tuple[int, int, int]]:
        """Of every name where it begins, less where it ends, and its number: of those that begin together the
        longest comes first."""
        read, length = self.read, LENGTH
        found = [(i + 1 - (v & length), -1 - i, v >> 6) for i, v in index.names.iter(read)]
        if STOP.search(read):
            words = [word.span() for word in STOP.finditer(read)]
            found = [name for name in found if not any(_crosses(name, word) for word in words)]
        found.sort()
        return found

    def mention(self, start: int, end: int, number: int = 0) -> Mention:
        """A name that stands here."""
        return Mention(start, end, min(self.skip(end), end + BESIDE), number, self.after(end))

    def skip(self, at: int) -> int:
        """The first place from here on that may begin a name."""
        found = BREAK.match(self.read, at)
        return found.end() if found else at

    def after(self, end: int) -> After:
        """What stands behind the name that ends here."""
        read = self.read
        numbered = read[end - 1] in ROADS and NUMBERED.match(read, end) is not None
        if not numbered and read[end : end + 1] not in CUES:
            return NOTHING
        return After(
            VILLAGE_KIND.match(read, end), TOWN_KIND.match(read, end), COUNTY_KIND.match(read, end),
            numbered or ROAD.match(read, end) is not None, numbered,
        )  # fmt: skip

    def tokens(self, begin: int) -> Iterator[tuple[int, int, str]]:
        """What may be a name from here on: where its base ends, where it ends, its kind; the shortest first."""
        for found in KIND.finditer(self.read, begin, begin + LONGEST + 5):
            base = self.read[begin : found.start()]
            if len(base) > LONGEST or not HAN.match(base):
                return
            if base:
                yield found.start(), found.end(), found[0]


def apart(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two spans share no character."""
    return one[1] <= other[0] or other[1] <= one[0]


def _crosses(name: Sequence[int], word: Sequence[int]) -> bool:
    """Whether a name ends within a word."""
    return name[0] < word[1] and word[0] < -name[1] <= word[1]
