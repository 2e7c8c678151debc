"""Attachments on the pages: at the counter, on the case page, by the petitioner; and who gets at them."""

from __future__ import annotations

import pytest

from tests.journey.office import LABOUR, Office, day
from tests.journey.test_console_journey import eventually
from tests.site import Site
from tests.unit.console.browser import Browser, Page
from tests.unit.intake.test_attachments import DOCX, JPEG, PDF, PNG

CASE = "/office/petitions/{}"


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    return Office(site)


def adds(visitor: Browser, at: str, *files: tuple[str, bytes], **fields: str) -> Page:
    """Files sent with the form of a page."""
    visitor.get(at)
    return visitor.post(f"{at}/attachments", files=files, **fields)


def test_files_at_registration(people: Office) -> None:
    counter = people.at["dengji"]
    counter.get("/office/register")
    form = {
        "channel": "letter", "received_on": day(), "type": "request", "text": "附合同和照片。",
        "people__0__name": "钱附件",
    }  # fmt: skip
    files = [("劳动合同.docx", DOCX), ("现场.jpg", JPEG), ("病毒.exe", b"MZ\x90")]
    page = counter.post("/office/register", files=files, **form)
    assert page.status == 201, page.words
    assert "「病毒.exe」:不能接收这种文件" in page.words, "it is registered, and the rest is said"
    number = page.words.split("已登记，编号 ")[1][:18]
    page = counter.get(CASE.format(number))
    assert "劳动合同.docx" in page.words and "现场.jpg" in page.words
    assert "未查毒" in page.words, "no scanner is set up: it stands plainly there"
    assert "病毒.exe" not in page.words
    assert counter.fetch(f"{CASE.format(number)}/attachments/1").body == DOCX


def test_files_on_the_case_page(people: Office) -> None:
    number, _ = people.comes_in()
    case = CASE.format(number)
    counter = people.at["dengji"]
    page = adds(counter, case, ("证据 一.pdf", PDF), ("截图.png", PNG))
    assert page.status == 200 and "附件已经保存" in page.words, page.words
    assert "证据 一.pdf" in page.words and "添加附件" in page.words
    got = counter.fetch(f"{case}/attachments/1")
    assert got.body == PDF
    headers = got.headers
    assert headers["content-disposition"].startswith("attachment;")
    assert "%E8%AF%81%E6%8D%AE%20%E4%B8%80.pdf" in headers["content-disposition"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert headers["content-type"] == "application/pdf"
    assert "添加附件" in people.stands(number, "添加附件").words.split("办理过程")[1]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [("假.pdf", PNG, "「假.pdf」:文件内容与扩展名不符"), ("x.html", b"<b>", "「x.html」:不能接收这种文件"),
     ("大.pdf", b"%PDF-" + bytes(10 << 20), "「大.pdf」:单个文件不能超过 10 MB")],
)  # fmt: skip
def test_a_refusal_names_the_file(people: Office, name: str, data: bytes, said: str) -> None:
    number, _ = people.comes_in()
    page = adds(people.at["dengji"], CASE.format(number), (name, data))
    assert page.status == 422 and said in page.words, page.words
    assert "0 个" in page.words, "nothing was kept"


def test_no_file_and_too_much(people: Office) -> None:
    number, _ = people.comes_in()
    case, counter = CASE.format(number), people.at["dengji"]
    counter.get(case)
    page = counter.post(f"{case}/attachments")
    assert page.status == 422 and "请选择文件" in page.words
    page = adds(counter, case, ("巨大.pdf", bytes(22 << 20)))
    assert page.status == 413, page.words


def test_the_petitioner_adds_and_fetches_their_own(people: Office) -> None:
    number, code = people.comes_in()
    mine = people.petitioner(number, code)
    page = adds(mine, "/mine", ("我的照片.jpg", JPEG))
    assert page.status == 200 and "附件已经保存" in page.words, page.words
    assert mine.fetch("/mine/attachments/1").body == JPEG
    assert mine.fetch("/mine/attachments/2").status == 404
    page = people.at["dengji"].get(CASE.format(number))
    assert "我的照片.jpg" in page.words and "信访人" in page.words
    other, code = people.comes_in()
    assert people.petitioner(other, code).fetch("/mine/attachments/1").status == 404


def test_who_may_not_see_the_petition_gets_no_file(people: Office) -> None:
    number, _ = people.comes_in()
    case = CASE.format(number)
    adds(people.at["dengji"], case, ("证据.pdf", PDF))
    assert people.at["bumen"].fetch(f"{case}/attachments/1").status == 404
    people.sends(number, LABOUR)
    people.offered("bumen", number, "do/sign")
    assert people.at["bumen"].fetch(f"{case}/attachments/1").body == PDF


def test_a_paper_that_names_who_petitions_in_confidence(people: Office) -> None:
    number, _ = people.comes_in(confidential="yes")
    case = CASE.format(number)
    adds(people.at["dengji"], case, ("欠条.pdf", PDF))
    adds(people.at["dengji"], case, ("身份证.png", PNG), identity="yes")
    people.sends(number, LABOUR)
    page = people.offered("bumen", number, "do/sign")
    assert "欠条.pdf" in page.words and "身份证.png" not in page.words
    assert people.at["bumen"].fetch(f"{case}/attachments/2").status == 404
    assert people.at["dengji"].fetch(f"{case}/attachments/2").body == PNG


def test_what_has_ended_takes_no_more(people: Office) -> None:
    number, code = people.comes_in()
    mine = people.petitioner(number, code)
    eventually(mine, "/mine", "撤回这一信访事项")
    mine.post("/mine/withdrawal", reason="已经解决。")
    people.stands(number, "已撤回")
    page = adds(people.at["dengji"], CASE.format(number), ("a.pdf", PDF))
    assert page.status == 422 and "本件已经结束" in page.words
