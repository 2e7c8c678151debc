"""文书 on the pages: given, printed, served, voided, listed; and an office's own form."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator

import pytest
from docx import Document as Docx

from supervision import rendering
from tests.journey.office import LABOUR, OPINION, Office, served
from tests.site import Site
from tests.unit.console.browser import Browser, Page


@pytest.fixture(scope="module")
def people(site: Site) -> Iterator[Office]:
    site.start_jobs()
    yield Office(site)
    site.stop("jobs")


def gives(people: Office, login: str, number: str, kind: str) -> Page:
    """One click on 出具; waits until the paper can be given."""
    browser, url = people.at[login], f"/office/petitions/{number}"
    people.offered(login, number, "papers")
    until = time.monotonic() + 15
    while f'name="kind" value="{kind}"' not in browser.get(url).text:
        assert time.monotonic() < until, f"{kind} is not offered"
        time.sleep(0.1)
    about = re.search(
        rf'name="kind" value="{kind}">\s*<input type="hidden" name="about" value="([^"]*)"',
        browser.last.text if browser.last else "",
    )
    assert about
    page = browser.post(f"{url}/papers", kind=kind, about=about[1])
    assert page.status == 200, page.words
    return page


def printed(browser: Browser, page: str, name: str) -> str:
    """The words of a paper, as soon as the page links it."""
    until = time.monotonic() + 20
    while True:
        text = browser.get(page).text
        found = re.search(rf'href="([^"]*/papers/\d+)">(?:<strong>)?{name}', text)
        if found:
            break
        assert time.monotonic() < until, browser.get(page).words
        time.sleep(0.2)
    result = browser.fetch(found[1])
    assert result.status == 200
    assert "attachment" in result.headers["content-disposition"]
    docx = Docx(io.BytesIO(result.body))
    cells = [cell.text for table in docx.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in docx.paragraphs] + cells)


def test_papers_from_the_letter_to_the_proof_of_service(people: Office) -> None:
    number, code = people.comes_in(people__0__address="某路1号")
    url = f"/office/petitions/{number}"
    people.sends(number, LABOUR, "transfer")
    gives(people, "fenliu", number, "transfer")
    letter = printed(people.at["fenliu"], url, "转送函")
    assert number in letter and "人力资源和社会保障局" in letter and "李四" in letter
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6")
    gives(people, "bumen", number, "acceptance")
    notice = printed(people.at["bumen"], url, "受理告知书")
    assert "李四" in notice and "信受〔" in notice and "第二十三条" in notice
    visitor = people.petitioner(number, code)
    assert "李四" in printed(visitor, "/mine", "受理告知书"), "the petitioner may have it at once"
    assert "转送函" not in visitor.get("/mine").words
    people.does("bumen", number, "answer", **OPINION)
    gives(people, "bumen", number, "opinion")
    opinion = printed(people.at["bumen"], url, "处理意见书")
    assert OPINION["opinion"] in opinion and "请求复查" in opinion
    assert OPINION["facts"] in opinion and OPINION["basis"] in opinion, "Art. 32"
    assert "处理意见书</a>" not in visitor.get("/mine").text, "not before it was served"
    people.does("bumen", number, "serve", **served())
    assert OPINION["opinion"] in printed(visitor, "/mine", "处理意见书")
    gives(people, "bumen", number, "receipt")
    assert "某路1号" in printed(people.at["bumen"], url, "送达回证")


def test_a_wrong_paper_is_voided_and_its_number_stays(people: Office) -> None:
    number, _ = people.comes_in()
    people.does("fenliu", number, "decline", reason="litigation", elsewhere="慈溪市人民法院")
    gives(people, "dengji", number, "guidance")
    url = f"/office/petitions/{number}"
    printed(people.at["dengji"], url, "告知书")
    page = people.at["dengji"].post(f"{url}/papers/1/voiding", cause="wrong_content")
    assert page.status == 200 and "已作废（内容有误）" in page.words
    gives(people, "dengji", number, "guidance")
    listed = people.at["dengji"].get("/office/papers?kind=guidance").text
    mine = re.findall(rf"信告〔\d+〕(\d+)号</td>\s*<td[^>]*><a[^>]*>{number}", listed)
    assert len(mine) == 2 and int(mine[0]) == int(mine[1]) + 1, "both stand there"
    told = people.stands(number, "出具告知书").words
    assert "作废告知书" in told


def test_a_paper_that_tells_nothing_is_refused(people: Office) -> None:
    number, _ = people.comes_in()
    people.stands(number, "已登记")
    browser = people.at["dengji"]
    browser.get(f"/office/petitions/{number}")
    page = browser.post(f"/office/petitions/{number}/papers", kind="opinion", about="")
    assert page.status == 422 and "现在不能出具处理意见书" in page.words


def test_an_office_replaces_a_form(people: Office) -> None:
    head = people.at["juzhang"]
    page = head.get("/office/templates")
    assert page.words.count("随系统提供") >= 13
    shipped = head.fetch("/office/templates/extension")
    assert "延期告知书" in _words(shipped.body) or "{{ title_of_paper }}" in _words(shipped.body)
    page = head.post("/office/templates/extension", files=[("a.docx", b"this is no form")])
    assert page.status == 422 and "不是DOCX文件" in page.words
    head.get("/office/templates")
    own = rendering.built("本单位的模板：{{ number }}。")
    assert (
        head.post("/office/templates/extension", files=[("a.docx", own)], key="k-1").status == 200
    )
    until = time.monotonic() + 15
    while "已启用" not in head.get("/office/templates").words:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert head.fetch("/office/templates/extension").body == own


def _words(content: bytes) -> str:
    return "\n".join(p.text for p in Docx(io.BytesIO(content)).paragraphs)
