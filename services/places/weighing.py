"""What speaks for each division that a text may mean: how it was written, what is written of the divisions
above it, and how near it lies to the office that received the text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from places.index import (
    BASE,
    CITY,
    COMMUNITY,
    COUNTY,
    FULL,
    NAMED_VILLAGE,
    NODE,
    OLD,
    SHORT,
    TOWN,
    VILLAGE,
    WHOLE,
    Index,
)
from places.reading import TOWN_TOKEN, Mention, Text
from places.spelling import nearest

if TYPE_CHECKING:
    from places.local import LocalNames

WEIGHTS = {
    FULL: (3.0, 3.0, 3.0, 3.0),
    SHORT: (2.0, 1.8, 1.6, 1.0),
    OLD: (1.0, 1.2, 1.6, 1.4),
}
"""How much a name says, by how it was written and by level."""
RECAST, RECAST_COUNTY = 2.8, 2.4
"""A town, a county with another kind behind its name: 周巷乡 for 周巷镇, 密云县 for 密云区."""
MISSPELT = 2.0
WRITTEN, OTHER_KIND, BARE = 2.6, 1.6, 1.0
"""A village with its kind, with the other one, with none."""
LONGER = 0.15
"""What each character of a village's name beyond the second adds."""
ROAD, AS_VILLAGE = 0.1, 0.2
"""What is left of a short name in that of a road or a village."""
MOVED = 1.6
"""A town whose county of old stands before it."""
ADJOINING, NEAR, FAR, BEHIND = 0.4, 0.9, 0.4, 0.5
"""A name of a division above: added right before, a factor within 40 characters, farther, behind."""
BRACKETS = 12
"""Characters within which what follows is as good as what stands before: 天潭村(慈溪市周巷镇)."""
LONE, FULLY = 0.6, 2.0
"""Lost by a bare name that stands beside no other; what a name says that stands for itself."""
OFFICE = (0.2, 0.6, 1.2, 1.5)
"""What the receiving office adds, by the level of the deepest division that it shares."""
LIKELY = 16
"""How many of the divisions named are looked in for a village."""
KINDS = COMMUNITY | NAMED_VILLAGE
FEW, LOOK, OUTER = 12, 200, 3
"""Of a village's name: divisions that are all weighed; of more, how many are looked at for how many."""


@dataclass(slots=True)
class Candidate:
    """A division that is perhaps meant.

    Args:
        own: what its own name says; `text`: with the names above it; `score`: with the office.
        near: what the office added.
        moved: a county that it is no longer in stands before it.
        misspelt: its name was written otherwise.
        spans: of the names that speak for it, its own first.
    """

    node: int
    level: int
    own: float
    mention: Mention
    score: float = 0.0
    text: float = 0.0
    near: float = 0.0
    moved: bool = False
    misspelt: bool = False
    spans: Sequence[tuple[int, int]] = ()


class Scales:
    """Weighs one text.

    Args:
        office: the office's division and all above it, outermost first; empty where it is not known.
        local: names that the site keeps itself.
    """

    def __init__(
        self, index: Index, text: Text, office: list[int], local: LocalNames | None = None
    ) -> None:
        self.index, self.text, self.office, self.local = index, text, office, local
        self.near = {area: OFFICE[min(index.levels[area], TOWN)] for area in office}
        self.own: dict[int, list[Candidate]] = {}
        self.above: list[Candidate] = []

    def candidates(self) -> list[Candidate]:
        """Every division that a name of the text may stand for, weighed."""
        above, below = self.text.mentions(self.index)
        found: list[Candidate] = []
        for mention in above:
            found += self._standing(mention)
        for candidate in found:
            self.own.setdefault(candidate.node, []).append(candidate)
        for county in [c for c in found if c.level == COUNTY]:
            if town := self._misspelt(county, found):
                self.own.setdefault(town.node, []).append(town)
                found.append(town)
        found = [candidate for candidate in found if not self._stray(candidate)]
        if self.local:
            found += self.local.standing(self.text, self.office, found)
        found.sort(key=attrgetter("level"))  # a village asks whether its town was moved
        self.above = found
        for candidate in found:
            self._weigh(candidate)
        villages = [village for mention in below for village in self._villages(mention)]
        for village in villages:
            self._weigh(village)
        return found + villages

    @cached_property
    def likely(self) -> list[Candidate]:
        """The likeliest divisions that names from province to town stand for."""
        return sorted(self.above, key=attrgetter("score"), reverse=True)[:LIKELY]

    # -- names that stand for divisions ------------------------------------------------------------

    def _standing(self, mention: Mention) -> Iterator[Candidate]:
        """The divisions from province to town that a name may stand for."""
        index, after = self.index, mention.after
        recast = after.town and not after.village
        part = AS_VILLAGE if after.village else ROAD if after.road and not recast else 1.0
        levels = index.levels
        for posting in index.posts[
            index.post_at[mention.number] : index.post_at[mention.number + 1]
        ]:
            kind, node = posting >> 24, posting & NODE
            if kind == BASE:
                return
            level = levels[node]
            weight = WEIGHTS[kind][level]
            if kind == FULL:
                weight *= 0.5 if after.village else 1.0
            elif recast:
                weight = RECAST if level == TOWN else 0.3 * weight
            elif after.county and level == COUNTY:
                weight = RECAST_COUNTY
            elif after.numbered:
                continue
            else:
                weight *= part
            yield Candidate(node, level, weight, mention)

    def _stray(self, candidate: Candidate) -> bool:
        """A town's bare name where nothing of its county or city is named, nor received the text."""
        if candidate.level != TOWN or candidate.own > BARE:
            return False
        county = self.index.parents[candidate.node]
        city = self.index.parents[county]
        return county not in self.own and city not in self.own and county not in self.office

    def _misspelt(self, county: Candidate, found: list[Candidate]) -> Candidate | None:
        """The town that was meant by what follows a county and is none of its towns, nor one that was moved."""
        begin = self.text.skip(county.mention.end)
        token = TOWN_TOKEN.match(self.text.read, begin)
        if token is None or county.own < WEIGHTS[SHORT][COUNTY]:
            return None
        for town in found:
            if town.level == TOWN and begin <= town.mention.start < token.end():
                if self.index.holds(county.node, town.node):
                    return None
                if town.own >= WEIGHTS[FULL][TOWN] and self._city(town.node) == self._city(
                    county.node
                ):
                    return None
        node = nearest(self.index, county.node, token[1], token[2])
        if node is None:
            return None
        mention = self.text.mention(begin, token.end())
        return Candidate(node, TOWN, MISSPELT, mention, misspelt=True)

    def _city(self, node: int) -> int:
        """The division of a city's level that a county or town lies in."""
        while self.index.levels[node] > CITY:
            node = self.index.parents[node]
        return node

    def _villages(self, mention: Mention) -> Iterator[Candidate]:
        """The villages that a name may stand for, where the text or the office gives a reason to look."""
        index = self.index
        kind = mention.after.village
        wanted = 0 if kind is None else COMMUNITY if kind[1] else NAMED_VILLAGE
        areas = set() if wanted else self._before(mention)
        if not wanted and not areas and not index.uses[mention.number] & WHOLE:
            return
        if mention.after.road:
            return
        begin, end = index.post_at[mention.number], index.post_at[mention.number + 1]
        begin = bisect_left(index.posts, BASE << 24, begin, end)
        longer = LONGER * min(mention.end - mention.start - 2, 4)
        flags_of = index.flags
        for node in self._bearing(begin, end, mention, wanted, areas):
            flags = flags_of[node]
            if not wanted:
                weight = BARE if flags & KINDS else WRITTEN
            else:
                weight = WRITTEN if flags & wanted else OTHER_KIND
            yield Candidate(node, VILLAGE, weight + longer, mention)

    def _bearing(
        self, begin: int, end: int, mention: Mention, wanted: int, areas: set[int]
    ) -> list[int]:
        """The villages that bear a name: of a frequent one those in what the text names and around the office,
        of a bare one those of what stands right before it."""
        index, posts = self.index, self.index.posts
        if end - begin <= FEW:
            nodes = [posting & NODE for posting in posts[begin:end]]
            if wanted:
                return nodes
            flags = index.flags
            return [n for n in nodes if not flags[n] & KINDS or self._lies_in(n, areas)]
        found: set[int] = set()
        for area in self._areas(mention) if wanted else areas:
            low = bisect_left(posts, BASE << 24 | area, begin, end)
            high = bisect_left(posts, BASE << 24 | index.ends[area], low, end)
            found.update(self._outer(low, high, wanted))
        if found or not wanted:
            return list(found)
        return self._outer(begin, end, wanted)

    def _areas(self, mention: Mention) -> set[int]:
        """The likeliest divisions that other names of the text stand for, and the office's."""
        found = set(self.office)
        for other in self.likely:
            if other.mention.end <= mention.start or other.mention.start >= mention.end:
                found.add(other.node)
        return found

    def _before(self, mention: Mention) -> set[int]:
        """The divisions that a name right before this one stands for; the office's where this one is whole."""
        found = {candidate.node for candidate in self._adjoining(mention)}
        if self.text.read[mention.end - 1] == "村":
            found.update(self.office[COUNTY:])
        return found

    def _adjoining(self, mention: Mention) -> list[Candidate]:
        """What a name right before this one stands for."""
        start = mention.start
        return [c for c in self.above if c.mention.end <= start <= c.mention.until]

    def _lies_in(self, village: int, areas: set[int]) -> bool:
        """Whether a town, county or city that it lies in is one of these."""
        if not areas:
            return False
        parents = self.index.parents
        town = parents[village]
        county = parents[town]
        return town in areas or county in areas or parents[county] in areas

    def _outer(self, begin: int, end: int, wanted: int) -> list[int]:
        """All villages of a range of postings; of many the outer ones of the wanted kind, which have in
        common what all have."""
        posts, flags = self.index.posts, self.index.flags
        if end - begin <= FEW:
            return [posting & NODE for posting in posts[begin:end]]
        found = []
        for places in (
            range(begin, min(end, begin + LOOK)),
            range(end - 1, max(begin, end - LOOK), -1),
        ):
            kept = 0
            for place in places:
                node = posts[place] & NODE
                if not wanted or flags[node] & wanted:
                    found.append(node)
                    kept += 1
                    if kept == OUTER:
                        break
        return found

    # -- weights -----------------------------------------------------------------------------------

    def _weigh(self, candidate: Candidate) -> None:
        """Its own name, the names above it, and the office."""
        parents, own = self.index.parents, self.own
        node, mention = candidate.node, candidate.mention
        score, spans, beside = candidate.own, [mention[:2]], False
        near = self.near.get(node)
        while (above := parents[node]) != node:
            node = above
            near = near or self.near.get(node)
            if node not in own:
                continue
            adjoining, value, chosen = self._best(own[node], candidate)
            if chosen is not None:
                beside = beside or adjoining
                score += value
                spans.append(chosen.mention[:2])
                candidate.moved = candidate.moved or chosen.moved
                candidate.misspelt = candidate.misspelt or chosen.misspelt
        if candidate.level == TOWN and candidate.own >= RECAST and self._moved(candidate):
            candidate.moved = True
            score += MOVED
        if not beside and candidate.own < OTHER_KIND:
            if candidate.level == VILLAGE and self.text.read[mention.end - 1] != "村":
                score = 0.0  # a bare name is a village's only right behind its town or county
            elif candidate.level == TOWN:
                score -= LONE
        candidate.spans, candidate.text, candidate.near = spans, score, near or 0.0
        candidate.score = score + candidate.near

    def _best(
        self, others: list[Candidate], candidate: Candidate
    ) -> tuple[bool, float, Candidate | None]:
        """Of the times that a division above is named the one that says most: whether right before, what it adds.

        What is far from a name that says little is of another place.
        """
        mention, far = candidate.mention, BRACKETS if candidate.own < FULLY else 40
        best, chosen = (False, 0.0, 0), None
        for other in others:
            distance = mention.start - other.mention.end
            if distance >= 0:
                adjoining = mention.start <= other.mention.until
                part = NEAR if distance <= far else FAR
                value = other.own + ADJOINING if adjoining else part * other.own
            elif other.mention.start >= mention.end:
                near = other.mention.start - mention.end <= BRACKETS
                adjoining, value = False, (NEAR if near else BEHIND) * other.own
            else:
                continue
            this = (adjoining, value, -abs(mention.start - other.mention.start))
            if this > best:
                best, chosen = this, other
        return best[0], best[1], chosen

    def _moved(self, town: Candidate) -> bool:
        """A county of the same city that it is not in stands right before it (鄞州区古林镇)."""
        parents = self.index.parents
        county = parents[town.node]
        return county not in self.own and any(
            other.level == COUNTY
            and parents[other.node] == parents[county]
            and not self._has(other.node, town.mention)
            for other in self._adjoining(town.mention)
        )

    def _has(self, county: int, mention: Mention) -> bool:
        """Whether a county has a town of this name itself."""
        low, high = self.index.post_at[mention.number], self.index.post_at[mention.number + 1]
        posts = self.index.posts[low:high]
        return any(p >> 24 != BASE and self.index.holds(county, p & NODE) for p in posts)
