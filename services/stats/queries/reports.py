"""The figures of a report as they are frozen: the very answers of `/figures`, for each line and table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from contracts.words import BODY_LEVELS, CHANNELS
from kit import clock
from kit.identity import Office
from stats import categories
from stats.domain import reports as rules
from stats.domain import topics
from stats.domain.change import NO_BASE, change
from stats.domain.editions import OPEN, OWN
from stats.domain.indicators import INDICATORS
from stats.domain.periods import DAY, Period, covering
from stats.domain.reports import BREAKDOWNS, BULLETINS, SECTIONS, Breakdown
from stats.domain.returns import Item, Signed
from stats.levels import higher
from stats.queries import figures
from stats.queries.editions import open_reach, reaches
from stats.queries.figures import Asked, Asker
from stats.queries.question import Question
from stats.queries.returns import signed as signed_returns
from stats.store import bulletin, series

Frozen = dict[str, Any]
_DROPPED = frozenset(("values", "hidden", "cases", "denominator_cases"))
BASES = ("year_on_year", "on_previous")


def editions(asker: Asker, office: Office, period: Period) -> dict[str, Frozen]:
    """The figures of both editions."""
    return {
        edition: frozen(replace(asker, reach=reach), office, period, edition)
        for edition, reach in reaches(office, asker.directory).items()
    }


def opened(asker: Asker, office: Office, period: Period) -> Frozen:
    """The figures of the open edition alone."""
    return frozen(replace(asker, reach=open_reach(asker.directory)), office, period, OPEN)


def frozen(asker: Asker, office: Office, period: Period, edition: str) -> Frozen:
    """Lines, tables and definitions, with the day on which they were taken."""
    periods = {"now": period, "year_on_year": period.year_before, "on_previous": period.previous}
    signed = {name: _signed(asker, office, one, edition) for name, one in periods.items() if one}
    lines = [
        {"section": section, **_line(asker, office, period, periods, signed, item)}
        for section, items in SECTIONS.items()
        for item in items
    ]
    return {
        "taken_on": asker.today.isoformat(),
        "area": "本地区" if asker.directory.root() == office else "本单位",
        "office": office.name,
        "periods": {name: figures.told(one) if one else None for name, one in periods.items()},
        "missing": [month.isoformat() for month in signed["now"].missing],
        "lines": lines,
        "series": _series(asker, office, period),
        "tables": {
            name: list(_rows(asker, office, period, one)) for name, one in BREAKDOWNS.items()
        },
        "definitions": [INDICATORS[what].record(asker.windows) for what in rules.defined()],
    }


# -- lines -----------------------------------------------------------------------------------------


def _line(
    asker: Asker, office: Office, period: Period, periods: Mapping[str, Period | None],
    signed: Mapping[str, Signed], item: Item,
) -> dict[str, Any]:  # fmt: skip
    told = {"id": item.id, "name": item.name, "by_hand": item.id in rules.BY_HAND}
    if item is BULLETINS:
        counts = {name: _issued(asker, office, one) for name, one in periods.items()}
        return {**told, "unit": item.unit, "indicator": None, **_counted(counts, counts)}
    if item.id in rules.BY_HAND:
        sums = {name: one.total(item.id) for name, one in signed.items()}
        known = {name: None if signed[name].blank(item.id) else n for name, n in sums.items()}
        whole = {name: n if signed[name].whole(item.id) else None for name, n in known.items()}
        told["blank"] = list(map(str, signed["now"].blank(item.id)))
        return {**told, "unit": item.unit, "indicator": None, **_counted(known, whole)}
    told |= {"unit": item.unit, "indicator": item.what}
    asked = _asked(office, period, item.what, where=dict(item.where))
    if item.id in rules.OWN_WORK and _has_higher(asker, office):
        return {**told, **_here(asker, asked)}
    return {**told, **figures.figures(asker, asked)["total"]}


def _has_higher(asker: Asker, office: Office) -> bool:
    """Whether an office's figures are the whole site's, with what higher offices did in them."""
    return asker.directory.root() == office and bool(higher(asker.directory))


def _here(asker: Asker, asked: Asked) -> dict[str, Any]:
    """A count of the site's own offices, and its bases: what was done elsewhere is no work of theirs."""
    elsewhere = {above.id for above in higher(asker.directory)}
    by_office = replace(asked, question=replace(asked.question, by=("office",)))
    answer = figures.figures(asker, by_office)
    rows = [row for row in answer["rows"] if row["values"]["office"] not in elsewhere]
    bases = answer["total"]["bases"]
    counts = {"now": _sum(answer["total"], rows)} | {
        name: _sum(bases[name], [row["bases"][name] for row in rows]) for name in BASES
    }
    return _counted(counts, counts)


def _sum(total: dict[str, Any], rows: list[dict[str, Any]]) -> int | None:
    """Before the site's first day there is no figure, and no nought."""
    return None if total["numerator"] is None else sum(row["numerator"] or 0 for row in rows)


def _counted(counts: Mapping[str, int | None], fit: Mapping[str, int | None]) -> dict[str, Any]:
    """A count that is no indicator, as a figure is told. `fit`: what may be compared."""
    row: dict[str, Any] = {
        **_count(counts["now"]),
        "cases": None,
        "denominator_cases": None,
        "listed": False,
    }
    row["bases"] = {name: _count(counts.get(name)) for name in BASES}
    return row | {name: change(fit["now"], fit.get(name)) for name in row["bases"]}


def _count(n: int | None) -> dict[str, Any]:
    return {"numerator": n, "denominator": None, "value": NO_BASE if n is None else str(n)}


def _asked(office: Office, period: Period, what: str, **more: Any) -> Asked:
    question = Question(INDICATORS[what].numerator, period.since, period.until, office=office.id, **more)  # fmt: skip
    return Asked(INDICATORS[what], period, question, compare=True)


def _signed(asker: Asker, office: Office, period: Period, edition: str) -> Signed:
    """月报 that were signed in a period, of the office and those under it, as a reader of this edition sees them."""
    offices = [office.id, *asker.directory.descendants(office.id)]
    own = office.id if edition == OWN else None
    return signed_returns(asker.connection, asker.directory, period, offices, own)


# -- bulletins -------------------------------------------------------------------------------------


def _between(period: Period) -> Any:
    since, until = clock.midnight(period.since), clock.midnight(period.until + DAY)
    return bulletin.c.issued_at >= since, bulletin.c.issued_at < until, bulletin.c.state == "issued"


def _issued(asker: Asker, office: Office, period: Period | None) -> int | None:
    """Bulletins of a period that stand; None where the office had no series yet."""
    if period is None:
        return None
    until = clock.midnight(period.until + DAY)
    begun = select(func.count()).where(series.c.office == office.id, series.c.begun_at < until)
    if not asker.connection.execute(begun).scalar_one():
        return None
    counted = select(func.count()).where(bulletin.c.office == office.id, *_between(period))
    return int(asker.connection.execute(counted).scalar_one())


def _series(asker: Asker, office: Office, period: Period) -> list[dict[str, Any]]:
    """How many of each series."""
    counted = (
        select(series.c.name, func.count().label("n"))
        .join(bulletin, (bulletin.c.office == series.c.office) & (bulletin.c.series == series.c.ordinal))
        .where(series.c.office == office.id, *_between(period))
        .group_by(series.c.ordinal, series.c.name)
        .order_by(series.c.ordinal)
    )  # fmt: skip
    return [{"name": row.name, "n": row.n} for row in asker.connection.execute(counted)]


# -- tables ----------------------------------------------------------------------------------------


def _rows(asker: Asker, office: Office, period: Period, one: Breakdown) -> Iterator[dict[str, Any]]:
    """The rows of a table, every one of them, each with its name and its figures by indicator."""
    found = {what: _column(asker, office, period, one, what) for what in one.columns}
    keys = list(dict.fromkeys(key for column in found.values() for key in column))
    if one.by == "office":
        under = (asker.directory.get(id) for id in asker.directory.descendants(office.id))
        elsewhere = {above.id for above in higher(asker.directory)}
        present = (o.id for o in under if o and not o.ended(asker.now))
        keys = sorted({*keys, office.id, *present} - elsewhere)
    elif not one.shares:
        keys.sort()
    named = _names(asker, one.by)
    first = figures.first_day(asker.connection)
    n = 0 if first and period.until >= first else None
    for key in keys:
        row = {
            what: _kept(column.get(key) or _uncounted(what, n)) for what, column in found.items()
        }
        yield {"key": key, "name": named(key), "figures": row}


def _column(
    asker: Asker, office: Office, period: Period, one: Breakdown, what: str
) -> dict[str, dict[str, Any]]:
    """One indicator by the value of the table's dimension."""
    if one.by == "month":
        # each of the twelve to its end: one without a case is nought, one before us is not
        months = topics.trend(covering("month", period.until))
        return {month.since.isoformat(): _total(asker, office, month, what) for month in months}
    asked = replace(_asked(office, period, what, by=(one.by,)), compare=one.compared)
    rows = figures.figures(asker, asked)["rows"]
    ranked = topics.ranked(rows) if one.shares else rows
    return {str(row["values"][one.by]): row for row in ranked}


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """A figure of a table without what its lines have: 282 categories with two links each would be most of it."""
    kept = {name: value for name, value in row.items() if name not in _DROPPED}
    if "bases" in kept:
        kept["bases"] = {name: _kept(base) for name, base in kept["bases"].items()}
    return kept


def _total(asker: Asker, office: Office, period: Period, what: str) -> dict[str, Any]:
    """Without its change, and of the same offices as the line."""
    asked = replace(_asked(office, period, what), compare=False)
    if what in rules.DONE_HERE and _has_higher(asker, office):
        return _here(asker, asked)
    return dict(figures.figures(asker, asked)["total"])


def _uncounted(what: str, n: int | None) -> dict[str, Any]:
    """A figure where nothing was counted: nought, and no rate; before the site's first day blank."""
    if INDICATORS[what].kind == "count":
        return _count(n)
    return {"numerator": n, "denominator": n, "value": NO_BASE}


def _names(asker: Asker, by: str) -> Callable[[str], str]:
    """How a value of a dimension is told."""
    if by in ("topic", "category"):
        known = categories.names(asker.connection)
        return lambda key: known.get(key, key) or "未分类"
    if by == "office":
        return asker.directory.named
    if by == "month":
        return lambda key: f"{key[:4]}年{int(key[5:7])}月"
    words = CHANNELS if by == "channel" else BODY_LEVELS
    return lambda key: words.get(key, key) or "无"
