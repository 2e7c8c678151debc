"""A tree as a file: read with the numbers of its lines, and written so that it is read back the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from kit import sheet
from sorting import tree
from sorting.tree import COLUMNS, Category, checked
from tool.categories import commands

TEXT = "编号,上级,名称,原编码,启用日期,停用日期,并入,备注\na,,城建,,,,,x\n\n,,,,,,,\na1, a ,物业,990000,2026-01-01,,,\n"
ROWS = [
    Category("a", None, "城建"),
    Category("a1", "a", "物业", "990000", date(2020, 1, 1), date(2026, 1, 1), ("a", "a2")),
    Category("a2", "a", "小区"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_line_keeps_its_number(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "tree.csv").write_bytes(TEXT.encode(encoding))
    lines = commands._lines(tmp_path / "tree.csv", COLUMNS)
    assert [(line.number, line.cells["编号"]) for line in lines] == [(2, "a"), (5, "a1")]
    assert lines[1].cells["上级"] == "a" and lines[1].cells["启用日期"] == "2026-01-01"


@pytest.mark.parametrize("format_", sheet.FORMATS)
def test_what_is_written_is_read_back(tmp_path: Path, format_: str) -> None:
    (tmp_path / "tree").write_bytes(sheet.write(COLUMNS, map(tree.cells, ROWS), format_))
    assert checked(commands._lines(tmp_path / "tree", COLUMNS), {}, ()) == (ROWS, [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("编号,名称\na,x\n".encode(), "缺少列:上级"), (b"\xff\xfe\x00\x01", "不是文本文件"),
        (b"", "缺少列"), (b"PK\x03\x04no workbook", "读不出 XLSX"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_named_before_a_service_is_asked(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "tree.csv").write_bytes(content)
    done = CliRunner().invoke(commands.categories, ["import", str(tmp_path / "tree.csv")])
    assert done.exit_code == 1 and said in done.output
