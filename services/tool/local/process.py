"""Processes we started, remembered on disk so that a later run knows them again."""

import contextlib
import json
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tool.local.state import acting_as, own_dir

LOG_LIMIT = 10_000_000
"""A log larger than this many bytes is set aside when its process starts anew."""


def identity(pid: int) -> str | None:
    """What tells this process from a later one of the same number.

    Args:
        pid: a process id.

    Returns:
        Boot id and start tick, or None when no such process lives (a mere zombie does not).
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command name may hold blanks and brackets; what follows the last bracket is regular.
    fields = stat.rpartition(")")[2].split()
    # The first thread may have ended while others still hold the ports and files.
    ended = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if ended else f"{boot}/{fields[19]}"


def children(pid: int) -> dict[int, str]:
    """The living children of a process: id to identity."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and (who := identity(int(entry.name))):
            found[int(entry.name)] = who
    return found


def working_in(directory: Path) -> list[int]:
    """The processes whose working directory is exactly this one, as far as we may see them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == str(directory):
                found.append(int(entry.name))
        except OSError:  # gone meanwhile, or another user's
            continue
    return found


class Process:
    """One process under a record file that survives us.

    A signal goes only to the process that was recorded: its id and its start time must both match,
    so a stale record (kill -9, reboot) never hits a stranger who inherited the number.
    """

    def __init__(self, record: Path, pause: Callable[[float], None] = time.sleep) -> None:
        """
        Args:
            record: where the process is remembered.
            pause: waits so many seconds between two looks; may raise to give up waiting.
        """
        self.record = record
        self._pause = pause
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it lives, else None."""
        if self._child:
            self._child.poll()  # reaps it, should it have ended
        try:
            known = json.loads(self.record.read_text())
        except (FileNotFoundError, ValueError):
            return None
        alive = known["identity"] == identity(known["pid"])
        return int(known["pid"]) if alive else None

    def spawn(
        self,
        argv: Sequence[str | Path],
        env: Mapping[str, str],
        log: Path,
        user: pwd.struct_passwd | None = None,
    ) -> None:
        """Start the program in a session of its own, its output appended to the log.

        Args:
            argv: program and arguments.
            env: its whole environment.
            log: where its output goes.
            user: whom to run it as (needs root); None is ourselves.

        Raises:
            OSError: the program cannot be started.
        """
        set_aside(log)
        with log.open("ab") as out:
            self._child = subprocess.Popen(
                [str(word) for word in argv],
                env=dict(env),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C at the terminal is ours to hand on, in order
                umask=0o077,
                **acting_as(user),
            )
        self.remember(self._child.pid)

    def remember(self, pid: int) -> None:
        """Record a process as ours."""
        fresh = self.record.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": pid, "identity": identity(pid)}))
        fresh.replace(self.record)  # whole or not at all

    def send(self, number: signal.Signals) -> None:
        """Signal the process if it lives."""
        if pid := self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def gone(self, within: float) -> bool:
        """Wait for its end.

        Args:
            within: seconds to wait at most.

        Returns:
            Whether it has ended.
        """
        deadline = time.monotonic() + within
        while self.pid:
            if time.monotonic() > deadline:
                return False
            self._pause(0.02)
        return True

    def stop(self, number: signal.Signals = signal.SIGTERM, grace: float = 10) -> None:
        """Ask the process to end, kill it after so many seconds of grace, forget it."""
        self.send(number)
        if not self.gone(grace):
            self.send(signal.SIGKILL)
            self.gone(10)
        self.record.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the process at once, with no chance to tidy up (for drills)."""
        self.stop(signal.SIGKILL)


def set_aside(log: Path) -> None:
    """Rename a log that has grown too large; one earlier log is kept."""
    own_dir(log.parent)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))


def tail(log: Path, lines: int = 15, since: int = 0) -> str:
    """The end of a log, indented, for an error message.

    Args:
        log: the file; it may be missing.
        lines: how many lines at most.
        since: byte from which on it counts, so that an earlier run's words are not quoted.
    """
    try:
        with log.open("rb") as file:
            file.seek(max(since, log.stat().st_size - 20_000))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join("    " + line for line in text.splitlines()[-lines:])
