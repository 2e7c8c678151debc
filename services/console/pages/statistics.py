"""统计: a count or an indicator over any period and place, compared, with its definition and its cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from console import tables, words
from console.app import Console
from console.files import format_of, handed, spreadsheet
from console.lists import Lists
from console.visit import Visit
from contracts.public import stamp
from kit import clock, identity
from kit.http import Request, page

NARROWED = ("channel", "type", "topic", "turn", "size", "level")
"""Dimensions that a figure can be narrowed to one value of, beside the two that it is told by (限定)."""
_ASKED = (
    "what", "kind", "on", "to", "division", "office", "by", "and", "as_of", "published", *NARROWED,
)  # fmt: skip
_LISTED = ("what", "part", "period", "division", "office", "where")


class StatisticsPages:
    """Figures with the cases behind them."""

    app: Console

    @page("GET", "/office/statistics", scope=identity.STAFF)
    def statistics(self, request: Request) -> Response:
        """The question, and its answer as a table."""
        visit = Visit(self.app, request)
        asked = _asked(visit)
        answer, errors = visit.done(lambda: visit.calls.figures(_query(asked)))
        return _show(visit, asked, answer, errors)

    @page("GET", "/office/statistics/table", scope=identity.STAFF)
    def statistics_table(self, request: Request) -> Response:
        """The table as it is shown, as a file."""
        visit = Visit(self.app, request)
        asked, format_ = _asked(visit), format_of(visit)
        answer, errors = visit.done(lambda: visit.calls.figures(_query(asked)))
        if answer is None:
            return _show(visit, asked, None, errors, visit.failed)
        names = [_names(row, visit.lists) for row in answer["rows"]]
        name = f"{asked['what']}-{answer['period']['since']}"
        told = _told(asked, visit.lists)
        return spreadsheet(tables.file(answer, names, told, format_), name, format_)

    @page("GET", "/office/statistics/cases", scope=identity.STAFF)
    def statistics_cases(self, request: Request) -> Response:
        """The cases behind one figure."""
        visit = Visit(self.app, request)
        query = _listed(visit)
        after = visit.query("after")
        asked = query | ({"after": after} if after else {})
        found = visit.part(lambda: visit.calls.figure_cases(asked))
        following = found and found["next"]
        return visit.page(
            "statistics_cases.html",
            visit.failed,
            found=found,
            where=_where(query.get("where", ""), visit.lists),
            asked={name: visit.query(name) for name in _LISTED},
            query=urlencode(query),
            following=urlencode(query | {"after": following}) if following else None,
        )

    @page("GET", "/office/statistics/file", scope=identity.STAFF)
    def statistics_file(self, request: Request) -> Response:
        """The same cases as a file."""
        visit = Visit(self.app, request)
        query = _listed(visit) | {"format": visit.query("format") or "csv"}
        sent = handed(visit, lambda: visit.calls.figure_file(query))
        return sent or visit.page(
            "statistics_cases.html", visit.failed, found=None, query="", where="", asked={}
        )


def _show(
    visit: Visit,
    asked: dict[str, str],
    answer: dict[str, Any] | None,
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    indicators = visit.part(visit.calls.indicators) or []
    rows: list[tuple[list[str], list[tables.Cell]]] = []
    if answer:
        told = [*answer["rows"], answer["total"]]
        rows = [(_names(row, visit.lists), tables.cells(answer, row)) for row in told]
    return visit.page(
        "statistics.html",
        status,
        asked=asked,
        errors=errors,
        indicators={one["id"]: f"{one['name']}（{one['unit']}）" for one in indicators},
        answer=answer,
        narrowed={n: _WORDS.get(n) or visit.lists.topics for n in NARROWED},
        where=_where(_query(asked).get("where", ""), visit.lists),
        tables=tables,
        taken=stamp(clock.now()),
        rows=rows,
        query=urlencode({n: said for n, said in asked.items() if said}),
    )


def _told(asked: Mapping[str, str], lists: Lists) -> dict[str, str]:
    """A question in words, but for its data and its period; nothing where it does not narrow."""
    when = f"{asked['as_of']} 当时" if asked["as_of"] else clock.local_minute(clock.now())
    return {
        "属地": lists.place(asked["division"]),
        "单位（含下属）": lists.office(asked["office"]),
        "限定": _where(_query(asked).get("where", ""), lists),
        "公开口径": "是" if asked["published"] else "",
        "数据截至": when,
    }


def _asked(visit: Visit) -> dict[str, str]:
    """What the form says, and what is usual where it says nothing."""
    asked = {name: visit.query(name) for name in _ASKED}
    return asked | {
        "what": asked["what"] or "registered",
        "kind": asked["kind"] if asked["kind"] in words.PERIODS else "month",
        "on": asked["on"] or str(visit.today),
        "and": "" if asked["and"] == asked["by"] else asked["and"],
    }


def _query(asked: Mapping[str, str]) -> dict[str, str]:
    """The question as stats hears it."""
    by = ",".join(asked[name] for name in ("by", "and") if asked[name])
    query = {"what": asked["what"], "period": period(asked["kind"], asked["on"], asked["to"])}
    query |= {n: asked[n] for n in ("division", "office", "as_of") if asked[n]}
    query |= {"published": "true"} if asked["published"] else {}
    where = ",".join(f"{name}:{asked[name]}" for name in NARROWED if asked[name])
    query |= {"where": where} if where else {}
    return query | ({"by": by} if by else {})


def period(kind: str, on: str, until: str) -> str:
    """The period of a kind that a day lies in; what is no day or no kind is left for stats to refuse."""
    if kind == "free":
        return f"free:{on}..{until or on}"
    try:
        return f"{kind}:{_PERIODS[kind](date.fromisoformat(on))}"
    except (KeyError, ValueError):
        return f"{kind}:{on}"


_PERIODS: dict[str, Callable[[date], str]] = {
    "day": str,
    "week": lambda day: "{:04}-W{:02}".format(*day.isocalendar()[:2]),
    "month": lambda day: str(day)[:7],
    "quarter": lambda day: f"{str(day)[:4]}-Q{(day.month + 2) // 3}",
    "half": lambda day: f"{str(day)[:4]}-H{(day.month + 5) // 6}",
    "year": lambda day: str(day)[:4],
}


def _listed(visit: Visit) -> dict[str, str]:
    return {name: visit.query(name) for name in _LISTED if visit.query(name)}


def _names(row: dict[str, Any], lists: Lists) -> list[str]:
    """The names of a row's values."""
    return [name(n, value, lists) for n, value in row["values"].items()]


def _where(where: str, lists: Lists) -> str:
    pairs = [pair.partition(":") for pair in where.split(",") if pair]
    dimensions = words.FIGURE_DIMENSIONS
    return "，".join(
        f"{words.word(dimensions, n)}：{name(n, value, lists)}" for n, _, value in pairs
    )


def name(dimension: str, code: str, lists: Lists) -> str:
    """A value of a dimension as people say it."""
    if dimension == "office":
        return lists.office(code)
    if dimension in ("division", "town"):
        return lists.place(code) or "（未定属地）"
    if dimension in ("category", "topic"):
        return lists.category(code) or "（未分类）"
    return words.word(_WORDS.get(dimension, {}), code) or "（无）"


_WORDS: dict[str, Mapping[str, str]] = {
    "channel": words.CHANNELS,
    "type": words.TYPES,
    "size": words.SIZES,
    "turn": words.TURNS,
    "level": words.RECEIVERS,
}
