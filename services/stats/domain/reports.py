"""报告: which lines and tables a report has, over which periods, and who may do what to it when.

Lines that a monthly return has too are the very same (`stats.domain.returns`): those of higher levels are the sums of
the signed returns of the period, counted there or entered by hand, and blank where none says anything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from stats.domain.disclosure import masked
from stats.domain.indicators import INDICATORS
from stats.domain.periods import MONTHS, Period
from stats.domain.returns import ITEMS, SELF, Item, Refused

KINDS = tuple(MONTHS)
"""月、季、半年、年."""
DRAWN, ISSUED = "drawn", "issued"


def _of(what: str, **where: str) -> Item:
    """A line that an indicator counts, by its own name."""
    known = INDICATORS[what]
    return Item(what, known.name, known.unit, what, where)


def _channel(channel: str, name: str) -> Item:
    return Item(channel, name, "件次", "registered", {"channel": channel})


def _sized(id: str, name: str, what: str, size: str) -> Item:
    """A line of the individual or the joint visits alone."""
    return Item(id, name, INDICATORS[what].unit, what, {"size": size})


def _here(item: Item) -> Item:
    """本级: what the offices of the site received, not those above it."""
    return replace(item, where={**item.where, "level": "here"})


BULLETINS = Item("bulletins", "编发简报", "期")
"""What is counted of the office's own bulletins."""
SECTIONS: dict[str, tuple[Item, ...]] = {
    "总量": (_of("registered"), _of("heads"), _of("matter"), _of("repeated"), _of("repeat_rate")),
    "信访形式": (
        ITEMS["letter"], ITEMS["visit"], ITEMS["visit_heads"], _of("online"), _of("online_share"),
        _channel("call", "来电"), _channel("proxy", "代办、陪访"),
    ),
    "批次和人次": (
        _sized("visits_single", "个访", "visit", "single"),
        _sized("heads_single", "个访人次", "visit_heads", "single"),
        _sized("average_single", "个访平均每批人次", "persons_per_visit", "single"),
        _sized("visits_joint", "集体访", "visit", "joint"),
        _sized("heads_joint", "集体访人次", "visit_heads", "joint"),
        _sized("average_joint", "集体访平均每批人次", "persons_per_visit", "joint"),
        _of("persons_per_visit"),
    ),
    "走访": (
        _here(ITEMS["visit_here"]), ITEMS["visit_city"], ITEMS["visit_province"], ITEMS["visit_capital"],
        _here(ITEMS["joint_here"]), _here(Item("joint_heads", "本级集体访人次", "人次", "visit_heads", {"size": "joint"})),
        ITEMS["joint_city"], ITEMS["joint_above"],
    ),
    "办理": (
        _of("assigned"), ITEMS["accepted"], _of("declined"), ITEMS["answered"], ITEMS["closed"], ITEMS["open"],
        ITEMS["missed"], _of("extended"), _of("review_requested"), _of("review_decided"),
    ),
    "及时和质量": tuple(
        _of(what)
        for what in (
            "timely_sender", "timely_body", "answered_on_time", "closed_on_time", "participation",
            "satisfied_sender", "satisfied_body", "average_days_to_accept", "average_days_to_answer",
            "sent_back_rate", "bounce_rate", "review_rate", "overturned_share",
        )
    ),
    "信息": (_of("urgent"), BULLETINS),
}  # fmt: skip
LINES: dict[str, Item] = {item.id: item for items in SECTIONS.values() for item in items}
assert len(LINES) == sum(map(len, SECTIONS.values()))
OWN_WORK = tuple(item.id for item in SECTIONS["办理"] if ITEMS.get(item.id) is item)
"""办理, as a return tells it: the work of the site's own offices."""
DONE_HERE = frozenset(ITEMS[id].what for id in OWN_WORK)
"""The indicators of these lines: wherever a report tells one, it tells the same."""
BY_HAND = tuple(id for id, item in LINES.items() if SELF not in item.at)
"""到上级机关走访: what only a return tells."""


@dataclass(frozen=True)
class Breakdown:
    """A table of a report: figures by one dimension.

    Args:
        columns: the indicators that are its columns.
        compared: with a year ago and with the period before.
        shares: whether each row has its share of the whole, its rank, and the rank before.
    """

    title: str
    by: str
    columns: tuple[str, ...] = ("registered",)
    compared: bool = False
    shares: bool = False


BREAKDOWNS: dict[str, Breakdown] = {
    "topics": Breakdown("内容分类（一级）", "topic", compared=True, shares=True),
    "categories": Breakdown("内容分类", "category", compared=True, shares=True),
    "channels": Breakdown("信访形式", "channel", compared=True, shares=True),
    "levels": Breakdown("接待机关层级", "level", ("household",), compared=True),
    "offices": Breakdown(
        "单位", "office",
        ("registered", "assigned", "accepted", "answered", "case_closed", "open", "missed", "timely_body",
         "answered_on_time", "closed_on_time"),
    ),
    "months": Breakdown("月份", "month", ("registered", "case_closed")),
}  # fmt: skip


def headed(names: Collection[str]) -> list[dict[str, Any]]:
    """The heads of tables: titles, by what, and the indicators that are the columns."""
    return [
        {
            "id": name, "title": one.title, "by": one.by, "compared": one.compared, "shares": one.shares,
            "columns": [{"id": what, "name": INDICATORS[what].name, "unit": INDICATORS[what].unit} for what in one.columns],
        }
        for name, one in BREAKDOWNS.items()
        if name in names
    ]  # fmt: skip


def defined() -> tuple[str, ...]:
    """Every indicator that stands in a report: what the annex of definitions tells."""
    named = [item.what for item in LINES.values() if item.what]
    named += [what for one in BREAKDOWNS.values() for what in one.columns]
    return tuple(dict.fromkeys(named))


def outside(item: str, n: int | None) -> int | None:
    """A line as outside subscribers get it: of persons and what they brought, fewer than five are told to nobody there."""
    return n if item == BULLETINS.id else masked(n)


# -- names -----------------------------------------------------------------------------------------

_QUARTERS = "一二三四"
_HALVES = ("上半年", "下半年")
FORMS = {"month": "月度", "quarter": "季度", "half": "半年", "year": "年度"}
"""What the form of a kind is called."""


def named(period: Period) -> str:
    """2026年3月, 2026年第一季度, 2026年上半年, 2026年."""
    year, month = period.since.year, period.since.month
    part = {
        "month": f"{month}月",
        "quarter": f"第{_QUARTERS[(month - 1) // 3]}季度",
        "half": _HALVES[month > 6],
        "year": "",
    }
    return f"{year}年{part[period.kind]}"


def titled(period: Period) -> str:
    """2026年第一季度信访工作情况报告."""
    return f"{named(period)}信访工作情况报告"


def id_of(office: str, period: Period) -> str:
    """`330282-xfj.report-2026-Q1`."""
    return f"{office}.report-{period.text.partition(':')[2]}"


# -- who may do what, when -------------------------------------------------------------------------


def check_period(period: Period, today: date) -> None:
    """A month, quarter, half-year or year is reported when it is over."""
    if period.kind not in KINDS:
        raise Refused("period-unfit", "报告只有月、季、半年、年四种周期。", "Reports are of a month, quarter, half-year or year.",
                      "period", None, 422)  # fmt: skip
    if today <= period.until:
        raise Refused("period-not-over", f"{named(period)}尚未结束,不能编制报告。", "The period is not over.", "period", None, 422)  # fmt: skip


def check_drawing(state: str | None) -> None:
    """An issued report is never changed; one that is not may be drawn up again."""
    if state == ISSUED:
        raise Refused("report-issued", "该报告已印发,不能重新编制。", "This report was issued; it does not change.")  # fmt: skip


def check_seen(state: str | None, newest: int, version: int) -> None:
    """What is done to a report is done to what was seen: its newest version, not issued yet."""
    if state is None:
        raise Refused("report-missing", "该报告尚未编制。", "This report was not drawn up.", None, None, 404)  # fmt: skip
    check_drawing(state)
    if version != newest:
        raise Refused("report-redrawn", f"该报告已重新编制(第{newest}稿),请核对后再印发。",
                      "It was drawn up again meanwhile; look at the newest version.", "version")  # fmt: skip


def check_issuing(state: str | None, newest: int, version: int, printed: bool) -> None:
    """What is issued is what was seen, printed."""
    check_seen(state, newest, version)
    if not printed:
        raise Refused("report-not-printed", "报告文件尚未生成,不能印发。", "Its files are not there yet.", "version")  # fmt: skip
