"""The site's divisions, offices and categories, found by code or by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tool.importing.words import Unfit, compact


class Directory:
    """What routing publishes under /divisions, /offices and /categories."""

    def __init__(
        self,
        divisions: Iterable[Mapping[str, Any]],
        offices: Iterable[Mapping[str, Any]],
        categories: Iterable[Mapping[str, Any]],
    ) -> None:
        self._divisions = _Names("区划", "请写12位区划代码,或连同上级写全")
        self._offices = _Names("单位", "请写单位编号")
        self._categories = _Names("内容分类", "请写分类编号")
        divisions, offices, categories = list(divisions), list(offices), list(categories)
        by_code = {d["code"]: d["name"] for d in divisions}
        for d in divisions:
            self._divisions.add(d["code"], d["code"], *_spelled(d["code"], by_code))
        for o in offices:
            self._offices.add(o["id"], o["id"], o["name"], o["short_name"])
        by_id = {c["id"]: c for c in categories}
        for c in categories:
            self._categories.add(c["id"], c["id"], c["source_code"] or "", _path(c, by_id))
        self.root = next((o["id"] for o in offices if o["parent"] is None), None)
        """The site's own petition office."""
        self._named: dict[str, str] = {o["id"]: o["short_name"] for o in offices}

    def division(self, cell: Any) -> str | None:
        """The 12-digit code; None for an empty cell. Raises Unfit: unknown, or more than one."""
        return self._divisions.find(cell)

    def office(self, cell: Any) -> str | None:
        """The office's id. Raises Unfit."""
        return self._offices.find(cell)

    def category(self, cell: Any) -> str | None:
        """The category's id. Raises Unfit."""
        return self._categories.find(cell)

    def office_name(self, office: str | None) -> str:
        """The short name of an office."""
        return self._named.get(office, office) if office else "(无)"


class _Names:
    """Ids by every name they go by."""

    def __init__(self, what: str, advice: str) -> None:
        self._what, self._advice = what, advice
        self._ids: dict[str, set[str]] = defaultdict(set)

    def add(self, id_: str, *names: str) -> None:
        for name in names:
            if name:
                self._ids[compact(name)].add(id_)

    def find(self, cell: Any) -> str | None:
        word = compact(cell)
        if not word:
            return None
        found = self._ids.get(word, set())
        if not found:
            raise Unfit(f"没有名为「{word[:40]}」的{self._what}")
        if len(found) > 1:
            raise Unfit(f"有 {len(found)} 个{self._what}名为「{word[:40]}」,{self._advice}")
        return next(iter(found))


def _spelled(code: str, by_code: Mapping[str, str]) -> Iterable[str]:
    """A division's name alone and behind its superiors' names: 天潭村委会, 桥头镇天潭村委会, …"""
    name = by_code[code]
    forms = [name, name.removesuffix("委会")] if name.endswith("村委会") else [name]
    spellings, prefix = list(forms), ""
    for width in (9, 6, 4, 2):
        above = code[:width].ljust(12, "0")
        if above != code and above in by_code:
            prefix = by_code[above] + prefix
            spellings += [prefix + form for form in forms]
    return spellings


def _path(category: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> str:
    """`一级_二级_三级`, as exports write it."""
    names = [category["name"]]
    while (parent := category["parent"]) is not None:
        category = by_id[parent]
        names.insert(0, category["name"])
    return "_".join(names)
