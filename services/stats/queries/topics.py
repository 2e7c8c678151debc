"""热点: matters by how often they come, compared, with their trend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stats.domain import topics as rules
from stats.domain.indicators import INDICATORS
from stats.domain.periods import Period
from stats.queries import figures
from stats.queries.figures import Asked, Asker
from stats.queries.question import Question

WHAT = INDICATORS["registered"]


def topics(
    asker: Asker, period: Period, by: str, division: str | None, office: str | None
) -> dict[str, Any]:
    """Ranked by registrations, each row with share, 同比, 环比, its move in rank, and its trend."""
    question = Question(WHAT.numerator, period.since, period.until, division, office, (by,))
    answer = figures.figures(asker, Asked(WHAT, period, question, compare=True))
    periods = rules.trend(period)
    series = _trend(asker, question, periods)
    blank: list[int | None] = [None] * len(periods)
    ranked = [
        row | {"trend": series.get(row["values"][by], blank)}
        for row in rules.ranked(answer["rows"])
    ]
    told = {name: answer[name] for name in ("indicator", "period", "compared_with", "total")}
    return told | {"periods": [figures.told(one) for one in periods], "topics": ranked}


def _trend(
    asker: Asker, question: Question, periods: tuple[Period, ...]
) -> dict[Any, list[int | None]]:
    """How often each came in each of the periods."""
    whole = replace(
        question, since=periods[0].since, until=periods[-1].until, by=(*question.by, "month")
    )
    _, counts = figures.count(asker, whole)
    return rules.gathered(counts, periods, figures.first_day(asker.connection))
