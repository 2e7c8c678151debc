"""Which step may follow which, and who may take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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
    """One step of the way: from which status to which, in which words."""

    name: str
    before: tuple[str, ...]
    after: str
    zh: str
    article: str


STEPS = {
    step.name: step
    for step in (
        Step("accept", ("signed",), "accepted", "受理", "信访工作条例 第二十三条"),
        Step("answer", ("accepted",), "answered", "出具处理意见", "信访工作条例 第三十二条"),
        Step("serve", ("answered",), "served", "送达", "信访工作条例 第三十二条"),
        Step("close", ("served",), "closed", "办结", "信访工作条例 第三十四条"),
    )
}
WORDS = {
    "registered": "已登记", "located": "已定属地", "assigned": "已交办", "signed": "已签收",
    "accepted": "已受理", "answered": "已答复", "served": "已送达", "closed": "已办结",
}  # fmt: skip


def check_step(name: str, status: str) -> Step:
    """The step, if it may follow the status. Raises `Refused` naming both otherwise."""
    step = STEPS[name]
    if status not in step.before:
        wanted = "、".join(WORDS[s] for s in step.before)
        raise Refused(
            "step-out-of-order",
            f"当前状态为「{WORDS[status]}」,须先「{wanted}」才能{step.zh}。",
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


def check_served_on(served_on: date, answered_at: date, today: date) -> None:
    """An opinion is served on or after the day it was given, and not in the future."""
    if served_on > today:
        raise Refused("served-in-future", "送达日期不能晚于今天。", "The date of service is in the future.",
                      "served_on", None, 422)  # fmt: skip
    if served_on < answered_at:
        raise Refused("served-before-answer", "送达日期不能早于答复日期。",
                      "The opinion cannot be served before it was given.", "served_on", None, 422)  # fmt: skip


def check_at(at: datetime, previous: datetime | None, now: datetime) -> None:
    """A step of an imported register happened after the one before it, and not in the future."""
    if at > now or (previous is not None and at < previous):
        raise Refused("step-time-wrong", "办理时间有误:早于上一步或晚于现在。",
                      "The time of the step is before the one before it, or in the future.",
                      "at", None, 422)  # fmt: skip
