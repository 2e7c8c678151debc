"""The shortened set of drills for `make test`; `make drills` holds them all (tests/drills)."""

from __future__ import annotations

import subprocess
import sys

import pytest

SHORT = ("kill-whole", "broker-killed", "hostile")


@pytest.mark.timeout(600)
def test_no_petition_is_lost_and_none_doubled() -> None:
    """Each drill asks: every accepted petition once, audit clean, HTTP answering throughout.

    In a process of its own: the drills use real threads, this one is patched for eventlet.
    """
    command = [sys.executable, "-m", "tests.drills.run", "--rate", "50"]
    chosen = [word for name in SHORT for word in ("--only", name)]
    done = subprocess.run(
        [*command, *chosen], capture_output=True, text=True, timeout=580, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(name in done.stdout for name in SHORT)
