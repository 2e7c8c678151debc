"""`petition migrate` where nothing answers: one line, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_a_database_that_does_not_answer_is_named_in_one_line(options: list[str]) -> None:
    env = os.environ | {"DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/nothing"}
    command = [sys.executable, "-m", "tool.main", "migrate", *options]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: DATABASE_URL does not answer: ")
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1
