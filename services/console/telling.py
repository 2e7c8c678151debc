"""Events told as sentences, for the timeline of a petition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.lists import Lists
from console.words import (
    DECLINES,
    DOCUMENTS,
    DUTIES,
    FINALS,
    FOLLOW_UP_METHODS,
    FOLLOW_UP_RESULTS,
    LIFTED,
    MEDIATIONS,
    METHODS,
    OBJECTIONS,
    ORDER_REASONS,
    ORDERS,
    OUTCOMES,
    RATINGS,
    RECEIPTS,
    RECEPTIONS,
    REOPENINGS,
    REVIEW_OUTCOMES,
    RULES,
    SERVICE_METHODS,
    STAGES,
    URGENT_METHODS,
    URGENT_TO,
    last_day,
    word,
)


def tell(entry: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    """One entry of a timeline: its title and what more there is to say."""
    detail = entry["detail"]
    teller = _TELLERS.get(entry["type"])
    return teller(detail, lists, tz) if teller else (entry["type"], "")


def _registered(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    chosen = lists.place(detail.get("chosen_division"))
    return "登记", f"登记时选定属地：{chosen}" if chosen else ""


def _located(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "确定问题属地", word(RULES, detail.get("rule"))


def _assigned(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    how = word(RULES, detail.get("rule")) if detail.get("by") == "rule" else "人工分流"
    more = "、".join(lists.office(item["office"]) for item in detail.get("assisting", ()))
    lead = f"承办单位：{lists.office(detail['office'])}（{how}）"
    return word(METHODS, detail["method"]), f"{lead}；协办：{more}" if more else lead


def _signed(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "签收", lists.office(detail["office"])


def _accepted(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    procedure = "，简易办理" if detail["procedure"] == "simple" else ""
    return "受理", f"{lists.office(detail['office'])}{procedure}"


def _answered(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "作出处理意见", word(OUTCOMES, detail["outcome"])


def _served(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    how = f"{word(SERVICE_METHODS, detail['method'])}，{word(RECEIPTS, detail['receipt'])}"
    return f"送达{word(STAGES, detail['stage'])}", f"{detail['served_on']} {how}"


def _returned_unserved(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    how = word(SERVICE_METHODS, detail["method"])
    return f"{word(STAGES, detail['stage'])}退回，未能送达", how


def _closed(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "办结", {True: "按期", False: "超期", None: ""}[detail["on_time"]]


def _objected(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "提出异议", f"{lists.office(detail['office'])}：{word(OBJECTIONS, detail['cause'])}"


def _upheld(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "维持交办", lists.office(detail["office"])


def _returned(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    to = lists.office(detail["to_office"])
    how = word(LIFTED, detail["lifted"]) or "重新转送"
    return "退回", f"{lists.office(detail['office'])}退回（第{detail['bounces']}次），{to}{how}"


def _declined(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return word(DECLINES, detail["cause"]), lists.office(detail["by_office"])


def _names(ids: Any, lists: Lists) -> str:
    return "、".join(lists.office(id) for id in ids)


def _consulted(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    lead = lists.office(detail["lead"])
    outcome = f"协商一致，由{lead}主办" if detail["agreed"] else "协商不成"
    return "协商", f"{detail['held_on']} {_names(detail['offices'], lists)}：{outcome}"


def _referred(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    to = lists.office(detail["to_office"])
    if detail["cause"] == "succession":
        return "报请明确承继单位", to
    return "报请指定承办单位", f"{to}，{word(LIFTED, detail['lifted'])}"


def _designated(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    if detail["lifted"] == "superior":
        return "指定承办单位", lists.office(detail["by_office"])
    return "联席会议决定承办单位", f"{detail['held_on']} {_names(detail['offices'], lists)}"


def _succeeded(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "承继", f"{lists.office(detail['from_office'])} → {lists.office(detail['to_office'])}"


def _recused(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    how = "申请" if detail["by"] == "self" else "由负责人决定"
    instead = lists.office(detail["to_office"])
    more = f"；由{instead}代行负责人职责" if instead else ""
    return "工作人员回避", f"{lists.office(detail['by_office'])}，{how}{more}"


def _assisted(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "提交协办意见", lists.office(detail["office"])


def _received(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    promised = f"，承诺 {detail['promised_on']} 前落实" if detail["promised_on"] else ""
    session = f"{detail['held_on']} {word(RECEPTIONS, detail['kind'])}"
    return "接待登记", f"{session}，{lists.office(detail['host'])}{promised}"


def _kept(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "接待事项回访", "已落实" if detail["kept"] else "未落实"


def _linked(title: str) -> Any:
    return lambda detail, lists, tz: (title, detail["repeat_of"])


def _days(title: str) -> Any:
    return lambda detail, lists, tz: (title, f"{detail['days']} 日")


def _plain(title: str) -> Any:
    return lambda detail, lists, tz: (title, "")


def _reopened(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    revoked = detail["cause"].endswith("_revoked")
    return "重新办理", "复查（复核）撤销原意见" if revoked else word(REOPENINGS, detail["cause"])


def _final(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "终结", word(FINALS, detail["cause"])


def _sought(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    title = "请求复查" if detail["stage"] == "review" else "请求复核"
    return title, f"{detail['requested_on']}，{lists.office(detail['office'])}"


def _decided(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return f"作出{word(STAGES, detail['stage'])}", word(REVIEW_OUTCOMES, detail["outcome"])


def _paper(done: str) -> Any:
    def told(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
        title = f"{done}{word(DOCUMENTS, detail['kind'])}"
        return title, f"{detail['paper']}，{lists.office(detail['office'])}"

    return told


def _moved(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    moved = (f"{word(DUTIES, d['duty'])}改为 {last_day(d['due_at'], tz)}" for d in detail["duties"])
    return "放假安排调整，期限变动", "；".join(moved)


def _rated(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    office, body = (word(RATINGS, detail[f"{who}_office"]) for who in ("petition", "responsible"))
    return "信访人评价", f"信访部门：{office}；责任单位：{body}"


def _duty(title: str) -> Any:
    def told(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
        name = word(DUTIES, detail["duty"])
        day = last_day(detail["due_at"], tz)
        return title, f"{name}，期限 {day}，{lists.office(detail['office'])}"

    return told


def _ordered(title: str) -> Any:
    """A step of an order or a report: its kind, between whom, by when."""

    def told(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
        more = [word(ORDER_REASONS, detail["cause"])] if detail.get("cause") else []
        more += [f"期限 {detail['due_on']}"] if "due_on" in detail else []
        name, office = word(ORDERS, detail["kind"]), lists.office(detail["office"])
        return f"{name}：{title}", "，".join([office, *more])

    return told


def _mediated(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    how = "达成协议" if detail["agreed"] else "未达成协议"
    return word(MEDIATIONS, detail["kind"]), f"{detail['held_on']} {how}"


def _followed_up(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    how = word(FOLLOW_UP_METHODS, detail["method"])
    return "回访", f"{detail['followed_on']} {how}：{word(FOLLOW_UP_RESULTS, detail['result'])}"


def _marked(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "标为重大、紧急", lists.office(detail["office"])


def _urgent(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    title = (
        "直报重大、紧急信访事项"
        if detail["ordinal"] == 1
        else f"续报（第 {detail['ordinal']} 次报告）"
    )
    to = "、".join(word(URGENT_TO, code) for code in detail["to"])
    return (
        title,
        f"{lists.office(detail['office'])}，{word(URGENT_METHODS, detail['method'])}报送{to}",
    )


_TELLERS = {
    "petition.registered": _registered,
    "petition.located": _located,
    "petition.assigned": _assigned,
    "petition.signed": _signed,
    "petition.objected": _objected,
    "petition.upheld": _upheld,
    "petition.returned": _returned,
    "petition.consulted": _consulted,
    "petition.referred": _referred,
    "petition.designated": _designated,
    "petition.succeeded": _succeeded,
    "petition.recused": _recused,
    "petition.declined": _declined,
    "petition.withdrawn": _plain("撤回"),
    "petition.supplemented": _plain("补充材料"),
    "attachment.added": _plain("添加附件"),
    "reception.recorded": _received,
    "reception.followed": _kept,
    "urgent.marked": _marked,
    "urgent.reported": _urgent,
    "petition.linked": _linked("登记为重复件"),
    "petition.unlinked": _linked("撤销重复件登记"),
    "petition.contested": _linked("信访人对重复件登记提出异议"),
    "extension.requested": _days("申请延期"),
    "extension.refused": _days("延期未批准"),
    "petition.extended": _days("批准延期"),
    "assist.answered": _assisted,
    "service.returned": _returned_unserved,
    "petition.reopened": _reopened,
    "petition.final": _final,
    "petition.rescheduled": _moved,
    "review.requested": _sought,
    "review.decided": _decided,
    "document.issued": _paper("出具"),
    "document.voided": _paper("作废"),
    "hearing.opened": _plain("听证开始，期限中止"),
    "hearing.closed": _plain("听证结束，期限恢复"),
    "order.issued": _ordered("提出"),
    "order.answered": _ordered("回复"),
    "order.confirmed": _ordered("确认"),
    "order.returned": _ordered("退回重办"),
    "order.lifted": _ordered("撤销"),
    "petition.mediated": _mediated,
    "petition.followed": _followed_up,
    "petition.accepted": _accepted,
    "petition.answered": _answered,
    "petition.served": _served,
    "petition.closed": _closed,
    "petition.rated": _rated,
    "duty.approaching": _duty("期限临近"),
    "duty.missed": _duty("超过期限"),
    "duty.lapsed": _duty("期限届满"),
}
