"""The steps of the procedure and their rules, each with its article."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.codes import STATUSES
from routing.domain.remit import STEPS as PLACING
from supervision.domain import procedure
from supervision.domain.procedure import STEPS, Refused


def test_every_step_names_its_article_or_is_a_plain_fact() -> None:
    assert [s.name for s in STEPS.values() if not s.article.startswith("信访工作条例 第")] == [
        "withdraw",
        "follow_up",
    ]


@pytest.mark.parametrize("status", sorted(procedure.WORDS))
@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_step_is_taken_in_its_turn_only(name: str, status: str) -> None:
    if status in STEPS[name].before:
        assert procedure.check_step(name, status) is STEPS[name]
        return
    with pytest.raises(Refused) as refused:
        procedure.check_step(name, status)
    assert (refused.value.rule, refused.value.status) == ("step-out-of-order", 409)
    assert refused.value.article == STEPS[name].article
    assert procedure.WORDS[status] in refused.value.zh and f"'{status}'" in refused.value.en


def test_statuses_are_those_of_the_contracts() -> None:
    assert set(procedure.WORDS) == set(STATUSES)
    named = {s for step in STEPS.values() for s in (*step.before, step.after) if s}
    assert named <= set(STATUSES)


def test_from_every_status_a_lawful_step_leads_on() -> None:
    """Terminal are: withdrawn, final (a follow-up may reopen it), declined once it was told."""
    leading = {status for step in STEPS.values() for status in step.before}
    assert set(STATUSES) - leading == {"withdrawn"}
    reached, todo = set(), ["registered"]
    ways = {s: [t.after for t in STEPS.values() if s in t.before and t.after] for s in STATUSES}
    routing = {
        s: [t.after for t in PLACING.values() if s in t.before and t.after] for s in STATUSES
    }
    while todo:
        status = todo.pop()
        if status not in reached:
            reached.add(status)
            todo += [*ways[status], *routing.get(status, [])]
    assert reached == set(STATUSES), "no status that nothing leads to"


@pytest.mark.parametrize(
    ("branches", "procedure_", "clock"),
    [
        (["31-6"], "ordinary", "answer"),
        (["31-6"], "simple", "simple_answer"),
        (["31-1", "31-6"], "ordinary", "answer"),
        (["31-1"], "ordinary", "elsewhere"),
        (["31-2", "31-3", "31-4"], "ordinary", "elsewhere"),
        (["31-5"], "ordinary", "reply"),
        (["29"], "ordinary", "reply"),
        (["30"], "ordinary", "reply"),
    ],
)
def test_the_60_days_run_for_branch_6_alone(
    branches: list[str], procedure_: str, clock: str
) -> None:
    """Art. 31: the other five ways have their own clocks (domain.md 1.1, trap)."""
    assert procedure.clock_of(branches, procedure_) == clock


@pytest.mark.parametrize(
    ("branches", "collective", "round_", "simple"),
    [
        (["31-6"], False, 1, True),
        (["29"], False, 1, True),
        (["31-6"], True, 1, False),
        (["31-6"], False, 2, False),
        (["31-6", "31-1"], False, 1, False),
    ],
)
def test_what_the_simple_procedure_is_for(
    branches: list[str], collective: bool, round_: int, simple: bool
) -> None:
    def check() -> None:
        procedure.check_simple(branches=branches, collective=collective, round_=round_)

    if simple:
        check()
        return
    with pytest.raises(Refused) as refused:
        check()
    assert (refused.value.rule, refused.value.field) == ("not-simple", "procedure")


@pytest.mark.parametrize(
    ("days", "used", "rule"),
    [(1, False, None), (30, False, None), (31, False, "extension-too-long"),
     (0, False, "extension-too-long"), (30, True, "extended-already")],
)  # fmt: skip
def test_an_extension_is_once_and_at_most_30_days(days: int, used: bool, rule: str | None) -> None:
    """Art. 34."""
    if rule is None:
        procedure.check_extension(days, 30, used)
        return
    with pytest.raises(Refused) as refused:
        procedure.check_extension(days, 30, used)
    assert refused.value.rule == rule and refused.value.article == "信访工作条例 第三十四条"


@pytest.mark.parametrize("answered", [[1], [1, 2, 3], [1, 1], []])
def test_every_claim_gets_its_outcome(answered: list[int]) -> None:
    """Art. 32."""
    procedure.check_outcomes([1, 2], [2, 1])
    with pytest.raises(Refused) as refused:
        procedure.check_outcomes([1, 2], answered)
    assert refused.value.rule == "claim-unanswered"


@pytest.mark.parametrize(
    ("competent", "acting", "site_wide", "may"),
    [
        ("a", "a", False, True),
        ("a", "b", False, False),
        ("a", None, False, False),
        (None, "a", False, False),
        ("a", None, True, True),
    ],
)
def test_only_the_competent_office_acts(
    competent: str | None, acting: str | None, site_wide: bool, may: bool
) -> None:
    if may:
        procedure.check_office(competent, acting, site_wide)
        return
    with pytest.raises(Refused) as refused:
        procedure.check_office(competent, acting, site_wide)
    assert refused.value.status == 403 and refused.value.article == "信访工作条例 第五条"


DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("served_on", "rule"),
    [
        (DAY - timedelta(days=1), "served-before-answer"),
        (DAY, None),
        (DAY + timedelta(days=1), None),
        (DAY + timedelta(days=2), "served-in-future"),
    ],
)
def test_an_opinion_is_served_between_answer_and_today(served_on: date, rule: str | None) -> None:
    def check() -> None:
        procedure.check_served_on(served_on, DAY, DAY + timedelta(days=1))

    if rule is None:
        check()
        return
    with pytest.raises(Refused) as refused:
        check()
    assert (refused.value.rule, refused.value.field) == (rule, "served_on")


NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "previous", "fits"),
    [
        (NOW, None, True),
        (NOW, NOW, True),
        (NOW + timedelta(microseconds=1), None, False),
        (NOW - timedelta(microseconds=1), NOW, False),
        (NOW, NOW - timedelta(days=1), True),
    ],
)
def test_a_step_happens_after_the_one_before_and_not_in_future(
    at: datetime, previous: datetime | None, fits: bool
) -> None:
    if fits:
        procedure.check_at(at, previous, NOW)
        return
    with pytest.raises(Refused) as refused:
        procedure.check_at(at, previous, NOW)
    assert refused.value.field == "at"
