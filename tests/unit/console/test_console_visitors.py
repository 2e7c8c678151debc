"""Logging in, and petitioners' pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from console import accounts
from console.pages.login import REFUSED
from console.pages.public import WRONG
from kit import clock
from tests.unit.console.browser import Desk
from tests.unit.console.fakes import CODE, NUMBER

FILED = {
    "type": "request",
    "text": "工资拖欠三个月。",
    "people__0__name": "李四",
    "head_count": "1",
}


# -- logging in ------------------------------------------------------------------------------------


def test_a_wrong_password_and_a_wrong_login_look_the_same(desk: Desk) -> None:
    browser = desk.browser()
    browser.get("/login")
    pages = [browser.post("/login", login=login, password="x") for login in ("zhen", "nobody", "")]
    assert {page.status for page in pages} == {403}
    assert all(REFUSED in page.words for page in pages)
    assert "officer" not in browser.cookies


def test_five_failures_lock_for_fifteen_minutes(desk: Desk) -> None:
    browser = desk.browser()
    browser.get("/login")
    for _ in range(accounts.FAILURES):
        browser.post("/login", login="zhen", password="x")
    page = browser.post("/login", login="zhen", password=desk.passwords["zhen"])
    assert page.status == 403
    row = desk.app.database.account("zhen")
    assert row.locked_until - clock.now() > timedelta(minutes=14)
    row.locked_until = clock.now()
    assert browser.post("/login", login="zhen", password=desk.passwords["zhen"]).status == 200


def test_a_session_begins_at_the_log_in_and_ends_at_the_log_out(desk: Desk) -> None:
    browser = desk.browser("zhen")
    secret = browser.cookies["officer"]
    assert secret[1] == "/office"
    browser.get("/office/desk")
    page = browser.post("/office/logout")
    assert "工作人员登录" in page.words
    browser.cookies["officer"] = secret
    assert "工作人员登录" in browser.get("/office/desk").words


def test_whoever_is_not_logged_in_is_led_there_and_back(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get("/office/figures", follow=False)
    assert page.status == 303
    assert page.headers["location"] == "/login?next=%2Foffice%2Ffigures"
    browser.get("/office/figures")
    page = browser.post(
        "/login", login="zhen", password=desk.passwords["zhen"], next="/office/figures"
    )
    assert "最近三十天" in page.words


@pytest.mark.parametrize(
    "next_", ["https://evil.example", "//evil.example", "/officers", "/office/\u4e2d"]
)
def test_the_log_in_leads_nowhere_else(desk: Desk, next_: str) -> None:
    browser = desk.browser()
    browser.get("/login")
    page = browser.post(
        "/login", follow=False, login="zhen", password=desk.passwords["zhen"], next=next_
    )
    assert page.headers["location"] == "/office"


def test_a_form_sent_without_a_session_is_told_so(desk: Desk) -> None:
    page = desk.browser().post("/office/register", text="很长的记录")
    assert page.status == 401
    assert "没有丢失" in page.words


def test_a_form_of_another_site_changes_nothing(desk: Desk) -> None:
    desk.services.add(NUMBER)
    browser, other = desk.browser("zhen"), desk.browser("dengji")
    other.get(f"/office/petitions/{NUMBER}")
    stolen = other.last.field("csrf") if other.last else ""
    for csrf in ("", "x", stolen):
        page = browser.post(f"/office/petitions/{NUMBER}/do/sign", csrf=csrf)
        assert page.status == 403
        assert "已过期" in page.words


def test_every_call_bears_a_token_of_the_officer(desk: Desk) -> None:
    desk.browser("ducha").get("/office/desk")
    tokens = {c[4]["Authorization"] for c in desk.services.calls if c[2] == "/desk"}
    assert len(tokens) == 1


def test_cookies_are_secure_behind_tls(desk: Desk) -> None:
    for proto in ("http", "https"):
        page = desk.client.get("/login", x_forwarded_proto=proto)
        assert ("Secure" in page.headers["set-cookie"]) == (proto == "https")
        assert ("strict-transport-security" in page.headers) == (proto == "https")


def test_style_and_script_are_kept_and_nothing_else_is_served(desk: Desk) -> None:
    browser = desk.browser()
    home = browser.get("/")
    for path in re.findall(r'(?:href|src)="(/static/[^"]*)"', home.text):
        page = browser.get(path)
        assert page.status == 200
        assert "immutable" in page.headers["cache-control"]
    assert browser.get("/static/old/console.css").headers["cache-control"] == "no-cache"
    assert browser.get("/static/x/render.py").status == 404
    assert browser.get("/nowhere").status == 404


# -- petitioners -----------------------------------------------------------------------------------


def test_files_checks_and_gets_a_receipt(desk: Desk) -> None:
    browser = desk.browser()
    browser.get("/file")
    page = browser.post("/file", action="check", **FILED)
    assert "请核对" in page.words
    assert not desk.services.petitions
    page = browser.post("/file", action="edit", **FILED)
    assert page.field("people.0.name") == "李四"
    page = browser.post("/file", action="submit", **FILED)
    assert page.status == 201
    assert CODE in page.words
    (sent,) = [c for c in desk.services.calls if c[2] == "/petitions"]
    assert sent[3]["channel"] == "web"
    assert "Authorization" not in sent[4]


def test_what_is_missing_is_asked_for(desk: Desk) -> None:
    browser = desk.browser()
    browser.get("/file")
    page = browser.post("/file", action="check", people__0__phone="13900000000")
    assert page.status == 422
    for text in ("请选择您来信访的目的", "请写明事情经过", "请填写姓名"):
        assert text in page.words
    page = browser.post("/file", action="check", type="request", text="匿名的事", anonymous="yes")
    assert "请核对" in page.words


def test_a_wrong_number_and_a_wrong_code_look_the_same(desk: Desk) -> None:
    desk.services.add(NUMBER)
    browser = desk.browser()
    browser.get("/lookup")
    pages = [
        browser.post("/lookup", number=number, code=code)
        for number, code in ((NUMBER, "AAAA-BBBB-CCCC"), ("330282", CODE), ("", ""))
    ]
    assert all(page.status == 403 and WRONG in page.words for page in pages)
    assert "petition" not in browser.cookies


def test_looks_up_reads_and_rates(desk: Desk) -> None:
    row = desk.services.add(NUMBER)
    row["state"] |= {"handling": "answered", "office": "330282121-xfb"}
    browser = desk.browser()
    browser.get("/lookup")
    page = browser.post("/lookup", number=NUMBER, code=CODE)
    assert "正在向您送达" in page.words
    assert "请您评价" not in page.words

    row["opinion"], row["outcome"] = "账目已公开。", "supported"  # supervision tells it now
    row["state"]["handling"], row["served_on"] = "served", "2026-03-06"
    page = browser.get("/mine")
    assert "账目已公开" in page.words
    assert browser.post("/mine/rating", petition_office="satisfied").status == 422
    page = browser.post("/mine/rating", petition_office="satisfied", responsible_office="basic")
    assert "评价已提交" in page.words
    assert "责任单位：基本满意" in page.words
    assert "请您评价" not in page.words
    assert NUMBER not in desk.services.calls[0][2]

    browser.post("/mine/leave")
    assert "petition" not in browser.cookies
    assert "查询已过期" not in browser.get("/mine").words
    assert "查询一小时后自动退出" in browser.get("/mine").words


def test_an_officers_session_opens_no_petitioners_page(desk: Desk) -> None:
    browser = desk.browser("zhen")
    assert browser.get("/mine", follow=False).headers["location"] == "/lookup?expired=1"


def test_a_petition_is_shown_while_supervision_is_away(desk: Desk) -> None:
    desk.services.add(NUMBER)
    browser = desk.browser()
    browser.get("/lookup")
    desk.services.down = {"supervision"}
    page = browser.post("/lookup", number=NUMBER, code=CODE)
    assert page.status == 200
    assert "村务三年" in page.words
    desk.services.down = {"intake", "routing", "supervision"}
    assert browser.get("/mine").status == 200


def test_whoever_files_online_is_offered_places_too(desk: Desk) -> None:
    visitor, typed = desk.browser(), FILED | {"text": "天潭村的某厂拖欠工资三个月。"}
    visitor.get("/file")
    page = visitor.post("/file", **typed, action="locate")
    assert "选用" in page.words and typed["text"] in page.text
    assert page.text.index('value="check"') < page.text.index('value="locate"'), "Enter goes on"
    divisions = desk.services.divisions(None)["divisions"]
    code = next(row["code"] for row in divisions if row["level"] != "county")
    page = visitor.post("/file", **typed, place=code)
    assert "已选用" in page.words and f'value="{code}" selected' in page.text
    assert "data-places" not in page.text, "what is still being written is nobody's yet"
    visitor.get("/file")
    page = visitor.post("/file", **{**typed, "type": "accusation"}, action="locate")
    assert "不由系统识别" in page.words
    sent = [body for _, _, path, body, _ in desk.services.calls if path == "/places"]
    assert len(sent) == 2, "no machine reads an accusation"
