"""Reads the division that a text means (属地).

Every name in the text is found at once; each division that a name may stand for is weighed; what cannot
be told apart is answered as ambiguous, with what it has in common.
"""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from places import roles
from places.index import COUNTY, LEVELS, UNSPOKEN, VILLAGE, Index
from places.local import LocalNames
from places.reading import Text, apart
from places.spelling import nearest
from places.weighing import Candidate, Scales

ENOUGH = 1.3
"""Less than this is no answer."""
MARGIN = 0.45
"""What the text says nearly as much for cannot be told apart."""
FAINT, FULLY, CLEAR = 2.0, 3.0, 1.0
"""Own weights of a name without its kind, and of one with it; what an answer is ahead of the next."""
OF_BODY = 0.2
"""Lost where the only place that a text names is that of the body complained about."""
SHOWN = 5


class Answer(NamedTuple):
    """What a text says.

    Args:
        status: `ok`; `conflict`: county and town disagree, and the town is meant; `ambiguous`; `office-only`: the
            text names nothing, the office stands for itself; `none`.
        code: of the deepest division that is certain, 12 digits; None where nothing is.
        candidates: codes with their weights, best first.
        spans: offsets of the names that speak for it.
        roles: other places of the text, by what they are there for.
        evidence: of each candidate, offsets of the names that speak for it.
        written: of a conflict, the county under which the text writes a town that has moved.
    """

    status: str
    code: str | None
    level: str | None
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    spans: tuple[tuple[int, int], ...]
    roles: tuple[tuple[str, str], ...]
    version: str
    evidence: tuple[tuple[tuple[int, int], ...], ...] = ()
    written: str | None = None


class Resolver:
    """Reads texts with one index.

    Args:
        local: names that the site keeps itself.
    """

    def __init__(self, index: Index, local: LocalNames | None = None) -> None:
        self.index, self.local = index, local
        self._offices: dict[str, list[int]] = {}

    def locate(self, text: str, office: str | None = None, accused: str | None = None) -> Answer:
        """The division that a text means.

        Args:
            text: an address, or a whole petition.
            office: 12-digit code of the receiving office's division.
            accused: the body complained about, in the register's words. A text that names no place is about where
                that body sits.
        """
        answer = self._locate(text, office, accused)
        if accused and answer.status in ("none", "office-only"):
            named = self._locate(accused, office, None)
            if named.status not in ("none", "office-only"):
                return _of_body(named)
        return answer

    def _locate(self, text: str, office: str | None, accused: str | None) -> Answer:
        read, near = Text(text, self.index), self._office(office)
        body = Text(accused, self.index).read if accused else ""
        found = Scales(self.index, read, near, self.local).candidates()
        found = [candidate for candidate in found if candidate.score >= ENOUGH]
        found.sort(key=attrgetter("score"), reverse=True)
        if not found:
            return self._nothing(near)
        several = roles.places(self.index, read, found, body)
        meant = [c for role, c in several if role == several[0][0]]
        if len(several) > 1:
            found = _about(meant, found)
        rivals = _rivals(self.index, found)
        others = tuple((roles.NAMES[role], self.index.code(c.node)) for role, c in several[1:])
        if near and all(_faint(c) for c in rivals):
            return self._nothing(near)
        if len(rivals) > 1:
            common = _common(self.index, [c.node for c in rivals])
            return self._answer("ambiguous", common, 0.3, rivals, read, others)
        top = self._closer(read, rivals[0])
        sure = _sure(self.index, top, found, len(meant))
        if body and several and several[0][0] == roles.BODY:
            sure = max(sure - OF_BODY, 0.1)
        if not top.moved:
            return self._answer("ok", top.node, sure, [top], read, others)
        answer = self._answer("conflict", top.node, sure, [top], read, others)
        return answer._replace(written=self._written(read, found, top))

    def _written(self, text: Text, found: list[Candidate], top: Candidate) -> str | None:
        """The county that stands right before a town that is no longer in it."""
        for other in found:
            beside = any(
                other.mention.end <= start <= other.mention.until for start, _ in top.spans
            )
            if other.level == COUNTY and beside and not self.index.holds(other.node, top.node):
                return self.index.code(other.node)
        return None

    def _office(self, code: str | None) -> list[int]:
        """The office's division and all above it; empty where it is not known."""
        if code is None:
            return []
        if code not in self._offices:
            node = self.index.find(code)
            if node is None:
                return []
            self._offices[code] = self.index.path(node)
        return self._offices[code]

    def _closer(self, text: Text, top: Candidate) -> Candidate:
        """What follows the place may be a division below it, misspelt."""
        while top.level < VILLAGE and (below := self._below(text, top)) is not None:
            top = below
        return top

    def _below(self, text: Text, top: Candidate) -> Candidate | None:
        begin = text.skip(top.mention.end)
        for base, end, kind in text.tokens(begin):
            node = nearest(self.index, top.node, text.read[begin:base], kind)
            if node is not None:
                return Candidate(
                    node, self.index.levels[node], 1.0, text.mention(begin, end), top.score + 1.0,
                    top.text + 1.0, top.near, top.moved, misspelt=True, spans=[(begin, base), *top.spans],
                )  # fmt: skip
        return None

    def _nothing(self, near: list[int]) -> Answer:
        if not near:
            return Answer("none", None, None, 0.0, (), (), (), self.index.version)
        index, node = self.index, near[-1]
        return Answer(
            "office-only",
            index.code(node),
            LEVELS[index.levels[node]],
            0.5,
            (),
            (),
            (),
            index.version,
        )

    def _answer(
        self, status: str, node: int | None, confidence: float, rivals: list[Candidate], text: Text,
        others: tuple[tuple[str, str], ...],
    ) -> Answer:  # fmt: skip
        index = self.index
        evidence = tuple(text.written(c.spans) for c in rivals[:SHOWN])
        return Answer(
            status,
            None if node is None else index.code(node),
            None if node is None else LEVELS[index.levels[node]],
            round(confidence, 2),
            tuple((index.code(c.node), round(c.score, 2)) for c in rivals[:SHOWN]),
            evidence[0],
            others,
            index.version,
            evidence,
        )


def _of_body(named: Answer) -> Answer:
    """The place in the name of the body complained about: no word of the text speaks for it."""
    sure = round(max(named.confidence - OF_BODY, 0.1), 2)
    return named._replace(confidence=sure, spans=(), evidence=((),) * len(named.candidates))


def _about(places: list[Candidate], found: list[Candidate]) -> list[Candidate]:
    """The places that the text is about, and what else their names may stand for; best first."""
    names = [roles.reach(place) for place in places]
    return [c for c in found if any(not apart(roles.reach(c), reach) for reach in names)]


def _rivals(index: Index, found: list[Candidate]) -> list[Candidate]:
    """The best, and those that the text speaks for as much; what lies nearest to the office is meant."""
    top = found[0]
    rivals = [top]
    for other in found[1:]:
        as_much = other.text >= top.text - MARGIN or _covers(other, top)
        if as_much and not index.related(other.node, top.node):
            rivals.append(other)
    if len(rivals) == 1:
        return rivals
    nearest_ = max(c.near for c in rivals)
    rivals = [c for c in rivals if c.near == nearest_]
    return [c for c in rivals if not any(_explains(other, c) for other in rivals)] or rivals


def _faint(candidate: Candidate) -> bool:
    """Whether a name without its kind stands alone, and far from the office: 东部新城 is not 新城区."""
    return candidate.own < FAINT and len(candidate.spans) == 1 and not candidate.near


def _covers(one: Candidate, other: Candidate) -> bool:
    """Whether one name holds all that the other reads as several: 朝阳花园, and 朝阳 with 花园."""
    start, end = one.spans[0]
    return len(other.spans) > 1 and all(start <= a and b <= end for a, b in other.spans)


def _explains(one: Candidate, other: Candidate) -> bool:
    """Whether the first reads all names of the second and more, or a longer one where it reads a part."""
    mine = set(one.spans)
    if mine > set(other.spans):
        return True
    return any(
        a <= start and end <= b and b - a > end - start
        for start, end in other.spans
        for a, b in mine
    )


def _common(index: Index, nodes: list[int]) -> int | None:
    """The deepest division that holds all, of those that people name."""
    node, last = min(nodes), max(nodes)
    while not index.holds(node, last) or index.flags[node] & UNSPOKEN:
        if index.parents[node] == node:
            return None
        node = index.parents[node]
    return node


def _sure(index: Index, top: Candidate, found: list[Candidate], several: int) -> float:
    """How sure an answer is. Calibrated on generated texts: what is below 0.7 is for a person to confirm.

    Args:
        several: places in the text that may all be meant.
    """
    sure = 0.95
    if len(top.spans) == 1:
        sure = 0.85 if top.own >= FULLY else 0.55 + 0.1 * top.near
    if top.misspelt:
        sure -= 0.15
    if several > 1:
        sure -= 0.3
    close = top.text - CLEAR
    if close < 0 or any(c.text > close and not index.related(c.node, top.node) for c in found):
        sure -= 0.15
    return max(sure, 0.1)
