"""Chinese words for the codes that the services use, and events told as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from console.lists import Lists
from kit.clock import local_date

CHANNELS = {
    "letter": "来信", "visit": "来访", "call": "来电", "web": "网上", "mobile": "手机",
    "wechat": "微信", "mailbox": "领导信箱", "visit_down": "下访", "proxy": "代办",
}  # fmt: skip
TYPES = {
    "request": "申诉求决", "suggestion": "意见建议", "accusation": "检举控告", "enquiry": "咨询",
    "other": "其他",
}  # fmt: skip
TYPES_PLAIN = {
    "request": "请求解决问题（申诉、求决）",
    "suggestion": "提意见、提建议",
    "accusation": "检举、控告（内容密封保存）",
    "enquiry": "咨询政策",
    "other": "其他",
}
STATUSES = {
    "registered": "已登记", "located": "已定属地", "assigned": "待签收", "signed": "已签收",
    "accepted": "已受理", "answered": "已答复", "served": "已送达", "closed": "已办结",
}  # fmt: skip
STATUSES_PLAIN = {
    "registered": "您的信访事项已经登记，正在确定由哪个单位办理。",
    "located": "您的信访事项已经登记，正在确定由哪个单位办理。",
    "assigned": "您的信访事项已经转给承办单位，等待该单位签收。",
    "signed": "承办单位已经签收，正在审查是否受理。",
    "accepted": "承办单位已经受理，正在办理。",
    "answered": "承办单位已经作出处理意见，正在向您送达。",
    "served": "处理意见已经送达，请您查看并评价。",
    "closed": "您的信访事项已经办结。",
}
METHODS = {"transfer": "转送", "assign": "交办", "self": "自办"}
OUTCOMES = {"supported": "支持", "explained": "作出解释说明", "not_supported": "不予支持"}
SERVICE_METHODS = {"in_person": "当面送达", "post": "邮寄送达", "other": "其他方式"}
RATINGS = {"satisfied": "满意", "basic": "基本满意", "unsatisfied": "不满意"}
DUTIES = {"forward": "转送、交办", "answer": "办结答复"}
LIGHTS = {"green": "期限内", "yellow": "临近期限", "red": "已超期"}
PERSON_ROLES = {"petitioner": "信访人", "representative": "代表", "agent": "代理人"}
ROLES = {
    "clerk": "经办", "head": "负责人", "supervisor": "督查", "triage": "分流",
    "auditor": "审计", "security": "安全管理", "admin": "系统管理",
}  # fmt: skip
RULES = {
    "chosen": "登记时选定", "person": "人工判定", "town": "按所述镇街", "village": "按所述村社",
    "village-in-town": "按所述镇街和村社", "department": "按职责范围", "generated": "演示资料",
}  # fmt: skip
TRIAGE = {
    "sealed": "检举控告件，须人工分流",
    "imported": "导入的旧件，属地以原登记为准",
    "no-name": "内容中没有可识别的地名",
    "several-towns": "涉及多个镇、街道",
    "several-villages": "有多个同名的村、社区",
    "no-divisions": "区划资料尚未载入",
    "several-departments": "多个部门的职责相关",
    "no-office": "目录中没有对应的承办单位",
    "placed": "属地已定,待确定承办单位",
}
MEASURES = {
    "registered": "登记", "located": "定属地", "assigned": "转送交办", "signed": "签收",
    "accepted": "受理", "answered": "答复", "served": "送达", "closed": "办结", "rated": "评价",
    "approaching": "临近期限", "missed": "超期",
}  # fmt: skip
DIMENSIONS = {
    "day": "日期", "office": "单位", "division": "属地", "channel": "信访形式", "type": "信访目的",
}  # fmt: skip
FIELDS = {
    "channel": "信访形式", "received_on": "收到日期", "type": "信访目的", "head_count": "信访人数",
    "division": "问题属地", "category": "内容分类", "complained_about": "被反映单位", "title": "标题",
    "text": "内容", "people": "信访人", "role": "身份", "name": "姓名", "phone": "电话",
    "id_number": "身份证号", "address": "住址",
}  # fmt: skip
SERVICES = {
    "intake": "登记服务暂时无法访问，此处的内容看不到；受理、督办等其他部分不受影响。",
    "routing": "分流服务暂时无法访问，属地和承办单位看不到；登记不受影响。",
    "supervision": "督办服务暂时无法访问，办理状态和期限看不到；登记不受影响。",
    "stats": "统计服务暂时无法访问，数据看不到；登记和办理不受影响。",
}
NOT_DONE = {
    "intake": "登记服务暂时无法访问，这次提交可能没有完成。请稍后在本页再提交一次，不会重复登记。",
    "routing": "分流服务暂时无法访问，这次操作可能没有完成。请稍后在本页再提交一次，不会重复办理。",
    "supervision": "督办服务暂时无法访问，这次操作可能没有完成。请稍后在本页再提交一次，不会重复办理。",
    "stats": "统计服务暂时无法访问。",
}
DONE = {
    "assign": "已分流。", "sign": "已签收。", "accept": "已受理，60 日的办理期限开始计算。",
    "answer": "已记录处理意见。", "serve": "已记录送达。", "close": "已办结。", "rate": "评价已提交，谢谢您。",
}  # fmt: skip


def word(table: Mapping[str, str], code: str | None) -> str:
    """The word for a code; a code that this version does not know stands for itself."""
    return table.get(code, code) if code else ""


def field(path: str) -> str:
    """A form's field by its dotted path: 内容, 第 2 人 电话."""
    match path.split("."):
        case ["people", index, name] if index.isdigit():
            return f"第 {int(index) + 1} 人 {word(FIELDS, name)}"
    return word(FIELDS, path)


# -- times -----------------------------------------------------------------------------------------


def instant(text: str) -> datetime:
    """An instant as the services write it."""
    return datetime.fromisoformat(text)


def last_day(due: str, tz: str) -> date:
    """The last day of a limit, whose instant is the end of that day."""
    return local_date(instant(due) - timedelta(microseconds=1), tz)


def days_left(due: str, now: datetime, tz: str) -> str:
    """How long until a limit is over, in words."""
    days = (last_day(due, tz) - local_date(now, tz)).days
    if days > 0:
        return f"还有 {days} 天"
    return "今天到期" if days == 0 else f"已超 {-days} 天"


# -- events as sentences ---------------------------------------------------------------------------


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
    return word(METHODS, detail["method"]), f"承办单位：{lists.office(detail['office'])}（{how}）"


def _signed(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "签收", lists.office(detail["office"])


def _accepted(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "受理", lists.office(detail["office"])


def _answered(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "作出处理意见", word(OUTCOMES, detail["outcome"])


def _served(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "送达", f"{detail['served_on']} {word(SERVICE_METHODS, detail['method'])}"


def _closed(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    return "办结", {True: "按期", False: "超期", None: ""}[detail["on_time"]]


def _rated(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
    office, body = (word(RATINGS, detail[f"{who}_office"]) for who in ("petition", "responsible"))
    return "信访人评价", f"信访部门：{office}；责任单位：{body}"


def _duty(title: str) -> Any:
    def told(detail: Mapping[str, Any], lists: Lists, tz: str) -> tuple[str, str]:
        name = word(DUTIES, detail["duty"])
        day = last_day(detail["due_at"], tz)
        return title, f"{name}，期限 {day}，{lists.office(detail['office'])}"

    return told


_TELLERS = {
    "petition.registered": _registered,
    "petition.located": _located,
    "petition.assigned": _assigned,
    "petition.signed": _signed,
    "petition.accepted": _accepted,
    "petition.answered": _answered,
    "petition.served": _served,
    "petition.closed": _closed,
    "petition.rated": _rated,
    "duty.approaching": _duty("期限临近"),
    "duty.missed": _duty("超过期限"),
}
