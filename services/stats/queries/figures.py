"""Figures with their definitions: a count or an indicator, over a period, grouped, and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from chinese_calendar import constants
from sqlalchemy import Connection, select

from kit import clock, xlsx
from kit.identity import Directory, Reach
from stats.domain import disclosure
from stats.domain.change import NO_BASE, change, change_of_rate, plain, ratio
from stats.domain.indicators import INDICATORS, Indicator
from stats.domain.measures import STEP_MEASURES, TIMES
from stats.domain.periods import Period, whole_from
from stats.domain.windows import Windows
from stats.queries import cases, sums
from stats.queries.editions import open_reach
from stats.queries.question import Question, refused
from stats.rolling import FOLDED_ON, floor_of
from stats.store import fact


@dataclass(frozen=True)
class Asker:
    """Who asks, where, and when."""

    connection: Connection
    reach: Reach
    directory: Directory
    now: datetime
    windows: Windows = field(default_factory=Windows)

    @property
    def today(self) -> date:
        return clock.local_date(self.now)


@dataclass(frozen=True)
class Asked:
    """What is asked: of a period, by question; `question` holds the place and the grouping."""

    indicator: Indicator
    period: Period
    question: Question
    compare: bool = False
    published: bool = False


Sides = tuple[int | None, int | None]
"""Numerator and denominator."""


@dataclass(frozen=True)
class Counts:
    """Numerators and denominators of one period; None: the site did not yet exist."""

    numerators: sums.Groups | None
    denominators: sums.Groups | None = None

    @property
    def sides(self) -> tuple[sums.Groups, ...]:
        """Those that there are."""
        return tuple(side for side in (self.numerators, self.denominators) if side is not None)

    def of(self, key: tuple[Any, ...]) -> Sides:
        return (
            None if self.numerators is None else self.numerators[key],
            None if self.denominators is None else self.denominators[key],
        )


def figures(asker: Asker, asked: Asked) -> dict[str, Any]:
    """The answer: rows and their sum, each with what it is made of and a link to the cases behind it."""
    if (
        asked.published
    ):  # nobody's own page may differ from it, and so tell what is kept from them (Art. 30)
        asker = replace(asker, reach=open_reach(asker.directory))
    served, now = _counts(asker, asked, asked.period)
    bases = _bases(asker, asked)
    compared = asked.compare and asked.question.time is None
    based = {
        name: (base, _counts(asker, asked, base)[1] if base and compared else Counts(None))
        for name, base in bases.items()
    }
    counts = (now, *(counts for _, counts in based.values()))
    keys = _keys(*counts)
    hidden, total_hidden = _hidden(asked, keys, counts)
    rows = [_row(asked, key, now, based, key in hidden) for key in keys]
    return {
        "indicator": asked.indicator.record(asker.windows),
        "period": told(asked.period),
        "compared_with": {name: told(base) if base else None for name, base in bases.items()},
        "by": list(asked.question.by),
        "as_of": asked.question.as_of.isoformat() if asked.question.as_of else None,
        "unfinished": asked.period.until > _day(asker, asked),
        "path": served,
        "rows": rows if asked.question.by else [],
        "total": _total(asked, now, based, total_hidden),
    }


def _bases(asker: Asker, asked: Asked) -> dict[str, Period | None]:
    """What it is compared with: of a period that is not over, the same part."""
    period, day = asked.period, _day(asker, asked)
    others = {"year_on_year": period.year_before, "on_previous": period.previous}
    return {
        name: period.as_far(other, day) if other and asked.compare else None
        for name, other in others.items()
    }


def _day(asker: Asker, asked: Asked) -> date:
    """The last day that it is told of."""
    return _over(asked, asked.period).told_to(asker.today)


def _keys(*counts: Counts) -> list[tuple[Any, ...]]:
    """The groups that have something now, or had in a period compared with: what fell to nought is told, too."""
    found = {key for one in counts for side in one.sides for key, n in side.items() if n}
    return sorted(found, key=repr)


def told(period: Period) -> dict[str, str]:
    return {
        "text": period.text,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
    }


# -- counting --------------------------------------------------------------------------------------


def count(asker: Asker, question: Question) -> tuple[str, sums.Groups]:
    """How many, and which path served it: the roll-ups, or the cases by index."""
    question.check(asker.directory)
    question = question.ripened(asker.today)
    plan = sums.plan(question, asker.directory)
    if plan is not None:
        _check_as_of(asker, question)
        found = sums.counted(asker.connection, asker.reach, question, plan, asker.directory)
        return "rollup", found
    if question.as_of:
        raise refused("as_of", "维度较多,须逐件统计,只有现在的数据。",
                      "So many dimensions are counted case by case, which stand as they are now.")  # fmt: skip
    behind = cases.Behind(question, asker.directory, asker.now, asker.windows)
    return "cases", cases.counted(asker.connection, asker.reach, behind)


def _check_as_of(asker: Asker, question: Question) -> None:
    if question.as_of is None:
        return
    if question.as_of > asker.today:
        raise refused("as_of", f"{question.as_of}还没有到。", f"{question.as_of} is still to come.")
    floor = floor_of(asker.connection)
    if floor != FOLDED_ON and question.as_of < floor:
        raise refused("as_of", f"{floor}以前的数据已合并,不能再按当时状态查询。",
                      f"What was recorded before {floor} is compacted: ask as of that day or later.")  # fmt: skip


def _counts(asker: Asker, asked: Asked, period: Period) -> tuple[str, Counts]:
    """Both sides of an indicator over a period. Before the site's first day there are no figures, not noughts."""
    first, question = first_day(asker.connection), _over(asked, period)
    is_base, known = period != asked.period, min(period.until, question.as_of or period.until)
    # what stands at an end needs no whole period
    begins = period.until if question.stock else period.since
    if first is None or known < first or (is_base and begins < first):
        return "rollup", Counts(None)
    if is_base and question.as_of and sums.plan(question, asker.directory) is None:
        return "cases", Counts(None)  # a part of a month by the cases, which stand as they are now
    served, numerators = count(asker, question)
    if asked.indicator.denominator is None:
        return served, Counts(numerators)
    other, denominators = count(asker, replace(question, measure=asked.indicator.denominator))
    return ("cases" if "cases" in (served, other) else "rollup"), Counts(numerators, denominators)


def _over(asked: Asked, period: Period) -> Question:
    return replace(
        asked.question,
        measure=asked.indicator.numerator,
        since=period.since,
        until=period.until,
    )


def first_day(connection: Connection) -> date | None:
    """The day from which the site knows of everything: that of its first registration, or the first of that month."""
    found = connection.execute(
        select(fact.c.registered_at).order_by(fact.c.registered_at).limit(1)
    ).scalar_one_or_none()
    return whole_from(clock.local_date(found), _works) if found else None


def _works(day: date) -> bool:
    """Whether offices were open, by the State Council's arrangement; by the weekday in years that it is not known of."""
    return day in constants.workdays or (day.weekday() < 5 and day not in constants.holidays)


# -- rows ------------------------------------------------------------------------------------------


def _hidden(
    asked: Asked, keys: list[tuple[Any, ...]], counts: tuple[Counts, ...]
) -> tuple[set[tuple[Any, ...]], bool]:
    """公开口径: the groups that are not told, and whether their sum is not. A group's bases are told with it."""
    if not asked.published:
        return set(), False
    within = asked.indicator.kind == "rate"
    rows = [
        tuple(n for one in counts for n in disclosure.parts(*one.of(key), within)) for key in keys
    ]
    places, total = disclosure.hidden(rows)
    return {keys[place] for place in places}, total


_Based = dict[str, tuple[Period | None, Counts]]
"""By comparison, the period compared with and its counts."""


def _total(asked: Asked, now: Counts, based: _Based, hidden: bool) -> dict[str, Any]:
    """All groups together."""
    bases = {name: (period, _summed(base)) for name, (period, base) in based.items()}
    return _row(asked, (), _summed(now), bases, hidden)


def _summed(counts: Counts) -> Counts:
    sides = (counts.numerators, counts.denominators)
    return Counts(*(None if s is None else sums.Groups({(): sum(s.values())}) for s in sides))


def _row(
    asked: Asked, key: tuple[Any, ...], now: Counts, based: _Based, hidden: bool
) -> dict[str, Any]:
    indicator = asked.indicator
    values = dict(zip(asked.question.by, key, strict=False))
    if hidden:
        return {"values": values, **_sides(indicator, (None, None)), "bases": {},
                "year_on_year": NO_BASE, "on_previous": NO_BASE, "hidden": True, **_NO_LINKS}  # fmt: skip
    told = now.of(key)
    bases = {name: (period, base.of(key)) for name, (period, base) in based.items()}
    return {
        "values": values,
        **_figure(asked, asked.period, told, values),
        "bases": {name: _figure(asked, *base, values) for name, base in bases.items()},
        **{name: _change(indicator, told, sides) for name, (_, sides) in bases.items()},
        "hidden": False,
    }


def _figure(
    asked: Asked, period: Period | None, sides: Sides, values: dict[str, Any]
) -> dict[str, Any]:
    """A number of a period with what it is made of, and what lists its cases."""
    told = _sides(asked.indicator, sides)
    if period is None or sides[0] is None or asked.published or asked.question.as_of:
        return told | _NO_LINKS
    return told | links(asked, period, values)


_NO_LINKS = {"cases": None, "denominator_cases": None}
"""A published figure, or one of an earlier day, has no list: cases stand as they are now."""


def _value(indicator: Indicator, numerator: int | None, denominator: int | None) -> str:
    if indicator.kind == "count":
        return NO_BASE if numerator is None else str(numerator)
    value = ratio(numerator, denominator, indicator.times, indicator.digits)
    return NO_BASE if value is None else plain(value)


def _sides(indicator: Indicator, sides: Sides) -> dict[str, Any]:
    """What a figure is made of, and how it is printed."""
    numerator, denominator = sides
    value = _value(indicator, numerator, denominator)
    return {"numerator": numerator, "denominator": denominator, "value": value}


def _change(indicator: Indicator, now: Sides, base: Sides) -> str:
    if indicator.kind == "count":
        return change(now[0], base[0])
    unit = "个百分点" if indicator.kind == "rate" else indicator.unit
    was, told = (ratio(*sides, indicator.times, indicator.digits) for sides in (base, now))
    return change_of_rate(told, was, unit, indicator.digits)


def links(asked: Asked, of: Period, values: dict[str, Any]) -> dict[str, str | None]:
    """Queries of `/figures/cases` that list exactly the cases of a row in a period."""
    what, question = asked.indicator.id, asked.question
    period = _within(of, values).text
    where = question.where | {name: value for name, value in values.items() if name not in TIMES}
    place = {"division": question.division, "office": question.office}
    sides = {"cases": "numerator"}
    if asked.indicator.denominator:
        sides["denominator_cases"] = "denominator"
    return _NO_LINKS | {n: link(what, period, where, part, **place) for n, part in sides.items()}


def link(
    what: str, period: str, where: Mapping[str, str], part: str = "numerator", **place: str | None
) -> str:
    """The query of `/figures/cases` that lists what is behind a figure.

    Args:
        what: an indicator's id.
        period: as it is asked for.
        where: dimensions and their values.
        part: `numerator` or `denominator`.
        place: `division` and `office`, with what is under them.
    """
    values = ",".join(f"{name}:{value}" for name, value in where.items())
    said = {"what": what, "part": part, "period": period, **place, "where": values}
    return urlencode({name: text for name, text in said.items() if text})


def _within(period: Period, values: dict[str, Any]) -> Period:
    """The part of a period that a row of one day or month has."""
    if "day" in values:
        day = date.fromisoformat(values["day"])
        return Period("day", day, day)
    if "month" in values:
        first = date.fromisoformat(values["month"])
        last = sums.month_after(first) - timedelta(days=1)
        return Period("free", max(first, period.since), min(last, period.until))
    return period


# -- the list behind -------------------------------------------------------------------------------


def behind(asker: Asker, asked: Asked, part: str) -> cases.Behind:
    """The cases behind one side of a figure."""
    indicator = asked.indicator
    measure = indicator.denominator if part == "denominator" else indicator.numerator
    if measure is None:
        raise refused("part", "这一数据没有分母。", "A count has no denominator.")
    question = replace(_over(asked, asked.period), measure=measure)
    question.check(asker.directory)
    ripe = question.ripened(asker.today)
    return cases.Behind(ripe, asker.directory, asker.now, asker.windows)


def check_file(asker: Asker, asked: Asked, part: str, format_: str) -> None:
    """Raises Problem 422 for a list that cannot be had as a file: nothing can be refused once the file has begun."""
    found = behind(asker, asked, part)
    most = xlsx.LINES - 1  # and the header
    if format_ == "xlsx" and cases.total(asker.connection, asker.reach, found) > most:
        raise refused("format", f"XLSX文件不能超过{most}件,请导出CSV。",
                      f"A workbook has at most {most} cases: ask for CSV.")  # fmt: skip


def listed(asker: Asker, asked: Asked, part: str, after: str | None, limit: int) -> dict[str, Any]:
    """One page of the list behind a figure. `counted` is the figure, `total` how many rows this reader may see."""
    found = behind(asker, asked, part)
    rows, following = cases.page(asker.connection, asker.reach, found, after, limit)
    counted = cases.counted(asker.connection, asker.reach, found)
    return {
        "indicator": asked.indicator.record(asker.windows),
        "period": told(asked.period),
        "cases": rows,
        "total": cases.total(asker.connection, asker.reach, found),
        "counted": counted[()],
        "next": following,
    }


# -- what was asked for before there were indicators -----------------------------------------------


def counts(asker: Asker, query: dict[str, Any]) -> dict[str, Any]:
    """A measure over a period, grouped, with links to the cases. A division counts with everything below it."""
    names = tuple(query["by"].split(","))
    period = Period("free", query["since"], query["until"])
    question = Question(
        query["measure"], period.since, period.until, query["division"], query["office"], names
    )
    asked = Asked(INDICATORS[query["measure"]], period, question)
    rows = []
    for key, n in count(asker, question)[1].items():
        if n:
            values = dict(zip(names, key, strict=True))
            rows.append(values | {"n": n, "cases": links(asked, period, values)["cases"]})
    rows.sort(key=lambda row: [str(row[name]) for name in names])
    total = sum(row["n"] for row in rows)
    return {"rows": rows, "total": total, "cases": links(asked, period, {})["cases"]}


def today(asker: Asker) -> dict[str, Any]:
    """Today, this month, the last thirty days of registrations, and the backlog."""
    day = asker.today
    month = day.replace(day=1)
    return {
        "day": day.isoformat(),
        "today": _everything(asker, day, day),
        "month": _everything(asker, month, day),
        "by_channel": {
            row["channel"]: row["n"] for row in _registered(asker, "channel", month, day)
        },
        "by_day": _registered(asker, "day", day - timedelta(days=29), day),
        "open": count(asker, Question("open", day, day))[1][()],
    }


def _registered(asker: Asker, by: str, since: date, until: date) -> list[dict[str, Any]]:
    query = {"measure": "registered", "by": by, "since": since, "until": until}
    rows: list[dict[str, Any]] = counts(asker, query | {"division": None, "office": None})["rows"]
    return rows


def _everything(asker: Asker, since: date, until: date) -> dict[str, int]:
    """Registrations and every step, over the whole site."""
    return sums.totals(asker.connection, asker.reach, ("registered", *STEP_MEASURES), since, until)
