"""Word files and workbooks out of forms: fields, tables, charts; numbers as numbers; and what a form may not."""

from __future__ import annotations

import io
import subprocess
import zipfile

import pytest
from docx import Document as Docx
from openpyxl import Workbook, load_workbook
from sqlalchemy import MetaData, Table

from kit import charts, docx, workbook
from kit.charts import Chart
from kit.templates import LARGEST, Templates, Unfit, check_file
from kit.workbook import Number, Sheet

CHART = Chart("题目", "bar", "rows", "name", {"n": "本期", "base": "上期"}, most=2)
ROWS = [
    {"name": "甲", "n": Number("3", 3), "base": Number("—", None)},
    {"name": "=乙", "n": Number("+12.5%", 0.125, "+0.0%"), "base": Number("持平", 0, '"持平"')},
    {"name": "丙", "n": Number("1.5", 1.5), "base": Number("2", 2)},
]
FIELDS = {"title": "标题", "rows": ROWS, "empty": [], "n": {"a": {"now": Number("7", 7)}}}


def form(*lines: list[str]) -> bytes:
    book = Workbook()
    for line in lines:
        book.worksheets[0].append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(content: bytes) -> list[list[object]]:
    return [list(r) for r in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]  # fmt: skip


# -- shipped forms ---------------------------------------------------------------------------------


def test_a_shipped_form_is_made_once_by_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple[str, ...]] = []

    def run(command: tuple[str, ...], **_: object) -> object:
        made.append(command[1:])
        if len(made) == 1:
            raise subprocess.CalledProcessError(1, command)
        return subprocess.CompletedProcess(command, 0, b"PK" + command[-1].encode())

    monkeypatch.setattr("kit.templates.subprocess.run", run)
    forms = Templates(Table("form", MetaData()), {}, "some.module")
    with pytest.raises(subprocess.CalledProcessError):
        forms.shipped("a")
    assert [forms.shipped(kind) for kind in "aabab"] == [b"PKa", b"PKa", b"PKb", b"PKa", b"PKb"]
    assert made == [("-m", "some.module", kind) for kind in "aab"], "what failed is tried again"


# -- workbooks -------------------------------------------------------------------------------------


def test_numbers_are_numbers_and_words_are_words() -> None:
    made = workbook.render(form(["{{ title }}"], ["项目", "数"], ["{{ rows.name }}", "{{ rows.n }}"], ["合计", "{{ n.a.now }}"]), FIELDS)  # fmt: skip
    assert sheet(made) == [["标题", None], ["项目", "数"], ["甲", 3], ["=乙", 0.125], ["丙", 1.5], ["合计", 7]]  # fmt: skip
    page = load_workbook(io.BytesIO(made)).worksheets[0]
    assert page["A4"].data_type == "s" and page["B4"].data_type == "n", "no formula of a name"
    assert page["B4"].number_format == "+0.0%"


def test_two_tables_stand_below_each_other() -> None:
    made = workbook.render(form(["{{ rows.name }}"], ["{{ rows.n }}", "截至{{ title }}"]), FIELDS)
    assert [r[0] for r in sheet(made)] == ["甲", "=乙", "丙", 3, 0.125, 1.5]
    assert sheet(workbook.render(form(["a", "b"], ["{{ empty.x }}", "b"]), FIELDS)) == [["a", "b"], [None, "b"]]  # fmt: skip


def test_a_formula_of_the_form_stays_one() -> None:
    made = workbook.render(form(["{{ rows.n }}", "=A1*2"]), FIELDS)
    assert load_workbook(io.BytesIO(made)).worksheets[0]["B1"].value == "=A1*2"


@pytest.mark.parametrize(
    "cell", ["{{ nobody }}", "{{ n.b.now }}", "{{ n.a }}", "{{ rows.nothing }}", "{{ title | upper }}", "{% for %}", "{{ n['a'] }}"]
)  # fmt: skip
def test_a_workbook_that_asks_for_more_is_refused(cell: str) -> None:
    with pytest.raises(Unfit, match="模板不能使用"):
        workbook.render(form([cell]), FIELDS)
    with pytest.raises(Unfit, match="模板不能使用"):
        workbook.render(b"PK no workbook", FIELDS)


def test_a_built_workbook_is_a_form_with_its_chart() -> None:
    shipped = workbook.built([Sheet("表", "rows", (("项目", "name", 20), ("数", "n", 9), ("上", "base", 9)), ("chart",))])  # fmt: skip
    check_file(shipped, "xlsx")
    made = workbook.render(shipped, FIELDS, {"chart": CHART})
    page = load_workbook(io.BytesIO(made))["表"]
    assert page.freeze_panes == "A2" and page.column_dimensions["A"].width == 20
    (chart,) = page._charts
    assert chart.series[0].val.numRef.f == "'表'!$B$2:$B$3", "the first two rows"
    assert chart.series[0].cat.strRef.f == "'表'!$A$2:$A$3"
    without = workbook.render(form(["{{ chart }}"]), FIELDS, {"chart": CHART})
    assert load_workbook(io.BytesIO(without)).worksheets[0]._charts == [], "nothing to point at"


# -- charts ----------------------------------------------------------------------------------------


def test_a_literal_chart_has_its_values_and_gaps() -> None:
    xml = charts.literal(CHART, ROWS).decode()
    assert "甲" in xml and "丙" not in xml and "题目" in xml
    assert ">3<" in xml and ">0.125<" in xml
    assert xml.count("ptCount") >= 4 and "None" not in xml and "externalData" not in xml
    for kind in ("line", "column"):
        chart = Chart("t", kind, "rows", "name", {"n": "本期"})
        assert ("lineChart" in charts.literal(chart, ROWS).decode()) == (kind == "line")


def test_a_chart_stands_where_its_field_is() -> None:
    text = "前{{ title }}\n= 图：{{ chart }}完\n| a | {{ chart }} |\n后"
    made = docx.render(docx.built(text), FIELDS, {"chart": charts.literal(CHART, ROWS)})
    document = Docx(io.BytesIO(made))
    assert [p.text for p in document.paragraphs] == ["前标题", "图：完", "后"]
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        assert {n for n in packed.namelist() if "charts/" in n} == {"word/charts/chart1.xml", "word/charts/chart2.xml"}  # fmt: skip
        relations = packed.read("word/_rels/document.xml.rels").decode()
    assert relations.count("charts/chart") == 2
    drawn = document.paragraphs[1]
    assert "drawing" in drawn._p.xml and 'w:lineRule="exact"' not in drawn._p.xml
    assert docx.render(docx.built("无图"), FIELDS, {"chart": b"<c/>"})


def test_a_table_has_a_head_that_is_said_again() -> None:
    made = docx.render(docx.built("|# 名:4 | 数:3 |\n| {%tr for r in rows %} |\n| {{ r.name }} | {{ r.n }} |\n| {%tr endfor %} |"), FIELDS)  # fmt: skip
    (table,) = Docx(io.BytesIO(made)).tables
    assert [[c.text for c in row.cells] for row in table.rows] == [["名", "数"], ["甲", "3"], ["=乙", "+12.5%"], ["丙", "1.5"]]  # fmt: skip
    assert "tblHeader" in table.rows[0]._tr.xml and "tblHeader" not in table.rows[1]._tr.xml


@pytest.mark.parametrize("format_", ["docx", "xlsx"])
def test_what_is_no_office_file_is_refused(format_: str) -> None:
    from kit.problems import Problem

    other = docx.built("x") if format_ == "xlsx" else form(["x"])
    for content in (b"", b"x" * (LARGEST + 1), other):
        with pytest.raises(Problem) as caught:
            check_file(content, format_)
        assert caught.value.status == 422 and caught.value.errors[0].field == "content"
