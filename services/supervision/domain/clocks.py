"""The law's clocks as dated data, and how a deadline is reckoned (信访工作条例 Art. 22-36).

One walk over the days gives the last day of a limit and the explanation of it. What is written in the
law and what is only usual stands apart in each rule (`basis`): of the limits of the 条例 only that of
an objection says 工作日; that day zero is not counted, and that a last day off rolls on, is usage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from supervision.domain.calendar import DAY, Calendar

REGULATION = "信访工作条例"
FORCE = date(2022, 5, 1)
"""The day from which the 条例 is in force."""

LAW, FOUND, SITE = "law", "found", "site"
"""How sure a rule is: read in the regulation, found in another published source, the site's own."""


@dataclass(frozen=True)
class Rule:
    """One clock (期限).

    Args:
        id: the kind and the year from which it holds; a duty keeps it for good.
        ref: its line in the table of clocks (D1-D16).
        length: in units; None where whoever opens the duty sets the last day.
        unit: `day` (calendar), `working` (工作日) or `hour`.
        warn: units before the end at which the light turns yellow; 0: no warning.
        starts, ends, pauses: in words, Chinese.
        extend: how many days it may be extended by, once.
        first_day: whether the day of the event is counted itself.
        rolls: whether a last day on which offices are closed moves to the next working day.
        owed_by: `office`, or `petitioner` for a window in which a right may be used.
        lapses: what ends without a red light when its time is over.
        note: what else is to be known of it.
    """

    id: str
    kind: str
    ref: str
    zh: str
    article: str
    length: int | None
    unit: str
    warn: int
    starts: str
    ends: str
    pauses: str | None = None
    extend: int = 0
    first_day: bool = False
    rolls: bool = True
    owed_by: str = "office"
    lapses: bool = False
    basis: str = LAW
    law: str = REGULATION
    valid_from: date = FORCE
    valid_to: date | None = None
    note: str = ""

    @property
    def ground(self) -> str:
        """Law and article, as a duty shows it."""
        return f"{self.law} {self.article}".strip()


OWN = "本站设置"
PROPOSED = "登记时建议简易办理的适用;法定期限同时计算"
"""D15. Whether it is simple is decided at acceptance; what comes before can only run on a proposal."""
TIERED = "只约束国家和省级信访部门,且已于2022年5月1日废止:不据此设置期限,仅供说明旧件"
"""D16. A site is a town, a county or a city, and no case here is older than the 条例: nothing can open it."""
RULES: tuple[Rule, ...] = (
    Rule("forward.2022", "forward", "D1", "转送、交办", "第二十二条", 15, "day", 3,
         "收到信访事项之日", "转送、交办、自办或者告知不予受理之时"),
    Rule("inform.2022", "inform", "D2", "告知受理情况(直接收到)", "第二十三条", 15, "day", 3,
         "收到信访事项之日", "受理或者告知之时"),
    Rule("accept.2022", "accept", "D3", "受理并告知", "第二十三条", 15, "day", 3,
         "收到转送、交办之日", "受理或者告知之时"),
    Rule("object.2022", "object", "D4", "提出异议", "第二十三条", 5, "working", 0,
         "收到转送、交办之日", "提出异议之时", lapses=True),
    Rule("arbitrate.2026", "arbitrate", "D4", "核实异议", "", 5, "working", 1,
         "收到异议之日", "同意或者维持之时", law=OWN, basis=SITE),
    Rule("report.2022", "report", "D5", "报送办理结果", "第二十二条第三项", None, "day", 5,
         "交办之日", "报送办结报告之时", rolls=False),
    Rule("answer.2022", "answer", "D6", "办结", "第三十四条", 60, "day", 10,
         "受理之日", "出具处理意见之时", extend=30),
    Rule("seek_review.2022", "seek_review", "D8", "请求复查", "第三十五条", 30, "day", 0,
         "收到书面答复之日", "请求复查之时", owed_by="petitioner", lapses=True),
    Rule("review.2022", "review", "D9", "提出复查意见", "第三十五条", 30, "day", 5,
         "收到复查请求之日", "出具复查意见之时"),
    Rule("seek_rereview.2022", "seek_rereview", "D10", "请求复核", "第三十六条", 30, "day", 0,
         "收到书面答复之日", "请求复核之时", owed_by="petitioner", lapses=True),
    Rule("rereview.2022", "rereview", "D11", "提出复核意见", "第三十六条", 30, "day", 5,
         "收到复核请求之日", "出具复核意见之时", pauses="听证期间"),
    Rule("urgent.2026", "urgent", "D12", "报告重大、紧急信访事项", "第二十五条(及时;时限为本站设置)", 4,
         "hour", 0, "知悉之时", "报告之时", basis=SITE),
    Rule("feedback.2026", "feedback", "D13", "反馈三项建议", "第四十条(未定期限;时限为本站设置)", 30,
         "day", 5, "收到建议之日", "书面反馈之时", basis=SITE),
    Rule("annual.2026", "annual", "D14", "报送信访情况年度报告", "第四十一条(未定期限;时限为本站设置)", 60,
         "day", 15, "年度终了之日", "报送之时", basis=SITE),
    Rule("assess.2026", "assess", "D14", "报送年度考核结果", "第三十九条(未定期限;时限为本站设置)", 60,
         "day", 15, "年度终了之日", "报送之时", basis=SITE),
    Rule("simple_forward.2016", "simple_forward", "D15", "简易办理:转送", "", 3, "working", 1,
         "收到信访事项之日", "转送之时", law="信访事项简易办理办法(试行,转引)", basis=FOUND,
         valid_from=date(2016, 1, 1), note=PROPOSED),
    Rule("simple_accept.2016", "simple_accept", "D15", "简易办理:受理", "", 3, "working", 1,
         "收到转送之日", "受理之时", law="信访事项简易办理办法(试行,转引)", basis=FOUND,
         valid_from=date(2016, 1, 1), note=PROPOSED),
    Rule("simple_answer.2016", "simple_answer", "D15", "简易办理:答复", "", 10, "working", 2,
         "受理之日", "出具处理意见之时", law="信访事项简易办理办法(试行,转引)", basis=FOUND,
         valid_from=date(2016, 1, 1)),
    Rule("forward_national.2014", "forward_national", "D16", "国家局转送", "第六条", 5, "day", 1,
         "登记之日", "转送之时", law="国信发〔2014〕16号", basis=FOUND,
         valid_from=date(2014, 1, 1), valid_to=date(2022, 4, 30), note=TIERED),
    Rule("forward_province.2014", "forward_province", "D16", "省级转送", "第六条", 3, "day", 1,
         "登记之日", "转送之时", law="国信发〔2014〕16号", basis=FOUND,
         valid_from=date(2014, 1, 1), valid_to=date(2022, 4, 30), note=TIERED),
    Rule("elsewhere.2026", "elsewhere", "", "了解法定途径办理情况", "", 90, "day", 10,
         "告知法定途径之日", "登记办理情况之时", law=OWN, basis=SITE),
    Rule("notify.2022", "notify", "D2", "告知不予受理或者告知途径", "第二十三条", 15, "day", 3,
         "作出决定之日", "告知送达之时"),
    Rule("reforward.2026", "reforward", "", "重新转送、交办", "", 5, "working", 1,
         "同意异议之日", "转送、交办之时", law=OWN, basis=SITE),
    Rule("designate.2026", "designate", "", "指定承办机关", "第二十四条(未定期限;时限为本站设置)", 5,
         "working", 1, "报请指定之日", "指定之时", basis=SITE),
    Rule("succession.2026", "succession", "", "明确承继单位", "第二十四条(未定期限;时限为本站设置)", 5,
         "working", 1, "原单位撤销、合并、分立后", "明确承继单位之时", basis=SITE),
    Rule("assist.2026", "assist", "", "协办", "", None, "day", 3,
         "转送、交办之日", "提交协办意见之时", law=OWN, basis=SITE, rolls=False),
    Rule("serve.2026", "serve", "", "送达", "", 10, "working", 2,
         "出具意见之日", "送达之时", law=OWN, basis=SITE),
    Rule("close.2026", "close", "", "办结", "", 10, "working", 2,
         "送达之日", "办结之时", law=OWN, basis=SITE),
    Rule("triage.2026", "triage", "", "人工核对", "", 3, "working", 1,
         "发现之日", "核对完毕之时", law=OWN, basis=SITE),
    Rule("promise.2026", "promise", "", "落实接待时的承诺", "", None, "day", 3,
         "接待之日", "回访登记之时", law=OWN, basis=SITE, rolls=False),
    Rule("reply.2026", "reply", "", "答复意见建议、检举控告等", "", 60, "day", 10,
         "受理之日", "答复之时", law=OWN, basis=SITE),
    Rule("order.2026", "order", "", "回复督办", "第四十条(未定期限;时限由督办方或者本站设置)", 15, "day", 3,
         "督办之日", "回复之时", basis=SITE, rolls=False),
    Rule("confirm.2026", "confirm", "", "确认回复", "", 5, "working", 1,
         "收到回复、报告之日", "确认或者退回之时", law=OWN, basis=SITE),
    Rule("follow_up.2026", "follow_up", "", "回访", "", 30, "day", 5,
         "办结之日", "登记回访之时", law=OWN, basis=SITE),
    Rule("reopen.2026", "reopen", "", "重新办理", "", 5, "working", 1,
         "回访发现未落实之日", "重新办理之时", law=OWN, basis=SITE),
)  # fmt: skip
_BY_ID = {rule.id: rule for rule in RULES}


def rule_for(kind: str, day: date, own: tuple[Rule, ...] = ()) -> Rule:
    """The rule of a kind that is in force on a day: the site's newest, else the one that is built in.

    Args:
        own: the site's own versions (`version`).

    Errors: LookupError where there is none.
    """
    versions = [rule for rule in own if rule.kind == kind and rule.valid_from <= day]
    if versions:
        return max(versions, key=lambda rule: rule.valid_from)
    for item in RULES:
        if (
            item.kind == kind
            and item.valid_from <= day
            and (item.valid_to is None or day <= item.valid_to)
        ):
            return item
    raise LookupError(f"no clock of kind {kind} in force on {day}")


def rule_of(id_: str) -> Rule:
    """The rule that a duty began under, whether it is still in force or not. The id of a site's own
    version says all of it (`serve.2027-01-01.7.working.2`), so that it outlives its row."""
    if id_ in _BY_ID:
        return _BY_ID[id_]
    kind, since, length, unit, warn = id_.split(".")
    return version(kind, date.fromisoformat(since), int(length), unit, int(warn))


BASED = {rule.kind: rule for rule in RULES if rule.valid_to is None}
"""The built-in rule of each kind that is in force now."""
OPTIONAL = frozenset({"follow_up"})
"""What a site may also do without: a length of 0."""
SET_BY_ISSUER = frozenset({"order", "feedback"})
"""Whoever opens these may set the day: they are counted in calendar days."""


def version(kind: str, since: date, length: int, unit: str, warn: int) -> Rule:
    """A site's own version of one of its limits, from a day on.

    Errors: `Unchangeable`, with what to tell, for a limit that is not the site's to set.
    """
    base = BASED.get(kind)
    if base is None:
        raise Unchangeable(f"没有「{kind}」这种期限")
    if base.basis == LAW:
        raise Unchangeable(f"{base.zh}的期限由《{base.law}》{base.article}规定,本站不能更改")
    if base.length is None:
        raise Unchangeable(f"{base.zh}的期限由交办方逐件指定,不设统一时限")
    if unit not in ("day", "working", "hour") or (unit == "hour") != (base.unit == "hour"):
        raise Unchangeable(f"{base.zh}的单位有误")
    if kind in SET_BY_ISSUER and unit != "day":
        raise Unchangeable(f"{base.zh}可由提出方指定日期,只能按日计算")
    if not (1 <= length <= 366 or (length == 0 and kind in OPTIONAL)):
        raise Unchangeable(f"{base.zh}的期限须为1至366")
    if warn < 0 or warn >= max(length, 1):
        raise Unchangeable(f"{base.zh}的预警须小于期限")
    id_ = f"{kind}.{since}.{length}.{unit}.{warn}"
    return replace(base, id=id_, length=length, unit=unit, warn=warn, valid_from=since,
                   note=f"本站规定,自{since}起施行")  # fmt: skip


class Unchangeable(Exception):
    """A limit that a site cannot set, or not so."""


# -- reckoning -------------------------------------------------------------------------------------

COUNTED, REST, PAUSED, ZERO, ROLLED = "counted", "rest", "paused", "zero", "rolled"


@dataclass(frozen=True)
class Pause:
    """Days that are not counted, both included; `until` None: it still lasts."""

    since: date
    until: date | None

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Term:
    """One limit as it applies to one matter.

    Args:
        zero: the day of the event.
        length: in the rule's units, extensions included.
    """

    rule: Rule
    zero: date
    length: int
    pauses: tuple[Pause, ...] = ()


def walk(term: Term, calendar: Calendar) -> Iterator[tuple[date, int, str]]:
    """Every day from day zero to the last, with the count reached on it and why it counts or not.

    Ends where the limit is over, or where a pause begins that has no end yet.
    """
    day, count = term.zero, 0
    if not term.rule.first_day:
        yield day, 0, ZERO
        day += DAY
    while count < term.length:
        pause = next((p for p in term.pauses if p.holds(day)), None)
        if pause is not None:
            yield day, count, PAUSED
            if pause.until is None:
                return
        elif term.rule.unit == "working" and not calendar.works(day):
            yield day, count, REST
        else:
            count += 1
            yield day, count, COUNTED
        day += DAY
    day -= DAY
    while term.rule.rolls and not calendar.works(day):
        day += DAY
        yield day, count, ROLLED


def last_day(term: Term, calendar: Calendar) -> date | None:
    """The last day of the limit; it counts whole. None while it is paused."""
    day, why = term.zero, ZERO
    for day, _, why in walk(term, calendar):  # noqa: B007 - what is left is the last
        pass
    return None if why == PAUSED else day


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins."""
    return datetime.combine(day, time(), zone)


def due_at(last: date, zone: ZoneInfo) -> datetime:
    """The instant at which a limit is over: the end of its last day."""
    return midnight(last + DAY, zone)


def warn_at(rule: Rule, last: date, calendar: Calendar, zone: ZoneInfo) -> datetime | None:
    """The instant of the warning: so many whole days before the limit is over, in the rule's units."""
    if not rule.warn:
        return None
    day, left = last + DAY, rule.warn
    while left:
        day -= DAY
        if rule.unit != "working" or calendar.works(day):
            left -= 1
    return midnight(day, zone)


def explain(term: Term, calendar: Calendar) -> Iterator[dict[str, object]]:
    """The walk in words, one entry a day: `{"day", "count", "why", "zh"}`."""
    for day, count, why in walk(term, calendar):
        yield {
            "day": day.isoformat(),
            "count": count,
            "why": why,
            "zh": _words(day, count, why, calendar),
        }


def _words(day: date, count: int, why: str, calendar: Calendar) -> str:
    name = calendar.name(day)
    return {
        ZERO: f"{name},起算事由发生之日,不计入",
        COUNTED: f"{name},第{count}日",
        REST: f"{name},非工作日,不计入",
        PAUSED: f"{name},期间中止,不计入",
        ROLLED: f"{name},末日为休息日,{'顺延至此' if calendar.works(day) else '继续顺延'}",
    }[why]


def summary(term: Term, calendar: Calendar) -> str:
    """The reckoning in one sentence, with the article."""
    unit = {"working": "个工作日", "hour": "小时"}.get(term.rule.unit, "日")
    last = None if term.rule.unit == "hour" else last_day(term, calendar)
    note = f"({term.rule.note})" if term.rule.note else ""
    text = f"依据《{term.rule.law}》{term.rule.article}{note},自{term.rule.starts}({term.zero})起{term.length}{unit}"
    if term.rule.unit == "hour":
        return f"{text}内。"
    if last is None:
        return f"{text},现处于中止期间,期限待恢复后计算。"
    known = "" if calendar.knows(last) else f"({last.year}年放假安排尚未公布,为暂定日期)"
    return f"{text},于{last}届满{known}。"
