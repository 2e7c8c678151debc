"""Where a petition is, as its text says: at once where that is certain, else put to a person with what it may be."""

from __future__ import annotations

import time

import pytest

from kit import clock
from tests.journey.office import Office
from tests.site import Site

TWO = "周巷天元的路灯坏了三个月，无人维修。"


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    return Office(site)


def test_a_text_that_names_one_place_goes_there(people: Office) -> None:
    number, _ = people.comes_in(text="周巷镇天潭村的路灯坏了三个月，无人维修。")
    people.stands(number, "天潭村", "按所述地名")


def test_a_misspelt_village_goes_there_too(people: Office) -> None:
    number, _ = people.comes_in(text="慈溪市周巷镇大古糖村的路灯坏了三个月，无人维修。")
    people.stands(number, "大古塘村", "按所述地名")


def test_a_text_that_may_mean_two_places_is_put_to_the_desk(people: Office) -> None:
    number, _ = people.comes_in(text=TWO)
    page = people.stands(number, "内容中的地名可能是", "天元居委会", "天元村委会", login="fenliu")
    assert "地名有几种可能" in page.words
    people.sends(number, "330282121-xfb", division="330282121235")
    people.stands(number, "天元村", "人工判定")


def test_a_place_of_another_county_is_for_a_person(people: Office) -> None:
    number, _ = people.comes_in(text="我们厂拖欠工资。")
    people.stands(number, "内容中没有可识别的地名", login="fenliu")


def test_the_clerk_asks_where_a_text_is_while_it_is_written(people: Office) -> None:
    clerk = people.at["dengji"]
    clerk.get("/office/register")
    typed = {
        "channel": "visit", "received_on": str(clock.local_date(clock.now())), "type": "request",
        "head_count": "1", "text": TWO, "people__0__name": "李四",
    }  # fmt: skip
    page = clerk.post("/office/register", **typed, action="locate")
    for said in ("地名有几种可能", "天元居委会", "天元村委会", "依据：", "选用"):
        assert said in page.words
    assert TWO in page.text, "nothing that was typed is lost"
    page = clerk.post("/office/register", **typed, place="330282121235")
    assert "已选用" in page.words and 'value="330282121235" selected' in page.text
    page = clerk.post("/office/register", **typed | {"text": "余姚市临山镇的路灯"}, action="locate")
    assert "内容中没有地名" in page.words, "an office's own index knows its own places"


def test_what_the_desk_said_a_name_stands_for_is_read_from_then_on(people: Office) -> None:
    text = "老街菜场的下水道堵了一个月，无人疏通。"
    number, _ = people.comes_in(text=text, category="c0801")
    people.stands(number, "内容中没有可识别的地名", login="fenliu")
    refused = people.at["fenliu"]
    refused.get(f"/office/petitions/{number}")
    page = refused.post(
        f"/office/petitions/{number}/assign", office="330282121-xfb", method="transfer",
        was_division="", division="330282121235", alias="天元村",
    )  # fmt: skip
    assert page.status == 422 and "这是现有区划的名称" in page.words
    people.sends(number, "330282121-xfb", division="330282121235", alias="老街菜场")
    people.stands(number, "天元村", "人工判定")
    desk = people.at["fenliu"]
    assert "老街菜场" in desk.get("/office/aliases").words
    time.sleep(31)  # a worker reads names anew twice a minute
    later, _ = people.comes_in(text="反映老街菜场的卫生问题，到处是垃圾。", category="c0801")
    people.stands(later, "天元村", "按所述地名")
    desk.get("/office/aliases")
    page = desk.post("/office/aliases", number=number, name="老街菜场")
    assert "已停用" in page.words and "停用" in desk.get("/office/aliases").words
