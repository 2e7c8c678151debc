"""Whole lives of petitions over HTTP, open loop: seven commands and two reads each.

A life begins at its planned moment, and each of its steps half a second after the one before: planned
from the beginning, so that a step that comes late makes the next ones late as well and is counted so.
Every step says in `Petition-Seen` what its sender has seen; the service waits for the events, not we.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import orjson

from tests.bench import load, traffic
from tests.bench.load import Loop, Outcome, Reply, quantile
from tests.bench.systems import Running

THINK = 0.5
"""Seconds from the planned start of a step to that of the next."""
LATE = 1.0
"""A rate is sustained where 95 of 100 lives end at most so many seconds after their planned end."""
PATIENCE = 30.0
"""Seconds for which a step that was refused for now (409 not-yet, 429) is tried again."""
EXAMPLES = 5

MEASURES = {
    "register": "registered", "sign": "signed", "accept": "accepted", "answer": "answered",
    "serve": "served", "close": "closed", "rate": "rated",
}  # fmt: skip
"""Command → what stats counts it as."""
OPINION = {
    "outcome": "explained",
    "opinion": "经调查核实,您反映的情况基本属实。我单位已会同有关部门到现场查看,要求责任方限期整改,"
    "并将于本月底前完成复查。有关补偿的计算依据已向您当面说明,如对本意见不服,可自收到之日起三十日内"
    "请求复查。" * 3,
    "facts": "经现场查看并询问有关人员,反映的情况发生在今年三月,有现场记录和照片为证。",
    "basis": "《信访工作条例》第三十二条和本级有关补偿的规定。",
}
RATING = {
    "petition_office": "satisfied",
    "responsible_office": "basic",
    "comment": "办得还算及时。",
}


@dataclass
class Result:
    """What became of many lives."""

    planned: int = 0
    finished: int = 0
    turned_away: int = 0
    """Lives whose registration was answered with 429."""
    failed: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    """Steps tried again: `not-yet` (409), `busy` (429)."""
    lateness: list[float] = field(default_factory=list)
    """Seconds by which finished lives ended after their planned end."""
    steps: dict[str, Outcome] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    @property
    def sustained(self) -> bool:
        """Whether the system kept up."""
        clean = self.finished == self.planned and not self.failed
        return clean and quantile(self.lateness, 0.95) <= LATE

    @property
    def server_errors(self) -> int:
        """Answers of 500 and more, and broken connections."""
        return sum(
            n
            for outcome in self.steps.values()
            for status, n in outcome.statuses.items()
            if status >= 500 or status == load.LOST
        )

    @property
    def refused(self) -> int:
        """429 with Retry-After."""
        return sum(outcome.turned_away for outcome in self.steps.values())

    def accepted(self) -> dict[str, int]:
        """How many commands were accepted, by what stats counts."""
        return {
            measure: self.steps[step].accepted
            for step, measure in MEASURES.items()
            if step in self.steps
        }

    def latencies(self, *names: str) -> list[float]:
        """Latencies of these steps, of all where none is named."""
        chosen = names or tuple(self.steps)
        return [s for name in chosen if name in self.steps for s in self.steps[name].latencies]

    def line(self) -> str:
        """One line for people."""
        late = quantile(self.lateness, 0.95)
        retries = " ".join(f"{k} {n}" for k, n in self.retries.items()) or "none"
        return (
            f"{self.finished} of {self.planned} lives, late p95 {late:.2f} s, steps p50"
            f" {1000 * quantile(self.latencies(), 0.5):.0f} ms p99"
            f" {1000 * quantile(self.latencies(), 0.99):.0f} ms, turned away {self.turned_away},"
            f" failed {self.failed}, retries {retries}"
        )


class Site:
    """Where the services are, and the tokens of the bureau and of every office."""

    def __init__(self, ports: dict[str, int], keys: Path) -> None:
        self.ports, self.bureau = ports, traffic.officer(keys, "330282-xfj", "clerk", "triage")
        self.officer = cache(lambda office: traffic.officer(keys, office, "clerk", "head"))
        self.keys = traffic.Keys()
        self.answer = orjson.dumps(OPINION)
        self.rating = orjson.dumps(RATING)
        served = {"method": "in_person", "served_on": traffic.today()}
        self.service = orjson.dumps(served)


class Life:
    """One petition from registration to rating."""

    __slots__ = ("_data", "_place", "_port", "_since", "_step", "code", "end", "loop", "number",
                 "office", "registration", "result", "seen", "site", "start", "think", "token")  # fmt: skip

    def __init__(self, site: Site, loop: Loop, result: Result, start: float, think: float) -> None:
        self.site, self.loop, self.result = site, loop, result
        self.start, self.think = start, think
        self.registration = traffic.pool()[result.planned % traffic.POOL]
        self.number = self.code = self.token = ""
        self.seen: dict[str, int] = {}
        self._place, self._since = -1, 0.0
        result.planned += 1
        self.next()

    def next(self) -> None:
        """Goes to the next step, at its planned time or now where that has passed."""
        self._place += 1
        if self._place == len(STEPS):
            self.result.finished += 1
            self.result.lateness.append(time.monotonic() - self._planned + self.think)
            return
        self._step = STEPS[self._place]
        self.loop.at(self._planned, self._go)

    @property
    def _planned(self) -> float:
        return self.start + self._place * self.think

    def _go(self) -> None:
        service, build = BUILD[self._step]
        self._port, self._data = self.site.ports[service], build(self)
        self._since = time.monotonic()
        self._send()

    def _send(self) -> None:
        self.loop.send(self._port, self._data, self._planned, self._took)

    def _took(self, reply: Reply) -> None:
        step, status = self._step, reply.status
        if not (status == 409 and b"not-yet" in reply.body):
            self.result.steps.setdefault(step, Outcome()).note(reply)
        if 200 <= status < 300:
            self._learn(reply.body)
            self.next()
        elif self._again(reply):
            wait = float(reply.header(b"retry-after") or 1)
            self.loop.at(time.monotonic() + wait, self._send)
        elif status == 429 and step == "register":
            self.result.turned_away += 1
        else:
            self._fail(reply)

    def _again(self, reply: Reply) -> bool:
        """Whether the same step is worth another try; a petitioner turned away at the door is not."""
        if time.monotonic() > self._since + PATIENCE:
            return False
        if reply.status == 409 and b"not-yet" in reply.body:
            self.result.retries["not-yet"] += 1
            return True
        if reply.status == 429 and self._step != "register" and reply.header(b"retry-after"):
            self.result.retries["busy"] += 1
            return True
        return False

    def _learn(self, body: bytes) -> None:
        answer = orjson.loads(body)
        if self._step == "token":
            self.token = answer["token"]
            return
        if self._step == "register":
            self.number, self.code = answer["number"], answer["query_code"]
        source, _, sequence = answer["sequence"].partition(":")
        self.seen[source] = int(sequence)

    def _fail(self, reply: Reply) -> None:
        self.result.failed += 1
        if len(self.result.examples) < EXAMPLES:
            text = reply.body[:300].decode("utf-8", "replace")
            self.result.examples.append(f"{self._step} {self.number}: {reply.status} {text}")

    # -- requests --------------------------------------------------------------------------------

    def command(self, path: str, token: str, body: bytes = b"{}") -> bytes:
        """A command on this petition, with what its sender has seen."""
        seen = " ".join(f"{source}:{n}" for source, n in self.seen.items())
        return traffic.command(path, token, self.site.keys.next(), body, seen)

    def case(self, step: str, body: bytes = b"{}") -> bytes:
        """A step of the case, by an officer of the competent office."""
        token = self.site.officer(self.registration.office)
        return self.command(f"/cases/{self.number}/{step}", token, body)

    def register(self) -> bytes:
        return self.command("/petitions", self.site.bureau, self.registration.body)

    def sign(self) -> bytes:
        token = self.site.officer(self.registration.office)
        return self.command(f"/petitions/{self.number}/signature", token)

    def ask_token(self) -> bytes:
        body = orjson.dumps({"number": self.number, "code": self.code})
        return self.command("/petitioner-tokens", "", body)

    def rate(self) -> bytes:
        return self.command(f"/petitions/{self.number}/rating", self.token, self.site.rating)

    def read_case(self) -> bytes:
        return traffic.get(f"/cases/{self.number}", self.site.officer(self.registration.office))

    def read_petition(self) -> bytes:
        return traffic.get(f"/petitions/{self.number}", self.token)


BUILD: dict[str, tuple[str, Callable[[Life], bytes]]] = {
    "register": ("intake", Life.register),
    "sign": ("routing", Life.sign),
    "accept": ("supervision", lambda life: life.case("acceptance")),
    "answer": ("supervision", lambda life: life.case("answer", life.site.answer)),
    "serve": ("supervision", lambda life: life.case("service", life.site.service)),
    "read case": ("supervision", Life.read_case),
    "close": ("supervision", lambda life: life.case("closure")),
    "token": ("intake", Life.ask_token),
    "rate": ("intake", Life.rate),
    "read petition": ("intake", Life.read_petition),
}
"""Step → service and request. `token` is what a petitioner needs to rate: no command, no read."""
STEPS = tuple(BUILD)


def run(running: Running, rate: float, seconds: float, think: float = THINK) -> Result:
    """So many lives a second, begun over so many seconds; returns when all have ended."""
    site, result = Site(running.ports, running.keys), Result()
    start = time.monotonic() + 0.1
    with Loop() as loop:
        for at in load.arrivals(start, rate, seconds):
            loop.at(at - 0.05, _begin, site, loop, result, at, think)
        end = start + seconds
        length = think * len(STEPS)
        loop.run(lambda: _over(result, loop, round(rate * seconds), end + length))
    return result


def _begin(site: Site, loop: Loop, result: Result, at: float, think: float) -> None:
    Life(site, loop, result, at, think)


def _over(result: Result, loop: Loop, planned: int, end: float) -> bool:
    ended = result.finished + result.turned_away + result.failed
    return ended >= planned or time.monotonic() > end + PATIENCE + load.GIVE_UP


def settle(running: Running, before: dict[str, int], result: Result) -> int:
    """Waits until stats has counted every accepted command; returns how many are missing (0)."""
    wanted = {m: before.get(m, 0) + n for m, n in result.accepted().items()}
    running.await_counted(wanted)
    counts = running.counts()
    return sum(max(0, n - counts.get(measure, 0)) for measure, n in wanted.items())


def capacity(running: Running, rate: float, seconds: float, tries: int = 7) -> tuple[float, Result]:
    """The highest rate found that is sustained (0 for none), and what the last one looked like.

    Goes up from `rate` by a seventh until it is too much, or down by a tenth until it is not.
    """
    best: tuple[float, Result] | None = None
    too_much = float("inf")
    for _ in range(tries):
        result = _attempt(running, rate, seconds)
        if result.sustained:
            best, rate = (rate, result), rate * 1.15
        else:
            too_much, rate = rate, rate * 0.9
        if best and (rate >= too_much or not result.sustained):
            break
    return best or (0.0, result)


def _attempt(running: Running, rate: float, seconds: float) -> Result:
    before = running.counts()
    result = run(running, rate, seconds)
    settle(running, before, result)
    print(f"  {rate:6.1f} lives/s: {result.line()}", flush=True)
    for example in result.examples:
        print(f"    {example}", flush=True)
    return result


@dataclass
class Spike:
    """A spike, and half the capacity before and after it."""

    before: Result
    during: Result
    after: Result
    lost: int
    """Accepted commands that stats never counted."""


def spike(running: Running, rate: float, seconds: float, rest: float = 30.0) -> Spike:
    """Twice the capacity for some seconds; then, after a rest, what is normal again."""
    before = run(running, rate / 2, seconds)
    settle(running, {}, before)
    counts = running.counts()
    during = run(running, rate * 2, seconds)
    ended = time.monotonic()
    lost = settle(running, counts, during)
    time.sleep(max(0.0, ended + rest - time.monotonic()))
    return Spike(before, during, run(running, rate / 2, seconds), lost)
