"""检举控告 (Art. 30, 46(5)): the accused body, everyone under it and its successor get nothing of the matter.

Not a list of paths, but all of them: every reading route of the four services, taken from the route
tables, is asked by every officer of these offices with and without the matter. What they are told must
be the same, to the letter.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from contracts.codes import STATUSES
from kit import clock
from kit.http.routes import Route
from kit.identity import ROLES, Actor
from kit.migrations import engine_for
from routing.succession import pass_on
from stats.domain.measures import DIMENSIONS, TYPE_OF
from tests.county import BUREAU, LABOUR, PERSON, TOWN, VILLAGE, County, assert_problem, today
from tests.people import OPINION

SERVICES = ("intake", "routing", "supervision", "stats")
UNDER, HEIR, OTHER = "330282-sbzx", "330282-new", "330282-mzj"
SECRET = "局长收受贿赂,请依法查处。"
NOBODY = "330282200001010001"
TRACE = re.compile(r"urn:trace:[0-9a-f]+")
MOMENT = re.compile(r'"(drawn_|signed_)?at":"[^"]+"')
"""When a return was drawn up, corrected and signed: it is made twice here, with the matter and without."""
READS = {
    "intake POST /titles": {"numbers": ["<number>"]},
    "intake POST /search": {"name": PERSON["name"]},
    "intake POST /petitions/<number>/identity": {"reason": "核对"},
}
"""Readings that are sent as POST, since a person stands in them."""
PERIOD = f"from=2000-01-01&to={today()}"
COUNTED = ("registered", "open", "missed", "closed_on_time")
FREE = f"period=free:2000-01-01..{today()}"
LAST = clock.local_date(clock.now()).replace(day=1) - timedelta(days=1)
"""The last day of the last month, whose returns are signed."""
REPORTED = f"{LAST:%Y-%m}-01"
QUERIES = {
    "supervision GET /cases": [
        "", "?numbers=<number>", "?type=accusation", "?light=green", "?light=red",
        *(f"?status={status}" for status in STATUSES),
    ],
    "stats GET /counts": [
        f"?{PERIOD}&measure={measure}&by={by}"
        for measure in TYPE_OF
        for by in (*DIMENSIONS, "office,type", "division,type")
    ] + [f"?{PERIOD}&office={BUREAU}&by=type", f"?{PERIOD}&division=33028210&by=type"],
    "stats GET /figures": [
        f"?{FREE}&what={indicator}{by}"
        for indicator in COUNTED for by in ("", "&by=type", "&by=channel,type")
    ] + [f"?{FREE}&what=registered&as_of={today()}&by=type"],
    "stats GET /figures/cases": [f"?{FREE}&what={indicator}" for indicator in COUNTED],
    "stats GET /returns": [f"?month={REPORTED}"],
    "stats GET /returns/sum": [
        f"?period={period}{office}"
        for period in (f"month:{LAST:%Y-%m}", f"year:{LAST.year}") for office in ("", f"&office={BUREAU}")
    ],
    "stats GET /returns/<office>": [f"?month={REPORTED}"],
    "stats GET /figures/cases/file": [f"?{FREE}&what=registered&where=type:accusation"],
}  # fmt: skip
ROUTES = [
    route
    for service in SERVICES
    for entry in [getattr(import_module(f"{service}.service").Web, n) for n in
                  dir(import_module(f"{service}.service").Web)]
    for route in [f"{service} {r.method} {r.url}" for r in getattr(entry, "nameko_entrypoints", ())
                  if isinstance(r, Route) and not r.direct]
    if " GET " in route or route in READS
]  # fmt: skip


def insiders(county: County, offices: tuple[str, ...]) -> list[Actor]:
    """Everybody of some offices: each role alone, and one with all of them."""
    sets = [(role,) for role in ROLES] + [tuple(ROLES)]
    return [county.officer(office, *roles) for office in offices for roles in sets]


def asked(county: County, route: str, actor: Actor, number: str) -> list[str]:
    """What one officer is told by one route, in every variant of its query; the number left out."""
    service, method, url = route.split()
    sent = READS.get(route)
    if sent and "numbers" in sent:
        sent = {"numbers": [number]}
    told = []
    for query in QUERIES.get(route, [""]):
        address = (url + query).replace("<number>", number).replace("<office>", BUREAU)
        result = county.request(method, service, address, actor, json=sent)
        assert result.status < 500, (route, result.body)
        text = TRACE.sub("", result.body.decode()).replace(number, "<number>")
        text = MOMENT.sub("", text) if "/returns" in url else text
        told.append(f"{result.status} {text}")
    return told


def everything(county: County, number: str, *offices: str) -> dict[tuple[str, str], list[str]]:
    return {
        (route, actor.id): asked(county, route, actor, number)
        for route in ROUTES
        for actor in insiders(county, offices)
    }


def different(
    one: dict[tuple[str, str], list[str]], other: dict[tuple[str, str], list[str]]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Where two walks were told different things, and what."""
    return {
        key: [pair for pair in zip(told, other[key], strict=True) if pair[0] != pair[1]]
        for key, told in one.items()
        if told != other[key]
    }


def new_office(county: County, id_: str) -> None:
    from kit.offices import OfficeRow
    from routing import handlers
    from routing.store import MODEL

    row = OfficeRow(id_, id_, id_, BUREAU, "330282000000", "county", "department", [], None, None)
    with county.apps["routing"].database.unit(MODEL) as unit:
        unit.open([id_])
        handlers.put_office(unit, vars(row))
    county.deliver()


def abolish(county: County, office: str, *heirs: str) -> None:
    sent = {"on": today(), "successors": list(heirs)}
    result = county.post("routing", f"/offices/{office}/abolition", sent)
    assert result.status == 200, result.body
    settle(county)


def settle(county: County) -> None:
    """The directory is known everywhere, and what abolished bodies had is passed on."""
    app: Any = county.apps["routing"]
    for _ in range(2):
        county.deliver()
        app.directory.invalidate()
        pass_on(app)
    county.deliver()


def does(county: County, number: str, path: str, body: dict[str, Any], actor: Actor) -> None:
    service = "supervision" if path.startswith("/cases") else "routing"
    if path.endswith("supplement"):
        service = "intake"
    result = county.post(service, path.format(number), body, actor)
    assert result.status == 200, (path, result.body)
    county.deliver()


@contextmanager
def last_month() -> Iterator[None]:
    """What is done within belongs to the returns of last month."""
    clock.set_shift(clock.midnight(LAST) + timedelta(hours=10) - clock.now())
    try:
        yield
    finally:
        clock.set_shift(timedelta())


def report(county: County) -> dict[str, Any]:
    """The petition office's return of last month is made, corrected and signed, whatever was there before; as it
    reads it itself."""
    with engine_for(county.url).begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM stats.monthly_return; DELETE FROM stats.correction;"
            "DELETE FROM stats.counter WHERE series LIKE 'returns:%%'"
        )
    head = county.officer(BUREAU, "head", "clerk")
    by_hand = {"item": "visit_city", "value": 3, "reason": "市局通报"}
    for step, said in (
        ("drawing", {}),
        ("correction", by_hand),
        ("signature", {"confirmed": True, "version": 2}),
    ):
        answer = county.post("stats", f"/returns/{BUREAU}/{step}", {"month": REPORTED} | said, head)
        assert answer.status == 200, answer.body
    return dict(county.get("stats", f"/returns/{BUREAU}?month={REPORTED}", head).json)


def a_whole_life(county: County, number: str) -> None:
    """Every kind of step that an accusation can take, by whoever may."""
    triage, head = county.officer(BUREAU, "triage"), county.officer(BUREAU, "head", "clerk")
    town = county.officer(TOWN, "clerk", "head")
    later = (clock.local_date(clock.now()) + timedelta(days=20)).isoformat()
    offices = {"offices": [TOWN, OTHER], "held_on": today(), "text": "协商。"}
    petition, case = "/petitions/{}", "/cases/{}"
    does(county, number, f"{petition}/supplement", {"text": "又一笔。"}, head)
    does(county, number, f"{petition}/location", {"division": VILLAGE}, triage)
    does(county, number, f"{petition}/assignment", {"office": TOWN, "method": "transfer"}, triage)
    does(county, number, f"{petition}/objection", {"reason": "several_bodies", "text": "x"}, town)
    does(county, number, f"{petition}/arbitration", {"agreed": True, "text": "x"}, triage)
    does(county, number, f"{petition}/consultation", offices | {"agreed": False}, triage)
    helpers = [{"office": OTHER, "due_on": later}]
    chosen = {"office": TOWN, "method": "assign", "report_due": later, "assisting": helpers}
    does(county, number, f"{petition}/designation", chosen | {"text": "指定。"}, triage)
    does(county, number, f"{petition}/recusal", {"cause": "interest"},
         county.officer(TOWN, "supervisor"))  # fmt: skip
    does(county, number, f"{petition}/signature", {}, town)
    does(county, number, f"{case}/assistance", {"text": "x"}, county.officer(OTHER, "clerk"))
    does(county, number, f"{case}/acceptance", {"claims": [{"ordinal": 1, "branch": "31-6"}]}, town)
    does(county, number, f"{case}/extension", {"days": 5, "reason": "x"}, town)
    does(county, number, f"{case}/extension/decision", {"approved": True}, town)
    does(county, number, f"{case}/answer", OPINION | {"opinion": SECRET}, town)
    served = {"method": "post", "served_on": today()}
    does(county, number, f"{case}/service", served, town)
    does(county, number, f"{case}/review", {"grounds": SECRET}, town)
    does(county, number, f"{case}/review/opinion", {"outcome": "upheld", "opinion": "x"}, head)
    does(county, number, f"{case}/review/service", served, head)


@pytest.mark.timeout(400)  # some 10,000 requests
def test_nothing_reaches_the_accused_body_whoever_is_under_it_or_succeeds_it(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    new_office(county, HEIR)
    seen = county.register()
    county.deliver()
    county.go(seen, "locate")
    sent = {"office": LABOUR, "method": "transfer"}
    assert county.post("routing", f"/petitions/{seen}/assignment", sent).status == 200
    county.deliver()
    without = report(county)
    before = everything(county, NOBODY, LABOUR, UNDER)
    returned = before["stats GET /returns/<office>", county.officer(LABOUR, "clerk").id]
    assert returned[0].startswith("200") and '"edition":"open"' in returned[0], "it is there to see"
    assert any(seen in text for told in before.values() for text in told), "they do see their own"
    with caplog.at_level(logging.DEBUG):
        with last_month():
            number = county.register(
                county.officer(BUREAU, "clerk"), type="accusation", accused=[LABOUR], text=SECRET,
                received_on=LAST.isoformat(), complained_about="某局长",
            )  # fmt: skip
            county.deliver()
        a_whole_life(county, number)
        whole = report(county)
        grown = {item for item, n in whole["figures"].items() if n != without["figures"][item]}
        assert grown >= {"registered", "visit", "visit_heads"}, "the office itself reads of it"
        after = everything(county, number, LABOUR, UNDER)
    assert different(before, after) == {}
    assert SECRET not in caplog.text and PERSON["name"] not in caplog.text

    # the body is abolished: its successor and those under it are barred as it was
    abolish(county, LABOUR, HEIR)
    heirs = everything(county, number, LABOUR, UNDER, HEIR)
    assert different(everything(county, NOBODY, LABOUR, UNDER, HEIR), heirs) == {}
    for (route, _), told in heirs.items():
        assert not any('"type":"accusation"' in text for text in told), route
    assert any(seen in text for told in heirs.values() for text in told), "what was theirs is its"

    # and the exchange that anybody may read never had it
    for service in SERVICES:
        told = f"SELECT count(*) FROM {service}.event_log WHERE subject = :number AND NOT sealed"
        assert county.sql(told, number=number) == [(0,)], service
    found = county.sql("SELECT envelope FROM intake.event_log WHERE NOT sealed")
    assert not any(number.encode() in bytes(row[0]) for row in found)


def test_whoever_stepped_aside_is_told_nothing_by_any_route(county: County) -> None:
    """回避 (Art. 28): on every path as if it were not there, for that account alone; and it is on record."""
    recused = Actor(
        "officer", "o-aside", TOWN, frozenset({"clerk", "head", "supervisor", "triage"})
    )
    colleague = Actor("officer", "o-beside", TOWN, recused.roles)
    number = county.register()
    county.deliver()
    county.go(number, "locate", "assign")
    reads = [route for route in ROUTES if "<number>" in route and " GET " in route]
    shown = [r for r in reads if asked(county, r, recused, number)[0].startswith("200")]
    assert len(shown) >= 5 and "supervision GET /cases/<number>" in shown
    does(county, number, "/petitions/{}/recusal", {"cause": "interest"}, recused)
    for route in reads:
        assert asked(county, route, recused, number) == asked(county, route, recused, NOBODY), route
    for route in shown:
        assert asked(county, route, colleague, number)[0].startswith("200"), route
    for route in set(ROUTES) - set(reads):
        service, method, url = route.split()
        for query in QUERIES.get(route, [""]):
            if "<number>" in query:
                continue  # an address that says it is not an answer that does
            answer = county.request(method, service, url + query, recused, json=READS.get(route))
            assert number not in answer.body.decode(), (route, query)
    sign = county.post("routing", f"/petitions/{number}/signature", {}, recused)
    assert_problem(sign, 404, "petition-unknown")
    assert county.post("routing", f"/petitions/{number}/signature", {}, colleague).status == 200
    logged = county.sql(
        "SELECT actor, detail->>'account', detail->>'by' FROM routing.audit_log"
        " WHERE action = 'recusal' AND subject = :number", number=number,
    )  # fmt: skip
    assert logged == [("o-aside", "o-aside", "self")]


def test_a_repeat_does_not_tell_of_a_sealed_accusation(county: County) -> None:
    """An ordinary petition shows what it repeats to whoever handles it, and so do its events."""
    first = county.register(type="accusation", accused=[OTHER], text=SECRET)
    later = county.register()
    county.deliver()
    answer = county.post("intake", f"/petitions/{later}/link", {"repeat_of": first})
    assert_problem(answer, 422, "refused", "repeat_of")
    other = county.register(type="accusation", accused=[TOWN], text=SECRET)
    county.deliver()
    answer = county.post("intake", f"/petitions/{other}/link", {"repeat_of": first})
    assert_problem(answer, 422, "refused", "repeat_of")
    same = county.register(type="accusation", accused=[OTHER, TOWN], text=SECRET)
    county.deliver()
    assert county.post("intake", f"/petitions/{same}/link", {"repeat_of": first}).status == 200


def test_the_walk_takes_every_reading_route() -> None:
    assert len(ROUTES) >= 20 and {route.split()[0] for route in ROUTES} == set(SERVICES)
