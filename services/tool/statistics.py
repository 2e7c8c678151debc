"""`petition stats`: read models made anew out of the services' logs (`stats.rebuild`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from stats.rebuild.rebuild import Report

TOKEN_SECONDS = 60


@click.group()
def stats() -> None:
    """Statistics: read models."""


@stats.command()
@click.option(
    "--accept", is_flag=True, help="take the new figures although they differ from the live ones"
)
@click.option(
    "--scratch", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="folder for events meanwhile, about a kilobyte each [default: the system's]",
)  # fmt: skip
def rebuild(accept: bool, scratch: Path | None) -> None:
    """Make all read models anew from the services' event logs; the services go on meanwhile.

    The new ones take the live ones' place when they tell the same; else what differs is told, the live ones stay,
    and the exit status is 1.
    """
    from kit import keys
    from kit.config import Settings, state_folder
    from kit.identity import Issuer
    from stats.rebuild.feed import Feed, Silent
    from stats.rebuild.rebuild import Busy, Held, Rebuild, Unsettled
    from stats.settings import windows
    from stats.store import MODEL
    from tool.commands import database_url, operator
    from tool.local.signals import end_in_order

    end_in_order()
    url, settings = database_url(), Settings.from_env("stats")
    issuer = Issuer(keys.load_private(keys.folder(state_folder()), "tool"), "tool")
    feeds = [
        Feed(source, lambda: issuer.token(operator(), TOKEN_SECONDS), click.echo)
        for source in MODEL.sources
    ]
    work = Rebuild(
        url, feeds, settings.site, accept=accept, scratch=scratch, say=click.echo,
        processes=os.cpu_count() or 1, windows=windows(),
    )  # fmt: skip
    try:
        report = work.run(_audited)
    except Busy:
        raise click.ClickException("another rebuild is at work") from None
    except (Silent, Unsettled, Held) as error:
        raise click.ClickException(f"{error}; nothing was changed") from error
    for line in _lines(report):
        click.echo(line)
    raise SystemExit(0 if report.switched else 1)


def _lines(report: Report) -> Iterator[str]:
    steps = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in report.seconds.items())
    yield f"{report.per_second:,.0f} events a second ({steps}); {report.caught_up:,} caught up with"
    for subject, source, sequence in report.failed:
        yield f"not applied: {subject} {source}:{sequence}; what comes after it waits"
    if ahead := len(report.comparison.ahead):
        yield f"{ahead} petitions are further than the live figures have heard by now"
    yield from report.comparison.lines()
    if report.switched:
        yield "the new read models are in place"
    else:
        yield "they differ: the live ones stay; --accept takes the new ones"


def _audited(connection: Connection) -> None:
    from kit import clock
    from kit.audit import AuditEntry, to_row
    from stats.store import MODEL
    from tool.commands import operator

    entry = AuditEntry.by(
        operator(), at=clock.now(), action="stats-rebuilt", subject=None, route="petition stats"
    )
    connection.execute(MODEL.tables.audit_log.insert().values(**to_row(entry)))


COMMANDS: tuple[click.Command, ...] = (stats,)
