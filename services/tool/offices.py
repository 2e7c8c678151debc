"""`petition offices`: the directory of offices, and bodies that are split, merged or abolished (Art. 24)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click


@click.group()
def offices() -> None:
    """The directory of offices."""


@offices.command("list")
def list_offices() -> None:
    """Every office, with its successors where it was abolished."""
    from tool.commands import app_of

    for office in sorted(app_of("routing").directory.get(), key=lambda office: office.id):
        ended = f"  撤销 {office.valid_to:%Y-%m-%d}" if office.valid_to else ""
        into = f" → {', '.join(office.successors)}" if office.successors else ""
        click.echo(f"{office.id:<24} {office.name}{ended}{into}")


@offices.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_offices(file: Path) -> None:
    """Take offices over from a CSV or XLSX FILE; with one fault nothing is taken. What it leaves out stays."""
    from tool.competence import routing_app, take

    click.echo(f"{take(routing_app(), 'offices', file)} offices new or changed")


@offices.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_offices(file: Path) -> None:
    """Write the directory to a CSV or XLSX FILE that can be taken over again."""
    from routing import sheets
    from tool.commands import app_of
    from tool.competence import format_of

    directory = app_of("routing").directory.get()
    file.write_bytes(sheets.offices_file(directory, format_of(file)))
    click.echo(f"{len(directory)} offices → {file.name}")


@offices.command("put")
@click.argument("id")
@click.option("--name", required=True)
@click.option("--short-name", required=True)
@click.option(
    "--parent", default=None, help="the office above it; none: it belongs to a higher body"
)
@click.option("--division", required=True, help="12-digit code")
@click.option("--level", default="county", show_default=True)
@click.option("--kind", default="department", show_default=True)
@click.option("--category", "categories", multiple=True, help="of its remit, one each")
def put(**given: Any) -> None:
    """Write an office into the directory, for instance one that a merger made."""
    from kit.offices import OfficeRow
    from routing import handlers
    from routing.store import MODEL
    from tool.commands import app_of

    values = given | {"categories": list(given["categories"])}
    with app_of("routing").database.unit(MODEL) as unit:
        unit.open([values["id"]])
        known = unit.get(OfficeRow, values["id"])
        kept = vars(known) if known else {"valid_from": unit.now, "valid_to": None}
        handlers.put_office(unit, vars(OfficeRow(**{**kept, **values})))
    click.echo(f"{len(unit.changes.events)} changed")


@offices.command("abolish")
@click.argument("id")
@click.option(
    "--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="the day, today or before"
)
@click.option("--to", "successors", multiple=True, help="a successor; several are named one each")
def abolish(id: str, on: datetime, successors: tuple[str, ...]) -> None:
    """End a body: what it has under way goes to its one successor, else a person chooses each time.

    Its officers' accounts belong to the one successor from now on.
    """
    from console import accounts
    from kit.identity import Actor
    from kit.offices import OfficeRow
    from kit.problems import Problem
    from routing import handlers
    from routing.domain.remit import Refused
    from routing.store import MODEL
    from tool.commands import app_of

    routing, console = app_of("routing"), app_of("console")
    body = {"on": on.date(), "successors": list(successors)}
    try:
        with routing.database.unit(MODEL) as unit:
            unit.open([id])
            row = unit.get(OfficeRow, id)
            if row is None:
                raise click.ClickException(f"目录中没有 {id}")
            handlers.abolish(unit, row, body, Actor("tool", "offices"), routing.directory.get())
    except Refused as refused:
        raise click.ClickException(refused.zh) from refused
    except Problem as problem:
        raise click.ClickException(problem.detail) from problem
    moved = 0
    if len(successors) == 1:
        officers = [row.id for row in accounts.under(console.database, [id])]
        moved = accounts.move(console.database, console.model, officers, successors[0])
    click.echo(f"{id} 已撤销;{moved} 个账户转到承继单位")


COMMANDS: tuple[click.Command, ...] = (offices,)
