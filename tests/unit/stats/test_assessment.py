"""考核: who may do what when, what holds where two differ, who sees what; the scheme as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kit.sheet import Unreadable
from stats.assessments import schemes as tables
from stats.assessments.schemes import standard
from stats.domain import assessment as rules
from stats.domain import conclusions, scoring
from stats.domain.assessment import (  # fmt: skip
    APPEALS,
    CANCELLED,
    CLOSED,
    NEXT,
    PEER,
    RANKING,
    SELF,
    Plan,
    Progress,
)
from stats.domain.periods import read
from stats.domain.refusal import Refused
from stats.domain.schemes import Scheme

D = Decimal
OURS = standard()
BASICS, ANSWERED = OURS.criterion("basics"), OURS.criterion("answered")
TODAY = date(2026, 7, 10)
PLAN = Plan(read("half:2026-H1"), {"a", "b"}, date(2026, 7, 20), date(2026, 7, 31))
NOTHING = Progress((), (), {}, ())


def refused(rule: str, check: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as found:
        check()
    assert found.value.rule == rule
    assert found.value.zh and found.value.en.isascii()
    return found.value


# -- what holds ------------------------------------------------------------------------------------


def test_an_appeal_stands_above_the_petition_office_above_the_checker() -> None:
    given = {"self": D(10), "peer": D(6)}
    assert rules.effective(BASICS, None, given) == 6, "not what it claims for itself"
    assert rules.effective(BASICS, None, given | {"final": D(8)}) == 8
    decided = given | {"final": D(8), "appeal": None, "verdict": D(9)}
    assert rules.effective(BASICS, None, decided) == 9
    rejected = decided | {"verdict": None}
    assert rules.effective(BASICS, None, rejected) == 8
    assert rules.effective(BASICS, None, {"self": D(10)}) is None, "nobody else judged: no nought"
    assert rules.effective(ANSWERED, D(7), {}) == 7
    assert rules.effective(ANSWERED, D(7), {"self": None, "final": D(9)}) == 9


def test_what_nobody_judged_is_undecided() -> None:
    assert [c.id for c in rules.undecided(OURS, {})] == ["reception", "survey", "information", "basics"]  # fmt: skip
    assert not list(rules.undecided(OURS, {c.id: {"peer": D(0)} for c in OURS.judged}))


@pytest.mark.parametrize(
    ("criterion", "given", "is_open"),
    [
        (BASICS, {"self": D(9), "peer": D(7)}, False),
        (BASICS, {"self": D(9), "peer": D("6.99")}, True),
        (BASICS, {"peer": D(7)}, False),
        (BASICS, {"self": D(9)}, True),
        (BASICS, {}, True),
        (ANSWERED, {}, False),
        (ANSWERED, {"self": None}, True),
    ],
)
def test_the_petition_office_decides_what_is_contested_alone(
    criterion: Any, given: dict[str, Decimal | None], is_open: bool
) -> None:
    assert rules.is_open(criterion, given, D(2)) == is_open
    check = lambda: rules.check_final(criterion, D(5), given, D(2))  # noqa: E731
    if is_open:
        check()
    else:
        refused("nothing-to-decide", check)


def test_a_disputed_figure_that_is_right_is_confirmed_without_points() -> None:
    disputed: dict[str, Decimal | None] = {"self": None}
    rules.check_final(ANSWERED, None, disputed, D(2))
    confirmed = disputed | {"final": None}
    assert rules.effective(ANSWERED, D(7), confirmed) == 7
    assert rules.effective(ANSWERED, None, confirmed) is None, "不评 remains 不评"
    found = refused("points-unfit", lambda: rules.check_final(BASICS, None, {}, D(2)))
    assert "须写分数" in found.zh


def test_what_is_contested_waits_for_the_petition_office() -> None:
    """A dispute passed over in silence would be an office that was not heard."""
    given = {c.id: {"self": D(5), "peer": D(5)} for c in OURS.judged}
    assert not list(rules.contested(OURS, given))
    loud = given | {"basics": {"self": D(9), "peer": D(5)}, "answered": {"self": None}}
    assert {c.id for c in rules.contested(OURS, loud)} == {"basics", "answered"}
    decided = {id_: said | {"final": None} for id_, said in loud.items()}
    assert not list(rules.contested(OURS, decided))
    assert [c.id for c in rules.contested(OURS, {})] == [c.id for c in OURS.judged], (
        "nobody checked"
    )


def test_the_refusal_names_office_and_criterion() -> None:
    waiting = replace(NOTHING, contested={"a": [BASICS, ANSWERED], "b": [BASICS]})
    names = {"a": "周巷镇", "b": "民政局"}
    found = refused(
        "undecided",
        lambda: rules.check_advance(RANKING, APPEALS, waiting, None, TODAY, names.__getitem__),
    )
    assert (
        f"3项须由组织单位定分:周巷镇「{BASICS.name}」「{ANSWERED.name}」、民政局「{BASICS.name}」。"
        in found.zh
    )
    assert "a basics, a answered, b basics" in found.en
    many = replace(NOTHING, contested={str(n): [BASICS] for n in range(11)})
    found = refused("undecided", lambda: rules.check_advance(RANKING, APPEALS, many, None, TODAY))
    assert found.zh.count("「") == 10 and found.zh.endswith("等。")


# -- opening ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"period": read("half:2026-H2")}, "period"),
        ({"period": read("month:2026-07")}, "period"),
        ({"period": read("year:2021")}, "scheme"),
        ({"self_due": date(2026, 7, 9)}, "self_due"),
        ({"peer_due": date(2026, 7, 20)}, "peer_due"),
        ({"offices": ()}, "offices"),
        ({"offices": {"a", "root"}}, "offices"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_by_field(changes: dict[str, Any], field: str) -> None:
    rules.check_plan(PLAN, OURS, "root", TODAY)
    plan = replace(PLAN, **changes)
    found = refused(f"{field}-unfit", lambda: rules.check_plan(plan, OURS, "root", TODAY))
    assert found.field == field and found.status == 422


# -- steps -----------------------------------------------------------------------------------------


def test_a_step_is_taken_in_its_stage_and_until_its_last_day() -> None:
    due = date(2026, 7, 20)
    rules.check_step(SELF, SELF, due, due)
    refused("step-late", lambda: rules.check_step(SELF, SELF, date(2026, 7, 21), due))
    refused("assessment-not-in-step", lambda: rules.check_step(PEER, SELF, due, due))
    assert refused("not-your-step", lambda: rules.check_own("a", "b", "x", "x")).status == 403
    refused("not-your-step", lambda: rules.check_own(None, None, "x", "x"))
    refused("nothing-to-assess", lambda: rules.check_assessed(None))


MARKS = [(criterion.id, D(5)) for criterion in OURS.judged]


@pytest.mark.parametrize(
    ("marks", "disputes", "field"),
    [
        (MARKS[1:], (), "marks"),
        ([*MARKS, MARKS[0]], (), "marks"),
        ([*MARKS[1:], ("reception", D("10.01"))], (), "marks.3.points"),
        ([*MARKS[1:], ("reception", D(-1))], (), "marks.3.points"),
        ([*MARKS[1:], ("reception", D("1.001"))], (), "marks.3.points"),
        ([*MARKS, ("answered", D(5))], (), "marks.4.criterion"),
        ([*MARKS, ("weather", D(5))], (), "criterion"),
        (MARKS, ("basics",), "disputes.0.criterion"),
        (MARKS, ("answered", "answered"), "disputes"),
    ],
)
def test_marks_are_complete_and_within_their_weight(
    marks: list[tuple[str, Decimal]], disputes: tuple[str, ...], field: str
) -> None:
    rules.check_marks(OURS, MARKS, ("answered",))
    with pytest.raises(Refused) as found:
        rules.check_marks(OURS, marks, disputes)
    assert found.value.field == field and found.value.status == 422


def test_one_appeal_a_criterion_and_one_answer() -> None:
    rules.check_appeal({"peer": D(3)})
    refused("appealed-before", lambda: rules.check_appeal({"appeal": None}))
    waiting = {"peer": D(3), "appeal": None}
    rules.check_verdict(BASICS, waiting, True, D(4))
    rules.check_verdict(BASICS, waiting, False, None)
    refused("no-appeal", lambda: rules.check_verdict(BASICS, {}, False, None))
    refused("no-appeal", lambda: rules.check_verdict(BASICS, waiting | {"verdict": None}, True, D(4)))  # fmt: skip
    for upheld, points in ((True, None), (False, D(4)), (True, D(11))):
        refused("points-unfit", lambda u=upheld, p=points: rules.check_verdict(BASICS, waiting, u, p))  # fmt: skip


# -- stages ----------------------------------------------------------------------------------------

DUE, AFTER = date(2026, 7, 20), date(2026, 7, 21)


@pytest.mark.parametrize(
    ("state", "to", "waiting", "day", "rule"),
    [
        (SELF, PEER, {"unassessed": ["a"]}, DUE, "waiting"),
        (SELF, PEER, {"unassessed": ["a"]}, AFTER, None),
        (SELF, PEER, {}, TODAY, None),
        (PEER, RANKING, {"unchecked": ["a"]}, DUE, "waiting"),
        (PEER, RANKING, {"unchecked": ["a"]}, AFTER, None),
        (PEER, RANKING, {}, TODAY, None),
        (RANKING, APPEALS, {"contested": {"a": [BASICS]}}, AFTER, "undecided"),
        (RANKING, APPEALS, {}, TODAY, None),
        (APPEALS, CLOSED, {}, DUE, "appeals-open"),
        (APPEALS, CLOSED, {"appeals": ["a"]}, AFTER, "appeals-waiting"),
        (APPEALS, CLOSED, {}, AFTER, None),
        (SELF, RANKING, {}, AFTER, "assessment-not-in-step"),
        (CLOSED, SELF, {}, AFTER, "assessment-not-in-step"),
        (CLOSED, CANCELLED, {}, AFTER, "assessment-not-in-step"),
        (PEER, CANCELLED, {"unchecked": ["a"]}, TODAY, None),
    ],
)
def test_a_stage_begins_when_all_have_answered_or_the_last_day_is_over(
    state: str, to: str, waiting: dict[str, Any], day: date, rule: str | None
) -> None:
    due = None if state == RANKING else DUE
    check = lambda: rules.check_advance(state, to, replace(NOTHING, **waiting), due, day)  # noqa: E731
    if rule is None:
        check()
    else:
        refused(rule, check)


def test_what_is_closed_or_cancelled_stays() -> None:
    assert [state for state, after in NEXT.items() if not after] == [CLOSED, CANCELLED]


# -- who sees what ---------------------------------------------------------------------------------


def seen(state: str, reader: str | None, takes_part: bool = True) -> tuple[tuple[str, ...], bool] | None:  # fmt: skip
    found = rules.sight(state, reader, "root", "a", "b", takes_part)
    return found and (found.steps, found.points)


def test_before_the_ranking_an_office_sees_its_own_and_what_it_checks() -> None:
    for state in (SELF, PEER, RANKING):
        assert seen(state, "root") == (rules.EVERY_STEP, True)
        assert seen(state, "a") == (("self",), False)
        assert seen(state, "b") == (("self", "peer"), False)
        assert seen(state, "c") is None and seen(state, None) is None


def test_after_it_everybody_in_it_sees_the_points_but_not_the_words() -> None:
    assert seen(APPEALS, "a") == (rules.EVERY_STEP, True)
    assert seen(APPEALS, "b") == (("self", "peer"), True)
    assert seen(APPEALS, "c") == ((), True)
    assert seen(APPEALS, "d", takes_part=False) is None, "until it is published"
    assert seen(CLOSED, "d", takes_part=False) == ((), True) == seen(CLOSED, None, False)
    assert seen(CANCELLED, "c") is None


# -- the summary -----------------------------------------------------------------------------------


def test_the_summary_speaks_of_offices_and_matters() -> None:
    two = Scheme("s", "办法", date(2026, 1, 1), (BASICS, ANSWERED))
    found = scoring.ranked(
        two,
        {
            "a": (0, {"basics": D(9), "answered": None}),
            "b": (0, {"basics": D(5), "answered": None}),
            "c": (2, {"basics": D(8), "answered": D(10)}),
            "d": (None, {}),
        },
    )
    names = {"a": "甲", "b": "乙", "c": "丙", "d": "丁"}
    said = list(conclusions.paragraphs(two, found, 2, 1, names))
    assert said == [
        "按《办法》,满分20分。参加评分的单位3个,按件数分为2组,各组分别排序。",
        "考核期内没有登记或者承办信访件、不评分的单位1个:丁。",
        "不足20件组2个单位,平均14分;第1名甲,18分。",
        "100件以上组1个单位,平均18分;第1名丙,18分。",
        f"平均得分率最高的是按期答复率(100.0%),最低的是{BASICS.name}(73.3%)。",
        "申诉2项,成立1项。",
    ]
    assert conclusions.by_criterion(two, found) == {"basics": D("7.33"), "answered": D(10)}


def test_a_group_with_nothing_to_rate_says_so() -> None:
    two = Scheme("s", "办法", date(2026, 1, 1), (ANSWERED,))
    found = scoring.ranked(two, {"a": (0, {"answered": None})})
    said = list(conclusions.paragraphs(two, found, 0, 0, {"a": "甲"}))
    assert "没有可评的项目" in said[1] and ANSWERED.name in said[-1] and "申诉" not in said[-1]


# -- the scheme as a table -------------------------------------------------------------------------


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def table(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, tables.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_scheme_goes_out_and_comes_back(format_: str) -> None:
    assert tables.read(tables.file(OURS, format_)) == OURS


def test_a_figure_may_be_named_in_chinese() -> None:
    rows = lines(tables.file(OURS, "csv"))
    for row in rows:
        if row["数据"] == "answered_on_time":
            row["数据"], row["计分标准"] = "按期答复率", "100：10；80：0"
    assert tables.read(table(rows)) == OURS


@pytest.mark.parametrize(
    ("id_", "cells", "said"),
    [
        ("answered", {"数据": "信访总量"}, "第12行:「信访总量」不能作为评分项"),
        ("answered", {"数据": "repeat_rate"}, "第三十九条"),
        ("answered", {"数据": "天气"}, "没有「天气」"),
        ("answered", {"分值": "x"}, "第12行:分值「x」须为"),
        ("answered", {"计分": "曲线"}, "计分「曲线」"),
        ("answered", {"计分标准": "100=10"}, "计分标准"),
        ("answered", {"最少件数": "-1"}, "最少件数"),
        ("answered", {"方式": "抽签"}, "方式「抽签」"),
        ("answered", {"编号": "basics"}, "编号basics与前面的行重复"),
        ("answered", {"编号": "按期"}, "编号「按期」"),
        ("启用日期", {"名称": "明天"}, "启用日期「明天」"),
        ("启用日期", {"编号": "心情"}, "没有设置「心情」"),
        ("件数分组", {"名称": "100;20"}, "件数分组"),
    ],
)
def test_every_fault_of_a_table_is_named_with_its_line(
    id_: str, cells: dict[str, str], said: str
) -> None:
    rows = lines(tables.file(OURS, "csv"))
    for row in rows:
        if row["编号"] == id_:
            row |= cells
    with pytest.raises(Unreadable) as found:
        tables.read(table(rows))
    assert any(said in fault for fault in found.value.faults), found.value.faults


def test_a_missing_setting_is_named() -> None:
    rows = [row for row in lines(tables.file(OURS, "csv")) if row["编号"] != "允许差距"]
    with pytest.raises(Unreadable, match="缺少设置:允许差距"):
        tables.read(table(rows))
