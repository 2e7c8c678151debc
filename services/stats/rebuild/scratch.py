"""The folder in which a rebuild puts by what it reads: gone when it ends, or when the next one begins."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "petition-rebuild-"


@contextmanager
def scratch(within: Path | None) -> Iterator[Path]:
    """A folder of its own. Whose process was killed left his behind: that is known by nobody holding its lock."""
    for left in Path(within or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_unheld(left)
    with tempfile.TemporaryDirectory(dir=within, prefix=PREFIX) as folder:
        held = os.open(folder, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield Path(folder)
        finally:
            os.close(held)


def _remove_unheld(folder: Path) -> None:
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:  # another account's
        return
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:  # another rebuild's, on another database
        pass
    finally:
        os.close(opened)
