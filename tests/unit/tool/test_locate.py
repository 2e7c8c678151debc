"""`petition locate`: a line in, a line out, in the same order; a line that is none is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from places.build import Row, build
from tool.divisions import divisions, locate

ROWS = [
    Row("330000000000", "浙江省", 0), Row("330200000000", "宁波市", 1),
    Row("330282000000", "慈溪市", 2), Row("330282121000", "周巷镇", 3),
    Row("330282900000", "陆中湾街道", 3),
]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    build(ROWS, tmp_path, "of the test")
    monkeypatch.setenv("PETITION_DIVISIONS", str(tmp_path))
    return CliRunner()


def test_lines_are_answered_in_their_order(run: CliRunner) -> None:
    asked = [
        {"text": "慈溪市周巷镇", "receiving_office_code": None},
        {"text": "", "receiving_office_code": "330282000000"},
        {"text": "慈溪市陆中湾街道"},
        {"text": None, "receiving_office_code": "x"},
    ]
    done = run.invoke(locate, ["--jsonl"], input="".join(json.dumps(a) + "\n" for a in asked))
    assert done.exit_code == 0, done.output
    answers = [json.loads(line) for line in done.output.splitlines()]
    assert [(a["status"], a["code"], a["level"]) for a in answers] == [
        ("ok", "330282121000", "town"),
        ("office-only", "330282000000", "county"),
        ("ok", "330282000000", "county"),  # a town without a published code stands as its county
        ("none", None, None),
    ]
    assert answers[0]["candidates"][0]["code"] == "330282121000" and answers[0]["confidence"] > 0.7


@pytest.mark.parametrize("line", ["x", "[1]", '{"text": 5}', '{"text": "a", "receiving_office_code": 3}'])  # fmt: skip
def test_a_line_that_is_none_is_named(run: CliRunner, line: str) -> None:
    done = run.invoke(locate, ["--jsonl"], input=f'{{"text": "周巷镇"}}\n{line}\n')
    assert done.exit_code == 1 and "第2行" in done.output


def test_a_site_without_an_index_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PETITION_DIVISIONS", str(tmp_path / "none"))
    done = CliRunner().invoke(locate, ["周巷镇"])
    assert done.exit_code == 1 and "petition divisions build" in done.output


def test_a_division_is_shown_with_its_codes_years_and_other_names(
    run: CliRunner, tmp_path: Path
) -> None:
    beside = {
        "codes": {"mca2025": {"330282000000": "330282"}},
        "since": {"330282000000": 1988},
        "former": {"330282000000": [
            {"name": "慈溪县", "codes": ["330282000000"], "since": None, "until": 1988},
            {"name": "某区", "codes": ["330282000000", "330200000000"], "since": 1949, "until": 1960},
        ]},
    }  # fmt: skip
    for name, content in beside.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), "utf-8")
    shown = run.invoke(divisions, ["show", "慈溪市"]).output
    for line in (
        "统计用区划代码(2023) 330282000000", "民政部区划代码(2025) 330282", "现名自 1988 年",
        "又名 慈溪县(—1988)", "又名 某区(1949—1960),现为 慈溪市、宁波市",
    ):  # fmt: skip
        assert f"  {line}\n" in shown
    newer = run.invoke(divisions, ["show", "慈溪市陆中湾街道"]).output
    assert "统计用区划代码(2023) 无" in newer and "民政部区划代码(2025) 无" in newer


def test_places_are_read_with_the_sites_index_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PETITION_DIVISIONS", raising=False)
    monkeypatch.setenv("PETITION_STATE", str(tmp_path))
    build(ROWS, tmp_path / "divisions", "of the site")
    assert "资料:of the site" in CliRunner().invoke(divisions, ["show", "周巷镇"]).output
    build(ROWS, tmp_path / "other", "of the nation")
    monkeypatch.setenv("PETITION_DIVISIONS", str(tmp_path / "other"))
    assert "资料:of the nation" in CliRunner().invoke(divisions, ["show", "周巷镇"]).output
