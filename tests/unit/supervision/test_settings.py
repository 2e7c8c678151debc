"""What a site sets itself, as files: every fault is named with its line, and then nothing is taken."""

from __future__ import annotations

from datetime import date

import pytest

from kit.sheet import Unreadable
from supervision.settings import Day, days, limits

DAYS = "日期,类型,名称"
LIMITS = "种类,期限,单位,预警,启用日期"


def lines(*those: str) -> bytes:
    return ("\n".join(those) + "\n").encode("utf-8-sig")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheet_of_days_is_read(encoding: str) -> None:
    text = f"序号,{DAYS}\r\n1,2027-01-01,休, 元旦 \r\n2,2027-01-03,班,元旦调休\r\n3,2027-01-01,放假,元旦\r\n"
    assert days(text.encode(encoding)) == [
        Day(date(2027, 1, 1), False, "元旦"),
        Day(date(2027, 1, 3), True, "元旦调休"),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2027-02-30,休,春节", "日期"),
        ("2027-01-01,假,元旦", "类型"),
        ("2027-01-01,休,", "名称"),
        ("2027-01-01,休", "名称"),
        ("2027-01-01,班,元旦", "不一致"),
    ],
)
def test_a_bad_day_is_named(line: str, fault: str) -> None:
    with pytest.raises(Unreadable) as caught:
        days(lines(DAYS, "2027-01-01,休,元旦", line, "x,x,x"))
    assert "第3行" in caught.value.faults[0] and fault in caught.value.faults[0]
    assert caught.value.faults[1].startswith("第4行"), "all of them"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"day,kind\n", "缺少列:日期、类型、名称"),
        (b"", "缺少列"),
        (b"\x89PNG\r\n\xff\xff", "不是文本文件"),
        (f"{DAYS}\n2027-01-01,休,元\x00旦\n".encode(), "不是文本文件"),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, fault: str) -> None:
    with pytest.raises(Unreadable, match=fault):
        days(content)


def test_a_limit_is_named_by_its_word_or_its_kind() -> None:
    found = limits(lines(LIMITS, "送达,5,个工作日,1,2027-02-01", "follow_up,0,日,,2027-02-01"))
    assert [(r.kind, r.length, r.unit, r.warn) for r in found] == [
        ("serve", 5, "working", 1),
        ("follow_up", 0, "day", 0),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("办结,1,日,0,2027-01-01", "answer、close"),
        ("answer,90,日,10,2027-01-01", "第三十四条"),
        ("转送、交办,20,日,3,2027-01-01", "第二十二条"),
        ("协办,9,日,3,2027-01-01", "逐件指定"),
        ("督办,9,日,3,2027-01-01", "没有"),
        ("order,9,工作日,3,2027-01-01", "只能按日"),
        ("送达,0,日,0,2027-01-01", "1至366"),
        ("送达,5,日,5,2027-01-01", "预警"),
        ("送达,5,周,1,2027-01-01", "单位"),
        ("urgent,5,日,0,2027-01-01", "单位"),
        ("送达,五,日,1,2027-01-01", "数字"),
        ("送达,5,日,1,明年", "启用日期"),
        ("送达,4,日,1,2027-02-01", "两个期限"),
    ],
)
def test_a_limit_that_is_not_the_sites_to_set_is_refused(line: str, fault: str) -> None:
    with pytest.raises(Unreadable, match=fault) as caught:
        limits(lines(LIMITS, "送达,5,日,1,2027-02-01", line))
    assert caught.value.faults[0].startswith("第3行")
