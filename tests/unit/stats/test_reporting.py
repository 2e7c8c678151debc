"""A figure of a document, as it is printed and as the number that a workbook holds."""

from __future__ import annotations

import pytest

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
