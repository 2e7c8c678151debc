"""A rebuild that is ended or killed leaves nobody at work, and no files for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from stats.domain.windows import Windows
from stats.rebuild.scratch import scratch
from stats.rebuild.telling import Desk, desks
from tool.local.signals import end_in_order


def until(holds: Callable[[], object]) -> None:
    ends = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def linger(desk: Desk, item: str) -> None:
    """Tells who is at work here, and works for long."""
    Path(desk.shelf, str(os.getpid())).touch()
    time.sleep(float(item))


def work(folder: str, seconds: str) -> None:
    """A rebuild that tells lives in two processes, ended as `petition stats rebuild` is."""
    end_in_order()
    desk = Desk("", Path(folder), Path(folder), date.min, frozenset(), Windows())
    with scratch(Path(folder)) as own:
        Path(own, "events").touch()
        with desks(2, desk) as at_work:
            list(at_work.each(linger, [seconds] * 50))


def begun(folder: Path, seconds: int) -> tuple[subprocess.Popen[bytes], list[int]]:
    call = f"from {__name__} import work; work({str(folder)!r}, '{seconds}')"
    parent = subprocess.Popen([sys.executable, "-c", call], cwd=Path(__file__).parent)

    def workers() -> list[int]:
        return [int(path.name) for path in folder.iterdir() if path.name.isdigit()]

    until(lambda: len(workers()) == 2)
    return parent, workers()


def test_whoever_works_for_a_rebuild_that_was_killed_ends(tmp_path: Path) -> None:
    parent, workers = begun(tmp_path, 60)
    parent.kill()
    parent.wait()
    until(lambda: not any(map(alive, workers)))
    [left] = tmp_path.glob("petition-rebuild-*")
    with scratch(tmp_path) as own:
        assert not left.exists(), "the next one removes it"
        with scratch(tmp_path) as another:
            assert own.exists() and another != own, "that of a rebuild at work stays"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_ends_in_order_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    parent, workers = begun(tmp_path, 1)
    parent.send_signal(number)
    assert parent.wait(20) == 128 + number
    assert not any(map(alive, workers)) and not list(tmp_path.glob("petition-rebuild-*"))
