"""A petition's whole way through the pages of a running site, as its people walk it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import requests

from kit import clock
from kit.http.wire import Headers
from tests.people import OPINION
from tests.site import Site
from tests.unit.console.browser import Browser, Page

TEXT = "村里三年没有公开账目，村民多次要求，至今没有答复。"
"""Names no place: a person must choose."""


@dataclass
class Result:
    """An answer over the network, as `kit.http.Client` gives it in memory."""

    status: int
    headers: Headers
    body: bytes


@dataclass
class Network:
    """Requests to a running console; each browser has one, without cookies of its own."""

    base: str

    def request(
        self, method: str, url: str, *, body: bytes = b"", headers: dict[str, str]
    ) -> Result:
        sent = {name: value for name, value in headers.items() if value}
        answer = requests.request(
            method,
            self.base + url,
            data=body or None,
            headers=sent,
            timeout=20,
            allow_redirects=False,
        )
        found: Any = answer.raw.headers.items()  # several Set-Cookie stay several
        fields = Headers((name.lower(), value) for name, value in found)
        return Result(answer.status_code, fields, answer.content)


def browser(site: Site, login: str = "") -> Browser:
    """A browser at the front desk, logged in where a login is given."""
    visitor = Browser(Network(site.url("console")))  # type: ignore[arg-type]
    if login:
        visitor.get("/login")
        page = visitor.post("/login", login=login, password=site.accounts[login])
        assert page.status == 200, page.words
    return visitor


@pytest.fixture(scope="session")
def counter(site: Site) -> Browser:
    """The counter, where one officer registers."""
    return browser(site, "dengji")


@pytest.fixture(scope="session")
def office(site: Site) -> Browser:
    """The desk from which all of the county is seen."""
    return browser(site, "ducha")


def register(counter: Browser, **fields: str) -> tuple[str, str]:
    """Registers at the counter; returns number and query code."""
    counter.get("/office/register")
    form = {
        "channel": "visit", "received_on": str(clock.local_date(clock.now())), "type": "request",
        "head_count": "3", "text": TEXT, "people__0__name": "李四",
        "people__0__phone": "13900001234",
    }  # fmt: skip
    page = counter.post("/office/register", **form | fields)
    assert page.status == 201, page.words
    number = re.search(r"编号 (\d{18,})", page.words)
    code = re.search(r"查询码 ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})", page.words)
    assert number
    assert code
    return number[1], code[1]


def eventually(visitor: Browser, path: str, text: str, seconds: float = 15) -> Page:
    """The page once it shows what was brought by events."""
    until = time.monotonic() + seconds
    while True:
        page = visitor.get(path)
        if text in page.words or time.monotonic() > until:
            assert text in page.words, page.words
            return page
        time.sleep(0.2)


def test_the_counter_writes_down_households(counter: Browser, office: Browser) -> None:
    number, _ = register(counter, head_count="3", household_count="2")
    eventually(office, f"/office/petitions/{number}", "信访人数 3（2户）")
    form = {"received_on": str(clock.local_date(clock.now())), "type": "request", "text": TEXT}
    who = {"people__0__name": "李四", "head_count": "1"}
    for channel, households, words in (("letter", "1", "只有来访、下访才登记来访户数"),
                                       ("visit", "2", "来访户数不能多于信访人数")):  # fmt: skip
        counter.get("/office/register")
        typed = form | who | {"channel": channel, "household_count": households}
        page = counter.post("/office/register", **typed)
        assert page.status == 422 and words in page.words, page.words
        assert f'name="household_count" type="number" value="{households}"' in page.text


def test_the_whole_way(site: Site, counter: Browser, office: Browser) -> None:
    before = _registered_today(office)

    number, code = register(counter, category="c0401")
    case = f"/office/petitions/{number}"

    triage = browser(site, "fenliu")
    page = eventually(triage, "/office/triage", number)
    triage.get(case)
    page = triage.post(
        f"{case}/assign", division="330282121000", was_division="", office="330282121-xfb",
        method="assign", report_due="2099-01-01",
    )  # fmt: skip
    assert "已分流" in page.words

    town = browser(site, "zhen")
    eventually(town, case, "现在可以办理")
    for step, fields, shown in (
        ("sign", {}, "已签收"),
        ("accept", {}, "已受理"),
        ("answer", OPINION, "已答复"),
        (
            "serve",
            {"method": "in_person", "served_on": str(clock.local_date(clock.now()))},
            "已送达",
        ),
    ):
        page = town.post(f"{case}/do/{step}", **fields)
        assert page.status == 200, page.words
        assert "处理中" not in page.words, step
        assert shown in page.words, step

    petitioner = browser(site)
    petitioner.get("/lookup")
    page = petitioner.post("/lookup", number=number, code=code.lower().replace("-", " "))
    assert OPINION["opinion"] in page.words
    page = petitioner.post("/mine/rating", petition_office="satisfied", responsible_office="basic")
    assert "责任单位：基本满意" in page.words, page.words

    page = eventually(town, case, "信访人评价")
    page = town.post(f"{case}/do/close")
    assert "已办结" in page.words
    assert "按期" in page.words
    assert _registered_today(office, before) > before
    eventually(office, "/office/figures?measure=closed&by=office", "周巷镇信访办")


def _registered_today(office: Browser, least: int = -1) -> int:
    """What the figures say was registered today, once it is more than `least`."""
    for _ in range(50):
        found = re.search(r"(\d+) 今日登记", office.get("/office/figures").words)
        assert found
        if int(found[1]) > least:
            break
        time.sleep(0.2)
    return int(found[1])


def test_each_of_todays_figures_leads_to_its_cases(office: Browser) -> None:
    """Tiles, bars, columns, and the rows of the table with their sum."""
    until = time.monotonic() + 15  # events may still be under way
    while (wrong := _listed_otherwise(office)) and time.monotonic() < until:
        time.sleep(0.5)
    assert wrong == []


def _listed_otherwise(office: Browser) -> list[tuple[str, str, list[str]]]:
    """The figures whose list has another number than they have."""
    page = office.get("/office/figures?measure=signed&by=office&and=day")
    links = re.findall(r'<a href="(/office/statistics/cases\?[^"]+)">(\d+)</a>', page.text)
    assert len(links) >= 13 + 1 + 1 + 2, "tiles, a channel, a day, a row and the sum"
    listed = [
        re.findall(r"(\d+)。列出 (\d+) 件", office.get(unescape(link)).words) for link, _ in links
    ]
    return [(*link, *n) for link, n in zip(links, listed, strict=True) if n != [(link[1],) * 2]]


def test_one_form_sent_twice_registers_once(counter: Browser, office: Browser) -> None:
    counter.get("/office/register")
    form, word = counter.last, f"重复提交{uuid4().hex[:8]}"
    fields = {
        "channel": "letter", "received_on": str(clock.local_date(clock.now())), "type": "request",
        "text": word, "people__0__name": "王五",
    }  # fmt: skip
    numbers = set()
    for _ in range(3):
        counter.last = form
        found = re.search(r"编号 (\d{18,})", counter.post("/office/register", **fields).words)
        assert found
        numbers.add(found[1])
    assert len(numbers) == 1
    eventually(office, f"/office/cases?number={numbers.pop()}", "共 1 件")


def test_errors_of_the_services_stand_at_their_fields(counter: Browser) -> None:
    counter.get("/office/register")
    page = counter.post(
        "/office/register", channel="visit", received_on="2999-01-01", type="request", text="内容",
        people__0__name="李四",
    )  # fmt: skip
    assert page.status == 422
    assert "收到日期：收到日期不能晚于今天" in page.words
    page = counter.post(
        "/office/register", channel="visit", received_on="2026-01-01", type="request", text="",
        people__0__name="李四", people__0__id_number="330282199001011234", people__0__phone="abc",
    )  # fmt: skip
    assert page.status == 422
    for field in ("内容：", "第 1 人 证件号码：", "第 1 人 电话："):
        assert field in page.words


def test_a_petitioner_files_online_and_follows_it(site: Site) -> None:
    visitor = browser(site)
    visitor.get("/file")
    fields = {"type": "suggestion", "text": "建议天潭村增设垃圾分类点。", "people__0__name": "赵六"}
    assert "请核对" in visitor.post("/file", action="check", **fields).words
    page = visitor.post("/file", action="submit", **fields)
    number = re.search(r"编号 (\d{18,})", page.words)
    code = re.search(r"查询码 ([0-9A-Z-]{14})", page.words)
    assert number
    assert code
    visitor.get("/lookup")
    page = visitor.post("/lookup", number=number[1], code=code[1])
    assert "建议天潭村增设垃圾分类点。" in page.words
    visitor.get("/lookup")
    wrong = visitor.post("/lookup", number=number[1], code="AAAA-AAAA-AAAA")
    unknown = visitor.post("/lookup", number="330282209901010001", code=code[1])
    assert "不正确" in wrong.words
    assert wrong.status == unknown.status


@pytest.mark.parametrize("field", ["name", "phone", "words"])
def test_the_register_is_searched_by_person_and_words(
    counter: Browser, office: Browser, field: str
) -> None:
    mark = str(uuid4().int)[:8]
    person = {"people__0__name": f"钱{mark}", "people__0__phone": f"137{mark}"}
    number, _ = register(counter, text=f"路灯不亮，编号{mark}。", **person)
    wanted = {"name": f"钱{mark}", "phone": f"137 {mark}", "words": mark}[field]
    eventually(office, f"/office/cases?number={number}", "共 1 件")
    page = office.post("/office/cases", **{field: wanted})
    assert "共 1 件" in page.words
    assert number in page.words


def test_people_are_masked_until_a_reason_is_given(counter: Browser, office: Browser) -> None:
    number, _ = register(counter)
    page = office.get(f"/office/petitions/{number}")
    assert "13900001234" not in page.text
    page = office.post(f"/office/petitions/{number}/people", reason="核对联系方式")
    assert "13900001234" in page.words


@pytest.mark.parametrize("login", ["dengji", "fenliu", "ducha", "zhen", "bumen", "shenji"])
def test_every_page_of_every_account(site: Site, login: str) -> None:
    officer = browser(site, login)
    for path in ("/office/desk", "/office/cases", "/office/figures"):
        page = officer.get(path)
        assert page.status == 200, page.words
        assert "暂时无法访问" not in page.words


def test_pages_of_the_list(counter: Browser, office: Browser) -> None:
    for _ in range(22):
        register(counter, channel="visit_down", text="下访时反映噪声。")
    eventually(office, "/office/cases?channel=visit_down", "共 22 件")
    page = office.get("/office/cases?channel=visit_down")
    first = re.findall(r"/office/petitions/(\d+)", page.text)
    onward = re.search(r'href="([^"]*)">下一页', page.text)
    assert onward
    page = office.get(onward[1].replace("&amp;", "&"))
    assert not set(first) & set(re.findall(r"/office/petitions/(\d+)", page.text))
    back = re.search(r'href="([^"]*)">上一页', page.text)
    assert back
    page = office.get(back[1].replace("&amp;", "&"))
    assert re.findall(r"/office/petitions/(\d+)", page.text) == first


def test_no_log_holds_a_person(site: Site) -> None:
    """Run last in this file: everything above has been written to the logs by now."""
    for service in ("console", "intake", "routing", "supervision", "stats"):
        log = site.log(service)
        for text in ("李四", "13900001234", "天潭村", "垃圾分类", "账目", *site.accounts.values()):
            assert text not in log, service
