"""Makes the index of the nation, or of a site, from the pinned sources and an authority's own tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from places import build, crosswalk, history, sources
from places.build import FILES, Alias

ALIASES = "aliases.csv"
"""Of an authority's folder: name, code, and perhaps from and to (years); several lines of a name are several
divisions (a split)."""


def make(
    cache: Path,
    target: Path,
    *,
    own: Path | None = None,
    within: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Fetches what is missing, and writes the index.

    Args:
        cache: where the sources are kept.
        own: a folder with an authority's tables, in addition: any of provinces, cities, areas, streets,
            villages (code, name) and aliases; its rows stand in place of those with the same code.
        within: code prefix of a site; villages of elsewhere are left out.

    Returns what could not be matched between the lists, for a person to look at.
    Errors: `sources.Unfit`.
    """
    sources.fetch(cache, say)
    say("reading")
    rows = {row.code: row for row in sources.divisions(cache)}
    matched = crosswalk.match(list(rows.values()), sources.current(cache))
    rows |= {row.code: row for row in matched.rows}
    aliases = [
        *history.aliases(sources.changes(cache), list(rows.values())),
        *matched.aliases,
        *known(),
    ]
    version = " + ".join(source.name for source in sources.ALL)
    if own is not None:
        rows |= {row.code: row for row in build.tables(_tables(own))}
        aliases += _aliases(own / ALIASES)
        version += f" + {own.name}"
    say(f"building: {len(rows)} divisions, {len(aliases)} other names")
    ordered = [rows[code] for code in sorted(rows)]
    build.build(
        ordered, target, version, aliases=aliases, villages_in=within,
        syllables=syllables(), simplified=sources.simplified(cache),
    )  # fmt: skip
    (target / "codes.json").write_text(json.dumps({"mca2025": matched.codes}), "utf-8")
    (target / "former.json").write_text(json.dumps(_former(aliases), ensure_ascii=False), "utf-8")
    return matched.review


def _former(aliases: list[Alias]) -> dict[str, list[dict[str, Any]]]:
    """Other names by code: the years in which they held, and all that they went on in."""
    found: dict[str, list[dict[str, Any]]] = {}
    for alias in aliases:
        for code in alias.codes:
            found.setdefault(code, []).append(asdict(alias))
    return found


def known() -> list[Alias]:
    """Other names that the sources lack, of our own table."""
    return _aliases(Path(__file__).parent / ALIASES)


def syllables() -> dict[str, str]:
    """The toneless syllable of every character: a slip may be one that no name has."""
    from pypinyin import lazy_pinyin  # 55 MB, wanted here alone

    characters = map(chr, range(0x4E00, 0xA000))
    found = {character: lazy_pinyin(character)[0] for character in characters}
    return {character: syllable for character, syllable in found.items() if syllable != character}


def _tables(folder: Path) -> dict[str, list[dict[str, str]]]:
    found = {}
    for name in FILES:
        if (path := folder / f"{name}.csv").exists():
            found[name] = _lines(path)
    return found


def _aliases(path: Path) -> list[Alias]:
    if not path.exists():
        return []
    found: dict[str, list[dict[str, str]]] = {}
    for line in _lines(path):
        found.setdefault(line["name"], []).append(line)
    return [
        Alias(
            name,
            tuple(line["code"] for line in lines),
            _year(lines[0], "from"),
            _year(lines[0], "to"),
        )
        for name, lines in found.items()
    ]


def _year(line: dict[str, str], column: str) -> int | None:
    written = line.get(column) or ""
    return int(written) if written.isdecimal() else None


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
