"""Several places in one text, and what each is there for: the matter, a home, an origin, a body's seat."""

from __future__ import annotations

import re

from places.index import Index
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
APART = 2.4
"""What the text alone must say of a second place for it to be one."""
MOST = 4


def places(index: Index, text: Text, found: list[Candidate]) -> list[tuple[int, Candidate]]:
    """The places of a text that lie apart, with their roles, the one of the matter first.

    Args:
        found: best first.
    """
    kept: list[Candidate] = []
    for candidate in found:
        if candidate.text >= APART and all(_apart(index, candidate, other) for other in kept):
            kept.append(candidate)
            if len(kept) == MOST:
                break
    if len(kept) < 2:
        return [(PLAIN, candidate) for candidate in kept]
    ranked = [(role(text, candidate), candidate) for candidate in kept]
    return sorted(ranked, key=lambda pair: (-pair[0], -pair[1].score))


def _apart(index: Index, one: Candidate, other: Candidate) -> bool:
    """Whether neither lies in the other, and no name speaks for both."""
    return not index.related(one.node, other.node) and all(
        apart(a, b) for a in one.spans for b in other.spans
    )


def role(text: Text, place: Candidate) -> int:
    """What a place is there for, by the nearest word before it, or by the body that bears its name."""
    begin = min(start for start, _ in place.spans)
    before = SENTENCE.split(text.read[max(0, begin - BEFORE) : begin])[-1]
    best, last = PLAIN, -1
    for rank, cue in CUES:
        for match in cue.finditer(before):
            if match.end() > last:
                best, last = rank, match.end()
    if best == PLAIN and SEAT.match(text.read, max(end for _, end in place.spans)):
        return BODY
    return best
