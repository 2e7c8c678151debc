"""Names that a site keeps itself (本地别名): a market, an estate, what people call a place.

Each stands for one division and holds within one: a text that neither was received there nor names anything
there means something else by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from places.index import Index
from places.reading import BLANK, Mention, Text
from places.weighing import Candidate

KEPT = 3.0
"""As much as a registered name with its kind: a person said what it stands for."""
NAMED = 1.6
"""What a name must say for the text to speak of where it is."""


@dataclass(frozen=True)
class LocalName:
    """A name, the code of the division that it stands for, and of the one within which it holds."""

    name: str
    code: str
    scope: str


class LocalNames:
    """The site's own names over an index. What names a division that the index lacks is left out."""

    def __init__(self, index: Index, names: Iterable[LocalName]) -> None:
        self._index = index
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for one in names:
            node, scope = index.find(one.code), index.find(one.scope)
            if node is not None and scope is not None:
                found[BLANK.sub("", index.plain(one.name))].append((node, scope))
        self._names = ahocorasick.Automaton()
        for name, meant in found.items():
            self._names.add_word(name, (len(name), meant))
        self._names.make_automaton()

    def standing(
        self, text: Text, office: list[int], found: list[Candidate]
    ) -> Iterator[Candidate]:
        """The divisions that the site's own names in a text stand for.

        Args:
            found: what its other names may stand for.
        """
        if not len(self._names):
            return
        around = [*office, *(c.node for c in found if c.own >= NAMED)]
        for last, (length, meant) in self._names.iter(text.read):
            mention = text.mention(last + 1 - length, last + 1)
            for node, scope in meant:
                if self._speaks_of(scope, office, around) and not self._elsewhere(
                    node, mention, found
                ):
                    yield Candidate(node, self._index.levels[node], KEPT, mention)

    def _speaks_of(self, scope: int, office: list[int], around: list[int]) -> bool:
        """Whether the text was received in a division, or names it or something in it."""
        return scope in office or any(self._index.holds(scope, node) for node in around)

    def _elsewhere(self, node: int, mention: Mention, found: list[Candidate]) -> bool:
        """Whether the name of another place stands right before: 余姚市老街 is not ours."""
        return any(
            c.own >= NAMED
            and c.mention.end <= mention.start <= c.mention.until
            and not self._index.related(c.node, node)
            for c in found
        )
