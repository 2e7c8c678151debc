"""Papers on a real database: numbers under concurrency, printing by a job, an office's own form."""

from __future__ import annotations

import io
import threading
from base64 import b64encode
from typing import Any

import pytest
from docx import Document as Docx

from kit.identity import Actor
from kit.jobs import Queue, Runner, plain_engine
from kit.migrations import engine_for
from supervision import jobs, rendering
from tests.county import BUREAU, LABOUR, TOWN, WAY, County, assert_problem


@pytest.fixture
def runner(county: County, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The jobs of supervision; intake is asked over its route, without a socket."""
    service = Actor("service", "supervision", None, frozenset(), None)

    def ask(url: str, params: dict[str, str], **_: Any) -> Any:
        query = "&".join(f"{name}={value}" for name, value in params.items())
        result = county.get("intake", f"/internal{url.partition('/internal')[2]}?{query}", service)
        return _Answer(result.status, result.json)

    monkeypatch.setattr(jobs.requests, "get", ask)
    monkeypatch.setenv("DATABASE_URL", county.url)
    monkeypatch.setenv("AMQP_URL", "amqp://nobody")
    monkeypatch.setenv("PETITION_STATE", str(county.state))
    engine = plain_engine(county.url, "supervision")
    return Runner([Queue("supervision", engine, jobs.JOBS)])


class _Answer:
    def __init__(self, status_code: int, body: Any) -> None:
        self.status_code, self.body = status_code, body

    def raise_for_status(self) -> None:
        assert self.status_code < 400, self.body

    def json(self) -> Any:
        return self.body


def accepted(county: County, **changes: Any) -> str:
    number = county.register(**changes)
    county.deliver()
    county.go(number, *WAY[: WAY.index("accept") + 1])
    return number


def words(content: bytes) -> str:
    return "\n".join(p.text for p in Docx(io.BytesIO(content)).paragraphs)


def test_numbers_have_no_gaps_under_concurrency(county: County) -> None:
    """Twenty officers at once, some of them refused in the same transaction that took a number."""
    clerk = county.officer(TOWN, "clerk")
    numbers = [accepted(county) for _ in range(10)]
    codes: list[str] = []

    def give(number: str) -> None:
        found = county.post("supervision", f"/cases/{number}/papers", {"kind": "acceptance"}, clerk)
        if found.status == 200:
            codes.append(found.json["code"])

    threads = [threading.Thread(target=give, args=(number,)) for number in numbers * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine_for(county.url).connect() as connection:
        serials = connection.exec_driver_sql(
            "SELECT serial FROM supervision.document WHERE kind = 'acceptance'"
            f" AND office = '{TOWN}' ORDER BY serial"
        ).scalars().all()  # fmt: skip
    assert serials == list(range(1, len(serials) + 1)), "no gap, no double"
    assert len(codes) == len(set(codes)) == 10, "one paper a petition"


def test_a_paper_is_printed_and_read(county: County, runner: Runner) -> None:
    clerk = county.officer(TOWN, "clerk")
    number = accepted(county)
    url = f"/cases/{number}/papers"
    given = county.post("supervision", url, {"kind": "acceptance"}, clerk).json
    early = county.get("supervision", f"{url}/{given['ordinal']}", clerk)
    assert_problem(early, 409, "paper-not-printed")
    assert early.headers["retry-after"]
    while runner.turn():
        pass
    found = county.get("supervision", f"{url}/{given['ordinal']}", clerk)
    assert found.status == 200
    assert found.headers["content-disposition"].startswith("attachment")
    text = words(found.body)
    assert given["code"] in text and number in text
    with engine_for(county.url).connect() as connection:
        kept = bytes(connection.exec_driver_sql(
            f"SELECT content FROM supervision.document_file WHERE number = '{number}'"
        ).scalar_one())  # fmt: skip
    assert b"PK" not in kept[:4], "it names people: it is kept sealed"
    assert_problem(county.get("supervision", f"{url}/9", clerk), 404, "paper-unknown")
    other = county.officer(LABOUR, "clerk")
    assert county.get("supervision", f"{url}/1", other).status == 404
    petitioner = Actor("petitioner", number, None, frozenset(), number)
    assert county.get("supervision", f"{url}/1", petitioner).status == 200, "it was for them"
    sender = county.officer(BUREAU, "triage")
    letter = county.post("supervision", url, {"kind": "transfer"}, sender).json["ordinal"]
    while runner.turn():
        pass
    hidden = county.get("supervision", f"{url}/{letter}", petitioner)
    assert_problem(hidden, 404, "paper-unknown")


def test_it_waits_while_intake_is_away(
    county: County, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, number = county.officer(TOWN, "clerk"), accepted(county)
    county.post("supervision", f"/cases/{number}/papers", {"kind": "acceptance"}, clerk)
    monkeypatch.setattr(jobs.requests, "get", lambda *_, **__: _Answer(503, {}))
    assert runner.turn()
    with engine_for(county.url).connect() as connection:
        job = connection.exec_driver_sql(
            f"SELECT state, attempts FROM supervision.job WHERE subject = '{number}'"
        ).one()
    assert tuple(job) == ("queued", 0), "it was not the paper's fault"


def test_the_register_of_papers(county: County) -> None:
    clerk, number = county.officer(TOWN, "clerk"), accepted(county)
    given = county.post("supervision", f"/cases/{number}/papers", {"kind": "acceptance"}, clerk)
    url = f"/papers?kind=acceptance&year={given.json['code'][3:7]}"
    listed = county.get("supervision", f"{url}&limit=200", clerk).json["papers"]
    assert listed[0]["number"] == number and listed[0]["code"] == given.json["code"]
    serials = [int(paper["code"].partition("〕")[2][:-1]) for paper in listed]
    assert serials == list(range(len(serials), 0, -1))
    assert_problem(
        county.get("supervision", f"{url}&office={BUREAU}", clerk), 403, "office-not-yours"
    )
    bureau = county.officer(BUREAU, "clerk")
    assert county.get("supervision", f"{url}&office={TOWN}", bureau).json["papers"]
    first = county.get("supervision", f"{url}&limit=1", clerk).json
    if first["next"]:
        second = county.get("supervision", f"{url}&limit=1&before={first['next']}", clerk).json
        assert second["papers"][0]["code"] != first["papers"][0]["code"]


def put(county: County, kind: str, content: bytes, actor: Actor) -> Any:
    body = {"content": b64encode(content).decode()}
    return county.post("supervision", f"/templates/{kind}", body, actor)


def state(county: County, kind: str, actor: Actor) -> dict[str, Any]:
    found = county.get("supervision", "/templates", actor).json["templates"]
    return next(dict(form) for form in found if form["kind"] == kind)


def test_an_office_prints_on_its_own_form(county: County, runner: Runner) -> None:
    head, clerk = county.officer(TOWN, "head"), county.officer(TOWN, "clerk")
    assert_problem(put(county, "acceptance", b"no form", head), 422, "refused", "content")
    assert put(county, "acceptance", b"x", clerk).status == 403
    assert put(county, "nothing", rendering.shipped("acceptance"), head).status == 404
    own = rendering.built("本镇自己的模板:{{ number }}。")
    assert put(county, "acceptance", own, head).json == {"version": 1}
    assert put(county, "acceptance", own, head).json == {"version": 1}, "sent again"
    assert state(county, "acceptance", head)["state"] == "checking"
    while runner.turn():
        pass
    assert state(county, "acceptance", head)["state"] == "in_use"
    assert county.get("supervision", "/templates/acceptance", clerk).body == own
    number = accepted(county)
    url = f"/cases/{number}/papers"
    ordinal = county.post("supervision", url, {"kind": "acceptance"}, clerk).json["ordinal"]
    put(county, "acceptance", rendering.built("{{ nobody_knows }}"), head)
    while runner.turn():
        pass
    refused = state(county, "acceptance", head)
    assert refused["state"] == "refused" and "nobody_knows" in refused["problem"]
    text = words(county.get("supervision", f"{url}/{ordinal}", clerk).body)
    assert f"本镇自己的模板:{number}。" in text, "the one before goes on"
