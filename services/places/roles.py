"""Several places in one text, and what each is there for: the matter, a home, an origin, a body's seat."""

from __future__ import annotations

import re

from places.index import COUNTY, Index
from places.reading import SENTENCE, Text, apart
from places.weighing import Candidate

ORIGIN, BODY, PLAIN, LIVES, MATTER = range(5)
"""户籍地, 单位所在地, nothing said, 现住地, 问题发生地: the last comes first."""
NAMES = ("origin", "body", "place", "residence", "matter")
CUES = (
    (ORIGIN, re.compile("户籍|户口|籍贯|原籍|祖籍|老家|来自|出生")),
    (MATTER, re.compile("位于|地处|坐落|座落|发生|问题|反映|举报|投诉|工地|项目|房屋|承包地|在建")),
    (LIVES, re.compile("现住|现居|居住|家住|住址|住在|住")),
)
SEAT = re.compile("人民政府|镇政府|乡政府|政府|派出所|法院|检察院|公安|医院|[^,。;]{0,6}局")
BEFORE = 14
"""Characters before a place within which a word says what it is there for."""
APART, NAMED = 2.4, 1.6
AT = ("位于", "地处", "坐落于", "座落于", "发生在", "发生地在", "反映", "举报", "投诉")
"""What the text alone must say of a second place for it to be one; of a county that the matter is in."""
MOST = 4
TOGETHER = 3
"""Characters between names of one place: a kind, a comma."""


def places(
    index: Index, text: Text, found: list[Candidate], accused: str = ""
) -> list[tuple[int, Candidate]]:
    """The places of a text that lie apart, with their roles, the one of the matter first.

    Args:
        found: best first.
        accused: name of the body complained about, as it is read: what is named as part of it alone is where that
            body sits, and the place of the matter only where no other is named.
    """
    if accused:
        found = sorted(found, key=lambda place: names_body(text, reach(place), accused))
    kept: list[tuple[Candidate, tuple[int, int]]] = []
    for candidate in found:
        if _beside(index, candidate, kept):
            own = reach(candidate)
            # its names stand apart from theirs: one above both may speak for both
            if _stands(text, candidate, own) and all(apart(own, other) for _, other in kept):
                kept.append((candidate, own))
                if len(kept) == MOST:
                    break
    if len(kept) < 2:
        return [(role(text, own, accused) if accused else PLAIN, c) for c, own in kept]
    ranked = [(role(text, own, accused), candidate) for candidate, own in kept]
    return sorted(ranked, key=lambda pair: (-pair[0], -pair[1].score))


def _beside(index: Index, place: Candidate, kept: list[tuple[Candidate, tuple[int, int]]]) -> bool:
    """Whether a place lies in none of the others, nor they in it, and its name in none of theirs."""
    for other, reached in kept:
        if not apart(place.spans[0], reached) or index.related(place.node, other.node):
            return False
    return True


def _stands(text: Text, place: Candidate, reached: tuple[int, int]) -> bool:
    """Whether a name is enough of a place to be one beside another."""
    alone = reached == place.spans[0]
    if (place.own if alone else place.text) >= APART:
        return True
    before = text.read[: place.spans[0][0]]
    return place.text >= NAMED and place.level <= COUNTY and before.endswith(AT)


def reach(place: Candidate) -> tuple[int, int]:
    """From the first to the last of the names that stand together with its own."""
    start, end = place.spans[0]
    for a, b in place.spans[1:]:
        if 0 <= start - b <= TOGETHER or 0 <= a - end <= TOGETHER:
            start, end = min(start, a), max(end, b)
    return start, end


def names_body(text: Text, reached: tuple[int, int], accused: str) -> bool:
    """Whether a place is named as part of the body complained about, written out or in short (周巷镇政府 for
    周巷镇人民政府)."""
    begin, end = reached
    at = accused.find(text.read[begin:end])
    if at < 0:
        return False
    whole = begin >= at and text.read.startswith(accused, begin - at)
    return whole or SEAT.match(text.read, end) is not None


def role(text: Text, reached: tuple[int, int], accused: str = "") -> int:
    """What a place is there for, by the nearest word before it, or by the body that bears its name."""
    begin, end = reached
    if accused and names_body(text, reached, accused):
        return BODY
    before = SENTENCE.split(text.read[max(0, begin - BEFORE) : begin])[-1]
    best, last = PLAIN, -1
    for rank, cue in CUES:
        for match in cue.finditer(before):
            if match.end() > last:
                best, last = rank, match.end()
    if best == PLAIN and SEAT.match(text.read, end):
        return BODY
    return best
