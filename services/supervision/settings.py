"""What a site sets itself, from files that an office keeps in a spreadsheet: the days that are not what their
weekday says, and its own limits as dated data. What the law sets is not the site's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from kit import clock, sheet
from kit.jobs import enqueue
from kit.sheet import Unreadable
from kit.unit import Unit
from supervision import calendars
from supervision.domain.clocks import BASED, LAW, Rule, Unchangeable, version
from supervision.store import calendar_day, rule

RESCHEDULE = "reschedule"
SETTLING = timedelta(seconds=15)
"""Services read the calendar anew within ten seconds; deadlines are moved after that."""
DAYS = ("日期", "类型", "名称")
LIMITS = ("种类", "期限", "单位", "预警", "启用日期")
KINDS = {"班": True, "上班": True, "调休": True, "休": False, "放假": False, "休息": False}
UNITS = {"日": "day", "工作日": "working", "个工作日": "working", "小时": "hour"}


@dataclass(frozen=True)
class Day:
    """One day of a file."""

    day: date
    working: bool
    name: str


def days(content: bytes) -> list[Day]:
    """The days of a CSV file with the columns 日期, 类型 (班 or 休) and 名称. Raises Unreadable."""
    return sheet.read(content, DAYS, _day, lambda day: (day.day, f"{day.day} 与前面的行不一致"))


def limits(content: bytes) -> list[Rule]:
    """The limits of a CSV file: 种类 is the kind or its Chinese name. Raises Unreadable with every fault."""
    return sheet.read(
        content,
        LIMITS,
        _limit,
        lambda rule: ((rule.kind, rule.valid_from), f"{rule.zh}在{rule.valid_from}有两个期限"),
    )


def _day(row: dict[str, str]) -> Day:
    kind, name = row["类型"], row["名称"]
    if kind not in KINDS:
        raise ValueError(f"类型「{kind}」须为「班」或「休」")
    if not name or len(name) > 40:
        raise ValueError("名称须为1至40字")
    return Day(_date(row, "日期"), KINDS[kind], name)


def _limit(row: dict[str, str]) -> Rule:
    meant = [kind for kind, rule in BASED.items() if rule.zh == row["种类"]] or [row["种类"]]
    if len(meant) > 1:
        raise ValueError(f"「{row['种类']}」有几种,请写其中之一:{'、'.join(meant)}")
    since = _date(row, "启用日期")
    if not row["期限"].isdecimal() or not (row["预警"] or "0").isdecimal():
        raise ValueError("期限和预警须为数字")
    if row["单位"] not in UNITS:
        raise ValueError(f"单位「{row['单位']}」须为「日」「工作日」或「小时」")
    length, warn = int(row["期限"]), int(row["预警"] or "0")
    try:
        return version(meant[0], since, length, UNITS[row["单位"]], warn)
    except Unchangeable as error:
        raise ValueError(str(error)) from None


def _date(row: dict[str, str], column: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        raise ValueError(f"{column}「{row[column]}」须为 2027-01-01 的形式") from None


# -- taken over ------------------------------------------------------------------------------------


def take_days(unit: Unit, found: list[Day], source: str) -> int:
    """Takes days over into the calendar; a job moves open deadlines. Returns how many were new or changed."""
    cursor = unit.store.cursor  # type: ignore[attr-defined]
    cursor.execute(f"SELECT day, working, name FROM {calendar_day.fullname}")
    known = {day: (working, name) for day, working, name in cursor.fetchall()}
    fresh = [d for d in found if known.get(d.day) != (d.working, d.name)]
    for day in fresh:
        cursor.execute(
            f"INSERT INTO {calendar_day.fullname} (day, working, name, source, imported_at)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (day) DO UPDATE SET working = excluded.working,"
            " name = excluded.name, source = excluded.source, imported_at = excluded.imported_at",
            (day.day, day.working, day.name, source, unit.now),
        )
    if fresh:
        enqueue(unit, RESCHEDULE, run_at=clock.now() + SETTLING)
    return len(fresh)


def take_limits(unit: Unit, found: list[Rule], source: str) -> int:
    """Takes limits over. Returns how many were new. A duty that is open keeps the rule that it began under,
    so a version that is in force already is not rewritten.

    Errors: Unreadable for a limit that would begin in the past.
    """
    cursor = unit.store.cursor  # type: ignore[attr-defined]
    cursor.execute(f"SELECT kind, valid_from, length, unit, warn FROM {rule.fullname}")
    known = {(kind, since): tuple(rest) for kind, since, *rest in cursor.fetchall()}
    fresh = [r for r in found if known.get((r.kind, r.valid_from)) != _figures(r)]
    today = clock.local_date(unit.now)
    if late := [r for r in fresh if r.valid_from < today]:
        raise Unreadable([f"{r.zh}:启用日期{r.valid_from}已过,不能改变过去的期限" for r in late])
    for item in fresh:
        cursor.execute(
            f"INSERT INTO {rule.fullname} (kind, valid_from, length, unit, warn, source, imported_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (kind, valid_from) DO UPDATE SET"
            " length = excluded.length, unit = excluded.unit, warn = excluded.warn,"
            " source = excluded.source, imported_at = excluded.imported_at",
            (item.kind, item.valid_from, *_figures(item), source, unit.now),
        )
    return len(fresh)


def _figures(rule: Rule) -> tuple[int, str, int]:
    assert rule.length is not None
    return rule.length, rule.unit, rule.warn


# -- shown -----------------------------------------------------------------------------------------


def all_limits(connection: Connection) -> list[dict[str, Any]]:
    """Every kind of limit as it is built in, whether the site may change it, and the site's own versions."""
    own = calendars.limits(connection)
    return [
        _shown(item)
        | {
            "kind": kind,
            "name": item.zh,
            "ground": item.ground,
            "fixed": item.basis == LAW or item.length is None,
            "versions": [
                _shown(v) | {"since": v.valid_from.isoformat()} for v in own if v.kind == kind
            ],
        }
        for kind, item in BASED.items()
    ]


def _shown(item: Rule) -> dict[str, Any]:
    return {"length": item.length, "unit": item.unit, "warn": item.warn}


def year(connection: Connection, of: int) -> dict[str, Any]:
    """The days of a year that are not what their weekday says, and whether its holidays are known."""
    calendar = calendars.read(connection)
    special = [
        asdict(Day(day, working, name)) | {"day": day.isoformat()}
        for day, (working, name) in sorted(calendar.special.items())
        if day.year == of
    ]
    return {"year": of, "known": of <= calendar.known_through, "days": special}
