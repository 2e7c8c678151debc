"""`petition import`. Only click is imported before the command runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from tool.importing.planning import Outcome, Planner
    from tool.importing.sending import Sender

NOT_DONE = 2
Stopped = Callable[[], bool]


@click.command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="check every row, send nothing")
@click.option("--report", "report_path", type=click.Path(path_type=Path), help="CSV, row by row")
@click.option("--concurrency", default=16, show_default=True, type=click.IntRange(1, 64))
@click.option("--office", help="whose register it is (id or name); the site's petition office")
@click.option(
    "--register", default="", help="a name, where an office's numbers repeat (one a year)"
)
@click.option("--template", type=click.Path(path_type=Path), help="write an empty register (XLSX)")
def import_(
    file: Path | None,
    dry_run: bool,
    report_path: Path | None,
    concurrency: int,
    office: str | None,
    register: str,
    template: Path | None,
) -> None:
    """Bring in an office's own register from a CSV or XLSX FILE.

    Run it again as often as you like: what is in already is not taken twice.
    Status 0: all rows are in; 1: some were refused; 2: it could not be done or not to its end.
    """
    from kit.keys import KeyFileError
    from tool.importing.reading import FileProblem
    from tool.importing.sending import Unreachable
    from tool.importing.words import Unfit

    if not template and not file:
        raise click.UsageError("FILE or --template is needed")
    try:
        if template:
            _write_template(template)
        if file:
            status = _import(file, dry_run, report_path, concurrency, office, register)
            raise SystemExit(status)
    except (FileProblem, Unreachable, Unfit, KeyFileError, OSError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(NOT_DONE) from error


COMMANDS: tuple[click.Command, ...] = (import_,)


def _write_template(path: Path) -> None:
    from tool.importing import template

    template.write(path)
    click.echo(f"已写入 {path}")


def _import(
    file: Path, dry: bool, report_path: Path | None, concurrency: int, office: str | None, name: str
) -> int:
    """One import. Returns the exit status. Raises FileProblem, Unreachable, Unfit, OSError."""
    from tool.importing.reading import open_register
    from tool.importing.report import Report, notes
    from tool.importing.running import Import
    from tool.importing.sending import Unreachable

    source = open_register(file)
    for line in notes(source.layout):
        click.echo(line)
    planner, make = _parts(office, name)
    status = 0
    with Report(report_path, dry) as report, _progress() as progress:
        task = progress.add_task("导入", total=source.total or None)
        run = Import(planner, None if dry else make, concurrency)

        def take(outcome: Outcome) -> None:
            report.take(outcome)
            progress.advance(task)

        try:
            run.run(source.rows, take)
        except (KeyboardInterrupt, Unreachable) as error:
            click.echo(f"未完成:{error or '已中断'}。再次运行即继续。", err=True)
            status = NOT_DONE
    click.echo("\n".join(report.lines()))
    return status or (1 if report.refused else 0)


def _parts(office: str | None, name: str) -> tuple[Planner, Callable[[Stopped], Sender]]:
    """What plans the rows, and what makes each thread's sender."""
    from kit import clock, keys
    from kit.config import state_folder
    from kit.identity import Issuer
    from tool.importing import sending
    from tool.importing.planning import Planner

    directory = sending.fetch_directory()
    whose = directory.office(office) or directory.root
    if whose is None:
        raise sending.Unreachable("单位目录中没有本站信访部门,请先载入单位目录")
    zone = ZoneInfo(os.environ.get("PETITION_TZ") or "Asia/Shanghai")
    planner = Planner(directory, whose, name, zone, clock.now())
    key = keys.load_private(keys.folder(state_folder()), "tool")
    tokens = sending.Tokens(Issuer(key, "tool"), whose)

    def make(stopped: Stopped) -> Sender:
        return sending.Sender(sending.Caller(tokens, stopped=stopped), directory)

    return planner, make


def _progress() -> Progress:
    """A bar with count and time left, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
