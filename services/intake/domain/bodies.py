"""被反映单位: which office the words of the register mean, and of which level it is.

Only what is certain is said: a firm or a person has no level, and a name that two offices share is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Office(Protocol):
    """What is asked of an office of the directory."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def short_name(self) -> str: ...
    @property
    def level(self) -> str: ...


@dataclass(frozen=True)
class About:
    """`office` of the directory, `level`: village, town, county, city or province; None: not known."""

    office: str | None = None
    level: str | None = None


NOBODY = About()
_PETITIONS = re.compile(r"信访(办公室|办|局|科|室)$")
_SELF = re.compile(r"(人民政府|政府|党委|党工委|委员会|办事处|管委会)$")
_VILLAGE = re.compile(r"(村|社区|村委会|村民委员会|居委会|居民委员会|村党支部|村党总支|村两委)$")
_PUBLIC = re.compile(
    r"(政府|党委|党工委|委员会|委|办事处|办公室|办|局|厅|所|站|法院|检察院|支队|大队|镇|乡|街道)$"
)
_LEVELS = (
    (re.compile(r"^(国家|中央|全国)"), None),
    (re.compile(r"省|自治区"), "province"),
    (re.compile(r"镇|乡|街道"), "town"),
    (re.compile(r"县|区"), "county"),
    (re.compile(r"市"), "city"),
)


def meant(words: str | None, offices: Iterable[Office], site: str = "") -> About:
    """The office and the level that the register's words mean.

    Args:
        words: as they were typed, 慈溪市周巷镇人民政府.
        offices: the directory.
        site: the name of the site's own county, 慈溪市, of which what bears it has the level `county`.
    """
    name = re.sub(r"\s+", "", words or "")
    if not name:
        return NOBODY
    spoken = _cores(name, site)
    found = {
        o.id: o.level
        for o in offices
        if spoken & (_cores(o.name, site) | _cores(o.short_name, site))
    }
    if len(found) == 1:
        return About(*found.popitem())
    return About(None, _level(name, site))


def _cores(name: str, site: str) -> set[str]:
    """周巷镇 of 慈溪市周巷镇信访办公室 and of 周巷镇人民政府; 教育局 of 慈溪市教育局 and of 市教育局."""
    bare = name.removeprefix(site)
    # 市教育局 leaves its own 市 out, 市场监督管理局 has it
    forms = {bare, name.removeprefix(site[-1:])} if bare == name else {bare}
    return {_SELF.sub("", _PETITIONS.sub("", form)) or form for form in forms}


def _level(name: str, site: str) -> str | None:
    if _VILLAGE.search(name):
        return "village"
    if not _PUBLIC.search(name):
        return None
    own = bool(site) and name.startswith(site)
    bare = name.removeprefix(site) if own else name
    for pattern, level in _LEVELS:
        if pattern.search(bare):
            return level
    return "county" if own else None
