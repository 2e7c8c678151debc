"""Cases and duties over HTTP: steps in order, lists within reach, lights."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from kit import clock
from kit.identity import Actor
from kit.scanner import scan
from supervision.duties import fire
from tests.county import (
    BUREAU,
    DIVISION,
    LABOUR,
    TOWN,
    VILLAGE,
    WAY,
    County,
    assert_problem,
    today,
)  # fmt: skip
from tests.people import OPINION

ACCEPT, ANSWER, SERVE, CLOSE = "acceptance", "answer", "service", "closure"


@pytest.fixture(scope="module")
def town(county: County) -> Actor:
    return county.officer(TOWN, "clerk")


def at(county: County, step: str, **changes: Any) -> str:
    """A petition that has just gone through a step."""
    number = county.register(**changes)
    county.deliver()
    county.go(number, *WAY[: WAY.index(step) + 1])
    return number


def case(county: County, number: str, actor: Actor | None = None) -> dict[str, Any]:
    result = county.get("supervision", f"/cases/{number}", actor)
    assert result.status == 200, result.body
    return dict(result.json)


def tomorrow() -> str:
    return (clock.local_date(clock.now()) + timedelta(days=1)).isoformat()


BAD: list[tuple[str, str, str, dict[str, Any], int, str, str | None]] = [
    ("unknown field", "sign", ACCEPT, {"x": 1}, 422, "invalid", "x"),
    ("a time of one's own", "sign", ACCEPT, {"at": "2026-01-01T00:00:00Z"}, 422, "refused", "at"),
    ("a time that is none", "sign", ACCEPT, {"at": "noon"}, 422, "invalid", "at"),
    ("an answer before acceptance", "sign", ANSWER, OPINION, 409, "refused", None),
    ("accepted twice", "accept", ACCEPT, {}, 409, "refused", None),
    ("no opinion", "accept", ANSWER, {"outcome": "supported"}, 422, "invalid", "opinion"),
    ("an empty opinion", "accept", ANSWER, OPINION | {"opinion": " "}, 422, "invalid", "opinion"),
    ("an opinion without facts", "accept", ANSWER, OPINION | {"facts": None}, 422, "refused", "facts"),
    ("an opinion without its law", "accept", ANSWER, OPINION | {"basis": None}, 422, "refused", "basis"),
    ("an opinion too long", "accept", ANSWER, OPINION | {"opinion": "字" * 20_001}, 422, "invalid",
     "opinion"),
    ("an opinion with NUL", "accept", ANSWER, OPINION | {"opinion": "a\x00"}, 422, "invalid",
     "opinion"),
    ("an unknown outcome", "accept", ANSWER, OPINION | {"outcome": "won"}, 422, "invalid",
     "outcome"),
    ("closed before service", "answer", CLOSE, {}, 409, "refused", None),
    ("service in the future", "answer", SERVE, {"method": "post", "served_on": tomorrow()}, 422,
     "refused", "served_on"),
    ("service before the answer", "answer", SERVE, {"method": "post", "served_on": "2026-01-01"},
     422, "refused", "served_on"),
    ("service by pigeon", "answer", SERVE, {"method": "pigeon", "served_on": today()}, 422,
     "invalid", "method"),
    ("a service without its day", "answer", SERVE, {"method": "post"}, 422, "invalid",
     "served_on"),
    ("closed twice", "close", CLOSE, {}, 409, "refused", None),
    ("a branch that is none", "sign", ACCEPT, {"claims": [{"ordinal": 1, "branch": "31-7"}]}, 422,
     "invalid", "claims.0.branch"),
    ("a claim that is none", "sign", ACCEPT, {"claims": [{"ordinal": 2, "branch": "31-6"}]}, 422,
     "refused", "claims"),
    ("an unknown procedure", "sign", ACCEPT, {"procedure": "quick"}, 422, "invalid", "procedure"),
    ("a due date by hand", "sign", ACCEPT, {"answer_due": "2026-12-31"}, 422, "invalid",
     "answer_due"),
    ("an extension too long", "accept", "extension", {"days": 31, "reason": "x"}, 422, "refused",
     "days"),
    ("an extension without reason", "accept", "extension", {"days": 30}, 422, "invalid", "reason"),
    ("a claim without outcome", "accept", ANSWER,
     OPINION | {"claims": [{"ordinal": 2, "outcome": "supported"}]}, 422, "refused", "claims"),
    ("a review before service", "answer", "review", {"grounds": "x"}, 409, "refused", None),
    ("a review in the future", "serve", "review", {"grounds": "x", "requested_on": tomorrow()},
     422, "refused", "requested_on"),
    ("a review by a body unknown", "serve", "review", {"grounds": "x", "office": "nobody"}, 422,
     "refused", "office"),
    ("a hearing of nothing", "serve", "review/hearing", {}, 409, "refused", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "after", "step", "sent", "status", "code", "field"), BAD, ids=[b[0] for b in BAD]
)
def test_a_bad_step_is_refused_and_changes_nothing(
    county: County, town: Actor, what: str, after: str, step: str, sent: dict[str, Any],
    status: int, code: str, field: str | None,
) -> None:  # fmt: skip
    number = at(county, after)
    before, state = county.counts(), case(county, number)
    result = county.post("supervision", f"/cases/{number}/{step}", sent, town)
    assert_problem(result, status, code, field)
    assert county.counts() == before and case(county, number) == state
    if status == 409:
        assert result.json["rule"] == "step-out-of-order" and result.json["article"]


@pytest.mark.parametrize("step", [ACCEPT, ANSWER, SERVE, CLOSE])
def test_a_step_needs_its_key(county: County, town: Actor, step: str) -> None:
    result = county.post("supervision", f"/cases/x/{step}", {}, town, key="")
    assert_problem(result, 400, "idempotency-key", "Idempotency-Key")


def test_an_office_that_sees_it_may_not_act_for_another(county: County) -> None:
    number = at(county, "sign")
    bureau = county.officer(BUREAU, "clerk")
    result = county.post("supervision", f"/cases/{number}/{ACCEPT}", {}, bureau)
    assert_problem(result, 403, "refused")
    assert result.json["rule"] == "not-the-competent-office" and "第五条" in result.json["article"]


def test_the_whole_way_is_seen_by_all_services(county: County, town: Actor) -> None:
    number = at(county, "close")
    shown = case(county, number, town)
    assert shown["petition"]["status"] == "closed"
    assert [step["name"] for step in shown["next_steps"]] == [
        "seek_review",
        "follow_up",
        "reopen",
        "mark_urgent",  # by the office that has it
        "mark_urgent",  # by the petition office
        "issue",
    ]
    assert shown["opinion"] == "予以支持。" and shown["outcome"] == "supported"
    assert all(shown["steps"][f"{step}_at"] for step in ("assigned", "signed", "accepted"))
    assert [(d["kind"], d["state"], d["light"]) for d in shown["duties"]] == [
        ("forward", "fulfilled", "green"), ("accept", "fulfilled", "green"),
        ("object", "void", "green"), ("answer", "fulfilled", "green"),
        ("serve", "fulfilled", "green"), ("seek_review", "open", "green"),
    ]  # fmt: skip
    for service, url in (("routing", f"/petitions/{number}"), ("intake", f"/petitions/{number}")):
        assert county.get(service, url).json["petition"]["status"] == "closed"
    entries = county.get("intake", f"/petitions/{number}/timeline").json["entries"]
    assert [e["type"].removeprefix("petition.") for e in entries] == [
        "registered", "located", "assigned", "signed", "accepted", "answered", "served", "closed",
    ]  # fmt: skip


def test_a_petitioner_sees_the_opinion_once_it_was_served(county: County) -> None:
    number = at(county, "answer")
    petitioner = Actor("petitioner", number, petition=number)
    before = case(county, number, petitioner)
    assert (before["opinion"], before["outcome"]) == (None, None)
    county.go(number, "serve")
    after = case(county, number, petitioner)
    assert (after["opinion"], after["outcome"]) == ("予以支持。", "supported")


def test_a_petitioner_rates_once_after_service(county: County) -> None:
    number = at(county, "answer")
    petitioner = Actor("petitioner", number, petition=number)
    url = f"/petitions/{number}/rating"
    rating = {"petition_office": "basic", "responsible_office": "satisfied", "comment": "好"}
    assert_problem(county.post("intake", url, rating, petitioner), 409, "refused")
    county.go(number, "serve")
    wrong = rating | {"responsible_office": "great"}
    problem = county.post("intake", url, wrong, petitioner)
    assert_problem(problem, 422, "invalid", "responsible_office")
    assert county.post("intake", url, rating, petitioner).status == 200
    assert_problem(county.post("intake", url, rating, petitioner), 409, "refused")
    county.deliver()
    assert case(county, number)["steps"]["rated_at"]


def test_a_step_waits_for_what_its_caller_has_seen(county: County, town: Actor) -> None:
    number = at(county, "assign")
    signed = county.post("routing", f"/petitions/{number}/signature", {}, town).json["sequence"]
    url = f"/cases/{number}/{ACCEPT}"
    result = county.post("supervision", url, {}, town, seen=signed)
    assert_problem(result, 409, "not-yet", "Petition-Seen")
    assert signed in result.json["detail"] and signed in result.json["detail_en"]
    county.deliver()
    assert county.post("supervision", url, {}, town, seen=signed).status == 200


def test_an_import_brings_its_own_times_in_order(county: County) -> None:
    number = county.register(registered_at="2026-01-05T01:00:00Z", received_on="2026-01-05")
    county.deliver()
    for step, day in (("location", 6), ("assignment", 7), ("signature", 8)):
        sent: dict[str, Any] = {"at": f"2026-01-{day:02}T01:00:00Z"}
        sent |= {"division": VILLAGE} if step == "location" else {}
        sent |= {"office": TOWN, "method": "transfer"} if step == "assignment" else {}
        assert county.post("routing", f"/petitions/{number}/{step}", sent).status == 200
        county.deliver()
    early = county.post("supervision", f"/cases/{number}/{ACCEPT}", {"at": "2026-01-07T00:00:00Z"})
    assert_problem(early, 422, "refused", "at")
    done = county.post("supervision", f"/cases/{number}/{ACCEPT}", {"at": "2026-01-09T01:00:00Z"})
    assert done.json["answer_due"] == "2026-03-10T16:00:00Z", "a Tuesday"
    assert case(county, number)["steps"]["accepted_at"] == "2026-01-09T01:00:00Z"


# -- lists -----------------------------------------------------------------------------------------


def listed(county: County, query: str = "", actor: Actor | None = None) -> list[str]:
    """The numbers of a list, page by page."""
    numbers, after = [], ""
    while after is not None:
        url = f"/cases?limit=7&{query}{after and '&after=' + quote(after)}"
        result = county.get("supervision", url, actor)
        assert result.status == 200, result.body
        numbers += [row["number"] for row in result.json["cases"]]
        after = result.json["next"]
    assert len(numbers) == result.json["total"] == len(set(numbers))
    return numbers


def test_lists_page_through_every_case_newest_first(county: County) -> None:
    for _ in range(9):
        county.register()
    county.deliver()
    expected = county.sql(
        "SELECT number FROM supervision.case ORDER BY registered_at DESC, number DESC"
    )
    assert listed(county) == [row[0] for row in expected]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("status=closed", "status = 'closed'"),
        (f"office={TOWN}", f"office = '{TOWN}'"),
        ("channel=visit", "channel = 'visit'"),
        ("type=accusation", "type = 'accusation'"),
        ("division=330282", "division LIKE '330282%'"),
        (f"division={DIVISION}", "division LIKE '330282104%'"),
        ("division=330282100000", "division LIKE '330282100%'"),
        (f"division={VILLAGE}&status=closed", f"division = '{VILLAGE}' AND status = 'closed'"),
        ("numbers=", "false"),
        ("light=red", "number IN (SELECT number FROM supervision.duty"
         " WHERE state = 'open' AND missed_at IS NOT NULL)"),
    ],
)  # fmt: skip
def test_filters_find_what_they_say(county: County, query: str, where: str) -> None:
    expected = county.sql(f"SELECT number FROM supervision.case WHERE {where}")
    assert sorted(listed(county, query)) == sorted(row[0] for row in expected)


def test_a_list_of_numbers_from_a_search_is_a_filter(county: County) -> None:
    numbers = [row[0] for row in county.sql("SELECT number FROM supervision.case LIMIT 3")]
    assert sorted(listed(county, "numbers=" + ",".join(numbers))) == sorted(numbers)


@pytest.mark.parametrize(
    "query",
    ["status=lost", "channel=x", "type=x", "light=blue", "division=33-02", "division=3", "limit=0",
     "limit=201", "after=yesterday", "after=2026-13-01~x", "colour=red", "status=closed&status=x"],
)  # fmt: skip
def test_a_bad_filter_is_refused(county: County, query: str) -> None:
    field = query.partition("=")[0]
    assert_problem(county.get("supervision", f"/cases?{query}"), 422, "invalid", field)


def test_each_office_sees_its_own(county: County, town: Actor) -> None:
    at(county, "assign")
    mine = set(listed(county, "", town))
    expected = county.sql("SELECT number FROM supervision.case WHERE :o = ANY(offices)", o=TOWN)
    assert mine == {row[0] for row in expected} and mine
    assert listed(county, "", county.officer(LABOUR, "clerk")) == []
    everything = set(listed(county))
    assert set(listed(county, "", county.officer(BUREAU, "supervisor"))) == everything
    assert listed(county, "", county.officer(None, "auditor")) == []


def test_who_is_barred_sees_nothing_of_it_nor_anyone_under_them(county: County) -> None:
    """The body complained about never receives the accusation (Art. 30, 46(5))."""
    number = at(county, "accept")
    child = county.officer("330282-sbzx", "clerk")
    labour, bureau = county.officer(LABOUR, "head"), county.officer(BUREAU, "supervisor")
    _set(county, number, offices=[BUREAU, TOWN, LABOUR, "330282-sbzx"], barred=[LABOUR])
    for actor in (labour, child):
        assert county.get("supervision", f"/cases/{number}", actor).status == 404
        assert number not in listed(county, "", actor)
        step = county.post("supervision", f"/cases/{number}/{ANSWER}", OPINION, actor)
        assert step.status == 404
        desk = county.get("supervision", "/desk", actor).json
        assert number not in [duty["number"] for duty in desk["duties"]]
    assert county.get("supervision", f"/cases/{number}", bureau).status == 200
    _set(county, number, offices=[BUREAU, TOWN], barred=[BUREAU])
    for actor in (bureau, county.officer(TOWN, "clerk")):  # the town stands under the bureau
        assert county.get("supervision", f"/cases/{number}", actor).status == 404
        assert number not in listed(county, "", actor)
        desk = county.get("supervision", "/desk", actor).json
        assert number not in [duty["number"] for duty in desk["duties"]]


def _set(county: County, number: str, offices: list[str], barred: list[str]) -> None:
    with county.apps["supervision"].database.connection() as connection:
        connection.exec_driver_sql(
            "UPDATE supervision.case SET offices = %s, barred = %s WHERE number = %s",
            (offices, barred, number),
        )


# -- desk and lights -------------------------------------------------------------------------------


@pytest.fixture
def later() -> Any:
    """Moves the clock on; it goes back at the end."""
    yield lambda days: clock.set_shift(timedelta(days=days))
    clock.set_shift(timedelta())


def test_the_desk_counts_what_waits(county: County) -> None:
    office = county.officer(TOWN, "clerk")
    before = county.get("supervision", "/desk", office).json
    for step in ("assign", "sign", "accept", "answer", "serve"):
        at(county, step)
    after = county.get("supervision", "/desk", office).json
    for name in ("to_sign", "to_accept", "to_answer", "to_serve", "to_close"):
        assert after[name] == before[name] + 1, name
    owed = (
        2 + 2 + 1 + 1 + 1
    )  # accept, object; accept, object; answer; serve; a review may be sought
    assert after["lights"]["green"] == before["lights"]["green"] + owed
    due = [duty["due_at"] for duty in after["duties"]]
    assert due == sorted(due)


def test_lights_turn_yellow_and_red_and_stay_red(county: County, later: Any) -> None:
    number = at(county, "accept")
    app = county.apps["supervision"]

    def look(days: int) -> tuple[str, list[str]]:
        later(days)
        scan(app.database, app.model, fire)
        county.deliver()
        duties = {duty["kind"]: duty for duty in case(county, number)["duties"]}
        return duties["answer"]["light"], [
            colour for colour in ("green", "yellow", "red") if number in listed(county, f"light={colour}")
        ]  # fmt: skip

    due = case(county, number)["petition"]["answer_due"]  # a 60th day off rolls on
    days = (clock.local_date(datetime.fromisoformat(due)) - clock.local_date(clock.now())).days
    assert 61 <= days <= 61 + 9
    assert look(0) == ("green", ["green"])
    assert look(days - 11) == ("green", ["green"])
    assert look(days - 10) == ("yellow", ["yellow"])
    assert look(days - 1) == ("yellow", ["yellow"])
    assert look(days) == ("red", ["red"])
    county.go(number, "answer")
    assert look(days + 1)[0] == "red", "late is late, though it was answered"
    duties = {duty["kind"]: duty for duty in case(county, number)["duties"]}
    assert duties["answer"]["missed_at"]
    county.go(number, "serve", "close")
    assert case(county, number)["petition"]["status"] == "closed"
    ((data,),) = county.sql(
        "SELECT convert_from(envelope, 'utf8')::jsonb->'data' FROM supervision.event_log"
        " WHERE subject = :n AND type = 'petition.closed'", n=number,
    )  # fmt: skip
    assert data["on_time"] is False


# -- why this deadline -----------------------------------------------------------------------------


def test_every_deadline_is_explained_day_by_day(county: County, town: Actor) -> None:
    number = at(county, "accept")
    found = county.get("supervision", f"/cases/{number}/duties", town)
    assert found.status == 200, found.body
    duties = {duty["kind"]: duty for duty in found.json["duties"]}
    answer = duties["answer"]
    assert (answer["ref"], answer["rule"], answer["basis"]) == ("D6", "answer.2022", "law")
    assert "《信访工作条例》第三十四条" in answer["summary"] and "60日" in answer["summary"]
    counted = [day for day in answer["days"] if day["why"] == "counted"]
    assert len(counted) == 60 and answer["days"][0]["why"] == "zero"
    assert answer["days"][-1]["day"] in answer["summary"]
    petitioner = Actor("petitioner", number, petition=number)
    assert county.get("supervision", f"/cases/{number}/duties", petitioner).json == found.json


# -- the ways that branch off ----------------------------------------------------------------------


def test_an_extension_a_review_and_the_end(county: County, town: Actor, later: Any) -> None:
    number = at(county, "accept")
    head = county.officer(TOWN, "head")
    url = f"/cases/{number}"
    ask = {"days": 30, "reason": "情况复杂。"}
    decision = {"approved": True}
    nothing = county.post("supervision", f"{url}/extension/decision", decision, head)
    assert_problem(nothing, 409, "refused")
    assert county.post("supervision", f"{url}/extension", ask, town).status == 200
    refused = county.post("supervision", f"{url}/extension/decision", decision, town)
    assert_problem(refused, 403, "out-of-scope")
    before = case(county, number)["petition"]["answer_due"]
    done = county.post("supervision", f"{url}/extension/decision", decision, head)
    assert done.status == 200 and done.json["answer_due"] > before
    county.deliver()
    county.go(number, "answer", "serve")
    petitioner = Actor("petitioner", number, petition=number)
    grounds = {"grounds": "认为认定事实有误。"}
    assert county.post("supervision", f"{url}/review", grounds, petitioner).status == 200
    county.deliver()
    shown = case(county, number)
    assert shown["petition"]["status"] == "review_sought" and shown["petition"]["review_due"]
    bureau = county.officer(BUREAU, "clerk")
    opinion = {"outcome": "upheld", "opinion": "维持原处理意见。"}
    wrong = county.post("supervision", f"{url}/review/opinion", opinion, town)
    assert_problem(wrong, 403, "refused")
    assert county.post("supervision", f"{url}/review/opinion", opinion, bureau).status == 200
    public = case(county, number, petitioner)["proceedings"][-1]
    assert (public["opinion"], public["outcome"]) == (None, None), "not served yet"
    served = {"method": "in_person", "served_on": today()}
    assert county.post("supervision", f"{url}/review/service", served, bureau).status == 200
    later(40)
    app = county.apps["supervision"]
    scan(app.database, app.model, fire)
    county.deliver()
    shown = case(county, number, petitioner)
    assert shown["petition"]["status"] == "final"
    assert shown["final_reason"] == "rereview_not_sought"
    assert shown["proceedings"][-1]["opinion"] == "维持原处理意见。"
    types = [
        e["type"] for e in county.get("intake", f"/petitions/{number}/timeline").json["entries"]
    ]
    assert types[-2:] == ["duty.lapsed", "petition.final"]
    texts = county.sql(
        "SELECT string_agg(convert_from(envelope, 'utf8'), '') FROM supervision.event_log"
    )[0][0]  # fmt: skip
    for text in ("情况复杂", "认定事实", "维持原处理意见"):
        assert text not in texts, "what was written is in no event"
