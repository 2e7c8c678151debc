"""Attachments over HTTP: in, out, by whom, once each, scanned by a job, and never in clear."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from intake import contents
from kit.config import Settings
from kit.http.client import Result
from kit.identity import PUBLIC_ACTOR, Actor
from kit.jobs import Queue, Runner, plain_engine
from tests.county import BUREAU, LABOUR, TOWN, County, assert_problem
from tests.unit.intake.test_attachments import FOUND, PDF, PNG
from tool.jobs import registry

BIG = b"%PDF-1.7\n" + os.urandom(3 * contents.PIECE)
"""Of several pieces."""


@pytest.fixture(scope="module")
def clerk(county: County) -> Actor:
    return county.officer(BUREAU, "clerk")


def send(
    county: County, number: str, actor: Actor, name: str, data: bytes, query: str = "", **more: Any
) -> Result:
    said = f"attachment; filename*=UTF-8''{quote(name, safe='')}" if name else "attachment"
    return county.request(
        "POST", "intake", f"/petitions/{number}/attachments{query}", actor, body=data,
        content_disposition=said, content_type="application/octet-stream", **more,
    )  # fmt: skip


def fetch(county: County, number: str, ordinal: int, actor: Actor) -> Result:
    return county.get("intake", f"/petitions/{number}/attachments/{ordinal}", actor)


def listed(county: County, number: str, actor: Actor) -> list[dict[str, Any]]:
    shown = county.get("intake", f"/petitions/{number}", actor).json
    return list(shown["attachments"])


def own(number: str) -> Actor:
    return Actor("petitioner", number, petition=number)


def test_a_file_comes_back_as_it_was(county: County, clerk: Actor) -> None:
    number = county.register(clerk)
    answer = send(county, number, clerk, "张三的 合同.pdf", BIG)
    assert (answer.status, answer.json["ordinal"]) == (201, 1)
    assert answer.json["sequence"] == "intake:2"
    (file,) = listed(county, number, clerk)
    assert (file["name"], file["kind"], file["size"]) == ("张三的 合同.pdf", "pdf", len(BIG))
    assert (file["state"], file["by_petitioner"]) == ("unscanned", False)
    assert "digest" not in file
    result = fetch(county, number, 1, clerk)
    assert result.body == BIG and result.status == 200
    headers = result.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("attachment; ")
    assert quote("张三的 合同.pdf") in headers["content-disposition"]


def test_a_name_cannot_begin_another_header(county: County, clerk: Actor) -> None:
    number = county.register(clerk)
    assert send(county, number, clerk, 'a"\r\nSet-Cookie: x=1;.pdf', PDF).status == 201
    headers = fetch(county, number, 1, clerk).headers
    assert "set-cookie" not in headers and "\n" not in headers["content-disposition"]


def test_the_same_content_is_kept_once_and_sealed(county: County, clerk: Actor) -> None:
    one, two = county.register(clerk), county.register(clerk)
    data = b"%PDF-1.7 known words " + os.urandom(20)
    before = county.counts()
    for number in (one, two):
        assert send(county, number, clerk, "a.pdf", data).status == 201
    after = county.counts()
    assert after["intake.content"] == before["intake.content"] + 1
    assert after["intake.piece"] == before["intake.piece"] + 1
    assert after["intake.attachment"] == before["intake.attachment"] + 2
    for (sealed,) in county.sql("SELECT sealed FROM intake.piece"):
        assert b"known words" not in bytes(sealed)
    for number in (one, two):
        assert fetch(county, number, 1, clerk).body == data


def test_sent_twice_it_is_there_once(county: County, clerk: Actor) -> None:
    number, key = county.register(clerk), uuid.uuid4().hex
    first = send(county, number, clerk, "a.png", PNG, key=key)
    assert send(county, number, clerk, "a.png", PNG, key=key).json == first.json
    assert len(listed(county, number, clerk)) == 1
    other = send(county, number, clerk, "a.pdf", PDF, key=key)
    assert_problem(other, 422, "idempotency-key-reused", "Idempotency-Key")


@pytest.mark.parametrize(
    ("name", "data", "status", "rule"),
    [
        ("病毒.exe", b"MZ", 415, "attachment-type"), ("假.pdf", PNG, 415, "attachment-mismatch"),
        ("空.pdf", b"", 422, "attachment-empty"), ("", PDF, 415, "attachment-type"),
        ("大.pdf", b"%PDF-" + bytes(10 << 20), 413, "attachment-large"),
    ],
)  # fmt: skip
def test_what_is_refused_names_the_file_and_changes_nothing(
    county: County, clerk: Actor, name: str, data: bytes, status: int, rule: str
) -> None:
    number = county.register(clerk)
    before = county.counts()
    result = send(county, number, clerk, name, data)
    assert_problem(result, status, "refused", "file")
    assert result.json["rule"] == rule and (name or "未命名") in result.json["detail"]
    assert county.counts() == before


def test_more_than_any_site_allows_is_not_even_received(county: County, clerk: Actor) -> None:
    number = county.register(clerk)
    result = send(county, number, clerk, "a.pdf", bytes((20 << 20) + 2))
    assert_problem(result, 413, "too-large")


def test_a_stranger_is_turned_away_before_the_body_is_received(
    county: County, clerk: Actor
) -> None:
    """Else anybody could fill the memory for bodies."""
    number = county.register(clerk)
    huge = bytes((20 << 20) + 2)  # would be 413 had it been looked at first
    assert send(county, number, PUBLIC_ACTOR, "a.pdf", huge).status == 401


def test_a_petition_has_its_limits(county: County, clerk: Actor) -> None:
    app: Any = county.apps["intake"]
    number, rules = county.register(clerk), app.rules
    app.rules = replace(rules, limits=replace(rules.limits, count=1))
    try:
        assert send(county, number, clerk, "a.pdf", PDF).status == 201
        result = send(county, number, clerk, "b.pdf", PDF)
    finally:
        app.rules = rules
    assert result.json["rule"] == "attachments-many"


def test_whoever_downloads_goes_through_a_petition_they_may_see(
    county: County, clerk: Actor
) -> None:
    number, other = county.register(clerk), county.register(clerk)
    send(county, number, clerk, "a.pdf", PDF)
    for actor in (county.officer(LABOUR, "clerk"), own(other), county.officer(None, "auditor")):
        assert_problem(fetch(county, number, 1, actor), 404, "petition-unknown")
    assert fetch(county, other, 1, clerk).status == 404, "a file of this petition, not of any"
    assert fetch(county, number, 2, clerk).status == 404
    assert fetch(county, number, 1, own(number)).body == PDF


def test_the_accused_never_see_a_file(county: County, clerk: Actor) -> None:
    number = county.register(clerk, type="accusation", accused=[LABOUR])
    send(county, number, clerk, "a.pdf", PDF)
    assert fetch(county, number, 1, clerk).status == 200
    assert fetch(county, number, 1, county.officer(LABOUR, "head")).status == 404


def test_who_petitions_in_confidence_is_not_shown_by_a_file(county: County, clerk: Actor) -> None:
    number = county.register(clerk, confidential=True)
    send(county, number, clerk, "证据.pdf", PDF)
    send(county, number, clerk, "身份证.png", PNG, query="?identity=true")
    send(county, number, own(number), "我的.png", PNG)
    county.deliver()
    county.go(number, "locate", "assign")
    town = county.officer(TOWN, "clerk")
    assert [f["ordinal"] for f in listed(county, number, town)] == [1]
    assert [fetch(county, number, n, town).status for n in (1, 2, 3)] == [200, 404, 404]
    assert [fetch(county, number, n, clerk).status for n in (1, 2, 3)] == [200, 200, 200]


def test_every_download_is_logged_without_the_name(county: County, clerk: Actor) -> None:
    number = county.register(clerk)
    send(county, number, clerk, "张三.pdf", PDF)
    fetch(county, number, 1, clerk)
    fetch(county, number, 1, own(number))
    rows = county.sql(
        "SELECT actor_kind, detail::text FROM intake.audit_log"
        " WHERE action = 'read-attachment' AND subject = :n ORDER BY at", n=number,
    )  # fmt: skip
    assert [kind for kind, _ in rows] == ["officer", "petitioner"]
    assert not any("张三" in detail for _, detail in rows)


# -- scanning --------------------------------------------------------------------------------------


@pytest.fixture
def scanning(county: County, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """The register with a scanner, and the process of jobs."""
    app: Any = county.apps["intake"]
    rules, command = app.rules, (sys.executable, "-c", FOUND)
    app.rules = replace(rules, scanner=command)
    monkeypatch.setenv("DATABASE_URL", county.url)
    monkeypatch.setenv("AMQP_URL", "amqp://nowhere")
    monkeypatch.setenv("PETITION_STATE", str(county.state))
    monkeypatch.setenv("ATTACHMENT_SCAN", f'{sys.executable} -c "{FOUND}"')
    queue = Queue(
        "intake", plain_engine(county.url, "intake"), registry(Settings.from_env("intake"))
    )
    yield Runner([queue])
    queue.engine.dispose()
    app.rules = rules


def test_a_new_file_waits_and_is_then_judged(
    county: County, clerk: Actor, scanning: Runner
) -> None:
    number = county.register(clerk)
    send(county, number, clerk, "好.pdf", BIG)
    send(county, number, clerk, "坏.pdf", PDF + b"EICAR")
    assert [f["state"] for f in listed(county, number, clerk)] == ["waiting", "waiting"]
    assert fetch(county, number, 1, clerk).json["rule"] == "attachment-waiting"
    while scanning.turn():
        pass
    assert [f["state"] for f in listed(county, number, clerk)] == ["clean", "infected"]
    assert fetch(county, number, 1, clerk).body == BIG
    refused = fetch(county, number, 2, clerk)
    assert_problem(refused, 403, "refused", "file")
    assert refused.json["rule"] == "attachment-infected"


def test_a_known_content_waits_all_the_same(county: County, clerk: Actor, scanning: Runner) -> None:
    """Else who files a guessed paper would learn that the site has it."""
    one, two = county.register(clerk), county.register(clerk)
    send(county, one, clerk, "a.pdf", PDF + b"the same")
    while scanning.turn():
        pass
    send(county, two, own(two), "a.pdf", PDF + b"the same")
    assert listed(county, two, clerk)[0]["state"] == "waiting"


def test_a_scanner_that_says_nothing_is_asked_again_later(
    county: County, clerk: Actor, scanning: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTACHMENT_SCAN", f'{sys.executable} -c "raise SystemExit(2)"')
    number = county.register(clerk)
    send(county, number, clerk, "a.pdf", PDF)
    while scanning.turn():
        pass
    assert listed(county, number, clerk)[0]["state"] == "waiting"
    ((state, later),) = county.sql(
        "SELECT state, run_at > now() + interval '10 minutes' FROM intake.job"
        " WHERE subject = :n AND state = 'queued'", n=number,
    )  # fmt: skip
    assert (state, later) == ("queued", True)
