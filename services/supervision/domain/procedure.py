"""Which step may follow which, who may take it, and by which article: the procedure as data.

`STEPS` is the one place: the handlers check against it, the state chart in docs/ is drawn from it, and
the property tests walk it. A step moves the `handling` of a petition (ADR 0007).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

REGULATION, OWN = "信访工作条例", "本站设置"


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
    """One step: from which status to which, by whom, in which words.

    Args:
        by: `body` (the competent office), `reviewer` (the reviewing body), `head` (of the competent
            office), `receiver` (whoever registered it), `petitioner`, `event` (another service's
            fact), `clock` (a window that lapsed) or `rule` (follows by itself)
        after: the status it leads to; None: it stays.
    """

    name: str
    before: tuple[str, ...]
    after: str | None
    by: str
    zh: str
    article: str


def _step(
    name: str, before: str, after: str | None, by: str, zh: str, article: str
) -> tuple[str, Step]:
    ground = f"{REGULATION} {article}" if article else OWN
    return name, Step(name, tuple(before.split()), after, by, zh, ground)


STEPS: dict[str, Step] = dict((
    _step("accept", "signed", "accepted", "body", "受理", "第二十三条"),
    _step("assist", "assigned signed objected accepted", None, "assistant", "提交协办意见", "第二十四条"),
    _step("ask_extension", "accepted", None, "body", "申请延长期限", "第三十四条"),
    _step("decide_extension", "accepted", None, "head", "批准延长期限", "第三十四条"),
    _step("mediate", "accepted", None, "body", "登记调解、和解", "第三十三条"),
    _step("settle", "accepted", "answered", "rule", "全部诉求达成协议", "第三十三条"),
    _step("answer", "accepted", "answered", "body", "出具处理意见", "第三十二条"),
    _step("serve", "answered", "served", "body", "送达", "第三十二条"),
    _step("close", "served", "closed", "body", "办结", "第三十四条"),
    _step("notify", "declined", None, "receiver", "告知信访人", "第二十三条"),
    _step("withdraw", "registered located assigned signed objected accepted", "withdrawn", "event",
          "撤回", ""),
    _step("seek_review", "served closed", "review_sought", "petitioner", "请求复查", "第三十五条"),
    _step("decide_review", "review_sought", "review_decided", "reviewer", "出具复查意见", "第三十五条"),
    _step("serve_review", "review_decided", "review_served", "reviewer", "送达复查意见", "第三十五条"),
    _step("redo", "review_decided rereview_decided", "accepted", "reviewer", "责令重新办理", "第三十五条"),
    _step("seek_rereview", "review_served", "rereview_sought", "petitioner", "请求复核", "第三十六条"),
    _step("hear", "rereview_sought", None, "reviewer", "听证", "第三十六条"),
    _step("decide_rereview", "rereview_sought", "rereview_decided", "reviewer", "出具复核意见",
          "第三十六条"),
    _step("serve_rereview", "rereview_decided", "final", "reviewer", "送达复核意见", "第三十六条"),
    _step("lapse_review", "served closed", "final", "clock", "逾期未请求复查", "第三十五条"),
    _step("lapse_rereview", "review_served", "final", "clock", "逾期未请求复核", "第三十六条"),
    _step("end", "served closed", "final", "rule", "不适用复查的,办结即终结", "第三十三条"),
    _step("follow_up", "closed review_sought review_decided review_served rereview_sought "
          "rereview_decided final", None, "receiver", "回访", ""),
    _step("reopen", "closed final", "accepted", "body", "回访后重新办理", "第三十四条"),
))  # fmt: skip
"""Order matters to no one but the reader."""

WORDS = {
    "registered": "已登记", "located": "已定属地", "assigned": "已交办", "signed": "已签收",
    "objected": "异议中", "declined": "不予受理", "accepted": "已受理", "answered": "已答复",
    "served": "已送达", "closed": "已办结", "withdrawn": "已撤回", "review_sought": "复查中",
    "review_decided": "已出具复查意见", "review_served": "复查意见已送达", "rereview_sought": "复核中",
    "rereview_decided": "已出具复核意见", "final": "已终结",
}  # fmt: skip


def check_step(name: str, status: str) -> Step:
    """The step, if it may follow the status. Raises `Refused` naming both otherwise."""
    step = STEPS[name]
    if status not in step.before:
        wanted = "、".join(WORDS[s] for s in step.before)
        raise Refused(
            "step-out-of-order",
            f"当前状态为「{WORDS[status]}」,须为「{wanted}」时才能{step.zh}。",
            f"The petition is '{status}'; it must be '{' or '.join(step.before)}' to {name}.",
            None,
            step.article,
        )
    return step


def check_office(competent: str | None, acting: str | None, site_wide: bool) -> None:
    """Only the office that must answer acts on the case (谁主管、谁负责, Art. 5)."""
    if not site_wide and acting != competent:
        raise Refused(
            "not-the-competent-office", "本件由其他单位承办,您不能办理。",
            "Another office must answer this petition.", None, "信访工作条例 第五条", 403,
        )  # fmt: skip


def check_served_on(served_on: date, decided_on: date, today: date) -> None:
    """An opinion is served on or after the day it was given, and not in the future."""
    if served_on > today:
        raise Refused("served-in-future", "送达日期不能晚于今天。", "The date of service is in the future.",
                      "served_on", None, 422)  # fmt: skip
    if served_on < decided_on:
        raise Refused("served-before-answer", "送达日期不能早于答复日期。",
                      "The opinion cannot be served before it was given.", "served_on", None, 422)  # fmt: skip


def check_at(at: datetime, previous: datetime | None, now: datetime) -> None:
    """A step of an imported register happened after the one before it, and not in the future."""
    if at > now or (previous is not None and at < previous):
        raise Refused("step-time-wrong", "办理时间有误:早于上一步或晚于现在。",
                      "The time of the step is before the one before it, or in the future.",
                      "at", None, 422)  # fmt: skip


# -- acceptance ------------------------------------------------------------------------------------

ORDINARY_BRANCH = "31-6"
"""Art. 31(6): the one branch on which the 60 days of Art. 34 run."""
ELSEWHERE = ("31-1", "31-2", "31-3", "31-4")
"""Art. 31(1)-(4): another procedure has its own clock; the petitioner is told which."""
BY_TYPE = {"suggestion": "29", "accusation": "30"}


def branch_of(type_: str) -> str:
    """The branch that a purpose most likely means, until somebody decides (Art. 29-31)."""
    return BY_TYPE.get(type_, ORDINARY_BRANCH)


def clock_of(branches: list[str], procedure: str) -> str:
    """Which clock an acceptance starts: that of Art. 34 where a claim goes the petition's own way.

    Claims on branches 31(1)-(5) never start the 60 days (Art. 31); they, suggestions and accusations
    are followed by a limit that the site sets itself, so that each is answered.
    """
    if ORDINARY_BRANCH in branches:
        return "simple_answer" if procedure == "simple" else "answer"
    if branches and all(branch in ELSEWHERE for branch in branches):
        return "elsewhere"
    return "reply"


def check_simple(
    *, branches: list[str], collective: bool, round_: int, repeated: bool = False
) -> None:
    """简易办理 is for first, clear matters of one body; a collective one is never simple [usage].

    Args:
        collective: as the register found it by the rule of the day (集体访).
        round_: of the handling; a matter that was handled before is not simple.
    """
    reason = None
    if round_ > 1:
        reason = ("已经办理过的事项", "was handled before")
    elif repeated:
        reason = ("重复信访事项", "is a repeat")
    elif collective:
        reason = ("集体信访事项", "is collective")
    elif any(branch not in (ORDINARY_BRANCH, "29") for branch in branches):
        reason = ("应当通过其他法定途径办理的事项", "belongs to another procedure")
    if reason:
        raise Refused("not-simple", f"{reason[0]}不适用简易办理。",
                      f"The simple procedure does not apply: the matter {reason[1]}.",
                      "procedure", None, 422)  # fmt: skip


def check_assisted(outstanding: list[str]) -> None:
    """One consolidated answer: it waits for the assisting offices while their time runs, and no longer."""
    if outstanding:
        raise Refused("assist-outstanding", "协办单位的意见尚未提交,期限未到,请等待汇总后答复。",
                      "An assisting office has not given its part yet, and its time still runs.")  # fmt: skip


def check_not_over(over: bool) -> None:
    """A limit is extended while it runs: an extension granted afterwards would make late what was late
    look as if it had been in time (Art. 34)."""
    if over:
        raise Refused("extension-late", "办理期限已过,不能再延长。", "The limit is over; it cannot be extended.",
                      None, "信访工作条例 第三十四条")  # fmt: skip


def check_extension(days: int, longest: int, used: bool) -> None:
    """Once, at most 30 days (Art. 34)."""
    if used:
        raise Refused("extended-already", "办理期限只能延长一次。", "The limit can be extended once only.",
                      None, "信访工作条例 第三十四条")  # fmt: skip
    if not 1 <= days <= longest:
        raise Refused("extension-too-long", f"延长期限须为1至{longest}日。",
                      f"An extension is 1 to {longest} days.", "days", "信访工作条例 第三十四条", 422)  # fmt: skip


def check_settled(agreed: set[int], outcomes: dict[int, str], whole: str) -> None:
    """达成协议 is what a mediation recorded, claim by claim, and nothing that an opinion may say (Art. 33)."""
    for ordinal, outcome in outcomes.items():
        if (outcome == "settled") != (ordinal in agreed):
            raise Refused("agreement-mismatch",
                          f"第{ordinal}项诉求{'已达成协议' if ordinal in agreed else '没有登记的协议'},处理结果不符。",
                          f"Claim {ordinal}: the outcome and the recorded agreement differ.",
                          "claims", "信访工作条例 第三十三条", 422)  # fmt: skip
    if whole == "settled" and not set(outcomes) <= agreed:
        raise Refused("agreement-missing", "没有登记全部诉求的调解、和解协议。",
                      "There is no recorded agreement on every claim.", "outcome",
                      "信访工作条例 第三十三条", 422)  # fmt: skip


def check_reasoned(
    branches: list[str], procedure: str | None, facts: str | None, basis: str | None
) -> None:
    """What was found and on which law it rests is part of every opinion on a claim of Art. 31(6) (Art. 32).
    A simple one may be answered shortly [usage].

    Args:
        branches: of the claims that the opinion decides, without those that were settled.
    """
    if ORDINARY_BRANCH not in branches or procedure == "simple":
        return
    for field, zh, en, text in (
        ("facts", "查明的事实和理由", "facts and reasons", facts),
        ("basis", "法律法规和政策依据", "legal basis", basis),
    ):
        if not text:
            raise Refused(f"{field}-missing", f"处理意见书须写明{zh}。", f"An opinion states the {en}.",
                          field, "信访工作条例 第三十二条", 422)  # fmt: skip


def check_mediated(
    agreed: bool, chosen: list[int], open_: list[int], text: str | None, held_on: date,
    accepted_on: date, today: date,
) -> None:  # fmt: skip
    """An agreement has its words, and settles claims that are open; where none was reached it settles none."""
    article = "信访工作条例 第三十三条"
    if agreed and not text:
        raise Refused("agreement-empty", "达成协议的,须写明协议内容。", "An agreement has its text.",
                      "text", article, 422)  # fmt: skip
    if (not agreed and chosen) or not set(chosen) <= set(open_):
        raise Refused("agreement-claims", "只能选择尚未达成协议的诉求;未达成协议的不选。",
                      "Choose claims that are still open, and none where nothing was agreed.",
                      "claims", article, 422)  # fmt: skip
    check_day(held_on, accepted_on, today, "held_on")


def check_day(on: date, earliest: date, today: date, field: str) -> None:
    """What is recorded happened on or after a day, and not in the future."""
    if not earliest <= on <= today:
        raise Refused("day-wrong", f"日期须在{earliest}至今天之间。",
                      f"The day must lie between {earliest} and today.", field, None, 422)  # fmt: skip


def check_reopening(reason: str, unkept: int | None, sent_back: bool) -> None:
    """Why a case is handled anew names what found it: a follow-up, or a report that was sent back."""
    if reason == "not_executed" and unkept is None:
        raise Refused("no-follow-up", "没有发现未落实的回访记录,请先登记回访。",
                      "No follow-up found it undone; record that first.", "reason", None, 422)  # fmt: skip
    if reason == "rework" and not sent_back:
        raise Refused("nothing-sent-back", "没有被退回重办的报告。", "No report was sent back.",
                      "reason", None, 422)  # fmt: skip


def check_outcomes(claims: list[int], answered: list[int]) -> None:
    """Every claim gets its outcome, and no other (Art. 32)."""
    if sorted(claims) != sorted(answered):
        missing = sorted(set(claims) - set(answered)) or sorted(set(answered) - set(claims))
        raise Refused("claim-unanswered", f"每项诉求须有且只有一个处理结果,请核对第{missing[0]}项。",
                      f"Every claim needs one outcome; look at claim {missing[0]}.",
                      "claims", "信访工作条例 第三十二条", 422)  # fmt: skip
