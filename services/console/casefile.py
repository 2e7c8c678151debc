"""Everything the services know of one petition, gathered for its page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from console import seen
from console.client import Calls, Down, Refusal
from contracts.public import OWNED, status_of

T = TypeVar("T")
WAIT = 2.0
"""Seconds that a page waits for what its reader has just done to arrive in the read models."""
POLL = 0.1


@dataclass
class CaseFile:
    """What intake, routing and supervision answered; None where one did not, or does not know it."""

    number: str
    petition: dict[str, Any] | None = None
    entries: list[dict[str, Any]] | None = None
    matter: dict[str, Any] | None = None
    case: dict[str, Any] | None = None
    down: set[str] = field(default_factory=set)
    pending: bool = False

    @property
    def known(self) -> bool:
        """Whether anybody knows it."""
        return bool(self.petition or self.matter or self.case)

    @property
    def state(self) -> dict[str, Any]:
        """The public state: of each field what its owner says, or whoever answers (ADR 0007)."""
        parts = {"intake": self.petition, "routing": self.matter, "supervision": self.case}
        states = {source: part["petition"] for source, part in parts.items() if part}
        state = dict(next(iter(states.values())))
        for source, own in states.items():
            state |= {name: own[name] for name in OWNED[source]}
        state["status"] = status_of(state["placing"], state["handling"])
        return state

    @property
    def ended(self) -> bool:
        """Whether nothing can be added to it any more; the register decides."""
        return self.state["status"] in ("final", "withdrawn", "declined")

    @property
    def seen(self) -> str:
        """What this page shows, for the next command's Petition-Seen."""
        parts = [part["sequence"] for part in (self.petition, self.matter, self.case) if part]
        parts += [part["seen"] for part in (self.matter, self.case) if part]
        return seen.merged(*parts, *self._entries())

    def has(self, wanted: Mapping[str, int]) -> bool:
        """Whether what is shown has come as far as wanted, as far as its services answer."""
        if self.case is None and "supervision" not in self.down and wanted:
            return False
        if self.case and not seen.reached(_of(self.case), wanted):
            return False
        return self.entries is None or seen.reached(
            seen.read(seen.merged(*self._entries())), wanted
        )

    def read(self, calls: Calls) -> None:
        """Reads what moves: steps, place, duties."""
        self.entries = self.ask(lambda: calls.timeline(self.number))
        self.matter = self.ask(lambda: calls.matter(self.number))
        self.case = self.ask(lambda: calls.case(self.number))

    def ask(self, read: Callable[[], T]) -> T | None:
        """An answer; None where the service is away, or the petition not there for this actor."""
        try:
            return read()
        except Down as down:
            self.down.add(down.service)
        except Refusal as refusal:
            if refusal.status not in (403, 404):
                raise
        return None

    def _entries(self) -> list[str]:
        return [f"{entry['source']}:{entry['sequence']}" for entry in self.entries or ()]


def gather(calls: Calls, number: str, wanted: Mapping[str, int]) -> CaseFile:
    """Reads all of it, waiting a little for what the reader has just done.

    The petition itself is read once: each look at it is written into the audit log.
    """
    file = CaseFile(number)
    file.petition = file.ask(lambda: calls.petition(number))
    until = time.monotonic() + WAIT
    file.read(calls)
    while not file.has(wanted) and time.monotonic() < until:
        time.sleep(POLL)
        file.read(calls)
    file.pending = not file.has(wanted)
    return file


def _of(part: dict[str, Any]) -> dict[str, int]:
    return seen.read(seen.merged(part["sequence"], part["seen"]))
