"""What time does to a petition: the site's clock is moved on, as nights and holidays would do it."""

from __future__ import annotations

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
        report = site.audit()
        assert report.clean, report
