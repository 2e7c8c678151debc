"""热点: rank, share, who rose and fell, and the trend."""

from __future__ import annotations

from datetime import date
from typing import Any

from stats.domain.periods import read
from stats.domain.topics import gathered, moved, ranked, trend


def row(name: str, n: int | None, before: int | None) -> dict[str, Any]:
    return {"values": {"topic": name}, "numerator": n, "bases": {"on_previous": {"numerator": before}}}  # fmt: skip


def test_the_most_comes_first_and_equals_share_a_rank() -> None:
    found = ranked([row("c1", 5, 9), row("c2", 10, 3), row("c3", 5, 0), row("c4", 0, 4)])
    assert [r["values"]["topic"] for r in found] == ["c2", "c1", "c3", "c4"]
    assert [r["rank"] for r in found] == [1, 2, 2, None], "what there was none of has no rank"
    assert [r["rank_before"] for r in found] == [3, 1, None, 2]
    assert [r["share"] for r in found] == ["50", "25", "25", "0"]
    assert [r["moved"] for r in found] == ["↑2", "↓1", "新", "—"]
    assert moved(2, 2) == "持平"
    assert ranked([]) == [] and ranked([row("c1", 0, None)])[0]["share"] == "—"


def test_what_falls_away_leaves_its_rank_to_those_behind() -> None:
    found = {r["values"]["topic"]: r for r in ranked([row("a", 0, 50), row("b", 10, 40), row("c", 5, 30)])}  # fmt: skip
    assert [moved(found[n]["rank"], found[n]["rank_before"]) for n in "abc"] == ["—", "↑1", "↑1"]


def test_a_trend_is_of_months_or_of_its_kind() -> None:
    assert [p.text for p in trend(read("month:2026-03"))][::11] == ["month:2025-04", "month:2026-03"]  # fmt: skip
    assert len(trend(read("week:2026-W10"))) == 12
    quarters = trend(read("quarter:2026-Q1"))
    assert len(quarters) == 8 and quarters[0].text == "quarter:2024-Q2"


def test_a_trend_is_blank_before_the_first_day() -> None:
    quarters = trend(read("quarter:2026-Q1"))[-3:]
    counts = {("c05", "2026-01-01"): 3, ("c05", "2026-03-01"): 2, ("c06", "2025-10-01"): 1, ("c05", "2020-01-01"): 9}  # fmt: skip
    found = gathered(counts, quarters, date(2025, 11, 1))
    assert found == {"c05": [None, 0, 5], "c06": [None, 1, 0]}
    assert gathered(counts, quarters, None)["c05"] == [None, None, 5]
