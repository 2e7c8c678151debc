"""What time does to a petition: the site's clock is moved on, as nights and holidays would do it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests.journey.cases import TIMED, walk
from tests.journey.office import BEGINS, Office, shift, site_in_march
from tests.servers import Servers


def test_cases_in_which_days_pass(servers: Servers, template_database: str) -> None:
    """Overdue at each stage; reviews that come late or never; the same facts again, and new ones."""
    with site_in_march(servers, template_database) as site:
        site.start_all()
        site.load_demo()
        people = Office(site)
        walk(people, TIMED)
        assert people.at["ducha"].get("/office/cases?light=red").status == 200
        report = site.audit()
        assert report.clean, report


def test_a_year_has_ended(servers: Servers, template_database: str) -> None:
    """What is owed for it stands there by itself, as long as its time runs (D14, Art. 39, 41)."""
    with site_in_march(servers, template_database) as site:
        shift(site, BEGINS - timedelta(days=40) - datetime.now(UTC))
        site.start_all()
        site.load_demo()
        site.start_jobs()
        people = Office(site)
        page = people.shows(people.at["ducha"], "/office/orders", "信访情况年度报告")
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
