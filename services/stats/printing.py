"""What was printed by a job: kept sealed under its SHA-256, for reports and bulletins alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from kit.problems import Problem
from kit.vault import Vault
from stats.store import bus, printed

READY, WAITING, FAILED = "ready", "waiting", "failed"


def context(id: str, version: int, edition: str, format_: str) -> str:
    """What a printed file is sealed for."""
    return f"printed:{id}:{version}:{edition}:{format_}"


def progress(connection: Connection, row: Any) -> str | None:
    """How far the files of a report or bulletin are; None: nothing is to be printed yet."""
    if row.printed_at:
        return READY
    if row.problem:
        return FAILED
    if row.job is None:
        return None
    state = connection.execute(select(bus.job.c.state).where(bus.job.c.id == row.job)).scalar()
    return FAILED if state == "failed" else WAITING


def files(connection: Connection, id: str, version: int, edition: str) -> list[dict[str, Any]]:
    """The files that there are, with their hashes."""
    c = printed.c
    rows = connection.execute(
        select(c.format, c.sha256, c.size)
        .where(c.id == id, c.version == version, c.edition == edition)
        .order_by(c.format)
    )
    return [{"format": row.format, "sha256": row.sha256, "size": row.size} for row in rows]


def opened(
    connection: Connection, vault: Vault, id: str, version: int, edition: str, format_: str
) -> bytes:
    """A printed file. Raises Problem 409 while it is not there."""
    c = printed.c
    content = connection.execute(
        select(c.content).where(
            c.id == id, c.version == version, c.edition == edition, c.format == format_
        )
    ).scalar()
    if content is None:
        raise Problem(409, "not-printed", "文件尚未生成,请稍后再试。", "The file is being made; try again.",
                      headers={"Retry-After": "2"})  # fmt: skip
    return vault.open_bytes(bytes(content), context(id, version, edition, format_))
