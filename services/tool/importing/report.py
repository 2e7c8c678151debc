"""What became of every row: a CSV file, and a few lines for the terminal."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tool.importing.columns import Layout
from tool.importing.planning import Outcome

SHOWN = 20
"""Refused rows that are also told at the terminal."""
HEADINGS = ("行号", "编号", "信访件编号", "结果", "步骤", "列", "原因")


class Report:
    """Counts rows and writes them down as they end. Use as a context manager.

    Args:
        path: of the CSV file; None: no file. Raises OSError where it cannot be written.
    """

    def __init__(self, path: Path | None, dry: bool) -> None:
        self._dry = dry
        self._file: IO[str] | None = (
            path.open("w", encoding="utf-8-sig", newline="") if path else None
        )
        self._writer = csv.writer(self._file) if self._file else None
        self.good = self.refused = self.partly = 0
        self.shown: list[str] = []
        self._reasons: Counter[tuple[str, str]] = Counter()
        self._write(*HEADINGS)

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def take(self, outcome: Outcome) -> None:
        """A row is in as far as its dates say, or was refused, or (with a number) not completed."""
        row = outcome.row, outcome.source_ref, outcome.number
        if not outcome.refusals:
            self.good += 1
            self._write(*row, "可导入" if self._dry else "已导入", "", "", "")
            return
        self.refused += 1
        self.partly += outcome.number is not None
        result = "未完成" if outcome.number else "未导入"
        for refusal in outcome.refusals:
            self._write(*row, result, refusal.step, refusal.column, refusal.reason)
            self._reasons[refusal.column or refusal.step, refusal.reason] += 1
            if len(self.shown) < SHOWN:
                column = f"「{refusal.column}」" if refusal.column else ""
                line = f"第 {outcome.row} 行 {result}({refusal.step}){column}{refusal.reason}"
                self.shown.append(line)

    def _write(self, *cells: object) -> None:
        if self._writer:
            self._writer.writerow([_harmless(cell) for cell in cells])

    def lines(self) -> Iterator[str]:
        """The summary."""
        yield from self.shown
        if sum(self._reasons.values()) > len(self.shown):
            yield "……"
            for (column, reason), count in self._reasons.most_common(10):
                yield f"  {count} 处:{column} {reason}"
        word = "可以导入" if self._dry else "已导入"
        partly = f"(其中 {self.partly} 件已登记,后续步骤未完成)" if self.partly else ""
        yield f"{word} {self.good} 件,未导入 {self.refused} 件{partly}"


def notes(layout: Layout) -> Iterator[str]:
    """What has to be said of a file's columns, once each."""
    for heading in layout.never_held:
        yield f"列「{heading}」不导入:本系统不保存此类个人信息"
    for heading in layout.unknown:
        yield f"列「{heading}」不认识,未导入"
    for name in layout.doubled:
        yield f"「{name}」有不止一列,取靠前且已填写的一列"


def _harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
