"""Chinese words for the codes that the services use, and events told as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from contracts.words import BODY_LEVELS as BODY_LEVELS
from contracts.words import BRANCHES as BRANCHES
from contracts.words import CHANNELS as CHANNELS
from contracts.words import METHODS as METHODS
from contracts.words import ORDER_REASONS as ORDER_REASONS
from contracts.words import OUTCOMES as OUTCOMES
from contracts.words import RECEIPTS as RECEIPTS
from contracts.words import REVIEW_OUTCOMES as REVIEW_OUTCOMES
from contracts.words import SERVICE_METHODS as SERVICE_METHODS
from contracts.words import SIZES as SIZES
from contracts.words import SOURCES as SOURCES
from contracts.words import STATUSES as STATUSES
from contracts.words import TURNS as TURNS
from contracts.words import TYPES as TYPES
from kit import clock

TYPES_PLAIN = {
    "request": "请求解决问题（申诉、求决）",
    "suggestion": "提意见、提建议",
    "accusation": "检举、控告（内容密封保存）",
    "enquiry": "咨询政策",
    "other": "其他",
}
STATUSES_PLAIN = {
    "registered": "您的信访事项已经登记，正在确定由哪个单位办理。",
    "located": "您的信访事项已经登记，正在确定由哪个单位办理。",
    "assigned": "您的信访事项已经转给承办单位，等待该单位签收。",
    "signed": "承办单位已经签收，正在审查是否受理。",
    "objected": "承办单位认为不属于其职责，交办单位正在核实。",
    "declined": "您的信访事项没有被受理，或者应当通过其他途径提出，理由见下。",
    "accepted": "承办单位已经受理，正在办理。",
    "answered": "承办单位已经作出处理意见，正在向您送达。",
    "served": "处理意见已经送达，请您查看并评价。",
    "closed": "您的信访事项已经办结。",
    "withdrawn": "您已经撤回这一信访事项。",
    "review_sought": "您的复查请求已经收到，正在复查。",
    "review_decided": "复查意见已经作出，正在向您送达。",
    "review_served": "复查意见已经送达，请您查看。",
    "rereview_sought": "您的复核请求已经收到，正在复核。",
    "rereview_decided": "复核意见已经作出，正在向您送达。",
    "final": "您的信访事项已经办理终结。",
}
STAGES = {"handle": "处理意见", "review": "复查意见", "rereview": "复核意见"}
PROCEDURES = {"ordinary": "普通程序", "simple": "简易办理"}
AGREED = {"yes": "同意退回", "no": "不同意，维持交办"}
APPROVED = {"yes": "同意延期", "no": "不同意"}
OBJECTIONS = {
    "outside_remit": "不属于本单位职责", "other_place": "问题属地不在本辖区",
    "other_level": "应由上级或者下级办理", "several_bodies": "涉及多个单位，应由其他单位牵头",
    "accepted_elsewhere": "已由其他单位受理",
}  # fmt: skip
DECLINES = {
    "accepted_below": "不予受理：同一事项已由下级受理（第十九条）",
    "final_already": "不再受理：复核后以同一事实和理由再提（第三十六条）",
    "review_lapsed": "不再受理：逾期未请求复查、复核（第三十五条）",
    "litigation": "告知：涉法涉诉（第二十八条）",
    "arbitration": "告知：仲裁（第三十一条第二项）",
    "party_discipline": "告知：党内程序（第三十一条第三项）",
    "administrative": "告知：行政复议等程序（第三十一条第四项）",
    "outside_remit": "告知：不属于职权范围（第二十三条）",
    "too_high": "告知：应到本级或者上一级提出（第二十条）",
}
DOCUMENTS = {
    "acceptance": "受理告知书", "refusal": "不予受理告知书", "no_longer": "不再受理告知书",
    "guidance": "告知书", "transfer": "转送函", "assignment": "交办单", "extension": "延期告知书",
    "opinion": "处理意见书", "agreement": "调解协议书", "review": "复查意见书", "rereview": "复核意见书",
    "order": "督办单", "receipt": "送达回证", "report": "办结报告",
}  # fmt: skip
VOIDED = {"wrong_content": "内容有误", "wrong_recipient": "对象有误", "replaced": "重新出具"}
REOPENINGS = {
    "not_executed": "回访发现没有落实", "new_error": "处理有错误", "rework": "交办、督办方退回重办",
}  # fmt: skip
ORDERS = {
    "supervise": "督办", "remind": "催办", "report": "报送办理结果", "improve": "改进工作建议",
    "policy": "完善政策建议", "accountability": "追究责任建议", "annual": "信访情况年度报告",
    "assess": "信访工作年度考核",
}  # fmt: skip
SUPERVISIONS = {"supervise": "督办", "remind": "催办"}
PROPOSALS = {
    "improve": "改进工作建议", "policy": "完善政策建议", "accountability": "追究责任建议",
}  # fmt: skip
ORDER_STATES = {"open": "待回复", "answered": "待确认", "accepted": "已办结", "lifted": "已撤销"}
VERDICTS = {"yes": "确认", "no": "退回重办"}
ADOPTED = {"yes": "采纳", "no": "不采纳"}
MEDIATIONS = {"mediation": "调解", "settlement": "和解"}
REACHED = {"yes": "达成协议", "no": "未达成协议"}
SETTLES = {"yes": "已达成协议"}
URGENT_TO = {
    "government": "本级党委政府", "department": "本级主管部门", "joint_meeting": "联席会议办公室",
    "superior": "上一级信访部门", "nation": "国家信访局",
}  # fmt: skip
URGENT_METHODS = {
    "phone": "电话", "fax": "传真", "system": "信息系统", "written": "书面", "in_person": "当面",
}  # fmt: skip
URGENT = {"all": "全部重大、紧急", "owed": "尚未报告", "late": "报告超期"}
REPORTED = {"open": "尚未报告", "fulfilled": "已报告"}
"""How the duty to report an urgent matter stands."""
FOLLOW_UP_METHODS = {"phone": "电话", "visit": "上门", "other": "其他"}
FOLLOW_UP_RESULTS = {"executed": "已落实", "not_executed": "未落实", "other": "其他"}
FINALS = {
    "declined": "已告知不予受理或者其他途径", "withdrawn": "信访人撤回", "settled": "达成调解、和解协议",
    "not_reviewable": "不适用复查程序", "review_not_sought": "逾期未请求复查",
    "rereview_not_sought": "逾期未请求复核", "rereviewed": "复核终结",
}  # fmt: skip
LIFTED = {"superior": "由共同的上级机关指定", "joint_meeting": "由信访工作联席会议指定"}
LEVELS = {
    "consultation": "协商", "superior": "共同的上级机关指定", "joint_meeting": "信访工作联席会议决定",
    "succession": "明确承继单位",
}  # fmt: skip
CONSULTED = {"yes": "协商一致", "no": "协商不成，报请共同的上级机关指定"}
RECUSALS = {
    "interest": "与信访事项有直接利害关系", "kinship": "与信访人或者被反映人有近亲属关系",
    "involved": "参与过所反映事项的处理", "other": "其他可能影响公正处理的关系",
}  # fmt: skip
RATINGS = {"satisfied": "满意", "basic": "基本满意", "unsatisfied": "不满意"}
DUTIES = {
    "forward": "转送、交办", "inform": "告知受理", "accept": "受理告知", "object": "提出异议的期限",
    "arbitrate": "核实异议", "report": "报送办理结果", "answer": "办结答复", "seek_review": "请求复查的期限",
    "review": "复查", "seek_rereview": "请求复核的期限", "rereview": "复核", "urgent": "紧急报告",
    "feedback": "反馈建议", "annual": "年度报告", "simple_forward": "简易转送",
    "simple_accept": "简易受理", "simple_answer": "简易办结", "elsewhere": "了解其他途径办理情况",
    "reply": "答复", "notify": "告知不予受理", "reforward": "重新转送", "designate": "指定承办单位", "succession": "明确承继单位",
    "triage": "人工核对", "serve": "送达", "close": "办结", "assist": "协办",
    "order": "回复督办", "confirm": "确认回复", "follow_up": "回访", "reopen": "重新办理", "assess": "年度考核",
    "promise": "落实接待承诺",
}  # fmt: skip
DUTY_STATES = {"open": "进行中", "fulfilled": "已完成", "lapsed": "已届满", "void": "已取消"}
LIGHTS = {"green": "期限内", "yellow": "临近期限", "red": "已超期"}
PERSON_ROLES = {"petitioner": "信访人", "representative": "代表", "agent": "代理人、陪同人"}
ID_KINDS = {
    "resident": "居民身份证", "passport": "护照", "hk_macau": "港澳居民来往内地通行证",
    "taiwan": "台湾居民来往大陆通行证", "residence": "港澳台居民居住证",
    "foreigner": "外国人永久居留身份证", "other": "其他证件",
}  # fmt: skip
RECEPTIONS = {"leader_day": "领导接待日", "visit_down": "下访", "joint": "联合接待"}
KEPT = {"yes": "已落实", "no": "未落实"}
ATTACHMENT_STATES = {
    "unscanned": "未查毒", "waiting": "等待查毒", "clean": "已查毒", "infected": "含病毒，不能下载",
}  # fmt: skip
ATTACHMENTS = "PDF、JPG、PNG、DOCX、XLSX、OFD、TXT"
"""What the register takes (intake.domain.attachments)."""
ROLES = {
    "clerk": "经办", "head": "负责人", "supervisor": "督查", "triage": "分流",
    "auditor": "审计", "security": "安全管理", "admin": "系统管理",
}  # fmt: skip
READINGS = {
    "ok": "内容中的地名是", "conflict": "内容中的县区和镇街不一致，以镇街为准", "ambiguous": "地名有几种可能",
    "office-only": "内容中没有地名，按收到的单位", "none": "内容中没有可识别的地名",
}  # fmt: skip
ROLES_OF_PLACES = {
    "origin": "户籍地", "body": "单位所在地", "place": "另一处地名", "residence": "住址", "matter": "另一处问题发生地",
}  # fmt: skip
PRINCIPLES = {"territorial": "属地", "competent": "主管", "superior": "上一级"}
RULES = {
    "chosen": "登记时选定", "person": "人工判定", "text": "按所述地名", "town": "按所述镇街",
    "moved-town": "按所述镇街（区划有调整）", "department": "按职责范围",
    "petition_office": "按信访部门职责", "generated": "演示资料",
}  # fmt: skip
TRIAGE = {
    "sealed": "检举控告件，须人工分流",
    "imported": "导入的旧件，属地以原登记为准",
    "no-name": "内容中没有可识别的地名",
    "several-places": "地名有几种可能",
    "unsure": "地名把握不足，请确认",
    "elsewhere": "所述地方不在本站范围",
    "no-divisions": "区划资料尚未载入",
    "several-departments": "多个部门的职责相关",
    "no-office": "目录中没有对应的承办单位",
    "no-category": "内容未分类，不能确定承办单位",
    "no-directory": "单位目录尚未载入",
    "above-site": "被反映单位级别高于本站",
    "accused-top": "被反映的是本站最上级单位，须报上级",
    "rule-without-office": "规则指定的单位已不存在",
    "by-hand": "登记单位设置为一律人工分流",
    "placed": "属地已定,待确定承办单位",
    "returned": "异议成立,退回重新转送",
    "superior": "由共同的上级机关指定",
    "joint_meeting": "没有共同的上级，由联席会议决定",
    "succession": "原单位已撤销，须明确承继单位",
}
MEASURES = {
    "registered": "登记", "located": "定属地", "assigned": "转送交办", "signed": "签收",
    "accepted": "受理", "answered": "答复", "served": "送达", "closed": "办结", "rated": "评价",
    "approaching": "临近期限", "missed": "超期", "objected": "提出异议", "returned": "退回",
    "declined": "不予受理或告知途径", "withdrawn": "撤回", "extended": "延期", "reopened": "重新办理",
    "final": "终结", "review_requested": "复查复核请求", "review_decided": "复查复核意见", "review_served": "复查复核意见送达",
    "urgent": "紧急报告",
}  # fmt: skip
DIMENSIONS = {
    "day": "日期", "office": "单位", "division": "属地", "channel": "信访形式", "type": "信访目的",
}  # fmt: skip
PERIODS = {
    "day": "日", "week": "周", "month": "月", "quarter": "季", "half": "半年", "year": "年", "free": "起止日期",
}  # fmt: skip
RECEIVERS = BODY_LEVELS | {"here": "本级及以下"}
"""接待机关层级: a level, or the site's own offices."""
WHOLE_MONTHS = {kind: PERIODS[kind] for kind in ("month", "quarter", "half", "year")}
FIGURE_DIMENSIONS = {
    "office": "单位", "level": "接待机关层级", "town": "镇、街道", "division": "村、社区", "channel": "信访形式",
    "type": "信访目的", "topic": "内容分类（一级）", "category": "内容分类", "size": "个访、集体访",
    "turn": "初次、重复", "day": "日期", "month": "月份",
}  # fmt: skip
WHOSE = {"receiver": "按登记单位统计", "holder": "按承办单位统计", "step": "按办理这一步的单位统计"}
FIELDS = {
    "what": "数据", "period": "周期", "month": "月份", "year": "年度", "from": "从", "to": "到", "after": "页次", "series": "简报", "series_name": "简报名称", "revision": "简报", "version": "文稿", "by": "分列", "as_of": "截至当时", "where": "范围", "part": "分子、分母", "format": "格式",
    "channel": "信访形式", "received_on": "收到日期", "type": "信访目的", "head_count": "信访人数", "household_count": "来访户数",
    "division": "问题属地", "category": "内容分类", "complained_about": "被反映单位", "title": "标题",
    "text": "内容", "people": "信访人", "role": "身份", "name": "姓名", "phone": "电话",
    "id_kind": "证件", "id_number": "证件号码", "files": "附件", "address": "住址", "accused": "被检举、控告的单位", "claims": "诉求",
    "branch": "办理途径", "outcome": "处理结果", "opinion": "意见", "facts": "查明的事实和理由", "basis": "依据", "reason": "理由", "days": "延长天数",
    "approved": "审批结果", "agreed": "核实结果", "method": "方式", "receipt": "结果",
    "served_on": "送达日期", "grounds": "请求和理由", "requested_on": "收到日期",
    "office": "单位", "postmarked_on": "邮戳日期", "barcode": "信封条码", "repeat_of": "先前的信访件编号", "procedure": "程序", "report_due": "报送结果的期限", "assisting": "协办单位",
    "simple": "简易办理", "due_on": "期限", "kind": "类别", "held_on": "日期", "parties": "参加人", "followed_on": "回访日期",
    "adopted": "是否采纳", "accepted": "确认结果", "about": "信访件编号",
    "day": "日期", "hours": "时间", "place": "地点", "receivers": "接待人",
    "offices": "参加单位", "number": "信访件编号", "agreement": "议定事项", "promised_on": "承诺日期", "kept": "结果",
    "minutes": "会议纪要", "cause": "理由", "account": "工作人员",
    "scheme": "考核办法", "self_due": "自评截止", "peer_due": "互查截止", "state": "阶段",
    "elsewhere": "应当向其提出的机关、单位", "successors": "承继单位", "on": "撤销日期",
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
REPORT_KINDS = {"month": "月度", "quarter": "季度", "half": "半年", "year": "年度"}
REPORT_STATES = {"drawn": "已编制，未印发", "issued": "已印发"}
REPORT_PARTS = {
    "overview": "一、总体情况", "by_form": "二、信访形式", "by_level": "三、走访情况", "topics": "四、反映的主要问题",
    "handling": "五、办理情况", "information": "六、信息工作", "notes": "说明",
}  # fmt: skip
BULLETIN_STATES = {"draft": "草稿", "issued": "已印发", "void": "已作废"}
TOPIC_PERIODS = {name: text for name, text in PERIODS.items() if name not in ("day", "free")}
TOPICS = {"topic": "内容分类（一级）", "category": "内容分类（细分）"}
RETURN_STATES = {"drawn": "已编制，未签发", "signed": "已签发"}
ASSESSMENT_STATES = {
    "self": "自评中", "peer": "互查中", "ranking": "定分中", "appeals": "已排序，可申诉", "closed": "已公布",
    "cancelled": "已作废",
}  # fmt: skip
ASSESSMENT_STAGES = {
    "peer": "进入互查", "ranking": "进入定分", "appeals": "公示排序，开始申诉", "closed": "公布", "cancelled": "作废",
}  # fmt: skip
ASSESSMENT_WAITING = {
    "self": "尚未自评", "peer": "尚未互查", "ranking": "无人互查、自评与互查相差过大，或者数据有异议", "appeals": "申诉待处理",
}  # fmt: skip
SCORE_STEPS = {
    "self": "自评", "peer": "互查", "final": "定分", "appeal": "申诉", "verdict": "申诉处理",
}  # fmt: skip
SCORED = {"points": "分数", "text": "说明", "dispute": "数据异议", "upheld": "处理结果"}
UPHELD = {"yes": "成立", "no": "不成立"}
UNITS = {"day": " 日", "working": " 个工作日", "hour": " 小时"}
FORM_STATES = {"checking": "正在试印", "in_use": "已启用", "refused": "没有启用", "ended": "已停用"}
DONE = {
    "paper": "已编号，正在生成。", "voided": "已作废，原号保留。", "form": "模板已上传，正在试印。",
    "recuse": "您已回避，不再查看、办理这一信访件。", "abolish": "机构变动已登记，在办事项正在转由承继单位办理。",
    "assign": "已分流。", "rate": "评价已提交，谢谢您。", "review": "您的请求已经登记。",
    "supplement": "您的补充已经登记。", "withdraw": "您的信访事项已经撤回。", "contest": "您的异议已经登记，工作人员会核对。",
    "attach": "附件已经保存。", "return-drawing": "月报已编制。", "return-correction": "已更正。",
    "return-signature": "月报已签发锁定。", "form-ending": "已停用本单位的模板。",
    "report-drawing": "报告已编制，数据已固定。", "report-issue": "报告已印发，不再改变。", "report-addition": "补充内容已保存，文件重新生成。", "series": "简报已设立。",
    "bulletin-draft": "草稿已保存。", "bulletin-change": "已保存。", "bulletin-issue": "已编号印发，文件正在生成。",
    "bulletin-voiding": "已作废，原期号保留。", "limits": "期限已导入，自启用日期起适用。", "same": "文件与现有的一致，没有改动。",
    "alias": "已停用。", "rules": "规则已导入，从现在起适用。", "offices": "单位目录已导入。",
    "assessment-open": "考核已开始，数据已固定。", "assessment-advance": "已进入下一阶段。", "score-self": "自评已提交。",
    "score-peer": "互查已提交。", "score-final": "已定分。", "score-appeal": "申诉已提交。",
    "score-verdict": "申诉已处理，排序已重新计算。", "scheme": "考核办法已导入。",
    "calendar": "工作日历已导入，未到期的期限正在随之调整。", "reception": "已保存。",
}  # fmt: skip


def word(table: Mapping[str, str], code: str | None) -> str:
    """The word for a code; a code that this version does not know stands for itself."""
    return table.get(code, code) if code else ""


def field(path: str) -> str:
    """A form's field by its dotted path: 内容, 第 2 人 电话."""
    match path.split("."):
        case ["claims", index, name] if index.isdigit():
            return f"第 {int(index) + 1} 项诉求 {word(FIELDS, name)}"
        case ["people", index, name] if index.isdigit():
            return f"第 {int(index) + 1} 人 {word(FIELDS, name)}"
        case [part, _] if part in SCORED:
            return SCORED[part]
    return word(FIELDS, path)


def size(count: int) -> str:
    """Bytes as people read them: 12 KB, 1.4 MB."""
    return f"{count / (1 << 20):.1f} MB" if count >= 1 << 20 else f"{max(1, count >> 10)} KB"


# -- times -----------------------------------------------------------------------------------------


def instant(text: str) -> datetime:
    """An instant as the services write it."""
    return datetime.fromisoformat(text)


def last_day(due: str, tz: str) -> date:
    """The last day of a limit, as the services write its instant."""
    return clock.last_day(instant(due), tz)


def days_left(due: str, now: datetime, tz: str) -> str:
    """How long until a limit is over, in words."""
    days = (last_day(due, tz) - clock.local_date(now, tz)).days
    if days > 0:
        return f"还有 {days} 天"
    return "今天到期" if days == 0 else f"已超 {-days} 天"
