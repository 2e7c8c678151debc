"""`petition routing` and `petition offices`: rules tried against a table, gaps shown, files written and taken over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.county import County
from tool.competence import routing
from tool.offices import offices

Run = Callable[..., Result]
CASES = """区划,内容分类,被反映单位级别,被反映单位,日期,承办单位,协办单位
长溪村委会,c01,,,,{town},
长溪村委会,c0205,县,,,自然资源和规划局,
长溪村委会,c03,市,,,生态环境局,{town}
长溪村委会,c0501,,,,人力资源和社会保障局,{town};住房和城乡建设局
长溪村委会,c01,,{town},,信访局,
长溪村委会,c1001,省,,2020-01-01,人工,
"""
TOWN = "掌起镇信访办"


@pytest.fixture
def run(county: County, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("tool.commands.app_of", lambda service: county.apps[service])

    def run(*words: str) -> Result:
        group = {"routing": routing, "offices": offices}[words[0]]
        return CliRunner().invoke(group, list(words[1:]))

    return run


def test_the_rules_are_tried_against_a_table(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(CASES.format(town=TOWN), "utf-8")
    result = run("routing", "test", str(file))
    assert result.exit_code == 0, result.output
    assert "6 cases, 0 wrong" in result.output and "规则 city-03" in result.output
    file.write_text(CASES.format(town=TOWN).replace("自然资源和规划局", "教育局"), "utf-8")
    result = run("routing", "test", str(file))
    assert result.exit_code == 1 and "应为 教育局" in result.output
    file.write_text(CASES.format(town="某镇"), "utf-8")
    result = run("routing", "test", str(file))
    assert result.exit_code == 1 and "第2行:没有单位「某镇」" in result.output


def test_a_draft_is_tried_before_it_is_taken_over(run: Run, tmp_path: Path) -> None:
    draft, cases = tmp_path / "rules.xlsx", tmp_path / "cases.csv"
    assert run("routing", "export", str(draft)).exit_code == 0
    cases.write_text(CASES.format(town=TOWN), "utf-8")
    result = run("routing", "test", str(cases), "--rules", str(draft))
    assert result.exit_code == 0, result.output
    result = run("routing", "import", str(draft))
    assert (result.exit_code, result.output) == (0, "0 rules new, changed or gone\n")
    assert run("routing", "export", str(tmp_path / "rules.txt")).exit_code == 1


def test_the_whole_directory_has_one_office_for_each_question_or_says_why_not(run: Run) -> None:
    result = run("routing", "check", "--all")
    assert result.exit_code == 0, result.output
    *gaps, summary = result.output.splitlines()
    assert "433 divisions" in summary and "7 levels" in summary
    for gap in gaps:
        _, _, _, why, names = gap.split("\t")
        assert why in ("several-departments", "no-office", "above-site"), gap
        assert bool(names) == (why == "several-departments"), gap


def test_offices_go_out_and_come_back(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "offices.csv"
    assert "92 offices" in run("offices", "export", str(file)).output
    assert "0 offices" in run("offices", "import", str(file)).output
    file.write_text(file.read_text("utf-8-sig").replace("330282-rsj,", "坏 号,", 1), "utf-8")
    result = run("offices", "import", str(file))
    assert result.exit_code == 1 and "编号「坏 号」须为" in result.output
