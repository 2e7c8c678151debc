"""`petition assessment`: schemes shown, written out, taken over, and refused by their lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.county import County
from tool.assessment import assessment


@pytest.fixture(autouse=True)
def _of_the_county(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tool.commands.app_of", lambda service: county.apps[service])


def run(*words: str) -> Result:
    return CliRunner().invoke(assessment, list(words))


def test_a_scheme_goes_out_is_changed_and_comes_back(county: County, tmp_path: Path) -> None:
    file = tmp_path / "scheme.csv"
    assert run("export", "standard", str(file)).exit_code == 0
    text = file.read_text("utf-8-sig")
    file.write_text(text.replace("编号,standard", "编号,own"), "utf-8")
    assert run("import", str(file)).output == "own: 12 criteria, 100 points\n"
    shown = run("show").output
    assert "standard  信访工作量化考核办法" in shown and "own  信访工作量化考核办法" in shown
    audited = county.sql("SELECT route FROM stats.audit_log WHERE action = 'assessment-import'")
    assert audited == [("petition assessment",)]


def test_what_must_not_be_scored_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "scheme.csv"
    run("export", "standard", str(file))
    text = file.read_text("utf-8-sig")
    file.write_text(text.replace("answered_on_time", "repeat_rate"), "utf-8")
    result = run("import", str(file))
    assert result.exit_code == 1
    assert "第12行:「重复信访率」不能作为评分项" in result.output and "第三十九条" in result.output


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    result = run("export", "none", str(tmp_path / "x.csv"))
    assert result.exit_code == 1 and "there are standard" in result.output
    assert run("export", "standard", str(tmp_path / "x.txt")).exit_code == 1
