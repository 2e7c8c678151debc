"""Server tests in two pytest runs abreast, beside the same servers. One goes through the files from the first on, the
other from the last; each takes the next one that is not taken, until they meet.

`python -m tests.abreast ARGUMENTS` runs `pytest ARGUMENTS` so. Why not pytest-xdist: ADR 0015.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, pairwise
from pathlib import Path
from typing import IO

import pytest

RUN, TAKEN = "TESTS_RUN", "TESTS_TAKEN"
"""What a run finds in its environment: which of the two it is, 0 or 1; the folder that tells what is taken."""


# -- in each run: a plugin of pytest ----------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ[RUN] == "1":
        items[:] = chain.from_iterable(reversed(files_of(items)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """As pytest's own, which knows all items beforehand; a file is taken before the last test of the one before it,
    which is told what it need not tear down."""
    if session.testsfailed or session.config.option.collectonly:
        return None  # pytest's own says so
    for item, following in pairwise(chain(mine(session.items), [None])):
        assert item is not None
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
    return True


def files_of(items: Iterable[pytest.Item]) -> list[list[pytest.Item]]:
    return [list(tests) for _, tests in groupby(items, lambda item: item.path)]


def mine(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    for tests in files_of(items):
        if take(tests[0]):
            yield from tests


def take(test: pytest.Item) -> bool:
    """Whether the test's file is ours from now on."""
    name = test.nodeid.partition("::")[0].replace("/", "-")
    try:
        (Path(os.environ[TAKEN]) / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


# -- around them -------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Both runs; what the second one says is told after the first one's. Gives an exit status."""
    with tempfile.TemporaryDirectory() as taken, tempfile.TemporaryFile() as told:
        runs = [started("0", taken, arguments, None), started("1", taken, arguments, told)]
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells the runs, who tidy up
        signal.signal(signal.SIGTERM, lambda *_: [run.terminate() for run in runs])
        statuses = [run.wait() for run in runs]
        told.seek(0)
        sys.stdout.write(told.read().decode(errors="replace"))
    return max(map(abs, statuses))


def started(
    run: str, taken: str, arguments: list[str], told: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "tests.abreast", *arguments],
        env=os.environ | {RUN: run, TAKEN: taken},
        stdout=told,
        stderr=subprocess.STDOUT if told else None,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
