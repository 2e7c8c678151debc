"""Names in a text, and what stands around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from places.index import ABOVE, BELOW, LENGTH, Index

BLANK = re.compile(
    r"[\s\u200b-\u200f\ufeff~|·•*^_`]|(?<=[\u4e00-\u9fff])\s*\.(?=[\s\u4e00-\u9fff])"
)
"""Blanks, and the specks that a scan leaves between characters."""
BREAK = re.compile(r"[,、;:()\-—·。./\[\]【】《》\"“”'‘’的]*")
"""What may stand between the names of one place."""
SENTENCE = re.compile(r"[。!?;\n]")


class Cue:
    """What may follow a name.

    Args:
        firsts: the characters that it may begin with; most names are followed by another, which is seen at once.
    """

    def __init__(self, pattern: str, firsts: str) -> None:
        self._pattern, self._firsts = re.compile(pattern), frozenset(firsts)

    def match(self, text: str, at: int) -> re.Match[str] | None:
        """The cue, if it stands here."""
        if text[at : at + 1] not in self._firsts:
            return None
        return self._pattern.match(text, at)


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
STOP = re.compile("城市管理|城市建设|城市规划|拆迁安置")
"""Words of petitions that seem to hold a name: 镇海|城市管理局, 拆|迁安|置."""
TOWN_TOKEN = re.compile("([\u4e00-\u9fff]{1,6}?)(街道|镇|乡|苏木)")
KIND = re.compile("街道|镇|乡|苏木|村|社区|居委会|居民委员会|嘎查")
"""What a name ends in, known or not."""
LONGEST = 8
HEAD, TAIL = 4000, 2000


class Mention(NamedTuple):
    """A name in a text: where it begins and ends, and its number in the index."""

    start: int
    end: int
    number: int


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

    def written(self, spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Where spans of what was read stand in what was written."""
        blanks = [found.start() - n for n, found in enumerate(BLANK.finditer(self._plain))]

        def at(place: int) -> int:
            place += bisect_right(blanks, place)
            return place if place <= HEAD else place + self._left_out

        return tuple((at(start), at(end - 1) + 1) for start, end in sorted(set(spans)))

    def mentions(self, index: Index) -> tuple[list[Mention], list[Mention]]:
        """Names from province to town, and of villages. Of two above, none lies within another with its kind,
        save where it goes on right behind a third: 常德|安乡, not 德安乡."""
        uses, found = index.uses, []
        for last, value in index.names.iter(self.read):
            found.append((last + 1 - (value & LENGTH), -last, value >> 6))
        found.sort()
        above, below, reached, holder, ended = [], [], 0, -1, set()
        words = [word.span() for word in STOP.finditer(self.read)]
        for start, last, number in found:
            end, use = 1 - last, uses[number]
            if words and any(start < b and a < end <= b for a, b in words):
                continue
            if use & ABOVE and (end > reached or (start in ended and start > holder)):
                above.append(Mention(start, end, number))
                ended.add(end)
                holder = start if end > reached else holder
                kind = COUNTY_KIND.match(self.read, end) or TOWN_KIND.match(self.read, end)
                reached = max(reached, kind.end() if kind else end)
            if use & BELOW:
                below.append(Mention(start, end, number))
        return above, below

    def skip(self, at: int) -> int:
        """The first place from here on that may begin a name."""
        found = BREAK.match(self.read, at)
        return found.end() if found else at

    def road(self, mention: Mention) -> bool:
        """Whether a name is that of a road, a bridge or a house: 南京路, 和平桥, 新华书店."""
        return self.address(mention) or ROAD.match(self.read, mention.end) is not None

    def address(self, mention: Mention) -> bool:
        """Whether a name is that of a road with a number behind it: 长江路429号."""
        end = mention.end
        return self.read[end - 1] in ROADS and NUMBERED.match(self.read, end) is not None

    def tokens(self, begin: int) -> Iterator[tuple[int, int, str]]:
        """What may be a name from here on: where its base ends, where it ends, its kind; the shortest first."""
        for found in KIND.finditer(self.read, begin, begin + LONGEST + 5):
            base = self.read[begin : found.start()]
            if len(base) > LONGEST or not HAN.match(base):
                return
            if base:
                yield found.start(), found.end(), found[0]

    def adjoining(self, before: int, after: int) -> bool:
        """Whether nothing but a break stands between an end and a start."""
        return before == after or (before < after <= before + 3 and self.skip(before) >= after)


def apart(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two spans share no character."""
    return one[1] <= other[0] or other[1] <= one[0]
