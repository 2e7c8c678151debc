"""直报 on the pages: the form of a first and of a further report, what a case shows of them, and the list."""

from __future__ import annotations

import re

import pytest

from console.steps import instant
from tests.unit.console.browser import Desk
from tests.unit.console.fakes import CODE, NUMBER

CASE = f"/office/petitions/{NUMBER}"
STEP = f"{CASE}/do/report_urgent"
REPORT = {
    "to__government": "yes", "to__nation": "yes", "method": "fax",
    "reported_at": "2026-03-02T09:15", "text": "危房有人受困。",
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("2026-03-02T09:15", "2026-03-02T09:15:00+08:00"),
        ("2026-03-02 09:15", "2026-03-02T09:15:00+08:00"),
        ("2026-03-02T01:15:00+00:00", "2026-03-02T01:15:00+00:00"),
        ("2026-03-02", "2026-03-02"),
        ("刚才", "刚才"),
        ("", ""),
    ],
)
def test_a_time_is_the_offices_and_what_is_none_is_left_to_be_refused(
    typed: str, sent: str
) -> None:
    assert instant(typed, "Asia/Shanghai") == sent


def test_a_report_says_to_whom_how_and_when_and_is_followed_by_others(desk: Desk) -> None:
    desk.services.add(NUMBER, urgent=True)
    browser = desk.browser("dengji")
    page = browser.get(CASE)
    for words in ("登记直报", "本级党委政府", "国家信访局", "信息系统", "报送时间"):
        assert words in page.words
    assert re.search(r'type="datetime-local" value="\d{4}-\d\d-\d\dT\d\d:\d\d"', page.text)
    page = browser.post(STEP, **REPORT)
    assert "直报已登记" in page.words
    sent = next(call for call in desk.services.calls if call[2].endswith("/urgent-report"))
    assert sent[3] == {
        "to": ["government", "nation"], "method": "fax", "text": "危房有人受困。",
        "reported_at": "2026-03-02T09:15:00+08:00",
    }  # fmt: skip
    assert "2026-03-02 09:15" in page.words and "报送对象：本级党委政府、国家信访局" in page.words
    assert "登记直报" not in page.words and "登记续报" in page.words
    page = browser.post(f"{CASE}/do/report_further", **REPORT | {"text": "人员已救出。"})
    assert "续报已登记" in page.words
    assert "危房有人受困。" in page.words and "人员已救出。" in page.words, "each is kept"
    assert "续报（第 2 次报告）" in page.words


def test_what_is_wrong_stands_at_its_field_and_what_was_ticked_stays(desk: Desk) -> None:
    desk.services.add(NUMBER, urgent=True)
    browser = desk.browser("dengji")
    browser.get(CASE)
    nobody = {name: text for name, text in REPORT.items() if not name.startswith("to__")}
    page = browser.post(STEP, **nobody)
    assert page.status == 422 and "填写有误：报送对象。" in page.words
    assert "此项不能为空。" in page.words
    assert "危房有人受困。" in page.text and 'value="2026-03-02T09:15"' in page.text
    assert re.search(r'value="fax"\s+checked', page.text)
    assert "危房" not in desk.services.calls[-1][2], "in no address"


def test_a_petition_is_marked_urgent_after_it_was_registered(desk: Desk) -> None:
    desk.services.add(NUMBER)
    browser = desk.browser("dengji")
    page = browser.get(CASE)
    assert "标为紧急" in page.words and "登记直报" not in page.words
    page = browser.post(f"{CASE}/do/mark_urgent", circumstances="")
    assert page.status == 422 and "填写有误：理由。" in page.words
    page = browser.post(f"{CASE}/do/mark_urgent", circumstances="墙体开裂。")
    assert "已标为紧急，请及时报告并登记直报。" in page.words
    sent = next(
        call
        for call in desk.services.calls
        if call[2].endswith("/urgency") and call[3]["circumstances"]
    )
    assert sent[3] == {"circumstances": "墙体开裂。"}
    assert "标为紧急 2026-03-02 09:15，" in page.words and "墙体开裂。" in page.words
    assert f'action="{CASE}/do/mark_urgent"' not in page.text, "once"
    assert (
        "重大、紧急" in page.words and "登记直报" in page.words and "标为重大、紧急" in page.words
    )


def test_the_list_is_narrowed_to_what_is_urgent_and_shows_its_light(desk: Desk) -> None:
    desk.services.add(NUMBER, urgent=True)
    desk.services.add("330282202603020002")
    browser = desk.browser("dengji")
    page = browser.get("/office/cases?urgent=owed")
    assert NUMBER in page.words and "330282202603020002" not in page.words
    assert re.search(r"重大、紧急 已超期\s+尚未报告", page.words), page.words
    assert desk.services.calls[-2][3]["urgent"] == "owed"
    browser.get("/office/cases")
    assert (
        "urgent=late"
        in browser.post("/office/cases", follow=False, urgent="late").headers["location"]
    )


def test_the_petitioners_page_shows_nothing_of_it(desk: Desk) -> None:
    desk.services.add(NUMBER, urgent=True)
    desk.browser("dengji").get(CASE)
    staff = desk.browser("dengji")
    staff.get(CASE)
    staff.post(STEP, **REPORT)
    desk.services._note(NUMBER, "supervision", "urgent.marked", {"office": "330282-xfj"})
    crossed = {"duty": "urgent", "office": "330282-xfj", "due_at": "2026-03-02T05:15:00Z"}
    desk.services._note(NUMBER, "supervision", "duty.missed", crossed)
    browser = desk.browser()
    browser.get("/lookup")
    page = browser.post("/lookup", number=NUMBER, code=CODE)
    assert page.status == 200
    for words in ("直报", "续报", "报送", "紧急", "危房", "国家信访局"):
        assert words not in page.words
