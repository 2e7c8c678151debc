"""Which office must answer: rules first, then remits from the place upwards; never the one complained about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.domain.competence import (
    BODY_LEVELS,
    PLACE,
    Body,
    Book,
    Choice,
    Gap,
    Question,
    Rule,
    climb,
    gaps,
)

COUNTY, TOWN, VILLAGE = "330282000000", "330282104000", "330282104201"
OTHER_VILLAGE, THIRD = "330282105201", "330282106000"
BUREAU = Body("bureau", "petition_office", COUNTY, "county", ("c17",))
TOWN_OFFICE = Body("town", "town", TOWN, "town", ("c01", "c02"), ("village",), "bureau")
OTHER_TOWN = Body("other", "town", "330282105000", "town", ("c01",), (), "bureau")
LABOUR = Body("labour", "department", COUNTY, "county", ("c05",), (), "bureau")
LAND = Body("land", "department", COUNTY, "county", ("c02", "c07"), (), "bureau")
WATER = Body("water", "department", COUNTY, "county", ("c07", "c0701"), (), "bureau")
STATION = Body("station", "department", COUNTY, "county", ("c08",), (), "labour")
BODIES = (BUREAU, TOWN_OFFICE, OTHER_TOWN, LABOUR, LAND, WATER, STATION)
PARENTS = {"c01": None, "c02": None, "c05": None, "c07": None, "c0501": "c05", "c050101": "c0501",
           "c0701": "c07", "c0101": "c01", "c09": None, "c17": None, "c08": None}  # fmt: skip
TODAY = date(2026, 3, 2)


def rule(id_: str = "r1", **changes: object) -> Rule:
    made = Rule(
        id_, COUNTY, None, None, "competent", "land", (), 30, date(2022, 5, 1), None, "某文件"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def ask(*asked: str | None, rules: tuple[Rule, ...] = (), on: date = TODAY) -> Choice:
    division, *rest = asked
    return Book(BODIES, rules, PARENTS).find(Question(division or "", *rest), on)


@pytest.mark.parametrize(
    ("division", "category", "office", "why"),
    [
        (VILLAGE, "c01", "town", "town"),
        (TOWN, "c0101", "town", "town"),
        (TOWN, None, "town", "town"),
        (TOWN, "c05", "labour", "department"),
        (TOWN, "c050101", "labour", "department"),
        (TOWN, "c17", "bureau", "petition_office"),
        (TOWN, "c07", None, "several-departments"),
        (TOWN, "c0701", "water", "department"),
        (TOWN, "c09", None, "no-office"),
        (COUNTY, "c01", None, "no-office"),
        (COUNTY, "c02", "land", "department"),
        (COUNTY, None, None, "no-category"),
        (THIRD, "c01", None, "no-office"),
        ("", "c05", None, "no-office"),
    ],
)
def test_the_remit_that_holds_it_nearest_to_the_place(
    division: str, category: str | None, office: str | None, why: str
) -> None:
    found = ask(division, category)
    assert (found.office, found.rule) == (office, why)


def test_where_several_hold_it_all_are_named() -> None:
    assert ask(TOWN, "c07").candidates == ("land", "water")
    twin = replace(TOWN_OFFICE, id="twin")
    found = Book([*BODIES, twin], (), PARENTS).find(Question(TOWN, "c01"), TODAY)
    assert (found.office, found.candidates) == (None, ("town", "twin"))


def test_the_place_and_the_department_are_kept_apart() -> None:
    found = ask(VILLAGE, "c02")
    assert (found.office, found.principle) == ("town", "territorial")
    assert (found.territorial, found.competent) == ("town", "land")
    found = ask(VILLAGE, "c05")
    assert (found.office, found.principle) == ("labour", "competent")
    assert (found.territorial, found.competent) == ("town", "labour")


@pytest.mark.parametrize(
    ("level", "office", "why"),
    [
        ("village", "town", "town"),
        ("town", "land", "department"),
        ("county", "land", "department"),
        ("city", None, "above-site"),
    ],
)
def test_complaints_about_a_body_go_to_whoever_may_judge_its_level(
    level: str, office: str | None, why: str
) -> None:
    found = ask(VILLAGE, "c02", level)
    assert (found.office, found.rule) == (office, why)


def test_without_levels_of_its_own_an_office_judges_up_to_its_own() -> None:
    assert ask(OTHER_VILLAGE, "c01", "town").office == "other"
    assert ask(OTHER_VILLAGE, "c01", "county").office is None


# -- rules -----------------------------------------------------------------------------------------


def test_a_plant_of_the_city_on_the_land_of_a_town_is_the_departments_with_the_towns_help() -> None:
    city = rule("city", category="c02", level="city", assisting=(PLACE,), assist_days=15)
    found = ask(VILLAGE, "c02", "city", rules=(city,))
    assert (found.office, found.rule, found.principle) == ("land", "city", "competent")
    assert (found.territorial, found.assisting, found.assist_days) == ("town", ("town",), 15)
    assert ask(VILLAGE, "c02", "village", rules=(city,)).office == "town", "of its level alone"


def test_the_rule_that_says_it_most_exactly_counts() -> None:
    rules = (
        rule("all"),
        rule("content", category="c05", lead="labour"),
        rule("finer", category="c0501", lead="water"),
        rule("place", division=TOWN, category="c05", lead=PLACE, principle="territorial"),
        rule("level", category="c0501", level="county", lead="bureau"),
    )
    assert ask(OTHER_VILLAGE, "c09", rules=rules).rule == "all"
    assert ask(OTHER_VILLAGE, "c05", rules=rules).rule == "content"
    assert ask(OTHER_VILLAGE, "c050101", rules=rules).rule == "finer"
    assert ask(OTHER_VILLAGE, "c050101", "county", rules=rules).rule == "level"
    found = ask(VILLAGE, "c050101", "county", rules=rules)
    assert (found.rule, found.office) == ("place", "town"), "the place goes before the content"


def test_a_rule_holds_from_its_first_day_until_its_last() -> None:
    dated = rule(
        category="c05", lead="land", valid_from=date(2026, 1, 1), valid_to=date(2026, 7, 1)
    )
    days = {
        date(2025, 12, 31): "labour", date(2026, 1, 1): "land", date(2026, 6, 30): "land",
        date(2026, 7, 1): "labour",
    }  # fmt: skip
    for day, office in days.items():
        assert ask(TOWN, "c05", rules=(dated,), on=day).office == office
    later = replace(dated, valid_from=date(2026, 7, 1), valid_to=None)
    assert not dated.overlaps(later) and not later.overlaps(dated)
    assert dated.overlaps(replace(later, valid_from=date(2026, 6, 30)))


def test_a_rule_of_an_office_that_is_gone_leaves_it_to_a_person() -> None:
    found = ask(TOWN, "c05", rules=(rule(category="c05", lead="gone"),))
    assert (found.office, found.rule) == (None, "rule-without-office")


# -- one level up ----------------------------------------------------------------------------------


def test_nobody_answers_complaints_about_itself_or_its_superior() -> None:
    found = ask(VILLAGE, "c02", None, "town")
    assert (found.office, found.principle, found.rule) == ("bureau", "superior", "town")
    assert found.territorial == "town", "where it lies is said all the same"
    found = ask(VILLAGE, "c08", None, "labour")
    assert (found.office, found.principle) == ("bureau", "superior"), "the station is under labour"
    assert ask(VILLAGE, "c05", None, "land").office == "labour"


def test_whom_nobody_stands_above_a_person_must_lead_elsewhere() -> None:
    found = ask(VILLAGE, "c02", None, "bureau")
    assert (found.office, found.rule, found.principle) == (None, "accused-top", None)


def test_one_complained_about_neither_assists_nor_is_offered() -> None:
    helped = rule(category="c05", lead="labour", assisting=("land", "water"))
    assert ask(TOWN, "c05", None, "water", rules=(helped,)).assisting == ("land",)
    assert ask(TOWN, "c07", None, "water").candidates == ("land",)
    raised = rule(category="c05", lead="labour", assisting=("bureau", "land"))
    found = ask(TOWN, "c05", None, "labour", rules=(raised,))
    assert (found.office, found.assisting) == ("bureau", ("land",))


def test_a_circle_in_faulty_data_ends() -> None:
    a = replace(LABOUR, id="a", parent="b", categories=("c05",))
    b = replace(LABOUR, id="b", parent="a", categories=())
    found = Book([a, b], (), {"c05": None}).find(Question(COUNTY, "c05", None, "a"), TODAY)
    assert (found.office, found.rule) == (None, "accused-top")


# -- the whole directory ---------------------------------------------------------------------------


def test_gaps_are_the_questions_without_an_answer() -> None:
    found = list(gaps(Book(BODIES, (), PARENTS), [COUNTY, VILLAGE], ["c05", "c07"], TODAY))
    assert Gap(Question(VILLAGE, "c07"), "several-departments", ("land", "water")) in found
    assert {gap.why for gap in found} == {"several-departments", "above-site"}
    assert not any(gap.asked.category == "c05" and gap.asked.level is None for gap in found)


OFFICES = st.lists(
    st.builds(
        Body,
        st.sampled_from("abcdefgh"),
        st.sampled_from(["town", "department", "petition_office"]),
        st.sampled_from([COUNTY, TOWN, VILLAGE]),
        st.sampled_from(["town", "county"]),
        st.lists(st.sampled_from(list(PARENTS)), max_size=4).map(tuple),
        st.lists(st.sampled_from(BODY_LEVELS), max_size=2, unique=True).map(tuple),
        st.none() | st.sampled_from("abcdefgh"),
    ),
    max_size=8,
    unique_by=lambda body: body.id,
)
RULES = st.lists(
    st.builds(
        rule,
        st.sampled_from(["r1", "r2", "r3", "r4"]),
        division=st.sampled_from([COUNTY, TOWN]),
        category=st.none() | st.sampled_from(list(PARENTS)),
        level=st.none() | st.sampled_from(BODY_LEVELS),
        lead=st.sampled_from([*"abcdefgh", PLACE]),
        assisting=st.lists(st.sampled_from([*"abcdefgh", PLACE]), max_size=3).map(tuple),
    ),
    max_size=4,
    unique_by=lambda made: made.scope,
)
QUESTIONS = st.builds(
    Question,
    st.sampled_from(["", COUNTY, TOWN, VILLAGE, THIRD, "110101001001"]),
    st.none() | st.sampled_from([*PARENTS, "unknown"]),
    st.none() | st.sampled_from(BODY_LEVELS),
    st.none() | st.sampled_from("abcdefghz"),
)


@given(OFFICES, RULES, QUESTIONS)
def test_there_is_one_office_or_a_reason_and_never_the_one_complained_about(
    bodies: list[Body], rules: list[Rule], asked: Question
) -> None:
    book = Book(bodies, rules, PARENTS)
    found = book.find(asked, TODAY)
    assert found == Book(reversed(bodies), rules[::-1], PARENTS).find(asked, TODAY), "in any order"
    known = {body.id: body for body in bodies}
    if found.office is None:
        assert found.principle is None and found.rule not in {"town", "department"}
        return
    assert found.office in known and found.principle is not None
    assert found.office not in found.assisting and len(set(found.assisting)) == len(found.assisting)
    if asked.about:
        for office in (found.office, *found.assisting):
            assert office != asked.about and asked.about not in _chain(known, office)


def _chain(known: dict[str, Body], office: str) -> list[str]:
    chain: list[str] = []
    at: str | None = known[office].parent
    while at in known and at not in chain and at != office:
        chain.append(str(at))
        at = known[str(at)].parent
    return chain


def test_a_division_lies_in_all_above_it() -> None:
    assert climb(VILLAGE) == [VILLAGE, TOWN, COUNTY, "330200000000", "330000000000"]
    assert climb(COUNTY) == [COUNTY, "330200000000", "330000000000"]
    assert climb("") == []
