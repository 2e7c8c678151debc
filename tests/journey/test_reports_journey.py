"""报告、热点、简报 on their pages: drawn up, downloaded, issued, read by others; drafted, numbered, voided."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from docx import Document as Docx
from openpyxl import load_workbook

from kit import docx
from tests.journey.office import BUREAU, Office, day
from tests.site import Site
from tests.unit.console.browser import Browser, Page

LAST = date.fromisoformat(day()).replace(day=1) - timedelta(days=1)
"""The last day of the month before."""
PERIOD = f"month:{LAST.isoformat()[:7]}"
URL = f"/office/reports/{BUREAU}"
REPORT = f"{URL}?period={PERIOD}"


@pytest.fixture(scope="module")
def people(site: Site) -> Iterator[Office]:
    site.start_jobs()
    yield Office(site)
    site.stop("jobs")


def until(read: Callable[[], Page], fits: Callable[[Page], bool]) -> Page:
    """A page, once it shows what a job has made."""
    limit = time.monotonic() + 30
    while not fits(page := read()):
        assert time.monotonic() < limit, page.words
        time.sleep(0.2)
    return page


def words(browser: Browser, address: str) -> list[str]:
    """Every paragraph and cell of a file."""
    answer = browser.fetch(address)
    assert answer.status == 200 and "attachment" in answer.headers["content-disposition"]
    document = Docx(io.BytesIO(answer.body))
    cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
    return [p.text for p in document.paragraphs] + cells


def test_a_report_goes_its_way(people: Office) -> None:
    desk, town = people.at["fenliu"], people.at["zhen"]
    assert "还没有报告" in desk.get(f"/office/reports?year={LAST.year}").words
    page = desk.post(f"{URL}/drawing", kind="month", on=day())
    assert page.status == 422 and "尚未结束" in page.words
    desk.get("/office/reports")
    page = desk.post(f"{URL}/drawing", kind="month", on=str(LAST))
    assert "报告已编制" in page.words and "一、总体情况" in page.words
    page = until(lambda: desk.get(REPORT), lambda page: "下载 DOCX" in page.words)
    assert "主要数据" in page.words and "进京访 手工填报 户次 — " in page.words
    said = words(desk, f"{URL}/file?period={PERIOD}&format=docx")
    assert f"{LAST.year}年{LAST.month}月信访工作情况报告" in said and "重复信访率" in said
    book = load_workbook(io.BytesIO(desk.fetch(f"{URL}/file?period={PERIOD}&format=xlsx").body))
    assert "主要数据" in book.sheetnames and book["主要数据"].max_row > 30

    assert "没有找到此报告" in town.get(REPORT).words, "not before it is issued"
    page = desk.post(f"{URL}/drawing", period=PERIOD)
    assert "第 2 稿" in page.words
    page = desk.post(f"{URL}/addition", period=PERIOD, version="1", text="旧稿。", key="an-old-one")
    assert page.status == 422 and "已重新编制" in page.words and "旧稿。" in page.text
    for step in ("addition", "issue"):
        desk.get(REPORT)
        page = desk.post(f"{URL}/{step}", period=PERIOD, version="x", text="改。", key=f"no-{step}")
        assert page.status == 422 and "填写有误：文稿。" in page.words, step
    desk.get(REPORT)
    page = desk.post(f"{URL}/addition", period=PERIOD, version="2", text="组织了大走访。")
    assert "补充内容已保存" in page.words and "七、补充内容 组织了大走访。" in page.words
    until(lambda: desk.get(REPORT), lambda page: f'action="{URL}/issue"' in page.text)
    page = desk.post(f"{URL}/issue", period=PERIOD, version="2", key="an-older-one")
    assert page.status == 422 and "已重新编制" in page.words
    page = desk.post(f"{URL}/issue", period=PERIOD, version="3")
    assert "报告已印发" in page.words and "重新编制" not in page.words
    assert f'action="{URL}/addition"' not in page.text
    page = town.get(REPORT)
    assert "已印发" in page.words and "须对有关单位保密" in page.words
    assert "组织了大走访。" in words(town, f"{URL}/file?period={PERIOD}&format=docx")
    assert "已印发" in town.get(f"/office/reports?year={LAST.year}").words


def test_a_reports_page_has_its_tables(people: Office) -> None:
    """Where their numbers lead is in test_tables_journey: nothing was registered here in the month before."""
    page = people.at["fenliu"].get(REPORT)
    for title in ("内容分类（一级）", "信访形式", "接待机关层级", "单位", "月份"):
        assert f"<h2>{title}</h2>" in page.text, title
    assert "及时受理率(责任单位)（%）" in page.words and "分子 分母" in page.words
    assert "限办截止前办结的" in page.words, "definitions name their sides"


def test_an_office_prints_reports_on_its_own_form(people: Office) -> None:
    head = people.at["juzhang"]
    page = head.get("/office/templates")
    assert "月度报告" in page.words and "报告数据表" in page.words and "转送函" in page.words
    assert "{{ title }}" in words(head, "/office/templates/half")
    own = docx.built("本单位的模板：{{ period }}。")
    assert head.post("/office/templates/half", files=[("a.docx", own)]).status == 200
    mine = ["本单位的模板：{{ period }}。"]
    until(lambda: words(head, "/office/templates/half"), lambda said: said == mine)
    assert "{{ title }}" in words(head, "/office/templates/half?shipped=true")
    page = head.post("/office/templates/half/ending")
    assert "已停用本单位的模板" in page.words
    assert "{{ title }}" in words(head, "/office/templates/half")


def test_hot_topics_are_ranked_and_lead_to_their_cases(people: Office) -> None:
    desk = people.at["fenliu"]
    for _ in range(2):
        people.comes_in(category="c0501")
    page = people.shows(desk, "/office/topics", "劳动")
    assert "热点问题" in page.words and "排的是问题，不是人" in page.words
    assert page.text.count('class="spark"') >= 1 and "名次变化" in page.words
    link = re.search(r'href="(/office/statistics/cases\?[^"]*topic[^"]*)"', page.text)
    assert link and "列出" in desk.get(link[1].replace("&amp;", "&")).words
    assert "细分" in desk.get("/office/topics?by=category&kind=year").words


def test_a_bulletin_goes_its_way(people: Office) -> None:
    desk, head, town = people.at["dengji"], people.at["fenliu"], people.at["zhen"]
    desk.get("/office/bulletins")
    page = desk.post("/office/bulletins/series", series_name="《人民来访快报》")
    assert "简报已设立" in page.words and "已印发 0 期" in page.words
    page = desk.post("/office/bulletins/series", series_name="《人民来访快报》")
    assert page.status == 422 and "已有名为《人民来访快报》的简报" in page.words
    page = desk.post(
        "/office/bulletins", step="insert", series="1", title="接访情况", text="现将情况通报如下。",
        kind="month", on=str(LAST),
    )  # fmt: skip
    assert page.status == 200 and "现将情况通报如下。" in page.text
    inserted = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL)
    assert inserted and f"{LAST.year}年{LAST.month}月，本地区" in inserted[1]
    page = desk.post(
        "/office/bulletins", step="draft", series="1", title="接访情况", text=inserted[1]
    )
    assert "草稿已保存" in page.words
    found = re.search(r'action="(/office/bulletins/[^"/]+)"', page.text)
    assert found
    url = found[1]
    page = desk.post(url, step="change", revision="1", title="接访情况", text="本周接访三十批次。")
    assert "已保存" in page.words and 'value="issue"' not in page.text, "a head issues"
    assert "没有找到这份简报" in town.get(url).words, "a draft is the office's own"
    head.get(url)
    page = head.post(url, step="issue", revision="2")
    assert "已编号印发" in page.words and f"{day()[:4]}年第1期" in page.words
    until(lambda: town.get(url), lambda page: "下载 DOCX" in page.words)
    said = words(town, f"{url}/file")
    assert said[:2] == ["《人民来访快报》", f"{day()[:4]}年第1期"] and "本周接访三十批次。" in said
    head.get(url)
    page = head.post(url, step="voiding", reason="")
    assert page.status == 422
    page = head.post(url, step="voiding", reason="数字有误")
    assert "已作废" in page.words and "数字有误" in page.words
    listed = town.get(f"/office/bulletins?office={BUREAU}").words
    assert "已印发 0 期" in listed and "第1期" in listed and "已作废" in listed
