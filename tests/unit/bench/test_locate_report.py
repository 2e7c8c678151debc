"""The bounds that ours is held to, and the figures as programs read them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench.locate.report import ROWS, Report

GOOD: dict[str, float | None] = {
    **{row.name: row.least if row.least is not None else row.most for row in ROWS},
    "cases": 20_000,
}


def report(jionlp_us: float = 1000, **changed: float | None) -> Report:
    peer = {**dict.fromkeys(GOOD), "median_us_address": jionlp_us}
    return Report({"ours": {**GOOD, **changed}, "jionlp": peer}, {"ours": {"typo": (40, 0.95)}})


def test_figures_at_their_bounds_hold() -> None:
    assert report().holds
    assert "NO" not in report().table()


def test_each_bound_can_be_missed() -> None:
    for row in ROWS:
        if row.bound:
            beyond = row.least - 0.0001 if row.least is not None else (row.most or 0) * 1.01
            assert not report(**{row.name: beyond}).holds, row.name
            assert not report(**{row.name: None}).holds, row.name


def test_a_slow_address_is_forgiven_where_jionlp_takes_thirty_times_as_long() -> None:
    assert report(jionlp_us=4500, median_us_address=150).holds
    assert not report(jionlp_us=4499, median_us_address=150).holds


def test_the_rate_of_wrong_places_is_not_judged_on_too_few_cases() -> None:
    assert report(cases=2000, wrong_at_07_upper=0.0015).holds
    assert "too few" in report(cases=2000, wrong_at_07_upper=0.0015).table()
    assert not report(cases=2995, wrong_at_07_upper=0.0015).holds


def test_programs_read_flat_names(tmp_path: Path) -> None:
    report().write(tmp_path / "figures.json", seed=7)
    found = json.loads((tmp_path / "figures.json").read_text())
    assert found["seed"] == 7 and found["holds"] is True
    assert found["county_accuracy"] == 0.995
    assert found["jionlp_median_us_address"] == 1000 and found["faster_than_jionlp"] == 10
    assert found["pattern_typo"] == found["lowest_pattern"] == 0.95
    assert found["lowest_pattern_name"] == "typo"
