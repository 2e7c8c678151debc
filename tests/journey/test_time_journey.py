"""What time does to a petition: the site's clock is moved on, as nights and holidays would do it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kit import clock
from tests.journey.test_console_journey import browser, eventually
from tests.journey.test_procedure_journey import LABOUR, OPINION, Office, petitioner
from tests.servers import Servers
from tests.site import SERVICES, Site, fresh_site

DAY = 86_400


class Later(Office):
    """The people of a site whose clock stands some days after the machine's."""

    def __init__(self, site: Site, days: int = 0) -> None:
        clock.set_shift(timedelta(days=days))
        super().__init__(site)

    def served(self) -> dict[str, str]:
        day = str(clock.local_date(clock.now()))
        return {"method": "in_person", "receipt": "signed", "served_on": day}


@pytest.fixture(scope="module")
def site(servers: Servers, template_database: str) -> Iterator[Site]:
    with fresh_site(servers, template_database) as site:
        site.start_all()
        site.load_demo()
        yield site
    clock.set_shift(timedelta())


def moved(site: Site, days: int) -> Later:
    """Everything is stopped, and started again so many days later: what was due meanwhile is told."""
    for name in SERVICES:
        site.stop(name)
    site.extra_env["PETITION_CLOCK_SHIFT"] = str(days * DAY)
    site.start_all()
    return Later(site, days)


def accepted(people: Later, **fields: str) -> tuple[str, str]:
    number, code = people.comes_in(**fields)
    people.sends(number, LABOUR)
    people.does("bumen", number, "sign")
    people.does("bumen", number, "accept", claims__1="31-6")
    return number, code


def answered(people: Later, **fields: str) -> tuple[str, str]:
    number, code = accepted(people, **fields)
    people.does("bumen", number, "answer", **OPINION)
    people.does("bumen", number, "serve", **people.served())
    return number, code


def test_overdue_at_each_stage_and_reviews_that_come_late_or_never(site: Site) -> None:
    people = Later(site)
    who: dict[str, Any] = {"people__0__name": "钱往复", "people__0__phone": "13900008888"}
    unsent, _ = people.comes_in()
    unsigned, _ = people.comes_in()
    people.sends(unsigned, LABOUR)
    slow, _ = accepted(people)
    unsought, code = answered(people, **who)

    people = moved(site, 36)
    # overdue before it was sent, and before it was accepted
    assert "超过期限 转送、交办" in people.stands(unsent, "超过期限").words
    page = people.stands(unsigned, "超过期限 受理告知")
    assert "期限届满 提出异议的期限" in page.words
    assert "object" not in people.forms("bumen", unsigned), "the 5 working days are over"
    people.does("bumen", unsigned, "sign")
    people.does("bumen", unsigned, "accept", claims__1="31-6")
    # not sought at all: final, and closed with it though nobody closed it
    page = people.stands(unsought, "逾期未请求复查")
    assert "办结" in page.words
    # sought late: refused on both ways, with the reason
    mine = petitioner(people, unsought, code)
    assert "提出请求" not in mine.get("/mine").words
    page = mine.post("/mine/review", grounds="现在才知道。")
    assert page.status == 422 and "第三十五条" in page.words
    page = people.at["dengji"].post(
        f"/office/petitions/{unsought}/do/seek_review", grounds="现在才知道。"
    )
    assert page.status == 422 and "已终结" in page.words
    # the same facts again: registered, and not accepted any more
    again, code = people.comes_in(**who)
    people.does("dengji", again, "link", repeat_of=unsought)
    people.does("fenliu", again, "decline", reason="review_lapsed")
    people.does("fenliu", again, "notify", **people.served())
    assert "不再受理" in petitioner(people, again, code).get("/mine").words
    # new facts: a new matter, linked to the old one and handled on its own
    fresh, _ = accepted(people, text="出现了新的证据，请求重新核实。", **who)
    people.does("dengji", fresh, "link", repeat_of=unsought)
    people.stands(fresh, "登记为重复件")
    people.does("bumen", fresh, "answer", **OPINION)

    people = moved(site, 75)
    # overdue before it was answered: late it stays
    people.stands(slow, "超过期限 办结答复")
    assert "ask_extension" not in people.forms("bumen", slow), "what is over is not extended"
    people.does("bumen", slow, "answer", **OPINION)
    people.does("bumen", slow, "serve", **people.served())
    people.does("bumen", slow, "close")
    assert "办结 超期" in people.stands(slow, "办结").words
    assert browser(site, "ducha").get("/office/cases?light=red").status == 200
    # a year has ended: what is owed for it stood there by itself (D14, Art. 39, 41)
    jobs = subprocess.Popen([sys.executable, "-m", "tool.main", "run-jobs"], env=site.env)
    try:
        page = eventually(people.at["ducha"], "/office/orders", "信访情况年度报告")
    finally:
        jobs.terminate()
        jobs.wait(20)
    found = re.search(r"330282NB\d{8}", page.text)
    assert found and "信访工作年度考核" in page.words, page.words
    here = f"/office/affairs/{found.group()}"
    assert "第四十一条" in people.at["ducha"].get(f"{here}/duties").words
    people.at["ducha"].get(here)
    page = people.at["ducha"].post(f"{here}/do/sent", text="已报送市委、市政府和上级信访局。")
    assert page.status == 200 and "已登记报送" in page.words
    assert found.group() not in people.at["ducha"].get("/office/orders").text
    report = site.audit()
    assert report.clean, report
