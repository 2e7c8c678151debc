"""Where a process spends its time: py-spy around a stage of the bench.

Writes every stack with its count (`profile-<name>.txt`, for flame graphs: inferno, speedscope) and
prints the functions with the most time of their own and the most with all they call.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LINE = re.compile(r":\d+\)")


@contextmanager
def watched(pid: int, output: Path, rate: int = 200) -> Iterator[None]:
    """Samples a process and all below it while the block runs."""
    program = shutil.which("py-spy") or str(Path(sys.executable).with_name("py-spy"))
    output.parent.mkdir(parents=True, exist_ok=True)
    command = [
        program, "record", "--pid", str(pid), "--format", "raw", "--output", str(output),
        "--rate", str(rate), "--duration", "3600", "--subprocesses", "--nonblocking",
    ]  # fmt: skip
    with output.with_suffix(".log").open("wb") as log:
        spy = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield
        finally:
            spy.send_signal(signal.SIGINT)
            spy.wait(30)


def report(output: Path, lines: int = 30) -> str:
    """The summary of a recording."""
    own: Counter[str] = Counter()
    idle = 0
    whole: Counter[str] = Counter()
    total = 0
    for line in output.read_text().splitlines():
        stack, _, number = line.rpartition(" ")
        frames = [_LINE.sub(")", frame) for frame in stack.split(";")]
        if "do_poll" in frames[-1]:
            idle += int(number)
            continue
        own[frames[-1]] += int(number)
        for frame in set(frames):
            whole[frame] += int(number)
        total += int(number)
    parts = [f"{total} busy samples and {idle} idle ones in {output.name}"]
    for title, counter in (("own time", own), ("with all it calls", whole)):
        parts.append(f"\n{title}")
        parts += [f"{100 * n / max(total, 1):6.1f} %  {f}" for f, n in counter.most_common(lines)]
    return "\n".join(parts)
