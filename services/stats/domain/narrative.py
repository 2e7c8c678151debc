"""The words of a report: paragraphs in the style of a work summary, made of its frozen figures alone.

A figure that is missing is said to be missing; what has no base is compared with nothing. Visits to a higher level
are told by the level of the office that received them, and judge nobody. Offices are not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from stats.domain.change import EQUAL, NO_BASE
from stats.domain.editions import OPEN
from stats.domain.periods import Period
from stats.domain.reports import named

Row = Mapping[str, Any]
"""A line or a row of a table as it is frozen: `name`, `unit`, `value`, `bases`, `year_on_year`, `on_previous`."""
COMPARED = {"year_on_year": ("同比", "上年同期"), "on_previous": ("环比", "上期")}
TOPICS = 5
"""So many topics are named; the table has them all."""


@dataclass(frozen=True)
class Told:
    """What a report is written of.

    Args:
        area: whom it is about (本地区, 本单位). period: 2026年第一季度.
        lines: by id. topics: ranked, the most first. series: bulletins by name and how many of them.
    """

    area: str
    period: str
    lines: Mapping[str, Row]
    topics: Sequence[Row] = ()
    series: Sequence[tuple[str, int]] = ()
    missing: Sequence[date] = ()

    def of(self, *ids: str) -> list[Row]:
        """These lines."""
        return [self.lines[id] for id in ids]


def overview(told: Told) -> list[str]:
    """总体情况."""
    whole, heads = told.of("registered", "heads")
    if missing(whole):
        return [f"{told.period}，{told.area}没有信访数据。"]
    first = f"{told.period}，{told.area}共登记群众信访{figure(whole)}、{figure(heads)}"
    changes = "，".join(filter(None, (change(whole, name) for name in COMPARED)))
    sentence = "，".join(filter(None, (first, changes))) + "。"
    return [sentence, f"其中{clauses(told.of('matter', 'repeated', 'repeat_rate'))}。"]


def by_form(told: Told) -> list[str]:
    """来信、来访、网上、来电."""
    lines = told.of("letter", "visit", "online", "call", "proxy", "online_share")
    return [f"从信访形式看，{clauses(lines)}。"]


def by_level(told: Told) -> list[str]:
    """走访, in batches and persons, and by the level of the office that received it; 集体访 apart."""
    sizes = told.of(
        "visits_single", "heads_single", "average_single", "visits_joint", "heads_joint", "average_joint",
        "persons_per_visit",
    )  # fmt: skip
    visits = told.of("visit_here", "visit_city", "visit_province", "visit_capital")
    joint = told.of("joint_here", "joint_heads", "joint_city", "joint_above")
    return [
        *_known("从来访规模看，", sizes),
        *_known("从接待机关的层级看，", visits),
        *_known("集体访中，", joint),
        "走访按接待机关层级如实统计，不作为对任何单位、个人的评价。",
    ]


def topics(told: Told) -> list[str]:
    """热点: what comes most often."""
    known = [row for row in told.topics if row["numerator"]]
    if not known:
        return [f"{told.period}没有按内容分类的信访数据。"]
    named = [_topic(row) for row in known[:TOPICS]]
    others = known[TOPICS:]
    n = sum(row["numerator"] for row in others)
    rest = f"其他{len(others)}类合计{n}件次。" if others else ""
    return [f"反映较多的问题依次是：{'；'.join(named)}。{rest}"]


def handling(told: Told) -> list[str]:
    """办理, and how much of it in time and to people's satisfaction."""
    steps = told.of("assigned", "accepted", "declined", "answered", "closed", "open", "missed")
    timely = told.of("timely_sender", "timely_body", "answered_on_time", "closed_on_time")
    rated = told.of("participation", "satisfied_sender", "satisfied_body")
    review = told.of("review_requested", "review_decided", "overturned_share")
    return [
        f"{told.period}，{clauses(steps)}。",
        *_known("从及时情况看，", timely),
        *_known("从群众评价看，", rated),
        *_known("从复查复核看，", review),
    ]


def information(told: Told) -> list[str]:
    """简报 and urgent reports."""
    urgent = f"报告重大、紧急信访事项{figure(told.lines['urgent'])}" if told.lines["urgent"]["numerator"] else "没有需要报告的重大、紧急信访事项"  # fmt: skip
    named = "、".join(f"{_titled(name)}{n}期" for name, n in told.series if n)
    return [f"{f'编发{named}；' if named else ''}{urgent}。"]


def notes(told: Told, taken_on: date, edition: str) -> list[str]:
    """How the figures came about, for whoever reads them."""
    found = [
        f"数据于{spoken(taken_on)}提取并固定，此后的更正不改变本报告。",
        "同比、环比保留一位小数；没有可比数据的记为“—”，缺报的数据为空，不作零计。",
    ]
    found.append(_of_returns(told))
    if edition == OPEN:
        found.append(
            "依照《信访工作条例》第三十条、第四十六条，须对有关单位保密的信访件不计入本报告。"
        )
    return found


def _of_returns(told: Told) -> str:
    """Where the lines of higher levels come from, and what they lack: offices that did not sign, months left blank."""
    parts = ["到上级机关走访的各项取自已签发的月报之和"]
    if told.missing:
        parts.append(f"{_months(told.missing)}的月报尚未报齐，缺报的项目不参与比较")
    for row in told.lines.values():
        if blank := [date.fromisoformat(month) for month in row.get("blank", ())]:
            parts.append(f"{row['name']}{_months(blank)}没有填报，不作合计")
    return f"{'；'.join(parts)}。"


def _months(months: Iterable[date]) -> str:
    return "、".join(f"{month.year}年{month.month}月" for month in months)


def written(frozen: Mapping[str, Any], period: Period, edition: str) -> dict[str, list[str]]:
    """All paragraphs of a report, by what they are about."""
    topics_of = [
        {"name": row["name"], **row["figures"]["registered"]} for row in frozen["tables"]["topics"]
    ]
    told = Told(
        frozen["area"],
        named(period),
        {row["id"]: row for row in frozen["lines"]},
        topics_of,
        [(row["name"], row["n"]) for row in frozen["series"]],
        [date.fromisoformat(month) for month in frozen["missing"]],
    )
    parts = (overview, by_form, by_level, topics, handling, information)
    taken_on = date.fromisoformat(frozen["taken_on"])
    return {part.__name__: part(told) for part in parts} | {"notes": notes(told, taken_on, edition)}


# -- clauses ---------------------------------------------------------------------------------------


def clauses(rows: Iterable[Row]) -> str:
    """来信51件次，同比上升37.8%；来访181批次，同比上升18.3%."""
    return "；".join(map(clause, rows))


def clause(row: Row) -> str:
    """One figure and how it stands against a year ago, or where that is not known, against the period before."""
    if missing(row):
        return f"{row['name']}暂缺"
    parts = (f"{row['name']}{figure(row)}", change(row) or change(row, "on_previous"))
    return "，".join(filter(None, parts))


def figure(row: Row) -> str:
    """51件次; 98.2%（56/57）: a rate with what it is made of."""
    told = f"{row['value']}{row['unit']}"
    return f"{told}（{row['numerator']}/{row['denominator']}）" if row["denominator"] and row["unit"] == "%" else told  # fmt: skip


def change(row: Row, against: str = "year_on_year") -> str:
    """同比上升22.1%, 同比持平, 上年同期为0; nothing where there is nothing to compare with."""
    how, when = COMPARED[against]
    said, base = row[against], (row["bases"].get(against) or {}).get("value")
    if said == EQUAL:
        return f"{how}持平"
    if said == NO_BASE:
        return f"{when}为0" if base == "0" and row["numerator"] else ""
    size = said.lstrip("+-")
    if size.startswith("0%"):
        return f"{how}基本持平"
    return f"{how}{'下降' if said.startswith('-') else '上升'}{size}"


def missing(row: Row) -> bool:
    """Whether there is no figure, which is not nought."""
    return bool(row["value"] == NO_BASE)


def spoken(day: date) -> str:
    """2026年3月2日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _known(opening: str, rows: Sequence[Row]) -> Iterator[str]:
    """The figures that there are, and by name those that there are not."""
    known = [row for row in rows if not missing(row)]
    absent = "、".join(row["name"] for row in rows if missing(row))
    if known:
        yield f"{opening}{clauses(known)}{f'；{absent}暂缺' if absent else ''}。"
    elif absent:
        yield f"{absent}暂缺。"


def _topic(row: Row) -> str:
    against = change(row) or change(row, "on_previous")
    parts = (f"{row['name']}{row['value']}件次", f"占{row['share']}%", against)
    return "，".join(filter(None, parts))


def _titled(name: str) -> str:
    return name if name.startswith("《") else f"《{name}》"
