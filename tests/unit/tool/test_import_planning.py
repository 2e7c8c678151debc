"""A row as commands, or every reason why not."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from tool.demo import Site
from tool.importing import template
from tool.importing.columns import BY_FIELD, COLUMNS
from tool.importing.directory import Directory
from tool.importing.planning import Plan, Planner, Refused
from tool.importing.reading import Row, open_register
from tool.importing.words import Unfit

NOW = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
FULL: dict[str, Any] = template.INVENTED | {"source_ref": "甲1"}


@pytest.fixture(scope="module")
def directory() -> Directory:
    site = Site.load()
    return Directory(
        map(asdict, site.divisions), map(asdict, site.offices), map(asdict, site.categories)
    )


@pytest.fixture(scope="module")
def planner(directory: Directory) -> Planner:
    return Planner(directory, "330282-xfj", "", ZoneInfo("Asia/Shanghai"), NOW)


def row(**changes: Any) -> Row:
    return Row(2, {**FULL, **changes})


def bodies(plan: Plan) -> dict[str, Any]:
    return {step.key: orjson.loads(step.body) for step in plan.steps}


def reasons(planner: Planner, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        planner.plan(row(**changes))
    return [(refusal.column, refusal.reason) for refusal in caught.value.refusals]


def test_a_full_row_becomes_every_command(planner: Planner) -> None:
    plan = planner.plan(row())
    found = bodies(plan)
    assert list(found) == [
        "register", "location", "assignment", "signature",
        "acceptance", "answer", "service", "closure",
    ]  # fmt: skip
    assert found["register"] == {
        "channel": "visit",
        "type": "request",
        "category": "c010102",
        "title": "安置房迟迟未交付",
        "text": FULL["text"],
        "received_on": "2024-03-04",
        "division": None,
        "head_count": 2,
        "household_count": 1,
        "anonymous": False,
        "people": [
            {
                "role": "petitioner",
                "name": "张某某",
                "id_kind": "resident",
                "id_number": "11010519491231002X",
                "phone": "13800000000",
                "address": "某某路1号",
            },
            {"role": "representative", "name": "李某某"},
        ],
        "complained_about": "某某建设公司",
        "source_ref": "甲1",
        "registered_at": "2024-03-04T09:30:00+08:00",
    }
    assert found["location"] == {
        "division": "330282002000",
        "at": "2024-03-04T09:30:00+08:00",
    }
    assert found["assignment"] == {
        "office": "330282002-xfb",
        "method": "transfer",
        "at": "2024-03-06T00:00:00+08:00",
    }
    assert found["answer"]["outcome"] == "supported"
    assert found["service"] == {
        "method": "in_person",
        "served_on": "2024-04-24",
        "at": "2024-04-24T00:00:00+08:00",
    }
    assert found["closure"] == {"at": "2024-04-26T00:00:00+08:00"}


LATER = ("office", "assigned", "signed", "accepted", "answered", "served", "closed")


@pytest.mark.parametrize("last", range(2, len(LATER)))
def test_a_row_goes_as_far_as_its_dates(planner: Planner, last: int) -> None:
    plan = planner.plan(row(**dict.fromkeys(LATER[last:])))
    assert len(plan.steps) == last + 1


def test_without_an_office_the_place_goes_with_the_registration(planner: Planner) -> None:
    plan = planner.plan(row(**dict.fromkeys(LATER)))
    assert bodies(plan)["register"]["division"] == "330282002000"


def test_a_day_without_a_time_is_not_before_the_step_before_it(planner: Planner) -> None:
    found = bodies(planner.plan(row(assigned="2024-03-04")))
    assert found["assignment"]["at"] == "2024-03-04T09:30:00+08:00"


def test_registered_on_the_day_of_receipt_where_nothing_else_is_said(planner: Planner) -> None:
    found = bodies(planner.plan(row(registered=None)))["register"]
    assert found["registered_at"] == "2024-03-04T00:00:00+08:00"
    found = bodies(planner.plan(row(received=None)))["register"]
    assert found["received_on"] == "2024-03-04"


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"channel": "飞鸽"}, "信访形式", "不认识「飞鸽」"),
        ({"channel": None}, "信访形式", "此项不能为空。"),
        ({"received": "昨天"}, "信访日期", "应为日期"),
        ({"received": None, "registered": None}, "信访日期", "此项必填。"),
        ({"division": "天上街道"}, "问题属地", "没有名为「天上街道」的区划"),
        ({"office": "天上局"}, "承办单位", "没有名为「天上局」的单位"),
        ({"category": "没有_这类"}, "内容分类", "没有名为"),
        ({"id_number": "110105194912310021"}, "证件号码", "校验位不符,请核对证件。"),
        ({"id_number": "1234"}, "证件号码", "须为18位公民身份号码,或者15位旧号码。"),
        ({"phone": "不详"}, "电话", "格式不对。"),
        ({"name": None}, "姓名", "有证件、电话或住址而无姓名"),
        ({"name": "张某某", "anonymous": "是"}, "姓名", "匿名信访不登记信访人。"),
        ({"name": None, "id_number": None, "phone": None, "address": None}, "姓名", "请登记信访人"),
        ({"name": "、".join("甲乙丙丁戊己庚"), "head_count": 9}, "姓名", "走访代表不得超过五人。"),
        ({"head_count": 1}, "信访人数", "信访人数少于已登记的人数。"),
        ({"household_count": 3}, "来访户数", "来访户数不能多于信访人数。"),
        ({"channel": "来信"}, "来访户数", "只有来访、下访才登记来访户数。"),
        ({"assigned": None}, "交办时间", "不能缺"),
        ({"office": None}, "承办单位", "不能缺"),
        ({"signed": None}, "签收时间", "有「受理时间」,此项不能缺。"),
        ({"accepted": "2024-03-01"}, "受理时间", "早于「签收时间」。"),
        ({"closed": "2025-02-01"}, "办结时间", "日期不能晚于现在。"),
        ({"outcome": None}, "处理结果", "此项不能为空。"),
        ({"opinion": None}, "答复意见", "此项不能为空。"),
        ({"service_method": None}, "送达方式", "此项不能为空。"),
        ({"text": None, "title": None}, "投诉内容", "此项不能为空。"),
        ({"received": "1980-01-01", "registered": None}, "信访日期", "收到日期过早"),
    ],
)
def test_what_is_refused_names_column_and_reason(
    planner: Planner, changes: dict[str, Any], column: str, reason: str
) -> None:
    (found,) = reasons(planner, **changes)
    assert found[0] == column
    assert reason in found[1]


def test_every_unfit_cell_of_a_row_is_told(planner: Planner) -> None:
    found = reasons(planner, channel="飞鸽", division="天上街道", head_count="许多")
    assert [column for column, _ in found] == ["信访形式", "问题属地", "信访人数"]


def test_no_reason_quotes_what_is_personal(planner: Planner) -> None:
    for column in COLUMNS:
        if column.personal:
            try:
                planner.plan(row(**{column.field: "\x07秘密" * 5000}))
            except Refused as refused:
                told = " ".join(refusal.reason for refusal in refused.refusals)
                assert "秘密" not in told


@pytest.mark.parametrize("name", ["匿名", "无名氏"])
def test_anonymous_by_name(planner: Planner, name: str) -> None:
    empty = dict.fromkeys(("id_number", "phone", "address"))
    found = bodies(planner.plan(row(name=name, anonymous=None, **empty)))["register"]
    assert found["anonymous"] is True
    assert found["people"] == []


def test_a_long_summary_is_kept_in_the_text(planner: Planner) -> None:
    found = bodies(planner.plan(row(title="概" * 61)))["register"]
    assert found["title"] is None
    assert found["text"] == "概" * 61 + "\n\n" + FULL["text"]
    found = bodies(planner.plan(row(title="概" * 61, text=None)))["register"]
    assert found["text"] == "概" * 61


def test_the_key_is_the_own_number_or_else_what_was_registered(planner: Planner) -> None:
    assert planner.plan(row()).key == planner.plan(row(text="改了", closed=None)).key
    assert planner.plan(row()).key != planner.plan(row(source_ref="甲2")).key
    nameless = planner.plan(row(source_ref=None))
    assert nameless.key == planner.plan(row(source_ref=None, closed=None)).key
    assert nameless.key != planner.plan(row(source_ref=None, text="改了")).key


def test_the_same_row_gives_the_same_bytes(planner: Planner) -> None:
    assert planner.plan(row()) == planner.plan(Row(2, dict(reversed(row().cells.items()))))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("330282002000", "330282002000"),
        (330282002000, "330282002000"),
        ("宗汉街道", "330282002000"),
        ("慈溪市宗汉街道", "330282002000"),
        ("宗汉街道庙山村", "330282002207"),
        ("浙江省宁波市慈溪市宗汉街道庙山村委会", "330282002207"),
    ],
)
def test_divisions(directory: Directory, cell: Any, code: str) -> None:
    assert directory.division(cell) == code


def test_names_that_several_divisions_bear(directory: Directory) -> None:
    site = Site.load()
    names = [d.name for d in site.divisions]
    twice = next(name for name in names if names.count(name) > 1)
    with pytest.raises(Unfit, match="请写12位区划代码"):
        directory.division(twice)


def test_offices_and_categories(directory: Directory) -> None:
    assert directory.office("330282-xfj") == directory.office("慈溪市信访局") == directory.root
    assert directory.office("信访局") == directory.root
    assert directory.category("c010101") == "c010101"
    assert directory.category("城乡建设_征地拆迁与房屋征收_补偿标准") == "c010101"
    assert directory.category("城乡建设") == "c01"
    assert directory.category(None) is None


def test_the_template_is_a_register(planner: Planner, tmp_path: Path) -> None:
    template.write(tmp_path / "t.xlsx")
    register = open_register(tmp_path / "t.xlsx")
    assert set(register.layout.places) == set(BY_FIELD)
    (only,) = register.rows
    assert len(planner.plan(only).steps) == 8
