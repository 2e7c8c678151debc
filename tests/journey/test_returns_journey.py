"""月报 on its pages: drawn up, corrected with a reason, told that it does not add up, signed, locked, and summed."""

from __future__ import annotations

import pytest

from tests.journey.office import BUREAU, TOWN, Office
from tests.site import Site

URL = f"/office/returns/{BUREAU}"


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    return Office(site)


def test_a_return_goes_its_way(people: Office) -> None:
    desk = people.at["fenliu"]
    assert "月报尚未编制" in desk.get(URL).words
    page = desk.post(URL, step="drawing")
    assert "月报已编制" in page.words and "进京访（户次） 手工填报 —" in page.words
    page = desk.post(URL, step="correction", item="visit_city", value="13", reason="")
    assert page.status == 422 and "更正的理由" in page.words
    for item, value in (("visit", "153"), ("visit_here", "137"), ("visit_city", "13"),
                        ("visit_province", "2"), ("visit_capital", "3")):  # fmt: skip
        desk.get(URL)
        page = desk.post(URL, step="correction", item=item, value=value, reason="核对台账")
        assert "已更正" in page.words and "核对台账" in page.words
    assert "数据不平：来访 153,而本级来访、到市访、赴省访、进京访之和为 155" in page.words
    page = desk.post(URL, step="signature")
    assert page.status == 422 and "155" in page.words
    page = desk.post(URL, step="signature", confirmed="yes")
    assert "已签发锁定" in page.words and "编制月报" not in page.words
    page = desk.get("/office/returns")
    assert "进京访（户次） 3" in page.words and "尚未报送 91 个单位" in page.words


def test_an_office_looks_at_others_returns_and_makes_its_own(people: Office) -> None:
    town = people.at["zhen"]
    page = town.get(URL)
    assert "已签发" in page.words and "更正" in page.words and 'name="step"' not in page.text
    page = town.post(URL, step="drawing", key="not-ours", month="2026-01-01")
    assert page.status == 422 and "月报由各单位自己编制" in page.words
    town.get(f"/office/returns/{TOWN}")
    page = town.post(f"/office/returns/{TOWN}", step="drawing")
    assert "月报已编制" in page.words
