"""What the register does at its own pace, in the plain process of jobs: scanning files."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from intake import contents
from intake.settings import Rules
from intake.store import MODEL, Attachment
from kit import clock, keys
from kit.config import Settings
from kit.jobs import Job, Task, enqueue, unit_of
from kit.vault import Vault

SCAN = "scan-attachment"
AGAIN = timedelta(minutes=15)
"""When a file is tried again that the scanner could not judge: it was away, or took too long."""
MOST = 96
"""How often that is done: for a day. The file waits longer, but nothing looks at it any more."""
CLEAN, INFECTED = 0, 1
"""How a scanner ends; clamdscan's way. Anything else is no judgement."""


def scan(task: Task) -> dict[str, Any]:
    """查毒: gives one file to the scanner, on its standard input: it never lies on a disk in clear."""
    assert task.subject is not None
    number, ordinal = task.subject, int(task.arguments["ordinal"])
    settings, rules = Settings.from_env("intake"), Rules.from_env()
    if not rules.scanner:
        return {"state": _found(task, settings.site, number, ordinal, "unscanned")}
    data = _content(task, settings, number, ordinal)
    state = judged(rules.scanner, data, rules.scan_seconds)
    if state is not None:
        return {"state": _found(task, settings.site, number, ordinal, state)}
    tries = int(task.arguments.get("tries", 1))
    if tries < MOST:
        with unit_of(task, MODEL, settings.site) as unit:
            more = {"ordinal": ordinal, "tries": tries + 1}
            enqueue(unit, SCAN, more, number, clock.now() + AGAIN)
    return {"state": "waiting", "tries": tries}


def judged(command: Sequence[str], data: bytes, seconds: float) -> str | None:
    """`clean` or `infected`; None where the command does not say."""
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            list(command), input=data, timeout=seconds, check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {CLEAN: "clean", INFECTED: "infected"}.get(done.returncode)


def _content(task: Task, settings: Settings, number: str, ordinal: int) -> bytes:
    vault = Vault(keys.load_vault(settings.keys), "intake")
    with task.engine.connect() as connection:
        digest, size = connection.exec_driver_sql(
            "SELECT digest, size FROM attachment WHERE number = %s AND ordinal = %s",
            (number, ordinal),
        ).one()
        read = (contents.opened(connection, bytes(digest), n, vault) for n in contents.pieces(size))
        return b"".join(read)


def _found(task: Task, site: str, number: str, ordinal: int, state: str) -> str:
    with unit_of(task, MODEL, site) as unit:
        unit.open([number])
        file = unit.get(Attachment, number, ordinal)
        assert file is not None
        file.state, file.scanned_at = state, unit.now
    return state


JOBS: dict[str, Job] = {SCAN: scan}
