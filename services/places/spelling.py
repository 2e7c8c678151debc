"""Near spelling (近形、近音): a name that nobody bears, beside those of one division."""

from __future__ import annotations

from collections.abc import Iterator

from places import names
from places.index import LEVELS, TOWN, VILLAGE, Index

SAME, SOUND, SLIP = range(3)
VILLAGE_KINDS = frozenset({"村", "社区", "居委会", "居民委员会", "嘎查"})


def nearest(index: Index, area: int, written: str, kind: str) -> int | None:
    """The one division within an area whose name is one slip away; None where none or several is.

    A slip is a character of the same sound, or one that is wrong, missing, too much or transposed.

    Args:
        kind: as it was written, 村 or 镇; of two that are as near, the one of this kind is meant.
    """
    level = VILLAGE if kind in VILLAGE_KINDS else TOWN
    sound = _sound(index, written)
    found: dict[int, list[int]] = {SAME: [], SOUND: [], SLIP: []}
    for node in _of(index, area, level):
        name = index.plain(index.name(node))
        base = names.village(name)[0] if level == VILLAGE else names.short(name, LEVELS[TOWN])
        if base in (written, written + kind):
            found[SAME].append(node)
        elif len(base) == len(written) and _sound(index, base) == sound:
            found[SOUND].append(node)
        elif _slip(base, written):
            found[SLIP].append(node)
    nodes = found[SAME] or found[SOUND] or found[SLIP]
    if len(nodes) > 1:
        nodes = [node for node in nodes if kind in index.name(node)]
    return nodes[0] if len(nodes) == 1 else None


def _of(index: Index, area: int, level: int) -> Iterator[int]:
    """Divisions of a level within an area."""
    node, end = area + 1, index.ends[area]
    while node < end:
        if index.levels[node] == level:
            yield node
            node = index.ends[node]
        else:
            node += 1


def _sound(index: Index, name: str) -> list[str]:
    return [index.spell.get(character, character) for character in name]


def _slip(one: str, other: str) -> bool:
    """Whether the names differ by one character: another, one more, one less, or two transposed."""
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < 2:
        return False
    if len(one) > len(other):
        one, other = other, one
    at = 0
    while at < len(one) and one[at] == other[at]:
        at += 1
    if len(one) < len(other):
        return len(one) > 1 and one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
