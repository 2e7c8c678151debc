"""What one office demands of another and takes note of: 督办 (Art. 40), the report of a 交办 (Art. 22), 三项建议
(Art. 14), what is sent to the superior every year (Art. 39, 41). One dialogue for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supervision.domain.procedure import Refused, Step

SUPERVISION = "信访工作条例 第四十条"
PROPOSAL = "信访工作条例 第十四条、第四十条"


@dataclass(frozen=True)
class Demand:
    """What kind of thing is demanded.

    Args:
        duty: what its addressee owes.
        judged: whether whoever demanded it takes note of the reply, and may send it back.
    """

    zh: str
    duty: str
    article: str
    judged: bool = True


DEMANDS: dict[str, Demand] = {
    "supervise": Demand("督办", "order", SUPERVISION),
    "remind": Demand("催办", "order", SUPERVISION),
    "report": Demand("报送办理结果", "report", "信访工作条例 第二十二条第三项"),
    "improve": Demand("改进工作建议", "feedback", PROPOSAL),
    "policy": Demand("完善政策建议", "feedback", PROPOSAL),
    "accountability": Demand("追究责任建议", "feedback", PROPOSAL),
    "annual": Demand("信访情况年度报告", "annual", "信访工作条例 第四十一条", judged=False),
    "assess": Demand("信访工作年度考核", "assess", "信访工作条例 第三十九条", judged=False),
}
PROPOSALS = ("improve", "policy", "accountability")
"""三项建议: to improve the work, to better a policy, to hold somebody to account."""
YEARLY = ("annual", "assess")

OPEN, ANSWERED, ACCEPTED, LIFTED = "open", "answered", "accepted", "lifted"
WORDS = {OPEN: "待回复", ANSWERED: "已回复", ACCEPTED: "已确认", LIFTED: "已撤销"}
STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("order", ("[*]",), OPEN, "issuer", "督办、交办、建议", SUPERVISION),
        Step("reply", (OPEN,), ANSWERED, "body", "回复", SUPERVISION),
        Step("confirm", (ANSWERED,), ACCEPTED, "issuer", "确认", SUPERVISION),
        Step("return", (ANSWERED,), OPEN, "issuer", "退回重办", SUPERVISION),
        Step("lift", (OPEN, ANSWERED), LIFTED, "issuer", "撤销", SUPERVISION),
    )
}
"""The life of a demand, beside that of the petition it is about."""


def check_step(name: str, state: str) -> Step:
    """The step, if the demand stands where it may be taken. Raises `Refused` naming both otherwise."""
    step = STEPS[name]
    if state not in step.before:
        wanted = "、".join(WORDS[s] for s in step.before)
        raise Refused("order-out-of-order", f"此项现为「{WORDS[state]}」,须为「{wanted}」时才能{step.zh}。",
                      f"It is '{state}'; it must be '{' or '.join(step.before)}' to {name}.",
                      None, step.article)  # fmt: skip
    return step


def check_addressee(office: str, issuer: str, involved: list[str], busy: bool) -> None:
    """An order goes to a body that has the petition, or had it, and not twice at a time: nobody learns of
    a petition by being ordered, and nobody answers two demands with one reply."""
    if office == issuer or office not in involved:
        raise Refused("order-not-involved", "只能督办经办过本件的其他单位。",
                      "Only another body that has or had the petition can be ordered.", "office",
                      SUPERVISION, 422)  # fmt: skip
    if busy:
        raise Refused("order-open", "对该单位的督办尚未办结,请先确认或者撤销。",
                      "An order to this body is still open.", "office", SUPERVISION)  # fmt: skip


def check_due(due_on: date | None, today: date) -> None:
    """A limit that somebody sets leaves a day at least, and no more than a year."""
    if due_on is not None and not 0 < (due_on - today).days <= 366:
        raise Refused("order-due-wrong", "期限须在明天至一年之内。",
                      "The day must be between tomorrow and a year from now.", "due_on", None, 422)  # fmt: skip


def check_reportable(answered: bool) -> None:
    """办结报告 tells what came of it: there is none before an opinion was given (Art. 22(3))."""
    if not answered:
        raise Refused("report-too-early", "尚未出具处理意见,不能报送办理结果。",
                      "No opinion was given yet; there is no result to report.", None,
                      "信访工作条例 第二十二条第三项")  # fmt: skip


def check_adopted(kind: str, adopted: bool | None) -> None:
    """The feedback on a proposal says whether it is adopted: the yearly report counts it (Art. 41)."""
    if (adopted is None) == (kind in PROPOSALS):
        raise Refused("adoption-unsaid" if adopted is None else "adoption-not-asked",
                      "反馈建议须说明是否采纳;其他回复不填。",
                      "The feedback on a proposal says whether it is adopted; no other reply does.",
                      "adopted", PROPOSAL, 422)  # fmt: skip


def check_judged(kind: str) -> None:
    """What is sent upward is judged there, not here."""
    if not DEMANDS[kind].judged:
        raise Refused(
            "not-judged-here", "此项报送后即完成,不在本站确认。", "It is done once it was sent."
        )
