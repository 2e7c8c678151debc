"""报告 over HTTP: frozen, printed as DOCX and XLSX by a job, drawn up again, issued, and never changed."""

from __future__ import annotations

import io
import re
import zipfile
from base64 import b64encode
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import psycopg2.extensions
import pytest
from docx import Document as Docx
from openpyxl import load_workbook

from kit import clock, db, docx
from kit.identity import Actor
from kit.jobs import Queue, Runner, plain_engine
from stats import jobs, reporting
from stats.domain.indicators import INDICATORS
from stats.domain.periods import covering
from stats.domain.reports import BY_HAND, LINES, SECTIONS
from stats.queries import reports as queries
from tests.county import BUREAU, LABOUR, TOWN, County, assert_problem
from tests.integration.stats.test_returns_http import seen
from tool.generate import generate

TODAY = clock.local_date(clock.now())
MONTH = covering("month", TODAY.replace(day=1) - timedelta(days=1))
BEFORE = covering("month", MONTH.since - timedelta(days=1))


@pytest.fixture(scope="module", autouse=True)
def _lived(county: County) -> None:
    """A past, copied in and rolled up."""
    try:
        start = TODAY - timedelta(days=200)
        generate(county.url, county.state / "keys", 150, 5, start, clock.midnight(TODAY), "330282")
    finally:
        psycopg2.extensions.set_wait_callback(db._wait)


@pytest.fixture
def runner(county: County, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The jobs of stats."""
    monkeypatch.setenv("DATABASE_URL", county.url)
    monkeypatch.setenv("AMQP_URL", "amqp://nobody")
    monkeypatch.setenv("PETITION_STATE", str(county.state))
    return Runner([Queue("stats", plain_engine(county.url, "stats"), jobs.JOBS)])


@pytest.fixture(scope="module")
def head(county: County) -> Actor:
    return county.officer(BUREAU, "head", "triage")


def run(runner: Runner) -> None:
    while runner.turn():
        pass


def draw(county: County, actor: Actor, office: str = BUREAU, period: str = MONTH.text) -> Any:
    return county.post("stats", f"/reports/{office}/drawing", {"period": period}, actor)


def issue(county: County, actor: Actor, version: int, office: str = BUREAU, period: str = MONTH.text) -> Any:  # fmt: skip
    body = {"period": period, "version": version}
    return county.post("stats", f"/reports/{office}/issue", body, actor)


def one(county: County, actor: Actor, office: str = BUREAU, period: str = MONTH.text) -> Any:
    return county.get("stats", f"/reports/{office}?period={period}", actor)


def file(county: County, actor: Actor, format_: str, office: str = BUREAU, period: str = MONTH.text) -> Any:  # fmt: skip
    return county.get("stats", f"/reports/{office}/file?period={period}&format={format_}", actor)


def text_of(content: bytes) -> list[str]:
    """Every paragraph and every cell."""
    document = Docx(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def test_a_report_is_drawn_printed_redrawn_and_issued(
    county: County, head: Actor, runner: Runner
) -> None:
    reader = county.officer(TOWN, "clerk")
    assert_problem(one(county, head), 404, "not-found")
    assert draw(county, head).json["version"] == 1
    told = one(county, head).json
    assert (told["state"], told["progress"], told["files"]) == ("drawn", "waiting", [])
    assert_problem(file(county, head, "docx"), 409, "not-printed")
    assert issue(county, head, 1).json["rule"] == "report-not-printed"
    run(runner)
    first = one(county, head).json
    assert first["progress"] == "ready" and first["problem"] is None
    hashes = {each["format"]: each["sha256"] for each in first["files"]}
    content = {format_: file(county, head, format_).body for format_ in ("docx", "xlsx")}
    assert {f: sha256(body).hexdigest() for f, body in content.items()} == hashes
    sealed = county.sql("SELECT content FROM stats.printed LIMIT 1")[0][0]
    assert bytes(sealed)[:2] != b"PK", "kept sealed"

    assert_problem(one(county, reader), 404, "not-found")  # what is not issued is the office's own
    assert draw(county, head).json["version"] == 2
    assert issue(county, head, 1).json["rule"] == "report-redrawn"
    run(runner)
    assert issue(county, head, 2).status == 200
    for again in (draw(county, head), issue(county, head, 2)):
        assert_problem(again, 409, "refused")
        assert again.json["rule"] == "report-issued"
    issued = one(county, reader).json
    assert issued["state"] == "issued" and issued["edition"] == "open"
    assert file(county, reader, "docx").status == 200
    listed = county.get("stats", f"/reports?year={MONTH.since.year}", reader).json["reports"]
    assert [row["id"] for row in listed] == [f"{BUREAU}.report-{MONTH.text[6:]}"]
    ((data,),) = county.sql(
        "SELECT convert_from(envelope, 'UTF8')::jsonb -> 'data' FROM stats.event_log"
        " WHERE type = 'report.published'"
    )
    assert data["kind"] == "month" and data["since"] == MONTH.since.isoformat()
    counts = {line["item"]: line["n"] for line in data["lines"]}
    assert counts["registered"] > 0 and counts["visit_capital"] is None
    assert not any(n in range(1, 5) for item, n in counts.items() if item != "bulletins")
    assert "repeat_rate" not in counts, "a rate is no count"


def test_every_figure_is_the_one_of_the_page(county: County, head: Actor, runner: Runner) -> None:
    """The same number, change and list as `/figures` tells."""
    draw(county, head, period=BEFORE.text)
    told = one(county, head, period=BEFORE.text).json
    lines = {line["id"]: line for line in told["figures"]["lines"]}
    assert list(lines) == list(LINES)
    for id_, item in LINES.items():
        if not item.what or id_ in BY_HAND:
            continue
        where = ",".join(f"{name}:{value}" for name, value in item.where.items())
        query = f"what={item.what}&period={BEFORE.text}&office={BUREAU}" + (where and f"&where={where}")  # fmt: skip
        total = county.get("stats", f"/figures?{query}", head).json["total"]
        for name in ("value", "numerator", "denominator", "year_on_year", "on_previous", "bases"):
            assert lines[id_][name] == total[name], (id_, name)
        listed = county.get("stats", f"/figures/cases?{lines[id_]['cases']}", head).json
        assert listed["counted"] == lines[id_]["numerator"], id_


def test_frozen_is_frozen(county: County, head: Actor, runner: Runner) -> None:
    """What is registered for the period afterwards changes no report of it."""
    period = covering("month", BEFORE.since - timedelta(days=1))
    draw(county, head, period=period.text)
    run(runner)
    before, book = one(county, head, period=period.text).json, file(county, head, "xlsx", period=period.text).body  # fmt: skip
    count_more(county, period.since, 7)
    assert one(county, head, period=period.text).json == before
    assert file(county, head, "xlsx", period=period.text).body == book
    draw(county, head, period=period.text)
    again = one(county, head, period=period.text).json
    assert again["version"] == 2
    assert number(again, "registered") == number(before, "registered") + 7


def count_more(county: County, day: date, n: int, *barred: str) -> None:
    """So many more letters registered on a day, of which whoever is barred must not know."""
    with county.apps["stats"].database.connection() as connection:
        connection.exec_driver_sql(
            "INSERT INTO stats.tally (day, recorded_on, measure, office, division, channel, type, category, turn,"
            " size, apart, n, barred) VALUES (%s, %s, 'registered', %s, '', 'letter', 'accusation', '', 'first',"
            " 'single', %s, %s, %s)",
            (day, TODAY, BUREAU, bool(barred), n, list(barred)),
        )


def number(told: dict[str, Any], id_: str) -> Any:
    return next(line["numerator"] for line in told["figures"]["lines"] if line["id"] == id_)


# -- the files -------------------------------------------------------------------------------------


def printed(county: County, head: Actor, runner: Runner, format_: str) -> tuple[Any, bytes]:
    if one(county, head).status == 404:
        draw(county, head)
    run(runner)
    return one(county, head).json, file(county, head, format_).body


def test_the_words_are_in_the_document(county: County, head: Actor, runner: Runner) -> None:
    told, content = printed(county, head, runner, "docx")
    said = text_of(content)
    for paragraphs in told["text"].values():
        assert paragraphs and all(line in said for line in paragraphs)
    whole = "\n".join(said)
    assert "{{" not in whole and "{%" not in whole and "None" not in whole and "\ue000" not in whole
    for line in told["figures"]["lines"]:
        assert line["name"] in said and line["value"] in said
        assert line["year_on_year"] in said and line["on_previous"] in said
    for office in told["figures"]["tables"]["offices"]:
        assert office["name"] in said
    assert len(told["figures"]["tables"]["offices"]) >= 92, "all rows"
    names = [row["name"] for row in told["figures"]["tables"]["topics"]]
    assert names and not any(re.fullmatch(r"c\d+", name) for name in names), "words, no codes"
    for definition in told["figures"]["definitions"]:
        assert definition["formula"] in said and definition["numerator_name"] in said
    lines, definitions = (Docx(io.BytesIO(content)).tables[i] for i in (0, -1))
    rows = [[cell.text for cell in row.cells] for row in lines.rows]
    assert rows[0][-2:] == ["分子", "分母"]
    for row, line in zip(rows[1:], told["figures"]["lines"], strict=True):
        sides = [line["numerator"], line["denominator"]] if line["denominator"] is not None else ["", ""]  # fmt: skip
        assert row[-2:] == [str(n) for n in sides], line["id"]
    assert [cell.text for cell in definitions.rows[0].cells][3:5] == ["分子", "分母"]


def test_charts_are_native_and_have_their_values(
    county: County, head: Actor, runner: Runner
) -> None:
    told, content = printed(county, head, runner, "docx")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        charts = [n for n in packed.namelist() if n.startswith("word/charts/chart")]
        body = packed.read("word/document.xml").decode()
        xml = "".join(packed.read(name).decode() for name in charts)
        assert "drawingml.chart+xml" in packed.read("[Content_Types].xml").decode()
        assert not [n for n in packed.namelist() if "media" in n or "embeddings" in n]
    assert len(charts) == 3 and body.count("<c:chart ") == 3
    for row in told["figures"]["tables"]["topics"][:10]:
        assert f"<v>{row['name']}</v>" in xml or f":v>{row['name']}<" in xml
        assert f">{row['figures']['registered']['numerator']}<" in xml


def test_numbers_are_numbers_and_all_rows_are_there(
    county: County, head: Actor, runner: Runner
) -> None:
    told, content = printed(county, head, runner, "xlsx")
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames[0] == "主要数据" and all(page.freeze_panes == "A2" for page in book)
    rows = list(book["主要数据"].iter_rows(min_row=2))
    assert [row[1].value for row in rows] == [line["name"] for line in told["figures"]["lines"]]
    for row, line in zip(rows, told["figures"]["lines"], strict=True):
        if line["value"] == "—":
            assert row[3].value is None, "blank, not nought"
            continue
        assert row[3].data_type == "n" and float(row[3].value) == float(line["value"]), line["id"]
        change = row[5]
        assert change.data_type == "n"
        if line["year_on_year"] == "持平":
            assert change.value == 0 and "持平" in change.number_format
        elif line["year_on_year"] == "—":
            assert change.value is None
    tables = told["figures"]["tables"]
    for title, name in (("各单位", "offices"), ("热点问题", "topics"), ("内容分类", "categories"),
                        ("信访形式", "channels"), ("接待机关层级", "levels"), ("各月", "months")):  # fmt: skip
        assert book[title].max_row == 1 + len(tables[name]), title
        assert book[title]["A1"].value and len(tables[name]) > 0
    columns = {each["id"]: {one["id"] for one in each["columns"]} for each in told["tables"]}
    assert columns.keys() == tables.keys()
    for name, ids in columns.items():
        assert all(row["figures"].keys() == ids for row in tables[name])
    for _, name, _, _, *sides, _ in book["指标口径"].iter_rows(min_row=2, values_only=True):
        assert sides[0] and not any(str(side or "").isascii() and side for side in sides), name
    assert sum(len(page._charts) for page in book) == 3
    assert "'热点问题'!$C$2" in xml_of(content)
    assert all(
        not str(cell.value).startswith(("=", "{{")) for page in book for row in page for cell in row
    )


def xml_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "".join(packed.read(n).decode() for n in packed.namelist() if "charts/" in n)


# -- 补充内容 --------------------------------------------------------------------------------------


def test_an_office_adds_paragraphs_of_its_own(county: County, head: Actor, runner: Runner) -> None:
    """The same figures in another version, printed anew; kept sealed, and when it is drawn up again; not once issued."""
    period = covering("month", BEFORE.since - timedelta(days=100)).text

    def add(version: int, text: str, actor: Actor = head, office: str = BUREAU) -> Any:
        body = {"period": period, "version": version, "text": text}
        return county.post("stats", f"/reports/{office}/addition", body, actor)

    def said() -> list[str]:
        run(runner)
        return text_of(file(county, head, "docx", period=period).body)

    assert add(1, "尚未编制。").json["rule"] == "report-missing"
    draw(county, head, period=period)
    assert "七、补充内容" not in said()
    before = one(county, head, period=period).json
    words = "开展了领导干部接访月活动。\n\n  下一步抓好落实。 "
    assert add(1, words).json["version"] == 2
    told = one(county, head, period=period).json
    assert told["figures"] == before["figures"] and told["progress"] == "waiting"
    printed = said()
    at = printed.index("七、补充内容")
    assert printed[at + 1 : at + 4] == ["开展了领导干部接访月活动。", "下一步抓好落实。", "说明"]
    ((sealed,),) = county.sql("SELECT addition FROM stats.report WHERE addition IS NOT NULL")
    assert "接访月" not in bytes(sealed).decode(errors="ignore")
    assert add(1, "别的。").json["rule"] == "report-redrawn", "what is added to is what was seen"
    draw(county, head, period=period)
    assert one(county, head, period=period).json["addition"] == words.strip()
    assert "下一步抓好落实。" in said()
    assert_problem(add(3, "x" * 20_001), 422, "invalid", "text")
    assert_problem(add(3, "不是本单位的。", county.officer(TOWN, "clerk")), 403, "not-your-office")
    assert add(3, "").json["version"] == 4
    assert "七、补充内容" not in said()
    assert add(4, "本期印发。").json["version"] == 5
    run(runner)
    assert issue(county, head, 5, period=period).status == 200
    assert add(5, "太迟了。").json["rule"] == "report-issued"
    other = one(county, county.officer(TOWN, "clerk"), period=period).json
    assert other["addition"] == "本期印发。"


# -- editions --------------------------------------------------------------------------------------


def test_others_read_nothing_of_what_an_office_must_not_know(
    county: County, head: Actor, runner: Runner
) -> None:
    """A count is a disclosure too (Art. 30): 1 more in a report than on one's own page."""
    period = covering("month", BEFORE.since - timedelta(days=40))
    count_more(county, period.since, 3, TOWN)
    draw(county, head, period=period.text)
    run(runner)
    assert issue(county, head, 1, period=period.text).status == 200
    own = one(county, head, period=period.text).json
    for office in (TOWN, LABOUR):
        other = one(county, county.officer(office, "clerk"), period=period.text).json
        assert number(other, "registered") == number(own, "registered") - 3, office
        assert number(other, "letter") == number(own, "letter") - 3
    book = load_workbook(io.BytesIO(file(county, county.officer(TOWN, "clerk"), "xlsx", period=period.text).body))  # fmt: skip
    assert book["主要数据"]["D2"].value == number(own, "registered") - 3


# -- signed returns --------------------------------------------------------------------------------


def test_what_is_entered_by_hand_comes_from_signed_returns(county: County, runner: Runner) -> None:
    town = county.officer(TOWN, "head")

    def entered(month: date, value: int, sign: bool) -> None:
        body = {"month": month.isoformat()}
        county.post("stats", f"/returns/{TOWN}/drawing", body, town)
        correction = body | {"item": "visit_city", "value": value, "reason": "市局通报"}
        assert county.post("stats", f"/returns/{TOWN}/correction", correction, town).status == 200
        if sign:
            signed = body | {"confirmed": True} | seen(county, TOWN, body["month"])
            assert county.post("stats", f"/returns/{TOWN}/signature", signed, town).status == 200

    entered(MONTH.since, 6, sign=False)
    draw(county, town, TOWN)
    assert number(one(county, town, TOWN).json, "visit_city") is None, (
        "what is not signed is not said"
    )
    entered(MONTH.since, 6, sign=True)
    entered(BEFORE.since, 4, sign=True)
    draw(county, town, TOWN)
    told = one(county, town, TOWN).json
    (line,) = [line for line in told["figures"]["lines"] if line["id"] == "visit_city"]
    assert (line["value"], line["on_previous"], line["year_on_year"]) == ("6", "+50%", "—")
    assert "到市访6户次" in "".join(told["text"]["by_level"])
    year = covering("half", MONTH.since)
    if year.until < TODAY and BEFORE.since >= year.since:
        draw(county, town, TOWN, year.text)
        told = one(county, town, TOWN, year.text).json
        assert number(told, "visit_city") is None, "other months are missing: 10 is not the half's"
        assert "到市访" in "".join(told["text"]["notes"])


# -- forms -----------------------------------------------------------------------------------------


def test_an_office_prints_on_its_own_forms_and_goes_back(
    county: County, head: Actor, runner: Runner
) -> None:
    def put(kind: str, content: bytes) -> Any:
        body = {"content": b64encode(content).decode()}
        return county.post("stats", f"/templates/{kind}", body, head)

    def states() -> dict[str, Any]:
        rows = county.get("stats", "/templates", head).json["templates"]
        return {row["kind"]: row for row in rows}

    assert set(states()) == {"month", "quarter", "half", "year", "workbook", "bulletin"}
    assert_problem(put("workbook", reporting.shipped("month")), 422, "refused", "content")
    assert put("weather", b"x").status == 404
    own = docx.built("县局自己的模板：共{{ n.registered.now }}件次。\n= {{ chart_topics }}")
    assert put("month", own).json == {"version": 1}
    run(runner)
    assert states()["month"]["state"] == "in_use"
    assert county.get("stats", "/templates/month", head).body == own
    period = covering("month", BEFORE.since - timedelta(days=70)).text
    draw(county, head, period=period)
    put("month", docx.built("{{ nobody_knows }}"))
    run(runner)
    assert (
        states()["month"]["state"] == "refused" and "nobody_knows" in states()["month"]["problem"]
    )
    told = one(county, head, period=period).json
    said = text_of(file(county, head, "docx", period=period).body)
    assert f"县局自己的模板：共{number(told, 'registered') or '—'}件次。" in said
    shipped = county.get("stats", "/templates/month?shipped=true", head)
    assert "{{ title }}" in text_of(shipped.body)
    assert county.post("stats", "/templates/month/ending", None, head).status == 200
    back = county.get("stats", "/templates/month", head).body
    assert text_of(back) == text_of(shipped.body)
    assert put("workbook", reporting.shipped("workbook")).status == 200
    run(runner)
    assert states()["workbook"]["state"] == "in_use"


def test_a_form_that_fails_after_all_gives_way_to_the_shipped_one(
    county: County, head: Actor, runner: Runner
) -> None:
    with county.apps["stats"].database.connection() as connection:
        connection.exec_driver_sql(
            "INSERT INTO stats.template (office, kind, version, content, sha256, state, put_at, put_by)"
            " VALUES (%s, 'quarter', 9, %s, 'x', 'in_use', now(), 'x')",
            (BUREAU, docx.built("{{ gone }}")),
        )
    period = covering("quarter", TODAY.replace(day=1) - timedelta(days=100)).text
    draw(county, head, period=period)
    run(runner)
    told = one(county, head, period=period).json
    assert told["progress"] == "ready" and "gone" in told["problem"]
    assert told["name"] in text_of(file(county, head, "docx", period=period).body)


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"period": "week:2026-W10"}, "refused", "period"),
        ({"period": "free:2026-01-01..2026-02-01"}, "refused", "period"),
        ({"period": "year:2199"}, "refused", "period"),
        ({"period": "month:2026-13"}, "invalid", "period"),
        ({"period": 5}, "invalid", "period"),
        ({}, "invalid", "period"),
        ({"period": "year:2025", "colour": "red"}, "invalid", "colour"),
    ],
)
def test_what_is_no_report_is_refused(
    county: County, head: Actor, body: dict[str, Any], code: str, field: str
) -> None:
    before = county.counts()
    result = county.post("stats", f"/reports/{BUREAU}/drawing", body, head)
    assert_problem(result, 422, code, field)
    changed = {n for n, c in county.counts().items() if c != before[n]}
    assert changed <= {"stats.audit_log"}


def test_an_office_reports_for_itself(county: County, head: Actor) -> None:
    assert_problem(draw(county, head, TOWN), 403, "not-your-office")
    assert_problem(draw(county, head, "nowhere"), 404, "not-found")
    clerk = county.officer(BUREAU, "clerk")
    assert issue(county, clerk, 1).status == 403, "a head issues"
    assert_problem(issue(county, county.officer(LABOUR, "head"), 1, LABOUR), 404, "refused")
    for version in (0, "1", None):
        bad = {"period": MONTH.text, "version": version}
        assert_problem(county.post("stats", f"/reports/{BUREAU}/issue", bad, head), 422, "invalid", "version")  # fmt: skip
    assert_problem(county.get("stats", "/reports?year=x", head), 422, "invalid", "year")


# -- 热点 ------------------------------------------------------------------------------------------


def test_topics_are_ranked_with_their_trend(county: County, head: Actor) -> None:
    found = county.get("stats", f"/topics?period={MONTH.text}", head).json
    counts = [row["numerator"] for row in found["topics"]]
    assert counts == sorted(counts, reverse=True) and sum(counts) == found["total"]["numerator"]
    assert len(found["periods"]) == 12 and found["periods"][-1]["since"] == MONTH.since.isoformat()
    for row in found["topics"]:
        assert row["trend"][-1] == row["numerator"], "the last one is the period itself"
        assert row["trend"][0] is None, "before the first day there is no figure"
        listed = county.get("stats", f"/figures/cases?{row['cases']}", head).json
        assert listed["counted"] == row["numerator"]
    town = county.get("stats", f"/topics?period={MONTH.text}&office={TOWN}&by=category", head).json
    assert sum(row["numerator"] for row in town["topics"]) == town["total"]["numerator"]
    quarter = county.get("stats", "/topics?period=quarter:2026-Q1", head).json
    assert len(quarter["periods"]) == 8
    for bad, field in (("by=person", "by"), ("division=x", "division"), ("period=2026", "period")):
        query = "&".join(filter(None, (bad, "" if field == "period" else f"period={MONTH.text}")))
        assert_problem(county.get("stats", f"/topics?{query}", head), 422, "invalid", field)


def test_a_bulletin_gets_words_of_a_period(county: County, head: Actor) -> None:
    url = f"/reports/{BUREAU}/narrative?period={MONTH.text}"
    lines = county.get("stats", url, head).json["paragraphs"]
    assert lines[0].startswith(f"{MONTH.since.year}年{MONTH.since.month}月，本地区共登记群众信访")
    assert_problem(county.get("stats", url, county.officer(TOWN, "head")), 403, "not-your-office")


def test_sections_name_what_there_is() -> None:
    assert queries.BASES == ("year_on_year", "on_previous")
    assert all(not item.what or item.what in INDICATORS for items in SECTIONS.values() for item in items)  # fmt: skip
