"""检举控告 (Art. 30, 46(5)): the accused body, everyone under it and its successor get nothing of the matter.

Not a list of paths, but all of them: every reading route of the four services, taken from the route
tables, is asked by officers of these offices with and without the matter: by one who has every role, and
in `make journeys` by one with each role alone as well. What they are told must be the same, to the letter.
And they must be told something: an answer that is a refusal both times compares nothing.
What is drawn up (reports, bulletins, assessments) is drawn up anew with the matter, over the month that it came in.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
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
from kit.jobs import Queue, Runner, plain_engine
from kit.migrations import engine_for
from routing.succession import pass_on
from stats import jobs
from stats.domain.measures import DIMENSIONS, TYPE_OF
from tests.county import BUREAU, LABOUR, PERSON, TOWN, VILLAGE, County, assert_problem, today
from tests.people import OPINION

SERVICES = ("intake", "routing", "supervision", "stats")
UNDER, HEIR, OTHER = "330282-sbzx", "330282-new", "330282-mzj"
SECRET = "局长收受贿赂,请依法查处。"
NOBODY = "330282200001010001"
TRACE = re.compile(r"urn:trace:[0-9a-f]+")
READS = {
    "intake POST /titles": {"numbers": ["<number>"]},
    "intake POST /search": {"name": PERSON["name"]},
    "intake POST /petitions/<number>/identity": {"reason": "核对"},
}
"""Readings that are sent as POST, since a person stands in them."""
PERIOD = f"from=2000-01-01&to={today()}"
COUNTED = ("registered", "open", "missed", "closed_on_time")
FREE = f"period=free:2000-01-01..{today()}"
QUERIES = {
    "supervision GET /cases": [
        "", "?numbers=<number>", "?type=accusation", "?light=green", "?light=red",
        *(f"?status={status}" for status in STATUSES),
    ],
    "stats GET /counts": [
        f"?{PERIOD}&measure={measure}&by={by}"
        for measure in TYPE_OF
        for by in (*DIMENSIONS, "office,type", "division,type")
    ] + [f"?{PERIOD}&office={BUREAU}&by=type", f"?{PERIOD}&division=330282104&by=type"],
    "stats GET /figures": [
        f"?{FREE}&what={indicator}{by}"
        for indicator in COUNTED for by in ("", "&by=type", "&by=channel,type")
    ] + [f"?{FREE}&what=registered&as_of={today()}&by=type"],
    "stats GET /figures/cases": [f"?{FREE}&what={indicator}" for indicator in COUNTED],
    "stats GET /figures/cases/file": [f"?{FREE}&what=registered&where=type:accusation"],
}  # fmt: skip
_LAST_DAY = clock.local_date(clock.now()).replace(day=1) - timedelta(days=1)
YEAR, LAST = _LAST_DAY.year, f"period=month:{_LAST_DAY:%Y-%m}"
"""Last month: the matters of the walk came in on its last day."""
REPORTED = f"{_LAST_DAY:%Y-%m}-01"
ADDRESSES = {
    "supervision GET /calendar": [f"/calendar?year={YEAR}"],
    "supervision GET /papers": [f"/papers?kind=opinion&year={today()[:4]}"],
    "stats GET /returns": [f"/returns?month={REPORTED}"],
    "stats GET /returns/sum": [
        f"/returns/sum?period={period}{office}"
        for period in (f"month:{REPORTED[:7]}", f"year:{YEAR}") for office in ("", f"&office={TOWN}")
    ],
    "stats GET /returns/<office>": [f"/returns/{TOWN}?month={REPORTED}"],
    "stats GET /topics": [f"/topics?{LAST}{more}" for more in ("", "&division=330282", f"&office={TOWN}")],
    "stats GET /reports": [f"/reports?year={YEAR}"],
    "stats GET /reports/<office>": [f"/reports/{office}?{LAST}" for office in (BUREAU, LABOUR)],
    "stats GET /reports/<office>/file": [
        f"/reports/{office}/file?{LAST}&format={format_}"
        for office in (BUREAU, LABOUR) for format_ in ("docx", "xlsx")
    ],
    "stats GET /reports/<office>/narrative": [f"/reports/<own>/narrative?{LAST}"],
    "stats GET /bulletins": [f"/bulletins?office={BUREAU}&year={today()[:4]}"],
    "stats GET /templates/<kind>": ["/templates/month"],
    "supervision GET /templates/<kind>": ["/templates/acceptance"],
    "stats GET /bulletins/<id>": ["/bulletins/<bulletin>"],
    "stats GET /bulletins/<id>/file": ["/bulletins/<bulletin>/file"],
    "stats GET /schemes/<id>/file": ["/schemes/standard/file"],
    "stats GET /assessments": ["/assessments"],
    "stats GET /assessments/<id>": ["/assessments/<assessment>"],
    "stats GET /assessments/<id>/file": ["/assessments/<assessment>/file"],
    "stats GET /assessments/<id>/offices/<office>": [
        f"/assessments/<assessment>/offices/{office}" for office in (TOWN, LABOUR)
    ],
}  # fmt: skip
"""Where a route needs a query, or something that is there, to answer at all; `<own>` is the reader's office."""
SILENT = {
    "<number>": "the matter itself: whoever is barred is told that it is not there",
    "/internal/": "the services' alone",
}
"""Routes that are not asked for an answer, and why."""
CHANGING = re.compile(r'"(\w+_at|at|sha256)":"[^"]*"|"size":\d+')
"""What differs between two papers of the same content."""
DRAWN_UP = (
    "monthly_return", "correction", "report", "bulletin", "series", "printed", "assessment", "score_sheet", "score", "counter",
    "outbox", "event_log",
)  # fmt: skip
"""Stats' tables of what is drawn up, and of what was told of it."""
ROUTES = [
    route
    for service in SERVICES
    for entry in [getattr(import_module(f"{service}.service").Web, n) for n in
                  dir(import_module(f"{service}.service").Web)]
    for route in [f"{service} {r.method} {r.url}" for r in getattr(entry, "nameko_entrypoints", ())
                  if isinstance(r, Route) and not r.direct]
    if " GET " in route or route in READS
]  # fmt: skip


People = list[tuple[str, ...]]
"""Whom the walk takes of each office: the roles of each."""
WHO_HAS_EVERY_ROLE: People = [tuple(ROLES)]
EVERYBODY: People = [(role,) for role in ROLES] + WHO_HAS_EVERY_ROLE


def insiders(county: County, offices: tuple[str, ...], people: People) -> list[Actor]:
    """Those of some offices."""
    return [county.officer(office, *roles) for office in offices for roles in people]


def asked(
    county: County, route: str, actor: Actor, number: str, papers: dict[str, str] | None = None
) -> list[str]:
    """What one officer is told by one route, in every variant of its query; the number left out."""
    service, method, url = route.split()
    sent = READS.get(route)
    if sent and "numbers" in sent:
        sent = {"numbers": [number]}
    told = []
    places = {"<number>": number, "<own>": actor.office or ""} | (papers or {})
    for address in ADDRESSES.get(route) or [url + query for query in QUERIES.get(route, [""])]:
        for place, value in places.items():
            address = address.replace(place, value)
        result = county.request(method, service, address, actor, json=sent)
        assert result.status < 500, (route, result.body)
        text = TRACE.sub("", text_of(result.body)).replace(number, "<number>")
        told.append(f"{result.status} {CHANGING.sub('', text) if route in ADDRESSES else text}")
    return told


def text_of(body: bytes) -> str:
    """An answer; of an office file all its parts, but for who made it when."""
    if body[:2] != b"PK":
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        parts = sorted(name for name in file.namelist() if not name.startswith("docProps/"))
        return "".join(name + file.read(name).decode(errors="replace") for name in parts)


def everything(
    county: County, people: People, number: str, papers: dict[str, str], *offices: str
) -> dict[tuple[str, str], list[str]]:
    return {
        (route, actor.id): asked(county, route, actor, number, papers)
        for route in ROUTES
        for actor in insiders(county, offices, people)
    }


def unanswered(county: County, told: dict[tuple[str, str], list[str]]) -> list[tuple[str, str]]:
    """Routes that refuse an officer of the accused body with every role, and have no reason to."""
    everybody = county.officer(LABOUR, *ROLES).id
    return [
        (route, answer[:200])
        for route in ROUTES
        if not any(part in route for part in SILENT)
        for answer in told[route, everybody]
        if not answer.startswith("200 ")
    ]


@contextmanager
def last_month() -> Iterator[None]:
    """The clock of this process, on the last day of the month before."""
    clock.set_shift(timedelta(days=(_LAST_DAY - clock.local_date(clock.now())).days))
    try:
        yield
    finally:
        clock.set_shift(timedelta())


def works(county: County, office: str) -> str:
    """Last month an office was sent a matter, and has something to be assessed by."""
    with last_month():
        number = county.register()
        county.deliver()
        county.go(number, "locate")
        sent = {"office": office, "method": "transfer"}
        done = county.post("routing", f"/petitions/{number}/assignment", sent)
        assert done.status == 200, done.body
        county.deliver()
    return number


@pytest.fixture
def runner(own_county: County, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The jobs of stats, which print."""
    monkeypatch.setenv("DATABASE_URL", own_county.url)
    monkeypatch.setenv("AMQP_URL", "amqp://nobody")
    monkeypatch.setenv("PETITION_STATE", str(own_county.state))
    return Runner([Queue("stats", plain_engine(own_county.url, "stats"), jobs.JOBS)])


def drawn_up(county: County, runner: Runner) -> dict[str, str]:
    """A return, reports of two offices and a bulletin with figures, issued and printed; an assessment begun. What was drawn up
    before is gone. Gives their ids by their places in `ADDRESSES`."""
    with engine_for(county.url).begin() as connection:
        for table in DRAWN_UP:
            connection.exec_driver_sql(f"DELETE FROM stats.{table}")
        connection.exec_driver_sql("DELETE FROM stats.cursor WHERE own > 0")
    period = LAST.removeprefix("period=")
    town = county.officer(TOWN, "head", "clerk")
    by_hand = {"item": "visit_city", "value": 3, "reason": "市局通报"}
    for step, said in (
        ("drawing", {}), ("correction", by_hand), ("signature", {"confirmed": True, "version": 2}),
    ):  # fmt: skip
        does_stats(county, f"/returns/{TOWN}/{step}", {"month": REPORTED} | said, town)
    head = county.officer(BUREAU, "head", "triage", "clerk")
    for office in (BUREAU, LABOUR):
        chief = county.officer(office, "head", "clerk")
        does_stats(county, f"/reports/{office}/drawing", {"period": period}, chief)
        printed(runner)
        does_stats(county, f"/reports/{office}/issue", {"period": period, "version": 1}, chief)
    told = county.get("stats", f"/reports/{BUREAU}/narrative?{LAST}", head).json["paragraphs"]
    does_stats(county, "/bulletins/series", {"series_name": "快报"}, head)
    words = {"series": 1, "title": "上月情况", "text": "\n".join(told)}
    bulletin = does_stats(county, "/bulletins", words, head)
    does_stats(county, f"/bulletins/{bulletin}/issue", {"revision": 1}, head)
    soon, later = (str(clock.local_date(clock.now()) + timedelta(days=n)) for n in (3, 6))
    plan = {"scheme": "standard", "period": period, "offices": [TOWN, LABOUR]}
    assessment = does_stats(
        county, "/assessments", plan | {"self_due": soon, "peer_due": later}, head
    )
    printed(runner)
    return {"<bulletin>": bulletin, "<assessment>": assessment}


def printed(runner: Runner) -> None:
    while runner.turn():
        pass


def does_stats(county: County, path: str, body: dict[str, Any], actor: Actor) -> str:
    result = county.post("stats", path, body, actor)
    assert result.status in (200, 201), (path, result.body)
    return str(result.json.get("number", ""))


def registered(county: County) -> list[Any]:
    """What those who are not barred count of last month: the bureau in its own report and now of the town's, the town
    in its own return."""
    head = county.officer(BUREAU, "head")
    lines = county.get("stats", f"/reports/{BUREAU}?{LAST}", head).json["figures"]["lines"]
    asked_ = f"/figures?what=registered&{LAST}&where=office:{TOWN}"
    own = county.get(
        "stats", f"/returns/{TOWN}?month={REPORTED}", county.officer(TOWN, "head")
    ).json
    assert own["edition"] == "own"
    return [
        lines[0],
        county.get("stats", asked_, head).json["total"]["numerator"],
        own["figures"]["visit"],
    ]


def different(
    one: dict[tuple[str, str], list[str]], other: dict[tuple[str, str], list[str]]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Where two walks were told different things, and what, from where they part."""
    return {
        key: [apart(*pair) for pair in zip(told, other[key], strict=True) if pair[0] != pair[1]]
        for key, told in one.items()
        if told != other[key]
    }


def apart(one: str, other: str) -> tuple[str, str]:
    """Two texts around the place where they part: a comparison of whole documents would take minutes to print."""
    at = next((i for i, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1), 0)
    return one[max(at - 100, 0) : at + 100], other[max(at - 100, 0) : at + 100]


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


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "people",
    [
        pytest.param(WHO_HAS_EVERY_ROLE, id="whoever-has-every-role"),  # some 2,500 answers
        pytest.param(EVERYBODY, id="everybody", marks=pytest.mark.long),  # some 20,000
    ],
)
def test_nothing_reaches_the_accused_body_whoever_is_under_it_or_succeeds_it(
    own_county: County, caplog: pytest.LogCaptureFixture, runner: Runner, people: People
) -> None:
    county = own_county
    new_office(county, HEIR)
    seen, _ = works(county, LABOUR), works(county, TOWN)
    papers = drawn_up(county, runner)
    before, known = everything(county, people, NOBODY, papers, LABOUR, UNDER), registered(county)
    assert unanswered(county, before) == []
    assert any(seen in text for told in before.values() for text in told), "they do see their own"
    with caplog.at_level(logging.DEBUG):
        with last_month():
            number = county.register(
                county.officer(TOWN, "clerk"),
                type="accusation", accused=[LABOUR], text=SECRET, complained_about="某局长",
            )  # fmt: skip
            county.deliver()
        a_whole_life(county, number)
        papers = drawn_up(county, runner)
        after = everything(county, people, number, papers, LABOUR, UNDER)
    assert unanswered(county, after) == []
    assert all(a != b for a, b in zip(known, registered(county), strict=True)), "others count it"
    assert different(before, after) == {}
    assert SECRET not in caplog.text and PERSON["name"] not in caplog.text

    # the body is abolished: its successor and those under it are barred as it was
    abolish(county, LABOUR, HEIR)
    heirs = everything(county, people, number, papers, LABOUR, UNDER, HEIR)
    assert different(everything(county, people, NOBODY, papers, LABOUR, UNDER, HEIR), heirs) == {}
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
