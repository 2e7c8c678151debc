"""`petition calendar` and `petition rules`: what a site sets itself, from files (`supervision.settings`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kit.sheet import Unreadable

if TYPE_CHECKING:
    from kit.app import App

T = TypeVar("T")
WORDS = {"day": "日", "working": "个工作日", "hour": "小时"}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def calendar() -> None:
    """Working days: the State Council's, and what this office was told."""


@calendar.command("show")
@click.argument("year", type=click.IntRange(2004, 2100))
def calendar_show(year: int) -> None:
    """The days of a year that are not what their weekday says."""
    from supervision import settings

    found = _read(lambda connection: settings.year(connection, year))
    for day in found["days"]:
        click.echo(f"{day['day']}  {'班' if day['working'] else '休'}  {day['name']}")
    if not found["known"]:
        click.echo(f"{year} 年放假安排尚未公布:只按周末计算")


@calendar.command("import")
@click.argument("file", type=_FILE)
def calendar_import(file: Path) -> None:
    """Take over days from a CSV FILE (日期, 类型 班/休, 名称); open deadlines move with it."""
    from supervision import settings
    from tool.commands import app_of

    with reported():
        days = settings.days(file.read_bytes())
        changed = written(
            app_of("supervision"),
            "calendar-import",
            file,
            lambda unit: settings.take_days(unit, days, file.name),
        )
    moving = "; a job moves open deadlines" if changed else ""
    click.echo(f"{len(days)} days, {changed} new or changed{moving}")


@click.group()
def rules() -> None:
    """Limits: the law's, and those that this site sets itself."""


@rules.command("show")
def rules_show() -> None:
    """Every limit, and from when on the site's own versions hold."""
    from supervision import settings

    for limit in _read(settings.all_limits):
        fixed = "法定,不能更改" if limit["fixed"] else "本站可以更改"
        length = f"{limit['length']}{WORDS[limit['unit']]}" if limit["length"] else "逐件指定"
        click.echo(
            f"{limit['kind']:<16} {limit['name']}:{length},预警{limit['warn']};{fixed};{limit['ground']}"
        )
        for own in limit["versions"]:
            length = f"{own['length']}{WORDS[own['unit']]}"
            click.echo(f"{'':<16} └ 自{own['since']}起:{length},预警{own['warn']}")


@rules.command("import")
@click.argument("file", type=_FILE)
def rules_import(file: Path) -> None:
    """Take over limits from a CSV FILE (种类, 期限, 单位, 预警, 启用日期); what is open keeps its own."""
    from supervision import settings
    from tool.commands import app_of

    with reported():
        found = settings.limits(file.read_bytes())
        fresh = written(
            app_of("supervision"),
            "rules-import",
            file,
            lambda unit: settings.take_limits(unit, found, file.name),
        )
    click.echo(f"{len(found)} limits, {fresh} new or changed; what is open keeps its own")


@contextmanager
def reported() -> Iterator[None]:
    """What is wrong with a file as the last words of a command."""
    try:
        yield
    except Unreadable as error:
        raise click.ClickException("\n".join(error.faults)) from error


def _read(ask: Callable[[Any], T]) -> T:
    from tool.commands import app_of

    with app_of("supervision").database.reading() as connection:
        return ask(connection)


def written(app: App, action: str, file: Path, take: Callable[[Any], T]) -> T:
    """What a file brings, in one transaction with its audit row."""
    from kit.audit import AuditEntry, to_row
    from tool.commands import operator

    with app.database.unit(app.model) as unit:
        taken = take(unit)
        entry = AuditEntry.by(
            operator(), at=unit.now, action=action, subject=None,
            route=f"petition {action.partition('-')[0]}", reason=file.name,
        )  # fmt: skip
        unit.audit(to_row(entry, app.vault))
    return taken


COMMANDS: tuple[click.Command, ...] = (calendar, rules)
