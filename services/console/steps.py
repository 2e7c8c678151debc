"""The steps of the procedure as forms: one table, one page handler, one template (`_do_step.html`).

Who may take which step now is what the services answer (`next_steps`); what a form asks for stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console import words
from console.casefile import CaseFile
from console.forms import whole
from console.visit import Visit


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Args:
        kind: `radio`, `choice`, `several` (of a table), `area`, `text`, `date` (until today), `moment` (day and
            time), `future`, `number`, `office`, `offices` (several), `helpers` (offices with a last day each), `addressee` (one of the bodies that can be
            ordered), `officer` (of the head's office) or `claims` (one choice for each claim).
        table: the words to choose from.
        default: `today` stands for today, `now` for this minute.
    """

    name: str
    title: str
    kind: str
    table: Mapping[str, str] | None = None
    hint: str = ""
    required: bool = True
    default: str = ""


@dataclass(frozen=True)
class Step:
    """A command as a form.

    Args:
        path: of the service, `{number}` in it, and `{round}` where there may be several.
        title: on the button.
        note: what the law says about it, shown above the button.
        folded: shown closed, since it is not what is usually done next.
        wide: stands under the text instead of beside it: there is much to write.
    """

    name: str
    service: str
    path: str
    title: str
    note: str
    done: str
    fields: tuple[Field, ...] = ()
    folded: bool = False
    wide: bool = False

    @property
    def titles(self) -> dict[str, str]:
        """What its fields are called."""
        return {field.name: field.title for field in self.fields}


_R, _C, _A = "/petitions/{number}", "/cases/{number}", "/affairs/{number}"
_O = f"{_C}/orders/{{round}}"
_OPINIONS = {code: title for code, title in words.OUTCOMES.items() if code != "settled"}
_REASONED = "申诉求决类诉求按普通程序办理的，须写明（第三十二条）。"
_DUE = Field("due_on", "期限", "future", required=False, hint="不填的，按本站规定的期限。")
_VERDICT = (
    Field("accepted", "结果", "radio", words.VERDICTS),
    Field("text", "意见", "area", required=False, hint="退回重办的必须说明理由。"),
    Field(
        "due_on",
        "再次回复的期限",
        "future",
        required=False,
        hint="退回重办的可以指定；不填则与原期限等长。",
    ),
)
_SERVICE = (
    Field("method", "送达方式", "radio", words.SERVICE_METHODS, default="in_person"),
    Field("receipt", "结果", "radio", words.RECEIPTS, default="signed"),
    Field("served_on", "送达日期", "date", default="today"),
)
_URGENT = f"{_C}/urgent-report"
_REPORT = (
    Field("to", "报送对象", "several", words.URGENT_TO),
    Field("method", "报送方式", "radio", words.URGENT_METHODS, default="phone"),
    Field(
        "reported_at", "报送时间", "moment", default="now", hint="实际报告的时间，可以早于登记。"
    ),
    Field("text", "内容", "area", hint="时间、地点、人数、诉求、现状和已采取的措施。加密保存。"),
)
_ASSIGN = (
    Field("method", "方式", "radio", words.METHODS, default="transfer"),
    Field("report_due", "报送结果的期限", "future", required=False, hint="交办须填写。"),
    Field("assisting", "协办单位", "helpers", required=False),
)
STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("sign", "routing", f"{_R}/signature", "签收", "本件已转到本单位，请签收。", "已签收。"),
        Step("consult", "routing", f"{_R}/consultation", "登记协商",
             "涉及两个以上机关、单位的，由其协商受理；协商不成的，由共同的上级机关指定，没有共同上级的，由联席会议决定（第二十四条）。",
             "协商已登记。",
             (Field("offices", "参加协商的单位", "offices"),
              Field("held_on", "协商日期", "date", default="today"),
              Field("agreed", "协商结果", "radio", words.CONSULTED),
              Field("office", "主办单位", "office", required=False, hint="协商不成的不填。"),
              Field("assisting", "协办单位", "helpers", required=False),
              Field("text", "协商情况", "area", hint="写明各单位的意见和结论。")), folded=True),
        Step("designate", "routing", f"{_R}/designation", "指定承办单位",
             "协商不成的，由共同的上级机关指定；被指定的单位不得再提出异议（第二十四条）。", "已指定承办单位。",
             (Field("office", "承办单位", "office"), *_ASSIGN,
              Field("text", "指定的理由", "area"))),
        Step("convene", "routing", f"{_R}/joint-meeting", "登记联席会议决定",
             "没有共同的上级机关的，由信访工作联席会议决定（第二十四条）。", "已登记联席会议决定。",
             (Field("offices", "参加会议的单位", "offices"),
              Field("held_on", "会议日期", "date", default="today"),
              Field("office", "承办单位", "office"), *_ASSIGN,
              Field("text", "会议决定", "area"),
              Field("minutes", "会议纪要", "area"))),
        Step("name_successor", "routing", f"{_R}/succession", "明确承继单位",
             "原单位已撤销、合并或者分立，由承继其职权的单位办理；不明确的，由本级党委、政府指定（第二十四条）。",
             "已明确承继单位。",
             (Field("office", "承继单位", "office"), Field("text", "理由", "area"))),
        Step("recuse", "routing", f"{_R}/recusal", "申请回避",
             "与信访事项或者信访人有直接利害关系的，应当回避（第二十八条）。回避后您不能再查看、办理本件。",
             "已回避。", (Field("cause", "理由", "radio", words.RECUSALS),), folded=True),
        Step("order_recusal", "routing", f"{_R}/recusal", "决定回避",
             "由负责人决定本单位工作人员回避（第二十八条）；该工作人员不能再查看、办理本件。", "已决定回避。",
             (Field("account", "工作人员", "officer"),
              Field("cause", "理由", "radio", words.RECUSALS)), folded=True),
        Step("object", "routing", f"{_R}/objection", "提出异议",
             "不属于本单位职责的，自收到之日起5个工作日内说明理由提出异议（第二十三条）。", "异议已提出，等待核实。",
             (Field("reason", "理由", "radio", words.OBJECTIONS),
              Field("text", "说明", "area", hint="写明依据和应由哪个单位办理。")), folded=True),
        Step("arbitrate", "routing", f"{_R}/arbitration", "核实异议",
             "同意的，退回重新转送；不同意的，维持原交办（第二十三条、第二十四条）。", "异议已核实。",
             (Field("agreed", "核实结果", "radio", words.AGREED),
              Field("text", "理由", "area"))),
        Step("decline", "routing", f"{_R}/refusal", "不予受理或告知途径",
             "仍保留登记；须书面告知信访人（第十九条、第二十三条、第三十六条）。", "已作出决定，请告知信访人。",
             (Field("reason", "理由", "choice", words.DECLINES),
              Field("elsewhere", "应当向其提出的机关、单位", "text", required=False,
                    hint="告知其他途径的须写明，例如：慈溪市人民法院。")), folded=True),
        Step("accept", "supervision", f"{_C}/acceptance", "受理",
             "第三十一条第六项的事项，自受理之日起六十日内办结（第三十四条）；其他途径的事项适用其自身的期限。",
             "已受理。",
             (Field("claims", "诉求的办理途径", "claims", words.BRANCHES),
              Field("procedure", "程序", "radio", words.PROCEDURES, default="ordinary"))),
        Step("mark_urgent", "supervision", f"{_C}/urgency", "标为紧急",
             "登记以后才知道是重大、紧急信访事项的，标为紧急，并及时报告（第二十五条）；报告的时限从现在起算，不能撤销。",
             "已标为紧急，请及时报告并登记直报。",
             (Field("circumstances", "理由", "area", hint="写明是什么情况、何时知悉。加密保存。"),), folded=True),
        Step("report_urgent", "supervision", _URGENT, "登记直报",
             "重大、紧急信访事项：及时报告本级党委、政府，通报主管部门和联席会议办公室，并报上一级和国家信访局（第二十五条）。",
             "直报已登记。", _REPORT),
        Step("report_further", "supervision", _URGENT, "登记续报",
             "首次报告后有新情况的，继续报告；各次报告都保留（第二十五条）。", "续报已登记。", _REPORT, folded=True),
        Step("supplement", "intake", f"{_R}/supplement", "登记补充材料",
             "信访人补充的事实、材料。", "已登记补充。",
             (Field("text", "补充内容", "area"),), folded=True),
        Step("link", "intake", f"{_R}/link", "登记为重复件",
             "同一信访人就同一事项再次提出的。由人确认；信访人可以提出异议。", "已登记为重复件。",
             (Field("repeat_of", "先前的信访件编号", "text"),), folded=True),
        Step("unlink", "intake", f"{_R}/unlink", "撤销重复件登记",
             "核对后是另外的事项的，撤销。", "已撤销。", folded=True),
        Step("assist", "supervision", f"{_C}/assistance", "提交协办意见",
             "提交给主办单位，由主办单位汇总后统一答复信访人。", "已提交协办意见。",
             (Field("text", "协办意见", "area"),)),
        Step("mediate", "supervision", f"{_C}/mediation", "登记调解、和解",
             "全部诉求达成协议的，协议即为处理结果，送达后办结，不再复查（第三十三条）。", "已登记。",
             (Field("kind", "方式", "radio", words.MEDIATIONS, default="mediation"),
              Field("held_on", "日期", "date", default="today"),
              Field("parties", "参加人", "area"),
              Field("agreed", "结果", "radio", words.REACHED),
              Field("claims", "达成协议的诉求", "claims", words.SETTLES, required=False),
              Field("text", "协议内容", "area", required=False, hint="达成协议的必须填写。")),
             folded=True),
        Step("answer", "supervision", f"{_C}/answer", "出具处理意见", "", "已记录处理意见。",
             (Field("outcome", "处理结果", "radio", _OPINIONS),
              Field("outcomes", "各项诉求", "claims", words.OUTCOMES, required=False),
              Field("facts", "查明的事实和理由", "area", required=False, hint=_REASONED),
              Field("opinion", "处理意见", "area"),
              Field("basis", "法律法规和政策依据", "area", required=False, hint=_REASONED)),
             wide=True),
        Step("ask_extension", "supervision", f"{_C}/extension", "申请延期",
             "情况复杂的，经本单位负责人批准可以延长一次，不超过三十日，并告知信访人理由（第三十四条）。",
             "延期申请已提交负责人。",
             (Field("days", "延长天数", "number", default="30"),
              Field("reason", "理由", "area")), folded=True),
        Step("decide_extension", "supervision", f"{_C}/extension/decision", "审批延期",
             "由本单位负责人批准（第三十四条）。", "延期已审批。",
             (Field("approved", "审批结果", "radio", words.APPROVED),)),
        Step("serve", "supervision", f"{_C}/service", "记录送达",
             "自送达之日起三十日内，信访人可以请求复查（第三十五条）。", "已记录送达。", _SERVICE),
        Step("notify", "supervision", f"{_C}/notice", "记录告知", "书面告知信访人（第二十三条）。",
             "已记录告知。", _SERVICE),
        Step("close", "supervision", f"{_C}/closure", "办结", "处理意见已送达，确认办结。", "已办结。"),
        Step("follow_up", "supervision", f"{_C}/follow-up", "登记回访",
             "办结后向信访人了解处理意见是否落实；没有落实的，由承办单位重新办理。", "已登记回访。",
             (Field("method", "方式", "radio", words.FOLLOW_UP_METHODS, default="phone"),
              Field("followed_on", "回访日期", "date", default="today"),
              Field("result", "结果", "radio", words.FOLLOW_UP_RESULTS),
              Field("text", "回访情况", "area")), folded=True),
        Step("issue", "supervision", f"{_C}/orders", "督办",
             "违反受理、办理规定的，推诿、敷衍、拖延、弄虚作假的，拒不执行处理意见的，应当督办（第四十条）。",
             "已发出督办。",
             (Field("office", "被督办单位", "addressee"),
              Field("kind", "类别", "radio", words.SUPERVISIONS, default="supervise"),
              Field("reason", "理由", "radio", words.ORDER_REASONS),
              Field("text", "督办要求", "area"), _DUE), folded=True),
        Step("reply", "supervision", f"{_O}/reply", "回复", "回复交办、督办的单位。", "已回复。",
             (Field("text", "回复内容", "area"),)),
        Step("judge", "supervision", f"{_O}/verdict", "确认或者退回", "", "已处理回复。", _VERDICT),
        Step("lift", "supervision", f"{_O}/lifting", "撤销督办", "不再需要回复的，撤销。", "已撤销。",
             folded=True),
        Step("propose", "supervision", "/affairs", "提出建议",
             "改进工作、完善政策、追究责任的建议，由有关单位书面反馈是否采纳（第十四条、第四十条）。",
             "已提出建议。",
             (Field("office", "收到建议的单位", "office"),
              Field("kind", "类别", "radio", words.PROPOSALS),
              Field("text", "建议内容", "area"), _DUE,
              Field("about", "由哪一信访件引起", "text", required=False,
                    hint="可以不填；只能填该单位经办的信访件编号。")), folded=True),
        Step("feedback", "supervision", f"{_A}/reply", "反馈", "书面反馈是否采纳建议。", "已反馈。",
             (Field("adopted", "是否采纳", "radio", words.ADOPTED),
              Field("text", "反馈内容", "area"))),
        Step("sent", "supervision", f"{_A}/reply", "登记报送",
             "报送本级党委、政府和上一级信访部门后登记（第三十九条、第四十一条）。", "已登记报送。",
             (Field("text", "报送情况", "area", hint="写明报送单位、日期和文号。"),)),
        Step("judge_feedback", "supervision", f"{_A}/verdict", "确认或者退回", "", "已处理反馈。",
             _VERDICT),
        Step("lift_proposal", "supervision", f"{_A}/lifting", "撤销建议", "", "已撤销。", folded=True),
        Step("reopen", "supervision", f"{_C}/reopening", "重新办理",
             "回访发现没有落实，报告被退回，或者有新的错误的，重新办理。", "已重新办理。",
             (Field("reason", "理由", "radio", words.REOPENINGS),), folded=True),
        Step("resolve", "supervision", f"{_C}/check", "核对完毕",
             "不同单位几乎同时办理了互相冲突的步骤，请核对办理过程后处理。", "已核对。"),
        Step("seek_review", "supervision", f"{_C}/review", "登记复查、复核请求",
             "信访人书面提出的，按收到之日登记（第三十五条、第三十六条）。", "已登记请求。",
             (Field("grounds", "请求和理由", "area"),
              Field("requested_on", "收到日期", "date", default="today"),
              Field("office", "复查（复核）机关", "office", required=False,
                    hint="不选则由原办理机关的上一级办理。")), folded=True),
        Step("decide_review", "supervision", f"{_C}/review/opinion", "出具复查、复核意见", "",
             "已记录意见。",
             (Field("outcome", "结论", "radio", words.REVIEW_OUTCOMES),
              Field("opinion", "意见", "area")), wide=True),
        Step("serve_review", "supervision", f"{_C}/review/service", "记录送达复查、复核意见", "",
             "已记录送达。", _SERVICE),
        Step("open_hearing", "supervision", f"{_C}/review/hearing", "听证开始",
             "听证期间不计入三十日（第三十六条）。", "听证已开始，期限中止。", folded=True),
        Step("close_hearing", "supervision", f"{_C}/review/hearing/end", "听证结束", "",
             "听证已结束，期限恢复。"),
    )
}  # fmt: skip
_TRUE = frozenset({"agreed", "approved", "accepted", "adopted"})


def possible(visit: Visit, file: CaseFile) -> list[str]:
    """The steps that this officer can take now, as the services see it."""
    names: list[str] = []
    for part in (file.matter, file.case):
        for step in part["next_steps"] if part else ():
            mine = step["office"] is None or step["office"] == visit.officer.office
            if mine and visit.may(*step["roles"]) and "round" not in step:
                names.append(_shown(step["name"], file))
    if file.petition and visit.may("clerk", "triage") and _registers(visit, file):
        names.append("unlink" if file.petition["repeat_of"] else "link")
        if visit.may("clerk") and not file.ended:
            names.append("supplement")
    # what is usually done next first
    return sorted(dict.fromkeys(names), key=lambda name: name in STEPS and STEPS[name].folded)


def on_orders(visit: Visit, offers: list[dict[str, Any]]) -> dict[int, list[str]]:
    """What this officer can do to each order, report or proposal, by its round."""
    found: dict[int, list[str]] = {}
    for step in offers:
        if "round" in step and step["office"] == visit.officer.office and visit.may(*step["roles"]):
            found.setdefault(step["round"], []).append(step["name"])
    return found


def recusals(visit: Visit, file: CaseFile) -> list[str]:
    """回避: whoever works on it may step aside, and a head may order it (Art. 28)."""
    if not file.known or not visit.may("clerk", "head", "triage", "supervisor"):
        return []
    return ["recuse", "order_recusal"] if visit.may("head") else ["recuse"]


def _registers(visit: Visit, file: CaseFile) -> bool:
    """Whether it is the officer's office that registered it."""
    return bool(visit.officer.office == file.state["registered_by"])


def _shown(name: str, file: CaseFile) -> str:
    """A hearing is opened or closed, by whether one is under way; a report is the first or a further one."""
    case = file.case or {}
    if name == "hear":
        return "close_hearing" if case.get("hearing") else "open_hearing"
    if name == "report_urgent" and case.get("urgent_reports"):
        return "report_further"
    return name


SEVERAL, HELPERS = 5, 3
"""Offices that a form has room for: those that meet, and those that assist."""


def helpers(text: Callable[[str], str]) -> list[dict[str, str | None]]:
    """协办单位 of a form, each with its last day."""
    pairs = [(text(f"assisting.{i}.office"), text(f"assisting.{i}.due_on")) for i in range(HELPERS)]
    return [{"office": office, "due_on": due or None} for office, due in pairs if office]


def instant(text: str, tz: str) -> str:
    """A day and time as a form has them, at the office; what is none is left for the service to refuse."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    if ":" not in text:  # a day alone has no moment
        return text
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(tz))).isoformat()


def body(step: Step, text: Callable[[str], str], ordinals: list[int], tz: str) -> dict[str, Any]:
    """What the form says, as the service takes it.

    Args:
        text: a field of the form, trimmed.
        ordinals: of the petition's claims.
        tz: the office's time zone.
    """
    found: dict[str, Any] = {}
    for field in step.fields:
        if field.kind == "claims":
            key = "branch" if step.name == "accept" else "outcome"
            chosen = {n: text(f"{field.name}.{n}") for n in ordinals}
            if step.name == "mediate":
                found["claims"] = [n for n, word in chosen.items() if word]
                continue
            found["claims"] = [{"ordinal": n, key: word} for n, word in chosen.items() if word]
        elif field.kind == "offices":
            given = (text(f"{field.name}.{i}") for i in range(SEVERAL))
            found[field.name] = [office for office in given if office]
        elif field.kind == "several":
            found[field.name] = [c for c in field.table or () if text(f"{field.name}.{c}")]
        elif field.kind == "moment":
            found[field.name] = instant(text(field.name), tz) or None
        elif field.kind == "helpers":
            found[field.name] = helpers(text)
        elif field.name in _TRUE:
            found[field.name] = {"yes": True, "no": False}.get(text(field.name))
        elif value := text(field.name):
            found[field.name] = whole(value) if field.kind == "number" else value
        elif field.required and not field.default:
            found[field.name] = None  # so that the service says which is missing
    return found
