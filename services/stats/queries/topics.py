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
from stats.queries.sums import Groups

WHAT = INDICATORS["registered"]


def topics(
    asker: Asker, period: Period, by: str, division: str | None, office: str | None
) -> dict[str, Any]:
    """Ranked by registrations, each row with share, 同比, 环比, its move in rank, and its trend."""
    question = Question(WHAT.numerator, period.since, period.until, division, office, (by,))
    answer = figures.figures(asker, Asked(WHAT, period, question, compare=True))
    periods = rules.trend(period)
    first = figures.first_day(asker.connection)
    series = rules.gathered(_by_month(asker, question, periods), periods, first)
    ranked = [
        row | {"trend": series.get(row["values"][by], rules.blank(periods, first))}
        for row in rules.ranked(answer["rows"])
    ]
    told = {
        name: answer[name]
        for name in ("indicator", "period", "compared_with", "unfinished", "total")
    }
    return told | {"periods": [figures.told(one) for one in periods], "topics": ranked}


def _by_month(asker: Asker, question: Question, periods: tuple[Period, ...]) -> Groups:
    """How often each came in each month of the periods."""
    whole = replace(
        question, since=periods[0].since, until=periods[-1].until, by=(*question.by, "month")
    )
    return figures.count(asker, whole)[1]
