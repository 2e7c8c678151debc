"""A figure of a document, as it is printed and as the number that a workbook holds."""

from __future__ import annotations

import pytest

from stats.domain.indicators import INDICATORS, NAMES
from stats.domain.measures import CASE_MEASURES, STEP_MEASURES
from stats.reporting import _change, _number


@pytest.mark.parametrize(
    ("said", "value", "shown"),
    [
        ("+22.1%", 0.221, "+0.0%;-0.0%;0.0%"),
        ("-50%", -0.5, "+0%;-0%;0%"),
        ("-1.2个百分点", -1.2, '+0.0"个百分点";-0.0"个百分点";0.0"个百分点"'),
        ("+0.03人/批", 0.03, '+0.00"人/批";-0.00"人/批";0.00"人/批"'),
        ("持平", 0, '"持平"'),
        ("—", None, "General"),
    ],
)
def test_a_change_is_a_number_that_is_shown_as_it_is_printed(
    said: str, value: float | None, shown: str
) -> None:
    number = _change(said)
    assert (number.text, number.value, number.format) == (said, value, shown)


def test_a_figure_is_a_number_and_what_is_missing_is_blank() -> None:
    told = {said: _number(said).value for said in ("232", "39.7", "4.53", "0", "—")}
    assert told == {"232": 232, "39.7": 39.7, "4.53": 4.53, "0": 0, "—": None}


def test_every_measure_has_a_name_of_its_own() -> None:
    assert set(NAMES) == {*CASE_MEASURES, *STEP_MEASURES}
    assert len(set(NAMES.values())) == len(NAMES)
    assert not any(name.isascii() for name in NAMES.values())


def test_an_indicator_tells_what_its_sides_are_called() -> None:
    told = {id_: indicator.record() for id_, indicator in INDICATORS.items()}
    rate, count = told["closed_on_time"], told["registered"]
    assert (rate["numerator_name"], rate["denominator_name"]) == ("限办截止前办结的", "限办截止的")
    assert (count["numerator_name"], count["denominator_name"]) == ("信访总量", None)
