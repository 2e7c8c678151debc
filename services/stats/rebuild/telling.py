"""Who tells the lives of a month: this process, or one for each core."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kit.migrations import engine_for
from stats.domain.windows import Windows
from stats.rebuild.generation import Generation
from stats.rebuild.lives import Teller
from stats.rebuild.shelf import Logs, Shelf, first_day
from stats.rebuild.sums import Sums


@dataclass
class Month:
    """What telling a month leaves to be done: its lives are written, their sums are not."""

    petitions: int
    sums: Sums
    left: dict[str, Logs]


@dataclass(frozen=True)
class _Desk:
    """What it takes to tell a month. `parked`: petitions that are not told here."""

    generation: Generation
    shelf: Shelf
    floor: date
    parked: frozenset[str]
    windows: Windows

    def tell(self, month: str) -> Month:
        lives = self.shelf.take(month)
        left = {subject: lives.pop(subject) for subject in self.parked & lives.keys()}
        told = Teller(self.floor, first_day(month), self.windows).tell(lives)
        self.generation.write(told)
        return Month(len(told.facts), told.sums, told.left | left)


Setting = tuple[str, Path, date, frozenset[str], Windows]
_desk: _Desk


@contextmanager
def telling(
    processes: int, url: str, folder: Path, floor: date, parked: frozenset[str], windows: Windows
) -> Iterator[Callable[[Iterable[str]], Iterable[Month]]]:
    """What tells months, in their order.

    Args:
        url: of the database's owner. folder: the shelf's.
    """
    setting = (url, folder, floor, parked, windows)
    if processes == 1:
        yield lambda months: map(_made(*setting).tell, months)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _prepare, setting) as pool:
        yield lambda months: _in_order(pool, months, processes + 1)


def _in_order(pool: ProcessPoolExecutor, months: Iterable[str], ahead: int) -> Iterator[Month]:
    """Never more than some months in memory."""
    coming: deque[Future[Month]] = deque()
    for month in months:
        coming.append(pool.submit(_tell, month))
        if len(coming) == ahead:
            yield coming.popleft().result()
    while coming:
        yield coming.popleft().result()


def _made(url: str, folder: Path, floor: date, parked: frozenset[str], windows: Windows) -> _Desk:
    return _Desk(Generation(engine_for(url)), Shelf(folder), floor, parked, windows)


def _prepare(*setting: object) -> None:
    """A process of its own, which ends with the rebuild. Its events are trees, which go without the collector: that
    went through all of a month's again and again, for a third of the time."""
    global _desk
    gc.disable()
    _desk = _made(*setting)  # type: ignore[arg-type]


def _tell(month: str) -> Month:
    return _desk.tell(month)
