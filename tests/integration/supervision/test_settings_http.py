"""A site's own days and limits over HTTP: open deadlines move by the job, open duties keep their rule."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit import clock
from kit.jobs import Queue, Runner, plain_engine
from supervision.jobs import JOBS
from supervision.settings import RESCHEDULE
from tests.county import BUREAU, TOWN, County, assert_problem

DAYS = "日期,类型,名称"
LIMITS = "种类,期限,单位,预警,启用日期"


def csv(*lines: str) -> dict[str, str]:
    content = ("\n".join(lines) + "\n").encode("gb18030")
    return {"content": b64encode(content).decode(), "name": "本站.csv"}


@pytest.fixture
def environment(county: County, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in (
        ("DATABASE_URL", county.url), ("AMQP_URL", "amqp://nowhere"),
        ("PETITION_STATE", str(county.state)),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    yield
    clock.set_shift(timedelta())


@pytest.mark.usefixtures("environment")
def test_days_move_what_is_owed(county: County) -> None:
    numbers = [county.register() for _ in range(3)]
    county.deliver()
    county.go(numbers[0], "locate", "assign")
    forward = county.get("supervision", f"/cases/{numbers[1]}").json["petition"]["forward_due"]
    last = clock.local_date(datetime.fromisoformat(forward)) - timedelta(days=1)
    body = csv(DAYS, f"{last},休,抗台", f"{last + timedelta(days=1)},休,抗台")
    desk = county.officer(BUREAU, "triage")
    assert county.post("supervision", "/calendar", body, desk).json == {"taken": 2}
    assert county.post("supervision", "/calendar", body, desk).json == {"taken": 0}, "known already"
    year = county.get("supervision", f"/calendar?year={last.year}", desk).json
    assert {"day": str(last), "working": False, "name": "抗台"} in year["days"] and year["known"]

    engine = plain_engine(county.url, "supervision")
    clock.set_shift(timedelta(seconds=20))
    try:
        Runner([Queue("supervision", engine, JOBS)]).turn()
    finally:
        clock.set_shift(timedelta())
        engine.dispose()
    done = county.sql("SELECT state, result FROM supervision.job WHERE kind = :k", k=RESCHEDULE)
    assert [(state, result["moved"]) for state, result in done] == [("done", 3)]
    county.deliver()
    for number in numbers:
        entries = county.get("intake", f"/petitions/{number}/timeline").json["entries"]
        moved = [e for e in entries if e["type"] == "petition.rescheduled"]
        assert len(moved) == 1, "one event a case"
    for number in numbers[1:]:
        shown = county.get("supervision", f"/cases/{number}").json
        assert shown["petition"]["forward_due"] > forward
        why = county.get("supervision", f"/cases/{number}/duties", county.officer(BUREAU, "clerk"))
        assert why.json["duties"][0]["days"][-1]["zh"].endswith("顺延至此")


def test_a_limit_holds_from_its_day_and_what_is_open_keeps_its_rule(county: County) -> None:
    numbers = [county.register() for _ in range(2)]
    county.deliver()
    today = clock.local_date(clock.now())

    def serving(number: str) -> dict[str, Any]:
        county.go(number, "locate", "assign", "sign", "accept", "answer")
        duties = county.get("supervision", f"/cases/{number}/duties").json["duties"]
        return next(d for d in duties if d["kind"] == "serve")

    before = serving(numbers[0])
    assert before["rule"] == "serve.2026"
    own = csv(LIMITS, f"送达,3,日,1,{today}", f"follow_up,0,日,0,{today}")
    admin = county.officer(BUREAU, "admin")
    assert county.post("supervision", "/limits", own, admin).json == {"taken": 2}
    assert county.post("supervision", "/limits", own, admin).json == {"taken": 0}
    after = serving(numbers[1])
    assert after["rule"] == f"serve.{today}.3.day.1"
    assert "起3日" in after["summary"] and f"本站规定,自{today}起施行" in after["summary"]
    kept = county.get("supervision", f"/cases/{numbers[0]}/duties").json["duties"]
    assert next(d for d in kept if d["kind"] == "serve")["summary"] == before["summary"]
    clerk = county.officer(TOWN, "clerk")
    county.go(numbers[1], "serve")
    assert county.post("supervision", f"/cases/{numbers[1]}/closure", {}, clerk).status == 200
    page = county.get("supervision", f"/cases/{numbers[1]}").json
    assert "follow_up" not in {d["kind"] for d in page["duties"]}, "this site does without"
    listed = county.get("supervision", "/limits", clerk).json["limits"]
    by_kind = {limit["kind"]: limit for limit in listed}
    assert by_kind["answer"]["fixed"] and "第三十四条" in by_kind["answer"]["ground"]
    (version,) = by_kind["serve"]["versions"]
    assert version == {"since": str(today), "length": 3, "unit": "day", "warn": 1}
    audited = county.sql("SELECT actor FROM supervision.audit_log WHERE route = '/limits'")
    assert {row[0] for row in audited} == {admin.id}


def test_whoever_keeps_no_site_changes_nothing(county: County) -> None:
    body = csv(DAYS, "2031-01-06,休,试")
    for actor in (county.officer(TOWN, "triage"), county.officer(BUREAU, "clerk", "head")):
        for path in ("/calendar", "/limits"):
            assert_problem(county.post("supervision", path, body, actor), 403, "out-of-scope")


def test_a_faulty_file_is_refused_whole(county: County) -> None:
    desk = county.officer(BUREAU, "triage")
    past = clock.local_date(clock.now()) - timedelta(days=1)
    for path, body, fault in (
        ("/calendar", csv(DAYS, "2031-01-06,休,试", "2031-02-30,休,试"), "第3行"),
        ("/limits", csv(LIMITS, "answer,90,日,10,2031-01-01"), "第三十四条"),
        ("/limits", csv(LIMITS, f"送达,9,日,1,{past}"), "已过"),
        ("/limits", {"content": b64encode(b"\x00").decode(), "name": "x"}, "不是文本文件"),
    ):
        answer = county.post("supervision", path, body, desk)
        assert_problem(answer, 422, "invalid", "content")
        assert fault in answer.json["errors"][0]["detail"]
    assert county.get("supervision", "/calendar?year=2031", desk).json["days"] == []
    broken = county.post("supervision", "/calendar", {"content": "*", "name": "x"}, desk)
    assert_problem(broken, 422, "invalid", "content")
    assert_problem(county.get("supervision", "/calendar?year=1", desk), 422, "invalid", "year")
