"""What a site decides for its register: collective petitions, limits, the scanner."""

from __future__ import annotations

from datetime import date

import pytest

from intake.domain import collective
from intake.settings import Rules
from kit.config import ConfigError
from tests.unit.intake.test_intake_handlers import petition, registered


@pytest.mark.parametrize(
    ("day", "persons"),
    [("1989-01-01", 5), ("2022-04-30", 5), ("2022-05-01", 10), ("2025-12-31", 10), ("2026-01-01", 3)],
)  # fmt: skip
def test_from_which_day_how_many_are_a_group(day: str, persons: int) -> None:
    rules = Rules.from_env({"PETITION_COLLECTIVE": "2026-01-01:3, 2022-05-01:10"}).thresholds
    on = date.fromisoformat(day)
    assert collective.threshold(on, rules) == persons
    assert collective.is_collective(persons, on, rules)
    assert not collective.is_collective(persons - 1, on, rules)


def test_without_a_setting_usage_holds_and_says_so() -> None:
    rules = Rules.from_env({})
    assert rules.thresholds == collective.THRESHOLDS and "[F]" in rules.thresholds[0].source
    assert rules.scanner == () and rules.limits.megabytes == 10


@pytest.mark.parametrize(("count", "joint"), [(1, False), (4, False), (5, True), (90, True)])
def test_the_register_decides_and_tells_it(count: int, joint: bool) -> None:
    desk, event, _ = registered(head_count=count)
    assert petition(desk).collective is joint and event.data["collective"] is joint


@pytest.mark.parametrize(
    ("name", "value"),
    [("PETITION_COLLECTIVE", "5"), ("PETITION_COLLECTIVE", "2026-01-01:1"),
     ("PETITION_COLLECTIVE", "2026-13-01:5"), ("ATTACHMENT_MAX_MB", "21"),
     ("ATTACHMENT_COUNT", "0"), ("ATTACHMENT_SCAN", "clamdscan 'x")],
)  # fmt: skip
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Rules.from_env({name: value})


def test_the_scanner_is_a_command_line() -> None:
    rules = Rules.from_env({"ATTACHMENT_SCAN": "clamdscan --no-summary -"})
    assert rules.scanner == ("clamdscan", "--no-summary", "-")
