"""The import itself: reads, plans, sends by several threads, and reports in the order of the file."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from tool.importing.planning import EXAMPLE, Plan, Planner, Refusal, Refused
from tool.importing.reading import Row
from tool.importing.report import Report
from tool.importing.sending import Sender, Sent
from tool.importing.words import compact

AHEAD = 4
"""Rows under way for each thread: one that waits holds up nobody."""

Stopped = Callable[[], bool]


class Import:
    """One run over one register.

    Args:
        sender: makes a thread's sender, given what tells it to stop; None: nothing is sent (dry run).
    """

    def __init__(
        self,
        planner: Planner,
        report: Report,
        sender: Callable[[Stopped], Sender] | None,
        concurrency: int,
    ) -> None:
        self._planner, self._report, self._make = planner, report, sender
        self._concurrency = concurrency
        self._ended: Callable[[], None] = lambda: None
        self._known: dict[str, int] = {}
        self._mine = threading.local()
        self._stop = threading.Event()

    def run(self, rows: Iterator[Row], ended: Callable[[], None] = lambda: None) -> None:
        """Takes every row; `ended` is told after each. Raises Unreachable, after the rows under way
        were ended and reported."""
        self._ended = ended
        if self._make is None:
            for plan in self._plans(rows):
                self._end(plan, Sent(None))
            return
        waiting: deque[tuple[Plan, Future[Sent]]] = deque()
        with ThreadPoolExecutor(self._concurrency, "import") as pool:
            try:
                for plan in self._plans(rows):
                    waiting.append((plan, pool.submit(self._send, plan)))
                    if len(waiting) >= self._concurrency * AHEAD:
                        self._end_first(waiting)
                while waiting:
                    self._end_first(waiting)
            finally:
                self._give_up(waiting)

    def _plans(self, rows: Iterator[Row]) -> Iterator[Plan]:
        """The rows that can be sent; the others are reported."""
        for row in rows:
            own = row.cells.get("source_ref")
            if own == EXAMPLE:
                continue
            try:
                plan = self._planner.plan(row)
                self._check_repeated(plan)
            except Refused as refused:
                self._report.refuse(row.number, compact(own)[:80] or None, None, refused.refusals)
                self._ended()
                continue
            yield plan

    def _check_repeated(self, plan: Plan) -> None:
        first = self._known.setdefault(plan.key, plan.row)
        if first != plan.row:
            what = "编号" if plan.source_ref else "内容"
            raise Refused([Refusal("核对", "编号", f"{what}与第 {first} 行重复。")])

    def _send(self, plan: Plan) -> Sent:
        assert self._make is not None
        if not hasattr(self._mine, "sender"):
            self._mine.sender = self._make(self._stop.is_set)
        sent: Sent = self._mine.sender.send(plan)
        return sent

    def _end_first(self, waiting: deque[tuple[Plan, Future[Sent]]]) -> None:
        plan, future = waiting[0]
        sent = future.result()
        waiting.popleft()
        self._end(plan, sent)

    def _end(self, plan: Plan, sent: Sent) -> None:
        if sent.refusal is None:
            self._report.done(plan.row, plan.source_ref, sent.number)
        else:
            self._report.refuse(plan.row, plan.source_ref, sent.number, [sent.refusal])
        self._ended()

    def _give_up(self, waiting: deque[tuple[Plan, Future[Sent]]]) -> None:
        """Something ended the run: what has not begun never does, what is under way is reported."""
        self._stop.set()
        for _, future in waiting:
            future.cancel()
        for plan, future in waiting:
            if not future.cancelled() and future.exception() is None:
                self._end(plan, future.result())
