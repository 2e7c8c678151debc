"""简报 over HTTP: drafted, changed, issued with numbers that have no gaps, printed, voided."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from docx import Document as Docx

from kit import clock
from kit.identity import Actor
from kit.jobs import Queue, Runner, plain_engine
from stats import bulletins, jobs
from tests.county import BUREAU, LABOUR, TOWN, County, assert_problem

YEAR = clock.local_date(clock.now()).year
WORDS = {"title": "集中接访情况", "text": "本周接访三十批次。\n均已登记。"}


@pytest.fixture
def runner(county: County, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The jobs of stats."""
    monkeypatch.setenv("DATABASE_URL", county.url)
    monkeypatch.setenv("AMQP_URL", "amqp://nobody")
    monkeypatch.setenv("PETITION_STATE", str(county.state))
    return Runner([Queue("stats", plain_engine(county.url, "stats"), jobs.JOBS)])


@pytest.fixture(scope="module")
def head(county: County) -> Actor:
    return county.officer(BUREAU, "head")


def begin(county: County, actor: Actor, name: str) -> int:
    answer = county.post("stats", "/bulletins/series", {"series_name": name}, actor)
    assert answer.status == 200, answer.body
    return int(answer.json["series"])


def draft(county: County, actor: Actor, series: int, **changes: Any) -> str:
    answer = county.post("stats", "/bulletins", {"series": series} | WORDS | changes, actor)
    assert answer.status == 201, answer.body
    return str(answer.json["number"])


def step(county: County, actor: Actor, id_: str, name: str, **body: Any) -> Any:
    return county.post("stats", f"/bulletins/{id_}/{name}", body, actor)


def one(county: County, actor: Actor, id_: str) -> Any:
    return county.get("stats", f"/bulletins/{id_}", actor)


def listed(county: County, actor: Actor, office: str = BUREAU) -> dict[str, Any]:
    return dict(county.get("stats", f"/bulletins?office={office}&year={YEAR}", actor).json)


def test_a_bulletin_from_the_draft_to_being_void(
    county: County, head: Actor, runner: Runner
) -> None:
    clerk, reader = county.officer(BUREAU, "clerk"), county.officer(TOWN, "clerk")
    series = begin(county, head, "《人民来访快报》")
    assert_problem(
        county.post("stats", "/bulletins/series", {"series_name": "《人民来访快报》"}, head), 422, "refused", "series_name"
    )  # fmt: skip
    id_ = draft(county, clerk, series)
    assert one(county, clerk, id_).json["text"] == WORDS["text"]
    assert_problem(one(county, reader, id_), 404, "not-found")
    assert listed(county, reader)["bulletins"] == [], "a draft is its office's own"
    changed = WORDS | {"text": "本周接访三十一批次。"}
    assert step(county, clerk, id_, "change", revision=1, **changed).json["revision"] == 2
    assert step(county, head, id_, "issue", revision=1).json["rule"] == "bulletin-changed"
    assert step(county, clerk, id_, "issue", revision=2).status == 403, "a head issues"
    assert step(county, head, id_, "issue", revision=2).json["code"] == f"{YEAR}年第1期"
    for name, body in (("change", changed | {"revision": 2}), ("issue", {"revision": 2})):
        assert step(county, head, id_, name, **body).json["rule"] == "bulletin-issued"

    assert one(county, reader, id_).json["progress"] == "waiting"
    assert_problem(county.get("stats", f"/bulletins/{id_}/file", reader), 409, "not-printed")
    while runner.turn():
        pass
    told = one(county, reader, id_).json
    assert told["progress"] == "ready" and told["files"][0]["format"] == "docx"
    document = Docx(io.BytesIO(county.get("stats", f"/bulletins/{id_}/file", reader).body))
    said = [paragraph.text for paragraph in document.paragraphs]
    assert said[:2] == ["《人民来访快报》", f"{YEAR}年第1期"]
    assert "集中接访情况" in said and "本周接访三十一批次。" in said

    assert_problem(step(county, head, id_, "voiding", reason=""), 422, "invalid", "reason")
    assert step(county, head, id_, "voiding", reason="数字有误").status == 200
    assert (
        step(county, head, id_, "voiding", reason="数字有误").json["rule"] == "bulletin-not-issued"
    )
    told = one(county, reader, id_).json
    assert (told["state"], told["code"], told["cause"]) == ("void", f"{YEAR}年第1期", "数字有误")
    following = draft(county, head, series)
    assert step(county, head, following, "issue", revision=1).json["code"] == f"{YEAR}年第2期"
    page = listed(county, reader)
    assert [(row["serial"], row["state"]) for row in page["bulletins"]] == [(2, "issued"), (1, "void")]  # fmt: skip
    assert page["series"] == [{"ordinal": 1, "name": "《人民来访快报》", "issued": 1, "total": 2}]
    events = county.sql("SELECT type, convert_from(envelope, 'UTF8') FROM stats.event_log ORDER BY position")  # fmt: skip
    assert [row[0] for row in events] == ["report.published", "report.voided", "report.published"]
    assert not any("接访" in row[1] or "数字" in row[1] for row in events), "no words in an event"
    kept = county.sql("SELECT title, text, cause FROM stats.bulletin ORDER BY id LIMIT 1")[0]
    assert not any("接访".encode() in bytes(blob) for blob in kept), "words are sealed"


def test_what_was_issued_is_counted_by_series_however_few_are_listed(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long series neither hides another nor its own number; the page is told of how many it has but some."""
    head, reader = county.officer(LABOUR, "head"), county.officer(BUREAU, "clerk")
    series = [begin(county, head, name) for name in ("快报", "专报", "简讯")]
    for one_ in (series[0],) * 4 + (series[1],):
        id_ = draft(county, head, one_)
        assert step(county, head, id_, "issue", revision=1).status == 200
    assert step(county, head, id_, "voiding", reason="有误").status == 200
    draft(county, head, series[0])
    with county.apps["stats"].database.connection() as connection:  # one was last year's
        connection.exec_driver_sql(
            "UPDATE stats.bulletin SET year = year - 1 WHERE office = %s AND series = 1 AND serial = 1",
            (LABOUR,),
        )
    monkeypatch.setattr(bulletins, "MOST", 2)
    for actor, total, rows in ((reader, 3, [4, 3]), (head, 4, [None, 4])):
        page = listed(county, actor, LABOUR)
        counted = [(s["name"], s["issued"], s["total"]) for s in page["series"]]
        assert counted == [("快报", 3, total), ("专报", 0, 1), ("简讯", 0, 0)]
        assert [b["serial"] for b in page["bulletins"] if b["series"] == 1] == rows
        assert [b["serial"] for b in page["bulletins"] if b["series"] == 2] == [1]


def test_numbers_have_no_gaps_under_concurrency(county: County) -> None:
    """Many at once, each sent twice: some are refused in the transaction that took a number."""
    head = county.officer(TOWN, "head")
    series = begin(county, head, "简报")
    other = begin(county, head, "专报")
    drafts = [draft(county, head, series) for _ in range(8)]
    threads = [
        threading.Thread(target=step, args=(county, head, id_, "issue"), kwargs={"revision": 1})
        for id_ in drafts * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = listed(county, head, TOWN)["bulletins"]
    assert sorted(row["serial"] for row in rows) == list(range(1, 9))
    id_ = draft(county, head, other)
    assert step(county, head, id_, "issue", revision=1).json["code"] == f"{YEAR}年第1期", (
        "each series counts for itself"
    )


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"series": 9}, "series", "refused"),
        ({"series": "1"}, "series", "invalid"),
        ({"title": ""}, "title", "invalid"),
        ({"title": "两\n行"}, "title", "invalid"),
        ({"text": "x" * 20_001}, "text", "invalid"),
        ({"serial": 7}, "serial", "invalid"),
    ],
)
def test_what_is_no_bulletin_is_refused(
    county: County, changes: dict[str, Any], field: str, code: str
) -> None:
    clerk = county.officer(LABOUR, "clerk")
    if not listed(county, clerk, LABOUR)["series"]:
        begin(county, clerk, "简报")
    before = {n: c for n, c in county.counts().items() if not n.endswith("audit_log")}
    answer = county.post("stats", "/bulletins", {"series": 1} | WORDS | changes, clerk)
    assert_problem(answer, 422, code, field)
    assert {n: c for n, c in county.counts().items() if not n.endswith("audit_log")} == before


def test_an_office_writes_its_own(county: County, head: Actor) -> None:
    labour = county.officer(LABOUR, "head")
    id_ = draft(county, labour, 1)
    assert_problem(step(county, head, id_, "issue", revision=1), 403, "not-your-office")
    assert_problem(step(county, head, "nothing", "issue", revision=1), 404, "not-found")
    auditor = county.officer(None, "auditor")
    assert county.get("stats", f"/bulletins/{id_}", auditor).status == 404
    assert county.post("stats", "/bulletins", {"series": 1} | WORDS, auditor).status == 403
