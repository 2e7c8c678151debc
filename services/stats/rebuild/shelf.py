"""Events put by on disk until a month's petitions can be told: a log is in order of time, a life is not.

Shelved by the month in a petition's number (site, year, month, day, sequence), so that lives are told in the order
in which they began, a month at a time. Events hold no personal data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from stats.rebuild.feed import Envelope

_SUBJECT = re.compile(rb'"subject":"([^"]*)"')
"""The first of these in an envelope is the event's own: `kit.envelope` writes it before the data."""
_PETITION = re.compile(r"[0-9]{6}([0-9]{6})[0-9]{2}[0-9]{4,}")
OTHERS = "others"
"""The shelf of what is about no petition, or about one whose number names no month."""
Logs = dict[str, list[Envelope]]
"""Source → its events about one subject, in order."""


def subject_of(event: Envelope) -> str:
    """What an event is about, without reading all of it."""
    found = _SUBJECT.search(event)
    return found[1].decode() if found else ""


def month_of(subject: str) -> str:
    """`330282202603020001` → `202603`."""
    found = _PETITION.fullmatch(subject)
    return found[1] if found and "01" <= found[1][4:] <= "12" else OTHERS


class Shelf:
    """One file for each month and source, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def put(self, source: str, events: Iterable[Envelope]) -> int:
        """Puts a page by; gives how many events it had."""
        sorted_out: dict[str, list[bytes]] = defaultdict(list)
        for event in events:
            sorted_out[month_of(subject_of(event))].append(event)
        for month, lines in sorted_out.items():
            with self._file(month, source).open("ab") as file:
                file.write(b"\n".join(lines) + b"\n")
        return sum(map(len, sorted_out.values()))

    def months(self) -> list[str]:
        """Those that have something, the earliest first and the others last."""
        return sorted({path.name.partition(".")[0] for path in self.folder.iterdir()})

    def take(self, month: str) -> dict[str, Logs]:
        """What was put by for a month, by subject; it is gone from the shelf then."""
        found: dict[str, Logs] = {}
        for path in sorted(self.folder.glob(f"{month}.*")):
            source = path.suffix[1:]
            for event in path.read_bytes().splitlines():
                found.setdefault(subject_of(event), {}).setdefault(source, []).append(event)
            path.unlink()
        return found

    def _file(self, month: str, source: str) -> Path:
        return self.folder / f"{month}.{source}"
