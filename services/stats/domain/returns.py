"""月报: what a monthly return holds, what must add up in it, and who may do what to it when.

A figure that is missing is blank, never nought: what only a higher office knows (到市、赴省、进京 visits) is entered
by hand, or stays blank. Where the site's directory has offices of a higher level, what they registered is counted, in
the return of the site's own petition office alone: told once, by the level of the office that received it, and divided
among no places and no bodies, so that it is nobody's blame. Those offices report elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from stats.domain.editions import OPEN, OWN
from stats.domain.periods import covering
from stats.domain.refusal import Refused as Refused
from stats.domain.windows import Window, window

Figures = Mapping[str, int | None]


SELF = "own"
HIGHER = ("city", "province", "nation")
"""到市、赴省、进京: levels of offices that may stand above a site."""
EVERYWHERE = (SELF, *HIGHER)


@dataclass(frozen=True)
class Item:
    """One line of a return.

    Args:
        what: the indicator that it is counted by, if by any. where: what else must hold.
        at: whose it is: the reporting office's own, and of which higher levels.
        stock: how it stood at the end; of several months, at the last one's.
    """

    id: str
    name: str
    unit: str
    what: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    at: tuple[str, ...] = (SELF,)
    stock: bool = False


_JOINT = {"size": "joint"}
_ALL = (
    Item("registered", "信访总量", "件次", "registered", at=EVERYWHERE),
    Item("letter", "来信", "件次", "registered", {"channel": "letter"}, EVERYWHERE),
    Item("online", "网上信访", "件次", "online", at=EVERYWHERE),
    Item("call", "来电", "件次", "registered", {"channel": "call"}, EVERYWHERE),
    Item("visit", "来访", "批次", "visit", at=EVERYWHERE),
    Item("visit_here", "本级来访", "户次", "household"),
    Item("visit_city", "到市访", "户次", "household", at=("city",)),
    Item("visit_province", "赴省访", "户次", "household", at=("province",)),
    Item("visit_capital", "进京访", "户次", "household", at=("nation",)),
    Item("joint_here", "本级集体访", "批次", "visit", _JOINT),
    Item("joint_city", "到市集体访", "批次", "visit", _JOINT, ("city",)),
    Item("joint_above", "进京赴省集体访", "批次", "visit", _JOINT, ("province", "nation")),
    Item("visit_heads", "来访人次", "人次", "visit_heads", at=EVERYWHERE),
    Item("repeated", "重复信访件", "件次", "repeated", at=EVERYWHERE),
    Item("urgent", "重大紧急信访报告", "件次", "urgent"),
    Item("accepted", "受理", "件次", "accepted"),
    Item("answered", "答复", "件次", "answered"),
    Item("closed", "办结", "件", "case_closed"),
    Item("missed", "超期", "件次", "missed"),
    Item("open", "期末在办", "件", "open", stock=True),
)
ITEMS: dict[str, Item] = {item.id: item for item in _ALL}
SUMS: dict[str, tuple[str, ...]] = {
    "visit": ("visit_here", "visit_city", "visit_province", "visit_capital"),
}
"""A line, and the lines that it is made of."""


@dataclass(frozen=True)
class Fault:
    """A line that is not what its parts come to."""

    item: str
    said: int
    parts: int

    @property
    def text(self) -> str:
        """来访 153,分项之和 155."""
        names = "、".join(ITEMS[part].name for part in SUMS[self.item])
        text = f"{ITEMS[self.item].name} {self.said},而{names}之和为 {self.parts}"
        return text + (UNITS if self.parts > self.said else "")


UNITS = "(来访按批次,分项按户次:一批来访有几户的,两数可以不同)"
"""More households than visits may be true; fewer cannot."""


def faults(figures: Figures) -> Iterator[Fault]:
    """What does not add up. Blank parts add nothing; where all are blank nothing can be said."""
    for total, parts in SUMS.items():
        said, known = figures.get(total), [n for p in parts if (n := figures.get(p)) is not None]
        if said is not None and known and sum(known) != said:
            yield Fault(total, said, sum(known))


def what_is_wrong(figures: Figures) -> list[str]:
    """The same in words."""
    return [fault.text for fault in faults(figures)]


def summed(returns: Sequence[Figures]) -> dict[str, int | None]:
    """The county's return: the sum of its offices'. A line that nobody has is blank."""
    found: dict[str, int | None] = {}
    for item in ITEMS:
        known = [n for figures in returns if (n := figures.get(item)) is not None]
        found[item] = sum(known) if known else None
    return found


@dataclass(frozen=True)
class Signed:
    """The signed monthly returns of a period.

    Args:
        months: each of its months in order, with each office's lines.
        owed: who reports in each month.
        sole: a line that one office alone tells (到市访 where it is counted) → that office.
    """

    months: Mapping[date, Mapping[str, Figures]]
    owed: Mapping[date, Collection[str]] = field(default_factory=dict)
    sole: Mapping[str, str] = field(default_factory=dict)

    def total(self, item: str) -> int | None:
        """What happened is added up, what stands (在办) is the last month's; None where none says anything."""
        said = [n for month in self._of(item) for n in self._said(item, month).values()]
        return sum(said) if said else None

    def whole(self, item: str) -> bool:
        """Whether everybody who tells it did in every month that it is made of: else it is compared with nothing, for
        the sum of some offices is less than that of all."""
        return all(self._complete(item, month) for month in self._of(item))

    def blank(self, item: str) -> list[date]:
        """Months in which nobody filled a line in that others fill in: its sum is of the rest alone."""
        found = [month for month in self._of(item) if not self._said(item, month)]
        return found if len(found) < len(self._of(item)) else []

    @property
    def missing(self) -> dict[date, int]:
        """The months that lack returns, and how many."""
        lacking = {month: set(self.owed.get(month, ())) - set(self.months[month]) for month in self.months}  # fmt: skip
        return {month: len(offices) for month, offices in lacking.items() if offices}

    def _of(self, item: str) -> list[date]:
        every = list(self.months)
        return every[-1:] if ITEMS[item].stock else every

    def _said(self, item: str, month: date) -> dict[str, int]:
        told = self.months[month].items()
        return {office: n for office, lines in told if (n := lines.get(item)) is not None}

    def _complete(self, item: str, month: date) -> bool:
        """A line entered by hand is filled in by whoever knows something; the others need only have signed."""
        said, owed = self._said(item, month), self.owed.get(month, ())
        if item in self.sole:
            return self.sole[item] in said
        told = said if SELF in ITEMS[item].at else self.months[month]
        return bool(said) and set(owed) <= set(told)


YEARS_BACK = 2
"""So far back a signed return is compared with what is counted today: who finds something still older writes it where
it belongs, in a report."""


def last_told(counted: Figures, since: Iterable[Mapping[str, int]]) -> dict[str, int | None]:
    """The lines of a signed return as they were last told: as they were counted, with what later ones said of them.
    What was corrected by hand is no part of it: it would be taken back as soon as it was counted again."""
    found = dict(counted)
    for lines in since:
        for item, n in lines.items():
            if (told := found.get(item)) is not None:
                found[item] = told + n
    return found


def differences(signed: Figures, now: Figures) -> dict[str, int]:
    """What of a locked return would be told otherwise today: it shows in the next one, and changes nothing."""
    found = {}
    for item in ITEMS:
        before, after = signed.get(item), now.get(item)
        if before is not None and after is not None and before != after:
            found[item] = after - before
    return found


# -- editions --------------------------------------------------------------------------------------


def corrected(counted: Mapping[str, int | None], value: int | None) -> dict[str, int | None]:
    """What a correction makes of a line, by edition: the value is that of the office itself. The open one changes by
    the same difference, so that what it leaves out stays left out.

    Args:
        counted: the line as it was counted, by edition.
    """
    own, open_ = counted[OWN], counted[OPEN]
    if value is None or own is None or open_ is None:
        return {OWN: value, OPEN: value}
    return {OWN: value, OPEN: max(0, open_ + value - own)}


# -- when it was due -------------------------------------------------------------------------------


def due_on(month: date, windows: Sequence[Window]) -> date:
    """The last day on which a return is in time (每月5日前); the month tells which window holds."""
    return covering("month", month).until + window(month, windows)


def days_late(due: date, today: date) -> int:
    """逾期: since how many days what is not signed should have been; 0 while it still may be."""
    return max(0, (today - due).days)


# -- who may do what, when -------------------------------------------------------------------------


def check_month(month: date, today: date) -> None:
    """A month is reported when it is over. `month` is its first day."""
    if month.day != 1:
        raise Refused("month-unfit", "月份须写其第一天。", "A month is named by its first day.", "month", None, 422)  # fmt: skip
    if today <= covering("month", month).until:
        raise Refused("month-not-over", "该月尚未结束,不能编制月报。", "The month is not over.", "month", None, 422)  # fmt: skip


def check_reports(higher: bool) -> None:
    """A higher office is known here for what it registered; it reports to its own superior."""
    if higher:
        raise Refused("reports-elsewhere", "上级机关的月报不在本站编制。",
                      "A higher office reports elsewhere.")  # fmt: skip


def check_unsigned(state: str | None) -> None:
    """A signed return is locked for good; what is found later shows in the next."""
    if state == "signed":
        raise Refused("return-locked", "该月报已签发锁定,不能改动;以后发现的差错在下一期月报中列明。",
                      "This return was signed and is locked; what is found later shows in the next.")  # fmt: skip


def check_drawn(state: str | None) -> None:
    """Only what was drawn up is signed."""
    if state is None:
        raise Refused("return-missing", "该月报尚未编制。", "This return was not drawn up.", None, None, 404)  # fmt: skip
    check_unsigned(state)


def check_edition(ended: bool, counted: Mapping[str, Figures]) -> None:
    """What an office drew up for itself may hold what its successor is barred from: that draws it up anew."""
    if ended and counted[OWN] != counted[OPEN]:
        raise Refused("return-outdated", "编制以后该单位已经撤销,请重新编制后再更正、签发。",
                      "The office was abolished since; draw its return up again.", "version")  # fmt: skip


def check_correction(item: str, now: int | None) -> None:
    """A line of the return, and a count."""
    if item not in ITEMS:
        raise Refused("item-unknown", "月报没有这一项。", "The return has no such line.", "item", None, 422)  # fmt: skip
    if now is not None and now < 0:
        raise Refused("negative", "数量不能为负。", "A count is not negative.", "value", None, 422)  # fmt: skip


def check_seen(newest: int, version: int) -> None:
    """What is signed is what was seen."""
    if version != newest:
        raise Refused("return-changed", "该月报已重新编制或者更正,请核对后再签发。",
                      "It was drawn up again or corrected meanwhile; look at it as it is now.", "version")  # fmt: skip


def check_latest(signed_before: int, signed: int) -> None:
    """What was found since is told once: not when another return was signed that may tell it, or that it misses."""
    if signed != signed_before:
        raise Refused("return-outdated", "编制以后本单位又签发了别的月报,以往月报的更正可能有变,请重新编制、核对后再签发。",
                      "Another return of the office was signed since; draw this one up again.", "version")  # fmt: skip


def check_signing(figures: Figures, accepted: bool) -> None:
    """What does not add up is signed only by somebody who says that they saw it."""
    found = [fault.text for fault in faults(figures)]
    if found and not accepted:
        raise Refused("return-inconsistent", f"数据不平:{';'.join(found)}。请更正,或者确认属实后签发。",
                      "The figures do not add up; correct them, or confirm them.", "confirmed")  # fmt: skip
