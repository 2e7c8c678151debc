"""The steps of placing, and who may take them when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(eq=False)  # not frozen: Python sets an exception's traceback
class Refused(Exception):
    """A rule that says no: its name, both languages, and its article where it has one."""

    rule: str
    zh: str
    en: str
    field: str | None = None
    article: str | None = None
    status: int = 409


@dataclass(frozen=True)
class Step:
    """One step of placing: from which words to which (None: it stays), by whom."""

    name: str
    before: tuple[str, ...]
    after: str | None
    by: str
    zh: str
    article: str


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("locate", ("registered", "located"), "located", "triage", "定属地", "第二十二条"),
        Step("assign", ("registered", "located"), "assigned", "triage", "转送、交办、自办", "第二十二条"),
        Step("consult", ("registered", "located"), None, "triage", "协商", "第二十四条"),
        Step("refer", ("registered", "located"), None, "rule", "协商不成,报请指定", "第二十四条"),
        Step("designate", ("registered", "located"), "assigned", "designator", "共同的上级指定",
             "第二十四条"),
        Step("convene", ("registered", "located"), "assigned", "designator", "联席会议决定",
             "第二十四条"),
        Step("sign", ("assigned",), "signed", "body", "签收", "第二十三条"),
        Step("object", ("assigned", "signed"), "objected", "body", "提出异议", "第二十三条"),
        Step("uphold", ("objected",), "assigned", "sender", "维持交办", "第二十三条"),
        Step("return", ("objected",), "located", "sender", "同意异议,退回", "第二十三条"),
        Step("decline", ("registered", "located", "assigned", "signed"), "declined", "owner",
             "不予受理、告知途径", "第二十三条"),
    )
}  # fmt: skip
"""Whoever has not signed yet is back at `assigned` when its objection is not agreed to, else at `signed`."""
WORDS = {
    "registered": "已登记", "located": "已定属地", "assigned": "待签收", "signed": "已签收",
    "objected": "异议核实中", "declined": "不予受理",
}  # fmt: skip


def check_open(handling: str | None) -> None:
    """Routing has nothing more to do with what was accepted, withdrawn or ended."""
    if handling is not None:
        raise Refused(
            "handled-already", "本件已受理或者已结束,不能再转送、签收或者变更属地。",
            "This petition was accepted or has ended.", None, "信访工作条例 第二十二条",
        )  # fmt: skip


def check_assign(status: str, locating: bool) -> None:
    """An office is named before it signs; a later change is an objection (domain.dispute)."""
    if status not in STEPS["assign"].before:
        raise Refused(
            "assigned-already", "本件已交办,不能重复交办。",
            "This petition was assigned already.", None, "信访工作条例 第二十二条",
        )  # fmt: skip
    if locating:
        raise Refused(
            "still-locating", "系统正在判断属地,请稍候。",
            "The place is still being looked up; try again in a moment.",
        )  # fmt: skip


def check_report(method: str, report_due: date | None, today: date, imported: bool = False) -> None:
    """交办 sets a day for the report (指定办理期限, Art. 22(3)); the other ways set none."""
    if report_due is None:
        if method == "assign" and not imported:
            raise Refused("report-due-missing", "交办须指定报送办理结果的期限。",
                          "A 交办 sets a day for its report.", "report_due",
                          "信访工作条例 第二十二条第三项", 422)  # fmt: skip
        return
    if method != "assign":
        raise Refused("report-not-asked", "只有交办才指定报送结果的期限。",
                      "Only a 交办 sets a day for its report.", "report_due", None, 422)  # fmt: skip
    if report_due <= today:
        raise Refused("report-due-past", "报送期限须晚于今天。",
                      "The day of the report must be after today.", "report_due", None, 422)  # fmt: skip


def check_assisting(lead: str, assisting: Sequence[tuple[str, date]], today: date) -> None:
    """主办、协办: those who assist are others than the one that answers, each once, each with a last day."""
    offices = [office for office, _ in assisting]
    if lead in offices or len(set(offices)) < len(offices):
        raise Refused("assisting-twice", "协办单位不能与主办单位相同,也不能重复。",
                      "An assisting office is another than the lead, and named once.",
                      "assisting", None, 422)  # fmt: skip
    if any(due <= today for _, due in assisting):
        raise Refused("assist-due-past", "协办期限须晚于今天。",
                      "The last day of an assisting office must be after today.",
                      "assisting", None, 422)  # fmt: skip


def check_sign(status: str, office: str | None, acting: str | None, site_wide: bool) -> None:
    """The office named signs, once (签收)."""
    if status not in STEPS["sign"].before:
        raise Refused(
            "nothing-to-sign", "本件不在待签收状态。", "This petition does not wait for a signature.",
        )  # fmt: skip
    if not site_wide and acting != office:
        raise Refused(
            "not-the-competent-office", "本件由其他单位签收。",
            "Another office must sign for this petition.", None, None, 403,
        )  # fmt: skip
