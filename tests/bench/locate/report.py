"""What was measured, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.locate.judge import FEW, lowest, upper

Figures = Mapping[str, float | None]
Patterns = Mapping[str, tuple[int, float]]
FASTER = 30
"""Ours may take longer than its bound where it is so many times faster than jionlp."""


@dataclass(frozen=True)
class Row:
    """One line of the table: how a figure is shown, and what ours must keep to."""

    name: str
    unit: str = "%"
    least: float | None = None
    most: float | None = None

    def shown(self, value: float | None) -> str:
        """As it stands in the table."""
        if value is None:
            return "–"
        return f"{100 * value:.2f}" if self.unit == "%" else f"{value:.4g}"

    @property
    def bound(self) -> str:
        """What ours must keep to, in words."""
        if self.least is not None:
            return f">= {self._number(self.least)}"
        return f"<= {self._number(self.most)}" if self.most is not None else ""

    def holds(self, value: float | None) -> bool | None:
        """Whether ours keeps to it; a figure that has a bound and is missing does not."""
        if not self.bound:
            return None
        if value is None:
            return False
        return value >= self.least if self.least is not None else value <= (self.most or 0)

    def _number(self, value: float) -> str:
        return f"{100 * value if self.unit == '%' else value:g}"


ROWS = (
    Row("county_accuracy", least=0.995),
    Row("town_accuracy", least=0.995),
    Row("village_accuracy", least=0.985),
    Row("wrong_county", most=0.002),
    Row("ambiguous_flagged", least=0.985),
    Row("ambiguous_guessed_deeper"),
    Row("lowest_pattern", least=0.95),
    Row("automatic"),
    Row("wrong_at_07"),
    Row("wrong_at_07_upper", most=0.001),
    Row("exact"),
    Row("petition_town_accuracy"),
    Row("hand_exact"),
    Row("median_us_address", "us", most=100),
    Row("median_us_petition", "us", most=1000),
    Row("load_s", "s", most=0.5),
    Row("index_memory_mb", "MB", most=80),
    Row("cases", "n"),
)


class Report:
    """The figures of one run by candidate, ours first."""

    def __init__(self, found: Mapping[str, Figures], by_pattern: Mapping[str, Patterns]) -> None:
        self.found, self.by_pattern = found, by_pattern

    @property
    def ratio(self) -> float | None:
        """How many times faster than jionlp ours is."""
        mine = self.found["ours"]["median_us_address"]
        theirs = self.found.get("jionlp", {}).get("median_us_address")
        return theirs / mine if mine and theirs else None

    def verdict(self, row: Row) -> bool | None:
        """Whether ours keeps to the row's bound; None where there is none, or too few cases."""
        mine = self.found["ours"]
        if row.name == "wrong_at_07_upper" and upper(0, int(mine["cases"] or 0)) > (row.most or 0):
            return None  # not even a faultless resolver could show it on so few
        if row.name == "median_us_address" and (self.ratio or 0) >= FASTER:
            return True
        return row.holds(mine[row.name])

    @property
    def holds(self) -> bool:
        """Whether every bound does."""
        return all(self.verdict(row) is not False for row in ROWS)

    def table(self) -> str:
        """Figures by row, candidates by column, the bound and whether ours keeps it beside ours."""
        head = ("", "", "ours", "bound", "holds", *list(self.found)[1:])
        lines = [head]
        for row in ROWS:
            mine, *theirs = (figures[row.name] for figures in self.found.values())
            word = {None: "too few" if row.bound else "", True: "yes", False: "NO"}
            lines.append(
                (row.name, row.unit, row.shown(mine), row.bound, word[self.verdict(row)])
                + tuple(map(row.shown, theirs))
            )
        if self.ratio is not None:
            lines.append(("faster_than_jionlp", "times", f"{self.ratio:.4g}", f"(>= {FASTER})"))
        return _aligned(lines)

    def patterns(self) -> str:
        """Town accuracy by pattern; those with few cases are shown, not judged."""
        mine = self.by_pattern["ours"]
        lines: list[tuple[str, ...]] = [("", "n", *self.found)]
        for name, (count, _) in mine.items():
            shares = [found.get(name) for found in self.by_pattern.values()]
            shown = [f"{100 * share[1]:.1f}" if share else "–" for share in shares]
            lines.append((name, f"{count}{'*' if count < FEW else ''}", *shown))
        return f"{_aligned(lines)}\n* too few to be judged"

    def flat(self) -> dict[str, float | str | None]:
        """Everything by one name; a peer's figures bear its name, ours none."""
        flat: dict[str, float | str | None] = {}
        for candidate, figures in self.found.items():
            before = "" if candidate == "ours" else f"{candidate}_"
            flat |= {f"{before}{name}": _rounded(value) for name, value in figures.items()}
        mine = self.by_pattern["ours"]
        worst = lowest(mine)
        flat["lowest_pattern_name"] = worst[0] if worst else None
        flat["faster_than_jionlp"] = _rounded(self.ratio)
        flat |= {f"pattern_{name}": _rounded(share) for name, (_, share) in mine.items()}
        return flat

    def write(self, file: Path, **run: int) -> None:
        """The figures, and which run they are of."""
        file.parent.mkdir(parents=True, exist_ok=True)
        found = {**run, **self.flat(), "holds": self.holds}
        file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _aligned(lines: list[tuple[str, ...]]) -> str:
    """Columns as wide as they must be; the first to the left, the others to the right."""
    columns = max(map(len, lines))
    full = [line + ("",) * (columns - len(line)) for line in lines]
    wide = [max(len(line[i]) for line in full) for i in range(columns)]
    return "\n".join(
        "  ".join(
            text.rjust(width) if i else text.ljust(width)
            for i, (text, width) in enumerate(zip(line, wide, strict=True))
        ).rstrip()
        for line in full
    )
