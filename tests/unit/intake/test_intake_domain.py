"""What may be registered, and under which number (信访工作条例 Art. 17-22)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from intake.domain import registration
from intake.domain.registration import Refused

TODAY = date(2026, 3, 2)
GOOD: dict[str, Any] = {
    "channel": "visit",
    "received_on": TODAY,
    "today": TODAY,
    "anonymous": False,
    "people": ["petitioner"],
    "head_count": 1,
    "by_public": False,
}


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({}, None, None),
        ({"received_on": TODAY + timedelta(days=1)}, "received-in-future", "received_on"),
        ({"received_on": date(1990, 1, 1)}, None, None),
        ({"received_on": date(1989, 12, 31)}, "received-too-old", "received_on"),
        ({"by_public": True}, "channel-not-public", "channel"),
        ({"by_public": True, "channel": "web"}, None, None),
        ({"by_public": True, "channel": "wechat"}, None, None),
        ({"by_public": True, "channel": "letter"}, "channel-not-public", "channel"),
        ({"anonymous": True}, "anonymous-with-people", "people"),
        ({"anonymous": True, "people": []}, None, None),
        ({"people": []}, "petitioner-missing", "people"),
        ({"people": ["representative"] * 5, "head_count": 5}, None, None),
        ({"people": ["representative"] * 6, "head_count": 9}, "too-many-representatives", "people"),
        ({"people": ["petitioner", *["representative"] * 5], "head_count": 6}, None, None),
        ({"people": ["petitioner", "representative"]}, "head-count-too-small", "head_count"),
        ({"people": ["petitioner"], "head_count": 40}, None, None),
        ({"people": ["petitioner", "agent"], "head_count": 1}, None, None),
    ],
)
def test_what_may_be_registered(
    changes: dict[str, Any], rule: str | None, field: str | None
) -> None:
    if rule is None:
        registration.check_registration(**GOOD | changes)
        return
    with pytest.raises(Refused) as refused:
        registration.check_registration(**GOOD | changes)
    assert (refused.value.rule, refused.value.field) == (rule, field)
    assert refused.value.zh and refused.value.en and refused.value.status == 422


@pytest.mark.parametrize(
    ("channel", "stated", "heads", "rule"),
    [
        ("visit", None, 1, None),
        ("visit", 2, 2, None),
        ("visit_down", 1, 9, None),
        ("visit", 3, 2, "households-too-many"),
        ("letter", None, 9, None),
        ("letter", 1, 9, "households-not-visit"),
        ("proxy", 2, 9, "households-not-visit"),
    ],
)
def test_a_visit_states_its_households(
    channel: str, stated: int | None, heads: int, rule: str | None
) -> None:
    if rule is None:
        registration.check_households(channel, stated, heads)
        return
    with pytest.raises(Refused) as refused:
        registration.check_households(channel, stated, heads)
    assert (refused.value.rule, refused.value.field) == (rule, "household_count")
    assert refused.value.status == 422 and refused.value.zh


def test_a_visit_is_one_household_unless_it_says_more_and_other_forms_are_none() -> None:
    assert [registration.households("visit", n) for n in (None, 1, 3)] == [1, 1, 3]
    assert registration.households("letter", None) is None, "blank is not nought"


@pytest.mark.parametrize(
    ("channel", "people", "wanted", "rule"),
    [
        ("proxy", ["petitioner", "agent"], True, None),
        ("visit", ["petitioner", "agent"], True, None),
        ("proxy", ["petitioner"], True, "agent-missing"),
        ("proxy", ["petitioner"], False, None),
        ("proxy", ["agent"], True, "represented-missing"),
        ("visit", ["agent"], False, "represented-missing"),
        ("visit", [], True, None),
    ],
)
def test_the_represented_person_is_the_petitioner(
    channel: str, people: list[str], wanted: bool, rule: str | None
) -> None:
    if rule is None:
        registration.check_agent(channel, people, wanted)
        return
    with pytest.raises(Refused) as refused:
        registration.check_agent(channel, people, wanted)
    assert (refused.value.rule, refused.value.field) == (rule, "people")


def test_the_limit_of_representatives_names_its_article() -> None:
    with pytest.raises(Refused) as refused:
        registration.check_registration(
            **GOOD | {"people": ["representative"] * 6, "head_count": 6}
        )
    assert refused.value.article == "信访工作条例 第二十条"


@pytest.mark.parametrize("type_", ["suggestion", "request", "accusation", "enquiry", "other"])
def test_accusations_are_sealed_and_nothing_else(type_: str) -> None:
    assert registration.is_sealed(type_) == (type_ == "accusation")


@pytest.mark.parametrize(
    ("sequence", "number"),
    [(1, "330282202603020001"), (9999, "330282202603029999"), (10000, "3302822026030210000")],
)
def test_a_number_is_site_day_and_at_least_four_digits(sequence: int, number: str) -> None:
    assert registration.number("330282", TODAY, sequence) == number


@pytest.mark.parametrize(
    "status",
    ["registered", "located", "assigned", "signed", "accepted", "answered", "served", "closed"],
)
def test_a_petitioner_rates_once_after_the_opinion_came(status: str) -> None:
    if status in ("served", "closed"):
        registration.check_rating(status=status, rated_at=None)
        with pytest.raises(Refused) as refused:
            registration.check_rating(status=status, rated_at=datetime(2026, 3, 2, tzinfo=UTC))
        assert (refused.value.rule, refused.value.status) == ("rated-already", 409)
        return
    with pytest.raises(Refused) as refused:
        registration.check_rating(status=status, rated_at=None)
    assert refused.value.rule == "rating-too-early"
    assert refused.value.article == "信访工作条例 第二十一条"
