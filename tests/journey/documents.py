"""Reports drawn up on a running site, and what their files say line by line."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docx import Document as Docx
from openpyxl import load_workbook

from tests.site import Site

Told = tuple[Any, Any, Any, Any, Any]
"""A line: 本期, 上年同期, 同比, 上期, 环比."""
_FORMAT = re.compile(r"\+0(\.0+)?(?:%|\"(.+?)\")")


@dataclass(frozen=True)
class Printed:
    """One report: as the API tells it, and its two files.

    Args:
        words: every paragraph. cells, numbers: the rows of the lines in the DOCX and in the XLSX, by name.
    """

    frozen: Mapping[str, Any]
    words: list[str]
    cells: Mapping[str, list[str]]
    numbers: Mapping[str, list[Any]]

    @property
    def lines(self) -> dict[str, Any]:
        """By id."""
        return {line["id"]: line for line in self.frozen["lines"]}

    def told(self, id_: str) -> Told:
        """A line as the API tells it."""
        line = self.lines[id_]
        bases = line["bases"]
        return (line["value"], bases["year_on_year"]["value"], line["year_on_year"],
                bases["on_previous"]["value"], line["on_previous"])  # fmt: skip

    def written(self, id_: str) -> Told:
        """A line as the DOCX prints it."""
        now, before, change, previous, on_previous = self.cells[self.lines[id_]["name"]][2:7]
        return now, before, change, previous, on_previous

    def tabulated(self, id_: str) -> Told:
        """A line of the XLSX: figures as numbers, None where there is none; changes as a spreadsheet shows them."""
        row = self.numbers[self.lines[id_]["name"]]
        return row[3].value, row[4].value, shown(row[5]), row[6].value, shown(row[7])


def shown(cell: Any) -> str:
    """A change as a spreadsheet shows it, by the format of its cell."""
    if cell.value is None:
        return "—"
    if cell.value == 0 and "持平" in cell.number_format:
        return "持平"
    found = _FORMAT.match(cell.number_format)
    assert found, cell.number_format
    digits, unit = len(found[1] or ".") - 1, found[2]
    return f"{cell.value:+.{digits}f}{unit}" if unit else f"{cell.value:+.{digits}%}"


def drawn(site: Site, office: str, *periods: str) -> dict[str, Printed]:
    """Reports of an office, drawn up, printed by the jobs and downloaded."""
    head = site.token(office, "head")
    for period in periods:
        answer = site.post("stats", f"/reports/{office}/drawing", {"period": period}, token=head)
        assert answer.status_code == 200, answer.text
    site.start_jobs()
    try:
        return {period: _printed(site, office, period, head) for period in periods}
    finally:
        site.stop("jobs")


def _printed(site: Site, office: str, period: str, head: str) -> Printed:
    url, until = f"/reports/{office}", time.monotonic() + 60
    while (told := site.get("stats", f"{url}?period={period}", head).json())["progress"] != "ready":
        assert time.monotonic() < until, told["progress"]
        time.sleep(0.2)
    files = {
        format_: site.get("stats", f"{url}/file?period={period}&format={format_}", head).content
        for format_ in ("docx", "xlsx")
    }
    document = Docx(io.BytesIO(files["docx"]))
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    book = load_workbook(io.BytesIO(files["xlsx"]))
    numbers = list(book["主要数据"].iter_rows(min_row=2))
    printed = Printed(
        told["figures"],
        [paragraph.text for paragraph in document.paragraphs],
        {row[0]: row for row in rows[1:]},
        {str(row[1].value): list(row) for row in numbers},
    )
    lines = printed.lines
    assert len(lines) == len(printed.cells) == len(printed.numbers) == len(numbers)
    return printed
