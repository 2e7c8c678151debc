"""The directory and the rules as tables that an office keeps in a spreadsheet (单位目录、分流规则)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kit import clock, sheet
from kit.identity import Directory, Office
from kit.sheet import Unreadable
from routing.domain.competence import (
    BODY_LEVELS,
    COMPETENT,
    PLACE,
    TERRITORIAL,
    Choice,
    Question,
    Rule,
)

KINDS = {"信访部门": "petition_office", "镇街": "town", "部门": "department"}
LEVELS = dict(zip(("村", "镇", "县", "市", "省", "国家"), BODY_LEVELS, strict=True))
PRINCIPLES = {"属地": TERRITORIAL, "主管": COMPETENT}
OFFICES = ("单位编号", "名称", "简称", "上级", "区划", "级别", "类别", "内容分类")
DETAILS = (
    "被反映单位级别",
    "地址",
    "电话",
    "办公时间",
    "自动分流把握",
    "设立日期",
    "撤销日期",
    "承继单位",
)
RULES = (
    "规则编号", "区划", "内容分类", "被反映单位级别", "原则", "主办单位", "协办单位", "协办天数", "启用日期",
    "停用日期", "依据",
)  # fmt: skip
CASES = ("区划", "内容分类", "承办单位")
CASE_DETAILS = ("被反映单位级别", "被反映单位", "日期", "协办单位")
ASSIST_DAYS = 30
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PHONE = re.compile(r"[0-9+() 、,;转-]{3,60}")
_LISTED = re.compile(r"[;;、,,\s]+")


@dataclass(frozen=True)
class Known:
    """What a file may name: the site's divisions, categories and offices, by code or by name."""

    divisions: Mapping[str, str]
    categories: Mapping[str, str]
    directory: Directory

    def division(self, word: str) -> str:
        return _meant(word, self.divisions, "区划", "12位区划代码")

    def category(self, word: str) -> str:
        return _meant(word, self.categories, "内容分类", "分类编号")

    def office(self, word: str) -> str:
        names = {office.id: office.name for office in self.directory}
        if word in names:
            return word
        short = [office.id for office in self.directory if office.short_name == word]
        return short[0] if len(short) == 1 else _meant(word, names, "单位", "单位编号")


class _Faults:
    """All that is wrong with one line, so that it is mended at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def of(self, read: Callable[..., Any], *args: Any) -> Any:
        """What `read` makes of its arguments; None, and its fault kept, where it refuses."""
        try:
            return read(*args)
        except ValueError as error:
            self.found.append(str(error))
            return None

    def raised(self) -> None:
        if self.found:
            raise ValueError("\n".join(self.found))


# -- offices ---------------------------------------------------------------------------------------


def offices(content: bytes, known: Known) -> list[dict[str, Any]]:
    """The offices of a file as rows of the directory. What stands and is not in the file stays.

    Raises Unreadable with every fault of every line, and of the tree that they would make.
    """
    found = sheet.read(
        content,
        OFFICES,
        lambda cells: _office(cells, known),
        lambda office: (office["id"], f"单位编号{office['id']}与前面的行不一致"),
        DETAILS,
    )
    merged = {office.id: _values(office) for office in known.directory}
    merged |= {values["id"]: values for values in found}
    if faults := _tree_faults(found, merged, known.directory):
        raise Unreadable(faults)
    return found


def _office(cells: dict[str, str], known: Known) -> dict[str, Any]:
    faults = _Faults()
    values = {
        "id": faults.of(_identified, cells["单位编号"]),
        "name": faults.of(_named, cells, "名称", 80),
        "short_name": faults.of(_named, cells, "简称" if cells["简称"] else "名称", 40),
        "parent": cells["上级"] or None,
        "division": faults.of(known.division, cells["区划"]),
        "level": faults.of(_word, cells, "级别", LEVELS),
        "kind": faults.of(_word, cells, "类别", KINDS),
        "categories": faults.of(_each, cells["内容分类"], known.category) or [],
        "body_levels": faults.of(_each, cells["被反映单位级别"], _body_level) or [],
        "address": cells["地址"][:200] or None,
        "phone": faults.of(_phone, cells["电话"]),
        "hours": cells["办公时间"][:100] or None,
        "threshold": faults.of(_share, cells["自动分流把握"]),
        "valid_from": faults.of(_day, cells, "设立日期"),
        "valid_to": faults.of(_day, cells, "撤销日期"),
        "successors": _listed(cells["承继单位"]),
    }
    faults.raised()
    for name in ("valid_from", "valid_to"):
        values[name] = clock.midnight(values[name]) if values[name] else None
    standing = known.directory.get(values["id"])
    if standing and _local(standing.valid_from) == _local(values["valid_from"]):
        values["valid_from"] = standing.valid_from  # a file tells the day, not the hour
    return values


def _tree_faults(
    found: Sequence[dict[str, Any]], merged: Mapping[str, dict[str, Any]], before: Directory
) -> list[str]:
    """What is wrong with the directory that a file would make."""
    faults = []
    for values in found:
        id_, known = values["id"], before.get(values["id"])
        faults += [
            f"{id_}:目录中没有上级或者承继单位{other}"
            for other in (values["parent"], *values["successors"])
            # one of a higher body has its superior elsewhere; `petition offices put` says so
            if other and other not in merged and (known is None or other != known.parent)
        ]
        if _circular(id_, merged):
            faults.append(f"{id_}:上级关系成环")
        if known is not None and known.valid_to != values["valid_to"]:
            faults.append(f"{id_}:撤销单位请在“机构”页面登记,文件不能改变撤销日期")
    tops = [v["id"] for v in merged.values() if v["kind"] == "petition_office" and not v["parent"]]
    if len(tops) > 1:
        faults.append(f"本站只能有一个没有上级的信访部门,现有{'、'.join(sorted(tops))}")
    if not tops:
        faults.append("本站须有一个没有上级的信访部门")
    return faults


def _circular(id_: str, merged: Mapping[str, dict[str, Any]]) -> bool:
    seen: set[str] = set()
    at: str | None = id_
    while at and at in merged:
        if at in seen:
            return True
        seen.add(at)
        at = merged[at]["parent"]
    return False


def offices_file(directory: Directory, format_: str) -> bytes:
    """The directory as a file that can be read again."""
    kinds, levels = _turned(KINDS), _turned(LEVELS)
    rows = [
        {
            "单位编号": o.id, "名称": o.name, "简称": o.short_name, "上级": o.parent, "区划": o.division,
            "级别": levels.get(o.level, o.level), "类别": kinds.get(o.kind, o.kind),
            "内容分类": ";".join(o.categories), "被反映单位级别": ";".join(levels[x] for x in o.body_levels),
            "地址": o.address, "电话": o.phone, "办公时间": o.hours,
            "自动分流把握": o.threshold, "设立日期": _local(o.valid_from), "撤销日期": _local(o.valid_to),
            "承继单位": ";".join(o.successors),
        }
        for o in sorted(directory, key=lambda office: office.id)
    ]  # fmt: skip
    return sheet.write((*OFFICES, *DETAILS), rows, format_)


def _values(office: Office) -> dict[str, Any]:
    return {"id": office.id, "parent": office.parent, "kind": office.kind}


# -- rules -----------------------------------------------------------------------------------------


def rules(content: bytes, known: Known) -> list[Rule]:
    """The rules of a file: all that hold from its import on.

    Raises Unreadable with every fault, and for rules of which two would say the same question differently.
    """
    found = sheet.read(
        content,
        RULES,
        lambda cells: _rule(cells, known),
        lambda rule: (rule.id, f"规则编号{rule.id}与前面的行重复"),
    )
    clashes = [
        f"规则{one.id}与{other.id}的范围相同,期间重叠"
        for n, one in enumerate(found)
        for other in found[:n]
        if one.scope == other.scope and one.overlaps(other)
    ]
    if clashes:
        raise Unreadable(clashes)
    return found


def _rule(cells: dict[str, str], known: Known) -> Rule:
    faults = _Faults()

    def office(word: str) -> str:
        return PLACE if word == "属地" else known.office(word)

    made = {
        "id": faults.of(_identified, cells["规则编号"]),
        "division": faults.of(known.division, cells["区划"]),
        "category": faults.of(known.category, cells["内容分类"]) if cells["内容分类"] else None,
        "level": faults.of(_body_level, cells["被反映单位级别"])
        if cells["被反映单位级别"]
        else None,
        "principle": faults.of(_word, cells, "原则", PRINCIPLES),
        "lead": faults.of(office, cells["主办单位"]),
        "assisting": tuple(faults.of(_each, cells["协办单位"], office) or ()),
        "assist_days": faults.of(_days, cells["协办天数"]),
        "valid_from": faults.of(_day, cells, "启用日期"),
        "valid_to": faults.of(_day, cells, "停用日期"),
        "ground": faults.of(_named, cells, "依据", 200),
    }
    if not cells["启用日期"]:
        faults.found.append("启用日期须填写")
    faults.raised()
    rule = Rule(**made)
    if rule.valid_to and rule.valid_to <= rule.valid_from:
        raise ValueError("停用日期须晚于启用日期")
    if rule.lead in rule.assisting:
        raise ValueError("协办单位不能与主办单位相同")
    return rule


def rules_file(found: Iterable[Rule], format_: str) -> bytes:
    """The rules as a file that can be read again."""
    levels, principles = _turned(LEVELS), _turned(PRINCIPLES)

    def office(id_: str) -> str:
        return "属地" if id_ == PLACE else id_

    rows = [
        {
            "规则编号": r.id, "区划": r.division, "内容分类": r.category,
            "被反映单位级别": levels[r.level] if r.level else "", "原则": principles[r.principle],
            "主办单位": office(r.lead), "协办单位": ";".join(office(o) for o in r.assisting),
            "协办天数": r.assist_days, "启用日期": r.valid_from, "停用日期": r.valid_to, "依据": r.ground,
        }
        for r in found
    ]  # fmt: skip
    return sheet.write(RULES, rows, format_)


# -- trials ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A question, the day of its rules, and the answer that is expected; `office` None: a person chooses."""

    asked: Question
    on: date
    office: str | None
    assisting: frozenset[str] | None

    def fits(self, found: Choice) -> bool:
        helped = self.assisting is None or self.assisting == set(found.assisting)
        return found.office == self.office and helped


def case(cells: dict[str, str], known: Known) -> Case:
    """One line of a table of expected outcomes. Raises ValueError."""
    faults = _Faults()

    def of(column: str, read: Callable[[str], str]) -> str | None:
        found: str | None = faults.of(read, cells[column]) if cells[column] else None
        return found

    asked = Question(
        faults.of(known.division, cells["区划"]) or "",
        of("内容分类", known.category),
        of("被反映单位级别", _body_level),
        of("被反映单位", known.office),
    )
    on = faults.of(_day, cells, "日期") or clock.local_date(clock.now())
    office = None if cells["承办单位"] == "人工" else faults.of(known.office, cells["承办单位"])
    helped = faults.of(_each, cells["协办单位"], known.office)
    faults.raised()
    return Case(asked, on, office, frozenset(helped) if cells["协办单位"] else None)


# -- cells -----------------------------------------------------------------------------------------


def _meant(word: str, names: Mapping[str, str], what: str, advice: str) -> str:
    """The id of what a cell names, by id or by name."""
    if word in names:
        return word
    found = [id_ for id_, name in names.items() if name == word] if word else []
    if not found:
        raise ValueError(f"没有{what}「{word[:40]}」")
    if len(found) > 1:
        raise ValueError(f"有{len(found)}个{what}名为「{word[:40]}」,请写{advice}")
    return found[0]


def _identified(word: str) -> str:
    if not _ID.fullmatch(word):
        raise ValueError(f"编号「{word[:40]}」须为字母、数字和 - . _,至多64位")
    return word


def _named(cells: dict[str, str], column: str, most: int) -> str:
    if not cells[column] or len(cells[column]) > most:
        raise ValueError(f"{column}须为1至{most}字")
    return cells[column]


def _word(cells: dict[str, str], column: str, table: Mapping[str, str]) -> str:
    if cells[column] not in table:
        raise ValueError(f"{column}「{cells[column][:40]}」须为{'、'.join(table)}之一")
    return table[cells[column]]


def _body_level(word: str) -> str:
    if word not in LEVELS:
        raise ValueError(f"被反映单位级别「{word[:40]}」须为{'、'.join(LEVELS)}之一")
    return LEVELS[word]


def _each(cell: str, read: Callable[[str], str]) -> list[str]:
    return list(dict.fromkeys(read(word) for word in _listed(cell)))


def _listed(cell: str) -> list[str]:
    return [word for word in _LISTED.split(cell) if word]


def _phone(cell: str) -> str | None:
    if cell and not _PHONE.fullmatch(cell):
        raise ValueError(f"电话「{cell[:40]}」不是电话号码")
    return cell or None


def _share(cell: str) -> float | None:
    if not cell:
        return None
    try:
        share = float(cell)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"自动分流把握「{cell[:40]}」须为0至1,0表示一律人工分流")
    return share


def _days(cell: str) -> int:
    if cell and not (cell.isascii() and cell.isdecimal() and 1 <= int(cell) <= 365):
        raise ValueError(f"协办天数「{cell[:40]}」须为1至365")
    return int(cell) if cell else ASSIST_DAYS


def _day(cells: dict[str, str], column: str) -> date | None:
    cell = cells[column]
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError:
        raise ValueError(f"{column}「{cell[:40]}」须为 2027-01-01 的形式") from None


def _local(instant: Any) -> date | None:
    return clock.local_date(instant) if instant else None


def _turned(table: Mapping[str, str]) -> dict[str, str]:
    return {code: word for word, code in table.items()}
