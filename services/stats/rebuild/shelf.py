"""Events put by on disk until a month's petitions can be told: a log is in order of time, a life is not.

Shelved by the month in a petition's number (site, year, month, day, sequence), so that lives are told in the order
in which they began, and sums of months gone by are final (`sums`). Events hold no personal data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import orjson

from stats.rebuild.feed import Envelope

_PETITION = re.compile(r"[0-9]{6}([0-9]{6})[0-9]{2}[0-9]{4,}")
OTHERS = "others"
"""The shelf of what is about no petition, or about one whose number names no month."""
Logs = dict[str, list[Envelope]]
"""Source → its events about one subject, in order."""


def month_of(subject: str) -> str:
    """`330282202603020001` → `202603`."""
    found = _PETITION.fullmatch(subject)
    return found[1] if found and "01" <= found[1][4:] <= "12" else OTHERS


def first_day(month: str) -> date:
    """`202603` → 1 March 2026."""
    return date(int(month[:4]), int(month[4:]), 1)


class Shelf:
    """One file for each month and source, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, source: str, events: Iterable[Envelope]) -> int:
        """Puts a page by; gives how many events it had."""
        sorted_out: dict[str, list[bytes]] = defaultdict(list)
        for event in events:
            sorted_out[month_of(event["subject"])].append(orjson.dumps(event))
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
            with path.open("rb") as file:
                for line in file:
                    event = orjson.loads(line)
                    found.setdefault(event["subject"], {}).setdefault(source, []).append(event)
            path.unlink()
        return found

    def _file(self, month: str, source: str) -> Path:
        return self.folder / f"{month}.{source}"
