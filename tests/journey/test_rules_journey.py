"""分流规则 and 单位目录: looked at, tried, written out, changed in a spreadsheet, taken over, and felt at the desk."""

from __future__ import annotations

import csv
import io

import pytest

from tests.journey.office import BUREAU, LABOUR, TOWN, Office
from tests.site import Site
from tests.unit.console.browser import Browser

PLACE = "330282121201"
ROADS = "周巷镇天潭村的路灯坏了三个月，无人维修。"


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    return Office(site)


def lines(desk: Browser, what: str) -> list[list[str]]:
    response = desk.fetch(f"/office/{what}/file?format=csv")
    assert response.status == 200
    return list(csv.reader(io.StringIO(response.body.decode("utf-8-sig"))))


def sheet(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("gb18030")


def test_a_question_is_answered_with_its_reason(people: Office) -> None:
    desk = people.at["fenliu"]
    page = desk.get(f"/office/rules?division={PLACE}&category=c0205")
    for words in ("自然资源和规划局", "主管", "lead-0205", "属地", "协办"):
        assert words in page.words
    assert "须人工确定" in desk.get(f"/office/rules?division={PLACE}&level=province").words
    assert people.at["dengji"].get("/office/rules").status == 200
    refused = people.at["dengji"].post("/office/rules", files=[("规则.csv", b"x")])
    assert refused.status == 403, "looked at by everybody, kept by the desk"


def test_a_rule_from_a_spreadsheet_is_felt_at_once(people: Office) -> None:
    desk = people.at["fenliu"]
    desk.get("/office/rules")
    rows = lines(desk, "rules")
    bad = [*rows, ["bad", "某地", *rows[1][2:]]]
    page = desk.post("/office/rules", files=[("规则.csv", sheet(bad))])
    assert page.status == 422 and "没有区划「某地」" in page.words
    own = ["own-light", PLACE, "c08", "", "主管", "城市建设投资集团", "属地", "20",
           "2020-01-01", "", "某会议纪要"]  # fmt: skip
    page = desk.post("/office/rules", files=[("规则.csv", sheet([*rows, own]))])
    assert "规则已导入" in page.words and "某会议纪要" in page.words
    number, _ = people.comes_in(text=ROADS, category="c08", division=PLACE)
    people.stands(number, "城市建设投资集团", "own-light")
    assert "1 件" in people.shows(desk, "/office/rules", "own-light").words


def test_complaints_about_a_town_are_led_past_it(people: Office) -> None:
    number, _ = people.comes_in(
        text=ROADS, category="c09", division=PLACE, complained_about="周巷镇人民政府"
    )
    people.stands(number, "民政局")


def test_the_directory_from_a_spreadsheet_is_the_public_one(people: Office) -> None:
    desk = people.at["fenliu"]
    desk.get("/office/directory")
    rows = lines(desk, "directory")
    head = rows[0]

    def with_cells(id_: str, **cells: str) -> bytes:
        named = [list(row) for row in rows]
        for row in named:
            if row[0] == id_:
                for column, cell in cells.items():
                    row[head.index(column)] = cell
        return sheet(named)

    page = desk.post(
        "/office/directory/file", files=[("单位.csv", with_cells(TOWN, 上级="nobody"))]
    )
    assert page.status == 422 and "nobody" in page.words
    page = desk.post(
        "/office/directory/file", files=[("单位.csv", with_cells(LABOUR, 电话="0574-00009999"))]
    )
    assert "单位目录已导入" in page.words
    assert "0574-00009999" in people.shows(people.visitor(), "/offices", "0574-00009999").words
    off = with_cells(BUREAU, 自动分流把握="0", 电话="0574-00000001")
    desk.post("/office/directory/file", files=[("单位.csv", off)])
    assert "关闭" in people.shows(desk, "/office/directory", "0574-00000001").words
    number, _ = people.comes_in(text=ROADS, category="c09", division=PLACE)
    page = people.stands(number, "登记单位设置为一律人工分流", login="fenliu")
    page = people.offered("fenliu", number, "assign")
    assert "周巷镇信访办" in page.words and "属地" in page.words
    on = with_cells(BUREAU, 自动分流把握="", 电话="0574-00000002")
    desk.get("/office/directory")
    desk.post("/office/directory/file", files=[("单位.csv", on)])
    people.shows(desk, "/office/directory", "0574-00000002")
