"""Who tells the lives of a month: this process, or one for each core."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from pathlib import Path
from threading import Thread
from typing import TypeVar

from kit.migrations import engine_for
from stats.domain.windows import Windows
from stats.rebuild.generation import Generation
from stats.rebuild.lives import Teller
from stats.rebuild.shelf import Logs, Shelf
from stats.rebuild.sums import in_order

T = TypeVar("T")


@dataclass
class Month:
    """What telling a month leaves to be done: its lives are written, its sums put by."""

    petitions: int
    left: dict[str, Logs]


@dataclass(frozen=True)
class Desk:
    """What it takes to tell.

    Args:
        url: of the database's owner.
        shelf: the folder of the events. sums: that in which sums are put by.
        floor: what was recorded on days before it is not told apart.
        parked: petitions that are not told here.
        windows: the site's.
    """

    url: str
    shelf: Path
    sums: Path
    floor: date
    parked: frozenset[str]
    windows: Windows

    def tell(self, month: str) -> Month:
        """The lives that began in a month."""
        lives = Shelf(self.shelf).take(month)
        left = {subject: lives.pop(subject) for subject in self.parked & lives.keys()}
        told = Teller(self.floor, self.windows).tell(lives)
        self._generation.write(told)
        told.sums.put_by(self.sums, month)
        return Month(len(told.facts), told.left | left)

    def write_sums(self, rollup: str) -> None:
        """A whole roll-up, out of what was put by."""
        self._generation.write_sums(rollup, in_order(self.sums, rollup))

    @property
    def _generation(self) -> Generation:
        return Generation(engine_for(self.url))


class Desks:
    """Where several things are done, one after the other or some at once."""

    def __init__(self, desk: Desk, pool: ProcessPoolExecutor | None) -> None:
        self._desk, self._pool = desk, pool

    def each(self, work: Callable[[Desk, str], T], items: Iterable[str]) -> Iterator[T]:
        """What a method of a desk gives for each item, in their order."""
        if self._pool is None:
            return (work(self._desk, item) for item in items)
        return self._pool.map(_work, repeat(work), repeat(self._desk), items)


@contextmanager
def desks(processes: int, desk: Desk) -> Iterator[Desks]:
    """As many as there are processes; one is here."""
    if processes == 1:
        yield Desks(desk, None)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _sit_down)
    try:
        yield Desks(desk, pool)
    finally:
        pool.shutdown(cancel_futures=True)  # where it is broken off, what nobody began is left


def _sit_down() -> None:
    gc.disable()
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """Whoever kills the rebuild wants no more written: the tables may be the next one's by then."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work(work: Callable[[Desk, str], T], desk: Desk, item: str) -> T:
    """In a process of its own, which ends with the rebuild, and has no collector: its events are trees, which go without
    it, and it went through all of a month's again and again, for a third of the time."""
    return work(desk, item)
