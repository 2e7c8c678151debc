"""Cases of the procedure through the real services, each step on the page where a clerk takes it."""

from __future__ import annotations

import pytest

from tests.journey.cases import CASES, TIMED, to_acceptance
from tests.journey.office import Office
from tests.site import Site


@pytest.fixture(scope="module")
def people(site: Site) -> Office:
    return Office(site)


@pytest.mark.parametrize("name", [name for name in CASES if name not in TIMED])
def test_a_case(people: Office, name: str) -> None:
    CASES[name](people)


def test_explain_tells_the_whole_history(people: Office) -> None:
    number, _ = to_acceptance(people)
    people.stands(number, "已受理")
    told = people.site.petition("explain", number)
    assert told.returncode == 0, told.stderr
    for text in (number, "已受理", "登记", "转送", "签收", "第三十四条", "60日"):
        assert text in told.stdout, told.stdout
    nobody = people.site.petition("explain", "330282200001010001")
    assert nobody.returncode == 1 and "没有信访件" in nobody.stderr


def test_figures_are_made_anew_while_the_services_run(people: Office) -> None:
    """What is counted afterwards is what was counted before, and new events go on counting."""
    number, _ = to_acceptance(people)
    people.stands(number, "已受理")
    assert people.site.audit().clean
    before = people.site.get("stats", "/figures/today").json()
    done = people.site.petition("stats", "rebuild")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the new read models are in place" in done.stdout
    assert people.site.get("stats", "/figures/today").json() == before
    assert before["today"]["registered"]
    number, _ = to_acceptance(people)
    people.stands(number, "已受理")
    assert people.site.audit().clean


def test_afterwards_nothing_is_missing(people: Office) -> None:
    report = people.site.audit()
    assert report.clean, report
