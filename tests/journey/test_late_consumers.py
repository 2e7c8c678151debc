"""The same histories with each consumer in turn 3 s late and restarted: same end, same figures."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from kit import clock
from kit.migrations import engine_for
from stats.domain.measures import TYPE_OF
from tests.journey.cases import CASES, Walked, walk
from tests.journey.office import (
    BEGINS,
    LABOUR,
    OBJECTION,
    OPINION,
    TOWN,
    Office,
    served,
    site_in_march,
)
from tests.servers import Servers
from tests.site import SERVICES, Site

CONSUMERS = ("intake", "routing", "supervision", "stats")
LATE, BREATH = 3.0, 1.0
"""Seconds for which a process stands still; and until it does so again, once it is back."""
PATIENCE = 60.0

Ends = dict[str, list[dict[str, Any]]]
Figures = Counter[tuple[Any, ...]]


# -- one long history, with each service's whole process late: quick enough for every change -------


def long_history(people: Office) -> None:
    """A petition with objection, extension, review and re-review."""
    number, _ = people.comes_in()
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
    people.offered("dengji", number, "do/seek_review")


def test_one_history_with_each_service_late_and_restarted(
    servers: Servers, template_database: str
) -> None:
    with running(servers, template_database, SERVICES) as people:
        expected, before = walk_and_tell(people, {"long": long_history})
        assert expected["long"][0]["status"] == "review_served"
        for times, service in enumerate(CONSUMERS, 2):
            holds = Holds(people.site, service)
            ends, after = walk_and_tell(people, {"long": long_history}, holds)
            assert ends == expected, service
            assert after == {what: times * n for what, n in before.items()}, service


# -- every case, with the process that consumes late: minutes, so `make journeys` alone walks it ---


@pytest.fixture(scope="module")
def undisturbed(servers: Servers, template_database: str) -> tuple[Ends, Figures]:
    with running(servers, template_database, SERVICES) as people:
        return walk_and_tell(people, CASES)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("consumer", CONSUMERS)
def test_every_case_with_a_consumer_late_and_restarted(
    servers: Servers, template_database: str, undisturbed: Any, consumer: str
) -> None:
    """The worker alone stands still, in a process of its own: commands go on, on what it has heard."""
    others = tuple(name for name in SERVICES if name != consumer)
    parts = (f"{consumer}/web,relay,clock", f"{consumer}/worker")
    with running(servers, template_database, (*others, *parts)) as people:
        ends, counted = walk_and_tell(people, CASES, Holds(people.site, parts[1]))
        expected, figures_then = undisturbed
        for name, end in ends.items():
            assert end == expected[name], name
        assert counted == figures_then


# -- what it takes ---------------------------------------------------------------------------------


@contextmanager
def running(servers: Servers, template: str, processes: tuple[str, ...]) -> Iterator[Office]:
    """A site that begins on the same day as the others do."""
    with site_in_march(servers, template) as site:
        site.start_all(processes)
        site.load_demo()
        yield Office(site, PATIENCE)


class Holds:
    """Holds one process again and again: it stands still, goes on, is stopped and started."""

    def __init__(self, site: Site, process: str) -> None:
        self.site, self.process = site, process
        self.spans: list[tuple[float, float]] = []

    def __call__(self, over: threading.Event) -> None:
        while not over.is_set():
            began = time.monotonic()
            self._hold()
            self.spans.append((began, time.monotonic()))
            over.wait(BREATH)

    def _hold(self) -> None:
        process = self.site.processes[self.process]
        process.send_signal(signal.SIGSTOP)
        time.sleep(LATE)
        process.send_signal(signal.SIGCONT)
        self.site.stop(self.process)
        self.site.start(self.process)

    def met(self, case: Walked) -> bool:
        """Whether it was away while the case was under way."""
        return any(a < end and began < b for began, end in self.spans for a, b in case.spans)


def walk_and_tell(
    people: Office, cases: dict[str, Any], holds: Holds | None = None
) -> tuple[Ends, Figures]:
    """Walks cases; gives what became of each petition, and the figures."""
    walked = walk(people, cases, holds)
    if holds:
        assert all(map(holds.met, walked.values())), "nobody was spared"
    settle(people.site)
    ends = {
        name: [outcome(people.site, number) for number in case.office.numbers]
        for name, case in walked.items()
    }
    return ends, figures(people.site)


def settle(site: Site) -> None:
    """Waits until what is due has been told, and everybody has heard of everything."""
    overdue = text("SELECT count(*) FROM supervision.due WHERE fired_at IS NULL AND due_at <= :now")
    until = time.monotonic() + PATIENCE
    with engine_for(site.database_url).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        while connection.execute(overdue, {"now": clock.now()}).scalar_one():
            assert time.monotonic() < until, "something due is not told"
            time.sleep(0.2)
    report = site.audit(PATIENCE)
    assert report.clean, report


def outcome(site: Site, number: str) -> dict[str, Any]:
    """Where it stands, what is owed, and what each service has made of it; no instants of steps."""
    case = site.get("supervision", f"/cases/{number}").json()
    matter = site.get("routing", f"/petitions/{number}").json()
    petition = site.get("intake", f"/petitions/{number}").json()
    entries = site.get("intake", f"/petitions/{number}/timeline").json()["entries"]
    states = [part["petition"] for part in (petition, matter, case)]
    for name in ("status", "placing", "handling", "office", "division"):
        assert len({state[name] for state in states}) == 1, f"they agree: {name}"
    dues = ("forward_due", "accept_due", "answer_due", "review_due")
    assert len({tuple(state[name] for name in dues) for state in states}) == 1, "on the dates too"
    return {
        "status": case["petition"]["status"],
        "final": case["final_reason"],
        "office": case["petition"]["office"],
        "due": {name: case["petition"][name] for name in dues},
        "duties": sorted(
            (d["kind"], d["state"], d["office"], d["due_at"][:10], d["light"])
            for d in case["duties"]
        ),
        "claims": [(c["branch"], c["outcome"]) for c in case["claims"]],
        "proceedings": [(p["stage"], p["office"], p["outcome"]) for p in case["proceedings"]],
        "extensions": [(e["days"], e["approved"]) for e in case["extensions"]],
        "assisted": sorted(c["office"] for c in case["contributions"]),
        "placed": (matter["round"], matter["bounces"], matter["final"], matter["decline"]),
        "repeat": petition["repeat_of"] is not None,
        "told": Counter(entry["type"] for entry in entries),
    }


def figures(site: Site) -> Figures:
    """What stats counts from the first day to this, by measure, and each by day and office, by channel
    and type."""
    first, last = clock.local_date(BEGINS), clock.local_date(clock.now())
    found: Figures = Counter()
    for measure in TYPE_OF:
        for by in ("day,office", "channel,type"):
            url = f"/counts?measure={measure}&from={first}&to={last}&by={by}"
            for row in site.get("stats", url).json()["rows"]:
                found[measure, *(row[name] for name in by.split(","))] += row["n"]
    return found
