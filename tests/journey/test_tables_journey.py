"""Printed year tables through the real register: what invented people register adds up to them, to the letter, in the
figures, on the pages and in the returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.journey.office import BEGINS, BUREAU, Office, day, move_to, shift, site_in_march
from tests.journey.tables import (
    BEFORE,
    HIGHER,
    NOW,
    T1,
    T2,
    THRESHOLD,
    YEARS,
    Line,
    persons,
    registrations,
)
from tests.servers import Servers
from tests.site import Site
from tests.unit.console.browser import Browser

AT_ONCE = 6


def body(n: int, **fields: Any) -> dict[str, Any]:
    """An invented registration of today."""
    named = [{"name": f"测试{n}号", "role": "petitioner"}]
    plain = {"channel": "visit", "type": "request", "text": f"第{n}号诉求：请求答复。"}
    return plain | {"received_on": day(), "people": named} | fields


def register(site: Site, wanted: Sequence[tuple[str, dict[str, Any]]]) -> int:
    """All of them over HTTP, some at once; gives how many."""
    tokens = {office: site.token(office, "clerk") for office, _ in wanted}

    def one(numbered: tuple[int, tuple[str, dict[str, Any]]]) -> None:
        n, (office, fields) = numbered
        answer = site.post("intake", "/petitions", body(n, **fields), token=tokens[office])
        assert answer.status_code == 201, answer.text

    with ThreadPoolExecutor(AT_ONCE) as counters:
        return sum(1 for _ in counters.map(one, enumerate(wanted, 1)))


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
    head = site.token(BUREAU, "head")

    def step(name: str, **said: Any) -> int:
        sent = {"month": month.isoformat()} | said
        answer = site.post("stats", f"/returns/{BUREAU}/{name}", sent, token=head)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["version"])

    version = step("drawing")
    if month.year == BEFORE:
        version = step("correction", item="joint_above", value=None, reason="上级当年没有通报。")
    step("signature", confirmed=True, version=version)


@pytest.mark.parametrize("line", [line for line in T1 if line.what], ids=lambda line: line.item)
def test_the_figures_print_the_districts_year(district: Site, line: Line) -> None:
    now = figure(district, line.what, f"year:{NOW}", line.where)
    assert (now["value"], now["year_on_year"]) == (str(line.now), line.change)
    assert figure(district, line.what, f"year:{BEFORE}", line.where)["value"] == str(line.before)
    listed = district.get("stats", f"/figures/cases?{now['cases']}").json()
    assert listed["counted"] == line.now


def test_the_units_explain_what_the_source_did_not_add_up(district: Site) -> None:
    """153 件次 and 155 户次 are both true. What a return says that was filled in in one unit, as the source was,
    is told by test_returns_journey: 来访 153 against 155."""
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


def test_the_returns_add_up_to_the_districts_year(district: Site) -> None:
    told = district.get("stats", f"/returns/sum?period=year:{NOW}").json()
    assert (told["signed"], told["signed_before"]) == (12, 12)
    lines = {line["item"]: line for line in told["lines"]}
    for line in T1:
        assert lines[line.item] == {
            "item": line.item, "name": line.name, "unit": line.unit, "now": line.now,
            "year_on_year": line.change, "before": line.before,
        }  # fmt: skip


def test_the_pages_print_the_districts_year(district: Site) -> None:
    desk = _at_the_desk(district, "ducha")
    page = desk.get(f"/office/returns/sum?kind=year&on={NOW}-05-01")
    for line in T1:
        before = "—" if line.before is None else line.before
        assert f"{line.name}（{line.unit}） {line.now} {line.change} {before}" in page.words
    asked = f"/office/statistics?kind=year&on={NOW}-05-01&what="
    for what, rows in (
        ("registered&by=channel", ("来信 51 +37.8%", "来访 181 +18.3%", "合计 232 +22.1%")),
        ("household&by=level", ("国家 7 +133.3%", "省 3 +50%", "市 13 持平", "县 158 +15.3%")),
        ("visit&by=level&and=size", ("市 集体访 8 +60%", "县 集体访 20 +100%")),
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


# -- T2: a province's office, and from how many on a visit is a joint one --------------------------


def test_a_provinces_visits_and_persons(district: Site) -> None:
    """4457 批 29601 人. On the same site, in the year after: from the new year on ten make a joint visit."""
    bounds = {"single": (1, THRESHOLD - 1), "joint": (THRESHOLD, 69)}
    heads = [n for size in T2 for n in persons(size.visits, size.persons, *bounds[size.size])]
    assert (len(heads), sum(heads)) == (4457, 29601)
    assert any(5 <= n < THRESHOLD for n in heads), "some who the year before were a joint visit"
    assert register(district, [(BUREAU, {"head_count": n}) for n in heads]) == 4457
    year, desk = f"year:{NOW + 1}", _at_the_desk(district, "ducha")
    until_shown(lambda: figure(district, "visit", year)["value"], "4457")
    assert figure(district, "visit_heads", year)["value"] == "29601"
    for what, values in (
        ("visit", [str(size.visits) for size in T2]),
        ("visit_heads", [str(size.persons) for size in T2]),
        ("persons_per_visit", [size.average for size in T2]),
    ):
        assert [figure(district, what, year, f"size:{size.size}")["value"] for size in T2] == values
        page = desk.get(f"/office/statistics?what={what}&kind=year&on={day()}&by=size")
        for size, value in zip(T2, values, strict=True):
            assert f"{size.name} {value} " in page.words, page.words
