"""`python -m tests.drills.run`: runs the drills and prints what became of them."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
import time
import traceback
from pathlib import Path

from tests.drills.drills import DRILLS, Drill
from tests.drills.harness import Failed, Result, scene
from tool.local.servers import Servers, temporary
from tool.local.signals import end_in_order

OUTPUT = Path(".run/drills.json")
TRACE = 25
"""Lines of a traceback that are shown."""
HEAD = (
    f"{'drill':<22}{'round':>5}{'accepted':>9}{'retried':>8}{'failed':>7}{'p99 ms':>8}{'during':>8}"
    f"{'recovered s':>12}{'settled':>8}{'audit':>7}{'all s':>7}"
)


def run(servers: Servers, drill: Drill, round_: int, rate: float) -> Result:
    """One drill on a site of its own."""
    result, began = Result(drill.name, round_), time.monotonic()
    try:
        with scene(servers, result, drill.processes, rate if drill.load else 0.0) as made:
            drill.disturb(made)
            made.settle()
            made.verdict()
            if drill.apart:
                made.unmoved()
    except Failed as error:
        result.error = str(error)
    except Exception:
        result.error = "\n".join(traceback.format_exc().splitlines()[-TRACE:])
    result.seconds = time.monotonic() - began
    return result


def line(result: Result) -> str:
    """One row of the table."""
    worst = f"{max(result.recovery):.1f}" if result.recovery else "-"
    return (
        f"{result.name:<22}{result.round:>5}{result.accepted:>9}{result.retried:>8}{result.failed:>7}"
        f"{_ms(result.p99_beside):>8}{_ms(result.p99_during):>8}{worst:>12}"
        f"{result.settled:>8.1f}{result.audit or '-':>7}{result.seconds:>7.0f}"
        + ("" if not result.error else "  FAILED")
    )


def _ms(seconds: float) -> str:
    return "-" if math.isnan(seconds) else f"{1000 * seconds:.0f}"


def main() -> int:
    """Returns 1 where any drill failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", action="append", help="name of a drill; may be given several times"
    )
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--rate", type=float, default=100.0, help="petitions a second")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{d.name:<22} {d.disturbs}" for d in DRILLS))
        return 0
    chosen = [d for d in DRILLS if not options.only or d.name in options.only]
    results: list[Result] = []
    end_in_order()
    with temporary() as servers:
        print(HEAD, flush=True)
        for round_ in range(1, options.repeat + 1):
            for drill in chosen:
                results.append(run(servers, drill, round_, options.rate))
                _tell(results)
    return int(any(result.error for result in results))


def _tell(results: list[Result]) -> None:
    result = results[-1]
    print(line(result), *(f"    {note}" for note in result.notes), sep="\n", flush=True)
    if result.error:
        print("    " + result.error.strip().replace("\n", "\n    "), flush=True)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps([dataclasses.asdict(r) for r in results], indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
