"""The words of a report: up, down, equal, nothing to compare with, and nothing known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from stats.domain import narrative
from stats.domain.change import change, change_of_rate, plain, ratio
from stats.domain.editions import EDITIONS
from stats.domain.indicators import INDICATORS
from stats.domain.narrative import Told
from stats.domain.periods import months_of, read
from stats.domain.reports import (
    BY_HAND,
    LINES,
    check_drawing,
    check_issuing,
    check_period,
    id_of,
    named,
    outside,
)
from stats.domain.returns import Refused

YEAR = read("year:2026")


def count(id_: str, n: int | None, base: int | None = None, previous: int | None = None) -> dict[str, Any]:  # fmt: skip
    """A line that counts."""
    told = {name: {"value": "—" if v is None else str(v)} for name, v in (("year_on_year", base), ("on_previous", previous))}  # fmt: skip
    return {
        "id": id_, "name": LINES[id_].name, "unit": LINES[id_].unit, "numerator": n, "denominator": None,
        "value": "—" if n is None else str(n), "bases": told,
        "year_on_year": change(n, base), "on_previous": change(n, previous),
    }  # fmt: skip


def average(id_: str, n: int, of: int) -> dict[str, Any]:
    """A line that is an average of persons, compared with nothing."""
    now = ratio(n, of, 1, INDICATORS["persons_per_visit"].digits)
    return count(id_, None) | {"numerator": n, "denominator": of, "value": plain(now or Decimal())}


def rate(id_: str, n: int, of: int, base: tuple[int, int] | None = None) -> dict[str, Any]:
    """A line that is a rate."""
    now, before = ratio(n, of), ratio(*base) if base else None
    return {
        "id": id_, "name": LINES[id_].name, "unit": "%", "numerator": n, "denominator": of,
        "value": "—" if now is None else plain(now), "on_previous": "—",
        "bases": {"year_on_year": {"value": "—" if before is None else plain(before)}},
        "year_on_year": change_of_rate(now, before),
    }  # fmt: skip


def told(*rows: dict[str, Any], **more: Any) -> Told:
    """A report in which everything else is blank."""
    blank = {id_: count(id_, None) for id_ in LINES}
    return Told("本地区", "2026年", blank | {row["id"]: row for row in rows}, **more)


# -- T1, the district's year table -----------------------------------------------------------------

T1 = (
    count("registered", 232, 190), count("heads", 400, 400), count("letter", 51, 37), count("visit", 181, 153),
    count("visit_capital", 7, 3), count("visit_province", 3, 2), count("visit_city", 13, 13),
    count("visit_here", 158, 137), count("joint_city", 8, 5), count("joint_here", 20, 10),
    count("joint_above", 0),
)  # fmt: skip


def test_the_year_table_in_words() -> None:
    report = told(*T1)
    assert narrative.overview(report)[0] == (
        "2026年，本地区共登记群众信访232件次、400人次，同比上升22.1%。"
    )
    (forms,) = narrative.by_form(report)
    assert forms.startswith("从信访形式看，来信51件次，同比上升37.8%；来访181批次，同比上升18.3%；")
    sizes, visits, joint, fair = narrative.by_level(report)
    assert sizes.startswith("个访、个访人次、") and sizes.endswith("平均每批人次暂缺。")
    assert visits == (
        "从接待机关的层级看，本级来访158户次，同比上升15.3%；到市访13户次，同比持平；"
        "赴省访3户次，同比上升50%；进京访7户次，同比上升133.3%。"
    )
    assert "本级集体访20批次，同比上升100%；到市集体访8批次，同比上升60%" in joint
    assert "进京赴省集体访0批次；本级集体访人次暂缺" in joint, (
        "nought is told, the unknown is named"
    )
    assert "不作为对任何单位、个人的评价" in fair


def test_a_provinces_visits_in_words() -> None:
    report = told(
        count("visits_single", 4190), count("heads_single", 18995), average("average_single", 18995, 4190),
        count("visits_joint", 267), count("heads_joint", 10606), average("average_joint", 10606, 267),
        average("persons_per_visit", 29601, 4457),
    )  # fmt: skip
    assert narrative.by_level(report)[0] == (
        "从来访规模看，个访4190批次；个访人次18995人次；个访平均每批人次4.53人/批；"
        "集体访267批次；集体访人次10606人次；集体访平均每批人次39.7人/批；平均每批人次6.64人/批。"
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (count("letter", 51, 37), "来信51件次，同比上升37.8%"),
        (count("letter", 37, 51), "来信37件次，同比下降27.5%"),
        (count("letter", 13, 13), "来信13件次，同比持平"),
        (count("letter", 0, 0), "来信0件次，同比持平"),
        (count("letter", 0, 4), "来信0件次，同比下降100%"),
        (count("letter", 4, 0), "来信4件次，上年同期为0"),
        (count("letter", 4, None), "来信4件次"),
        (count("letter", 4, None, 2), "来信4件次，环比上升100%"),
        (count("letter", None, 4), "来信暂缺"),
        (count("letter", 10001, 10000), "来信10001件次，同比基本持平"),
        (rate("repeat_rate", 32, 232, (20, 190)), "重复信访率13.8%（32/232），同比上升3.3个百分点"),
        (rate("repeat_rate", 32, 232, (32, 232)), "重复信访率13.8%（32/232），同比持平"),
        (rate("repeat_rate", 1, 4, (1, 2)), "重复信访率25%（1/4），同比下降25个百分点"),
        (rate("repeat_rate", 0, 0), "重复信访率暂缺"),
    ],
)
def test_a_figure_and_how_it_stands(row: dict[str, Any], words: str) -> None:
    assert narrative.clause(row) == words


def test_what_is_not_known_is_never_nought() -> None:
    blank = told()
    assert narrative.overview(blank) == ["2026年，本地区没有信访数据。"]
    assert narrative.topics(blank) == ["2026年没有按内容分类的信访数据。"]
    for part in (narrative.by_form, narrative.by_level, narrative.handling):
        for line in part(blank):
            assert "0" not in line.replace("2026", ""), line
    assert "到市访、赴省访、进京访暂缺" in narrative.by_level(told(count("visit_here", 5, 5)))[1]


def test_topics_are_named_by_size() -> None:
    rows = [
        count("letter", n, base) | {"name": f"类{n}", "share": str(n)}
        for n, base in ((30, 20), (20, 20), (10, None), (8, 8), (7, 7), (6, 6), (0, 4))
    ]
    (line,) = narrative.topics(told(topics=rows))
    assert line.startswith(
        "反映较多的问题依次是：类3030件次，占30%，同比上升50%；类2020件次，占20%，同比持平；类1010件次，占10%；"
    )
    assert "类66件次" not in line and line.endswith("其他1类合计6件次。"), (
        "what there was none of is not named"
    )


def test_bulletins_and_urgent_reports_are_told() -> None:
    report = told(count("urgent", 2), series=[("《人民来访快报》", 56), ("专报", 1), ("空", 0)])
    assert narrative.information(report) == [
        "编发《人民来访快报》56期、《专报》1期；报告重大、紧急信访事项2件次。"
    ]
    assert narrative.information(told(count("urgent", 0))) == ["没有需要报告的重大、紧急信访事项。"]


def test_notes_say_what_the_figures_rest_on() -> None:
    own, opened = (narrative.notes(told(missing=[date(2026, 2, 1)]), date(2027, 1, 5), e) for e in EDITIONS)  # fmt: skip
    assert "2027年1月5日" in own[0] and any("2026年2月的月报尚未报齐" in line for line in own)
    assert "第三十条" in opened[-1] and "第三十条" not in own[-1]


def test_notes_name_the_months_in_which_a_line_was_left_blank() -> None:
    line = count("visit_city", None) | {"blank": ["2026-03-01"]}
    notes = "".join(narrative.notes(told(line), date(2027, 1, 5), "own"))
    assert "月报之和；到市访2026年3月没有填报，不作合计。" in notes


# -- periods and rules -----------------------------------------------------------------------------


def test_periods_have_names() -> None:
    names = {read(text): name for text, name in (
        ("month:2026-03", "2026年3月"), ("quarter:2026-Q1", "2026年第一季度"), ("quarter:2026-Q4", "2026年第四季度"),
        ("half:2026-H1", "2026年上半年"), ("half:2026-H2", "2026年下半年"), ("year:2026", "2026年"),
    )}  # fmt: skip
    assert {period: named(period) for period in names} == names
    assert id_of("xfj", read("quarter:2026-Q1")) == "xfj.report-2026-Q1"
    assert months_of(read("quarter:2026-Q4")) == [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]  # fmt: skip
    assert len(months_of(YEAR)) == 12 and len(months_of(read("month:2026-02"))) == 1


def test_lines_by_hand_are_those_of_higher_levels() -> None:
    assert set(BY_HAND) == {"visit_city", "visit_province", "visit_capital", "joint_city", "joint_above"}  # fmt: skip


@pytest.mark.parametrize(
    ("period", "today", "rule"),
    [
        ("year:2026", date(2026, 12, 31), "period-not-over"),
        ("week:2026-W10", date(2027, 1, 1), "period-unfit"),
        ("day:2026-03-02", date(2027, 1, 1), "period-unfit"),
    ],
)
def test_a_report_is_of_what_is_over(period: str, today: date, rule: str) -> None:
    with pytest.raises(Refused) as caught:
        check_period(read(period), today)
    assert (caught.value.rule, caught.value.field, caught.value.status) == (rule, "period", 422)
    check_period(YEAR, date(2027, 1, 1))


def test_what_was_issued_does_not_change() -> None:
    for refused in (lambda: check_drawing("issued"), lambda: check_issuing("issued", 1, 1, True)):
        with pytest.raises(Refused) as caught:
            refused()
        assert caught.value.rule == "report-issued"
    for state, newest, version, printed, rule in (
        (None, 0, 1, False, "report-missing"), ("drawn", 2, 1, True, "report-redrawn"),
        ("drawn", 2, 2, False, "report-not-printed"),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            check_issuing(state, newest, version, printed)
        assert caught.value.rule == rule
    check_drawing(None)
    check_issuing("drawn", 2, 2, True)


@pytest.mark.parametrize(
    ("item", "n", "told"),
    [
        ("letter", 4, None),
        ("letter", 5, 5),
        ("letter", 0, 0),
        ("letter", None, None),
        ("bulletins", 3, 3),
    ],
)
def test_few_persons_are_told_to_nobody_outside(item: str, n: int | None, told: int | None) -> None:
    assert outside(item, n) == told
