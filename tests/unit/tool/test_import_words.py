"""Codes, words and dates of existing systems."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from contracts.codes import CHANNELS, METHODS, OUTCOMES, SERVICE_METHODS, TYPES
from tool.importing import words
from tool.importing.words import Moment, Unfit


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ("channel", 100, "letter"),
        ("channel", "200", "visit"),
        ("channel", 300.0, "web"),
        ("channel", "303", "web"),
        ("channel", "600", "call"),
        ("channel", "来信", "letter"),
        ("channel", "来访", "visit"),
        ("channel", "网上信访", "web"),
        ("channel", "手机信访", "mobile"),
        ("channel", "微信信访", "wechat"),
        ("channel", "网上建议", "web"),
        ("channel", " 电话信访 ", "call"),
        ("channel", "领导信箱", "mailbox"),
        ("type", "意见建议", "suggestion"),
        ("type", "申诉", "request"),
        ("type", "求决", "request"),
        ("type", "揭发控告", "accusation"),
        ("type", "咨询", "enquiry"),
        ("type", "其他", "other"),
        ("outcome", "支持", "supported"),
        ("outcome", "作出解释说明", "explained"),
        ("outcome", "不予支持", "not_supported"),
        ("method", "转办", "transfer"),
        ("service_method", 0, "in_person"),
        ("service_method", "1", "post"),
        ("service_method", "其他", "other"),
        ("anonymous", True, True),
        ("anonymous", "否", False),
    ],
)
def test_words_and_codes(field: str, cell: Any, code: Any) -> None:
    assert words.coded(field, cell) == code


def test_every_code_of_ours_is_known_and_no_other() -> None:
    pairs = {
        "channel": CHANNELS,
        "type": TYPES,
        "method": METHODS,
        "outcome": OUTCOMES,
        "service_method": SERVICE_METHODS,
    }
    for field, codes in pairs.items():
        assert set(words.VOCABULARY[field].values()) == set(codes)


def test_an_unknown_word_names_those_that_are_known() -> None:
    with pytest.raises(Unfit, match=r"不认识「飞鸽」.可用.*来信"):
        words.coded("channel", "飞鸽")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-03-05", Moment(date(2024, 3, 5), None)),
        ("2024/3/5", Moment(date(2024, 3, 5), None)),
        ("2024.3.5", Moment(date(2024, 3, 5), None)),
        ("2024年3月5日", Moment(date(2024, 3, 5), None)),
        ("20240305", Moment(date(2024, 3, 5), None)),
        (20240305, Moment(date(2024, 3, 5), None)),
        ("2024-03-05 14:30", Moment(date(2024, 3, 5), time(14, 30))),
        ("2024-03-05T14:30:15.0", Moment(date(2024, 3, 5), time(14, 30, 15))),
        ("2024年3月5日14时30分", Moment(date(2024, 3, 5), time(14, 30))),
        (datetime(2024, 3, 5), Moment(date(2024, 3, 5), None)),
        (datetime(2024, 3, 5, 9), Moment(date(2024, 3, 5), time(9))),
        (date(2024, 3, 5), Moment(date(2024, 3, 5), None)),
        ("", None),
        (None, None),
    ],
)
def test_dates(cell: Any, moment: Moment | None) -> None:
    assert words.moment(cell) == moment


@pytest.mark.parametrize("cell", ["2024-02-30", "5/3/2024", "去年三月", 45352, "2024-03-05 25:00"])
def test_what_is_no_date(cell: Any) -> None:
    with pytest.raises(Unfit):
        words.moment(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  a ", "a"),
        ('="007"', "007"),
        ("'13800000000", "13800000000"),
        (13800000000.0, "13800000000"),
        (1.5, "1.5"),
        ("", None),
        (True, "是"),
    ],
)
def test_text(cell: Any, text: str | None) -> None:
    assert words.text(cell) == text


def test_a_number_that_lost_its_digits() -> None:
    with pytest.raises(Unfit, match="末尾几位已丢失"):
        words.text(110105194912310000.0)


@pytest.mark.parametrize(("cell", "n"), [(3, 3), ("3人", 3), ("3", 3), ("", None)])
def test_counts(cell: Any, n: int | None) -> None:
    assert words.count(cell) == n


@pytest.mark.parametrize("cell", ["三", "-1", "2.5", "9999999"])
def test_what_is_no_count(cell: Any) -> None:
    with pytest.raises(Unfit):
        words.count(cell)


def test_names_in_one_cell() -> None:
    assert words.names("张三、李四,王五\n阿卜杜·热合曼") == [
        "张三",
        "李四",
        "王五",
        "阿卜杜·热合曼",
    ]
