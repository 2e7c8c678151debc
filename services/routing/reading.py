"""What a text says of the place of a matter, as far as routing keeps it: codes and how sure, never text."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from places.build import Row, build
from places.index import LEVELS, Index
from places.resolver import Resolver
from routing.domain.places import AUTOMATIC, Division, Place, judged


class Reader:
    """Reads places for one site.

    Args:
        divisions: of the site; only these are given out as places of a matter.
    """

    def __init__(self, resolver: Resolver | None, divisions: Iterable[Division]) -> None:
        self._resolver = resolver
        self._codes = frozenset(division.code for division in divisions)

    def knows(self, code: str) -> bool:
        """Whether the site has this division."""
        return code in self._codes

    def read(self, text: str, near: str | None, threshold: float = AUTOMATIC) -> Place:
        """The place that a text means. `near` is the division of the office that received it."""
        if self._resolver is None:
            return Place(None, "no-divisions")
        answer = self._resolver.locate(text, near)
        found = tuple(code for code, _ in answer.candidates if code in self._codes)
        code = answer.code if answer.code in self._codes else None
        place = judged(answer.status, code, answer.confidence, found, threshold)
        return replace(place, version=answer.version)


def reader(divisions: list[Division], folder: Path) -> Reader:
    """The reader over the nation's index (`PETITION_DIVISIONS`), or over one that is made of the site's own
    divisions and kept in a folder."""
    if not divisions:
        return Reader(None, ())
    if nation := os.environ.get("PETITION_DIVISIONS"):
        return Reader(Resolver(Index.load(Path(nation))), divisions)
    rows = [Row(d.code, d.name, LEVELS.index(d.level)) for d in divisions]
    version = sha256(repr(rows).encode()).hexdigest()[:16]
    own = folder / f"divisions-{version}"
    if not (own / "manifest.json").exists():
        build(rows, own, version)
    return Reader(Resolver(Index.load(own)), divisions)
