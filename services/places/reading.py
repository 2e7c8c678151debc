"""Names in a text, and what stands around them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from places.index import ABOVE, BELOW, LENGTH, Index

BLANK = re.compile(
    r"[\s\u200b-\u200f\ufeff~|·•*^_`]|(?<=[\u4e00-\u9fff])\s*\.(?=[\s\u4e00-\u9fff])"
)
"""Blanks, and the specks that a scan leaves between characters."""
BREAK = re.compile(r"[,、;:()\-—·。./\[\]【】《》\"“”'‘’的]*")
"""What may stand between the names of one place."""
SENTENCE = re.compile(r"[。!?;\n]")
TOWN_KIND = re.compile("街道|镇|乡|苏木")
VILLAGE_KIND = re.compile("(社区|居委|居民委)|(村(?!民(?!委))|嘎查)")
ROAD = re.compile(
    "路|街(?!道)|大道|巷|弄|胡同|桥|河|湖|山(?!村|社区)|站|大厦|广场|公司|银行|医院|学校|中学|小学|大学|饭店|酒店|超市"
)
ROADS = frozenset("路街巷弄桥")
NUMBERED = re.compile("[东西南北中]?[路段]?[0-9零一二三四五六七八九十百]+")
TOWN_TOKEN = re.compile("([\u4e00-\u9fff]{1,6}?)(街道|镇|乡|苏木)")
TOKEN = re.compile("([\u4e00-\u9fff]{1,7}?)(街道|镇|乡|苏木|村|社区|居委会|居民委员会|嘎查)")
"""A name that ends in its kind, known or not."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: where it begins and ends, and its number in the index."""

    start: int
    end: int
    number: int

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


class Text:
    """A text as it is read: half-width, in simplified characters, without blanks.

    Args:
        at: where each character stood; None where all stand where they stood.
    """

    def __init__(self, written: str, index: Index) -> None:
        self.read, self.at = written.translate(index.simple), None
        if BLANK.search(self.read):
            specks = {i for found in BLANK.finditer(self.read) for i in range(*found.span())}
            kept = [i for i in range(len(self.read)) if i not in specks]
            self.read, self.at = "".join(self.read[i] for i in kept), kept

    at: list[int] | None

    def written(self, spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Where spans of what was read stand in what was written."""
        ordered = sorted(set(spans))
        if self.at is None:
            return tuple(ordered)
        return tuple((self.at[start], self.at[end - 1] + 1) for start, end in ordered)

    def mentions(self, index: Index) -> tuple[list[Mention], list[Mention]]:
        """Names from province to town, none of them within another; and names of villages."""
        uses, found = index.uses, []
        for last, value in index.names.iter(self.read):
            found.append((last + 1 - (value & LENGTH), -last, value >> 6))
        found.sort()
        above, below, reached = [], [], 0
        for start, last, number in found:
            end, use = 1 - last, uses[number]
            if use & ABOVE and end > reached:
                above.append(Mention(start, end, number))
                reached = end
            if use & BELOW:
                below.append(Mention(start, end, number))
        return above, below

    def skip(self, at: int) -> int:
        """The first place from here on that may begin a name."""
        found = BREAK.match(self.read, at)
        return found.end() if found else at

    def road(self, mention: Mention) -> bool:
        """Whether a name is that of a road, a bridge or a house: 南京路, 和平桥, 新华书店."""
        end = mention.end
        if ROAD.match(self.read, end):
            return True
        return self.read[end - 1] in ROADS and NUMBERED.match(self.read, end) is not None

    def adjoining(self, before: int, after: int) -> bool:
        """Whether nothing but a break stands between an end and a start."""
        return before <= after <= before + 3 and self.skip(before) >= after


def apart(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans share no character."""
    return one[1] <= other[0] or other[1] <= one[0]
