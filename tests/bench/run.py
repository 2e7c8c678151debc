"""`python -m tests.bench.run`: every measurement, one after the other, on one machine in one run.

--only e2e,idle     some stages (ceilings, e2e, steady, idle, lives)
--million           lives again with 1,000,000 petitions stored
--profile intake    py-spy on one process during the stages (ours only)
--quick             short rounds, to see whether everything works
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from uuid import uuid4

warnings.filterwarnings("ignore", module=r"eventlet(\..*)?")

from tests.bench import e2e, lives  # noqa: E402
from tests.bench.e2e import Round  # noqa: E402
from tests.bench.load import quantile  # noqa: E402
from tests.bench.report import Report  # noqa: E402
from tests.bench.systems import ROOT, BenchError, Ours, Plain, Running, System, queues  # noqa: E402
from tool.local.servers import Servers, shared  # noqa: E402
from tool.local.signals import end_in_order  # noqa: E402

CONNECTIONS = 32
MILLION = 1_000_000
STAGE_SECONDS = 600
"""A stage of subprocesses that takes longer is ended."""


@dataclass
class Options:
    """What the command line says."""

    profile: str = ""
    quick: bool = False
    rounds: int = 3
    seconds: float = 10.0
    rate: float = 60.0
    million: bool = False

    def short(self, seconds: float) -> float:
        """Seconds of a measurement, fewer for a quick look."""
        return seconds / 3 if self.quick else seconds


class Bench:
    """The stages, and what they share."""

    def __init__(self, servers: Servers, options: Options) -> None:
        self.servers, self.options, self.report = servers, options, Report()

    @cached_property
    def ours(self) -> Ours:
        return Ours(self.servers)

    @cached_property
    def plain(self) -> Plain:
        return Plain(self.servers)

    def ceilings(self) -> None:
        """(a) raw ceilings and (b) our relay and consumer beside them."""
        rates = self._ceilings()
        middle = {name: median(values) for name, values in rates.items()}
        add = self.report.median
        add("publish_ceiling_per_s", rates["publish"], "messages/s")
        add("relay_per_s", rates["relay"], "messages/s")
        add("consume_ceiling_per_s", rates["consume"], "messages/s")
        add("consumer_per_s", rates["consumer"], "messages/s")
        add("consumer_applied_per_s", rates["applied"], "messages/s")
        self.report.add("relay_share_of_ceiling", middle["relay"] / middle["publish"], "share")
        self.report.add(
            "consumer_share_of_ceiling", middle["consumer"] / middle["consume"], "share"
        )

    def _ceilings(self) -> dict[str, list[float]]:
        self.ours.prepare()
        name = f"bench_ceilings_{uuid4().hex[:8]}"
        env = {
            **os.environ,
            "DATABASE_URL": self.servers.cluster.create_database(name, self.ours.template),
            "AMQP_URL": self.servers.broker.add_vhost(name),
            "PETITION_STATE": str(self.ours.state),
        }
        command = [
            sys.executable, "-W", "ignore", "-m", "tests.bench.ceilings",
            "--messages", "3000" if self.options.quick else "20000",
            "--rounds", "2" if self.options.quick else "5",
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, env=env, cwd=ROOT, capture_output=True, text=True, check=False,
                timeout=STAGE_SECONDS,
            )  # fmt: skip
        finally:
            self.servers.broker.delete_vhost(name)
            self.servers.cluster.drop_database(name)
        if done.returncode:
            raise BenchError(f"tests.bench.ceilings: {done.stderr}")
        rates: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
        return rates

    def e2e(self) -> None:
        """(c) POST to counted in stats, ours and the plain pipeline in turn."""
        if self.options.profile:  # a sampled round is no measurement
            self._round(self.ours, self.options.profile)
            return
        ours: list[Round] = []
        plain: list[Round] = []
        for _ in range(1 if self.options.quick else self.options.rounds):
            ours.append(self._round(self.ours, self.options.profile))
            plain.append(self._round(self.plain, ""))
        add = self.report.median
        add("e2e_petitions_per_s", [r.rate for r in ours], "petitions/s", least=400)
        add("e2e_plain_petitions_per_s", [r.rate for r in plain], "petitions/s")
        ratios = [a.rate / b.rate for a, b in zip(ours, plain, strict=True)]
        add("e2e_ratio_to_celery", ratios, "ratio", least=5)
        add("e2e_drain_s", [r.drain for r in ours], "s")
        for kind, rounds in (("", ours), ("plain_", plain)):
            for name in rounds[0].cpu:
                values = [r.cpu[name] for r in rounds]
                self.report.add(f"cpu_{kind}{name}", median(values), "ms/petition")
            total = median(sum(r.cpu.values()) for r in rounds)
            self.report.add(f"cpu_{kind}total", total, "ms/petition")
        self._memory({n: max(r.rss[n] for r in ours) for n in ours[0].rss})

    def _round(self, system: System, profile: str) -> Round:
        with system.fresh() as running:
            seconds = self.options.short(self.options.seconds)
            found = e2e.run_round(running, seconds, CONNECTIONS, profile)
        print(
            f"  {system.name:8} {found.rate:7.1f}/s  posts {found.posts:7.1f}/s"
            f"  p99 {1000 * found.p99:6.0f} ms  drain {found.drain:5.2f} s"
            f"  cpu {sum(found.cpu.values()):6.2f} ms  failed {found.failed}",
            flush=True,
        )
        if found.failed:
            raise BenchError(f"{found.failed} requests of {system.name} failed")
        return found

    def _memory(self, rss: dict[str, float]) -> None:
        for name, size in rss.items():
            most = 200 if name in ("routing", "jobs") else 120
            self.report.add(f"rss_mb_{name}", size, "MB", most=most)
        self.report.add("rss_mb_max", max(rss.values()), "MB", most=200)

    def steady(self) -> None:
        """p99 of POST at 300 a second."""
        with self.ours.fresh() as running:
            e2e.post(running, running.registrations().next, CONNECTIONS, e2e.WARM)
            seconds = self.options.short(20)
            outcome = e2e.steady(running, 300, seconds, self.options.profile)
        self.report.add("post_p50_ms", 1000 * outcome.quantile(0.5), "ms")
        self.report.add("post_p99_ms", 1000 * outcome.quantile(0.99), "ms", most=200)
        self.report.add("post_refused", outcome.turned_away + outcome.failed, "requests", most=0)

    def idle(self) -> None:
        """From POST to stats when nothing else happens."""
        with self.ours.fresh() as running:
            e2e.post(running, running.registrations().next, 4, 1)
            time.sleep(1)
            seconds = e2e.idle_latency(running, 10 if self.options.quick else 40)
        self.report.add("idle_latency_s", median(seconds), "s", most=0.2)
        self.report.add("idle_latency_p90_s", quantile(seconds, 0.9), "s")

    def whole_lives(self) -> None:
        """Whole lives, open loop: the highest rate that is sustained, and a spike at twice of it."""
        with self.ours.fresh() as running:
            rate, result = self._capacity(running, self.options.rate)
            self.report.add("lives_per_s", rate, "lives/s", least=60)
            self.report.add("lives_p50_ms", 1000 * quantile(result.latencies(), 0.5), "ms")
            self.report.add("lives_p99_ms", 1000 * quantile(result.latencies(), 0.99), "ms")
            for step in lives.STEPS:
                value = 1000 * quantile(result.latencies(step), 0.99)
                self.report.add(f"lives_p99_ms_{step.replace(' ', '_')}", value, "ms")
            if rate:
                self._spike(running, rate)
            self._audit(running)
        if self.options.million and rate:
            self._million(rate)

    def _capacity(self, running: Running, rate: float) -> tuple[float, lives.Result]:
        e2e.post(running, running.registrations().next, 8, e2e.WARM)
        lives.run(running, rate / 4, self.options.short(6))
        seconds = self.options.short(15)
        with e2e.recording(running, self.options.profile):
            return lives.capacity(running, rate, seconds)

    def _spike(self, running: Running, rate: float) -> None:
        seconds = self.options.short(12)
        found = lives.spike(running, rate, seconds, self.options.short(30))
        for name in ("before", "during", "after"):
            print(f"  {name:7} {getattr(found, name).line()}", flush=True)
        add = self.report.add
        add("spike_5xx", found.during.server_errors, "answers", most=0)
        add("spike_failed", found.during.failed, "lives", most=0)
        add("spike_429", found.during.refused, "answers")
        add("spike_lost", found.lost, "commands", most=0)
        add("spike_p99_before_ms", 1000 * quantile(found.before.latencies(), 0.99), "ms")
        add("spike_p99_during_ms", 1000 * quantile(found.during.latencies(), 0.99), "ms")
        after = 1000 * quantile(found.after.latencies(), 0.99)
        add("spike_p99_after_ms", after, "ms", most=200)
        add("spike_queued_after", self._queued(running), "events", most=0)

    def _queued(self, running: Running, patience: float = 5.0) -> int:
        """Events that are still under way so many seconds after the last request."""
        deadline = time.monotonic() + patience
        while True:
            queued = sum(queues(self.servers, running.vhost).values()) + running.backlog()
            if not queued or time.monotonic() > deadline:
                return queued
            time.sleep(0.2)

    def _audit(self, running: Running) -> None:
        """Every log against what every consumer made of it."""
        said = self.ours.petition(running.database_url, "audit", "--wait", "30")
        print("\n".join(f"  {line}" for line in said.splitlines()), flush=True)

    def _million(self, small: float) -> None:
        begun = time.monotonic()
        template = self.ours.stored(MILLION)
        self.report.add("generate_million_s", time.monotonic() - begun, "s")
        with self.ours.fresh(template) as running:
            rate, result = self._capacity(running, small)
        self.report.add("lives_per_s_1m", rate, "lives/s")
        self.report.add("lives_p99_ms_1m", 1000 * quantile(result.latencies(), 0.99), "ms")
        self.report.add("lives_ratio_1m", rate / small, "ratio", least=0.9)


STAGES: dict[str, Callable[[Bench], None]] = {
    "ceilings": Bench.ceilings,
    "e2e": Bench.e2e,
    "steady": Bench.steady,
    "idle": Bench.idle,
    "lives": Bench.whole_lives,
}


def main() -> int:
    """Runs the chosen stages; the exit code tells whether every bound holds."""
    options, chosen = _arguments()
    end_in_order()
    with shared() as servers:
        bench = Bench(servers, options)
        try:
            for name in chosen:
                print(f"\n{name}: {STAGES[name].__doc__}", flush=True)
                STAGES[name](bench)
        except BenchError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
        finally:
            if bench.report.values and not options.quick:
                bench.report.write()
    print(f"\n{bench.report.table()}")
    if bench.report.fast is False:
        print("\nThis machine, now, is slower than tech.md's: of the bounds only the ratios count.")
    return 0


def _arguments() -> tuple[Options, list[str]]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(STAGES), help="stages, by comma")
    parser.add_argument("--million", action="store_true", help="lives with 1,000,000 petitions too")
    parser.add_argument("--profile", default="", help="a process to sample: intake, routing, ...")
    parser.add_argument("--quick", action="store_true", help="short rounds; nothing is written")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the end to end stage")
    parser.add_argument("--seconds", type=float, default=10, help="seconds of such a round")
    parser.add_argument("--rate", type=float, default=60, help="lives a second to begin with")
    given = parser.parse_args()
    chosen = given.only.split(",")
    if unknown := set(chosen) - set(STAGES):
        parser.error(f"no such stage: {', '.join(sorted(unknown))}")
    options = Options(
        given.profile, given.quick, given.rounds, given.seconds, given.rate, given.million
    )
    return options, chosen


if __name__ == "__main__":
    sys.exit(main())
