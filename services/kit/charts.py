"""Charts as DrawingML: native in Word and in spreadsheets, drawn by no picture library and changed by whoever opens
the file. For the process of jobs alone, as everything that makes office files (ADR 0008, 0013)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.xml.functions import tostring

COLOURS = ("1F4E79", "A6A6A6", "C55A11")
"""Of the series, told apart also in black and white."""


@dataclass(frozen=True)
class Chart:
    """What a chart shows of a table.

    Args:
        kind: `line`, `column` or `bar`.
        table: the name of a field that is a list of rows.
        names: the column that the axis shows. series: columns, and what each is called.
        most: so many rows, the first ones.
    """

    title: str
    kind: str
    table: str
    names: str
    series: Mapping[str, str]
    most: int = 12


def literal(chart: Chart, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The chart with its values in it, for a document that has no cells to point at. None is a gap."""
    rows = rows[: chart.most]
    names = [str(row[chart.names]) for row in rows]
    points = [StrVal(idx=i, v=name) for i, name in enumerate(names)]
    axis = AxDataSource(strLit=StrData(ptCount=len(names), pt=points))
    return bytes(tostring(_drawn(chart, axis, lambda column: _values(rows, column))._write()))


def placed(chart: Chart, cells: Callable[[str], str]) -> Any:
    """The chart over the cells of a workbook. `cells` gives the range of a column: `'热点'!$A$2:$A$9`."""
    axis = AxDataSource(strRef=StrRef(f=cells(chart.names)))
    return _drawn(chart, axis, lambda column: NumDataSource(numRef=NumRef(f=cells(column))))


def _values(rows: Sequence[Mapping[str, Any]], column: str) -> NumDataSource:
    known = ((i, number_of(row[column])) for i, row in enumerate(rows))
    points = [NumVal(idx=i, v=str(n)) for i, n in known if n is not None]
    return NumDataSource(numLit=NumData(ptCount=len(rows), pt=points))


def number_of(value: Any) -> Any:
    """The number of a cell, be it one or told with its words (`kit.workbook.Number`)."""
    return getattr(value, "value", value)


def _drawn(chart: Chart, axis: AxDataSource, values: Callable[[str], NumDataSource]) -> Any:
    drawn: Any = LineChart() if chart.kind == "line" else BarChart()
    if chart.kind != "line":
        drawn.type, drawn.gapWidth = ("bar" if chart.kind == "bar" else "col"), 60
    for i, (column, name) in enumerate(chart.series.items()):
        colour = COLOURS[i % len(COLOURS)]
        series = Series(idx=i, order=i, tx=SeriesLabel(v=name), cat=axis, val=values(column))
        series.spPr = GraphicalProperties(solidFill=colour)
        series.spPr.line.solidFill = colour
        if chart.kind == "line":
            series.spPr, series.smooth = GraphicalProperties(), False
            series.spPr.line.solidFill, series.spPr.line.width = colour, 28_000
            series.spPr.line.dashStyle = None if i == 0 else "dash"
        drawn.series.append(series)
    drawn.title, drawn.width, drawn.height = chart.title, 15, 7.5
    drawn.legend.position = "b"
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.x_axis.tickLblSkip = 1
    if chart.kind == "bar":  # the first on top, and the numbers still below
        drawn.x_axis.scaling.orientation, drawn.y_axis.crosses = "maxMin", "max"
    if chart.kind != "line":
        drawn.dataLabels = DataLabelList(
            showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
        )  # fmt: skip
    return drawn
