"""The directory and the rules by file, what they answer, and what is kept of a decision."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kit.identity import Actor
from tests.county import BUREAU, LABOUR, TOWN, VILLAGE, County, assert_problem
from tests.integration.routing.test_routing_http import matter, registered

Row = dict[str, str]


@pytest.fixture(scope="module")
def keeper(county: County) -> Actor:
    return county.officer(BUREAU, "triage")


def file_of(county: County, keeper: Actor, what: str, format_: str = "csv") -> bytes:
    found = county.get("routing", f"/{what}/file?format={format_}", keeper)
    assert found.status == 200, found.body
    return found.body


def rows_of(content: bytes) -> list[Row]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def sheet_of(rows: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def take(county: County, keeper: Actor, what: str, content: bytes) -> Any:
    body = {"content": b64encode(content).decode(), "name": f"{what}.csv"}
    return county.post("routing", f"/{what}", body, keeper)


@contextmanager
def site_of(county: County, keeper: Actor) -> Iterator[None]:
    """The directory and the rules as they were, afterwards."""
    before = {what: file_of(county, keeper, what) for what in ("offices", "rules")}
    yield
    for what, content in before.items():
        assert take(county, keeper, what, content).status == 200


def changed(rows: list[Row], id_: str, **cells: str) -> bytes:
    key = next(iter(rows[0]))
    assert any(row[key] == id_ for row in rows)
    return sheet_of([row | cells if row[key] == id_ else row for row in rows])


@pytest.mark.parametrize("what", ["offices", "rules"])
@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_what_was_written_out_is_taken_over_without_a_change(
    county: County, keeper: Actor, what: str, format_: str
) -> None:
    before = county.counts()
    content = file_of(county, keeper, what, format_)
    answer = take(county, keeper, what, content)
    assert (answer.status, answer.json) == (200, {"taken": 0}), answer.body
    after = county.counts()
    assert after.pop("routing.audit_log") == before.pop("routing.audit_log") + 1, (
        "who did it is kept"
    )
    assert after == before


def test_every_fault_of_a_directory_is_named_and_nothing_is_taken(
    county: County, keeper: Actor
) -> None:
    before, rows = county.counts(), rows_of(file_of(county, keeper, "offices"))
    faulty = {
        "单位编号": "a b", "名称": "", "区划": "某地", "级别": "省部", "类别": "公司", "内容分类": "c05;某类",
        "被反映单位级别": "国", "电话": "找张三", "自动分流把握": "1.2", "设立日期": "去年",
    }  # fmt: skip
    answer = take(county, keeper, "offices", sheet_of([rows[0], rows[1] | faulty]))
    assert_problem(answer, 422, "invalid", "content")
    told = " ".join(error["detail"] for error in answer.json["errors"])
    assert told.count("第3行") == len(faulty)
    for cell in (
        "a b",
        "名称须为",
        "某地",
        "省部",
        "公司",
        "某类",
        "「国」",
        "找张三",
        "1.2",
        "去年",
    ):
        assert cell in told, (cell, told)
    assert county.counts() == before


@pytest.mark.parametrize(
    ("id_", "cells", "said"),
    [
        (TOWN, {"上级": "nobody"}, "目录中没有上级或者承继单位nobody"),
        (BUREAU, {"上级": TOWN}, "上级关系成环"),
        (TOWN, {"上级": "", "类别": "信访部门"}, "只能有一个没有上级的信访部门"),
        (LABOUR, {"撤销日期": "2026-01-01"}, "不能改变撤销日期"),
    ],
)
def test_a_directory_that_makes_no_tree_is_refused(
    county: County, keeper: Actor, id_: str, cells: Row, said: str
) -> None:
    before, rows = county.counts(), rows_of(file_of(county, keeper, "offices"))
    answer = take(county, keeper, "offices", changed(rows, id_, **cells))
    assert_problem(answer, 422, "invalid", "content")
    assert said in " ".join(error["detail"] for error in answer.json["errors"])
    assert county.counts() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01",
        b"PK\x03\x04broken",
        "单位编号\n甲".encode(),
        "编号,编号\n1,2".encode("gb18030"),
    ],
)
@pytest.mark.parametrize("what", ["offices", "rules"])
def test_what_is_no_such_file_is_refused(
    county: County, keeper: Actor, what: str, content: bytes
) -> None:
    answer = take(county, keeper, what, content or b" ")
    assert_problem(answer, 422, "invalid", "content")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"主办单位": "某局"}, "没有单位「某局」"),
        ({"原则": "都管"}, "原则「都管」须为"),
        ({"协办单位": "属地;某局"}, "没有单位「某局」"),
        ({"协办天数": "0"}, "协办天数「0」须为1至365"),
        ({"停用日期": "2020-01-01"}, "停用日期须晚于启用日期"),
        ({"启用日期": ""}, "启用日期须填写"),
        ({"依据": ""}, "依据须为"),
        ({"规则编号": "r-2"}, "范围相同,期间重叠"),
    ],
)
def test_a_rule_that_says_nothing_clear_is_refused(
    county: County, keeper: Actor, cells: Row, said: str
) -> None:
    before, rows = county.counts(), rows_of(file_of(county, keeper, "rules"))
    answer = take(county, keeper, "rules", sheet_of([*rows, rows[0] | cells]))
    assert_problem(answer, 422, "invalid", "content")
    assert said in " ".join(error["detail"] for error in answer.json["errors"])
    assert county.counts() == before


def test_a_rule_names_who_leads_and_who_assists_and_is_kept_with_the_decision(
    county: County, keeper: Actor
) -> None:
    with site_of(county, keeper):
        rows = rows_of(file_of(county, keeper, "rules"))
        own = rows[0] | {
            "规则编号": "own-1", "区划": VILLAGE, "内容分类": "c06", "被反映单位级别": "", "原则": "主管",
            "主办单位": "人力资源和社会保障局", "协办单位": "属地", "协办天数": "15", "启用日期": "2020-01-01",
        }  # fmt: skip
        assert take(county, keeper, "rules", sheet_of([*rows, own])).json == {"taken": 1}
        asked = county.get("routing", f"/competence?division={VILLAGE}&category=c06", keeper).json
        assert (asked["office"], asked["rule"]) == (LABOUR, "own-1")
        assert (asked["assisting"], asked["territorial"]) == ([TOWN], TOWN)
        elder = f"/competence?division={VILLAGE}&category=c06&on=2019-12-31"
        assert county.get("routing", elder, keeper).json["rule"] != "own-1"
        found = matter(county, registered(county, category="c06", division=VILLAGE))
        assert (found["petition"]["office"], found["assigned_rule"]) == (LABOUR, "own-1")
        assert found["assisting"] == [TOWN] and found["choice"]["principle"] == "competent"
        assert found["choice"]["version"] == asked["version"]
        page = county.get("routing", "/rules", keeper).json
        assert "own-1" in [rule["id"] for rule in page["rules"]] and page["source"] == "rules.csv"
        tallies = {(row["step"], row["rule"]): row for row in page["tallies"]}
        assert tallies["office", "own-1"]["made"] == 1


def test_the_office_complained_about_does_not_answer(county: County, keeper: Actor) -> None:
    number = registered(
        county, category="c01", division=VILLAGE, complained_about="市人力资源和社会保障局"
    )
    assert matter(county, number)["about_office"] == LABOUR
    name = {o["id"]: o["short_name"] for o in county.get("routing", "/offices").json["offices"]}[
        TOWN
    ]
    number = registered(county, category="c01", division=VILLAGE, complained_about=name)
    found = matter(county, number)
    assert (found["about_office"], found["about_level"]) == (TOWN, "town")
    assert found["petition"]["office"] not in (None, TOWN)
    assert found["choice"]["territorial"] == TOWN, "where it lies is kept all the same"
    own = matter(county, number, Actor("petitioner", number, None, frozenset(), number))
    assert own["choice"] is None and own["about_office"] is None, "said among officers"


def test_an_office_may_switch_the_machine_off_and_ask_for_more_certainty(
    county: County, keeper: Actor
) -> None:
    with site_of(county, keeper):
        rows = rows_of(file_of(county, keeper, "offices"))
        for share, triage in (("0", "by-hand"), ("0.999999", "unsure"), ("0.5", None)):
            assert take(
                county, keeper, "offices", changed(rows, BUREAU, 自动分流把握=share)
            ).json == {"taken": 1}
            county.deliver()
            number = registered(county, category="c01")
            county.locate()
            assert matter(county, number)["triage"] == triage, share


def test_an_assignment_that_is_taken_back_counts_against_its_rule(
    county: County, keeper: Actor
) -> None:
    def overturned() -> int:
        found = county.get("routing", "/rules", keeper).json["tallies"]
        return sum(row["overturned"] for row in found if row["rule"] == "town")

    before = overturned()
    number = registered(county, category="c01", division=VILLAGE)
    town = county.officer(TOWN, "clerk")
    url = f"/petitions/{number}"
    body = {"reason": "outside_remit", "text": "不属于本单位职责。"}
    assert county.post("routing", f"{url}/objection", body, town).status == 200
    agreed = {"agreed": True, "text": "同意。"}
    assert county.post("routing", f"{url}/arbitration", agreed, keeper).status == 200
    assert overturned() == before + 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("level=state", "level"),
        ("division=33", "division"),
        ("on=x", "on"),
        ("colour=red", "colour"),
    ],
)
def test_a_question_that_is_none_is_refused(
    county: County, keeper: Actor, query: str, field: str
) -> None:
    assert_problem(county.get("routing", f"/competence?{query}", keeper), 422, "invalid", field)
