"""Tables of categories as offices write them: CSV in UTF-8 or GB18030, XLSX; and as they are written."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from kit.csvfile import Unreadable
from sorting import tree
from sorting.tree import COLUMNS, Category, checked
from tool.categories import table

TEXT = "编号,上级,名称,原编码,启用日期,停用日期,并入,备注\na,,城建,,,,,x\n\n,,,,,,,\na1, a ,物业,990000,2026-01-01,,,\n"
ROWS = [Category("a", None, "城建"), Category("a1", "a", "物业", "990000")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_read_in_the_encodings_of_here(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "tree.csv"
    file.write_bytes(TEXT.encode(encoding))
    lines = table.read(file, COLUMNS)
    assert [line.cells["编号"] for line in lines] == ["a", "a1"]
    assert lines[1].cells["上级"] == "a" and lines[1].cells["启用日期"] == "2026-01-01"


def test_a_workbook_is_read_as_it_looks(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(COLUMNS))
    sheet.append(["a", None, "城建"])
    sheet.append([])
    sheet.append(["a1", "a", "物业", 990000.0, datetime(2026, 1, 1)])
    book.save(tmp_path / "tree.xlsx")
    lines = table.read(tmp_path / "tree.xlsx", COLUMNS)
    assert [line.number for line in lines] == [2, 4]
    assert lines[1].cells["原编码"] == "990000" and lines[1].cells["启用日期"] == "2026-01-01"
    assert checked(lines, {}, ())[1] == []


@pytest.mark.parametrize("name", ["tree.csv", "tree.xlsx"])
def test_what_is_written_is_read_back(tmp_path: Path, name: str) -> None:
    table.write(tmp_path / name, COLUMNS, map(tree.cells, ROWS))
    assert checked(table.read(tmp_path / name, COLUMNS), {}, ()) == (ROWS, [])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tree.xlsx", b"no workbook", "不是有效的 XLSX"),
        ("tree.csv", "编号,名称\na,x\n".encode(), "缺少列:上级"),
        ("tree.csv", b"\xff\xfe\x00\x01", "不是文本文件"),
        ("tree.csv", b"", "缺少列"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=said):
        table.read(tmp_path / name, COLUMNS)
