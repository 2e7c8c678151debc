"""CPU and memory of processes, read from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the command's name; empty when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def tree(root: int) -> list[int]:
    """A process and everything below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        if stat := _stat(int(entry.name)):
            below.setdefault(int(stat[1]), []).append(int(entry.name))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue.extend(below.get(pid, ()))
    return found


def cpu(root: int) -> float:
    """CPU seconds of a process, of all below it, and of those below it that have ended."""
    ticks = 0
    for pid in tree(root):
        if stat := _stat(pid):
            ticks += sum(map(int, stat[11:15]))  # utime, stime, and those of children waited for
    return ticks / TICK


def rss_mb(pids: Iterable[int]) -> float:
    """Resident memory, MB (10^6 bytes), of the largest of these processes."""
    sizes = []
    for pid in pids:
        try:
            sizes.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE)
        except OSError:
            continue
    return max(sizes, default=0) / 1e6


class Meter:
    """CPU seconds used by named process trees since it was made."""

    def __init__(self, roots: dict[str, int]) -> None:
        self._roots = roots
        self._before = {name: cpu(pid) for name, pid in roots.items()}

    def read(self) -> dict[str, float]:
        """Seconds by name."""
        return {name: cpu(pid) - self._before[name] for name, pid in self._roots.items()}
