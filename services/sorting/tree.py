"""A tree of content categories as dated data: what an office may write into its file, and what is wrong with it.

A category that is renamed keeps its id; one that is given up is ended and names those that it goes on in,
so that what was registered under it keeps its name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

COLUMNS = ("编号", "上级", "名称", "原编码", "启用日期", "停用日期", "并入")
ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
BETWEEN = re.compile(r"[\s、,;，；]+")
LONGEST = 40
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Category:
    """A content category (内容分类); an id of our own that never changes.

    Args:
        source_code: the code of the book that a site reports by, where it has one.
        valid_from: the first day; None: always.
        valid_to: the first day on which it holds no more (停用日期); None: it holds.
        successors: what it goes on in.
    """

    id: str
    parent: str | None
    name: str
    source_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    def holds(self, day: date) -> bool:
        """Whether something may be registered under it on a day."""
        return holds(self.valid_from, self.valid_to, day)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: its number, and its trimmed cells by column."""

    number: int
    cells: Mapping[str, str]


def holds(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether a day lies within a validity."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day < valid_to)


def checked(
    lines: Sequence[Line], known: Mapping[str, Category], used: Collection[str]
) -> tuple[list[Category], list[str]]:
    """The tree of a file, and everything that is wrong with it; it may be taken where nothing is.

    Args:
        known: the tree of now.
        used: categories that petitions or remits name: they may end, but not vanish.
    """
    rows, faults = list[tuple[int, Category]](), list[str]()
    for line in lines:
        found, wrong = _read(line.cells)
        faults += (f"第{line.number}行:{fault}" for fault in wrong)
        if found:
            rows.append((line.number, found))
    tree = {row.id: row for _, row in rows}
    counts = Counter(row.id for _, row in rows)
    siblings = Counter((row.parent, row.name) for _, row in rows if row.valid_to is None)
    codes = Counter(row.source_code for _, row in rows if row.source_code and not row.valid_to)
    for number, row in rows:
        wrong = list(_in_tree(row, tree))
        if counts[row.id] > 1:
            wrong.append(f"编号 {row.id} 有 {counts[row.id]} 行")
        if row.valid_to is None and siblings[row.parent, row.name] > 1:
            wrong.append(f"同一上级下有几个「{row.name}」")
        if row.valid_to is None and row.source_code and codes[row.source_code] > 1:
            wrong.append(f"原编码 {row.source_code} 有几个分类使用")
        faults += (f"第{number}行:{fault}" for fault in wrong)
    faults += (
        f"缺少 {id} {known[id].name}:已经使用,不能删除;请保留此行并填停用日期"
        for id in sorted(known.keys() - tree.keys())
        if id in used
    )
    return [row for _, row in rows], faults


def cells(row: Category) -> dict[str, str]:
    """A category as a line of the file."""
    values = (
        row.id, row.parent, row.name, row.source_code, row.valid_from, row.valid_to,
        "、".join(row.successors),
    )  # fmt: skip
    return {
        name: "" if value is None else str(value)
        for name, value in zip(COLUMNS, values, strict=True)
    }


def path(id: str, tree: Mapping[str, Category]) -> list[Category]:
    """A category and those above it, from the top down; a circle ends where it closes."""
    found: list[Category] = []
    row = tree.get(id)
    while row and row not in found:
        found.insert(0, row)
        row = tree.get(row.parent or "")
    return found


def _read(cells: Mapping[str, str]) -> tuple[Category | None, list[str]]:
    """A category of its cells, and what is wrong with them."""
    id, parent, name, code, *_, successors = (cells[column] for column in COLUMNS)
    faults: list[str] = []
    if not ID.fullmatch(id):
        faults.append(f"编号「{id[:64]}」应为字母、数字,至多 64 位" if id else "缺少编号")
    if not name:
        faults.append("缺少名称")
    elif len(name) > LONGEST or not name.isprintable() or "_" in name:
        faults.append(f"名称应在 {LONGEST} 字以内,不能含「_」和控制字符")
    days: dict[str, date] = {}
    for column in ("启用日期", "停用日期"):
        try:
            if cell := cells[column]:
                days[column] = date.fromisoformat(cell)
        except ValueError:
            faults.append(f"{column}「{cell[:20]}」应为年-月-日")
    if not ID.fullmatch(id):
        return None, faults
    heirs = tuple(dict.fromkeys(filter(None, BETWEEN.split(successors))))
    since, until = days.get("启用日期"), days.get("停用日期")
    return Category(id, parent or None, name, code or None, since, until, heirs), faults


def _in_tree(row: Category, tree: Mapping[str, Category]) -> Iterator[str]:
    """What is wrong with a category beside the others."""
    if row.valid_from and row.valid_to and row.valid_to <= row.valid_from:
        yield "停用日期不晚于启用日期"
    if row.parent is not None:
        yield from _under(row, row.parent, tree)
    if row.successors and row.valid_to is None:
        yield "填了并入,须填停用日期"
    for heir in row.successors:
        if heir == row.id:
            yield "不能并入自己"
        elif heir not in tree:
            yield f"并入的 {heir} 不在表中"
        elif row.valid_to and not tree[heir].holds(row.valid_to):
            yield f"并入的 {heir} 在停用日期当天无效"


def _under(row: Category, parent: str, tree: Mapping[str, Category]) -> Iterator[str]:
    above = tree.get(parent)
    if above is None:
        yield f"上级 {parent} 不在表中"
    elif _circles(row.id, tree):
        yield "上级循环,到不了最上一级"
    elif above.valid_to and (row.valid_to is None or row.valid_to > above.valid_to):
        yield f"上级 {parent} 自 {above.valid_to} 停用,本行须同时或更早停用"


def _circles(id: str, tree: Mapping[str, Category]) -> bool:
    """Whether going up from a category never ends."""
    top = path(id, tree)[0]
    return top.parent in tree
