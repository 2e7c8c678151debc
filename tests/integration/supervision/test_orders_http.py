"""Orders, proposals and yearly reports over HTTP; a site's own limits from a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit import clock
from kit.jobs import YEAR_END, Queue, Runner, enqueue, plain_engine
from supervision.duties import fire
from supervision.jobs import JOBS
from supervision.store import MODEL
from tests.county import BUREAU, LABOUR, TOWN, County, assert_problem

PROPOSAL = {"office": LABOUR, "kind": "policy", "text": "完善工资支付的监管。"}
ORDER = {"office": TOWN, "reason": "stalling", "text": "请于期限内答复。"}


@pytest.fixture
def unshifted() -> Iterator[None]:
    yield
    clock.set_shift(timedelta())


def year_end(county: County, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The daily job, as the plain process runs it; gives what it opened."""
    for name, value in (
        ("DATABASE_URL", county.url), ("AMQP_URL", "amqp://nowhere"),
        ("PETITION_STATE", str(county.state)),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    engine = plain_engine(county.url, "supervision")
    try:
        with engine.begin() as connection:
            job = enqueue(connection, YEAR_END)
        Runner([Queue("supervision", engine, JOBS)]).turn()
    finally:
        engine.dispose()
    ((state, result),) = county.sql(
        "SELECT state, result FROM supervision.job WHERE id = :i", i=job
    )
    assert state == "done"
    return list(result["opened"])


def scan(county: County) -> None:
    from kit.scanner import scan as scan_

    scan_(county.apps["supervision"].database, MODEL, fire)


def listed(county: County, actor: Any, state: str = "open") -> dict[str, dict[str, Any]]:
    rows = county.get("supervision", f"/orders?state={state}", actor).json["orders"]
    return {row["number"]: row for row in rows}


def test_an_order_stands_in_the_account_book_until_it_is_confirmed(county: County) -> None:
    supervisor, clerk = county.officer(BUREAU, "supervisor"), county.officer(TOWN, "clerk")
    number = county.register()
    county.deliver()
    county.go(number, "locate", "assign", "sign", "accept")
    answer = county.post("supervision", f"/cases/{number}/orders", ORDER, supervisor)
    assert answer.status == 200 and answer.json["round"] == 1
    row = listed(county, clerk)[number]
    assert row["state"] == "open" and row["duty"]["light"] == "green"
    assert row["duty"]["kind"] == "order" and row["duty"]["office"] == TOWN
    assert number not in listed(county, county.officer(LABOUR, "clerk")), "it is not theirs"
    owed = county.get("supervision", "/desk", clerk).json["duties"]
    assert (number, "order") in {(d["number"], d["kind"]) for d in owed}
    path = f"/cases/{number}/orders/1"
    assert county.post("supervision", f"{path}/reply", {"text": "已答复。"}, clerk).status == 200
    shown_ = county.get("supervision", f"/cases/{number}", supervisor).json
    (order,) = shown_["orders"]
    assert order["text"] == ORDER["text"] and order["replies"][0]["text"] == "已答复。"
    again = county.post("supervision", f"{path}/verdict", {"accepted": False}, supervisor)
    assert_problem(again, 422, "refused", "text")
    good = county.post("supervision", f"{path}/verdict", {"accepted": True}, supervisor)
    assert good.status == 200
    assert number not in listed(county, supervisor)
    assert listed(county, supervisor, "all")[number]["state"] == "accepted"
    county.deliver()
    entries = county.get("intake", f"/petitions/{number}/timeline").json["entries"]
    assert [e["type"] for e in entries][-3:] == [
        "order.issued", "order.answered", "order.confirmed",
    ]  # fmt: skip


def test_a_proposal_is_owed_an_answer_and_is_numbered_on_its_own(
    county: County, unshifted: None
) -> None:
    """D13."""
    supervisor, clerk = county.officer(BUREAU, "supervisor"), county.officer(LABOUR, "clerk")
    made = county.post("supervision", "/affairs", PROPOSAL, supervisor, key="same")
    assert made.status == 200, made.body
    number = made.json["number"]
    year = clock.local_date(clock.now()).year
    assert number == f"330282JY{year}0001" and made.json["sequence"] == "supervision:1"
    again = county.post("supervision", "/affairs", PROPOSAL, supervisor, key="same")
    assert again.json == made.json, "sent twice, made once"
    assert (
        county.get("supervision", f"/affairs/{number}", county.officer(TOWN, "clerk")).status == 404
    )
    page = county.get("supervision", f"/affairs/{number}", clerk).json
    assert page["orders"][0]["text"] == PROPOSAL["text"] and page["duties"][0]["kind"] == "feedback"
    assert number in {d["number"] for d in county.get("supervision", "/desk", clerk).json["duties"]}
    clock.set_shift(timedelta(days=40))
    scan(county)
    assert listed(county, clerk)[number]["duty"]["light"] == "red"
    reply = {"text": "将修订办法。"}
    path = f"/affairs/{number}/reply"
    assert_problem(county.post("supervision", path, reply, clerk), 422, "refused", "adopted")
    assert county.post("supervision", path, reply | {"adopted": True}, clerk).status == 200
    verdict = {"accepted": True}
    path = f"/affairs/{number}/verdict"
    assert county.post("supervision", path, verdict, supervisor).status == 200
    assert number not in listed(county, clerk)
    county.deliver()  # consumers move their cursors past what they do not know
    told = county.sql(
        "SELECT type FROM supervision.event_log WHERE subject = :n ORDER BY 1", n=number
    )
    assert [type_ for (type_,) in told] == [
        "affair.answered", "affair.approaching", "affair.confirmed", "affair.issued",
        "affair.missed",
    ]  # fmt: skip
    clear = b"".join(
        bytes(row[0]) for row in county.sql("SELECT envelope FROM supervision.event_log")
    )
    assert "完善工资".encode() not in clear and "修订办法".encode() not in clear


def test_a_proposal_names_no_petition_that_its_reader_has_no_part_in(county: County) -> None:
    supervisor = county.officer(BUREAU, "supervisor")
    number = county.register()
    county.deliver()
    body = PROPOSAL | {"about": number}
    refused = county.post("supervision", "/affairs", body, supervisor)
    assert_problem(refused, 422, "refused", "about")
    county.go(number, "locate", "assign")
    made = county.post("supervision", "/affairs", body | {"office": TOWN}, supervisor)
    assert made.status == 200
    page = county.get("supervision", f"/affairs/{made.json['number']}", supervisor).json
    assert page["affair"]["about"] == number


def test_a_year_that_ends_opens_its_report_once(
    county: County, monkeypatch: pytest.MonkeyPatch, unshifted: None
) -> None:
    """D14: opens by itself, ends with the record that it was sent."""
    assert year_end(county, monkeypatch) == [], "the last year's limit is over long since"
    today = clock.local_date(clock.now())
    new_year = datetime(today.year + 1, 1, 2, tzinfo=clock.now().tzinfo)
    clock.set_shift(new_year - clock.now())
    opened = year_end(county, monkeypatch)
    assert opened == [f"330282NB{today.year}0001", f"330282KH{today.year}0001"]
    assert year_end(county, monkeypatch) == [], "once"
    head = county.officer(BUREAU, "head")
    page = county.get("supervision", f"/affairs/{opened[0]}", head).json
    (duty,) = page["duties"]
    assert (duty["kind"], duty["zero"]) == ("annual", f"{today.year}-12-31")
    assert [step["name"] for step in page["next_steps"]] == ["reply"]
    why = county.get("supervision", f"/affairs/{opened[0]}/duties", head).json["duties"][0]
    assert "第四十一条" in why["summary"]
    sent = county.post("supervision", f"/affairs/{opened[0]}/reply", {"text": "已报送。"}, head)
    assert sent.status == 200
    page = county.get("supervision", f"/affairs/{opened[0]}", head).json
    assert page["duties"][0]["state"] == "fulfilled" and page["next_steps"] == []
