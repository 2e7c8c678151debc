"""考核 over HTTP: schemes from a file; a whole assessment of offices that had work, through an appeal to publication."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from kit import clock
from kit.identity import Actor
from stats.assessments import schemes
from stats.assessments.schemes import standard
from tests.county import BUREAU, LABOUR, TOWN, WAY, County, assert_problem

OTHER, THIRD, IDLE = "330282107-xfb", "330282108-xfb", "330282109-xfb"
AGO = 60
"""Days ago that the matters came in."""
DAY = timedelta(days=1)
SEALED_TO = OTHER


@contextmanager
def days_from_now(days: int) -> Iterator[None]:
    """The clock of this process, moved."""
    clock.set_shift(days * DAY)
    try:
        yield
    finally:
        clock.set_shift(timedelta())


def on(days: int) -> str:
    return str(clock.local_date(clock.now()) + days * DAY)


def own_scheme(**settings: str) -> bytes:
    """The site's own: groups of its size, and figures told from one matter on."""
    said = {"编号": "own", "名称": "本市考核办法", "件数分组": "3", "申诉天数": "3"} | settings
    rows = list(csv.reader(io.StringIO(schemes.file(standard(), "csv").decode("utf-8-sig"))))
    for row in rows:
        if row[2] == "设置" and row[0] in said:
            row[1] = said[row[0]]
        if row[2] == "数据":
            row[7] = "1"
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def head(county: County) -> Actor:
    return county.officer(BUREAU, "head", "triage")


def take(county: County, actor: Actor, content: bytes) -> Any:
    sent = {"content": b64encode(content).decode(), "name": "考核办法.csv"}
    return county.post("stats", "/schemes", sent, actor)


@pytest.fixture(scope="module", autouse=True)
def _worked(county: County, head: Actor) -> None:
    """Two months ago: one matter each for three offices, four for one, and none for another. And an accusation,
    handled by one of them, that another of them must not know of."""
    assert take(county, head, own_scheme()).status == 200
    with days_from_now(-AGO):
        for office, n in ((TOWN, 1), (LABOUR, 1), (OTHER, 1), (THIRD, 4)):
            for _ in range(n):
                handle(county, county.register(head), office)
        number = county.register(head, type="accusation", accused=[SEALED_TO])
        county.deliver()
        assigned(county, number, TOWN)


def assigned(county: County, number: str, office: str) -> None:
    county.deliver()
    sent = {"office": office, "method": "transfer"}
    done = county.post("routing", f"/petitions/{number}/assignment", sent)
    assert done.status == 200, done.body
    county.deliver()


def handle(county: County, number: str, office: str) -> None:
    county.deliver()
    county.go(number, "locate")
    assigned(county, number, office)
    county.go(number, *WAY[2:])


PERIOD = "month:" + str(clock.local_date(clock.now()) - AGO * DAY)[:7]
FOUR = [TOWN, LABOUR, OTHER, THIRD]


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "scheme": "own", "period": PERIOD, "offices": [*FOUR, IDLE], "self_due": on(3), "peer_due": on(6),
    } | changes  # fmt: skip


def opened(county: County, head: Actor, **changes: Any) -> str:
    answer = county.post("stats", "/assessments", plan(**changes), head)
    assert answer.status == 200, answer.body
    return str(answer.json["number"])


def do(county: County, actor: Actor, id: str, office: str, step: str, **sent: Any) -> Any:
    return county.post("stats", f"/assessments/{id}/offices/{office}/{step}", sent, actor)


def advance(county: County, head: Actor, id: str, state: str, **more: Any) -> Any:
    return county.post("stats", f"/assessments/{id}/advance", {"state": state} | more, head)


def table(county: County, actor: Actor, id: str) -> dict[str, Any]:
    answer = county.get("stats", f"/assessments/{id}", actor)
    assert answer.status == 200, answer.body
    return dict(answer.json)


def one(county: County, actor: Actor, id: str, office: str) -> dict[str, Any]:
    answer = county.get("stats", f"/assessments/{id}/offices/{office}", actor)
    assert answer.status == 200, answer.body
    return dict(answer.json)


def marks(points: float = 8, **own: float) -> list[dict[str, Any]]:
    """Points for every judged criterion."""
    return [
        {"criterion": c.id, "points": own.get(c.id, points), "text": f"{c.name}台账"}
        for c in standard().judged
    ]


def clerk(county: County, office: str) -> Actor:
    return county.officer(office, "clerk")


# -- schemes ---------------------------------------------------------------------------------------


def test_schemes_are_taken_from_a_file_and_told(county: County, head: Actor) -> None:
    found = county.get("stats", "/schemes", clerk(county, TOWN)).json["schemes"]
    assert {one["id"] for one in found} == {"standard", "own"}
    own = next(one for one in found if one["id"] == "own")
    assert own["full"] == "100" and own["bands"] == ["不足3件", "3件以上"]
    file = county.get("stats", "/schemes/own/file?format=xlsx", clerk(county, TOWN))
    assert schemes.read(file.body) == schemes.read(own_scheme())
    assert "own.xlsx" in unquote(file.headers["content-disposition"])
    assert_problem(county.get("stats", "/schemes/none/file", head), 404, "not-found")


def test_a_scheme_that_scores_visits_is_refused_by_its_line(county: County, head: Actor) -> None:
    bad = own_scheme().decode().replace("answered_on_time", "visit").encode()
    refused = take(county, head, bad)
    assert_problem(refused, 422, "invalid", "content")
    (said,) = [error["detail"] for error in refused.json["errors"]]
    assert said.startswith("第12行") and "来访批次" in said and "第三十九条" in said
    assert_problem(take(county, head, b"\xff\xfe"), 422, "invalid", "content")
    sent = {"content": "?", "name": "x"}
    assert_problem(county.post("stats", "/schemes", sent, head), 422, "invalid", "content")
    town = county.officer(TOWN, "head")
    assert_problem(take(county, town, own_scheme()), 403, "out-of-scope")


# -- opening ---------------------------------------------------------------------------------------


def test_the_evidence_is_drawn_and_the_groups_are_made(county: County, head: Actor) -> None:
    id_ = opened(county, head)
    whole = table(county, head, id_)
    rows = {row["office"]: row for row in whole["rows"]}
    assert {office: row["band"] for office, row in rows.items()} == {
        TOWN: 0, LABOUR: 0, OTHER: 0, THIRD: 1, IDLE: None,
    }  # fmt: skip
    assert rows[THIRD]["checker"] == BUREAU, "alone in its group"
    assert rows[IDLE]["checker"] is None
    small = {office: rows[office]["checker"] for office in (TOWN, LABOUR, OTHER)}
    assert set(small.values()) == set(small) and all(a != b and small[b] != a for a, b in small.items())  # fmt: skip
    sheet = one(county, head, id_, TOWN)
    criteria = {c["id"]: c for c in sheet["criteria"]}
    none_due, first = criteria["answered"], criteria["first"]
    assert (none_due["denominator"], none_due["value"], none_due["reckoned"]) == (0, None, None)
    assert (first["denominator"], first["value"], first["reckoned"]) == (1, "0", "10")
    assert first["indicator"]["formula"], "the definition stands beside the number"
    listed = county.get("stats", f"/figures/cases?{first['denominator_cases']}", head).json
    assert len(listed["cases"]) == 1 and listed["cases"][0]["office"] == TOWN
    assert [c["name"] for c in sheet["criteria"] if c["indicator"] is None and c["value"]] == []


def test_what_one_of_them_must_not_know_is_nobodys_evidence(county: County, head: Actor) -> None:
    """An accusation is handled by one office; the office that it is against must not learn of it by a sum."""
    id_ = opened(county, head)
    (work,) = [each for each in one(county, head, id_, TOWN)["work"] if each["name"] == "承办"]
    assert work["n"] == 1
    asked = f"/figures?what=assigned&period={PERIOD}&where=office:{TOWN}"
    assert county.get("stats", asked, head).json["total"]["numerator"] == 2, "the bureau counts it"
    assert len(county.get("stats", f"/figures/cases?{work['cases']}", head).json["cases"]) == 2


def test_every_office_is_meant_where_none_is_named(county: County, head: Actor) -> None:
    rows = table(county, head, opened(county, head, offices=[]))["rows"]
    offices = {row["office"] for row in rows}
    assert len(offices) > 80 and BUREAU not in offices


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"scheme": "none"}, "scheme-unknown", "scheme"),
        ({"period": "month:2099-01"}, "refused", "period"),
        ({"period": "month:2020-01"}, "refused", "scheme"),
        ({"period": "soon"}, "invalid", "period"),
        ({"offices": ["nowhere"]}, "office-unknown", "offices"),
        ({"offices": [BUREAU]}, "refused", "offices"),
        ({"offices": TOWN}, "invalid", "offices"),
        ({"self_due": "2020-01-01"}, "refused", "self_due"),
        ({"peer_due": on(0)}, "refused", "peer_due"),
        ({"self_due": "soon"}, "invalid", "self_due"),
        ({"colour": "red"}, "invalid", "colour"),
    ],
)
def test_a_plan_that_is_none_is_refused(
    county: County, head: Actor, changes: dict[str, Any], code: str, field: str
) -> None:
    before = county.sql("SELECT count(*) FROM stats.assessment")
    answer = county.post("stats", "/assessments", plan(**changes), head)
    assert_problem(answer, 422, code, field)
    assert county.sql("SELECT count(*) FROM stats.assessment") == before


def test_the_petition_office_alone_opens(county: County, head: Actor) -> None:
    town = county.officer(TOWN, "head")
    assert_problem(county.post("stats", "/assessments", plan(), town), 403, "out-of-scope")
    clerk_ = county.officer(BUREAU, "clerk")
    assert county.post("stats", "/assessments", plan(), clerk_).status == 403


# -- the whole way ---------------------------------------------------------------------------------


def test_through_all_steps_with_an_appeal_upheld(county: County, head: Actor) -> None:
    id_ = opened(county, head)
    checker = {row["office"]: row["checker"] for row in table(county, head, id_)["rows"]}
    _assess_themselves(county, head, id_, checker)
    _check_one_another(county, head, id_, checker)
    _decide(county, head, id_)
    _appeal(county, head, id_, checker)
    _publish(county, head, id_)


def _assess_themselves(county: County, head: Actor, id_: str, checker: dict[str, str]) -> None:
    """自评: three of four; the last says nothing."""
    disputes = [{"criterion": "first", "text": "有一件登记日期有误"}]
    done = do(county, clerk(county, TOWN), id_, TOWN, "self", marks=marks(9), disputes=disputes)
    assert done.status == 200, done.body
    for office in (LABOUR, THIRD):
        assert do(county, clerk(county, office), id_, office, "self", marks=marks()).status == 200
    strange = do(county, clerk(county, LABOUR), id_, TOWN, "self", marks=marks())
    assert strange.status == 403 and strange.json["rule"] == "not-your-step"
    idle = do(county, clerk(county, IDLE), id_, IDLE, "self", marks=marks())
    assert idle.json["rule"] == "nothing-to-assess"
    early = do(county, clerk(county, checker[TOWN]), id_, TOWN, "peer", marks=marks())
    assert early.json["rule"] == "assessment-not-in-step"
    own = one(county, clerk(county, TOWN), id_, TOWN)
    assert own["steps"] == ["self"] and own["total"] is None
    basics = own["criteria"][-1]
    assert basics["said"]["self"]["text"].endswith("台账") and basics["points"] is None
    seen = {row["office"] for row in table(county, clerk(county, TOWN), id_)["rows"]}
    assert seen == {TOWN} | {office for office, its in checker.items() if its == TOWN}
    hidden = county.get("stats", f"/assessments/{id_}/offices/{THIRD}", clerk(county, TOWN))
    assert_problem(hidden, 404, "not-found")
    waiting = advance(county, head, id_, "peer")
    assert_problem(waiting, 409, "refused", "state")
    assert table(county, head, id_)["waiting"]["self"] == [OTHER]


def _check_one_another(county: County, head: Actor, id_: str, checker: dict[str, str]) -> None:
    """互查, once the last day of 自评 is over: all but one are checked."""
    with days_from_now(4):
        late = do(county, clerk(county, OTHER), id_, OTHER, "self", marks=marks())
        assert late.json["rule"] == "step-late"
        assert advance(county, head, id_, "peer").status == 200
        sight = one(county, clerk(county, checker[TOWN]), id_, TOWN)
        assert sight["steps"] == ["peer"] and sight["criteria"][-1]["said"]["self"]["points"] == "9"
        given = marks(8, basics=4)
        for office in (TOWN, OTHER):
            done = do(county, clerk(county, checker[office]), id_, office, "peer", marks=given)
            assert done.status == 200, done.body
        own = do(county, clerk(county, TOWN), id_, TOWN, "peer", marks=given)
        assert own.status == 403, "nobody checks itself"
        assert do(county, head, id_, THIRD, "peer", marks=marks(7)).status == 200
        assert table(county, head, id_)["waiting"]["peer"] == [LABOUR]
        assert advance(county, head, id_, "ranking").status == 409


def _decide(county: County, head: Actor, id_: str) -> None:
    """定分: where the two differ, where a figure is disputed, and where nobody checked."""
    with days_from_now(7):
        assert advance(county, head, id_, "ranking").status == 200
        own = one(county, clerk(county, TOWN), id_, TOWN)
        assert all("peer" not in each["said"] for each in own["criteria"]), "not before the ranking"
        assert_problem(advance(county, head, id_, "appeals"), 409, "refused", "state")
        assert table(county, head, id_)["waiting"]["ranking"] == sorted([TOWN, LABOUR])
        open_ = [c["id"] for c in one(county, head, id_, TOWN)["criteria"] if c["may"] == "final"]
        assert open_ == ["first", "basics"]
        settled = do(county, head, id_, TOWN, "final", criterion="survey", points=1, text="x")
        assert settled.json["rule"] == "nothing-to-decide"
        done = do(county, head, id_, TOWN, "final", criterion="basics", points=6, text="实地核查")
        assert done.status == 200, done.body
        rows = {row["office"]: row for row in table(county, head, id_)["rows"]}
        assert rows[LABOUR]["total"] is None, "what nobody judged is not nought"
        for criterion in standard().judged:
            sent = {"criterion": criterion.id, "points": 5, "text": "无人互查"}
            assert do(county, head, id_, LABOUR, "final", **sent).status == 200
        _decide_the_dispute(county, head, id_)
        assert advance(county, head, id_, "appeals").status == 200


def _decide_the_dispute(county: County, head: Actor, id_: str) -> None:
    """A figure that an office calls wrong is not passed over; one that is right is confirmed with the reason."""
    name = standard().criterion("first").name
    left = advance(county, head, id_, "appeals")
    assert_problem(left, 409, "refused", "state")
    assert left.json["rule"] == "undecided" and f"「{name}」" in left.json["detail"]
    assert table(county, head, id_)["undecided"] == {TOWN: [name]}
    assert table(county, clerk(county, TOWN), id_)["undecided"] is None
    before = one(county, head, id_, TOWN)["total"]
    done = do(county, head, id_, TOWN, "final", criterion="first", text="登记日期无误")
    assert done.status == 200, done.body
    assert one(county, head, id_, TOWN)["total"] == before, "the figure holds"
    assert table(county, head, id_)["undecided"] == {}


def _appeal(county: County, head: Actor, id_: str, checker: dict[str, str]) -> None:
    """申诉: one upheld, one rejected; the ranking follows."""
    with days_from_now(8):
        rows = {row["office"]: row for row in table(county, clerk(county, TOWN), id_)["rows"]}
        assert len(rows) == 5 and rows[LABOUR]["total"] and rows[IDLE]["rank"] is None
        before = rows[LABOUR]
        assert (rows[TOWN]["rank"], before["rank"]) == (1, 3)
        words = one(county, clerk(county, LABOUR), id_, TOWN)["criteria"][-1]
        assert words["points"] == "6" and not {"final", "verdict"} & words["said"].keys()
        labour = clerk(county, LABOUR)
        sent = {"criterion": "basics", "text": "已按标准建档"}
        assert do(county, labour, id_, LABOUR, "appeal", **sent).status == 200
        again = do(county, labour, id_, LABOUR, "appeal", **sent)
        assert again.json["rule"] == "appealed-before"
        assert do(county, labour, id_, LABOUR, "appeal", criterion="survey", text="x").status == 200
        assert_problem(advance(county, head, id_, "closed"), 409, "refused", "state")
        upheld = {"criterion": "basics", "upheld": True, "points": 10, "text": "核查属实"}
        no_points = do(county, head, id_, LABOUR, "verdict", **(upheld | {"points": None}))
        assert_problem(no_points, 422, "refused", "points")
        assert do(county, head, id_, LABOUR, "verdict", **upheld).status == 200
        after = {row["office"]: row for row in table(county, head, id_)["rows"]}[LABOUR]
        assert after["points"]["basics"] == "10" and float(after["total"]) > float(before["total"])
    with days_from_now(11):
        late = do(county, clerk(county, TOWN), id_, TOWN, "appeal", criterion="basics", text="x")
        assert late.json["rule"] == "step-late"
        waiting = advance(county, head, id_, "closed")
        assert waiting.json["rule"] == "appeals-waiting"
        sent = {"criterion": "survey", "upheld": False, "text": "没有新的依据"}
        assert do(county, head, id_, LABOUR, "verdict", **sent).status == 200


def _publish(county: County, head: Actor, id_: str) -> None:
    """公布: for everybody, for good, and told without a word."""
    with days_from_now(11):
        stranger = county.officer("330282-mzj", "clerk")
        assert table(county, stranger, id_)["rows"] == []
        assert (
            advance(county, head, id_, "closed", text="各单位应当及时就地解决问题。").status == 200
        )
    whole = table(county, stranger, id_)
    assert whole["conclusion"].startswith("各单位") and len(whole["rows"]) == 5
    assert any("申诉2项,成立1项" in said for said in whole["summary"]["paragraphs"])
    assert whole["summary"]["averages"]["basics"]
    for refused in (
        do(county, clerk(county, TOWN), id_, TOWN, "self", marks=marks()),
        do(county, head, id_, TOWN, "final", criterion="basics", points=1, text="x"),
        do(county, head, id_, LABOUR, "verdict", criterion="basics", upheld=False, text="x"),
        advance(county, head, id_, "cancelled"),
    ):
        assert refused.status == 409
    assert table(county, stranger, id_) == whole, "a closed assessment never changes"
    ((log,),) = county.sql(
        "SELECT convert_from(envelope, 'UTF8') FROM stats.event_log WHERE type = 'report.published'"
    )
    assert '"kind":"assessment"' in log and TOWN in log and "核查" not in log
    texts = county.sql("SELECT text FROM stats.score WHERE id = :id", id=id_)
    assert texts and not any("台账".encode() in bytes(row[0]) for row in texts), "sealed"
    file = county.get("stats", f"/assessments/{id_}/file", stranger)
    lines = list(load_workbook(io.BytesIO(file.body)).active.iter_rows(values_only=True))
    assert lines[0][:5] == ("组别", "名次", "单位", "登记", "承办")
    assert len(lines) == 5 and all(isinstance(line[-1], (int, float)) for line in lines[1:])
    assert [line[1] for line in lines[1:]] == [1, 2, 3, 1]


def test_one_that_was_opened_by_mistake_is_cancelled(county: County, head: Actor) -> None:
    id_ = opened(county, head)
    assert advance(county, head, id_, "cancelled").status == 200
    done = do(county, clerk(county, TOWN), id_, TOWN, "self", marks=marks())
    assert done.json["rule"] == "assessment-not-in-step"
    states = county.get("stats", "/assessments", head).json["assessments"]
    assert next(row for row in states if row["id"] == id_)["state"] == "cancelled"


def test_a_self_assessment_sent_again_replaces_the_one_before(county: County, head: Actor) -> None:
    id_ = opened(county, head)
    disputes = [{"criterion": "first", "text": "有误"}]
    town = clerk(county, TOWN)
    for sent in ({"marks": marks(3), "disputes": disputes}, {"marks": marks(4)}):
        assert do(county, town, id_, TOWN, "self", **sent).status == 200
    sheet = {c["id"]: c for c in one(county, town, id_, TOWN)["criteria"]}
    assert sheet["basics"]["said"]["self"]["points"] == "4"
    assert sheet["first"]["said"] == {}, "what is not disputed any more is not told"


# -- bad input -------------------------------------------------------------------------------------

ONE = marks()[0]


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({}, "invalid", "marks"),
        ({"marks": []}, "refused", "marks"),
        ({"marks": marks()[1:]}, "refused", "marks"),
        ({"marks": [ONE | {"points": "x"}]}, "invalid", "marks.0.points"),
        ({"marks": [ONE | {"points": "NaN"}]}, "invalid", "marks.0.points"),
        ({"marks": [ONE | {"points": -1}]}, "refused", "marks.0.points"),
        ({"marks": [ONE | {"points": "1E+999999"}]}, "refused", "marks.0.points"),
        ({"marks": [ONE | {"points": 11}]}, "refused", "marks.0.points"),
        ({"marks": [ONE | {"points": 1.001}]}, "refused", "marks.0.points"),
        ({"marks": [ONE | {"text": ""}]}, "invalid", "marks.0.text"),
        ({"marks": [ONE | {"criterion": "weather"}]}, "refused", "criterion"),
        ({"marks": [ONE | {"criterion": "answered"}]}, "refused", "marks.0.criterion"),
        ({"marks": marks(), "disputes": [{"criterion": "basics", "text": "x"}]}, "refused", "disputes.0.criterion"),
        ({"marks": marks(), "score": 1}, "invalid", "score"),
    ],
)  # fmt: skip
def test_what_is_no_assessment_of_ones_own_is_refused(
    county: County, head: Actor, sent: dict[str, Any], code: str, field: str
) -> None:
    id_ = next(
        row["id"] for row in county.get("stats", "/assessments", head).json["assessments"]
        if row["state"] == "self"
    )  # fmt: skip
    before = county.sql("SELECT count(*) FROM stats.score")
    answer = do(county, clerk(county, TOWN), id_, TOWN, "self", **sent)
    assert_problem(answer, 422, code, field)
    assert county.sql("SELECT count(*) FROM stats.score") == before


def test_what_is_not_there_is_not_found(county: County, head: Actor) -> None:
    id_ = opened(county, head)
    assert_problem(do(county, head, "none", TOWN, "self", marks=marks()), 404, "not-found")
    assert_problem(do(county, head, id_, "330282-mzj", "self", marks=marks()), 404, "not-found")
    assert_problem(advance(county, head, "none", "peer"), 404, "not-found")
    assert_problem(county.get("stats", "/assessments/none", head), 404, "not-found")
    assert_problem(county.get("stats", f"/assessments/{id_}/offices/x", head), 404, "not-found")
    assert_problem(advance(county, head, id_, "heaven"), 422, "invalid", "state")


def test_what_comes_in_later_does_not_change_what_was_drawn(county: County, head: Actor) -> None:
    id_ = opened(county, head)
    before = table(county, head, id_)
    with days_from_now(-AGO):
        handle(county, county.register(head), IDLE)
    assert table(county, head, id_) == before
    again = {row["office"]: row for row in table(county, head, opened(county, head))["rows"]}
    assert again[IDLE]["band"] == 0, "a new one is drawn by the figures of its day"
