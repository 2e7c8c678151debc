"""How far things are: `routing:5 intake:3`, what a page has seen and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping

from kit.envelope import read_after, write_after

MOST_CHARACTERS = 200


def read(text: str) -> dict[str, int]:
    """Sequences by source; what cannot be read is nothing seen (it comes from the address bar)."""
    if len(text) > MOST_CHARACTERS:
        return {}
    try:
        return read_after(text)
    except ValueError:
        return {}


def merged(*texts: str) -> str:
    """The furthest of each source."""
    furthest: dict[str, int] = {}
    for text in texts:
        for source, number in read(text).items():
            furthest[source] = max(number, furthest.get(source, 0))
    return write_after(furthest)


def reached(have: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    """Whether everything wanted is there."""
    return all(have.get(source, 0) >= number for source, number in wanted.items())
