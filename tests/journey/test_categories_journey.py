"""Categories at the counter: suggested from the text, taken by a person, counted; and one that is ended by the command."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit import clock
from tests.journey.office import day
from tests.journey.test_console_journey import browser, eventually, register
from tests.servers import Servers
from tests.site import Site, fresh_site
from tests.unit.console.browser import Page

SERVICES = ("intake", "routing", "supervision", "console")
TEXT = "厂里拖欠工资三个月，还天天加班，也不给交社保。"
FORM = {
    "channel": "visit", "received_on": day(), "type": "request", "head_count": "1", "text": TEXT,
    "people__0__name": "李四", "people__0__phone": "13900001234",
}  # fmt: skip
ENDED = "c1605"
"""专卖管理: it goes on in 市场经营管理."""


@pytest.fixture(scope="module")
def site(servers: Servers, template_database: str) -> Iterator[Site]:
    with fresh_site(servers, template_database) as site:
        site.load_demo()
        site.start_all(SERVICES)
        yield site


def offered(page: Page) -> list[str]:
    return re.findall(r'name="take" value="(\w+)"', page.text)


def counted(site: Site) -> dict[str, float]:
    """What intake's metric says by now."""
    text = site.get("intake", "/metrics", "").text
    found = re.findall(r'petition_category_suggestions_total\{taken="(\w+)"\} (\S+)', text)
    return {taken: float(count) for taken, count in found}


def test_a_clerk_asks_takes_the_second_and_it_is_counted(site: Site) -> None:
    counter = browser(site, "dengji")
    counter.get("/office/register")
    page = counter.post("/office/register", **FORM, action="suggest")
    first, second, *_ = offered(page)
    assert (first, page.status) == ("c050101", 200)
    assert "拖欠工资 依据：" in page.words and TEXT in page.text
    assert f'value="{first}" selected' not in page.text, "nothing is chosen for anybody"
    page = counter.post("/office/register", **FORM, take=second)
    assert f'value="{second}" selected' in page.text and offered(page)[0] == first
    assert "李四" in page.field("people.0.name") and counted(site) == {}
    number, _ = register(counter, **FORM | {"category": second})
    assert counted(site) == {"2": 1}
    register(counter, **FORM | {"category": "c0905"})
    register(counter, **FORM)
    assert counted(site) == {"2": 1, "other": 1}
    assert "劳动和社会保障 /" in eventually(browser(site, "ducha"), f"/office/petitions/{number}", "加班").words  # fmt: skip


def test_a_category_is_ended_by_the_command_and_refused_by_name(site: Site, tmp_path: Path) -> None:
    counter = browser(site, "dengji")
    number, _ = register(counter, category=ENDED)
    file = tmp_path / "tree.csv"
    assert site.petition("categories", "export", str(file)).returncode == 0
    _edit(file, drop=ENDED)
    done = site.petition("categories", "import", str(file))
    assert done.returncode == 1 and f"缺少 {ENDED} 专卖管理" in done.stderr + done.stdout
    assert site.petition("categories", "export", str(file)).returncode == 0
    _edit(file)
    assert "nothing written" in site.petition("categories", "import", str(file), "--check").stdout
    done = site.petition("categories", "import", str(file))
    assert done.returncode == 0 and "2 new or changed" in done.stdout, done.stdout + done.stderr
    shown = site.petition("categories", "show", ENDED).stdout
    assert "停用" in shown and "并入 c1601 市场经营管理" in shown and "3 " in shown
    _again(site)
    counter = browser(site, "dengji")
    page = counter.get("/office/register")
    assert f'value="{ENDED}"' not in page.text and 'value="c1601"' in page.text
    page = counter.post("/office/register", **FORM | {"category": ENDED})
    assert page.status == 422 and "内容分类：这一内容分类已停用" in page.words
    eventually(browser(site, "ducha"), f"/office/petitions/{number}", "商贸旅游 / 专卖管理")


def _edit(file: Path, drop: str = "") -> None:
    """The category and what is below it end today; or a line is left out, and what is below it."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    concerned = [row for row in rows if ENDED in (row["编号"], row["上级"])]
    for row in concerned:
        row |= {"停用日期": str(clock.local_date(clock.now())), "并入": "c1601"}
    if drop:
        rows = [row for row in rows if row not in concerned]
    with file.open("w", encoding="gb18030", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _again(site: Site) -> None:
    """Services started anew know the tree at once; running ones within a minute."""
    for name in SERVICES:
        site.stop(name)
    site.start_all(SERVICES)
