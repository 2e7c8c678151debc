"""The Chinese words of the code lists: one table for every page and every paper that shows them."""

from __future__ import annotations

CHANNELS = {
    "letter": "来信", "visit": "来访", "call": "来电", "web": "网上", "mobile": "手机",
    "wechat": "微信", "mailbox": "领导信箱", "visit_down": "下访", "proxy": "代办、陪访",
}  # fmt: skip
TYPES = {
    "request": "申诉求决", "suggestion": "意见建议", "accusation": "检举控告", "enquiry": "咨询",
    "other": "其他",
}  # fmt: skip
STATUSES = {
    "registered": "已登记", "located": "已定属地", "assigned": "待签收", "signed": "已签收",
    "objected": "异议核实中", "declined": "不予受理", "accepted": "已受理", "answered": "已答复",
    "served": "已送达", "closed": "已办结", "withdrawn": "已撤回", "review_sought": "复查中",
    "review_decided": "已复查", "review_served": "复查意见已送达", "rereview_sought": "复核中",
    "rereview_decided": "已复核", "final": "已终结",
}  # fmt: skip
SIZES = {"single": "个访", "joint": "集体访"}
TURNS = {"first": "初次", "repeat": "重复"}
METHODS = {"transfer": "转送", "assign": "交办", "self": "自办"}
OUTCOMES = {
    "supported": "支持", "explained": "作出解释说明", "not_supported": "不予支持",
    "settled": "达成调解、和解协议",
}  # fmt: skip
SERVICE_METHODS = {
    "in_person": "当面送达", "post": "邮寄送达", "notice": "公告送达", "other": "其他方式",
}  # fmt: skip
RECEIPTS = {
    "signed": "签收",
    "refused": "拒收（留置）",
    "returned": "退回",
    "published": "公告期满",
}
BODY_LEVELS = {
    "village": "村、社区", "town": "镇、街道", "county": "县", "city": "市", "province": "省", "nation": "国家",
}  # fmt: skip
SOURCES = {"R": "法规规定", "F": "同类系统在用", "G": "本系统拟定"}
"""What the definition of a figure rests on (stats.domain.indicators)."""
REVIEW_OUTCOMES = {"upheld": "维持", "changed": "变更", "revoked": "撤销，责令重新办理"}
BRANCHES = {
    "31-6": "信访处理（第三十一条第六项）", "31-5": "依法履职答复（第三十一条第五项）",
    "31-1": "诉讼、公安等程序（第三十一条第一项）", "31-2": "仲裁（第三十一条第二项）",
    "31-3": "党员申诉、复审（第三十一条第三项）", "31-4": "行政复议等程序（第三十一条第四项）",
    "29": "意见建议（第二十九条）", "30": "检举控告（第三十条）",
}  # fmt: skip
ORDER_REASONS = {
    "overdue": "超过期限未办理", "no_feedback": "未反馈办理结果", "wrong_procedure": "办理程序不当",
    "stalling": "推诿、敷衍、拖延、弄虚作假", "not_executed": "不执行处理意见", "other": "其他",
}  # fmt: skip
DECLINE_TEXTS = {
    "accepted_below": "您反映的事项已由下级机关、单位受理或者正在办理,在规定期限内向上级再次提出,不予受理。",
    "final_already": "您反映的事项已经复核终结,以同一事实和理由再次提出,不再受理。",
    "review_lapsed": "您反映的事项已有处理意见,逾期未请求复查或者复核,以同一事实和理由再次提出,不再受理。",
    "litigation": "您反映的事项属于涉法涉诉事项,请依法向有关政法机关提出。",
    "arbitration": "您反映的事项应当通过仲裁程序解决,请依法向仲裁机构提出。",
    "party_discipline": "您反映的事项应当按照党内有关规定办理,请向有关党组织提出。",
    "administrative": "您反映的事项应当通过行政复议、裁决、确认、许可、处罚等程序解决,请依法向有关机关提出。",
    "outside_remit": "您反映的事项不属于本机关、单位职权范围,请向有权处理的机关、单位提出。",
    "too_high": "您反映的事项应当向有权处理的本级或者上一级机关、单位设立的接待场所提出。",
}
"""What a petitioner is told of a refusal, or of the way that is open instead."""
