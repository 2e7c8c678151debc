"""Commands on their way: keys, what was seen, waiting, conflicts; and the order of the report."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
import requests

from tool.importing import sending
from tool.importing.columns import layout
from tool.importing.directory import Directory
from tool.importing.planning import EXAMPLE, Outcome, Plan, Planner, Refusal, Refused, Step
from tool.importing.reading import Row
from tool.importing.report import Report, notes
from tool.importing.running import Import
from tool.importing.sending import Caller, Sender, Unreachable

OFFICES = [{"id": "o1", "name": "甲镇信访办", "short_name": "甲镇", "parent": None}]
STEPS = (
    Step("登记", "register", "intake", "/petitions", b"{}", "信访日期"),
    Step("交办", "assignment", "routing", "/petitions/{number}/assignment", b"{}", "交办时间"),
    Step("受理", "acceptance", "supervision", "/cases/{number}/acceptance", b"{}", "受理时间"),
)
PLAN = Plan(2, "甲1", "k", STEPS, "o2", None)


def answer(status: int, body: dict[str, Any], **headers: str) -> requests.Response:
    found = requests.Response()
    found.status_code, found._content = status, orjson.dumps(body)
    found.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return found


def good(service: str, sequence: int) -> requests.Response:
    return answer(201, {"number": "n1", "sequence": f"{service}:{sequence}"})


class Wire:
    """Answers in their order; None stands for a connection that breaks."""

    def __init__(self, *answers: requests.Response | None) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def __call__(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> requests.Response | None:
        self.asked.append((method, url.partition("/petitions")[2] or url, headers))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


Send = Callable[..., tuple[Outcome, Wire]]


@pytest.fixture
def send(monkeypatch: pytest.MonkeyPatch) -> Send:
    def done(*answers: requests.Response | None) -> tuple[Outcome, Wire]:
        monkeypatch.setattr(sending, "NOT_YET", 0.2)
        monkeypatch.setattr(sending, "PAUSE", 0.01)
        monkeypatch.setattr(sending, "_retry_after", lambda answer: 0.01)
        caller = Caller(patience=0.2)
        wire = Wire(*answers)
        monkeypatch.setattr(caller, "_once", wire)
        return Sender(caller, Directory([], OFFICES, [])).send(PLAN), wire

    return done


def test_each_command_has_a_key_of_its_own_and_says_what_it_has_seen(send: Send) -> None:
    outcome, wire = send(good("intake", 1), good("routing", 2), good("supervision", 3))
    assert outcome == Outcome(2, "甲1", "n1")
    assert [headers["Idempotency-Key"] for _, _, headers in wire.asked] == [
        "import:k:register",
        "import:k:assignment",
        "import:k:acceptance",
    ]
    assert [headers.get("Petition-Seen") for _, _, headers in wire.asked] == [
        None,
        "intake:1",
        "intake:1 routing:2",
    ]


def test_what_has_not_arrived_yet_and_what_is_busy_is_asked_again(send: Send) -> None:
    later = [
        answer(409, {"type": "/problems/not-yet"}),
        answer(409, {"type": "/problems/refused", "rule": "still-locating"}),
        answer(429, {}),
        answer(503, {}),
        None,
    ]
    rest = [good("routing", 2), good("supervision", 3)]
    outcome, wire = send(good("intake", 1), *later, *rest)
    assert not outcome.refusals
    assert len({headers["Idempotency-Key"] for _, _, headers in wire.asked}) == 3


def test_what_never_arrives_is_told_and_can_be_continued(send: Send) -> None:
    late = answer(409, {"type": "/problems/not-yet", "detail": "前一步尚未到达本服务"})
    outcome, _ = send(good("intake", 1), late)
    assert outcome.number == "n1"
    assert outcome.refusals == (Refusal("交办", "交办时间", "前一步尚未到达本服务"),)


@pytest.mark.parametrize("away", [None, answer(503, {}), answer(401, {})])
def test_a_service_that_stays_away_ends_the_run(send: Send, away: Any) -> None:
    with pytest.raises(Unreachable):
        send(good("intake", 1), away)


def test_a_key_used_for_another_body_is_a_change_since(send: Send) -> None:
    reused = {"type": "/problems/idempotency-key-reused", "errors": [{"field": "Idempotency-Key"}]}
    outcome, _ = send(answer(422, reused))
    assert outcome.refusals == (Refusal("登记", "", "首次导入后内容有改动,未覆盖。"),)


def test_the_service_names_the_column(send: Send) -> None:
    errors = [{"field": "people.0.phone", "detail": "格式不对。"}]
    outcome, _ = send(answer(422, {"type": "/problems/invalid", "errors": errors}))
    assert outcome.refusals == (Refusal("登记", "电话", "格式不对。"),)


@pytest.mark.parametrize(("office", "refused"), [("o2", False), ("o1", True)])
def test_a_rule_that_was_quicker_is_well_where_it_agrees(
    send: Send, office: str, refused: bool
) -> None:
    taken = answer(409, {"type": "/problems/refused", "rule": "assigned-already"})
    matter = answer(
        200, {"petition": {"office": office, "division": None}, "sequence": "routing:2"}
    )
    outcome, _ = send(good("intake", 1), taken, matter, good("supervision", 3))
    assert bool(outcome.refusals) == refused
    if refused:
        assert outcome.refusals[0].reason == "系统已交由「甲镇」办理,与登记簿不一致。"


# -- the run ---------------------------------------------------------------------------------------


class Plans:
    """Plans by a row's own number; `bad…` is refused."""

    def plan(self, row: Row) -> Plan:
        own = row.cells["source_ref"]
        if own.startswith("bad"):
            raise Refused([Refusal("核对", "电话", "格式不对。")])
        return Plan(row.number, own, own, (), None, None)


class Slowly:
    """Sends backwards: the first row takes longest."""

    def send(self, plan: Plan) -> Outcome:
        time.sleep(max(0, 0.05 - plan.row / 100))
        if plan.source_ref == "away":
            raise Unreachable("away")
        return Outcome(plan.row, plan.source_ref, f"n{plan.row}")


def rows(*own: str) -> Iterator[Row]:
    return (Row(n, {"source_ref": name}) for n, name in enumerate(own, 2))


def run(*own: str, dry: bool = False) -> list[Outcome]:
    told: list[Outcome] = []
    sender = None if dry else (lambda stopped: cast(Sender, Slowly()))
    Import(cast(Planner, Plans()), sender, 4).run(rows(*own), told.append)
    return told


def test_rows_are_told_in_the_order_of_the_file() -> None:
    told = run("a", "bad", "b", EXAMPLE, "a", *map(str, range(30)))
    assert [outcome.row for outcome in told] == [n for n in range(2, 37) if n != 5]
    assert [bool(outcome.refusals) for outcome in told[:4]] == [False, True, False, True]
    assert told[3].refusals[0].reason == "编号与第 2 行重复。"


def test_a_dry_run_plans_only() -> None:
    told = run("a", "bad", dry=True)
    assert [outcome.number for outcome in told] == [None, None]


def test_a_run_that_ends_early_tells_what_was_under_way_once() -> None:
    told: list[Outcome] = []
    running = Import(cast(Planner, Plans()), lambda stopped: cast(Sender, Slowly()), 2)
    names = ["a", "b", "away", *map(str, range(500))]
    with pytest.raises(Unreachable):
        running.run(rows(*names), told.append)
    numbers = [outcome.row for outcome in told]
    assert numbers[:2] == [2, 3]
    assert len(numbers) == len(set(numbers)) < 20
    assert threading.active_count() < 10


# -- the report ------------------------------------------------------------------------------------


def test_the_report_is_harmless_to_a_spreadsheet(tmp_path: Path) -> None:
    with Report(tmp_path / "r.csv", dry=False) as report:
        report.take(Outcome(2, "=1+1", "n1"))
        report.take(Outcome(3, "甲", None, (Refusal("核对", "电话", "格式不对。"),)))
        report.take(Outcome(4, "乙", "n2", (Refusal("签收", "签收时间", "已签收。"),)))
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["编号"] for line in lines] == ["'=1+1", "甲", "乙"]
    assert [line["结果"] for line in lines] == ["已导入", "未导入", "未完成"]
    assert list(report.lines())[-1] == "已导入 1 件,未导入 2 件(其中 1 件已登记,后续步骤未完成)"


def test_many_reasons_are_summed_up() -> None:
    with Report(None, dry=True) as report:
        for n in range(50):
            report.take(Outcome(n, None, None, (Refusal("核对", "电话", "格式不对。"),)))
    lines = list(report.lines())
    assert "  50 处:电话 格式不对。" in lines
    assert len(lines) < 30


def test_each_dropped_column_is_told_once() -> None:
    told = list(notes(layout(["信访日期", "民族", "颜色", "手机", "电话"])))
    assert len(told) == 3
    assert told[0] == "列「民族」不导入:本系统不保存此类个人信息"
