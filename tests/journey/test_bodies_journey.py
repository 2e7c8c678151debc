"""Several bodies, abolished bodies, officers who step aside, sealed accusations: on the pages, by their people."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from importlib import import_module

import pytest

from kit import clock
from kit.http.routes import Route
from tests.journey.office import BUREAU, LABOUR, TOWN, Office, day
from tests.journey.test_console_journey import browser, eventually
from tests.site import Site

CENTRE, TAXES = "330282-lszx", "330282-czg"
ACCUSED, UNDER = LABOUR, "330282-sbzx"
SECRET = "某局长收受贿赂，请依法查处。"


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    """The county with two offices more: one that will be abolished, one of a higher body."""
    put = ("--division", "330282000000")
    for id_, name, parent in ((CENTRE, "临时服务中心", BUREAU), (TAXES, "垂管局", "33-swj")):
        names = ("--name", f"慈溪市{name}", "--short-name", name, "--parent", parent)
        done = site.petition("offices", "put", id_, *names, *put)
        assert done.returncode == 0, done.stderr
    people = Office(site)
    until = time.monotonic() + 90
    while "垂管局" not in browser(site).get("/offices").words:
        assert time.monotonic() < until, "the console reads the directory once a minute"
        time.sleep(1)
    return people


def later(days: int = 20) -> str:
    return str(clock.local_date(clock.now()) + timedelta(days=days))


def gone(people: Office, login: str, number: str) -> None:
    """The case page is as if there were none."""
    until = time.monotonic() + 15
    while people.at[login].get(f"/office/petitions/{number}").status != 404:
        assert time.monotonic() < until
        time.sleep(0.1)


# -- several bodies --------------------------------------------------------------------------------


def test_bodies_that_agree(people: Office) -> None:
    number, _ = people.comes_in()
    met = {"offices__0": LABOUR, "offices__1": TOWN, "held_on": day(), "text": "由人社局主办。"}
    helper = {"assisting__0__office": TOWN, "assisting__0__due_on": later()}
    people.offered("fenliu", number, "do/consult")
    url = f"/office/petitions/{number}/do/consult"
    page = people.at["fenliu"].post(url, agreed="yes", **met)
    assert page.status == 422 and "须写明由哪个单位主办" in page.words
    assert "由人社局主办。" in page.text, "what was typed stays"
    people.does("fenliu", number, "consult", agreed="yes", office=LABOUR, **met, **helper)
    page = people.stands(number, "协商一致，由人力资源和社会保障局主办")
    assert "由人社局主办。" in page.words and "协办单位：" in page.words
    page = people.stands(number, "转送单位")
    assert "尚未签收" in page.words and "协办 周巷镇" in page.words, "each with its own limit"
    people.does("bumen", number, "sign")
    page = people.stands(number, "已签收", login="fenliu")
    assert re.search("签收 人力资源和社会保障局，", page.words), "the sender sees who has signed"


def test_bodies_that_do_not_agree_and_their_superior(people: Office) -> None:
    number, _ = people.comes_in()
    met = {"offices__0": LABOUR, "offices__1": TOWN, "held_on": day(), "text": "互不同意。"}
    people.does("fenliu", number, "consult", agreed="no", **met)
    page = people.stands(number, "协商不成")
    assert "报请指定承办单位" in page.words and "指定承办单位 信访局" in page.words
    assert {"assign", "consult", "designate"} & people.forms("fenliu", number) == {"designate"}
    assert "由共同的上级机关指定" in people.at["fenliu"].get("/office/triage").words
    people.does("fenliu", number, "designate", office=TOWN, method="transfer", text="职责在镇。")
    page = people.stands(number, "职责在镇。")
    assert "共同的上级机关指定" in page.words
    people.offered("zhen", number, "do/sign")
    assert "object" not in people.forms("zhen", number)
    people.does("zhen", number, "sign")


def test_without_a_common_superior_the_joint_meeting(people: Office) -> None:
    number, _ = people.comes_in()
    met = {"offices__0": TAXES, "offices__1": TOWN, "held_on": day()}
    people.does("fenliu", number, "consult", agreed="no", text="互不同意。", **met)
    people.stands(number, "由信访工作联席会议指定")
    minutes = "联席会议纪要：各方发言。"
    decided = {"office": TOWN, "method": "assign", "text": "由镇主办。", "minutes": minutes}
    people.offered("ducha", number, "do/convene")
    url = f"/office/petitions/{number}/do/convene"
    page = people.at["ducha"].post(url, **met, **decided)
    assert page.status == 422 and "交办须指定报送办理结果的期限" in page.words
    people.does("ducha", number, "convene", report_due=later(30), **met, **decided)
    page = people.stands(number, minutes)
    assert "参加单位：垂管局、周巷镇" in page.words and "联席会议决定承办单位" in page.words
    page = people.stands(number, "报送办理结果 周巷镇")
    assert later(30) in page.words, "until when the result is to be reported"


# -- abolished bodies ------------------------------------------------------------------------------


def test_an_abolished_body_is_succeeded(people: Office) -> None:
    number, _ = people.comes_in()
    people.sends(number, CENTRE)
    people.stands(number, "临时服务中心")
    desk = people.at["fenliu"]
    desk.get("/office/directory")
    tomorrow = desk.post(
        "/office/directory", office=CENTRE, on=later(1), successors__0=LABOUR, follow=True
    )
    assert tomorrow.status == 422 and "不能晚于今天" in tomorrow.words
    page = desk.post("/office/directory", office=CENTRE, on=day(), successors__0=LABOUR)
    assert page.status == 200 and "机构变动已登记" in page.words, page.words
    eventually(desk, "/office/directory", "慈溪市临时服务中心")
    page = people.stands(number, "临时服务中心 → 人力资源和社会保障局")
    assert "转送 承办单位：临时服务中心" in page.words, "history keeps the old name"
    people.does("bumen", number, "sign")
    another, _ = people.comes_in()
    people.offered("fenliu", another, "assign")
    page = desk.post(
        f"/office/petitions/{another}/assign", office=CENTRE, method="transfer", was_division=""
    )
    assert page.status == 422 and "已撤销,由人力资源和社会保障局承继职权" in page.words
    listed = people.site.petition("offices", "list").stdout
    assert f"→ {LABOUR}" in listed
    again = people.site.petition("offices", "abolish", CENTRE, "--on", day(), "--to", TOWN)
    assert again.returncode == 1 and "已经撤销" in again.stderr


def test_of_several_successors_one_is_named(people: Office) -> None:
    number, _ = people.comes_in()
    people.sends(number, TAXES)
    site = people.site
    done = site.petition("offices", "abolish", TAXES, "--on", day(), "--to", TOWN, "--to", LABOUR)
    assert done.returncode == 0, done.stderr
    page = people.stands(number, "报请明确承继单位")
    assert "明确承继单位 信访局" in page.words, "somebody owes it"
    people.does("fenliu", number, "name_successor", office=TOWN, text="职责在镇。")
    people.stands(number, "垂管局 → 周巷镇")
    people.does("zhen", number, "sign")


# -- officers who step aside -----------------------------------------------------------------------


def test_an_officer_steps_aside_and_a_colleague_goes_on(people: Office) -> None:
    number, code = people.comes_in(people__0__name="孙回避")
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    page = people.offered("bumen", number, "do/recuse")
    assert "order_recusal" not in people.forms("bumen", number), "the head's to order"
    page = people.at["bumen"].post(f"/office/petitions/{number}/do/recuse")
    assert page.status == 422
    page = people.does("bumen", number, "recuse", cause="interest")
    assert "您已回避" in page.words
    gone(people, "bumen", number)
    _sees_nothing(people, "bumen", number, "孙回避")
    people.does("juzhang", number, "accept", claims__1="31-6")
    page = people.stands(number, "工作人员回避", login="fenliu")
    assert "demo-bumen" not in page.text
    mine = people.petitioner(number, code)
    assert "demo-bumen" not in eventually(mine, "/mine", "工作人员回避").text


def test_a_head_orders_it(people: Office) -> None:
    number, _ = people.comes_in()
    people.sends(number, LABOUR)
    page = people.offered("juzhang", number, "do/order_recusal")
    assert "demo-bumen" in page.text and "demo-zhen" not in page.text, "of the own office"
    url = f"/office/petitions/{number}/do/order_recusal"
    page = people.at["juzhang"].post(url, account="demo-zhen", cause="kinship")
    assert page.status == 422
    people.does("juzhang", number, "order_recusal", account="demo-bumen", cause="kinship")
    gone(people, "bumen", number)
    people.does("juzhang", number, "sign")


def _sees_nothing(people: Office, login: str, number: str, name: str) -> None:
    """Every page that an officer has, and every one of this petition's, is without it."""
    visitor = people.at[login]
    for step in ("sign", "accept", "answer", "supplement"):
        visitor.get("/office/desk")
        page = visitor.post(f"/office/petitions/{number}/do/{step}", key=f"try-{step}", text="x")
        assert page.status == 404 and "没有找到此信访件" in page.words, (step, page.words)
    for url in _pages():
        page = visitor.get(url.replace("<number>", number))
        if "<number>" in url:
            assert name not in page.text and page.status in (403, 404, 200), url
            assert "办理过程" not in page.words, url
        else:
            assert number not in page.text, url
    for field, value in (("name", name), ("number", number)):
        visitor.get("/office/cases")
        page = visitor.post("/office/cases", **{field: value})
        assert f"/office/petitions/{number}" not in page.text, field


def _pages() -> list[str]:
    """Every page for officers, from the console's route table."""
    cls = import_module("console.service").Web
    entries = [e for n in dir(cls) for e in getattr(getattr(cls, n), "nameko_entrypoints", ())]
    found = [e.url for e in entries if isinstance(e, Route) and e.method == "GET"]
    pages = [url for url in found if url.startswith("/office")]
    assert len(pages) >= 8 and any("<number>" in url for url in pages)
    return pages


# -- sealed accusations ----------------------------------------------------------------------------


def test_no_page_tells_the_accused_body(people: Office) -> None:
    """Art. 30: nor its head, whatever page they open or search."""
    form = {"type": "accusation", "text": SECRET, "accused": ACCUSED, "people__0__name": "周举报"}
    number, _ = people.comes_in(**form)
    people.offered("fenliu", number, "assign")
    for office in (ACCUSED, UNDER):
        page = people.at["fenliu"].post(
            f"/office/petitions/{number}/assign", office=office, method="transfer", was_division=""
        )
        assert page.status == 422 and "不得将检举控告材料转给" in page.words
    people.sends(number, TOWN)
    people.does("zhen", number, "sign")
    people.stands(number, "已签收")
    for login in ("bumen", "juzhang"):
        _sees_nothing(people, login, number, "周举报")


def test_afterwards_nothing_is_missing(people: Office) -> None:
    report = people.site.audit()
    assert report.clean, report
