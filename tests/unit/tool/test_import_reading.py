"""Files of registers: encodings, headings, columns that are never taken over."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from tool.importing.columns import BY_FIELD, COLUMNS, layout, plain
from tool.importing.reading import FileProblem, open_register

HEADINGS = ["信访编号", "信访日期", "信访形式", "信访目的", "姓名", "投诉内容", "政治面貌", "颜色"]
LINE = ["A1", "2024-03-04", "来信", "求决", "张三", "反映的内容", "群众", "红"]


def csv_file(path: Path, encoding: str, *lines: list[str], delimiter: str = ",") -> Path:
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_every_usual_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = csv_file(tmp_path / "a.csv", encoding, HEADINGS, LINE, delimiter=delimiter)
    register = open_register(path)
    (row,) = register.rows
    assert register.total == 1
    assert row.number == 2
    assert row.cells["source_ref"] == "A1"
    assert row.cells["name"] == "张三"


def test_a_title_above_the_headings_and_empty_lines_do_not_matter(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "a.csv", "utf-8", ["桥头镇信访登记簿"], [], HEADINGS, ["", " "], LINE
    )
    assert [row.number for row in open_register(path).rows] == [5]


def test_xlsx_with_dates_numbers_and_a_wrong_size(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(HEADINGS)
    book.worksheets[0].append([17, datetime(2024, 3, 4, 9, 30), 100, "求决", "张三", "内容"])
    book.worksheets[0].append(["A2", date(2024, 3, 5), 200, "咨询", "李四", "内容"])
    book.save(tmp_path / "a.xlsx")
    first, second = open_register(tmp_path / "a.xlsx").rows
    assert first.cells["source_ref"] == 17
    assert first.cells["received"] == datetime(2024, 3, 4, 9, 30)
    assert second.number == 3


def test_never_held_unknown_and_doubled_columns_are_told_apart() -> None:
    found = layout(["信访日期", "手机", "民族", "信访重点人员", "联系电话", "邮戳", ""])
    assert found.never_held == ("民族", "信访重点人员")
    assert found.unknown == ("邮戳",)
    assert found.doubled == ["电话"]


def test_of_two_columns_the_first_that_is_filled_in_counts(tmp_path: Path) -> None:
    lines = [[*HEADINGS, "手机", "电话"], [*LINE, "", "0574-63888888"], [*LINE, "13800000000", "1"]]
    rows = open_register(csv_file(tmp_path / "a.csv", "utf-8", *lines)).rows
    assert [row.cells["phone"] for row in rows] == ["0574-63888888", "13800000000"]


@pytest.mark.parametrize("heading", ["* 信访日期", "信访日期(年月日)", " 信访 日期:", "收到日期"])
def test_headings_are_spelled_freely(heading: str) -> None:
    assert list(layout([heading]).places) == ["received"]


def test_no_heading_means_two_things() -> None:
    names = [plain(name) for column in COLUMNS for name in (column.name, *column.aliases)]
    assert len(names) == len(set(names))
    assert len(BY_FIELD) == len(COLUMNS)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "信访日期,姓名,信访形式\n", "缺少列:信访目的、投诉内容 或 概况"),
        ("a.csv", "甲,乙\n1,2\n", "没有找到列标题"),
        ("a.csv", "", "没有找到列标题"),
        ("a.xlsx", "not a zip", "不是有效的 XLSX"),
        ("a.xls", "", ".xls"),
        ("a.csv", "a\0b", "不是文本文件"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FileProblem, match=reason) as caught:
        open_register(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="文件打不开"):
        open_register(tmp_path / "none.csv")


def test_bytes_of_no_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xff\xff\x81")
    with pytest.raises(FileProblem, match="编码"):
        open_register(tmp_path / "a.csv")
