"""指标: the definitions of figures as data. API, page and report print them beside the numbers.

`source`: [R] a rule of law or a published regulation, [F] found in use in another system, [G] our own guess.
Where a limit is owed, cases are chosen by its last day, not by the day of registration; and silence is never
satisfaction: whoever did not rate is in no numerator and in no denominator of a rate of satisfaction.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from stats.domain.change import Significant
from stats.domain.measures import CASE_MEASURES, STEP_MEASURES
from stats.domain.windows import Windows, told


@dataclass(frozen=True, slots=True)
class Indicator:
    """A rate, an average or a count, with its definition.

    Args:
        formula: in words; `{rating}` and `{repeat}` stand for the site's windows.
        numerator, denominator: measures; a count has no denominator.
        times: 100 for a rate in per cent.
        digits: decimals that it is printed with, or digits in all (`Significant`).
    """

    id: str
    name: str
    english: str
    unit: str
    formula: str
    numerator: str
    source: str
    denominator: str | None = None
    times: int = 1
    digits: int = 1

    @property
    def kind(self) -> str:
        """What it is: a count, a rate, or an average."""
        if self.denominator is None:
            return "count"
        return "rate" if self.times == 100 else "average"

    @property
    def whose(self) -> str:
        """Which office it counts for: the one that registered the matter, the one that has it, or a step's own."""
        measure = CASE_MEASURES.get(self.numerator)
        if measure is None:
            return "step"
        return "receiver" if measure.receiver else "holder"

    def record(self, windows: Windows = Windows()) -> dict[str, Any]:
        """As it is told, with the windows that it waits for and what its sides (分子、分母) are called."""
        formula = self.formula.format(rating=told(windows.rating), repeat=told(windows.repeat))
        names = {
            "numerator_name": NAMES[self.numerator],
            "denominator_name": NAMES[self.denominator] if self.denominator else None,
        }
        return asdict(self) | {"formula": formula, "kind": self.kind, "whose": self.whose} | names


def _rate(
    id: str, name: str, english: str, formula: str, numerator: str, denominator: str, source: str
) -> Indicator:
    return Indicator(id, name, english, "%", formula, numerator, source, denominator, 100)


def _days(id: str, name: str, english: str, formula: str, denominator: str) -> Indicator:
    return Indicator(
        id, name, english, "天", formula, id.removeprefix("average_"), "F", denominator
    )


def _count(
    id: str, name: str, english: str, unit: str, formula: str, source: str = "G"
) -> Indicator:
    return Indicator(id, name, english, unit, formula, id, source)


_STEPS = {
    "located": ("定属地", "places found"), "assigned": ("转送交办", "assignments"),
    "signed": ("签收", "signatures"), "objected": ("提出异议", "objections"),
    "returned": ("退回", "objections agreed to"), "declined": ("不予受理或告知途径", "refusals and guidance"),
    "withdrawn": ("撤回", "withdrawals"), "accepted": ("受理", "acceptances"),
    "extended": ("延期", "extensions"), "answered": ("答复", "opinions given"), "served": ("送达", "services"),
    "closed": ("办结", "closings"), "reopened": ("重新办理", "new rounds"), "final": ("终结", "ends of the way"),
    "rated": ("评价", "ratings"), "review_requested": ("复查复核请求", "requests for review"),
    "review_decided": ("复查复核意见", "review opinions"), "approaching": ("临近期限", "warnings"),
    "missed": ("超期", "missed limits"), "review_served": ("复查复核意见送达", "services of review opinions"),
    "urgent": ("重大紧急信访报告", "urgent reports"),
}  # fmt: skip
_ALL = (
    _count("registered", "信访总量", "registrations", "件次", "每登记一件计一件次", "F"),
    _count("matter", "初次信访件", "distinct matters", "件", "初次信访件;经确认的重复件不计"),
    _count("repeated", "重复信访件", "repeats", "件次", "经人工确认为重复的信访件", "F"),
    _count("heads", "信访人次", "persons", "人次", "信访件的信访人数之和"),
    _count("visit", "来访批次", "visits", "批次", "来访、下访每登记一件计一批次"),
    _count("visit_heads", "来访人次", "persons visiting", "人次", "来访、下访的信访人数之和"),
    _count("household", "来访户次", "household visits", "户次", "来访、下访的户数之和,登记时未写户数的计一户;可按接待机关层级分列"),
    _count("online", "网上信访", "by the net", "件次", "网上、手机、微信、领导信箱每登记一件计一件次", "F"),
    Indicator("persons_per_visit", "平均每批人次", "persons per visit", "人/批",
              "来访人次 ÷ 来访批次,取三位有效数字(4.53、39.7)", "visit_heads", "G", "visit", digits=Significant(3)),
    _count("open", "在办件", "open at the end of the period", "件", "已登记而未办结、撤回、告知的,截至期末", "F"),
    _count("answer_due", "应答复件", "opinions due", "件", "办理期限在本期届满的初次信访件", "F"),
    _count("case_closed", "办结件", "matters closed", "件", "本期办结且未重新办理的信访件", "F"),
    *(
        _count(id, name, english, "件次", "每办一次计一件次")
        for id, (name, english) in _STEPS.items()
    ),
    _rate("timely_sender", "及时受理率(信访部门)", "acted on in time, petition office",
          "15日内转送、交办、受理或告知的 ÷ 该期限在本期届满的", "forward_in_time", "forward_due", "F"),
    _rate("timely_body", "及时受理率(责任单位)", "accepted in time, responsible body",
          "受理期限内决定是否受理的初次信访件 ÷ 受理期限在本期届满的初次信访件", "accept_in_time", "accept_due", "F"),
    _rate("answered_on_time", "按期答复率", "answered on time",
          "限办截止前作出处理意见的初次信访件 ÷ 限办截止在本期的初次信访件", "answer_in_time", "answer_due", "F"),
    _rate("closed_on_time", "按期办结率", "closed on time",
          "限办截止前办结的 ÷ 限办截止在本期的(按期办结、逾期办结、未到期在办、逾期在办)",
          "close_in_time", "close_due", "F"),
    _rate("participation", "群众参评率", "share who rated",
          "已评价 ÷ 应评价(送达满{rating},已评价和超期未评价)", "rate_given", "rate_due", "G"),
    _rate("satisfied_sender", "群众满意率(信访部门)", "satisfied with the petition office",
          "满意和基本满意 ÷ 本期已评价;未评价的不计入", "satisfied_sender", "rating_given", "F"),
    _rate("satisfied_body", "群众满意率(责任单位)", "satisfied with the responsible body",
          "满意和基本满意 ÷ 本期已评价;未评价的不计入", "satisfied_body", "rating_given", "F"),
    _rate("repeat_rate", "重复信访率", "share of repeats",
          "本期登记的重复件次 ÷ 本期登记的全部件次", "repeated", "registered", "F"),
    _rate("online_share", "网信占比", "share of the net",
          "网上、手机、微信、领导信箱 ÷ 信、访、网之和(不含来电、代办)", "online", "by_form", "F"),
    _rate("settled_at_once", "一次性化解率", "settled at once",
          "办结后{repeat}内没有重复信访的初次件 ÷ 本期办结、至今已满{repeat}的初次件", "unrepeated", "repeat_due", "G"),
    _days("average_days_to_accept", "初次信访平均受理周期", "average days to acceptance",
          "自登记至受理的日数之和 ÷ 本期受理的初次件", "first_accepted"),
    _days("average_days_to_answer", "初次信访平均答复周期", "average days to the opinion",
          "自登记至处理意见的日数之和 ÷ 本期答复的初次件", "first_answered"),
    _rate("sent_back_rate", "退回重办率", "handled more than once",
          "曾重新办理的 ÷ 本期办结的", "sent_back", "case_closed", "G"),
    _rate("bounce_rate", "转送退回率", "returned as not competent",
          "曾因异议成立退回的 ÷ 本期(最后一次)转送交办的", "bounced", "case_assigned", "G"),
    _rate("review_rate", "申请复查率", "review sought",
          "申请复查的 ÷ 本期送达处理意见的", "reviewed", "case_served", "G"),
    _rate("overturned_share", "复查复核改变率", "changed on review",
          "意见在复查或复核中被变更、撤销的 ÷ 本期首次作出复查意见的信访件", "overturned", "review_done", "G"),
)  # fmt: skip
INDICATORS: dict[str, Indicator] = {indicator.id: indicator for indicator in _ALL}

_SIDES = {
    "by_form": "信、访、网之和", "forward_due": "转送、交办期限届满的", "forward_in_time": "15日内转送、交办、受理或告知的",
    "accept_due": "受理期限届满的初次件", "accept_in_time": "期限内决定是否受理的初次件",
    "answer_in_time": "期限内答复的初次件", "close_due": "限办截止的", "close_in_time": "限办截止前办结的",
    "rate_due": "应评价的", "rate_given": "应评价中已评价的", "rating_given": "本期已评价的",
    "satisfied_sender": "对信访部门满意、基本满意的", "satisfied_body": "对责任单位满意、基本满意的",
    "first_accepted": "本期受理的初次件", "days_to_accept": "自登记至受理的日数之和",
    "first_answered": "本期答复的初次件", "days_to_answer": "自登记至处理意见的日数之和",
    "sent_back": "曾重新办理的", "repeat_due": "办结已满等待期的初次件", "unrepeated": "没有重复信访的初次件",
    "case_assigned": "本期转送、交办的", "bounced": "曾因异议成立退回的", "case_served": "本期送达处理意见的",
    "reviewed": "申请复查的", "review_done": "本期作出复查复核意见的", "overturned": "变更或者撤销的",
}  # fmt: skip
NAMES: dict[str, str] = _SIDES | {i.id: i.name for i in _ALL if i.kind == "count"}
"""What each measure is called, where it is a side of an indicator (分子、分母)."""

_known = {*CASE_MEASURES, *STEP_MEASURES}
assert all({i.numerator, i.denominator or i.numerator} <= _known for i in _ALL)
