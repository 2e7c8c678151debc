"""Reads the division that a text means.

Every name in the text is found at once; each division that a name may stand for is weighed by how it
was written, by what of the divisions above it is written too, and by how near it lies to the office
that received the text. What cannot be told apart is answered as ambiguous, with what it has in common.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from places.index import (
    ABOVE,
    BASE,
    BELOW,
    CITY,
    COMMUNITY,
    COUNTY,
    FULL,
    LENGTH,
    LEVELS,
    NAMED_VILLAGE,
    NODE,
    OLD,
    PROVINCE,
    SHORT,
    TOWN,
    UNSPOKEN,
    VILLAGE,
    Index,
)
from places.spelling import nearest

WEIGHTS = {
    FULL: (3.0, 3.0, 3.0, 3.0),
    SHORT: (2.0, 1.8, 1.6, 1.0),
    OLD: (1.0, 1.2, 1.6, 1.4),
}
"""How much a name says, by how it was written and by level."""
RECAST = 2.4
"""A town with another kind behind its name: 周巷乡 for 周巷镇."""
IN_A_ROAD = 0.1
WRITTEN, OTHER_KIND, BARE = 2.6, 1.6, 1.0
"""A village with its kind, with the other one, with none."""
NEARBY = (0.2, 0.6, 1.2, 1.5)
"""What the receiving office adds, by the deepest division that it shares."""
MOVED = 1.6
MISSPELT = 2.0
MARGIN = 0.45
"""Answers nearer to each other than this cannot be told apart."""
ENOUGH = 1.3
APART = 2.4
"""What the text alone must say of a second place for it to be one."""
ROAD = re.compile("路|街(?!道)|大道|巷|弄|胡同|桥|河|湖|山(?!村|社区)|站|大厦|广场|公司|银行|医院|学校|中学|小学|大学|饭店|酒店|超市")
TOWN_KIND = re.compile("街道|镇|乡|苏木")
VILLAGE_KIND = re.compile("(社区|居委|居民委)|(村(?!民(?!委))|嘎查)")
BREAK = re.compile(r"[\s,,、;;::()()\-—·/\[\]【】]*")


@dataclass(slots=True)
class Mention:
    """A name in the text.

    Args:
        start, end: in the text as it was read.
        number: of the name.
    """

    start: int
    end: int
    number: int


@dataclass(slots=True)
class Candidate:
    """A division that is perhaps meant."""

    node: int
    level: int
    own: float
    mention: Mention
    score: float = 0.0
    text: float = 0.0
    near: float = 0.0
    moved: bool = False
    spans: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What a text says.

    Args:
        status: `ok`, `conflict` (county and town disagree; the town is meant), `ambiguous`, `office-only`
            (the text names nothing, the office stands for itself) or `none`.
        code: of the deepest division that is certain; None where nothing is.
        candidates: codes with their shares, best first.
        spans: offsets of the names that speak for it.
    """

    status: str
    code: str | None
    level: str | None
    confidence: float
    candidates: tuple[tuple[str, float], ...]
    spans: tuple[tuple[int, int], ...]
    version: str


class Resolver:
    """Reads texts with one index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._paths: dict[str, list[int]] = {}

    def locate(self, text: str, office: str | None = None) -> Answer:
        """The division that a text means.

        Args:
            text: an address, or a whole petition.
            office: 12-digit code of the receiving office's division.
        """
        read, at = self._read(text)
        near = self._office(office)
        found = self._candidates(read, near)
        return self._answer(read, at, found, near)

    # -- reading -----------------------------------------------------------------------------------

    def _read(self, text: str) -> tuple[str, list[int] | None]:
        """The text in simplified characters without spaces, and where each stood; None: where it stands."""
        plain = text.translate(self.index.simple)
        if not _SPACE.search(plain):
            return plain, None
        kept = [i for i, c in enumerate(plain) if not _SPACE.match(c)]
        return "".join(plain[i] for i in kept), kept

    def _office(self, code: str | None) -> list[int]:
        """The office's division and all above it; empty where it is not known."""
        if code is None:
            return []
        path = self._paths.get(code)
        if path is None:
            node = self.index.find(code)
            path = self._paths[code] = self.index.path(node) if node is not None else []
        return path

    def _mentions(self, text: str) -> tuple[list[Mention], list[Mention]]:
        """Names from province to town, and of villages; none lies within a longer one."""
        uses = self.index.uses
        found = []
        for last, value in self.index.names.iter(text):
            length = value & LENGTH
            found.append((last + 1 - length, -last - 1, value >> 6))
        found.sort()
        above: list[Mention] = []
        below: list[Mention] = []
        reached = 0
        for start, end, number in found:
            end = -end
            use = uses[number]
            if use & ABOVE and end > reached:
                above.append(Mention(start, end, number))
                reached = end
            if use & BELOW:
                below.append(Mention(start, end, number))
        return above, below

    # -- weighing ----------------------------------------------------------------------------------

    def _candidates(self, text: str, near: list[int]) -> list[Candidate]:
        above, below = self._mentions(text)
        own: dict[int, list[Candidate]] = {}
        by_level: list[list[Candidate]] = [[], [], [], [], []]
        for mention in above:
            for node, weight in self._standing(text, mention):
                level = self.index.levels[node]
                candidate = Candidate(node, level, weight, mention)
                own.setdefault(node, []).append(candidate)
                by_level[level].append(candidate)
        found = []
        for county in by_level[COUNTY]:
            if misspelt := self._misspelt(text, county, by_level[TOWN]):
                own.setdefault(misspelt.node, []).append(misspelt)
                by_level[TOWN].append(misspelt)
        for level in range(TOWN + 1):
            for candidate in by_level[level]:
                self._weigh(text, candidate, own, near)
                found.append(candidate)
        for mention in below:
            for candidate in self._villages(text, mention, own, near):
                self._weigh(text, candidate, own, near)
                found.append(candidate)
        return found

    def _misspelt(self, text: str, county: Candidate, towns: list[Candidate]) -> Candidate | None:
        """The town that was meant by what follows a county and is none of its towns, nor one that was moved."""
        index, begin = self.index, _skip(text, county.mention.end)
        token = TOWN_TOKEN.match(text, begin)
        if token is None or county.own < WEIGHTS[SHORT][COUNTY]:
            return None
        for town in towns:
            if begin <= town.mention.start < token.end():
                if _related(index, county.node, town.node):
                    return None
                if self._city(town.node) == self._city(county.node) and town.own >= WEIGHTS[FULL][TOWN]:
                    return None
        node = nearest(index, county.node, token[1], token[2])
        if node is None:
            return None
        return Candidate(node, TOWN, MISSPELT, Mention(begin, token.end(), 0))

    def _city(self, node: int) -> int:
        """The division of a city's level that a county or town lies in."""
        while self.index.levels[node] > CITY:
            node = self.index.parents[node]
        return node

    def _standing(self, text: str, mention: Mention) -> Iterator[tuple[int, float]]:
        """The divisions from province to town that a name may stand for, and how much that says."""
        index, end = self.index, mention.end
        factor = None
        as_village = VILLAGE_KIND.match(text, end) is not None
        for posting in index.posts[index.post_at[mention.number] : index.post_at[mention.number + 1]]:
            kind = posting >> 24
            if kind == BASE:
                return
            node = posting & NODE
            level = index.levels[node]
            weight = WEIGHTS[kind][level]
            if kind == FULL:
                weight *= 0.5 if as_village else 1.0
            else:
                if factor is None:
                    factor = self._context(text, mention)
                if factor == RECAST:
                    weight = RECAST if level == TOWN else 0.3 * weight
                else:
                    weight *= factor
            yield node, weight

    @staticmethod
    def _context(text: str, mention: Mention) -> float:
        """What follows a name without its kind: another kind, a road, or nothing of the sort."""
        end = mention.end
        if TOWN_KIND.match(text, end):
            return RECAST
        if text[end - 1] in ROADS or ROAD.match(text, end):
            return IN_A_ROAD
        if VILLAGE_KIND.match(text, end):
            return 0.2
        return 1.0

    def _villages(
        self, text: str, mention: Mention, own: dict[int, list[Candidate]], near: list[int]
    ) -> Iterator[Candidate]:
        """The villages that a name may stand for, where the text or the office gives a reason to look."""
        index = self.index
        if ROAD.match(text, mention.end):
            return
        kind = VILLAGE_KIND.match(text, mention.end)
        if kind is None and text[mention.end - 1] in ROADS and NUMBERED.match(text, mention.end):
            return
        low = bisect_left(
            index.posts, BASE << 24, index.post_at[mention.number], index.post_at[mention.number + 1]
        )
        high = index.post_at[mention.number + 1]
        if high - low <= FEW:
            nodes = [p & NODE for p in index.posts[low:high]]
        else:
            nodes = self._within(low, high, mention, kind, own, near)
        parents, flags_of = index.parents, index.flags
        for node in nodes:
            flags = flags_of[node]
            if kind is None:
                town = parents[node]
                county = parents[town]
                if town not in own and county not in own and town not in near and county not in near:
                    if parents[county] not in own:
                        continue
                weight = BARE if flags & (COMMUNITY | NAMED_VILLAGE) else WRITTEN
            else:
                wanted = COMMUNITY if kind[1] else NAMED_VILLAGE
                weight = WRITTEN if flags & wanted else OTHER_KIND
            weight += 0.15 * min(mention.end - mention.start - 2, 4)
            yield Candidate(node, VILLAGE, weight, mention)

    def _within(
        self, low: int, high: int, mention: Mention, kind: re.Match[str] | None,
        own: dict[int, list[Candidate]], near: list[int],
    ) -> list[int]:  # fmt: skip
        """Villages of a frequent name in what the text names and around the office; of very many the first
        and the last, which have in common what all have."""
        index, posts = self.index, self.index.posts
        wanted = 0 if kind is None else COMMUNITY if kind[1] else NAMED_VILLAGE
        found: set[int] = set()
        areas = {node for node, others in own.items() if any(_apart(o.mention, mention) for o in others)}
        areas.update(near)
        for area in areas:
            begin = bisect_left(posts, BASE << 24 | area, low, high)
            end = bisect_left(posts, BASE << 24 | index.ends[area], begin, high)
            found.update(self._outer(begin, end, wanted))
        return list(found) or self._outer(low, high, wanted)

    def _outer(self, begin: int, end: int, wanted: int) -> list[int]:
        """All villages of a range of postings, or the outer ones of the wanted kind."""
        posts, flags = self.index.posts, self.index.flags
        if end - begin <= FEW:
            return [p & NODE for p in posts[begin:end]]
        found = []
        for places in (range(begin, min(end, begin + LOOK)), range(end - 1, max(begin, end - LOOK), -1)):
            kept = 0
            for place in places:
                node = posts[place] & NODE
                if not wanted or flags[node] & wanted:
                    found.append(node)
                    kept += 1
                    if kept == OUTER:
                        break
        return found

    def _weigh(
        self, text: str, candidate: Candidate, own: dict[int, list[Candidate]], near: list[int]
    ) -> None:
        """Own weight, what is written of the divisions above, and the office."""
        index, mention = self.index, candidate.mention
        score, spans, node = candidate.own, [(mention.start, mention.end)], candidate.node
        beside = False
        while (above := index.parents[node]) != node:
            node = above
            best, span, moved = 0.0, None, False
            for other in own.get(node, ()):
                if other.mention.end > mention.start and other.mention.start < mention.end:
                    continue
                value, adjacent = _joined(text, other, mention)
                if value > best:
                    best, span = value, (other.mention.start, other.mention.end)
                    moved = other.moved
                    beside = beside or adjacent
            if span:
                score += best
                spans.append(span)
                candidate.moved = candidate.moved or moved
        if candidate.level >= TOWN:
            score += self._moved(text, candidate, own)
        if candidate.own <= BARE and not beside and candidate.level >= TOWN:
            score -= 0.6
        candidate.text = score
        candidate.near = self._near(candidate.node, near)
        candidate.score = score + candidate.near
        candidate.spans = spans

    def _moved(self, text: str, candidate: Candidate, own: dict[int, list[Candidate]]) -> float:
        """A county of the same city stands right before a town that is not in it: it was moved (鄞州区古林镇)."""
        index = self.index
        if candidate.level != TOWN or candidate.own < RECAST:
            return 0.0
        county = index.parents[candidate.node]
        city = index.parents[county]
        if county in own:
            return 0.0
        for node, others in own.items():
            if index.levels[node] == COUNTY and index.parents[node] == city:
                for other in others:
                    if _gap(text, other.mention.end, candidate.mention.start) == 0:
                        candidate.moved = True
                        return MOVED
        return 0.0

    def _near(self, node: int, near: list[int]) -> float:
        for area in reversed(near):
            if area <= node < self.index.ends[area]:
                return NEARBY[min(self.index.levels[area], TOWN)]
        return 0.0

    # -- answering ---------------------------------------------------------------------------------

    def _answer(
        self, text: str, at: list[int] | None, found: list[Candidate], near: list[int]
    ) -> Answer:
        index = self.index
        found = [c for c in found if c.score >= ENOUGH]
        if not found:
            if near:
                return self._said("office-only", near[-1], 0.5, [], [])
            return self._said("none", None, 0.0, [], [])
        found.sort(key=lambda c: -c.score)
        roles = _roles(index, text, found)
        if roles and roles[0].candidate is not found[0]:
            place = roles[0].candidate
            found = [place, *(c for c in found if _overlap(c.spans[0], place.spans[0]) and c is not place)]
        rivals = _rivals(index, found)
        top = rivals[0]
        top = self._closer(text, top) if len(rivals) == 1 else top
        if len(rivals) == 1:
            status = "conflict" if top.moved else "ok"
            return self._said(status, top.node, self._sure(top, found), [top], _written(top.spans, at))
        nodes = [c.node for c in rivals]
        common = _common(index, nodes)
        return self._said("ambiguous", common, 0.3, rivals, _written(top.spans, at))

    def _sure(self, top: Candidate, found: list[Candidate]) -> float:
        return 0.9

    def _closer(self, text: str, top: Candidate) -> Candidate:
        """What follows the place may be a division below it, misspelt."""
        index = self.index
        while top.level < VILLAGE:
            token = TOKEN.match(text, _skip(text, top.mention.end))
            if token is None:
                return top
            node = nearest(index, top.node, token[1], token[2])
            if node is None:
                return top
            start, end = token.span(1)
            mention = Mention(start, token.end(), 0)
            top = Candidate(
                node, index.levels[node], 1.0, mention, top.score + 1.0, top.moved,
                [*top.spans, (start, end)],
            )  # fmt: skip
        return top

    def _said(
        self, status: str, node: int | None, confidence: float, rivals: list[Candidate],
        spans: list[tuple[int, int]],
    ) -> Answer:  # fmt: skip
        index = self.index
        return Answer(
            status,
            index.code(node) if node is not None else None,
            LEVELS[index.levels[node]] if node is not None else None,
            confidence,
            tuple((index.code(c.node), round(c.score, 2)) for c in rivals[:5]),
            tuple(spans),
            index.version,
        )


FEW, LOOK, OUTER = 12, 200, 3
ROADS = frozenset("路街巷弄桥")
NUMBERED = re.compile("[东西南北中]?[路段]?[0-9零一二三四五六七八九十百]+")
_SPACE = re.compile(r"[\s\u200b-\u200f\ufeff\u3000]")
TOWN_TOKEN = re.compile("([\u4e00-\u9fff]{1,6}?)(街道|镇|乡|苏木)")
TOKEN = re.compile("([\u4e00-\u9fff]{1,7}?)(街道|镇|乡|苏木|村|社区|居委会|居民委员会|嘎查)")


def _apart(one: Mention, other: Mention) -> bool:
    return one.end <= other.start or one.start >= other.end


def _written(spans: list[tuple[int, int]], at: list[int] | None) -> list[tuple[int, int]]:
    """Where names that were read stand in the text as it was written."""
    spans = sorted(set(spans))
    return spans if at is None else [(at[start], at[end - 1] + 1) for start, end in spans]


def _skip(text: str, at: int) -> int:
    found = BREAK.match(text, at)
    return found.end() if found else at


def _gap(text: str, end: int, start: int) -> int:
    """Characters between two names, without punctuation."""
    return max(0, start - _skip(text, end)) if start >= end else 1000


def _joined(text: str, other: Candidate, mention: Mention) -> tuple[float, bool]:
    """What a name of a division above adds, and whether it stands right before."""
    distance = mention.start - other.mention.end
    if distance < 0:
        return 0.5 * other.own, False
    if distance <= 3 and _gap(text, other.mention.end, mention.start) == 0:
        return other.own + 0.4, True
    if distance <= 40:
        return 0.9 * other.own, False
    return 0.6 * other.own, False


def _related(index: Index, one: int, other: int) -> bool:
    """Whether one lies in the other."""
    low, high = min(one, other), max(one, other)
    return high < index.ends[low]


@dataclass(frozen=True)
class Role:
    """A place of several in a text, and what it is there for."""

    rank: int
    candidate: Candidate


MATTER, LIVES, PLAIN, BODY, ORIGIN = 4, 3, 2, 1, 0
"""What a place is there for: the matter, the present residence, nothing said, a body's seat, the origin."""
CUES = (
    (ORIGIN, re.compile("户籍|户口|籍贯|原籍|祖籍|老家|来自|出生")),
    (MATTER, re.compile("位于|地处|坐落|座落|发生|问题|反映|举报|投诉|工地|项目|房屋|承包地|在建")),
    (LIVES, re.compile("现住|现居|居住|家住|住址|住在|住")),
)
SEAT = re.compile("人民政府|镇政府|乡政府|政府|派出所|法院|检察院|公安|医院|管理局|[^,。,;;]{0,6}局")
SENTENCE = re.compile("[。!?!?;;\n]")
BEFORE = 14
"""Characters before a place in which a word says what it is there for."""


def _roles(index: Index, text: str, found: list[Candidate]) -> list[Role]:
    """The places of a text that lie apart, the one of the matter first; empty where there is but one."""
    places: list[Candidate] = []
    for candidate in found:
        if candidate.text < APART or candidate.score < found[0].score - 9:
            break
        if all(
            not _related(index, candidate.node, other.node)
            and not any(_overlap(a, b) for a in candidate.spans for b in other.spans)
            for other in places
        ):
            places.append(candidate)
            if len(places) == 4:
                break
    if len(places) < 2:
        return []
    roles = [Role(_rank(text, place), place) for place in places]
    return sorted(roles, key=lambda role: (-role.rank, -role.candidate.score))


def _rank(text: str, place: Candidate) -> int:
    begin = min(start for start, _ in place.spans)
    before = SENTENCE.split(text[max(0, begin - BEFORE) : begin])[-1]
    best, nearest = PLAIN, -1
    for rank, cue in CUES:
        for match in cue.finditer(before):
            if match.end() > nearest:
                best, nearest = rank, match.end()
    if best == PLAIN and SEAT.match(text, max(end for _, end in place.spans)):
        return BODY
    return best


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _rivals(index: Index, found: list[Candidate]) -> list[Candidate]:
    """The best, and those that the text speaks for as much; what lies nearest to the office is meant."""
    top = found[0]
    rivals = [top]
    for other in found[1:]:
        if other.text < top.text - MARGIN or other.node == top.node:
            continue
        if not _related(index, other.node, top.node):
            rivals.append(other)
    nearest = max(c.near for c in rivals)
    rivals = [c for c in rivals if c.near == nearest]
    return [c for c in rivals if not any(_explains(other, c) for other in rivals)]


def _explains(one: Candidate, other: Candidate) -> bool:
    """Whether the first reads a longer name where the second reads a part of it, or all of its names and more."""
    mine = set(one.spans)
    if mine > set(other.spans):
        return True
    start, end = other.spans[0]
    return any(a <= start and end <= b and b - a > end - start for a, b in mine)


def _common(index: Index, nodes: list[int]) -> int | None:
    """The deepest division that holds all."""
    first = min(nodes)
    last = max(nodes)
    node = first
    while not (node <= last < index.ends[node] and not index.flags[node] & UNSPOKEN):
        if index.parents[node] == node:
            return None
        node = index.parents[node]
    return node
