"""Reception days on the pages: planned, published, held; what was agreed, its last day, and the follow-up."""

from __future__ import annotations

import re

import pytest

from tests.journey.office import LABOUR, Office, day
from tests.journey.test_console_journey import browser, eventually
from tests.site import Site
from tests.unit.console.browser import Browser

LIST = "/office/receptions"
NUMBERED = re.compile(r"/office/receptions/(jd-\d{8}-[0-9a-f]{6})")


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    return Office(site)


def planned(clerk: Browser, **fields: str) -> str:
    """A session planned on its page; gives the page's address."""
    clerk.get(LIST)
    form = {"kind": "leader_day", "day": day(), "hours": "9:00—11:30", "place": "信访局接待大厅",
            "receivers": "市长、分管副市长"}  # fmt: skip
    page = clerk.post(LIST, **form | fields)
    assert page.status == 200 and "已保存" in page.words, page.words
    found = re.search(rf'action="{NUMBERED.pattern}/entries"', page.text)
    assert found, page.text
    return f"{LIST}/{found[1]}"


def brings(clerk: Browser, session: str, number: str, **fields: str) -> str:
    clerk.get(session)
    page = clerk.post(f"{session}/entries", number=number, **fields)
    assert page.status == 200, page.words
    return page.words


def test_a_reception_day_is_published_without_a_petitioner(people: Office) -> None:
    clerk, visitor = people.at["dengji"], browser(people.site)
    hidden = planned(clerk, day=day(3), place="未公示的会议室")
    page = visitor.get("/receptions")
    assert page.status == 200 and "未公示的会议室" not in page.words
    clerk.get(hidden)
    page = clerk.post(
        hidden, kind="leader_day", day=day(3), hours="", place="公示的会议室", receivers="市长",
        published="yes",
    )  # fmt: skip
    assert page.status == 422 and "公示须写明接待时间" in page.words
    clerk.get(hidden)
    page = clerk.post(
        hidden, kind="leader_day", day=day(3), hours="9:00", place="公示的会议室", receivers="市长",
        published="yes",
    )  # fmt: skip
    assert page.status == 200 and "已公示" in page.words, page.words
    page = visitor.get("/receptions")
    assert "公示的会议室" in page.words and "市长" in page.words and day(3) in page.words


def test_who_does_not_take_part_does_not_see_it(people: Office) -> None:
    session = planned(people.at["dengji"], place="联合接待大厅", kind="joint", offices__0=LABOUR)
    assert "联合接待大厅" in people.at["bumen"].get(LIST).words
    assert "更改安排" not in people.at["bumen"].get(session).words, "only the host changes it"
    assert "联合接待大厅" not in people.at["zhen"].get(LIST).words
    assert people.at["zhen"].get(session).status == 404


def test_a_petition_registered_in_a_session_and_one_tied_to_it(people: Office) -> None:
    clerk = people.at["dengji"]
    session = planned(clerk, kind="visit_down", place="周巷镇天潭村")
    page = clerk.get(session)
    link = re.search(r'href="(/office/register\?[^"]+)"', page.text)
    assert link
    page = clerk.get(link[1].replace("&amp;", "&"))
    assert re.search(r'<option value="visit_down" selected', page.text), "下访 is chosen already"
    page = clerk.post(
        "/office/register", channel="visit_down", received_on=day(), type="request",
        text="下访时反映的问题。", reception=page.field("reception"), people__0__name="郑下访",
    )  # fmt: skip
    assert page.status == 201, page.words
    first = page.words.split("已登记，编号 ")[1][:18]
    second, _ = people.comes_in()
    brings(clerk, session, second)
    page = clerk.get(session)
    assert first in page.words and second in page.words and "2 件" in page.words
    page = clerk.get(f"/office/petitions/{first}")
    assert "周巷镇天潭村" in page.words and "下访" in page.words
    clerk.get(session)
    page = clerk.post(f"{session}/entries", number="330282200001010001")
    assert page.status == 422 and "2 件" in page.words


def test_what_was_agreed_is_owed_until_it_is_followed_up(people: Office) -> None:
    clerk = people.at["dengji"]
    session = planned(clerk, day=day())
    number, code = people.comes_in()
    clerk.get(session)
    page = clerk.post(f"{session}/entries", number=number, promised_on=day(5))
    assert page.status == 422 and "请写明议定的事项" in page.words
    words = brings(clerk, session, number, agreement="十日内公开账目。", promised_on=day(5))
    assert "十日内公开账目。" in words and day(5) in words
    page = people.stands(number, "落实接待承诺")
    assert "十日内公开账目。" in page.words and f"承诺 {day(5)} 前落实" in page.words
    mine = people.petitioner(number, code)
    assert "十日内公开账目。" in eventually(mine, "/mine", "接待登记").words
    clerk.get(session)
    page = clerk.post(f"{session}/follow-up", number=number, kept="yes", text="")
    assert page.status == 422, "what was found is to be written"
    clerk.get(session)
    page = clerk.post(f"{session}/follow-up", number=number, kept="yes", text="账目已经张贴。")
    assert page.status == 200 and "已落实" in page.words and "账目已经张贴。" in page.words
    page = people.stands(number, "接待事项回访")
    assert "账目已经张贴。" in page.words
    shown = people.at["ducha"].get(f"/office/petitions/{number}/duties")
    assert "落实接待承诺" in shown.words and "已完成" in shown.words


def test_what_was_agreed_is_not_written_before_the_day(people: Office) -> None:
    clerk = people.at["dengji"]
    session = planned(clerk, day=day(7))
    number, _ = people.comes_in()
    assert "议定事项。" not in brings(clerk, session, number)
    clerk.get(session)
    page = clerk.post(f"{session}/entries", number=number, agreement="提前写好。")
    assert page.status == 422 and "接待尚未举行" in page.words


def test_the_accused_see_nothing_of_it(people: Office) -> None:
    clerk = people.at["dengji"]
    session = planned(clerk, kind="joint", offices__0=LABOUR)
    number, _ = people.comes_in(type="accusation", accused=LABOUR, text="反映该局负责人违规。")
    assert number in brings(clerk, session, number, agreement="转纪检机关。")
    page = people.at["bumen"].get(session)
    assert page.status == 200 and number not in page.words and "纪检" not in page.words


# -- every channel ---------------------------------------------------------------------------------

LETTER = {"postmarked_on": day(), "barcode": "XA12345678933"}


@pytest.mark.parametrize(
    ("channel", "word", "more"),
    [
        ("letter", "来信", LETTER), ("visit", "来访", {}), ("call", "来电", {}), ("web", "网上", {}),
        ("mobile", "手机", {}), ("wechat", "微信", {}), ("mailbox", "领导信箱", {}),
        ("visit_down", "下访", {}),
        ("proxy", "代办、陪访", {"people__1__role": "agent", "people__1__name": "代办员老周"}),
    ],
)  # fmt: skip
def test_every_channel_is_on_the_form(
    people: Office, channel: str, word: str, more: dict[str, str]
) -> None:
    clerk = people.at["dengji"]
    form = clerk.get("/office/register")
    assert f'<option value="{channel}"' in form.text and word in form.words
    number, _ = people.comes_in(channel=channel, head_count="1", **more)
    page = clerk.get(f"/office/petitions/{number}")
    assert f"信访形式 {word}" in page.words, page.words
    if channel == "letter":
        assert f"邮戳日期 {day()}" in page.words and "信封条码 XA12345678933" in page.words
    if channel == "proxy":
        assert "代理人、陪同人" in page.words and "信访人数 1 " in page.words, (
            "an agent is not counted"
        )


@pytest.mark.parametrize(
    ("roles", "said"),
    [(("petitioner",), "请登记代理人"), (("agent",), "请登记被代理的信访人")],
)  # fmt: skip
def test_the_represented_person_is_the_petitioner(
    people: Office, roles: tuple[str, ...], said: str
) -> None:
    clerk = people.at["dengji"]
    clerk.get("/office/register")
    rows = {f"people__{i}__role": role for i, role in enumerate(roles)}
    page = clerk.post(
        "/office/register", channel="proxy", received_on=day(), type="request", text="代办。",
        people__0__name="吴某", **rows,
    )  # fmt: skip
    assert page.status == 422 and said in page.words


@pytest.mark.parametrize("channel", ["web", "mobile", "wechat"])
def test_online_by_telephone_and_by_wechat(people: Office, channel: str) -> None:
    visitor = browser(people.site)
    page = visitor.get(f"/file?channel={channel}")
    fields = {"type": "suggestion", "text": "建议增设公交站。", "people__0__name": "冯网上"}
    page = visitor.post("/file", action="check", channel=page.field("channel"), **fields)
    assert page.status == 200, page.words
    page = visitor.post("/file", action="submit", channel=page.field("channel"), **fields)
    assert page.status == 201, page.words
    number = re.search(r"编号 (\d{18,})", page.words)
    assert number
    shown = people.at["dengji"].get(f"/office/petitions/{number[1]}")
    word = {"web": "网上", "mobile": "手机", "wechat": "微信"}[channel]
    assert f"信访形式 {word}" in shown.words


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        ("resident", "110105491231002", None), ("resident", "11010519491231002X", None),
        ("passport", "E12345678", None), ("hk_macau", "H12345678", None), ("taiwan", "12345678", None),
        ("other", "南字第12345678号", None), ("resident", "E12345678", "须为18位公民身份号码"),
        ("resident", "110105194912310021", "校验位不符"), ("passport", "12", "护照号码须为"),
    ],
)  # fmt: skip
def test_identity_documents_at_the_counter(
    people: Office, kind: str, number: str, said: str | None
) -> None:
    clerk = people.at["dengji"]
    clerk.get("/office/register")
    page = clerk.post(
        "/office/register", channel="visit", received_on=day(), type="request", text="证件。",
        people__0__name="孙证件", people__0__id_kind=kind, people__0__id_number=number,
    )  # fmt: skip
    if said is None:
        assert page.status == 201, page.words
    else:
        assert page.status == 422 and said in page.words and "证件号码" in page.words


def test_five_are_a_group_and_the_page_says_so(people: Office) -> None:
    clerk = people.at["dengji"]
    four, _ = people.comes_in(head_count="4")
    five, _ = people.comes_in(head_count="5")
    assert ">集体<" not in clerk.get(f"/office/petitions/{four}").text
    assert ">集体<" in clerk.get(f"/office/petitions/{five}").text


def test_afterwards_nothing_is_missing(people: Office) -> None:
    report = people.site.audit()
    assert report.clean, report
