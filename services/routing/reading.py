"""What a text says of the place of a matter, as far as routing keeps it: codes and how sure, never text."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from places.build import Row, build
from places.index import LEVELS, Index
from places.local import LocalName, LocalNames
from places.resolver import Resolver
from routing.domain.places import AUTOMATIC, Alias, Division, Place, judged


class Reader:
    """Reads places for one site.

    Args:
        divisions: of the site; only these are given out as places of a matter.
    """

    def __init__(self, index: Index | None, divisions: Iterable[Division]) -> None:
        self._index = index
        self._resolver = Resolver(index) if index else None
        self._codes = frozenset(division.code for division in divisions)
        self._own: list[Alias] = []

    def keep(self, own: list[Alias]) -> None:
        """Reads with these local names (本地别名) from now on."""
        if self._index is None or own == self._own:
            return
        names = [LocalName(alias.name, alias.division, alias.scope) for alias in own]
        self._resolver, self._own = Resolver(self._index, LocalNames(self._index, names)), own

    def knows(self, code: str) -> bool:
        """Whether the site has this division."""
        return code in self._codes

    def read(
        self,
        text: str,
        near: str | None,
        threshold: float = AUTOMATIC,
        accused: str | None = None,
    ) -> Place:
        """The place that a text means.

        Args:
            near: division of the office that received it.
            accused: the body complained about, in the register's words.
        """
        if self._resolver is None:
            return Place(None, "no-divisions")
        answer = self._resolver.locate(text, near, accused)
        found = tuple(code for code, _ in answer.candidates if code in self._codes)
        code = answer.code if answer.code in self._codes else None
        place = judged(answer.status, code, answer.confidence, found, threshold)
        return replace(
            place,
            confidence=answer.confidence,
            version=answer.version,
            evidence=tuple(zip((c for c, _ in answer.candidates), answer.evidence, strict=True)),
            roles=answer.roles,
            written=answer.written,
        )

    def explained(self, text: str, near: str | None, accused: str | None) -> dict[str, Any]:
        """What a text says of its place, for a person who writes it."""
        if self._resolver is None or self._index is None:
            return {"status": "none", "code": None, "confidence": 0.0, "candidates": [], "roles": [],
                    "written": None, "version": None}  # fmt: skip
        answer = self._resolver.locate(text, near, accused)
        weights = answer.candidates or ([(answer.code, 0.0)] if answer.code else [])
        spans = answer.evidence or ((),) * len(weights)
        return {
            "status": answer.status,
            "code": answer.code,
            "confidence": answer.confidence,
            "candidates": [
                self._named(code) | {"weight": weight, "spans": [list(span) for span in spoken]}
                for (code, weight), spoken in zip(weights, spans, strict=True)
            ],
            "roles": [{"role": role} | self._named(code) for role, code in answer.roles],
            "written": self._named(answer.written)["name"] if answer.written else None,
            "version": answer.version,
        }

    def _named(self, code: str) -> dict[str, Any]:
        index = self._index
        assert index is not None
        node = index.find(code)
        assert node is not None
        path = [index.name(n) for n in index.path(node) if not index.unspoken(n)]
        level = LEVELS[index.levels[node]]
        return {"code": code, "name": " ".join(path), "level": level, "inside": code in self._codes}


def reader(divisions: list[Division], folder: Path) -> Reader:
    """The reader over the index that `PETITION_DIVISIONS` names, else over the one that `petition divisions build
    --site` left in the folder (towns of the nation, villages of the site), else over one that is made of the
    site's own divisions."""
    if not divisions:
        return Reader(None, ())
    given = Path(os.environ.get("PETITION_DIVISIONS") or folder / "divisions")
    if "PETITION_DIVISIONS" in os.environ or (given / "manifest.json").exists():
        return Reader(Index.load(given), divisions)
    rows = [Row(d.code, d.name, LEVELS.index(d.level)) for d in divisions]
    version = sha256(repr(rows).encode()).hexdigest()[:16]
    own = folder / f"divisions-{version}"
    if not (own / "manifest.json").exists():
        build(rows, own, version)
        for old in folder.glob("divisions-*"):
            if old != own:
                shutil.rmtree(old, ignore_errors=True)
    return Reader(Index.load(own), divisions)
