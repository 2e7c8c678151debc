"""Today's figures, and counts over a period."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from console import charts, words
from console.app import Console
from console.lists import Lists
from console.visit import Visit
from kit import identity
from kit.http import Request, page


class FigurePages:
    """Figures; no person stands behind any of them."""

    app: Console

    @page("GET", "/office/figures", scope=identity.STAFF)
    def figures(self, request: Request) -> Response:
        """Tiles, bars by channel and by day, and a table of counts."""
        visit = Visit(self.app, request)
        asked = {name: visit.query(name) for name in ("measure", "from", "to", "by", "and")}
        asked["measure"] = asked["measure"] or "assigned"
        asked["from"] = asked["from"] or str(visit.today.replace(day=1))
        asked["to"] = asked["to"] or str(visit.today)
        asked["by"] = asked["by"] or "office"
        if asked["and"] == asked["by"]:
            asked["and"] = ""
        today = visit.part(visit.calls.today)
        counts, errors = visit.done(lambda: visit.calls.counts(_query(asked)))
        return visit.page(
            "figures.html",
            today_figures=today,
            channels=charts.bars(today["by_channel"], words.CHANNELS) if today else None,
            days=charts.columns(today["by_day"], today["day"]) if today else None,
            asked=asked,
            errors=errors,
            dimensions=_dimensions(asked),
            rows=_rows(counts["rows"], _dimensions(asked), visit.lists) if counts else [],
            counts=counts,
        )


def _dimensions(asked: dict[str, str]) -> list[str]:
    return [asked[name] for name in ("by", "and") if asked[name]]


def _query(asked: dict[str, str]) -> dict[str, str]:
    query = {name: asked[name] for name in ("measure", "from", "to")}
    return query | {"by": ",".join(_dimensions(asked))}


def _rows(
    rows: list[dict[str, Any]], by: list[str], lists: Lists
) -> list[tuple[list[str], int, str]]:
    """Rows with their names and the query of their cases, days in order, everything else by size."""
    if by[0] != "day":
        rows = sorted(rows, key=lambda row: -row["n"])
    return [
        ([_name(name, row[name], lists) for name in by], row["n"], row["cases"]) for row in rows
    ]


def _name(dimension: str, code: str, lists: Lists) -> str:
    if dimension == "office":
        return lists.office(code)
    if dimension == "division":
        return lists.place(code) or "（未定属地）"
    tables = {"channel": words.CHANNELS, "type": words.TYPES}
    return words.word(tables.get(dimension, {}), code)
