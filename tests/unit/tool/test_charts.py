"""The charts in docs/ are those of the code."""

from __future__ import annotations

from routing.domain.remit import STEPS as PLACING
from supervision.domain.clocks import RULES
from supervision.domain.procedure import STEPS
from tool import charts


def test_the_page_is_what_the_code_says() -> None:
    assert not charts.drift(), "python -m tool.charts"


def test_every_step_and_every_clock_is_drawn() -> None:
    page = charts.page()
    for step in (*STEPS.values(), *PLACING.values()):
        for before in step.before:
            assert f"{before} --> {step.after or before}: {step.zh}" in page
    for rule in RULES:
        assert f"`{rule.kind}`" in page and rule.ground in page
