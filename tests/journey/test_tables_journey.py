"""Printed year tables through the real register: what invented people register adds up to them, to the letter, in the
figures, on the pages, in the returns, and in the files of the year's report."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest

from kit import clock
from stats.domain.returns import UNITS
from tests.journey.documents import Printed, drawn
from tests.journey.office import BEGINS, BUREAU, LABOUR, Office, day, move_to, shift, site_in_march
from tests.journey.tables import (
    BEFORE,
    HIGHER,
    NOW,
    T1,
    T2,
    TENTH,
    THRESHOLD,
    YEARS,
    Line,
    Province,
    persons,
    registrations,
)
from tests.servers import Servers
from tests.site import Site
from tests.unit.console.browser import Browser

AT_ONCE = 6
STRIPPED = date(BEFORE - 1, 12, 1)
"""T10: a month before the site's first, reported without digits."""


def body(n: int, **fields: Any) -> dict[str, Any]:
    """An invented registration of today."""
    named = [{"name": f"测试{n}号", "role": "petitioner"}]
    plain = {"channel": "visit", "type": "request", "text": f"第{n}号诉求：请求答复。"}
    return plain | {"received_on": day(), "people": named} | fields


def register(site: Site, wanted: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    """All of them over HTTP, some at once; gives their numbers."""
    tokens = {office: site.token(office, "clerk") for office, _ in wanted}

    def one(numbered: tuple[int, tuple[str, dict[str, Any]]]) -> str:
        n, (office, fields) = numbered
        answer = site.post("intake", "/petitions", body(n, **fields), token=tokens[office])
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    with ThreadPoolExecutor(AT_ONCE) as counters:
        return list(counters.map(one, enumerate(wanted, 1)))


def figure(site: Site, what: str, period: str, where: str = "") -> dict[str, Any]:
    """The total of a figure, with its changes."""
    answer = site.get("stats", f"/figures?what={what}&period={period}&where={where}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["total"])


def until_shown(found: Callable[[], Any], wanted: Any, seconds: float = 60) -> None:
    """Waits for what events bring."""
    end = time.monotonic() + seconds
    while (shown := found()) != wanted:
        assert time.monotonic() < end, (shown, wanted)
        time.sleep(0.2)


# -- T1: a district's year, and the year before ----------------------------------------------------


@pytest.fixture(scope="module")
def district(servers: Servers, template_database: str) -> Iterator[Site]:
    """A site that has lived two years in halves of a year, and reported every month of them; another number of
    persons makes a joint visit from the next year on."""
    with site_in_march(servers, template_database) as site:
        site.extra_env["PETITION_COLLECTIVE"] = f"{NOW + 1}-01-01:{THRESHOLD}"
        shift(site, _on(BEFORE, 1) - datetime.now(UTC))
        site.start_all(("intake", "routing", "stats"))
        site.load_demo()
        _know_higher_offices(site)
        for name in ("routing", "stats"):
            site.stop(name)
        for year, groups in YEARS.items():
            every = registrations(groups)
            for month, half in ((1, every[::2]), (7, every[1::2])):
                if (year, month) != (BEFORE, 1):
                    move_to(site, (_on(year, month) - BEGINS).days)
                register(site, half)
        move_to(site, (_on(NOW + 1, 1) - BEGINS).days)
        site.start_all(("routing/web", "stats", "console"))
        until_shown(lambda: figure(site, "registered", f"year:{NOW}")["value"], str(T1[0].now))
        for year in YEARS:
            for month in range(1, 13):
                _report(site, date(year, month, 1))
        _report_without_digits(site, STRIPPED)
        yield site


def _on(year: int, month: int) -> datetime:
    return datetime(year, month, 1, 1, tzinfo=UTC)


def _know_higher_offices(site: Site) -> None:
    for id, level, division in HIGHER:
        named = ("--name", f"某{level}信访局", "--short-name", f"某{level}")
        put = site.petition("offices", "put", id, *named, "--division", division, "--level", level)
        assert put.returncode == 0, put.stderr
    by_hand = lambda: [  # noqa: E731
        item["id"] for item in site.get("stats", f"/returns?month={BEFORE}-01-01").json()["items"]
        if item["by_hand"]
    ]  # fmt: skip
    until_shown(by_hand, [])


def _report(site: Site, month: date) -> None:
    """The month's return: what nobody knew is blank, and what the units explain is confirmed."""
    version = _step(site, month, "drawing")
    if month.year == BEFORE:
        said = {"item": "joint_above", "value": None, "reason": "上级当年没有通报。"}
        version = _step(site, month, "correction", **said)
    _step(site, month, "signature", confirmed=True, version=version)


def _report_without_digits(site: Site, month: date) -> None:
    """T10: the return of a month of which nothing is left but its words."""
    version = _step(site, month, "drawing")
    for item in site.get("stats", f"/returns?month={month}").json()["items"]:
        said = {"item": item["id"], "value": None, "reason": "原表数字缺失。"}
        version = _step(site, month, "correction", **said)
    _step(site, month, "signature", version=version)


def _step(site: Site, month: date, name: str, **said: Any) -> int:
    """One step of the head's; gives the version that it left."""
    sent = {"month": month.isoformat()} | said
    head = site.token(BUREAU, "head")
    answer = site.post("stats", f"/returns/{BUREAU}/{name}", sent, token=head)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["version"])


@pytest.mark.parametrize("line", [line for line in T1 if line.what], ids=lambda line: line.item)
def test_the_figures_print_the_districts_year(district: Site, line: Line) -> None:
    now = figure(district, line.what, f"year:{NOW}", line.where)
    assert (now["value"], now["year_on_year"]) == (str(line.now), line.change)
    assert figure(district, line.what, f"year:{BEFORE}", line.where)["value"] == str(line.before)
    listed = district.get("stats", f"/figures/cases?{now['cases']}").json()
    assert listed["counted"] == line.now


def test_the_units_explain_what_the_source_did_not_add_up(district: Site) -> None:
    """153 件次 and 155 户次 are both true. What a return says that was filled in in one unit, as the source was,
    is told by test_returns_journey, and of the year's sum here: 来访 153 against 155."""
    year = f"year:{BEFORE}"
    counted = [figure(district, what, year)["value"] for what in ("visit", "household")]
    assert counted == ["153", "155"]
    parts = {line.item: line.before or 0 for line in T1}
    assert 153 + parts["letter"] == parts["registered"] == 190
    assert sum(n for item, n in parts.items() if item.startswith("visit_")) == 155
    returns = [
        district.get("stats", f"/returns/{BUREAU}?month={BEFORE}-{month:02}-01").json()
        for month in range(1, 13)
    ]
    faults = [fault for told in returns for fault in told["faults"]]
    assert faults and all("批次" in fault for fault in faults), "asked, and confirmed"
    summed = district.get("stats", f"/returns/sum?period={year}").json()["faults"]
    assert summed == ["来访 153,而本级来访、到市访、赴省访、进京访之和为 155" + UNITS]
    page = _at_the_desk(district, "ducha").get(f"/office/returns/sum?kind=year&on={BEFORE}-05-01")
    assert f"数据不平：{summed[0]}。" in page.words


def test_the_returns_add_up_to_the_districts_year(district: Site) -> None:
    told = district.get("stats", f"/returns/sum?period=year:{NOW}&office={BUREAU}").json()
    assert (told["signed"], told["signed_before"]) == (12, 12)
    lines = {line["item"]: line for line in told["lines"]}
    for line in T1:
        assert lines[line.item] == {
            "item": line.item, "name": line.name, "unit": line.unit, "now": line.now,
            "year_on_year": line.change, "before": line.before, "blank": [], "blank_before": [],
        }  # fmt: skip


def test_the_pages_print_the_districts_year(district: Site) -> None:
    desk = _at_the_desk(district, "ducha")
    page = desk.get(f"/office/returns/sum?kind=year&on={NOW}-05-01&office={BUREAU}")
    for line in T1:
        before = "—" if line.before is None else line.before
        assert f"{line.name}（{line.unit}） {line.now} {line.change} {before}" in page.words
    asked = f"/office/statistics?kind=year&on={NOW}-05-01&what="
    for what, rows in (
        (
            "registered&by=channel",
            ("来信 51 37 +37.8%", "来访 181 153 +18.3%", "合计 232 190 +22.1%"),
        ),
        ("visit&by=channel", ("来访 181 153 +18.3%", "合计 181 153 +18.3%")),
        (
            "household&by=level",
            ("国家 7 3 +133.3%", "省 3 2 +50%", "市 13 13 持平", "县 158 137 +15.3%"),
        ),
        ("visit&by=level&and=size", ("市 集体访 8 5 +60%", "县 集体访 20 10 +100%")),
    ):
        page = desk.get(asked + what)
        assert all(row in page.words for row in rows), page.words


def _at_the_desk(site: Site, login: str) -> Browser:
    """Somebody logged in, where not every service runs."""
    people = Office.__new__(Office)
    people.site, people.patience = site, 0
    visitor = people.visitor()
    visitor.get("/login")
    page = visitor.post("/login", login=login, password=site.accounts[login])
    assert page.status == 200, page.words
    return visitor


# -- T1 and T10 in the report of the year ------------------------------------------------------------


@pytest.fixture(scope="module")
def reported(district: Site) -> dict[str, Printed]:
    """The reports of both years and of the month without digits, drawn up and printed."""
    return drawn(district, BUREAU, f"year:{NOW}", f"year:{BEFORE}", f"month:{STRIPPED:%Y-%m}")


@pytest.mark.parametrize("line", T1, ids=lambda line: line.item)
def test_the_report_prints_the_districts_year(reported: dict[str, Printed], line: Line) -> None:
    """The API, the DOCX and the XLSX say the same; what was not known of the year before is blank in each."""
    report, before = reported[f"year:{NOW}"], "—" if line.before is None else str(line.before)
    assert report.told(line.item)[:3] == (str(line.now), before, line.change)
    assert report.written(line.item)[:3] == (str(line.now), before, line.change)
    assert report.tabulated(line.item)[:3] == (line.now, line.before, line.change)
    was = reported[f"year:{BEFORE}"]
    assert was.written(line.item) == was.told(line.item) == (before, "—", "—", "—", "—")
    assert was.tabulated(line.item) == (line.before, None, "—", None, "—")


def test_the_reports_words_are_the_districts_year(reported: dict[str, Printed]) -> None:
    whole = "\n".join(reported[f"year:{NOW}"].words)
    for said in (
        f"{NOW}年信访工作情况报告",
        "共登记群众信访232件次、",
        "同比上升22.1%。",
        "来信51件次，同比上升37.8%；来访181批次，同比上升18.3%",
        "本级来访158户次，同比上升15.3%；到市访13户次，同比持平；赴省访3户次，同比上升50%；进京访7户次，同比上升133.3%",
        "本级集体访20批次，同比上升100%",
        "到市集体访8批次，同比上升60%；进京赴省集体访0批次。",
    ):
        assert said in whole
    assert "进京赴省集体访暂缺" in "\n".join(reported[f"year:{BEFORE}"].words)


def test_the_reports_page_prints_the_districts_year(
    district: Site, reported: dict[str, Printed]
) -> None:
    page = _at_the_desk(district, "ducha").get(f"/office/reports/{BUREAU}?period=year:{NOW}")
    for line in T1:
        before = "—" if line.before is None else line.before
        assert f" {line.unit} {line.now} {before} {line.change} " in page.words, line
        if line.item != "registered":  # a report says 信访总量
            assert f"{line.name} " in page.words


def test_each_number_of_a_report_leads_to_its_cases(
    district: Site, reported: dict[str, Printed]
) -> None:
    """Of the lines and of every table: 信访形式, 接待机关层级, 各单位, 各月."""
    page = _at_the_desk(district, "ducha").get(f"/office/reports/{BUREAU}?period=year:{NOW}")
    found = re.findall(r'<a href="/office/statistics/cases\?([^"]+)">([^<]+)</a>', page.text)
    links = {unescape(link): said for link, said in found}
    for where in ("channel%3Aletter", "level%3Anation", f"office%3A{BUREAU}"):
        assert any(link.endswith(f"where={where}") for link in links), where
    assert any(f"period=month%3A{NOW}-07" in link for link in links)
    for link, said in links.items():
        assert district.get("stats", f"/figures/cases?{link}").json()["counted"] == int(said), link


def test_a_report_without_digits_prints_no_nought(
    district: Site, reported: dict[str, Printed]
) -> None:
    """T10: every line and every table of that month is blank, in each form of the report."""
    period = f"month:{STRIPPED:%Y-%m}"
    report = reported[period]
    for id_ in report.lines:
        assert report.told(id_) == report.written(id_) == ("—",) * 5, id_
        assert report.tabulated(id_) == (None, None, "—", None, "—"), id_
    rows = [row for table in report.frozen["tables"].values() for row in table]
    assert {one["value"] for row in rows for one in row["figures"].values()} == {"—"}
    assert "本地区没有信访数据。" in "\n".join(report.words)
    page = _at_the_desk(district, "ducha").get(f"/office/reports/{BUREAU}?period={period}")
    assert page.status == 200 and "期 0 " not in page.words and "件次 0 " not in page.words


# -- T2: a province's office, and from how many on a visit is a joint one --------------------------


@dataclass(frozen=True)
class Lived:
    """A year that was lived as a table tells it, and its report."""

    year: int
    table: Province
    report: Printed


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((NOW + 1, TENTH), id="a tenth"),
        pytest.param((NOW + 2, T2), id="to the letter", marks=pytest.mark.long),
    ],
)
def province(
    request: pytest.FixtureRequest, district: Site, reported: dict[str, Printed], series: int
) -> Lived:
    """The same site in a year after: from NOW + 1 on ten make a joint visit. Matters are handed down, bulletins are
    issued, and when the year is over its report is drawn up."""
    year, table = request.param
    if clock.local_date(clock.now()).year < year:
        move_to(district, (_on(year, 1) - BEGINS).days)
    bounds = {"single": (1, THRESHOLD - 1), "joint": (THRESHOLD, 69)}
    heads = [
        n for size in table.sizes for n in persons(size.visits, size.persons, *bounds[size.size])
    ]
    counted = [str(len(heads)), str(sum(heads))]
    assert counted == [table.lines["visit"], table.lines["visit_heads"]]
    assert any(5 <= n < THRESHOLD for n in heads), "some who the year before were a joint visit"
    visits = [(BUREAU, {"head_count": n}) for n in heads]
    _hand_down(district, register(district, visits[: table.assigned]), year)
    register(district, visits[table.assigned :])
    _issue_bulletins(district, series, table.bulletins)
    period = f"year:{year}"
    until_shown(lambda: figure(district, "visit", period)["value"], table.lines["visit"])
    move_to(district, (_on(year + 1, 1) - BEGINS).days)
    return Lived(year, table, drawn(district, BUREAU, period)[period])


@pytest.fixture(scope="module")
def series(district: Site) -> int:
    """Of the bulletins."""
    return int(_send(district, "/series", series_name="《人民来访快报》")["series"])


def _issue_bulletins(site: Site, series: int, n: int) -> None:
    for i in range(1, n + 1):
        draft = _send(site, "", series=series, title=f"第{i}期", text="本周接访情况。")
        _send(site, f"/{draft['number']}/issue", revision=draft["revision"])


def _send(site: Site, path: str, **body: Any) -> Any:
    answer = site.post("stats", f"/bulletins{path}", body, token=site.token(BUREAU, "head"))
    assert answer.ok, answer.text
    return answer.json()


def _hand_down(site: Site, numbers: Sequence[str], year: int) -> None:
    """交办, as soon as routing knows of them and has looked for their place; what comes in later it need not place."""
    site.stop("routing/web")
    site.start("routing")
    triage = site.token(BUREAU, "triage")
    body = {"office": LABOUR, "method": "assign", "report_due": day(60)}

    def assigned(number: str) -> int:
        answer = site.post("routing", f"/petitions/{number}/assignment", body, token=triage)
        waits = answer.status_code == 404 or answer.json().get("rule") == "still-locating"
        assert answer.status_code == 200 or waits, answer.text
        return answer.status_code

    for number in numbers:
        until_shown(lambda number=number: assigned(number), 200)  # type: ignore[misc]
    until_shown(lambda: figure(site, "assigned", f"year:{year}")["value"], str(len(numbers)))
    site.stop("routing")
    site.start("routing/web")


def test_a_provinces_visits_and_persons(district: Site, province: Lived) -> None:
    """4457 批 29601 人, in the figures and on their page."""
    period, desk = f"year:{province.year}", _at_the_desk(district, "ducha")
    sizes, lines = province.table.sizes, province.table.lines
    assert figure(district, "visit", period)["value"] == lines["visit"]
    assert figure(district, "visit_heads", period)["value"] == lines["visit_heads"]
    for what, values in (
        ("visit", [str(size.visits) for size in sizes]),
        ("visit_heads", [str(size.persons) for size in sizes]),
        ("persons_per_visit", [size.average for size in sizes]),
    ):
        told = [figure(district, what, period, f"size:{size.size}")["value"] for size in sizes]
        assert told == values
        page = desk.get(
            f"/office/statistics?what={what}&kind=year&on={province.year}-05-01&by=size"
        )
        for size, value in zip(sizes, values, strict=True):
            assert f"{size.name} {value} " in page.words, page.words
        assert f"合计 {lines[what]} " in page.words, page.words


def test_the_report_prints_the_provinces_year(district: Site, province: Lived) -> None:
    """Batches, persons, averages, matters handed down and bulletins: in the API, the page, the DOCX and the XLSX."""
    report = province.report
    asked = f"/office/reports/{BUREAU}?period=year:{province.year}"
    page = _at_the_desk(district, "ducha").get(asked)
    for id_, value in province.table.lines.items():
        assert report.told(id_)[0] == report.written(id_)[0] == value, id_
        assert report.tabulated(id_)[0] == float(value), id_
        line = report.lines[id_]
        assert f"{line['name']} {line['unit']} {value} " in page.words, id_
    whole = "\n".join(report.words)
    assert "个访平均每批人次4.53人/批" in whole and "集体访平均每批人次39.7人/批" in whole
    assert f"编发《人民来访快报》{province.table.bulletins}期" in whole
