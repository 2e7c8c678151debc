"""Cases of the procedure, each step on the page where a clerk takes it.

`CASES` is walked by test_procedure_journey and test_time_journey, and again by test_late_consumers with
each service in turn late. A case that waits is a generator: it yields the day, counted from its
beginning, on which it goes on.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from kit import clock
from tests.journey.office import (
    BUREAU,
    LABOUR,
    OBJECTION,
    OPINION,
    TOWN,
    Office,
    day,
    move_to,
    served,
)

Case = Callable[[Office], Iterator[int] | None]
MOVES = (36, 75)
"""The days to which a site is moved: beyond a window of 30 days, and beyond 60 days from the first."""
WINDOW_OVER, LIMIT_OVER = MOVES


# -- ways that many cases share --------------------------------------------------------------------


def to_acceptance(people: Office, **fields: str) -> tuple[str, str]:
    """Registered, sent to the department, signed, accepted."""
    number, code = people.comes_in(**fields)
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6")
    return number, code


def to_service(people: Office, **fields: str) -> tuple[str, str]:
    number, code = to_acceptance(people, **fields)
    people.does("bumen", number, "answer", **OPINION)
    people.does("bumen", number, "serve", **served())
    return number, code


def to_review(people: Office) -> tuple[str, str]:
    """Sought in time by the petitioner on their own page, decided and served."""
    number, code = to_service(people)
    mine = people.petitioner(number, code)
    people.shows(mine, "/mine", "请求复查")
    page = mine.post("/mine/review", grounds="认为认定事实有误。")
    assert page.status == 200, page.words
    people.does("dengji", number, "decide_review", outcome="upheld", opinion="维持原处理意见。")
    people.stands(number, "已复查")
    assert "维持原处理意见" not in mine.get("/mine").words, "not before it is served"
    people.does("dengji", number, "serve_review", **served())
    people.shows(mine, "/mine", "维持原处理意见")
    people.shows(mine, "/mine", "请求复核")
    return number, code


# -- registration, and where it goes ---------------------------------------------------------------


def plain_letter(people: Office) -> None:
    number, code = to_service(people, channel="letter", head_count="1")
    people.does("bumen", number, "close")
    people.stands(number, "已办结", "按期")
    people.shows(people.petitioner(number, code), "/mine", "请求复查")


def visit_of_seven(people: Office) -> None:
    """With five representatives; six are one too many (Art. 20)."""
    five = {f"people__{i}__name": f"代表{'甲乙丙丁戊己'[i]}" for i in range(6)}
    five |= {f"people__{i}__role": "representative" for i in range(6)}
    counter = people.at["dengji"]
    counter.get("/office/register")
    form = {"channel": "visit", "received_on": day(), "type": "request", "text": "集体反映。"}
    page = counter.post("/office/register", head_count="7", **form, **five)
    assert page.status == 422 and "不得超过五人" in page.words
    five = {k: v for k, v in five.items() if "__5__" not in k}
    number, _ = people.comes_in(head_count="7", **five)
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    people.offered("bumen", number, "do/accept")
    simple = {"claims__1": "31-6", "procedure": "simple"}
    people.refused("bumen", number, "do/accept", "集体信访事项不适用简易办理", **simple)


def anonymous_accusation(people: Office) -> None:
    """Sealed from the accused and everybody under them (Art. 30, 46)."""
    number, _ = people.comes_in(
        type="accusation", anonymous="yes", accused=LABOUR, people__0__name="",
        people__0__phone="", head_count="1", text="反映该局负责人违规。",
    )  # fmt: skip
    people.offered("fenliu", number, "assign")
    to_the_accused = {"office": LABOUR, "method": "transfer", "was_division": ""}
    people.refused("fenliu", number, "assign", "不得将检举控告材料转给", **to_the_accused)
    people.sends(number, TOWN)
    people.does("zhen", number, "sign")
    for login in ("bumen", "juzhang"):
        assert people.at[login].get(f"/office/petitions/{number}").status == 404
        assert number not in people.at[login].get("/office/cases").words
    people.does("zhen", number, "accept", claims__1="30")
    people.stands(number, "已受理", "答复")


def litigation_led_elsewhere(people: Office) -> None:
    number, code = people.comes_in()
    people.offered("fenliu", number, "do/decline")
    people.refused("fenliu", number, "do/decline", "须写明应当向哪个机关", reason="litigation")
    court = "慈溪市人民法院"
    people.does("fenliu", number, "decline", reason="litigation", elsewhere=court)
    people.stands(number, f"应当向其提出：{court}", "信访工作条例第二十八条")
    people.does("fenliu", number, "notify", **served())
    people.stands(number, "终结", "已告知不予受理或者其他途径")
    people.shows(people.petitioner(number, code), "/mine", "涉法涉诉")


def two_claims_on_two_branches(people: Office) -> None:
    number, _ = people.comes_in(
        claims__0__text="补发工资", claims__1__text="工伤待遇", claims__1__branch="31-2"
    )
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    people.offered("bumen", number, "do/accept")
    people.stands(number, "补发工资", "工伤待遇", login="bumen")
    people.does("bumen", number, "accept", claims__1="31-6", claims__2="31-2")
    people.refused("bumen", number, "do/answer", "每项诉求", outcomes__1="supported", **OPINION)
    both = {"outcomes__1": "supported", "outcomes__2": "explained"}
    people.does("bumen", number, "answer", **both, **OPINION)
    people.stands(number, "已答复")


def objection_agreed(people: Office) -> None:
    """It goes to another office."""
    number, _ = people.comes_in()
    people.sends(number, LABOUR)
    people.does("bumen", number, "object", **OBJECTION)
    people.does("fenliu", number, "arbitrate", agreed="yes", text="同意。")
    people.stands(number, "退回")
    people.sends(number, TOWN)
    people.does("zhen", number, "sign")
    people.does("zhen", number, "accept", claims__1="31-6")


def objection_upheld(people: Office) -> None:
    """It stays."""
    number, _ = people.comes_in()
    people.sends(number, LABOUR)
    people.does("bumen", number, "object", **OBJECTION)
    people.does("fenliu", number, "arbitrate", agreed="no", text="属于你单位职责。")
    people.does("bumen", number, "sign")
    assert "object" not in people.forms("bumen", number)
    people.does("bumen", number, "accept", claims__1="31-6")


def two_bounces_lifted(people: Office) -> None:
    """To the common superior, which designates (Art. 24)."""
    number, _ = people.comes_in()
    for login, office in (("bumen", LABOUR), ("zhen", TOWN)):
        people.sends(number, office)
        people.does(login, number, "object", **OBJECTION)
        people.does("fenliu", number, "arbitrate", agreed="yes", text="同意。")
    people.stands(number, "由共同的上级机关指定")
    people.does("fenliu", number, "designate", office=LABOUR, method="transfer", text="职责所在。")
    people.offered("bumen", number, "do/sign")
    assert "object" not in people.forms("bumen", number), "a designated body does not object"
    people.does("bumen", number, "sign")


def lead_with_two_assisting(people: Office) -> None:
    """One answer, once both have given their part."""
    number, _ = people.comes_in()
    helpers = {
        "assisting__0__office": TOWN, "assisting__0__due_on": day(20),
        "assisting__1__office": BUREAU, "assisting__1__due_on": day(20),
    }  # fmt: skip
    people.sends(number, LABOUR, **helpers)
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6")
    people.stands(number, "已受理", login="bumen")
    assert "answer" not in people.forms("bumen", number), "it waits for those that assist"
    people.refused("bumen", number, "do/answer", "协办单位的意见尚未提交", **OPINION)
    people.stands(number, "提交协办意见", "村里三年没有公开账目", login="zhen")  # what is asked
    people.does("zhen", number, "assist", text="本镇已核实。")
    people.does("dengji", number, "assist", text="信访局已核对。")
    people.stands(number, "本镇已核实。", "信访局已核对。", login="bumen")
    people.does("bumen", number, "answer", **OPINION)


# -- handling --------------------------------------------------------------------------------------


def extension(people: Office) -> None:
    """Approved by the head, once (Art. 34)."""
    number, _ = to_acceptance(people)
    people.does("bumen", number, "ask_extension", days="30", reason="情况复杂。")
    people.does("juzhang", number, "decide_extension", approved="yes")
    people.stands(number, "批准延期")
    assert "ask_extension" not in people.forms("bumen", number), "once only"
    page = people.at["bumen"].get(f"/office/petitions/{number}/duties")
    assert "起90日" in page.words and "第三十四条" in page.words


def extension_refused(people: Office) -> None:
    """The 60 days stay, and it may be asked again."""
    number, _ = to_acceptance(people)
    people.does("bumen", number, "ask_extension", days="30", reason="情况复杂。")
    assert "decide_extension" not in people.forms("bumen", number), "a clerk does not decide"
    people.does("juzhang", number, "decide_extension", approved="no")
    people.stands(number, "延期未批准")
    page = people.at["bumen"].get(f"/office/petitions/{number}/duties")
    assert "起60日" in page.words and "起90日" not in page.words
    people.does("bumen", number, "ask_extension", days="10", reason="仍需核实。")


def simple_procedure(people: Office) -> None:
    number, _ = people.comes_in(head_count="1")
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6", procedure="simple")
    page = people.at["bumen"].get(f"/office/petitions/{number}/duties")
    assert "10个工作日" in page.words


def mediation(people: Office) -> None:
    """It ends with the agreement (Art. 33)."""
    number, _ = to_acceptance(people)
    people.does(
        "bumen", number, "mediate", kind="mediation", held_on=day(), parties="双方在场。",
        agreed="yes", text="双方达成调解协议。",
    )  # fmt: skip
    people.does("bumen", number, "serve", **served())
    people.does("bumen", number, "close")
    people.stands(number, "达成调解、和解协议")


def withdrawn_under_way(people: Office) -> None:
    number, code = to_acceptance(people)
    mine = people.petitioner(number, code)
    people.shows(mine, "/mine", "撤回这一信访事项")
    assert mine.post("/mine/withdrawal", reason="已经解决。").status == 200
    people.stands(number, "已撤回")
    people.gone("bumen", number, "answer", "serve", "close")


def overdue_at_each_stage(people: Office) -> Iterator[int]:
    """Before it is sent, before it is accepted, before it is answered: late it stays."""
    unsent, _ = people.comes_in()
    unsigned, _ = people.comes_in()
    people.sends(unsigned, LABOUR)
    slow, _ = to_acceptance(people)
    yield WINDOW_OVER
    people.stands(unsent, "超过期限", "超过期限 转送、交办")
    people.stands(unsigned, "超过期限 受理告知", "期限届满 提出异议的期限")
    people.gone("bumen", unsigned, "object")  # the 5 working days are over
    people.does("bumen", unsigned, "sign")
    people.does("bumen", unsigned, "accept", claims__1="31-6")
    yield LIMIT_OVER
    people.stands(slow, "超过期限 办结答复")
    assert "ask_extension" not in people.forms("bumen", slow), "what is over is not extended"
    people.does("bumen", slow, "answer", **OPINION)
    people.does("bumen", slow, "serve", **served())
    people.does("bumen", slow, "close")
    people.stands(slow, "办结", "办结 超期")


# -- review, and the end ---------------------------------------------------------------------------


def review_in_time(people: Office) -> Iterator[int]:
    """Upheld, served; where no re-review is sought, that is the end (Art. 36)."""
    number, _ = to_review(people)
    yield WINDOW_OVER
    people.stands(number, "逾期未请求复核")


def review_not_sought(people: Office) -> Iterator[int]:
    """Final, and closed with it though nobody closed it (Art. 35)."""
    number, _ = to_service(people)
    yield WINDOW_OVER
    people.stands(number, "逾期未请求复查", "办结")


def review_sought_late(people: Office) -> Iterator[int]:
    """Refused on both ways, with the reason; one received in time is not late, however late entered."""
    number, code = to_service(people)
    yield WINDOW_OVER
    people.stands(number, "逾期未请求复查")
    mine = people.petitioner(number, code)
    assert "提出请求" not in mine.get("/mine").words
    page = mine.post("/mine/review", grounds="现在才知道。")
    assert page.status == 422 and "第三十五条" in page.words
    late = {"grounds": "现在才知道。"}
    people.refused("dengji", number, "do/seek_review", "已终结", **late)


def rereview_with_a_hearing(people: Office) -> None:
    number, code = to_review(people)
    mine = people.petitioner(number, code)
    people.shows(mine, "/mine", "请求复核")
    assert mine.post("/mine/review", grounds="仍然不服。").status == 200
    people.does("dengji", number, "open_hearing")
    people.stands(number, "听证开始")
    assert "decide_review" not in people.forms("dengji", number)
    people.does("dengji", number, "close_hearing")
    people.does("dengji", number, "decide_review", outcome="upheld", opinion="维持复查意见。")
    people.does("dengji", number, "serve_review", **served())
    people.stands(number, "复核终结")
    people.shows(mine, "/mine", "已经办理终结")


def revoked_and_redone(people: Office) -> None:
    number, _ = to_service(people)
    people.does("dengji", number, "seek_review", grounds="书面请求。", requested_on=day())
    people.does("dengji", number, "decide_review", outcome="revoked", opinion="撤销，重新办理。")
    people.does("dengji", number, "serve_review", **served())
    again = OPINION | {"outcome": "supported", "opinion": "重新核实，予以支持。"}
    people.does("bumen", number, "answer", **again)
    people.does("bumen", number, "serve", **served())
    people.stands(number, "第 2 次", "重新核实", "经调查核实")  # both opinions stand


def final_then_the_same_facts(people: Office) -> Iterator[int]:
    """Registered, and not accepted any more (Art. 35)."""
    who = {"people__0__name": "钱往复", "people__0__phone": "13900008888"}
    first, _ = to_service(people, **who)
    yield WINDOW_OVER
    people.stands(first, "逾期未请求复查")
    again, code = people.comes_in(**who)
    people.does("dengji", again, "link", repeat_of=first)
    people.does("fenliu", again, "decline", reason="review_lapsed")
    people.does("fenliu", again, "notify", **served())
    people.shows(people.petitioner(again, code), "/mine", "不再受理")


def final_then_new_facts(people: Office) -> Iterator[int]:
    """A new matter, linked to the old one and handled on its own."""
    who = {"people__0__name": "吴新证", "people__0__phone": "13900009999"}
    first, _ = to_service(people, **who)
    yield WINDOW_OVER
    people.stands(first, "逾期未请求复查")
    fresh, _ = to_acceptance(people, text="出现了新的证据，请求重新核实。", **who)
    people.does("dengji", fresh, "link", repeat_of=first)
    people.stands(fresh, "登记为重复件")
    people.does("bumen", fresh, "answer", **OPINION)


def repeat_linked_then_contested(people: Office) -> None:
    """By a person, across channels; the petitioner contests it on their own page."""
    who = {"people__0__name": "赵重复", "people__0__phone": "13900007777"}
    first, _ = people.comes_in(channel="letter", **who)
    again, code = people.comes_in(channel="call", **who)
    page = people.at["dengji"].get(f"/office/petitions/{again}/repeats")
    assert first in page.words and "100%" in page.words, "suggested across channels"
    people.offered("dengji", again, "do/link")
    people.refused("dengji", again, "do/link", "登记在前", repeat_of=again)
    people.does("dengji", again, "link", repeat_of=first)
    people.stands(again, "登记为重复件", "重复件")
    people.sends(again, LABOUR)
    people.does("bumen", again, "sign")
    people.offered("bumen", again, "do/accept")
    simple = {"claims__1": "31-6", "procedure": "simple"}
    people.refused("bumen", again, "do/accept", "重复信访事项", **simple)
    mine = people.petitioner(again, code)
    people.shows(mine, "/mine", "不是同一事项")
    assert mine.post("/mine/contest").status == 200
    people.stands(again, "信访人有异议")
    people.does("dengji", again, "unlink")
    people.does("dengji", again, "resolve")
    assert "信访人有异议" not in people.stands(again, "撤销重复件登记").words


def urgent_letter(people: Office) -> None:
    """With its postmark, its report, and what was added (Art. 25)."""
    counter = people.at["dengji"]
    counter.get("/office/register")
    form = {"type": "request", "received_on": day(), "text": "厂房有坍塌危险。", "urgent": "yes"}
    who = {"people__0__name": "孙紧急"}
    page = counter.post("/office/register", channel="visit", postmarked_on=day(), **form, **who)
    assert page.status == 422 and "只有来信才登记邮戳" in page.words
    letter = {"postmarked_on": day(), "barcode": "XA12345678933"}
    number, code = people.comes_in(channel="letter", **form, **who, **letter)
    _reported(people, number)
    people.stands(number, "XA12345678933")
    mine = people.petitioner(number, code)
    page = people.shows(mine, "/mine", "登记")
    assert not any(word in page.words for word in ("直报", "续报", "紧急报告", "国家信访局"))
    assert mine.post("/mine/supplement", text="裂缝又扩大了。").status == 200
    people.does("dengji", number, "supplement", text="信访人来电补充。")
    people.stands(number, "信访人来电补充。", "裂缝又扩大了。")
    people.shows(mine, "/mine", "裂缝又扩大了。")


def marked_urgent_later(people: Office) -> None:
    """Found out by the body that has it; its report is owed even when the petition is withdrawn (Art. 25)."""
    number, code = to_acceptance(people)
    why = {"circumstances": "夜间巡查：墙体开裂，有人受困。"}
    people.refused("bumen", number, "do/mark_urgent", "填写有误：理由。", circumstances="")
    people.does("bumen", number, "mark_urgent", **why)
    people.stands(number, "重大、紧急", "标为重大、紧急", "紧急报告", "墙体开裂，有人受困。")
    people.gone("bumen", number, "do/mark_urgent")
    people.gone("dengji", number, "do/mark_urgent")
    list_ = "/office/cases?urgent=owed"
    assert number in people.shows(people.at["bumen"], list_, number).words
    mine = people.petitioner(number, code)
    page = people.shows(mine, "/mine", "撤回")
    assert not any(word in page.words for word in ("紧急", "墙体开裂"))
    assert mine.post("/mine/withdrawal", reason="").status == 200
    people.stands(number, "已撤回", "紧急报告")
    now = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")
    report = {"method": "phone", "reported_at": now, "text": "人员已救出。"}
    people.does("bumen", number, "report_urgent", to__government="yes", **report)
    people.stands(number, "直报重大、紧急信访事项", "人员已救出。")
    assert number not in people.at["bumen"].get(list_).words


def _reported(people: Office, number: str) -> None:
    """直报 and 续报: refused by the field, told in the list until it is done, each report kept."""
    people.offered("dengji", number, "do/report_urgent")
    shows = people.at["dengji"]
    assert number in people.shows(shows, "/office/cases?urgent=owed", number).words
    now = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")
    report = {"method": "phone", "reported_at": now, "text": "厂房随时可能坍塌，已疏散。"}
    step = "do/report_urgent"
    page = people.refused("dengji", number, step, "填写有误：报送对象。", **report)
    assert "已疏散" in page.text, "what was typed stays"
    to = {"to__government": "yes", "to__joint_meeting": "yes"}
    future = report | {"reported_at": f"{day(1)}T09:00"}
    people.refused("dengji", number, step, "报送时间不能晚于现在", **to, **future)
    people.does("dengji", number, "report_urgent", **to, **report)
    people.stands(
        number, "直报重大、紧急信访事项", "报送对象：本级党委政府、联席会议办公室", "已疏散"
    )
    further = report | {"method": "system", "text": "人员全部安置。"}
    people.does("dengji", number, "report_further", to__nation="yes", **further)
    people.stands(number, "续报（第 2 次报告）", "已疏散", "人员全部安置")
    assert number not in shows.get("/office/cases?urgent=owed").words
    assert number in shows.get("/office/cases?urgent=all").words


def in_confidence(people: Office) -> None:
    """Who petitioned is known to the registering office alone (Art. 46)."""
    number, code = people.comes_in(confidential="yes", people__0__name="周保密")
    people.sends(number, LABOUR)
    people.offered("bumen", number, "do/sign")
    page = people.stands(number, "只有登记单位可以查看", login="bumen")
    assert "周**" not in page.words
    why = {"reason": "电话核实"}
    page = people.refused("bumen", number, "people", "只有登记单位可以查看", **why)
    assert "周保密" not in page.words
    people.shows(people.at["bumen"], "/office/cases", "保密")
    people.at["dengji"].get(f"/office/petitions/{number}")
    page = people.at["dengji"].post(f"/office/petitions/{number}/people", **why)
    assert "周保密" in page.words
    assert people.petitioner(number, code).get("/mine").status == 200


CASES: dict[str, Case] = {
    case.__name__: case
    for case in (
        plain_letter, visit_of_seven, anonymous_accusation, litigation_led_elsewhere,
        two_claims_on_two_branches, objection_agreed, objection_upheld, two_bounces_lifted,
        lead_with_two_assisting, extension, extension_refused, overdue_at_each_stage, simple_procedure,
        mediation, review_in_time, review_sought_late, review_not_sought, rereview_with_a_hearing,
        final_then_the_same_facts, final_then_new_facts, repeat_linked_then_contested,
        withdrawn_under_way, revoked_and_redone, urgent_letter, marked_urgent_later,
        in_confidence,
    )
}  # fmt: skip
"""The twenty cases of the procedure and more, by name."""
TIMED = {name: case for name, case in CASES.items() if inspect.isgeneratorfunction(case)}
"""Those for which days have to pass."""


# -- walking them ----------------------------------------------------------------------------------

AT_ONCE = 6
"""Cases under way side by side: more of them would only wait for each other on two cores."""
Beside = Callable[[threading.Event], None]
"""What happens beside the cases of a day, until it is told that all of them have got on."""


@dataclass
class Walked:
    """One case as it was walked: what was registered, and from when to when it was under way."""

    office: Office
    way: Iterator[int]
    spans: list[tuple[float, float]] = field(default_factory=list)

    def on(self) -> int | None:
        """Goes on, until the case waits for a day; gives the day, None at its end."""
        began = time.monotonic()
        try:
            return next(self.way, None)
        finally:
            self.spans.append((began, time.monotonic()))


def walk(
    people: Office, cases: Mapping[str, Case], beside: Beside | None = None
) -> dict[str, Walked]:
    """Walks cases, several side by side; moves the site on where they wait for a day."""
    walked = {}
    for name, case in cases.items():
        office = people.beside()
        walked[name] = Walked(office, _way(case, office))
    today, waiting = 0, dict.fromkeys(cases, 0)
    while waiting:
        if (until := min(waiting.values())) > today:
            today = until
            move_to(people.site, today)
            people.log_in()
        due = [name for name, wanted in waiting.items() if wanted == today]
        for name in due:
            walked[name].office.follow(people)
        got = _side_by_side([walked[name].on for name in due], beside)
        for name, wanted in zip(due, got, strict=True):
            del waiting[name]
            if wanted is not None:
                waiting[name] = wanted
    return walked


def _way(case: Case, office: Office) -> Iterator[int]:
    """A case that is not begun before it is asked for its first step."""
    yield from case(office) or ()


def _side_by_side(works: Sequence[Callable[[], Any]], beside: Beside | None) -> list[Any]:
    over = threading.Event()
    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        disturbance = pool.submit(beside, over) if beside else None
        try:
            found = [work.result() for work in [pool.submit(work) for work in works]]
        finally:
            over.set()
        if disturbance:
            disturbance.result()
    return found
