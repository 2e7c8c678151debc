"""One assessment as it stands: its offices, what was said of them, and how they rank by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from kit.problems import Problem, not_found
from kit.unit import Unit
from stats.assessments.rows import Assessment, Score, ScoreSheet, assessment, score, score_sheet
from stats.domain import assessment as rules
from stats.domain import schemes, scoring
from stats.domain.assessment import CLOSED, Given, Progress
from stats.domain.schemes import Criterion, Scheme
from stats.domain.scoring import Standing

Said = Mapping[str, Any]
"""Step → the row of what was said in it."""


@dataclass(frozen=True)
class Round:
    """一次考核. Rows are those of a unit of work, or of a reading."""

    row: Any
    sheets: Mapping[str, Any]
    said: Mapping[tuple[str, str], Said]

    @classmethod
    def of(cls, row: Any, sheets: Iterable[Any], scores: Iterable[Any]) -> Round:
        said: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        for one in scores:
            said[one.office, one.criterion][one.step] = one
        ordered = sorted(sheets, key=lambda sheet: str(sheet.office))
        return cls(row, {sheet.office: sheet for sheet in ordered}, said)

    @classmethod
    def opened(cls, unit: Unit, id: str) -> Round:
        """For a command: the assessment is locked. Raises Problem 404."""
        unit.open([id], (Assessment, ScoreSheet, Score))
        row = unit.get(Assessment, id)
        if row is None:
            raise unknown()
        return cls.of(row, unit.all(ScoreSheet, id), unit.all(Score, id))

    @classmethod
    def read(cls, connection: Connection, id: str) -> Round:
        """For a page. Raises Problem 404."""
        row = connection.execute(select(assessment).where(assessment.c.id == id)).one_or_none()
        if row is None:
            raise unknown()
        parts = (select(table).where(table.c.id == id) for table in (score_sheet, score))
        return cls.of(row, *(connection.execute(part).all() for part in parts))

    @cached_property
    def scheme(self) -> Scheme:
        """As it stood when the assessment was opened."""
        return schemes.read(self.row.scheme)

    def sheet(self, office: str) -> Any:
        """Raises Problem 404 for an office that takes no part."""
        found = self.sheets.get(office)
        if found is None:
            raise not_found("此单位的考核表", "score sheet of this office")
        return found

    @property
    def assessed(self) -> list[Any]:
        """The sheets of offices that had something to assess."""
        return [sheet for sheet in self.sheets.values() if sheet.band is not None]

    # -- points ----------------------------------------------------------------------------------

    def given(self, office: str, criterion: str) -> Given:
        """The points that were given, by step; a figure that is not disputed any more has no `self`."""
        said = self.said.get((office, criterion), {})
        gone = ("self",) if self.is_undisputed(office, criterion) else ()
        return {step: _exact(row.points) for step, row in said.items() if step not in gone}

    def is_undisputed(self, office: str, criterion: str) -> bool:
        """Whether it is a figure that the office agrees to."""
        measured = self.scheme.criterion(criterion).indicator is not None
        return measured and criterion not in self.sheets[office].disputed

    def every_given(self, office: str) -> dict[str, Given]:
        """The same by criterion."""
        return {c.id: self.given(office, c.id) for c in self.scheme.criteria}

    def figure(self, office: str, criterion: Criterion) -> Decimal | None:
        """A criterion's figure, as it stood at the opening; None: 不评, or no figure at all."""
        if criterion.indicator is None:
            return None
        numerator, denominator = self.sheets[office].evidence[criterion.id]
        return scoring.value(criterion, numerator, denominator)

    def points(self, office: str) -> dict[str, Decimal | None]:
        """The points that hold now, by criterion."""
        return {c.id: self._points(office, c) for c in self.scheme.criteria}

    def _points(self, office: str, criterion: Criterion) -> Decimal | None:
        by_figure = scoring.reckoned(criterion, self.figure(office, criterion))
        return rules.effective(criterion, by_figure, self.given(office, criterion.id))

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """How the offices rank; once that is published, as it was published. One with nothing to assess, or not yet
        judged, has no sum."""
        if self.row.state == CLOSED:
            return {sheet.office: _published(sheet) for sheet in self.sheets.values()}
        points = {office: (its.band, self.points(office)) for office, its in self.sheets.items()}
        ready = {s.office: points[s.office] for s in self.assessed if not self._lacks(s.office)}
        others = {o: Standing(*each, None) for o, each in points.items() if o not in ready}
        return scoring.ranked(self.scheme, ready) | others

    def _lacks(self, office: str) -> bool:
        """Whether something of it is judged by nobody yet: then it has no sum, and no rank."""
        return any(rules.undecided(self.scheme, self.every_given(office)))

    @property
    def contested(self) -> dict[str, list[Criterion]]:
        """What the petition office has to decide, and has not, by office."""
        found = {s.office: self._contested(s.office) for s in self.assessed}
        return {office: its for office, its in found.items() if its}

    def _contested(self, office: str) -> list[Criterion]:
        return list(rules.contested(self.scheme, self.every_given(office)))

    @property
    def progress(self) -> Progress:
        """Whom each stage still waits for."""
        assessed = self.assessed
        return Progress(
            unassessed=[s.office for s in assessed if s.self_at is None],
            unchecked=[s.office for s in assessed if s.peer_at is None and s.checker != self.row.organiser],
            contested=self.contested,
            appeals=sorted(
                {office for (office, _), said in self.said.items()
                 if "appeal" in said and "verdict" not in said}
            ),
        )  # fmt: skip


def published(standing: Standing) -> dict[str, Any]:
    """A standing as it is kept for good."""
    return {
        "points": {id: scoring.told(points) for id, points in standing.points.items()},
        "total": scoring.told(standing.total),
        "rank": standing.rank,
    }


def _published(sheet: Any) -> Standing:
    result = sheet.result
    points = {id: _exact(said) for id, said in result["points"].items()}
    return Standing(sheet.band, points, _exact(result["total"]), result["rank"])


def _exact(said: str | None) -> Decimal | None:
    return None if said is None else Decimal(said)


def unknown() -> Problem:
    """404."""
    return not_found("此次考核", "such assessment")
