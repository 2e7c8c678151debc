"""Categories over HTTP and by the command: suggested, counted, ended, replaced as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from intake.app import SUGGESTIONS
from intake.codes import Codes
from kit import clock
from kit.identity import PUBLIC_ACTOR, Actor
from kit.sheet import Unreadable
from sorting import tree
from sorting.tree import Category, Line
from sorting.words import COLUMNS
from stats import categories
from tests.county import BUREAU, County, assert_problem, body
from tool.categories import taking

TEXT = "我们在工地干了半年,包工头一直不给钱,拖欠工资,还天天加班。村道坑洼也没人修。"
OPERATOR = Actor("tool", "test")
LABELS = ("1", "2", "3", "other", "none")


def suggested(county: County, text: str = TEXT, **more: Any) -> list[str]:
    answer = county.post("intake", "/categories/suggestions", {"text": text} | more)
    assert answer.status == 200, answer.body
    assert all(found["words"] for found in answer.json["suggestions"])
    return [found["category"] for found in answer.json["suggestions"]]


def kept(county: County) -> dict[str, Category]:
    with county.apps["routing"].database.reading() as connection:
        return taking.kept(connection)


def take(county: County, rows: list[Category], check: bool = False) -> tuple[int, int]:
    lines = [Line(number, tree.cells(row)) for number, row in enumerate(rows, 2)]
    done = taking.take_tree(
        county.apps["routing"],
        county.apps["intake"],
        county.apps["stats"],
        lines,
        OPERATOR,
        "tree.csv",
        check,
    )
    forget(county)
    return done


def forget(county: County) -> None:
    app: Any = county.apps["intake"]
    app.codes = Codes(app.database)


def changed(row: Category, **changes: Any) -> Category:
    values = {name: getattr(row, name) for name in Category.__slots__}
    return Category(**values | changes)


@pytest.fixture
def before(county: County) -> Iterator[dict[str, Category]]:
    rows = kept(county)
    yield rows
    take(county, list((kept(county) | rows).values()))  # what is in use meanwhile stays


# -- suggested -------------------------------------------------------------------------------------


def test_three_are_suggested_with_their_words(county: County) -> None:
    answer = county.post("intake", "/categories/suggestions", {"text": TEXT}).json["suggestions"]
    assert len(answer) == 3 and answer[0]["category"] == "c050101"
    assert "拖欠工资" in answer[0]["words"]
    assert suggested(county, "你好") == []


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        ({}, "invalid", "text"), ({"text": ""}, "invalid", "text"),
        ({"text": "字" * 20_001}, "invalid", "text"), ({"text": 7}, "invalid", "text"),
        ({"text": TEXT, "type": "x"}, "invalid", "type"), ({"text": TEXT, "a": 1}, "invalid", "a"),
        ({"text": TEXT, "type": "accusation"}, "refused", "type"),
    ],
)  # fmt: skip
def test_a_bad_question_is_refused_by_its_field(
    county: County, sent: dict[str, Any], code: str, field: str
) -> None:
    assert_problem(county.post("intake", "/categories/suggestions", sent), 422, code, field)


# -- counted ---------------------------------------------------------------------------------------


def counts() -> dict[str, float]:
    return {label: SUGGESTIONS.labels(label)._value.get() for label in LABELS}


def counted(county: County, actor: Actor | None, times: int = 1, **changes: Any) -> dict[str, int]:
    """What a registration adds to the counter, however often it is sent."""
    was, sent, key = counts(), body(**{"text": TEXT} | changes), uuid4().hex
    for _ in range(times):
        answer = county.post("intake", "/petitions", sent, actor, key=key)
        assert answer.status == 201, answer.body
    now = counts()
    return {label: int(now[label] - was[label]) for label in LABELS if now[label] != was[label]}


def test_what_an_officer_chooses_is_counted_once(county: County) -> None:
    clerk, (first, second, third) = county.officer(BUREAU, "clerk"), suggested(county)
    assert counted(county, clerk, category=first) == {"1": 1}
    assert counted(county, clerk, times=3, category=second) == {"2": 1}
    assert counted(county, clerk, category=third) == {"3": 1}
    assert counted(county, clerk, category="c0905") == {"other": 1}
    assert counted(county, clerk, category="c0905", text="你好") == {"none": 1}


def test_what_nobody_chose_is_not_counted(county: County) -> None:
    clerk, (first, *_) = county.officer(BUREAU, "clerk"), suggested(county)
    assert counted(county, clerk) == {}, "no choice"
    assert counted(county, None, category=first) == {}, "the command line: an import"
    web = {"channel": "web", "people": [{"name": "张三", "phone": "13800005678"}]}
    assert counted(county, PUBLIC_ACTOR, category=first, **web) == {}, "nobody suggested it there"
    assert counted(county, clerk, category=first, type="accusation") == {}, "sealed"


# -- ended -----------------------------------------------------------------------------------------


def test_an_ended_category_is_refused_by_name_and_not_suggested(
    county: County, before: dict[str, Category]
) -> None:
    number = county.register(category="c050101", text=TEXT)
    county.deliver()
    today = clock.local_date(clock.now())
    ended = changed(before["c050101"], valid_to=today, successors=("c0501",))
    assert take(county, list((before | {"c050101": ended}).values())) == (len(before), 1)
    result = county.post("intake", "/petitions", body(category="c050101"))
    assert_problem(result, 422, "refused", "category")
    assert result.json["rule"] == "category-ended"
    assert "c050101" not in suggested(county)
    assert county.get("intake", f"/petitions/{number}").json["petition"]["category"] == "c050101"
    (row,) = [
        c for c in county.get("routing", "/categories").json["categories"] if c["id"] == "c050101"
    ]
    assert (row["valid_to"], row["successors"]) == (str(today), ["c0501"])


def test_an_old_register_keeps_the_categories_of_its_days(
    county: County, before: dict[str, Category]
) -> None:
    today = clock.local_date(clock.now())
    take(county, list((before | {"c0301": changed(before["c0301"], valid_from=today)}).values()))
    old = {
        "received_on": "2025-01-05",
        "registered_at": "2025-01-06T01:00:00Z",
        "category": "c0301",
    }
    result = county.post("intake", "/petitions", body(**old))
    assert_problem(result, 422, "refused", "category")
    later = changed(before["c0301"], valid_to=today - timedelta(days=30))
    below = {
        id: changed(row, valid_to=later.valid_to)
        for id, row in before.items()
        if row.parent == "c0301"
    }
    take(county, list((before | {"c0301": later} | below).values()))
    assert county.post("intake", "/petitions", body(**old)).status == 201


# -- replaced as a whole, or not at all ------------------------------------------------------------


def test_nothing_is_taken_of_a_tree_with_a_fault(
    county: County, before: dict[str, Category]
) -> None:
    county.register(category="c1501")
    rows = [row for row in before.values() if not row.id.startswith("c1501")]
    rows[0] = changed(rows[0], name="")
    stood = county.counts()
    with pytest.raises(Unreadable) as refused:
        take(county, rows)
    assert refused.value.faults[0] == "第2行:缺少名称"
    assert refused.value.faults[1].startswith("缺少 c1501 "), (
        "it is in use before routing has heard of it"
    )
    with pytest.raises(Unreadable):
        take(county, [])
    assert kept(county) == before and county.counts() == stood


@pytest.mark.parametrize("named", ["c1605", "c16"])
def test_what_a_rule_of_competence_or_a_remit_names_is_in_use(
    county: County, before: dict[str, Category], named: str
) -> None:
    rows = [row for row in before.values() if not row.id.startswith(named)]
    with pytest.raises(Unreadable, match=f"缺少 {named} "):
        take(county, rows)


def test_a_check_changes_nothing(county: County, before: dict[str, Category]) -> None:
    stood, fewer = county.counts(), [row for row in before.values() if row.id != "c1604"]
    fewer = [row for row in fewer if row.parent != "c1604"]
    assert take(county, fewer, check=True) == (len(fewer), 0)
    assert kept(county) == before and county.counts() == stood


def test_an_unused_category_may_go_and_a_new_one_is_known_at_once(
    county: County, before: dict[str, Category]
) -> None:
    rows = [row for row in before.values() if row.id != "c1604" and row.parent != "c1604"]
    assert take(county, [*rows, Category("own1", "c16", "夜间经济")]) == (len(rows) + 1, 1)
    assert county.post("intake", "/petitions", body(category="own1")).status == 201
    assert_problem(
        county.post("intake", "/petitions", body(category="c1604")), 422, "refused", "category"
    )
    with county.apps["stats"].database.reading() as connection:
        named = categories.names(connection)
    assert named["own1"] == f"{before['c16'].name} / 夜间经济" and "c1604" not in named
    (row,) = county.sql("SELECT actor, action FROM routing.audit_log ORDER BY id DESC LIMIT 1")
    assert row == ("test", "categories-import")
    # what was registered under it is in use from now on
    with pytest.raises(Unreadable, match="缺少 own1"):
        take(county, list(before.values()))


def test_a_sites_own_words_are_taken_as_a_whole(county: County) -> None:
    def words(*rows: tuple[str, str, str], check: bool = False) -> int:
        lines = [Line(n, dict(zip(COLUMNS, row, strict=True))) for n, row in enumerate(rows, 2)]
        done = taking.take_words(
            county.apps["routing"], county.apps["intake"], lines, OPERATOR, "words.csv", check
        )
        forget(county)
        return done

    assert suggested(county, "海塘杨梅节") != ["c160302"]
    assert words(("c160302", "杨梅节", "9"), check=True) == 1
    assert suggested(county, "海塘杨梅节") != ["c160302"]
    words(("c160302", "杨梅节", "9"))
    assert suggested(county, "海塘杨梅节")[0] == "c160302"
    with pytest.raises(Unreadable, match="没有分类「c99」"):
        words(("c160302", "杨梅节", "1"), ("c99", "杨梅节", "9"))
    assert suggested(county, "海塘杨梅节")[0] == "c160302"
    found = taking.speaking(county.apps["intake"], "c160302")
    assert (found[0][0].word, found[0][1]) == ("杨梅节", True)
    assert not any(own for _, own in found[1:])
    assert words() == 0 and suggested(county, "海塘杨梅节") != ["c160302"]
