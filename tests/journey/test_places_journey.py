"""Where a petition is, as its text says: at once where that is certain, else put to a person with what it may be."""

from __future__ import annotations

import pytest

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
