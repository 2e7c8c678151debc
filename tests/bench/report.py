"""What was measured: a table for people, `.run/bench.json` for programs, Markdown for the documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.bench.systems import RUN

CEILINGS = {"publish": 17_000, "consume": 16_600}
"""tech.md: windows of several hundred with one wait; one acknowledgement for a batch."""
NEAR = 0.8
"""A bound in seconds holds for a machine whose ceilings reach this share of tech.md's."""


@dataclass(frozen=True)
class Value:
    """One figure. `bound` says what it should be, `holds` whether it is; both may be left out."""

    name: str
    value: float
    unit: str
    bound: str = ""
    holds: bool | None = None


class Report:
    """The figures of one run."""

    def __init__(self) -> None:
        self.values: list[Value] = []

    def add(
        self,
        name: str,
        value: float,
        unit: str,
        *,
        least: float | None = None,
        most: float | None = None,
    ) -> None:
        """Adds a figure with its bound, if it has one, and prints it."""
        bound = f">= {least:g}" if least is not None else f"<= {most:g}" if most is not None else ""
        holds = value >= least if least is not None else value <= most if most is not None else None
        self.values.append(Value(name, round(value, 4), unit, bound, holds))
        print(_line(self.values[-1]), flush=True)

    def median(
        self,
        name: str,
        values: Sequence[float],
        unit: str,
        *,
        least: float | None = None,
        most: float | None = None,
    ) -> None:
        """Adds the median of several rounds, and prints their range."""
        self.add(name, median(values), unit, least=least, most=most)
        print(f"  {'':34} {min(values):12.4g} – {max(values):.4g}", flush=True)

    def get(self, name: str) -> float | None:
        """A figure added before."""
        return next((v.value for v in self.values if v.name == name), None)

    @property
    def fast(self) -> bool | None:
        """Whether this machine, now, is as fast as the one of tech.md; None where not measured."""
        found = [(self.get(f"{name}_ceiling_per_s"), wanted) for name, wanted in CEILINGS.items()]
        shares = [value / wanted for value, wanted in found if value is not None]
        return min(shares) >= NEAR if shares else None

    def table(self) -> str:
        """For the terminal."""
        return "\n".join(map(_line, self.values))

    def markdown(self) -> str:
        """For the documents."""
        rows = [
            f"| {v.name} | {v.value:g} | {v.unit} | {v.bound} | {_word(v.holds)} |"
            for v in self.values
        ]
        return "\n".join(
            ["| figure | value | unit | bound | holds |", "|---|---:|---|---|---|", *rows]
        )

    def write(self, folder: Path = RUN) -> None:
        """Writes bench.json and bench.md; figures of stages that were not run this time are kept."""
        folder.mkdir(exist_ok=True)
        file = folder / "bench.json"
        known = json.loads(file.read_text()) if file.exists() else []
        now = {v.name for v in self.values}
        kept = [entry for entry in known if entry["name"] not in now]
        mine = [
            {k: v for k, v in asdict(value).items() if v not in ("", None)} for value in self.values
        ]
        file.write_text(json.dumps(kept + mine, indent=1) + "\n")
        (folder / "bench.md").write_text(self.markdown() + "\n")


def _line(value: Value) -> str:
    return (
        f"{value.name:36} {value.value:12.4g} {value.unit:12} {value.bound:10} {_word(value.holds)}"
    )


def _word(holds: bool | None) -> str:
    return "" if holds is None else "yes" if holds else "NO"
