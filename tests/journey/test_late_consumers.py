"""The same history with each service in turn 3 s late and restarted: same end, same figures."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journey.test_procedure_journey import (
    LABOUR,
    OBJECTION,
    OPINION,
    TOWN,
    Office,
    served,
)
from tests.servers import Servers
from tests.site import Site, fresh_site
from tests.unit.console.browser import Page

LATE = 3.0
AWAY = "暂时无法访问"


class Patient(Office):
    """People who try again where a page says that a service is away: nothing is done twice."""

    def _post(self, login: str, number: str, step: str, **fields: str) -> Page:
        browser, until = self.at[login], time.monotonic() + 40
        form = browser.last
        while True:
            browser.last = form  # the same form, the same key
            page = browser.post(f"/office/petitions/{number}/{step}", **fields)
            if page.status == 200 or AWAY not in page.words or time.monotonic() > until:
                assert page.status == 200, page.words
                return page
            time.sleep(0.3)

    def offered(self, login: str, number: str, step: str, seconds: float = 40) -> Page:
        return super().offered(login, number, step, seconds)


@pytest.fixture(scope="module")
def people(servers: Servers, template_database: str) -> Iterator[Patient]:
    with fresh_site(servers, template_database) as site:
        site.start_all()
        site.load_demo()
        yield Patient(site)


def history(people: Patient, meanwhile: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """A petition with objection, extension, review and re-review; gives what became of it."""
    number, _ = people.comes_in()
    disturbance = threading.Thread(target=meanwhile)
    disturbance.start()
    people.sends(number, LABOUR)
    people.does("bumen", number, "object", **OBJECTION)
    people.does("fenliu", number, "arbitrate", agreed="yes", text="同意。")
    people.sends(number, TOWN)
    people.does("zhen", number, "sign")
    people.does("zhen", number, "accept", claims__1="31-6")
    people.does("zhen", number, "ask_extension", days="30", reason="情况复杂。")
    people.does("zhen", number, "decide_extension", approved="yes")
    people.does("zhen", number, "answer", **OPINION)
    people.does("zhen", number, "serve", **served())
    people.does("dengji", number, "seek_review", grounds="不服。")
    people.does("dengji", number, "decide_review", outcome="upheld", opinion="维持。")
    people.does("dengji", number, "serve_review", **served())
    disturbance.join()
    people.offered("dengji", number, "do/seek_review")
    report = people.site.audit()
    assert report.clean, report
    return outcome(people.site, number)


def outcome(site: Site, number: str) -> dict[str, Any]:
    """Where it stands, what is owed, and what each service has made of it; no instants."""
    case = site.get("supervision", f"/cases/{number}").json()
    entries = site.get("intake", f"/petitions/{number}/timeline").json()["entries"]
    states = [
        site.get(service, path).json()["petition"]
        for service, path in (
            ("intake", f"/petitions/{number}"),
            ("routing", f"/petitions/{number}"),
            ("supervision", f"/cases/{number}"),
        )
    ]
    assert len({state["status"] for state in states}) == 1, "they agree"
    due = {name: states[0][name] for name in ("forward_due", "answer_due", "review_due")}
    return {
        "status": states[0]["status"],
        "office": states[0]["office"],
        "duties": sorted((d["kind"], d["state"], d["office"], d["due_at"]) for d in case["duties"]),
        "due": due,
        "proceedings": [(p["stage"], p["outcome"]) for p in case["proceedings"]],
        "told": Counter(entry["type"] for entry in entries),
    }


def test_each_service_late_and_restarted_in_turn(people: Patient) -> None:
    expected = history(people)
    assert expected["status"] == "review_served"
    before = figures(people.site)
    for service in ("intake", "routing", "supervision", "stats"):
        assert history(people, lambda name=service: late(people.site, name)) == expected, service  # type: ignore[misc]
    after = figures(people.site)
    assert after == {measure: 5 * n for measure, n in before.items()}


def late(site: Site, service: str) -> None:
    """Stands still for 3 s, then is stopped and started again."""
    process = site.processes[service]
    process.send_signal(signal.SIGSTOP)
    time.sleep(LATE)
    process.send_signal(signal.SIGCONT)
    site.stop(service)
    site.start(service)


def figures(site: Site) -> dict[str, int]:
    """What stats counts of the day, for every measure of the history."""
    day = site.get("stats", "/figures/today").json()["day"]
    measures = (
        "registered", "assigned", "signed", "objected", "returned", "accepted", "extended",
        "answered", "served", "closed", "review_requested", "review_decided", "review_served",
    )  # fmt: skip
    found = {}
    for measure in measures:
        url = f"/counts?measure={measure}&from={day}&to={day}&by=day"
        found[measure] = site.get("stats", url).json()["total"]
    return found
