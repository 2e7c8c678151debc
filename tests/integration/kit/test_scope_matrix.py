"""Who may do what: every route of every service × every kind of actor, as one table.

The petition is registered by the bureau, answered and closed by a town, and rated. 200 and 409 both mean
"may, and sees it": a command on a closed petition is refused by the rules of the way, not by scope.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from kit import clock
from kit.http.routes import Route
from kit.identity import PUBLIC_ACTOR, Actor
from tests.county import BUREAU, LABOUR, TOWN, VILLAGE, WAY, County, today
from tests.people import OPINION

SERVICES = ("intake", "routing", "supervision", "stats")
ACTORS = (
    "public", "own", "other", "clerk", "stranger", "supervisor", "triage", "auditor", "tool",
    "service",
)  # fmt: skip
"""public; the petitioner of this and of another petition; a clerk of the town and of another office;
supervisor and triage of the bureau; an auditor; the command line; another service."""

PERIOD = f"from={today()}&to={today()}"
STEP: dict[str, Any] = {}
REPORT: dict[str, Any] = {
    "to": ["government"], "method": "phone", "reported_at": clock.now().isoformat(), "text": "x",
}  # fmt: skip
RATING = {"petition_office": "basic", "responsible_office": "basic"}

MARK = {"criterion": "x", "points": 1, "text": "x"}
MEETING = {"offices": [TOWN, LABOUR], "held_on": today(), "text": "x"}

# route: body, then the status for each actor in the order of ACTORS
TABLE: dict[str, tuple[Any, str]] = {
    "intake POST /petitions": ({}, "422 422 422 422 422 422 422 422 422 422"),
    "intake POST /categories/suggestions": (
        {"text": "路灯不亮"}, "401 403 403 200 200 403 403 403 200 403",
    ),
    "intake GET /petitions/<number>": (None, "401 200 404 200 404 200 200 404 200 403"),
    "intake POST /petitions/<number>/identity": (
        {"reason": "核对"}, "401 403 403 200 404 200 200 404 200 403",
    ),
    "intake POST /petitions/<number>/rating": (
        RATING, "401 409 404 403 403 403 403 403 403 403",
    ),
    "intake POST /petitions/<number>/supplement": (
        {"text": "补充"}, "401 200 404 200 404 403 403 403 200 403",
    ),
    "intake POST /petitions/<number>/attachments": (
        b"", "401 415 404 415 404 403 403 403 415 403",
    ),
    "intake GET /petitions/<number>/attachments/<int:ordinal>": (
        None, "401 404 404 404 404 404 404 404 404 403",
    ),
    "intake POST /petitions/<number>/reception": (
        {"reception": "jd-1"}, "401 403 403 404 404 403 403 403 404 403",
    ),
    "intake POST /petitions/<number>/reception/follow-up": (
        {"reception": "jd-1", "kept": True, "text": "x"}, "401 403 403 404 404 403 403 403 404 403",
    ),
    "intake POST /receptions": ({}, "401 403 403 422 422 403 403 403 422 403"),
    "intake POST /receptions/<number>": ({}, "401 403 403 422 422 403 403 403 422 403"),
    "intake GET /receptions": (None, "401 403 403 200 200 200 200 200 200 403"),
    "intake GET /receptions/<number>": (None, "401 403 403 404 404 404 404 404 404 403"),
    "intake GET /reception-days": (None, "200 200 200 200 200 200 200 200 200 200"),
    "intake GET /petitions/<number>/repeats": (None, "401 403 403 200 404 200 200 404 200 403"),
    "intake POST /petitions/<number>/link": (
        {"repeat_of": "1"}, "401 403 403 404 404 403 404 403 404 403",
    ),
    "intake POST /petitions/<number>/unlink": ({}, "401 403 403 409 404 403 409 403 409 403"),
    "intake POST /petitions/<number>/contest": ({}, "401 409 404 403 403 403 403 403 403 403"),
    "intake POST /petitions/<number>/withdrawal": (
        {}, "401 409 404 409 404 403 403 403 409 403",
    ),
    "intake GET /petitions/<number>/timeline": (None, "401 200 404 200 404 200 200 404 200 403"),
    "intake POST /titles": ({"numbers": ["N"]}, "401 403 403 200 200 200 200 200 200 403"),
    "intake POST /search": ({"name": "张三"}, "401 403 403 200 200 200 200 200 200 403"),
    "intake POST /petitioner-tokens": ({}, "422 422 422 422 422 422 422 422 422 422"),
    "intake GET /internal/petitions/<number>/addressee": (
        None, "401 403 403 403 403 403 403 403 403 200",
    ),
    "intake POST /internal/place-texts": (
        {"numbers": ["N"]}, "401 403 403 403 403 403 403 403 403 200",
    ),
    "intake GET /internal/events": (None, "401 403 403 403 403 403 403 403 200 200"),
    "routing GET /petitions/<number>": (None, "401 200 404 200 404 200 200 404 200 403"),
    "routing GET /triage": (None, "401 403 403 403 403 403 200 403 200 403"),
    "routing POST /petitions/<number>/location": (
        {"division": VILLAGE}, "401 403 403 403 403 403 409 403 409 403",
    ),
    "routing POST /petitions/<number>/assignment": (
        {"office": TOWN, "method": "self"}, "401 403 403 403 403 403 409 403 409 403",
    ),
    "routing POST /petitions/<number>/signature": (
        STEP, "401 403 403 409 404 403 403 403 409 403",
    ),
    "routing POST /petitions/<number>/objection": (
        {"reason": "outside_remit", "text": "x"}, "401 403 403 409 404 403 403 403 403 403",
    ),
    "routing POST /petitions/<number>/arbitration": (
        {"agreed": True, "text": "x"}, "401 403 403 403 403 403 409 403 409 403",
    ),
    "routing POST /petitions/<number>/refusal": (
        {"reason": "litigation"}, "401 403 403 409 404 403 409 403 409 403",
    ),
    "routing POST /petitions/<number>/consultation": (
        MEETING | {"agreed": False}, "401 403 403 403 403 403 409 403 409 403",
    ),
    "routing POST /petitions/<number>/designation": (
        {"office": TOWN, "method": "transfer", "text": "x"},
        "401 403 403 403 403 403 409 403 409 403",
    ),
    "routing POST /petitions/<number>/joint-meeting": (
        MEETING | {"office": TOWN, "method": "transfer", "minutes": "x"},
        "401 403 403 403 403 403 409 403 409 403",
    ),
    "routing POST /petitions/<number>/succession": (
        {"office": TOWN, "text": "x"}, "401 403 403 403 403 403 409 403 409 403",
    ),
    # ordering another's recusal takes a head; declaring one's own would change who sees it
    "routing POST /petitions/<number>/recusal": (
        {"cause": "interest", "account": "nobody", "office": VILLAGE},
        "401 403 403 403 404 403 403 403 200 403",
    ),
    "routing POST /offices/<id>/abolition": (
        {"on": "2099-01-01"}, "401 403 403 403 403 403 422 403 422 403",
    ),
    "routing GET /offices": (None, "200 200 200 200 200 200 200 200 200 200"),
    "routing POST /offices": (
        {"content": "eA==", "name": "x"}, "401 403 403 403 403 403 422 403 422 403",
    ),
    "routing GET /offices/file": (None, "401 403 403 200 200 200 200 200 200 403"),
    "routing POST /places": (
        {"text": "某处"}, "200 200 200 200 200 200 200 200 200 200",
    ),
    "routing GET /aliases": (None, "401 403 403 200 200 200 200 200 200 403"),
    "routing POST /aliases/ending": (
        {"number": "1", "name": "某处"}, "401 403 403 403 403 403 404 403 404 403",
    ),
    "routing GET /rules": (None, "401 403 403 200 200 200 200 200 200 403"),
    "routing POST /rules": (
        {"content": "eA==", "name": "x"}, "401 403 403 403 403 403 422 403 422 403",
    ),
    "routing GET /rules/file": (None, "401 403 403 200 200 200 200 200 200 403"),
    "routing GET /competence": (None, "401 403 403 200 200 200 200 200 200 403"),
    "routing GET /divisions": (None, "200 200 200 200 200 200 200 200 200 200"),
    "routing GET /categories": (None, "200 200 200 200 200 200 200 200 200 200"),
    "routing GET /internal/events": (None, "401 403 403 403 403 403 403 403 200 200"),
    "supervision GET /cases": (None, "401 403 403 200 200 200 200 200 200 403"),
    "supervision GET /cases/<number>": (None, "401 200 404 200 404 200 200 404 200 403"),
    "supervision GET /cases/<number>/duties": (None, "401 200 404 200 404 200 200 404 200 403"),
    "supervision GET /desk": (None, "401 403 403 200 200 200 200 200 200 403"),
    "supervision POST /cases/<number>/acceptance": (
        STEP, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/answer": (
        OPINION, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/service": (
        {"method": "post", "served_on": today()}, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/closure": (
        STEP, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/assistance": (
        {"text": "x"}, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/extension": (
        {"days": 30, "reason": "x"}, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/extension/decision": (
        {"approved": True}, "401 403 403 403 403 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/notice": (
        {"method": "post", "served_on": today()}, "401 403 403 403 404 403 409 403 409 403",
    ),
    "supervision POST /cases/<number>/urgent-report": (
        REPORT, "401 403 403 409 404 403 409 403 409 403",
    ),
    "supervision POST /cases/<number>/urgency": (  # after its reports, of which none is owed until it is marked
        {"circumstances": "x"}, "401 403 403 200 404 403 409 403 409 403",
    ),
    "supervision POST /cases/<number>/check": (STEP, "401 403 403 409 404 403 409 403 409 403"),
    "supervision POST /cases/<number>/reopening": (
        {"reason": "lost"}, "401 403 403 422 422 403 403 403 422 403",
    ),
    "supervision POST /cases/<number>/review": (
        {"grounds": "x", "office": "nobody"}, "401 422 404 422 404 403 403 403 422 403",
    ),
    "supervision POST /cases/<number>/review/opinion": (
        {"outcome": "upheld", "opinion": "x"}, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/review/service": (
        {"method": "post", "served_on": today()}, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/review/hearing": (
        STEP, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/review/hearing/end": (
        STEP, "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/mediation": (
        {"kind": "mediation", "held_on": today(), "parties": "x", "agreed": False},
        "401 403 403 409 404 403 403 403 409 403",
    ),
    "supervision POST /cases/<number>/follow-up": (
        {"method": "phone", "result": "other", "followed_on": "2020-01-01", "text": "x"},
        "401 403 403 422 404 403 422 403 422 403",
    ),
    "supervision GET /orders": (None, "401 403 403 200 200 200 200 200 200 403"),
    "supervision POST /cases/<number>/orders": (
        {"office": "nobody", "reason": "other", "text": "x"},
        "401 403 403 403 403 422 403 403 422 403",
    ),
    "supervision POST /cases/<number>/orders/<round_>/reply": (
        {"text": "x"}, "401 403 403 404 404 403 403 403 404 403",
    ),
    "supervision POST /cases/<number>/orders/<round_>/verdict": (
        {"accepted": True}, "401 403 403 403 403 404 404 403 404 403",
    ),
    "supervision POST /cases/<number>/orders/<round_>/lifting": (
        STEP, "401 403 403 403 403 404 404 403 404 403",
    ),
    "supervision POST /affairs": (
        {"office": "nobody", "kind": "improve", "text": "x"},
        "401 403 403 403 403 422 403 403 422 403",
    ),
    "supervision GET /affairs/<number>": (None, "401 403 403 404 404 404 404 404 404 403"),
    "supervision GET /affairs/<number>/duties": (None, "401 403 403 404 404 404 404 404 404 403"),
    "supervision POST /affairs/<number>/reply": (
        {"text": "x"}, "401 403 403 404 404 403 403 403 404 403",
    ),
    "supervision POST /affairs/<number>/verdict": (
        {"accepted": True}, "401 403 403 403 403 404 404 403 404 403",
    ),
    "supervision POST /affairs/<number>/lifting": (
        STEP, "401 403 403 403 403 404 404 403 404 403",
    ),
    "supervision POST /cases/<number>/papers": (
        {"kind": "order"}, "401 403 403 409 404 403 409 403 409 403",
    ),
    "supervision POST /cases/<number>/papers/<int:ordinal>/voiding": (
        {"cause": "replaced"}, "401 403 403 404 404 403 404 403 404 403",
    ),
    "supervision GET /cases/<number>/papers/<int:ordinal>": (
        None, "401 404 404 404 404 404 404 404 404 403",
    ),
    "supervision GET /papers": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /returns": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /returns/sum": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /returns/<office>": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats POST /returns/<office>/drawing": (
        {"month": "2026-01-02"}, "401 403 403 404 404 403 404 403 404 403",
    ),
    "stats POST /returns/<office>/correction": (
        {"month": "2026-01-01", "item": "letter", "value": 1, "reason": "x"},
        "401 403 403 404 404 403 404 403 404 403",
    ),
    "stats POST /returns/<office>/signature": (
        {"month": "2026-01-01", "version": 1}, "401 403 403 403 403 403 404 403 404 403",
    ),
    "stats GET /schemes": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats POST /schemes": (
        {"content": "eA==", "name": "x"}, "401 403 403 403 403 403 422 403 422 403",
    ),
    "stats GET /schemes/<id>/file": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats GET /assessments": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats POST /assessments": (
        {"scheme": "none", "period": "year:2025", "self_due": today(), "peer_due": today()},
        "401 403 403 403 403 403 422 403 422 403",
    ),
    "stats GET /assessments/<id>": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats GET /assessments/<id>/file": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats POST /assessments/<id>/advance": (
        {"state": "peer"}, "401 403 403 403 403 403 404 403 404 403",
    ),
    "stats GET /assessments/<id>/offices/<office>": (
        None, "401 403 403 404 404 404 404 404 404 403",
    ),
    **{
        f"stats POST /assessments/<id>/offices/<office>/{step}": (
            {"marks": [MARK]}, "401 403 403 404 404 403 404 403 404 403",
        )
        for step in ("self", "peer")
    },
    "stats POST /assessments/<id>/offices/<office>/appeal": (
        {"criterion": "x", "text": "x"}, "401 403 403 404 404 403 404 403 404 403",
    ),
    "stats POST /assessments/<id>/offices/<office>/final": (
        MARK, "401 403 403 403 403 403 404 403 404 403",
    ),
    "stats POST /assessments/<id>/offices/<office>/verdict": (
        {"criterion": "x", "text": "x", "upheld": False}, "401 403 403 403 403 403 404 403 404 403",
    ),
    "supervision GET /limits": (None, "401 403 403 200 200 200 200 200 200 403"),
    "supervision POST /limits": (
        {"content": "eA==", "name": "x"}, "401 403 403 403 403 403 422 403 422 403",
    ),
    "supervision GET /calendar": (None, "401 403 403 200 200 200 200 200 200 403"),
    "supervision POST /calendar": (
        {"content": "eA==", "name": "x"}, "401 403 403 403 403 403 422 403 422 403",
    ),
    "supervision GET /templates": (None, "401 403 403 200 200 200 200 200 200 403"),
    "supervision GET /templates/<kind>": (None, "401 403 403 404 404 404 404 404 404 403"),
    "supervision POST /templates/<kind>": (
        {"content": "eA=="}, "401 403 403 403 403 403 403 403 404 403",
    ),
    "supervision POST /templates/<kind>/ending": (
        None, "401 403 403 403 403 403 403 403 404 403",
    ),
    "supervision GET /internal/events": (None, "401 403 403 403 403 403 403 403 200 200"),
    "stats GET /figures/today": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /counts": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /indicators": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /figures": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /figures/cases": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /figures/cases/file": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /topics": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /reports": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /reports/<office>": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats GET /reports/<office>/file": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats GET /reports/<office>/narrative": (None, "401 403 403 404 404 403 404 403 404 403"),
    "stats POST /reports/<office>/drawing": (
        {"period": "year:2020"}, "401 403 403 404 404 403 404 403 404 403",
    ),
    "stats POST /reports/<office>/addition": (
        {"period": "year:2020", "version": 1, "text": ""}, "401 403 403 404 404 403 404 403 404 403",
    ),
    "stats POST /reports/<office>/issue": (
        {"period": "year:2020", "version": 1}, "401 403 403 403 403 403 404 403 404 403",
    ),
    "stats GET /bulletins": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /bulletins/<id>": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats GET /bulletins/<id>/file": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats POST /bulletins/series": ({}, "401 403 403 422 422 403 422 403 422 403"),
    "stats POST /bulletins": ({}, "401 403 403 422 422 403 422 403 422 403"),
    "stats POST /bulletins/<id>/change": ({}, "401 403 403 422 422 403 422 403 422 403"),
    "stats POST /bulletins/<id>/issue": ({}, "401 403 403 403 403 403 422 403 422 403"),
    "stats POST /bulletins/<id>/voiding": ({}, "401 403 403 403 403 403 422 403 422 403"),
    "stats GET /templates": (None, "401 403 403 200 200 200 200 200 200 403"),
    "stats GET /templates/<kind>": (None, "401 403 403 404 404 404 404 404 404 403"),
    "stats POST /templates/<kind>": (
        {"content": "eA=="}, "401 403 403 403 403 403 403 403 404 403",
    ),
    "stats POST /templates/<kind>/ending": (
        None, "401 403 403 403 403 403 403 403 404 403",
    ),
}  # fmt: skip
QUERIES = {
    "stats GET /returns": "?month=2026-01-01",
    "stats GET /returns/sum": "?period=year:2026",
    "stats GET /returns/<office>": "?month=2026-01-01",
    "supervision GET /calendar": "?year=2026",
    "supervision GET /papers": "?kind=opinion&year=2026",
    "intake GET /internal/petitions/<number>/addressee": f"?office={TOWN}&paper=x&officer=x",
    "stats GET /counts": f"?{PERIOD}",
    **dict.fromkeys(
        ("stats GET /figures", "stats GET /figures/cases", "stats GET /figures/cases/file"),
        "?what=closed_on_time&period=year:2026",
    ),
    **dict.fromkeys(
        (
            "stats GET /topics",
            "stats GET /reports/<office>",
            "stats GET /reports/<office>/file",
            "stats GET /reports/<office>/narrative",
        ),
        "?period=year:2020",
    ),
    "stats GET /reports": "?year=2026",
    "stats GET /bulletins": f"?office={TOWN}&year=2026",
}


def routes(service: str) -> dict[str, Route]:
    cls = import_module(f"{service}.service").Web
    found = [e for n in dir(cls) for e in getattr(getattr(cls, n), "nameko_entrypoints", ())]
    return {f"{service} {r.method} {r.url}": r for r in found if isinstance(r, Route)}


@pytest.fixture(scope="module")
def number(county: County) -> str:
    number = county.register()
    county.deliver()
    county.go(number, *WAY)
    petitioner = Actor("petitioner", number, petition=number)
    rated = county.post("intake", f"/petitions/{number}/rating", RATING, petitioner)
    assert rated.status == 200, rated.body
    county.deliver()
    return number


def actor_of(county: County, name: str, number: str) -> Actor:
    return {
        "public": PUBLIC_ACTOR,
        "own": Actor("petitioner", number, petition=number),
        "other": Actor("petitioner", "330282200001010001", petition="330282200001010001"),
        "clerk": county.officer(TOWN, "clerk"),
        "stranger": county.officer(LABOUR, "clerk"),
        "supervisor": county.officer(BUREAU, "supervisor"),
        "triage": county.officer(BUREAU, "triage"),
        "auditor": county.officer(None, "auditor"),
        "tool": Actor("tool", "operator"),
        "service": Actor("service", "routing"),
    }[name]


def address(url: str, number: str) -> str:
    """A route's template with something in each of its places; of what it names, the petition alone is there."""
    places = {
        "<number>": number, "<round_>": "9", "<int:ordinal>": "1", "<id>": LABOUR, "<kind>": "none",
    }  # fmt: skip
    for place, value in places.items():
        url = url.replace(place, value)
    return url


def ask(county: County, route: str, name: str, number: str) -> Any:
    service, method, url = route.split()
    sent = TABLE[route][0]
    if isinstance(sent, dict) and "numbers" in sent:
        sent = {"numbers": [number]}
    url = address(url, number) + QUERIES.get(route, "")
    if isinstance(sent, bytes):
        return county.request(method, service, url, actor_of(county, name, number), body=sent)
    return county.request(method, service, url, actor_of(county, name, number), json=sent)


@pytest.mark.parametrize("route", TABLE)
def test_the_matrix(county: County, number: str, route: str) -> None:
    expected = dict(zip(ACTORS, TABLE[route][1].split(), strict=True))
    found = {name: str(ask(county, route, name, number).status) for name in ACTORS}
    assert found == expected


def test_the_matrix_is_complete() -> None:
    """A new route does not start its life unlisted."""
    every = {name for s in SERVICES for name, route in routes(s).items() if not route.direct}
    assert every == set(TABLE)


@pytest.mark.parametrize(
    "route",
    ["intake POST /titles", "intake POST /search", "supervision GET /cases",
     "supervision GET /cases/<number>", "intake GET /petitions/<number>"],
)  # fmt: skip
@pytest.mark.parametrize("name", ACTORS)
def test_no_list_shows_more_than_its_page(
    county: County, number: str, route: str, name: str
) -> None:
    """Lists, searches and batches name the petition to those who may open it, and to nobody else."""
    page = ask(county, "intake GET /petitions/<number>", name, number).status == 200
    answer = ask(county, route, name, number)
    if answer.status == 200:
        assert (number in answer.body.decode()) == page
    else:
        # the petitioner has pages, not lists; the number in a refusal is the caller's own word
        assert "张" not in answer.body.decode()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("url", ["/live", "/metrics", "/openapi.json"])
def test_operators_ask_without_a_token(county: County, service: str, url: str) -> None:
    assert county.clients[service].get(url).status == 200


@pytest.mark.parametrize("header", ["Bearer x", "Basic dXNlcjpwYXNz", "Bearer ", "x"])
def test_a_token_that_is_none_is_no_public_request(county: County, header: str) -> None:
    for service, url in (("routing", "/offices"), ("supervision", "/cases")):
        assert county.clients[service].get(url, Authorization=header).status == 401


def test_what_was_refused_left_no_trace(county: County, number: str) -> None:
    """The whole matrix once more: of what is refused, nothing is written but the record of readings."""

    def stands() -> dict[str, int]:
        return {name: n for name, n in county.counts().items() if not name.endswith("audit_log")}

    for route in TABLE:
        refused = [name for name in ACTORS if ask(county, route, name, number).status >= 400]
        before = stands()
        for name in refused:
            ask(county, route, name, number)
        assert stands() == before, route
