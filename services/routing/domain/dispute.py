"""Objection, its verification, and who decides after it (信访工作条例 Art. 23, 24); refusals as coded reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from routing.domain.remit import STEPS, Refused

REGULATION = "信访工作条例"
LIFT_AFTER = 2
"""Times that a matter may come back before the common superior names the office (Art. 24); the number
is the house's own: the 条例 says that bodies consult, and that their superior decides where they cannot."""


@dataclass(frozen=True)
class Decline:
    """A reason not to accept, or to lead elsewhere; registered all the same. Litigation and the like are
    no refusal: they are led to their own way (Art. 20, 22, 28)."""

    code: str
    zh: str
    article: str
    elsewhere: bool = False
    """Whether another body has it, which is named to the petitioner."""


DECLINES = {
    item.code: item
    for item in (
        Decline("accepted_below", "同一事项已被下级受理或者正在办理", "第十九条"),
        Decline("final_already", "复核后以同一事实和理由再次提出", "第三十六条"),
        Decline("review_lapsed", "逾期未请求复查、复核", "第三十五条"),
        Decline("litigation", "涉法涉诉事项", "第二十八条", elsewhere=True),
        Decline("arbitration", "应当通过仲裁解决", "第三十一条第二项", elsewhere=True),
        Decline("party_discipline", "党员申诉、申请复审等事项", "第三十一条第三项", elsewhere=True),
        Decline("administrative", "应当通过行政程序解决", "第三十一条第四项", elsewhere=True),
        Decline("outside_remit", "不属本机关、单位或者本系统职权范围", "第二十三条", elsewhere=True),
        Decline("too_high", "应当到本级或者上一级接待场所提出", "第二十条", elsewhere=True),
    )
}  # fmt: skip


def check_object(
    *,
    placing: str,
    handled: bool,
    office: str | None,
    acting: str | None,
    own: bool,
    final: bool,
    objected: bool,
    closed: bool,
) -> None:
    """A body objects within 5 working days of its receipt, once for each assignment (Art. 23).

    Args:
        own: whether the office took the matter itself (自办).
        handled: whether supervision has accepted it already.
        final: whether a common superior named the body (Art. 24).
        objected: whether it did so before, and was not agreed with.
        closed: whether the 5 working days are over, as supervision's clock said.
    """
    article = f"{REGULATION} 第二十三条"
    if acting != office:
        raise Refused("not-the-competent-office", "本件由其他单位承办。",
                      "Another office has this petition.", None, article, 403)  # fmt: skip
    if placing not in STEPS["object"].before or handled:
        raise Refused("nothing-to-object", "本件不在可以提出异议的状态。",
                      "No objection can be raised in this state.", None, article)  # fmt: skip
    if own:
        raise Refused("own-matter", "自办的事项不能提出异议。", "An office does not object to its own matter.",
                      None, article)  # fmt: skip
    if final:
        raise Refused("designated", "本件由共同的上级机关指定办理,不能提出异议。",
                      "A common superior named this office; it cannot object.", None,
                      f"{REGULATION} 第二十四条")  # fmt: skip
    if objected:
        raise Refused("objected-already", "本次交办已经提出过异议,核实后维持。",
                      "This assignment was objected to already, and upheld.", None, article)  # fmt: skip
    if closed:
        raise Refused("objection-late", "提出异议的5个工作日已过。",
                      "The 5 working days for an objection are over.", None, article)  # fmt: skip


def check_arbitrate(
    *, placing: str, sender: str | None, acting: str | None, site_wide: bool
) -> None:
    """The sender verifies the objection and decides (Art. 23)."""
    if placing not in STEPS["uphold"].before:
        raise Refused("no-objection", "本件没有待核实的异议。", "No objection waits for a decision.",
                      None, f"{REGULATION} 第二十三条")  # fmt: skip
    if not site_wide and acting != sender:
        raise Refused("not-the-sender", "异议由交办单位核实。",
                      "The office that sent it decides on the objection.", None, None, 403)  # fmt: skip


@dataclass(frozen=True)
class Designator:
    """Who names the office now, and how (`None`: the sender once more, by consultation)."""

    office: str
    lifted: str | None


def after_return(
    bounces: int, sender: str, root: str, chains: Sequence[Sequence[str]]
) -> Designator:
    """Who decides after a matter came back: consult, then the common superior, then the joint meeting.

    Args:
        bounces: times that it came back, this one included.
        chains: of each body that returned it: all offices above it, nearest first.
    """
    if bounces < LIFT_AFTER:
        return Designator(sender, None)
    return lifted_to(root, chains)


def lifted_to(root: str, chains: Sequence[Sequence[str]]) -> Designator:
    """Bodies that do not agree: their common superior designates, without one the joint meeting,
    whose office (联席会议办公室) is the site's petition office (Art. 24)."""
    common = common_superior(chains)
    return Designator(common, "superior") if common else Designator(root, "joint_meeting")


def check_consulted(
    *, offices: Sequence[str], agreed: bool, lead: str | None, assisting: Sequence[str]
) -> None:
    """协商: several bodies, each once; where they agree, one of them answers and others assist (Art. 24)."""
    article = f"{REGULATION} 第二十四条"
    if len(set(offices)) < 2 or len(set(offices)) < len(offices):
        raise Refused("consult-several", "协商须有两个以上的机关、单位,且不能重复。",
                      "Two or more bodies consult, each named once.", "offices", article, 422)  # fmt: skip
    if agreed and lead is None:
        raise Refused("lead-missing", "协商一致的,须写明由哪个单位主办。",
                      "Where they agree, say who answers.", "office", article, 422)  # fmt: skip
    if not agreed and (lead is not None or assisting):
        raise Refused("lead-without-agreement", "协商不成的,由共同的上级机关指定,不在此确定承办单位。",
                      "Where they do not agree, the office is named by their superior.",
                      "office", article, 422)  # fmt: skip
    if lead is not None and not {lead, *assisting} <= set(offices):
        raise Refused("lead-not-consulted", "主办、协办单位须为参加协商的单位。",
                      "Who answers and who assists took part in the consultation.",
                      "office", article, 422)  # fmt: skip


def check_designator(
    *, designator: str | None, level: str | None, wanted: str, acting: str | None, site_wide: bool
) -> None:
    """指定: by the common superior, or by the joint meeting's office, and as it was referred (Art. 24)."""
    article = f"{REGULATION} 第二十四条"
    if designator is None or level != wanted:
        raise Refused("nothing-to-designate", "本件没有报请指定。", "Nothing was referred for this decision.",
                      None, article)  # fmt: skip
    if not site_wide and acting != designator:
        raise Refused("not-the-designator", "本件须由共同的上级机关指定承办单位。",
                      "The common superior must name the office.", None, article, 403)  # fmt: skip


def check_undesignated(designator: str | None) -> None:
    """What was referred is named by whoever it was referred to, with reasons (Art. 24)."""
    if designator is not None:
        raise Refused("designation-needed", "本件已报请共同的上级机关指定,须由其说明理由后指定。",
                      "It was referred: the common superior names the office, with reasons.",
                      None, f"{REGULATION} 第二十四条", 409)  # fmt: skip


def check_held(held_on: date, today: date) -> None:
    """协商、联席会议 are recorded after they were held."""
    if held_on > today:
        raise Refused("held-in-future", "日期不能晚于今天。", "The date is in the future.", "held_on",
                      None, 422)  # fmt: skip


def common_superior(chains: Sequence[Sequence[str]]) -> str | None:
    """The nearest office that stands above all of them (Art. 24)."""
    first, *others = chains
    return next((office for office in first if all(office in other for other in others)), None)


def check_assign_to(office: str, barred: Iterable[str], above: Iterable[str]) -> None:
    """An accusation never goes to the accused body or to anyone under it (Art. 30, 46(5)).

    Args:
        barred: offices complained about.
        above: every office above the chosen one.
    """
    if not set(barred).isdisjoint({office, *above}):
        raise Refused("office-barred", "不得将检举控告材料转给被检举控告的单位及其下属单位。",
                      "An accusation must not go to the accused body or to anyone under it.",
                      "office", f"{REGULATION} 第三十条", 422)  # fmt: skip


def check_elsewhere(reason: Decline, elsewhere: str | None, *, imported: bool) -> None:
    """What is led to another procedure is told which body has it (Art. 23); an old register may not know."""
    if reason.elsewhere and not elsewhere and not imported:
        raise Refused("elsewhere-missing", "告知其他途径的,须写明应当向哪个机关、单位提出。",
                      "Say which body the petitioner should turn to.", "elsewhere",
                      f"{REGULATION} {reason.article}", 422)  # fmt: skip
    if elsewhere and not reason.elsewhere:
        raise Refused("elsewhere-none", "该理由不涉及其他机关、单位。", "This reason names no other body.",
                      "elsewhere", f"{REGULATION} {reason.article}", 422)  # fmt: skip


def check_successor(
    *, orphan: str | None, chooser: str | None, acting: str | None, site_wide: bool
) -> None:
    """Whoever stands above the successors says which of them goes on (Art. 24)."""
    article = f"{REGULATION} 第二十四条"
    if orphan is None:
        raise Refused("nothing-to-succeed", "本件没有待明确的承继单位。", "No successor is to be named.",
                      None, article)  # fmt: skip
    if not site_wide and acting != chooser:
        raise Refused("not-the-chooser", "承继单位由共同的上级机关明确。",
                      "The common superior names the successor.", None, article, 403)  # fmt: skip


def check_decline(
    *, placing: str, handled: bool, acting: str | None, owner: str | None, site_wide: bool
) -> None:
    """Whoever has it may decline it, until it is accepted (Art. 19, 22, 23)."""
    if placing not in STEPS["decline"].before or handled:
        raise Refused("nothing-to-decline", "本件不在可以作出不予受理决定的状态。",
                      "It can no longer be declined.", None, f"{REGULATION} 第二十三条")  # fmt: skip
    if not site_wide and acting != owner:
        raise Refused("not-the-competent-office", "本件由其他单位办理。",
                      "Another office has this petition.", None, f"{REGULATION} 第五条", 403)  # fmt: skip
