"""What time does to a petition: the site's clock is moved on, as nights and holidays would do it."""

from __future__ import annotations

import re

from tests.journey.cases import TIMED, walk
from tests.journey.office import Office, site_in_march
from tests.servers import Servers


def test_cases_in_which_days_pass(servers: Servers, template_database: str) -> None:
    """Overdue at each stage; reviews that come late or never; the same facts again, and new ones."""
    with site_in_march(servers, template_database) as site:
        site.start_all()
        site.load_demo()
        people = Office(site)
        walk(people, TIMED)
        assert people.at["ducha"].get("/office/cases?light=red").status == 200
        the_year_that_has_ended(people)
        report = site.audit()
        assert report.clean, report


def the_year_that_has_ended(people: Office) -> None:
    """What is owed for it stands there by itself (D14, Art. 39, 41)."""
    people.site.start_jobs()
    page = people.shows(people.at["ducha"], "/office/orders", "信访情况年度报告")
    people.site.stop("jobs")
    found = re.search(r"330282NB\d{8}", page.text)
    assert found and "信访工作年度考核" in page.words, page.words
    here = f"/office/affairs/{found.group()}"
    assert "第四十一条" in people.at["ducha"].get(f"{here}/duties").words
    people.at["ducha"].get(here)
    page = people.at["ducha"].post(f"{here}/do/sent", text="已报送市委、市政府和上级信访局。")
    assert page.status == 200 and "已登记报送" in page.words
    assert found.group() not in people.at["ducha"].get("/office/orders").text
