"""Server tests in two pytest runs abreast, beside the same servers. One goes through the files from the first on, the
other from the last; each takes the next one that is not taken, until they meet. Files that share the session's site are
taken as if they were one: what a page shows there depends on what came in before.

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
        items[:] = chain.from_iterable(reversed(parts_of(items).values()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """As pytest's own, which knows all items beforehand; a part is taken before the last test of the one before it,
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


def parts_of(items: Iterable[pytest.Item]) -> dict[str, list[pytest.Item]]:
    """What is taken as a whole, by name: a file, or all files that share the session's site."""
    parts: dict[str, list[pytest.Item]] = {}
    files = {path: list(tests) for path, tests in groupby(items, lambda item: item.path)}
    for path, tests in files.items():
        name = "site" if any(map(shares_site, tests)) else str(path).replace("/", "-")
        parts.setdefault(name, []).extend(tests)
    return parts


def shares_site(test: pytest.Item) -> bool:
    """Whether a test is on the session's site, and not on one of its own file."""
    assert isinstance(test, pytest.Function)
    return "site" in test.fixturenames and not hasattr(test.module, "site")


def mine(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    for name, tests in parts_of(items).items():
        if taken(name):
            yield from tests


def taken(name: str) -> bool:
    """Takes a part, if nobody has; whether it is ours."""
    try:
        (Path(os.environ[TAKEN]) / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


# -- around them -------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Both runs; what the second one says is told after the first one's. Gives an exit status."""
    beside = os.environ.get("PETITION_TEST_SERVERS")  # nobody else tidies up there
    with tempfile.TemporaryDirectory(dir=beside) as marks, tempfile.TemporaryFile() as told:
        runs = [started("0", marks, arguments, None), started("1", marks, arguments, told)]
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells the runs, who tidy up
        signal.signal(signal.SIGTERM, lambda *_: [run.terminate() for run in runs])
        statuses = [run.wait() for run in runs]
        told.seek(0)
        sys.stdout.write(told.read().decode(errors="replace"))
    return max(map(abs, statuses))


def started(
    run: str, marks: str, arguments: list[str], told: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "tests.abreast", *arguments],
        env=os.environ | {RUN: run, TAKEN: marks},
        stdout=told,
        stderr=subprocess.STDOUT if told else None,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
