"""Recorded processes: what is signalled, and what never is."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tool.local import process
from tool.local.process import Process, children, identity, set_aside, tail, working_in

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)",
]


def spawn(tmp_path: Path, argv: list[str]) -> Process:
    """A process that has said it is up."""
    log = tmp_path / "log" / "it.log"
    it = Process(tmp_path / "it.json")
    it.spawn(argv, dict(os.environ), log)
    deadline = time.monotonic() + 20
    while b"up" not in log.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return it


def test_a_later_run_knows_the_process_again(tmp_path: Path) -> None:
    first = spawn(tmp_path, SLEEP)
    again = Process(tmp_path / "it.json")
    assert again.pid == first.pid
    again.stop()
    assert first.pid is None
    assert not (tmp_path / "it.json").exists()


def test_one_that_will_not_end_is_killed_after_its_grace(tmp_path: Path) -> None:
    it = spawn(tmp_path, DEAF)
    began = time.monotonic()
    it.stop(grace=0.3)
    assert it.pid is None
    assert 0.3 <= time.monotonic() - began < 5


def test_kill_gives_no_grace(tmp_path: Path) -> None:
    it = spawn(tmp_path, DEAF)
    it.kill()
    assert it.pid is None


def test_a_stranger_with_the_recorded_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP, stdout=subprocess.DEVNULL) as stranger:
        record = tmp_path / "it.json"
        record.write_text(json.dumps({"pid": stranger.pid, "identity": "another boot/1"}))
        it = Process(record)
        assert it.pid is None
        it.stop(signal.SIGKILL)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("text", ["", "{"])
def test_a_record_cut_short_is_no_record(tmp_path: Path, text: str) -> None:
    record = tmp_path / "it.json"
    record.write_text(text)
    assert Process(record).pid is None


def test_a_zombie_does_not_live() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert identity(child.pid) is None
    child.wait()


def test_our_children_and_where_they_work(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP, cwd=tmp_path, stdout=subprocess.PIPE) as child:
        assert child.stdout and child.stdout.readline()
        assert children(os.getpid())[child.pid] == identity(child.pid)
        assert working_in(tmp_path) == [child.pid]
        child.kill()


def test_the_tail_begins_after_the_earlier_life(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\n")
    offset = log.stat().st_size
    log.write_text("old\n" + "".join(f"line {n}\n" for n in range(30)))
    assert tail(log, lines=2, since=offset) == "    line 28\n    line 29"
    assert "old" not in tail(log, lines=100, since=offset)
    assert tail(tmp_path / "missing") == ""


def test_a_large_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LOG_LIMIT", 3)
    log = tmp_path / "log" / "it.log"
    set_aside(log)
    log.write_text("1234")
    set_aside(log)
    assert not log.exists()
    assert (tmp_path / "log" / "it.log.1").read_text() == "1234"
