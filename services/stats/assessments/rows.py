"""The tables of assessments: one row a round, one an office, one for each thing said; and the site's own schemes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from kit.rows import mapped
from stats.tables import metadata


@dataclass
class Assessment:
    """考核 of some offices over a period, under the scheme as it stood when it was opened. `period`: as it is asked
    for. `conclusion`: what the petition office wrote when it closed it, sealed."""

    id: str
    organiser: str
    scheme: dict[str, Any]
    period: str
    self_due: date
    peer_due: date
    state: str
    opened_at: datetime
    opened_by: str
    appeal_due: date | None = None
    closed_at: datetime | None = None
    conclusion: bytes | None = None


@dataclass
class ScoreSheet:
    """考核表 of one office: how much work it had, whom it is ranked with (`band`; none: nothing to assess), who checks
    it, and each figure's numerator and denominator as they stood when the assessment was opened. `disputed`: criteria
    whose figures it says are wrong. `result`: its points, total and rank as they were published."""

    id: str
    office: str
    registered: int
    assigned: int
    band: int | None
    checker: str | None
    evidence: dict[str, Any]
    disputed: list[str]
    self_at: datetime | None = None
    peer_at: datetime | None = None
    result: dict[str, Any] | None = None


@dataclass
class Score:
    """What somebody said of one office and criterion: points (as text: exact), and the sealed words to them."""

    id: str
    office: str
    criterion: str
    step: str
    points: str | None
    text: bytes
    by: str
    at: datetime


ASSESSMENT = mapped(metadata, "assessment", Assessment, ("id",), subject="id", rare=True)
SCORE_SHEET = mapped(metadata, "score_sheet", ScoreSheet, ("id", "office"), subject="id", rare=True)
SCORE = mapped(
    metadata, "score", Score, ("id", "office", "criterion", "step"), subject="id", rare=True
)
assessment, score_sheet, score = ASSESSMENT.table, SCORE_SHEET.table, SCORE.table
scheme = Table(
    "scheme",
    metadata,
    Column("id", Text, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("source", Text, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False),
)
"""考核办法 of the site's own; the newest of an id replaces the one before, and what was opened keeps its own."""
