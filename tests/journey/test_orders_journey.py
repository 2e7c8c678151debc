"""What offices owe one another, on the pages: orders, reports, agreements, follow-ups, proposals."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest

from kit import clock
from tests.journey.cases import to_acceptance, to_service
from tests.journey.office import LABOUR, OPINION, Office, day, served
from tests.site import Site
from tests.unit.console.browser import Page


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    return Office(site)


def in_days(days: int) -> str:
    return str(clock.local_date(clock.now()) + timedelta(days=days))


def row_of(people: Office, login: str, number: str, query: str = "") -> str:
    """The row of the account book for a number, or nothing."""
    text = people.at[login].get(f"/office/orders{query}").text
    rows = re.findall(r"<tr>.*?</tr>", text, re.S)
    return next((re.sub(r"<[^>]+>", " ", row) for row in rows if number in row), "")


def test_an_order_is_answered_sent_back_and_confirmed(people: Office) -> None:
    number, code = to_acceptance(people)
    people.stands(number, "已受理")
    assert "issue" not in people.forms("dengji", number), "a clerk does not supervise"
    demand = {
        "office": LABOUR,
        "kind": "supervise",
        "reason": "stalling",
        "text": "请立即核实欠薪。",
    }
    people.offered("ducha", number, "do/issue")
    page = people.at["ducha"].post(f"/office/petitions/{number}/do/issue", **demand | {"text": ""})
    assert page.status == 422 and "督办要求" in page.words
    people.does("ducha", number, "issue", **demand)
    row = row_of(people, "ducha", number)
    assert "期限内" in row and "待回复" in row and "推诿" in row, row
    assert number in people.at["bumen"].get("/office/desk").text
    assert row_of(people, "bumen", number), "the body sees what it owes"
    assert not row_of(people, "zhen", number), "and nobody else does"
    assert "请立即核实欠薪。" in people.offered("bumen", number, "do/reply").words
    people.does("bumen", number, "reply", round="1", text="已约谈企业。")
    assert "待确认" in row_of(people, "ducha", number)
    people.offered("ducha", number, "do/judge")
    page = people.at["ducha"].post(f"/office/petitions/{number}/do/judge", round="1", accepted="no")
    assert page.status == 422 and "须说明理由" in page.words
    people.does(
        "ducha", number, "judge", round="1", accepted="no", text="没有支付日期。",
        due_on=in_days(5),
    )  # fmt: skip
    page = people.offered("bumen", number, "do/reply")
    assert "没有支付日期。" in page.words and "已约谈企业。" in page.words
    people.does("bumen", number, "reply", round="1", text="定于本月底支付。")
    people.does("ducha", number, "judge", round="1", accepted="yes")
    people.stands(number, "督办：确认")
    assert not row_of(people, "ducha", number)
    assert "已办结" in row_of(people, "ducha", number, "?state=all")
    mine = people.petitioner(number, code).get("/mine").words
    assert "请立即核实欠薪" not in mine and "督办" not in mine, "what offices write to each other"


def test_an_order_is_lifted(people: Office) -> None:
    number, _ = to_acceptance(people)
    people.does(
        "ducha", number, "issue", office=LABOUR, kind="remind", reason="overdue", text="请尽快。"
    )
    people.stands(number, "催办：提出", login="ducha")
    assert "issue" not in people.forms("ducha", number), "one at a time"
    people.does("ducha", number, "lift", round="1")
    people.stands(number, "催办：撤销")
    assert not row_of(people, "ducha", number)


def test_the_report_of_an_assignment_is_a_step_of_its_own(people: Office) -> None:
    """D5, Art. 22(3)."""
    number, _ = people.comes_in()
    people.offered("fenliu", number, "assign")
    people._post(
        "fenliu", number, "assign", office=LABOUR, method="assign", was_division="",
        report_due=in_days(20),
    )  # fmt: skip
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6")
    people.stands(number, "已受理", login="bumen")
    assert "reply" not in people.forms("bumen", number), "no result yet"
    people.does("bumen", number, "answer", **OPINION)
    people.does("bumen", number, "serve", **served())
    people.does("bumen", number, "close")
    page = people.stands(number, "已办结", login="bumen")
    assert re.search(r"期限内\s+报送办理结果", page.words), "closing is no report"
    people.does("bumen", number, "reply", round="1", text="办结报告：已支付。")
    people.does("fenliu", number, "judge", round="1", accepted="no", text="请附支付凭证。")
    people.stands(number, "报送办理结果：退回重办", login="bumen")
    people.does("bumen", number, "reply", round="1", text="办结报告：附凭证。")
    people.does("ducha", number, "judge", round="1", accepted="yes")
    page = people.stands(number, "报送办理结果：确认")
    assert "请附支付凭证。" in page.words and "附凭证。" in page.words


def test_mediation_claim_by_claim_until_nothing_is_left_to_decide(people: Office) -> None:
    """Art. 33."""
    number, code = people.comes_in(claims__0__text="补发工资", claims__1__text="经济补偿")
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6", claims__2="31-6")
    tried = {"kind": "mediation", "held_on": day(), "parties": "双方及调解员在场。"}
    people.does("bumen", number, "mediate", agreed="no", **tried)
    page = people.stands(number, "未达成协议", login="bumen")
    assert "已受理" in page.words
    page = people.at["bumen"].post(
        f"/office/petitions/{number}/do/mediate", agreed="yes", claims__1="yes", **tried
    )
    assert page.status == 422 and "协议内容" in page.words
    people.does(
        "bumen", number, "mediate", agreed="yes", claims__1="yes", text="月底补发工资。", **tried
    )
    people.stands(number, "月底补发工资。", login="bumen")
    people.offered("bumen", number, "do/answer")
    page = people.at["bumen"].post(
        f"/office/petitions/{number}/do/answer", **OPINION,
        outcomes__1="explained", outcomes__2="explained",
    )  # fmt: skip
    assert page.status == 422 and "已达成协议" in page.words
    people.does(
        "bumen", number, "mediate", agreed="yes", text="一次性补偿。",
        **tried | {"kind": "settlement"},
    )  # fmt: skip
    people.stands(number, "已答复")
    people.does("bumen", number, "serve", **served())
    people.does("bumen", number, "close")
    people.stands(number, "达成调解、和解协议")
    mine = people.petitioner(number, code).get("/mine").words
    assert "一次性补偿。" in mine and "请求复查" not in mine


def test_what_a_follow_up_finds_undone_is_handled_anew(people: Office) -> None:
    number, _ = to_service(people)
    people.does("bumen", number, "close")
    page = people.stands(number, "已办结", login="dengji")
    assert re.search(r"期限内\s+回访", page.words)
    people.offered("bumen", number, "do/reopen")
    page = people.at["bumen"].post(f"/office/petitions/{number}/do/reopen", reason="not_executed")
    assert page.status == 422 and "请先登记回访" in page.words
    people.does(
        "dengji", number, "follow_up", method="phone", result="not_executed",
        followed_on=day(), text="信访人说没有收到款项。",
    )  # fmt: skip
    page = people.stands(number, "信访人说没有收到款项。", login="bumen")
    assert re.search(r"期限内\s+重新办理", page.words), "and it is owed"
    people.does("bumen", number, "reopen", reason="not_executed")
    people.stands(number, "已受理")
    people.does("bumen", number, "answer", **OPINION)


def affair(page: Page) -> str:
    found = re.search(r"330282JY\d{8}", page.text)
    assert found, page.words
    return found.group()


def test_a_proposal_is_answered_and_adopted(people: Office) -> None:
    """D13, Art. 14, 40."""
    desk = people.at["ducha"]
    desk.get("/office/orders")
    sent = {"office": LABOUR, "kind": "improve", "text": "建议建立欠薪预警。"}
    page = desk.post("/office/orders/do/propose", **sent | {"text": ""})
    assert page.status == 422 and "建议内容" in page.words
    page = desk.post("/office/orders/do/propose", **sent)
    assert page.status == 200 and "已提出建议" in page.words
    number = affair(page)
    clerk = people.at["bumen"]
    assert "反馈建议" in clerk.get("/office/desk").words
    assert f'href="/office/affairs/{number}"' in clerk.get("/office/desk").text
    assert people.at["zhen"].get(f"/office/affairs/{number}").status == 404
    assert "建议建立欠薪预警。" in clerk.get(f"/office/affairs/{number}").words
    here = f"/office/affairs/{number}/do"
    page = clerk.post(f"{here}/feedback", text="将研究。")
    assert page.status == 422 and "是否采纳" in page.words
    assert "将研究。" in page.text, "what was typed stays"
    page = clerk.post(f"{here}/feedback", text="已建立预警。", adopted="yes")
    assert page.status == 200 and "已反馈" in page.words
    assert "采纳" in desk.get(f"/office/affairs/{number}").words
    assert desk.post(f"{here}/judge_feedback", accepted="yes").status == 200
    assert not row_of(people, "ducha", number)
    assert "已办结" in row_of(people, "ducha", number, "?state=all")
    assert "第四十条" in desk.get(f"/office/affairs/{number}/duties").words


def test_a_site_sets_its_own_limits_and_not_those_of_the_law(people: Office) -> None:
    head, desk, clerk = "种类,期限,单位,预警,启用日期\n", people.at["fenliu"], people.at["bumen"]
    sheet = f"{head}办理期限,90,日,10,{day()}\nanswer,90,日,10,{day()}\n".encode("gb18030")
    assert "第三十四条" in desk.get("/office/settings").words
    refused = desk.post("/office/settings/limits", files=[("期限.csv", sheet)])
    assert refused.status == 422 and "第三十四条" in refused.words and "没有导入" in refused.words
    sheet = f"{head}urgent,2,小时,0,{day()}\n".encode("gb18030")
    assert clerk.post("/office/settings/limits", files=[("期限.csv", sheet)]).status == 403
    taken = desk.post("/office/settings/limits", files=[("期限.csv", sheet)])
    assert taken.status == 200 and "期限已导入" in taken.words
    assert f"自 {day()} 起 2 小时" in clerk.get("/office/settings").words
    days = "日期,类型,名称\n2031-01-06,休,本地放假\n".encode("gb18030")
    told = desk.post("/office/settings/calendar", files=[("放假.csv", days)])
    assert told.status == 200 and "正在随之调整" in told.words
    assert "本地放假" in clerk.get("/office/settings?year=2031").words
    assert f"自{day()}起:2小时" in people.site.petition("rules", "show").stdout
    time.sleep(11)  # services read it anew within ten seconds
    number, _ = people.comes_in(urgent="yes")
    people.offered("dengji", number, "do/report_urgent")
    why = people.at["dengji"].get(f"/office/petitions/{number}/duties").words
    assert "起2小时" in why and "本站规定" in why
    told = people.site.petition("explain", number).stdout
    assert f"自{day()}起施行" in told, told


def test_a_matter_that_the_counter_calls_simple_has_short_limits(people: Office) -> None:
    """D15."""
    counter = people.at["dengji"]
    counter.get("/office/register")
    form = {"type": "request", "received_on": day(), "text": "路灯不亮。", "simple": "yes"}
    who = {"people__0__name": "李路灯", "channel": "call"}
    page = counter.post("/office/register", head_count="6", **form, **who)
    assert page.status == 422 and "不适用简易办理" in page.words
    number, _ = people.comes_in(head_count="1", **form, **who)
    people.stands(number, "简易转送")
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    assert re.search(r"期限内\s+简易受理", people.stands(number, "已签收", login="bumen").words)
    people.does("bumen", number, "accept", claims__1="31-6", procedure="simple")
    page = people.stands(number, "简易办结", login="bumen")
    why = people.at["bumen"].get(f"/office/petitions/{number}/duties").words
    assert "登记时建议简易办理的适用" in why


def test_afterwards_nothing_is_missing(people: Office) -> None:
    report = people.site.audit()
    assert report.clean, report
