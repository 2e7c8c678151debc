"""The import itself: reads, plans, sends by several threads, and reports in the order of the file."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from tool.importing.planning import EXAMPLE, Outcome, Plan, Planner, Refusal, Refused
from tool.importing.reading import Row
from tool.importing.sending import Sender

AHEAD = 4
"""Rows under way for each thread: one that waits holds up nobody."""

Stopped = Callable[[], bool]
Take = Callable[[Outcome], None]


class Import:
    """One run over one register.

    Args:
        sender: makes a thread's sender, given what tells it to stop; None: nothing is sent (dry run).
    """

    def __init__(
        self, planner: Planner, sender: Callable[[Stopped], Sender] | None, concurrency: int
    ) -> None:
        self._planner, self._make, self._concurrency = planner, sender, concurrency
        self._known: dict[str, int] = {}
        self._mine = threading.local()
        self._stop = threading.Event()

    def run(self, rows: Iterator[Row], take: Take) -> None:
        """Takes every row and tells what became of it, in the order of the file.

        Raises Unreachable; what was under way is ended and told first.
        """
        under_way: deque[Future[Outcome]] = deque()
        with ThreadPoolExecutor(self._concurrency, "import") as pool:
            begun = (pool.submit(self._row, *planned) for planned in self._planned(rows))
            try:
                under_way.extend(islice(begun, self._concurrency * AHEAD))
                while under_way:
                    outcome = under_way[0].result()
                    under_way.popleft()
                    take(outcome)
                    under_way.extend(islice(begun, 1))
            finally:
                self._give_up(under_way, take)

    def _planned(self, rows: Iterator[Row]) -> Iterator[tuple[Row, Plan | Refused]]:
        """Each row with its plan, or why there is none. In the order of the file: of two rows that
        are the same the first counts."""
        for row in rows:
            if row.cells.get("source_ref") == EXAMPLE:
                continue
            try:
                plan = self._planner.plan(row)
                self._check_repeated(plan)
            except Refused as refused:
                yield row, refused
            else:
                yield row, plan

    def _check_repeated(self, plan: Plan) -> None:
        first = self._known.setdefault(plan.key, plan.row)
        if first != plan.row:
            what = "编号" if plan.source_ref else "内容"
            raise Refused([Refusal("核对", "编号", f"{what}与第 {first} 行重复。")])

    def _row(self, row: Row, planned: Plan | Refused) -> Outcome:
        """In a thread: sends the plan, if there is one and this is no dry run."""
        if isinstance(planned, Refused):
            return Outcome(row.number, row.own, refusals=tuple(planned.refusals))
        if self._make is None:
            return Outcome(row.number, row.own)
        if not hasattr(self._mine, "sender"):
            self._mine.sender = self._make(self._stop.is_set)
        sent: Outcome = self._mine.sender.send(planned)
        return sent

    def _give_up(self, under_way: deque[Future[Outcome]], take: Take) -> None:
        """At the end, whatever it was: what has not begun never does, what is under way is told."""
        self._stop.set()
        for future in under_way:
            future.cancel()
        for future in under_way:
            if not future.cancelled() and future.exception() is None:
                take(future.result())
