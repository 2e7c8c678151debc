"""A question about one measure, and what its words mean as conditions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement

from contracts.public import prefix
from kit.identity import Directory
from kit.problems import Problem
from stats.domain.measures import (
    CASE_DIMENSIONS,
    CASE_MEASURES,
    FOLDED,
    STEP_DIMENSIONS,
    TIMES,
    TOPIC_LENGTH,
    Measure,
)
from stats.levels import offices_at

EVER = date(1970, 1, 1)


@dataclass(frozen=True)
class Question:
    """How many of a measure between two days, where, and by which dimensions.

    Args:
        division: with everything in it. office: with every office under it.
        by: dimensions to group by; `day` and `month` among them. where: dimension → its value.
        as_of: as it was known at the end of that day.
    """

    measure: str
    since: date
    until: date
    division: str | None = None
    office: str | None = None
    by: tuple[str, ...] = ()
    where: dict[str, str] = field(default_factory=dict)
    as_of: date | None = None

    @property
    def of_case(self) -> Measure | None:
        """The measure of a case, None for a step's."""
        return CASE_MEASURES.get(self.measure)

    @property
    def stock(self) -> bool:
        return self.of_case is not None and self.of_case.stock

    @property
    def time(self) -> str | None:
        """The dimension of time that it is grouped by."""
        return next((name for name in self.by if name in TIMES), None)

    @property
    def dimensions(self) -> frozenset[str]:
        """What has to be told apart, folded ones as what they are folded from."""
        named = {*self.by, *self.where} - set(TIMES)
        return frozenset(FOLDED.get(name, name) for name in named)

    @property
    def under(self) -> str:
        """What the codes within its division begin with."""
        return prefix(self.division) if self.division else ""

    def told_to(self, today: date) -> date:
        """The last day that it is told of, today or on the day that is asked about."""
        day, measure = min(today, self.as_of or today), self.of_case
        return day - timedelta(days=1) if measure and measure.ripens else day

    def ripened(self, today: date) -> Question:
        """Nothing is late before its day is over, today or on the day that is asked about; what stands is counted
        from the beginning."""
        measure, found = self.of_case, self
        if measure and measure.ripens:
            found = replace(found, until=min(found.until, self.told_to(today)))
        return replace(found, since=EVER) if self.stock else found

    def check(self, directory: Directory) -> None:
        """Raises Problem 422 for what cannot be asked of this measure, or of an office that nobody knows."""
        if self.office is not None and directory.get(self.office) is None:
            raise refused("office", f"没有此单位:{self.office}。", f"No office {self.office}.")
        known = CASE_DIMENSIONS if self.of_case else STEP_DIMENSIONS
        for name, words in (("by", self.by), ("where", self.where)):
            for word in words:
                if word not in known and not (name == "by" and word in TIMES):
                    raise refused(name, f"不能按此项统计:{word}。", f"Not grouped by {word}.")
        if "level" in {*self.by, *self.where} and not (self.of_case and self.of_case.receiver):
            raise refused("by", "只有按登记机关统计的数据可以按层级分列。",
                          "Only what counts for the receiving office has its level.")  # fmt: skip
        if self.stock and self.time:
            raise refused("by", "期末数不能按日期分列。", "What stands at an end has no days.")


def refused(field: str, detail: str, english: str) -> Problem:
    """422 that names the field."""
    return Problem(422, "invalid", detail, english, field=field)


def matches(column: Any, name: str, value: str, directory: Directory) -> ColumnElement[bool]:
    """The condition that a dimension has a value, over the column that holds it or what it is folded from."""
    if name == "level":
        return _at_level(column, value, directory)
    if name == "topic":
        return column.startswith(value, autoescape=True) if value else column == ""  # type: ignore[no-any-return]
    return column == value  # type: ignore[no-any-return]


def _at_level(column: Any, level: str, directory: Directory) -> ColumnElement[bool]:
    """Of no level is what an office registered that the directory does not know."""
    if not level:
        return column.not_in([o.id for o in directory if o.level])  # type: ignore[no-any-return]
    return column.in_(offices_at(level, directory))  # type: ignore[no-any-return]


def folded(name: str, value: Any, directory: Directory) -> Any:
    """A value of a dimension, out of a value of what it is folded from."""
    if name == "level":
        office = directory.get(value)
        return office.level if office else ""
    if name == "topic":
        return value[:TOPIC_LENGTH]
    return value.isoformat() if isinstance(value, date) else value


def offices_of(question: Question, directory: Directory) -> list[str] | None:
    """The offices that count for a question; None: all of the site."""
    if question.office is None:
        return None
    root = directory.root()
    if root is not None and root.id == question.office:
        return None
    return sorted({question.office, *directory.descendants(question.office)})
