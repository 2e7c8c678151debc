"""A test for every article (条) that the rules name, and a look at whether every rule names one.

The rules of all three services stand here together: an article does not know services.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from intake.domain import registration
from kit import clock
from routing.domain import competence, dispute, remit
from supervision.domain import clocks, procedure, urgent
from supervision.domain.calendar import Calendar
from supervision.domain.clocks import Pause, Term
from supervision.domain.procedure import Refused

DOMAINS: tuple[ModuleType, ...] = (
    registration,
    competence,
    remit,
    dispute,
    clocks,
    procedure,
    urgent,
)
MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def refused(rule: str, check: Callable[..., Any], /, *args: Any, **named: Any) -> None:
    """The check says no, by this rule."""
    with pytest.raises((registration.Refused, remit.Refused, procedure.Refused)) as caught:
        check(*args, **named)
    assert caught.value.rule == rule  # type: ignore[attr-defined]


def last(kind: str, *pauses: Pause, more: int = 0) -> date | None:
    """The last day of a limit that begins on MONDAY, by weekdays alone."""
    rule = clocks.rule_for(kind, MONDAY)
    return clocks.last_day(Term(rule, MONDAY, (rule.length or 0) + more, pauses), Calendar())


# -- one test for each article ---------------------------------------------------------------------


def test_article_5_whoever_is_in_charge_answers() -> None:
    procedure.check_office("town", "town", site_wide=False)
    refused("not-the-competent-office", procedure.check_office, "town", "other", site_wide=False)
    town = competence.Body("town", "town", "330282104000", "town", ())
    book = competence.Book([town], (), {})
    assert book.find(competence.Question("330282104201", None), MONDAY).office == "town"


def test_article_18_who_petitioned_may_stay_unknown_to_who_handles_it() -> None:
    assert registration.hides_people(True, "bureau", "officer", "town")
    assert not registration.hides_people(True, "bureau", "officer", "bureau")
    assert not registration.hides_people(False, "bureau", "officer", "town")


def test_article_19_what_was_accepted_below_is_not_accepted_above() -> None:
    assert dispute.DECLINES["accepted_below"].article == "第十九条"
    whose = {"acting": "o", "owner": "o", "site_wide": False}
    dispute.check_decline(placing="registered", handled=False, **whose)
    refused("nothing-to-decline", dispute.check_decline, placing="signed", handled=True, **whose)


def test_article_20_at_most_five_represent_a_joint_visit() -> None:
    visit: dict[str, Any] = {
        "channel": "visit", "received_on": MONDAY, "today": MONDAY, "anonymous": False,
        "head_count": 7, "by_public": False,
    }  # fmt: skip
    registration.check_registration(people=["representative"] * 5, **visit)
    six = ["representative"] * 6
    refused("too-many-representatives", registration.check_registration, people=six, **visit)
    assert dispute.DECLINES["too_high"].article == "第二十条"


def test_article_21_who_petitioned_rates_what_was_done() -> None:
    registration.check_rating(status="served", rated_at=None)
    refused("rating-too-early", registration.check_rating, status="answered", rated_at=None)


def test_article_22_forwarded_within_15_days_of_receipt_and_reported_on_when_handed_over() -> None:
    assert last("forward") == MONDAY + 15 * DAY
    remit.check_assign("registered", locating=False)
    refused("assigned-already", remit.check_assign, "signed", locating=False)
    refused("handled-already", remit.check_open, "accepted")
    remit.check_report("assign", MONDAY + DAY, MONDAY)
    refused("report-not-asked", remit.check_report, "transfer", MONDAY + DAY, MONDAY)


def test_article_23_accepted_within_15_days_or_objected_to_within_5_working_days() -> None:
    assert last("accept") == last("inform") == last("notify") == MONDAY + 15 * DAY
    assert last("object") == MONDAY + 7 * DAY
    objection: dict[str, Any] = {
        "placing": "assigned", "handled": False, "office": "o", "acting": "o", "own": False,
        "final": False, "objected": False,
    }  # fmt: skip
    dispute.check_object(closed=False, **objection)
    refused("objection-late", dispute.check_object, closed=True, **objection)
    refused("step-out-of-order", procedure.check_step, "accept", "assigned")
    refused("step-out-of-order", procedure.check_step, "notify", "accepted")
    ask = {"placing": "objected", "sender": "bureau", "site_wide": False}
    refused("not-the-sender", dispute.check_arbitrate, acting="town", **ask)


def test_article_24_the_common_superior_decides_where_bodies_do_not_agree() -> None:
    chains = [["labour", "bureau"], ["bureau"]]
    assert dispute.after_return(2, "sender", "root", chains) == dispute.Designator(
        "bureau", "superior"
    )
    assert dispute.after_return(1, "sender", "root", chains).lifted is None
    refused("designated", dispute.check_object, placing="assigned", handled=False, office="o",
            acting="o", own=False, final=True, objected=False, closed=False)  # fmt: skip
    assert clocks.rule_for("designate", MONDAY).basis == clocks.SITE, "the article sets no limit"
    refused("step-out-of-order", procedure.check_step, "assist", "answered")


@pytest.mark.parametrize(
    ("after", "first", "rule"),
    [
        (-10, None, "reported-before-known"),
        (0, None, None),
        (5, 3, None),
        (2, 3, "reported-before-first"),
        (8, None, None),
        (8.1, None, "reported-in-future"),
    ],
)
def test_article_25_when_a_report_was_made(
    after: float, first: float | None, rule: str | None
) -> None:
    """Hours after the matter was known; it is 8 hours after now."""
    known = clock.midnight(MONDAY)
    hours = lambda n: known + timedelta(hours=n)  # noqa: E731
    check = lambda: urgent.check_reported_at(  # noqa: E731
        hours(after), known, hours(first) if first else None, hours(8)
    )
    if rule is None:
        check()
        return
    with pytest.raises(Refused) as refused:
        check()
    assert (refused.value.rule, refused.value.field) == (rule, "reported_at")
    assert refused.value.article == "信访工作条例 第二十五条"


def test_article_25_what_is_urgent_is_reported_at_once() -> None:
    rule = clocks.rule_for("urgent", MONDAY)
    assert (rule.length, rule.unit, rule.basis) == (4, "hour", clocks.SITE), "及时 is no number"


def test_article_28_litigation_is_led_to_its_own_way() -> None:
    assert dispute.DECLINES["litigation"].article == "第二十八条"


def test_article_29_a_suggestion_has_its_own_branch_and_no_60_days() -> None:
    assert procedure.branch_of("suggestion") == "29"
    assert procedure.clock_of(["29"], "ordinary") == "reply"


def test_article_30_an_accusation_never_reaches_the_accused_nor_anyone_under_them() -> None:
    assert registration.is_sealed("accusation") and procedure.branch_of("accusation") == "30"
    dispute.check_assign_to("town", ["labour"], ["bureau"])
    for office, above in (("labour", []), ("branch", ["labour", "bureau"])):
        refused("office-barred", dispute.check_assign_to, office, ["labour"], above)
    refused("accused-not-sealed", registration.check_accused, "request", ["labour"])


def test_article_31_only_its_sixth_item_starts_the_60_days() -> None:
    clock = {b: procedure.clock_of([b], "ordinary") for b in ("31-1", "31-2", "31-3", "31-4")}
    assert set(clock.values()) == {"elsewhere"}
    assert procedure.clock_of(["31-5"], "ordinary") == "reply"
    assert procedure.clock_of(["31-1", "31-6"], "ordinary") == "answer"
    cited = {code: item.article for code, item in dispute.DECLINES.items()}
    assert [cited[code] for code in ("arbitration", "party_discipline", "administrative")] == [
        "第三十一条第二项", "第三十一条第三项", "第三十一条第四项",
    ]  # fmt: skip


def test_article_32_every_claim_gets_its_outcome_and_the_opinion_is_served() -> None:
    procedure.check_outcomes([1, 2], [2, 1])
    refused("claim-unanswered", procedure.check_outcomes, [1, 2], [1])
    mixed, simple = ["31-1", "31-6"], ["31-6"]
    procedure.check_reasoned(mixed, "ordinary", "facts", "law")
    refused("facts-missing", procedure.check_reasoned, mixed, "ordinary", None, "law")
    refused("basis-missing", procedure.check_reasoned, mixed, "ordinary", "facts", None)
    procedure.check_reasoned(["31-1"], "ordinary", None, None)
    procedure.check_reasoned(simple, "simple", None, None)
    refused("step-out-of-order", procedure.check_step, "answer", "signed")
    refused("step-out-of-order", procedure.check_step, "serve", "accepted")


def test_article_33_what_was_settled_ends_without_a_review() -> None:
    assert procedure.check_step("end", "closed").after == "final"


def test_article_34_sixty_days_extended_once_by_at_most_thirty() -> None:
    assert last("answer") == MONDAY + 60 * DAY
    assert last("answer", more=30) == date(2026, 6, 1), "31 May is a Sunday"
    procedure.check_extension(30, clocks.rule_for("answer", MONDAY).extend, used=False)
    refused("extension-too-long", procedure.check_extension, 31, 30, used=False)
    refused("extended-already", procedure.check_extension, 1, 30, used=True)
    refused("extension-late", procedure.check_not_over, over=True)
    for step in ("ask_extension", "decide_extension"):
        refused("step-out-of-order", procedure.check_step, step, "answered")
    refused("step-out-of-order", procedure.check_step, "close", "answered")
    refused("step-out-of-order", procedure.check_step, "reopen", "served")


def test_article_35_review_within_30_days_and_decided_within_30() -> None:
    assert last("seek_review") == last("review") == MONDAY + 30 * DAY
    window = clocks.rule_for("seek_review", MONDAY)
    assert window.owed_by == "petitioner" and window.lapses
    assert procedure.check_step("lapse_review", "served").after == "final"
    assert procedure.check_step("redo", "review_decided").after == "accepted"
    refused("step-out-of-order", procedure.check_step, "seek_review", "answered")
    assert dispute.DECLINES["review_lapsed"].article == "第三十五条"


def test_article_36_rereview_is_the_end_and_a_hearing_is_not_counted() -> None:
    assert last("seek_rereview") == last("rereview") == MONDAY + 30 * DAY
    heard = Pause(MONDAY + 3 * DAY, MONDAY + 6 * DAY)
    assert last("rereview", heard) == date(2026, 4, 6), "four days more end on a Sunday"
    assert procedure.check_step("serve_rereview", "rereview_decided").after == "final"
    assert procedure.check_step("lapse_rereview", "review_served").after == "final"
    refused("step-out-of-order", procedure.check_step, "hear", "review_sought")
    refused("step-out-of-order", procedure.check_step, "seek_rereview", "closed")
    assert dispute.DECLINES["final_already"].article == "第三十六条"


def test_article_40_a_suggestion_of_the_petition_office_is_answered_in_writing() -> None:
    assert clocks.rule_for("feedback", MONDAY).basis == clocks.SITE, "it sets no limit"


def test_article_39_the_yearly_assessment_has_a_limit_of_the_site_alone() -> None:
    assert clocks.rule_for("assess", MONDAY).basis == clocks.SITE, "it sets no limit"


def test_article_41_the_yearly_report_has_a_limit_of_the_site_alone() -> None:
    assert clocks.rule_for("annual", MONDAY).basis == clocks.SITE, "it sets no limit"


def test_article_46_who_petitioned_is_not_told_to_the_accused() -> None:
    assert registration.is_sealed("accusation")
    assert registration.hides_people(True, "bureau", "officer", None)


# -- and none is forgotten -------------------------------------------------------------------------

PLAIN = {
    "check_step": "the order of the steps, each with its own article in STEPS",
    "check_served_on": "a date is a date",
    "check_at": "of imported registers",
    "check_simple": "usage of another province (转引)",
    "check_assisted": "the site's own",
    "check_assisting": "the site's own",
    "check_sign": "the site's own",
    "check_registration": "its rules each",
    "check_letter": "a letter is a letter",
    "check_households": "a household has somebody in it",
    "check_supplement": "the site's own",
    "check_agent": "usage (信访代理)",
    "check_day": "a date is a date",
    "check_held": "a date is a date",
    "check_reopening": "the site's own",
    "check_linked": "usage (初次、重复)",
    "check_withdrawal": "the site's own",
}
"""Checks that rest on no article, and on what instead."""


def _numbers(text: str) -> set[int]:
    """The articles that a text names: 第二十二条第三项, Art. 35, 36, Art. 46(5), Art. 29-31."""
    found = {_number(word) for word in re.findall("第([一二三四五六七八九十]+)条", text)}
    for words in re.findall(r"Arts?\. ([0-9][0-9(), -]*)", text):
        for first, end in re.findall(r"(\d+)(?:-(\d+))?", re.sub(r"\([^)]*\)", "", words)):
            found |= set(range(int(first), int(end or first) + 1))
    return found


def _number(word: str) -> int:
    digits = "一二三四五六七八九"
    tens, ten, ones = word.rpartition("十")
    value = (digits.index(tens) + 1 if tens else 1) * 10 if ten else 0
    return value + (digits.index(ones) + 1 if ones else 0)


def _functions() -> Iterator[tuple[str, str]]:
    """Every function of the rules, with its source."""
    for module in DOMAINS:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:
                yield name, inspect.getsource(function)


STEPS = {step.name: step.article for step in (*remit.STEPS.values(), *procedure.STEPS.values())}
CITED = set().union(
    *(_numbers(rule.article) for rule in clocks.RULES if rule.law == clocks.REGULATION),
    *(_numbers(article) for article in STEPS.values()),
    *(_numbers(item.article) for item in dispute.DECLINES.values()),
    *(_numbers(source) for _, source in _functions()),
)
TESTED = {int(n) for n in re.findall(r"\bdef test_article_(\d+)_", Path(__file__).read_text())}


@pytest.mark.parametrize(
    ("word", "number"), [("五", 5), ("十", 10), ("十九", 19), ("二十", 20), ("三十一", 31)]
)
def test_numerals_are_read(word: str, number: int) -> None:
    assert _number(word) == number
    assert _numbers(f"条例 第{word}条第二项; Art. 29-31, 46(5).") == {number, 29, 30, 31, 46}


def test_every_clock_names_its_article_or_says_whose_it_is() -> None:
    for rule in clocks.RULES:
        if rule.law == clocks.REGULATION:
            assert _numbers(rule.article), rule.id
        else:
            assert rule.basis != clocks.LAW and rule.ground.strip(), rule.id
            assert (rule.basis == clocks.SITE) == (rule.law == clocks.OWN), rule.id


def test_every_step_names_its_article_or_says_whose_it_is() -> None:
    for name, article in STEPS.items():
        assert _numbers(article) or article == clocks.OWN, name
    assert [name for name, article in STEPS.items() if article == clocks.OWN] == [
        "withdraw",
        "follow_up",
    ]


def test_every_check_names_its_article_or_what_it_rests_on() -> None:
    checks = {name: source for name, source in _functions() if name.startswith("check_")}
    assert {name for name, source in checks.items() if not _numbers(source)} == set(PLAIN)


def test_every_article_that_is_named_has_its_test_and_no_other() -> None:
    assert TESTED == CITED
