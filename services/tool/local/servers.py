"""The broker and the database a site needs, as a pair; for `make run` and for tests."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tool.local.broker import Broker
from tool.local.cluster import Cluster
from tool.local.state import LocalError, Lock, own_dir, remove_tree

__all__ = ["Broker", "Cluster", "LocalError", "Servers", "shared", "temporary"]

PREFIX = "petition-test-"
YOUNG = 60
"""Seconds for which a test directory may be without its owner's lock, being just made."""


class Servers:
    """A private broker and a private cluster whose state is kept in one directory."""

    def __init__(
        self,
        state: Path,
        plugins: Sequence[str] = (),
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        Args:
            state: the directory; start() makes it.
            plugins: broker plugins to enable.
            pause: waits so many seconds between two looks; may raise to give up waiting.
        """
        log = state / "log"
        self.state = state
        self.broker = Broker(state / "broker", log / "broker.log", plugins, pause)
        self.cluster = Cluster(state / "database", log / "database.log", pause)

    def start(self) -> None:
        """Start both side by side and wait until both serve; does nothing to running ones.

        Raises:
            LocalError: one is not installed or did not come up.
        """
        own_dir(self.state, passable=True)
        self.broker.launch()
        self.cluster.start()
        self.broker.await_ready()

    def stop(self) -> None:
        """Stop both side by side, keeping their data."""
        self.broker.ask_to_stop()
        self.cluster.ask_to_stop()
        self.broker.stop()
        self.cluster.stop()

    def forget(self) -> None:
        """Stop both and delete all they kept."""
        self.stop()
        self.cluster.forget()
        remove_tree(self.broker.home)
        remove_tree(self.cluster.home)


@contextmanager
def temporary(
    plugins: Sequence[str] = (), pause: Callable[[float], None] = time.sleep
) -> Iterator[Servers]:
    """Servers of one's own, gone with their data when the block ends.

    What a killed test run left behind is removed first.
    """
    sweep()
    state = own_dir(Path(tempfile.mkdtemp(prefix=PREFIX)), passable=True)
    lock, servers = Lock(state), Servers(state, plugins, pause)
    lock.take()
    try:
        servers.start()
        yield servers
    finally:
        Servers(state).forget()  # with a plain pause: tidying up is not interrupted
        remove_tree(state)
        lock.release()


@contextmanager
def shared() -> Iterator[Servers]:
    """The servers `petition local with-servers` started around us, else temporary ones."""
    if given := os.environ.get("PETITION_TEST_SERVERS"):
        yield Servers(Path(given))
    else:
        with temporary() as servers:
            yield servers


def sweep() -> None:
    """Remove the test servers of runs that were killed: ours, and no longer locked."""
    for state in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        try:
            found = state.lstat()
            if found.st_uid != os.geteuid() or time.time() - found.st_mtime < YOUNG:
                continue
            lock = Lock(state)
            if lock.take():
                Servers(state).forget()
                remove_tree(state)
                lock.release()
        except FileNotFoundError:  # another sweep was quicker
            continue
