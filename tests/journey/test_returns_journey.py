"""月报 on its pages: drawn up, corrected with a reason, told that it does not add up, signed, locked, and summed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from kit import clock
from tests.journey.office import BUREAU, TOWN, Office
from tests.site import Site

URL = f"/office/returns/{BUREAU}"
EARLIER = (clock.local_date(clock.now()).replace(day=1) - timedelta(days=40)).replace(day=1)
"""The month before last: its returns are nobody else's here."""


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
    page = desk.post(URL, step="signature", confirmed="yes", version="1", key="an-old-one")
    assert page.status == 422 and "请核对后再签发" in page.words, "it was corrected since"
    page = desk.post(URL, step="signature", version=page.field("version"))
    assert page.status == 422 and "155" in page.words
    page = desk.post(URL, step="signature", confirmed="yes", version=page.field("version"))
    assert "已签发锁定" in page.words and "编制月报" not in page.words
    assert "分流岗（fenliu） 签发，已锁定" in page.words and "应于" not in page.words
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


def test_a_return_without_its_digits_prints_no_nought(people: Office, site: Site) -> None:
    """Every line blank is blank: in the return, on its page, in the county's sum and in that of the months."""
    desk, month = people.at["fenliu"], EARLIER.isoformat()
    items = [item["id"] for item in site.get("stats", f"/returns?month={month}").json()["items"]]
    desk.get(f"{URL}?month={month}")
    page = desk.post(URL, step="drawing", month=month)
    for item in items:
        desk.get(f"{URL}?month={month}")
        said = {"item": item, "value": "", "reason": "原表数字缺失", "month": month}
        page = desk.post(URL, step="correction", **said)
        assert page.status == 200, page.words
    assert is_blank(page.text, len(items)) and "数据不平" not in page.words
    page = desk.post(URL, step="signature", month=month, version=page.field("version"))
    assert "已签发锁定" in page.words and is_blank(page.text, len(items))

    told = site.get("stats", f"/returns/{BUREAU}?month={month}").json()
    assert told["figures"] == dict.fromkeys(items) and told["faults"] == []
    assert site.get("stats", f"/returns?month={month}").json()["sum"] == dict.fromkeys(items)
    assert is_blank(desk.get(f"/office/returns?month={month}").text, len(items))
    asked = f"/returns/sum?period=month:{month[:7]}"
    lines = site.get("stats", asked).json()["lines"]
    assert {(one["now"], one["year_on_year"], one["before"]) for one in lines} == {
        (None, "—", None)
    }
    assert is_blank(desk.get(f"/office/returns/sum?kind=month&on={month}").text, len(items))


def test_a_month_tells_until_when_its_returns_are_in_time(people: Office) -> None:
    """每月5日前, from the month on in which the site's first petition came."""
    people.comes_in()
    first = clock.local_date(clock.now()).replace(day=1)
    due = (first + timedelta(days=31)).replace(day=5)
    for path in ("/office/returns", f"/office/returns/{TOWN}"):
        page = people.shows(people.at["zhen"], f"{path}?month={first}", f"应于 {due} 前报送")
        assert "逾期" not in page.words
    assert "应于" not in people.at["zhen"].get(f"/office/returns?month={EARLIER}").words


def is_blank(page: str, lines: int) -> bool:
    """Whether the first table of a page has only blanks for numbers."""
    table = page[page.index('<table class="list counts">') : page.index("</table>")]
    numbers = re.findall(r'<td class="n">(?:<span title="未填">)?([^<]*)', table)
    return len(numbers) >= lines and set(numbers) == {"—"}
