"""One candidate in a process of its own: `python -P worker.py NAME [PATH]`.

Runs in the peers' environment too, so it imports the standard library only, and a candidate inside
its function. Says first what loading took and weighs; then answers each line of standard input, a
JSON list of [text, office], with one line: the answers, the nanoseconds of each, the memory now.
Answers of peers carry the names that they found, from the province down, instead of a code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, perf_counter_ns
from typing import Any, NamedTuple


class Loaded(NamedTuple):
    """A candidate that is ready: the call that is timed, and what turns its result into an answer."""

    call: Callable[[str, str | None], Any]
    shape: Callable[[Any], dict[str, Any]]


def ours(path: str) -> Loaded:
    """The project's resolver with the index at this path."""
    from places.index import Index
    from places.resolver import Resolver

    def shape(found: Any) -> dict[str, Any]:
        return {
            "code": found.code,
            "level": found.level,
            "status": found.status,
            "confidence": found.confidence,
        }

    return Loaded(Resolver(Index.load(Path(path))).locate, shape)


def dummy(_: str) -> Loaded:
    """Knows nothing: to try the harness."""
    none = {"code": None, "level": None, "status": "none", "confidence": 0.0}
    return Loaded(lambda text, office: none, dict)


def cpca(_: str) -> Loaded:
    """Its inner function: `transform([text])` builds a table of pandas, fifty times the work."""
    import cpca

    def call(text: str, office: str | None) -> Any:
        return cpca._get_one_addr(text, False, {})

    return Loaded(call, lambda found: _named(found[key] for key in "省市区"))


def jionlp(_: str) -> Loaded:
    """With towns and villages; its dictionary is read at the first call."""
    import jionlp

    def call(text: str, office: str | None) -> Any:
        return jionlp.parse_location(text, town_village=True)

    call("北京市", None)
    levels = ("province", "city", "county", "town", "village")
    return Loaded(call, lambda found: _named(found.get(level) for level in levels))


def quhua(_: str) -> Loaded:
    """The engine behind quhua-mcp's tool, without the protocol around it."""
    import engine

    def call(text: str, office: str | None) -> Any:
        return engine.resolve_any(text)

    def shape(found: Any) -> dict[str, Any]:
        if found["status"] in ("ambiguous", "multi"):
            return _named([], "ambiguous")
        path = found["result"]
        # A name may be followed by a remark: 济源市(省直辖县级市).
        names = [n.split("(")[0] for n in path.split("-")] if isinstance(path, str) else []
        return _named(names, confidence=found.get("confidence") or 0.0)

    return Loaded(call, shape)


LOADERS: dict[str, Callable[[str], Loaded]] = {
    "ours": ours,
    "dummy": dummy,
    "cpca": cpca,
    "jionlp": jionlp,
    "quhua": quhua,
}


def _named(names: Any, status: str = "", confidence: float = 1.0) -> dict[str, Any]:
    found = [name for name in names if name]
    status = status or ("ok" if found else "none")
    return {"names": found, "status": status, "confidence": confidence}


def resident() -> float:
    """Megabytes of this process that are in memory."""
    with open("/proc/self/status") as lines:
        line = next(line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def answers(candidate: Loaded, asked: list[tuple[str, str | None]]) -> dict[str, Any]:
    """What it says to each text, and how long it took."""
    said, took = [], []
    for text, office in asked:
        begun = perf_counter_ns()
        found = candidate.call(text, office)
        took.append(perf_counter_ns() - begun)
        said.append(candidate.shape(found))
    return {"answers": said, "ns": took, "rss_mb": resident()}


def main() -> None:
    """Loads, then answers until standard input ends."""
    # Libraries greet on standard output; the answers go where it led before.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name, path = (*sys.argv[1:], "")[:2]
    before, begun = resident(), perf_counter()
    candidate = LOADERS[name](path)
    ready = {"load_s": perf_counter() - begun, "before_mb": before, "rss_mb": resident()}
    print(json.dumps(ready), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answers(candidate, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
