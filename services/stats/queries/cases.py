"""The cases behind a figure: one set of conditions for the count, the list and the file.

A case's measure is read here out of the declaration that the handlers read (`stats.domain.measures`), so a list is
what its figure is the sum of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Interval,
    Select,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql.selectable import FromClause

from contracts.public import stamp
from contracts.words import CHANNELS, SIZES, STATUSES, TURNS, TYPES
from kit import clock
from kit.identity import Directory, Reach
from stats.domain.measures import FOLDED, Measure
from stats.domain.windows import Window, Windows
from stats.queries.question import Question, folded, matches, offices_of
from stats.queries.sums import TOWN, Groups
from stats.store import VISIBLE, fact, transition

DAY = timedelta(days=1)
ZONE = "Asia/Shanghai"
_WHOLE = cast(literal(1), Integer)


class Behind:
    """The rows behind a question: where they stand, and under which conditions."""

    def __init__(
        self, question: Question, directory: Directory, now: datetime, windows: Windows = Windows()
    ) -> None:
        self.question, self.directory, self.now = question, directory, now
        measure = question.of_case
        self.columns = _of_case(measure) if measure else _OF_STEP
        self.source: FromClause = fact if measure else fact.join(transition, _SAME)
        self.at = fact.c[measure.day] if measure else transition.c.at
        amount = measure.amount if measure else None
        self.amount: Any = fact.c[amount] if amount else _WHOLE
        self.conditions = [
            *(
                self._of(measure, windows)
                if measure
                else [transition.c.measure == question.measure]
            ),
            *self._when(measure),
            *self._where(),
        ]

    def select(self, *columns: Any) -> Select[Any]:
        """These columns of the rows. Who may see or count them is for the caller to add."""
        return select(*columns).select_from(self.source).where(*self.conditions)

    @property
    def day(self) -> ColumnElement[Any]:
        """The day that a row counts on."""
        measure = self.question.of_case
        moment = self.at - timedelta(microseconds=1) if measure and measure.limit else self.at
        return cast(func.timezone(ZONE, moment), Date)

    def _of(self, measure: Measure, windows: Windows) -> Iterator[ColumnElement[bool]]:
        """What must hold of a case for a measure, beside its day."""
        for name, allowed in measure.where.items():
            yield fact.c[name].in_(allowed)
        if measure.apart:  # silence is no success before the window is over
            until = fact.c.closed_at + _length(fact.c.closed_at, windows.repeat)
            yield until <= self.now
            if measure.id == "unrepeated":
                yield ~_came_again(until)

    def _when(self, measure: Measure | None) -> list[ColumnElement[bool]]:
        since = clock.midnight(self.question.since)
        until = clock.midnight(self.question.until + DAY)
        if measure and measure.stock:
            over = (
                until > self.now
            )  # nothing has ended in days to come: the index of open ones will do
            ended = fact.c.ended_at.is_(None)
            return [self.at < until, ended if over else or_(ended, fact.c.ended_at >= until)]
        if measure and measure.limit:
            return [self.at > since, self.at <= until]
        return [self.at >= since, self.at < until]

    def _where(self) -> Iterator[ColumnElement[bool]]:
        question = self.question
        if question.under:
            yield self.columns["division"].startswith(question.under)
        offices = offices_of(question, self.directory)
        if offices is not None:
            yield self.columns["office"].in_(offices)
        for name, value in question.where.items():
            yield matches(self.columns[FOLDED.get(name, name)], name, value, self.directory)


def _came_again(until: Any) -> ColumnElement[bool]:
    again = fact.alias()
    return exists().where(
        again.c.repeat_of == fact.c.number,
        again.c.registered_at >= fact.c.closed_at,
        again.c.registered_at < until,
    )


def _length(since: Any, windows: Sequence[Window]) -> Any:
    """The window that holds from an instant on, by its day (`stats.domain.windows.window`)."""
    first, *later = (literal(timedelta(days=one.days), Interval) for one in windows)
    days = [since >= clock.midnight(one.valid_from) for one in windows[1:]]
    return case(*reversed(list(zip(days, later, strict=True))), else_=first) if later else first


def _of_case(measure: Measure) -> dict[str, Any]:
    holder = func.coalesce(fact.c.office, fact.c.registered_by)
    return _columns(
        fact.c.registered_by if measure.receiver else holder, func.coalesce(fact.c.division, "")
    )


def _columns(office: Any, division: Any) -> dict[str, Any]:
    """Dimension → the expression that holds it."""
    plain = {name: fact.c[name] for name in ("channel", "type", "turn", "size")}
    town = func.left(division, TOWN)
    return plain | {
        "office": office,
        "division": division,
        "town": func.rpad(town, cast(func.sign(func.length(town)) * 12, Integer), "0"),
        "category": func.coalesce(fact.c.category, cast("", Text)),
    }


_SAME = transition.c.number == fact.c.number
_OF_STEP = _columns(transition.c.office, transition.c.division)


def counted(connection: Connection, reach: Reach, behind: Behind) -> Groups:
    """Sums over the cases themselves, for dimensions that no roll-up has together."""
    question = behind.question
    month = cast(func.date_trunc("month", behind.day), Date)
    known: dict[str, Any] = {**behind.columns, "day": behind.day, "month": month}
    sources = list(dict.fromkeys(FOLDED.get(name, name) for name in question.by))
    keys = [known[source].label(f"k{i}") for i, source in enumerate(sources)]
    inner = behind.select(*keys, behind.amount.label("n")).where(VISIBLE.open_to(reach)).subquery()
    shown = [inner.c[f"k{i}"] for i in range(len(keys))]
    found: Groups = Counter()
    for *values, n in connection.execute(select(*shown, func.sum(inner.c.n)).group_by(*shown)):
        said = dict(zip(sources, values, strict=True))
        key = (folded(b, said[FOLDED.get(b, b)], behind.directory) for b in question.by)
        found[tuple(key)] += int(n or 0)
    return found


# -- the list --------------------------------------------------------------------------------------

_SHOWN = ("status", "channel", "type", "category", "division", "turn", "size", "registered_at")
COLUMNS = {
    "number": "编号", "day": "日期", "n": "计数", "office": "单位", "division": "属地（区划代码）", "channel": "信访形式",
    "type": "信访目的", "category": "内容分类", "turn": "初次重复", "size": "个访集体访", "status": "状态",
    "registered_at": "登记时间",
}  # fmt: skip
"""Columns of the list and of the file."""


def total(connection: Connection, reach: Reach, behind: Behind) -> int:
    """How many rows the list has for this reader, all pages of it."""
    rows = behind.select(fact.c.number).where(VISIBLE.where(reach)).subquery()
    return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())


def page(
    connection: Connection, reach: Reach, behind: Behind, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """One page, newest first, and where the next one starts."""
    keys = _keys(behind)
    statement = behind.select(
        *(fact.c[name] for name in _SHOWN),
        behind.columns["office"].label("its_office"),
        behind.amount.label("n"),
        behind.day.label("day"),
        *(key.label(f"key{i}") for i, key in enumerate(keys)),
    ).where(VISIBLE.where(reach))
    if after:
        statement = statement.where(tuple_(*keys) < tuple_(*place(after, len(keys))))
    statement = statement.order_by(*(key.desc() for key in keys)).limit(limit + 1)
    rows = connection.execute(statement).all()
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return [_row(row) for row in shown], _after(last) if last else None


def every(connection: Connection, reach: Reach, behind: Behind) -> Iterator[dict[str, Any]]:
    """The whole list, page after page."""
    after: str | None = None
    while True:
        rows, after = page(connection, reach, behind, after, _PIECE)
        yield from rows
        if after is None:
            return


_PIECE = 2000
"""Rows of a file read at once."""
_WORDS = {"channel": CHANNELS, "type": TYPES, "turn": TURNS, "size": SIZES, "status": STATUSES}


def in_words(
    row: Mapping[str, Any], directory: Directory, topics: Mapping[str, str]
) -> dict[str, Any]:
    """A row of the list as a file has it: by the Chinese head of its column, in words and names for codes.

    Args:
        topics: the names of the content categories.

    A place stays its code (区划代码), which is the national one; its name is routing's.
    """
    said = dict(row) | {name: words.get(row[name], row[name]) for name, words in _WORDS.items()}
    said["office"] = row["office"] and directory.named(row["office"])
    said["category"] = topics.get(row["category"], row["category"])
    said["registered_at"] = clock.local_minute(datetime.fromisoformat(row["registered_at"]))
    return {head: said[name] for name, head in COLUMNS.items()}


def _keys(behind: Behind) -> list[Any]:
    """What orders a list: the instant, the number, and of steps which one of that number."""
    keys = [behind.at, fact.c.number]
    return keys if behind.question.of_case else [*keys, transition.c.source, transition.c.sequence]


def place(after: str, length: int) -> list[Any]:
    """Where a page ended. Raises ValueError for a text that no page gave."""
    at, *rest = after.split("~")
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None or len(rest) != length - 1:
        raise ValueError("no place in this list")
    return [moment, *rest[:2], *map(int, rest[2:])]


def _after(row: Any) -> str:
    keys = [value for name, value in row._mapping.items() if name.startswith("key")]
    return "~".join([stamp(keys[0]), *map(str, keys[1:])])


def _row(row: Any) -> dict[str, Any]:
    values = {name: row._mapping[name] for name in _SHOWN}
    day: date = row.day
    return values | {
        "number": row.key1,
        "day": day.isoformat(),
        "n": int(row.n),
        "office": row.its_office,
        "registered_at": stamp(row.registered_at),
    }
