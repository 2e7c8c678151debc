"""Staff's pages against the four services in memory."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from console.casefile import POLL, WAIT
from tests.unit.console.browser import Desk
from tests.unit.console.fakes import CODE, NUMBER

CASE = f"/office/petitions/{NUMBER}"
FORM = {
    "channel": "visit", "received_on": "2026-03-02", "type": "request", "head_count": "1",
    "text": "天潭村三年没有公开账目。", "people__0__name": "李四", "people__0__phone": "13900000000",
}  # fmt: skip


@pytest.mark.parametrize(
    ("login", "paths"),
    [
        ("dengji", ("/office/desk", "/office/register", "/office/cases", "/office/figures", CASE)),
        (
            "fenliu",
            (
                "/office/triage",
                "/office/directory",
                "/office/rules",
                "/office/rules?level=city",
                "/office/aliases",
                CASE,
            ),
        ),
        ("ducha", ("/office/desk", "/office/cases?status=registered&light=red", CASE)),
        ("zhen", ("/office/desk", "/office/register", CASE)),
        ("shenji", ("/office/figures",)),
        ("", ("/", "/offices", "/file", "/lookup", "/login")),
    ],
)
def test_every_page_shows(desk: Desk, login: str, paths: tuple[str, ...]) -> None:
    desk.services.add(NUMBER)
    browser = desk.browser(login)
    for path in paths:
        page = browser.get(path)
        assert page.status == 200, (path, page.words)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script>", page.text), path
        ids = re.findall(r'\sid="([^"]*)"', page.text)
        assert len(ids) == len(set(ids)), path
        assert set(re.findall(r'<label for="([^"]*)"', page.text)) <= set(ids), path


def test_a_role_sees_its_own_ways_only(desk: Desk) -> None:
    browser = desk.browser("zhen")
    assert "分流" not in browser.get("/office/desk").words
    page = browser.get("/office/triage")
    assert page.status == 403
    assert "权限" in page.words
    browser = desk.browser("shenji")
    assert "今日数据" in browser.get("/office").words
    assert "工作台" not in browser.get("/office").words.split("今日数据")[0]


# -- registering -----------------------------------------------------------------------------------


def test_registers_once_however_often_it_is_sent(desk: Desk) -> None:
    browser = desk.browser("dengji")
    browser.get("/office/register")
    form = browser.last
    page = browser.post("/office/register", **FORM)
    assert page.status == 201
    assert CODE in page.words
    number = re.search(r"编号 (\d{18})", page.words)
    assert number
    browser.last = form
    again = browser.post("/office/register", **FORM)
    assert number[1] in again.words
    assert len(desk.services.petitions) == 1
    sent = desk.services.calls[-1][3]
    assert sent["people"] == [
        {
            "role": "petitioner",
            "name": "李四",
            "phone": "13900000000",
            "id_kind": "resident",
            "id_number": None,
            "address": None,
        }
    ]


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(desk: Desk) -> None:
    browser = desk.browser("dengji")
    browser.get("/office/register")
    key = browser.last.field("key") if browser.last else ""
    page = browser.post(
        "/office/register", **FORM | {"people__0__phone": "abc", "title": "<b>账目"}
    )
    assert page.status == 422
    assert "第 1 人 电话：格式不对。" in page.words
    assert 'aria-describedby="people.0.phone-wrong"' in page.text
    assert page.field("people.0.phone") == "abc"
    assert page.field("title") == "<b>账目"
    assert "<b>账目" not in page.text
    assert "天潭村三年没有公开账目。" in page.text
    assert page.field("key") == key
    assert browser.post("/office/register", **FORM).status == 201


def test_categories_are_suggested_and_one_is_taken_without_a_script(desk: Desk) -> None:
    browser = desk.browser("dengji")
    browser.get("/office/register")
    page = browser.post("/office/register", **FORM, action="suggest")
    assert page.status == 200 and not desk.services.petitions
    assert "农业农村 / 村务管理 / 村务公开 依据：账目" in page.words
    assert page.field("people.0.name") == "李四" and "天潭村三年没有公开账目。" in page.text
    assert 'value="c040101" selected' not in page.text, "nothing is chosen for anybody"
    page = browser.post("/office/register", **FORM, take="c040101")
    assert 'value="c040101" selected' in page.text and "已选用" in page.words
    assert browser.post("/office/register", **FORM | {"category": "c040101"}).status == 201
    assert desk.services.calls[-1][3]["category"] == "c040101"


def test_where_nothing_can_be_suggested_the_page_says_why(desk: Desk) -> None:
    browser = desk.browser("dengji")
    browser.get("/office/register")
    suggest = lambda **fields: browser.post("/office/register", **FORM | fields, action="suggest")  # noqa: E731
    assert "没有可以据以建议的词" in suggest(text="你好").words
    assert "请先填写内容" in suggest(text="").words
    assert "不作自动建议" in suggest(type="accusation").words
    desk.services.down = {"intake"}
    page = suggest()
    assert page.status == 200 and "登记服务暂时无法访问" in page.words
    assert page.field("people.0.name") == "李四"


def test_a_category_that_has_ended_is_not_offered_and_keeps_its_name(desk: Desk) -> None:
    page = desk.browser("dengji").get("/office/register")
    assert 'value="c040101"' in page.text and 'value="c040102"' not in page.text
    desk.services.add("330282202603020009", category="c040102")
    assert "村级债务" in desk.browser("ducha").get("/office/petitions/330282202603020009").words


def test_more_people_without_a_script(desk: Desk) -> None:
    browser = desk.browser("dengji")
    browser.get("/office/register")
    page = browser.post("/office/register", **FORM, action="add-person")
    assert page.field("people.0.name") == "李四"
    assert page.field("people.1.name") == ""
    people = {f"people__{i}__name": f"代表{i}" for i in range(6)}
    browser.post("/office/register", **FORM | people)
    assert [p["name"] for p in desk.services.calls[-1][3]["people"]] == [
        f"代表{i}" for i in range(6)
    ]


def test_registers_while_routing_and_supervision_are_away(desk: Desk) -> None:
    desk.services.down = {"routing", "supervision", "stats"}
    browser = desk.browser("dengji")
    page = browser.get("/office/register")
    assert "登记不受影响" in page.words
    assert browser.post("/office/register", **FORM).status == 201


def test_a_form_of_an_earlier_session_is_shown_again(desk: Desk) -> None:
    browser = desk.browser("dengji")
    browser.get("/office/register")
    page = browser.post("/office/register", csrf="old", **FORM)
    assert page.status == 403
    assert "天潭村三年没有公开账目。" in page.text
    assert not desk.services.petitions
    assert browser.post("/office/register", **FORM).status == 201


def test_while_intake_is_away_the_form_stays_with_its_key(desk: Desk) -> None:
    browser = desk.browser("dengji")
    browser.get("/office/register")
    key = browser.last.field("key") if browser.last else ""
    desk.services.down = {"intake"}
    page = browser.post("/office/register", **FORM)
    assert page.status == 503
    assert "不会重复登记" in page.words
    assert page.field("key") == key


# -- desk and list ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"petitions/{NUMBER}/attachments/1", f"petitions/{NUMBER}/papers/1", "templates/acceptance",
        "bulletins/330282-xfj-2026-1/file",
    ],
)  # fmt: skip
def test_a_file_of_a_service_that_is_away_is_not_one_that_is_missing(desk: Desk, path: str) -> None:
    desk.services.down = {"intake", "supervision", "stats"}
    assert desk.browser("ducha").get(f"/office/{path}").status == 503


def test_the_desk_asks_for_titles_once(desk: Desk) -> None:
    for i in range(5):
        desk.services.add(f"33028220260302{i:04d}")
    browser = desk.browser("ducha")
    desk.services.calls.clear()
    page = browser.get("/office/desk")
    assert "张**" in page.words
    assert [c[2] for c in desk.services.calls if c[0] == "intake"] == ["/titles"]


@pytest.mark.parametrize("service", ["intake", "routing", "supervision"])
def test_the_desk_stands_with_one_service_away(desk: Desk, service: str) -> None:
    desk.services.add(NUMBER)
    desk.services.down = {service}
    page = desk.browser("ducha").get("/office/desk")
    assert page.status == 200
    assert ("不受影响" in page.words) == (service != "routing")  # routing: names only
    assert (NUMBER in page.words) == (service != "supervision")


def test_pages_of_the_list_to_and_fro_keep_their_filters(desk: Desk) -> None:
    for i in range(5):
        desk.services.add(f"33028220260302{i:04d}")
    browser = desk.browser("ducha")

    def turn(text: str) -> list[str]:
        assert browser.last
        found = re.search(rf'href="([^"]*)">{text}<', browser.last.text)
        assert found, text
        assert "status=registered" in found[1]
        page = browser.get(found[1].replace("&amp;", "&"))
        return re.findall(r"33028220260302(\d{4})</a>", page.text)

    browser.get("/office/cases?status=registered")
    assert turn("下一页") == ["0002", "0003"]
    assert turn("下一页") == ["0004"]
    assert turn("上一页") == ["0002", "0003"]
    assert turn("上一页") == ["0000", "0001"]
    assert browser.last
    assert "上一页" not in browser.last.words


def test_a_person_is_searched_for_in_no_address(desk: Desk) -> None:
    for i in range(5):
        desk.services.add(f"33028220260302{i:04d}")
    browser = desk.browser("ducha")
    browser.get("/office/cases")
    page = browser.post("/office/cases", name="张三丰", status="registered")
    assert "共 5 件" in page.words
    assert page.field("name") == "张三丰"
    assert not [href for href in re.findall(r'href="([^"]*)"', page.text) if "张" in unquote(href)]
    page = browser.post("/office/cases", name="张三丰", after="2~", trail="-")
    assert "上一页" in page.words
    page = browser.post("/office/cases", name="无此人")
    assert "没有符合条件" in page.words


def test_plain_filters_become_an_address(desk: Desk) -> None:
    browser = desk.browser("ducha")
    browser.get("/office/cases")
    page = browser.post("/office/cases", follow=False, status="closed", number="1")
    assert page.status == 303
    assert page.headers["location"] == "/office/cases?status=closed&number=1"


# -- one petition ----------------------------------------------------------------------------------


def test_a_petition_goes_its_way_through_the_pages(desk: Desk) -> None:
    desk.services.add(NUMBER)
    triage = desk.browser("fenliu")
    assert NUMBER in triage.get("/office/triage").words
    triage.get(CASE)
    page = triage.post(
        f"{CASE}/assign", division="330282121204", was_division="", office="330282121-xfb",
        method="assign",
    )  # fmt: skip
    assert "已分流" in page.words
    assert "没有等待分流" in page.words
    keys = [c[4]["Idempotency-Key"] for c in desk.services.calls if "Idempotency-Key" in c[4]]
    assert keys[0].removesuffix("-place") == keys[1].removesuffix("-office")

    town = desk.browser("zhen")
    steps: list[tuple[str, dict[str, str], str]] = [
        ("sign", {}, "已签收"),
        ("accept", {}, "已受理"),
        ("answer", {"outcome": "supported", "opinion": "已公开账目。"}, "已答复"),
        ("serve", {"method": "in_person", "served_on": "2026-03-06"}, "已送达"),
        ("close", {}, "已办结"),
    ]
    for step, fields, status in steps:
        page = town.get(CASE)
        offered = re.findall(rf'action="{CASE}/do/(\w+)"', page.text)
        assert offered[0] == step and set(offered[1:]) <= {
            "ask_extension",
            "recuse",
            "order_recusal",
        }
        page = town.post(f"{CASE}/do/{step}", **fields)
        assert page.status == 200, page.words
        assert status in page.words
    assert "周巷镇 天潭村委会" in page.words
    assert "现在可以办理" not in page.words
    sent = [c[4].get("Petition-Seen") for c in desk.services.calls if c[2].endswith("/acceptance")]
    assert sent == ["intake:1 routing:3 supervision:0"]


def test_a_refused_step_keeps_what_was_typed(desk: Desk) -> None:
    row = desk.services.add(NUMBER)["state"]
    row |= {"status": "accepted", "handling": "accepted", "office": "330282121-xfb"}
    town = desk.browser("zhen")
    town.get(CASE)
    page = town.post(f"{CASE}/do/answer", outcome="explained", opinion="")
    assert page.status == 422
    assert "此项不能为空。" in page.words
    assert re.search(r'value="explained"\s+checked', page.text)
    desk.services.down = {"supervision"}
    page = town.post(f"{CASE}/do/answer", outcome="explained", opinion="解释")
    assert "不会重复办理" in page.words


def test_what_is_wrong_stands_in_the_form_that_was_refused(desk: Desk) -> None:
    """Why a deadline is to be moved and why somebody wants to read a name are both a `reason`."""
    row = desk.services.add(NUMBER)["state"]
    row |= {"status": "accepted", "handling": "accepted", "office": "330282121-xfb"}
    town = desk.browser("zhen")
    town.get(CASE)
    page = town.post(f"{CASE}/do/ask_extension", days="30", reason="")
    assert 'id="people-reason"' in page.text and 'id="ask_extension-reason"' in page.text
    assert re.findall(r'id="([a-z_-]*-wrong)"', page.text) == ["ask_extension-reason-wrong"]
    page = town.post(f"{CASE}/people", reason=" ")
    assert re.findall(r'id="([a-z_-]*-wrong)"', page.text) == ["people-reason-wrong"]


def test_another_office_can_take_no_step(desk: Desk) -> None:
    desk.services.add(NUMBER)["state"] |= {"status": "assigned", "office": "330282121-xfb"}
    assert "现在可以办理" not in desk.browser("bumen").get(CASE).words


def test_the_next_page_waits_for_the_read_models(desk: Desk) -> None:
    desk.services.add(NUMBER)["state"] |= {"status": "assigned", "office": "330282121-xfb"}
    town = desk.browser("zhen")
    town.get(CASE)
    desk.services.lag = 4
    page = town.post(f"{CASE}/do/sign")
    assert "已签收" in page.words
    assert "处理中" not in page.words


def test_a_read_model_that_is_late_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.casefile.WAIT", 2 * POLL)
    assert WAIT == 2.0
    desk.services.add(NUMBER)["state"] |= {"status": "assigned", "office": "330282121-xfb"}
    town = desk.browser("zhen")
    town.get(CASE)
    desk.services.lag = 1000
    page = town.post(f"{CASE}/do/sign")
    assert "处理中" in page.words
    assert 'http-equiv="refresh"' in page.text


@pytest.mark.parametrize("seen", ["routing:99999999999999999999", "'; --", "x" * 5000])
def test_an_address_made_up_does_no_harm(
    desk: Desk, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.casefile.WAIT", 0.0)
    desk.services.add(NUMBER)
    assert desk.browser("zhen").get(f"{CASE}?seen={seen}&done=nothing").status == 200


def test_people_are_shown_for_a_reason_only(desk: Desk) -> None:
    desk.services.add(NUMBER)
    browser = desk.browser("dengji")
    page = browser.get(CASE)
    assert "张**" in page.words
    assert "13812345678" not in page.text
    page = browser.post(f"{CASE}/people", reason=" ")
    assert "请填写查看理由" in page.words
    page = browser.post(f"{CASE}/people", reason="电话告知受理")
    assert "13812345678" in page.words
    assert desk.services.calls[-1][0] != "intake" or "电话" not in desk.services.calls[-1][2]


@pytest.mark.parametrize("service", ["intake", "routing", "supervision"])
def test_a_case_stands_with_one_service_away(desk: Desk, service: str) -> None:
    desk.services.add(NUMBER)
    desk.services.down = {service}
    page = desk.browser("ducha").get(CASE)
    assert page.status == 200
    assert "暂时无法访问" in page.words
    assert ("村务三年" in page.words) == (service != "intake")
    assert ("第二十二条" in page.words) == (service != "supervision")


def test_an_unknown_petition_is_not_found(desk: Desk) -> None:
    assert desk.browser("ducha").get("/office/petitions/1").status == 404


# -- figures ---------------------------------------------------------------------------------------


def test_figures(desk: Desk) -> None:
    desk.services.add(NUMBER)
    browser = desk.browser("ducha")
    page = browser.get("/office/figures")
    assert "今日登记" in page.words
    assert page.text.count("<rect") == 31
    for what, period, where in (
        ("registered", "day%3A2026-03-02", ""), ("missed", "free%3A2026-03-01..2026-03-02", ""),
        ("open", "day%3A2026-03-02", ""),
        ("registered", "free%3A2026-03-01..2026-03-02", "channel%3Avisit"),
    ):  # fmt: skip
        link = f"/office/statistics/cases?what={what}&amp;period={period}&amp;where={where}"
        assert f'<a href="{link}">' in page.text, link
    page = browser.get(
        "/office/figures?measure=closed&from=2026-03-01&to=2026-03-02&by=channel&and=day"
    )
    assert "来访 2026-03-02 7" in page.words
    assert '<a href="/office/statistics/cases?what=closed">7</a>' in page.text
    page = browser.get("/office/figures?from=2026-03-02&to=2026-03-01")
    assert "此项填写有误" in page.words
    desk.services.down = {"stats"}
    assert "登记和办理不受影响" in browser.get("/office/figures").words


def test_statistics_print_the_definition_beside_the_number(desk: Desk) -> None:
    browser = desk.browser("ducha")
    page = browser.get(
        "/office/statistics?what=closed_on_time&kind=month&on=2026-03-09&by=office&and=town"
    )
    assert desk.services.asked == {
        "what": "closed_on_time",
        "period": "month:2026-03",
        "by": "office,town",
    }
    assert "（未定属地） 95 19 20 — — 93.8 +1.2个百分点" in page.words
    assert "限办截止前办结的 ÷ 限办截止在本期的" in page.words and "［F］" in page.words
    assert "分子 限办截止前办结的 分母 限办截止的" in page.words
    assert "part=denominator" in page.text
    page = browser.get("/office/statistics?kind=free&on=2026-03-09")
    assert "此项填写有误" in page.words
    desk.services.down = {"stats"}
    assert "登记和办理不受影响" in browser.get("/office/statistics").words


def test_a_return_is_signed_as_it_was_seen_and_tells_what_was_found_since_by_month(
    desk: Desk,
) -> None:
    browser = desk.browser("fenliu")
    page = browser.get("/office/returns/330282-xfj?month=2026-02-01")
    assert "2025年12月：来信 +2 件次 2026年1月：来信 -1 件次" in page.words
    sent = {"step": "signature", "month": "2026-02-01", "version": page.field("version")}
    page = browser.post("/office/returns/330282-xfj", **sent)
    assert desk.services.asked == {"month": "2026-02-01", "version": 4, "confirmed": False}
    assert page.status == 422 and "请核对后再签发" in page.words


@pytest.mark.parametrize(
    ("kind", "said"),
    [("day", "day:2026-05-09"), ("week", "week:2026-W19"), ("quarter", "quarter:2026-Q2"),
     ("half", "half:2026-H1"), ("year", "year:2026"), ("month", "month:2026-05")],
)  # fmt: skip
def test_a_period_is_the_one_that_the_day_lies_in(desk: Desk, kind: str, said: str) -> None:
    desk.browser("ducha").get(f"/office/statistics?kind={kind}&on=2026-05-09")
    assert desk.services.asked["period"] == said


def test_a_figure_leads_to_its_cases(desk: Desk) -> None:
    desk.services.add(NUMBER)
    browser = desk.browser("ducha")
    link = "what=closed_on_time&part=numerator&period=month%3A2026-03&where=size%3Ajoint"
    page = browser.get(f"/office/statistics/cases?{link}")
    assert (
        NUMBER in page.words and "列出 20 件" in page.words and "个访、集体访：集体访" in page.words
    )
    assert "按期办结率（分子）" in page.words
    assert desk.services.asked["where"] == "size:joint"
    assert "下一页" in page.words and "导出 CSV" in page.words
    assert "下一页" not in browser.get(f"/office/statistics/cases?{link}&after=x").words


def test_the_place_that_a_text_means_is_offered_and_taken(desk: Desk) -> None:
    clerk = desk.browser("dengji")
    clerk.get("/office/register")
    page = clerk.post("/office/register", **{**FORM, "action": "locate", "text": ""})
    assert page.status == 422 and "请先填写内容" in page.words
    page = clerk.post("/office/register", **FORM, action="locate")
    for said in ("地名有几种可能", "依据：天潭", "不在本站范围", "住址"):
        assert said in page.words
    assert FORM["text"] in page.text, "nothing that was typed is lost"
    divisions = desk.services.divisions(None)["divisions"]
    code = next(row["code"] for row in divisions if row["level"] != "county")
    page = clerk.post("/office/register", **FORM, place=code)
    assert "已选用" in page.words and f'value="{code}" selected' in page.text
    piece = clerk.post("/office/register/places", **FORM)
    assert "选用" in piece.text and "<html" not in piece.text
    clerk.get("/office/register")
    sealed = clerk.post("/office/register/places", **{**FORM, "type": "accusation"})
    assert sealed.text.strip() == "", "no machine reads an accusation"


READING = {
    "evidence": [["330282121204", [[0, 2]]], ["330281100000", []]], "roles": [["origin", "341226100000"]],
    "written": "330212000000",
    "names": {"330281100000": "宁波市 余姚市 临山镇", "341226100000": "颍上县 慎城镇", "330212000000": "宁波市 鄞州区"},
}  # fmt: skip


def test_the_desk_is_told_in_words_why_the_machine_thinks_so(desk: Desk) -> None:
    desk.services.add(NUMBER, text="天潭村的路灯坏了")
    desk.services.reading = READING | {
        "names": READING["names"] | {"330282121204": "慈溪市 周巷镇 天潭村"}
    }
    page = desk.browser("fenliu").get(f"/office/petitions/{NUMBER}")
    for said in (
        "内容中的地名可能是，把握低", "慈溪市 周巷镇 天潭村 依据：“天潭”",
        "宁波市 余姚市 临山镇（不在本站范围） 依据：被反映单位的名称", "文中写的是宁波市 鄞州区，该地现属慈溪市 周巷镇 天潭村",
        "文中另有颍上县 慎城镇（户籍地）",
    ):  # fmt: skip
        assert said in page.words


def test_a_local_name_is_kept_at_the_desk_and_ended_on_its_page(desk: Desk) -> None:
    triage = desk.browser("fenliu")
    page = triage.get("/office/aliases")
    assert "老街菜场" in page.words
    page = triage.post("/office/aliases", number=NUMBER, name="老街菜场")
    assert "已停用" in page.words


def test_a_list_of_bulletins_that_is_not_all_says_so(desk: Desk) -> None:
    page = desk.browser("dengji").get("/office/bulletins?year=2026")
    assert "2026年已印发 55 期" in page.words and "2026年第56期" in page.words
    assert page.words.count("只列出") == 1 and "共 56 份，只列出最近的 2 份" in page.words
    assert "2026年已印发 0 期" in page.words
