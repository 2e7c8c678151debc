"""The words of the published language: code lists, with the Chinese term of each."""

from __future__ import annotations

CHANNELS = (
    "letter", "visit", "call", "web", "mobile", "wechat", "mailbox", "visit_down", "proxy",
)  # fmt: skip
"""信访形式: 来信, 来访, 来电, 网上, 手机, 微信, 领导信箱, 下访, 代办."""
TYPES = ("suggestion", "request", "accusation", "enquiry", "other")
"""信访目的: 意见建议, 申诉求决, 检举控告, 咨询, 其他 (条例 Art. 29-31)."""
PLACINGS = ("registered", "located", "assigned", "signed", "objected", "declined")
"""Where routing has brought it: 已登记, 已定属地, 待签收, 已签收, 异议中, 不予受理(含告知其他途径)."""
HANDLINGS = (
    "accepted", "answered", "served", "closed", "withdrawn",
    "review_sought", "review_decided", "review_served",
    "rereview_sought", "rereview_decided", "final",
)  # fmt: skip
"""How far supervision has come: 受理, 答复, 送达, 办结, 撤回, 复查, 复核, 终结."""
STATUSES = PLACINGS + HANDLINGS
"""The status is the handling where there is one, else the placing (ADR 0007)."""
METHODS = ("transfer", "assign", "self")
"""转送, 交办, 自办."""
OUTCOMES = ("supported", "explained", "not_supported", "settled")
"""支持, 作出解释说明, 不予支持 (Art. 32); 达成调解、和解协议 (Art. 33)."""
REVIEW_OUTCOMES = ("upheld", "changed", "revoked")
"""维持, 变更, 撤销并责令重新办理."""
STAGES = ("handle", "review", "rereview")
"""办理, 复查 (Art. 35), 复核 (Art. 36)."""
BRANCHES = ("29", "30", "31-1", "31-2", "31-3", "31-4", "31-5", "31-6")
"""依法分类处理: the articles 29 and 30, and the six ways of Art. 31."""
PROCEDURES = ("ordinary", "simple")
"""普通程序, 简易办理."""
DECLINES = (
    "accepted_below", "final_already", "litigation", "arbitration", "party_discipline",
    "administrative", "outside_remit", "too_high", "review_lapsed",
)  # fmt: skip
"""Why a petition is not accepted, or led elsewhere; registered all the same (Art. 19, 20, 22, 23, 36)."""
OBJECTIONS = ("outside_remit", "other_place", "other_level", "several_bodies", "accepted_elsewhere")
"""Why a body objects: 不属职责范围, 不属本地, 不属本级, 涉及多个机关, 已由他处受理 (Art. 23)."""
BODY_LEVELS = ("village", "town", "county", "city", "province", "nation")
"""Level of an office, and of the body complained about: 村(社区), 镇(街道), 县, 市, 省, 国家."""
PRINCIPLES = ("territorial", "competent", "superior")
"""By what an office answers: 属地, 主管 (Art. 5), or as the superior of the one complained about."""
LEVELS = ("superior", "joint_meeting")
"""Who names the office where bodies do not agree: 共同的上级机关, 信访工作联席会议 (Art. 24)."""
RECUSALS = ("interest", "kinship", "involved", "other")
"""Why an officer steps aside: 直接利害关系, 近亲属关系, 参与过所反映的事项, 其他可能影响公正的关系 (Art. 28)."""
SERVICE_METHODS = ("in_person", "post", "notice", "other")
"""送达方式: 当面, 邮寄, 公告, 其他."""
RECEIPTS = ("signed", "refused", "returned", "published")
"""How a service ended: 签收, 拒收(留置), 退回, 公告期满."""
RATINGS = ("satisfied", "basic", "unsatisfied")
"""满意, 基本满意, 不满意."""
RECEPTIONS = ("leader_day", "visit_down", "joint")
"""领导接待日, 下访, 联合接待."""
FINALS = (
    "declined", "withdrawn", "settled", "not_reviewable", "review_not_sought", "rereview_not_sought",
    "rereviewed",
)  # fmt: skip
"""Why a matter is final: 不予受理, 撤回, 达成协议, 不适用复查, 逾期未请求复查/复核, 复核终结."""
DOCUMENTS = (
    "acceptance", "refusal", "no_longer", "guidance", "transfer", "assignment", "extension", "opinion",
    "agreement", "review", "rereview", "order", "receipt", "report",
)  # fmt: skip
"""受理告知书, 不予受理告知书, 不再受理告知书, 告知书, 转送函, 交办单, 延期告知书, 处理意见书, 调解协议书,
复查意见书, 复核意见书, 督办单, 送达回证, 办结报告."""
VOIDED = ("wrong_content", "wrong_recipient", "replaced")
"""Why a paper is voided: 内容有误, 对象有误, 重新出具."""
DUTIES = (
    "forward", "inform", "accept", "object", "arbitrate", "report", "answer", "assist", "seek_review",
    "review", "seek_rereview", "rereview", "urgent", "feedback", "annual", "simple_forward",
    "simple_accept", "simple_answer", "elsewhere", "reply", "notify", "reforward", "designate", "succession",
    "serve", "close", "triage", "order", "confirm", "follow_up", "reopen", "assess", "promise",
)  # fmt: skip
"""Kinds of duty; supervision's rules give each its article and length."""
ORDERS = ("supervise", "remind", "report")
"""督办, 催办 (Art. 40); the report of a 交办 (Art. 22(3)): demands about one petition."""
ORDER_REASONS = (
    "overdue", "no_feedback", "wrong_procedure", "stalling", "not_executed", "other",
)  # fmt: skip
"""Why a body is supervised: 超期, 未反馈, 程序不当, 推诿敷衍拖延弄虚作假, 不执行处理意见, 其他 (Art. 40)."""
AFFAIRS = ("improve", "policy", "accountability", "annual", "assess")
"""三项建议: 改进工作, 完善政策, 追究责任 (Art. 14, 40); 年度报告 (Art. 41), 年度考核 (Art. 39)."""
MEDIATIONS = ("mediation", "settlement")
"""调解, 和解 (Art. 33)."""
REPORTS = ("monthly", "month", "quarter", "half", "year", "bulletin", "assessment")
"""月报 (a return); 月、季、半年、年的报告; 简报; 考核结果."""
URGENT_TO = ("government", "department", "joint_meeting", "superior", "nation")
"""直报的报送对象: 本级党委政府, 本级主管部门, 联席会议办公室, 上一级信访部门, 国家信访局 (Art. 25)."""
URGENT_METHODS = ("phone", "fax", "system", "written", "in_person")
"""直报的报送方式: 电话, 传真, 信息系统, 书面, 当面."""
FOLLOW_UP_METHODS = ("phone", "visit", "other")
"""回访方式: 电话, 上门, 其他."""
FOLLOW_UP_RESULTS = ("executed", "not_executed", "other")
"""回访结果: 已落实, 未落实, 其他."""
