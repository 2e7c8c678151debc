"""Acceptance cases for the place resolver: texts with the division that a careful clerk would name.

`generate(dist, count, seed)` yields cases of every pattern. Each expected answer comes from the
oracle in `divisions`; a case is dropped where a strict and a lenient reading of the text disagree.

An answer is right if its code is the expected one. Where `ambiguous`, the resolver must say so, and the
expected code is the deepest division that holds all candidates (null: they share none); a deeper
answer is a guess. A code two levels share (东莞市, 中山市, 儋州市) counts as either level.

    python -m tests.bench.locate.cases DIST COUNT SEED > cases.jsonl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tests.bench.locate.divisions import Divisions
from tests.bench.locate.patterns import PATTERNS
from tests.bench.locate.workshop import Case, Workshop

TRIES = 400
"""Draws without a new case after which a pattern is given up: a small table lacks some."""


def generate(dist: Path, count: int, seed: int) -> Iterator[Case]:
    """`count` different cases in a fixed random order, each pattern in its share."""
    yield from make(Divisions.load(dist), count, seed)


def make(divisions: Divisions, count: int, seed: int) -> Iterator[Case]:
    """The same from a table that is loaded already."""
    shop = Workshop(divisions, seed)
    seen: set[tuple[str, str | None]] = set()
    cases = [
        case
        for name, wanted in quotas(count).items()
        for case in of_pattern(shop, name, wanted, seen)
    ]
    while len(cases) < count and (
        more := of_pattern(shop, "full5_detail", count - len(cases), seen)
    ):
        cases += more
    shop.rng.shuffle(cases)
    yield from cases[:count]


def of_pattern(
    shop: Workshop, name: str, wanted: int, seen: set[tuple[str, str | None]]
) -> list[Case]:
    """Up to so many new cases of one pattern."""
    cases: list[Case] = []
    draw = PATTERNS[name][1]
    failures = 0
    while len(cases) < wanted and failures < TRIES:
        case = draw(shop)
        failures += 1
        if case and (key := (case["text"], case["receiving_office_code"])) not in seen:
            failures = 0
            seen.add(key)
            cases.append(case | {"pattern": name})
    return cases


def quotas(count: int) -> dict[str, int]:
    """Pattern → number of cases, rounded so that the sum is right."""
    total = sum(share for share, _ in PATTERNS.values())
    ends, so_far = [0], 0
    for share, _ in PATTERNS.values():
        so_far += share
        ends.append(round(count * so_far / total))
    return {name: high - low for name, (low, high) in zip(PATTERNS, pairwise(ends), strict=True)}


def main(dist: str, count: str, seed: str) -> None:
    for case in generate(Path(dist), int(count), int(seed)):
        print(json.dumps(case, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
