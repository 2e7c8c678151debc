"""`petition assessment`: criteria and weights (考核办法) from a file, and out to one."""

from __future__ import annotations

from pathlib import Path

import click

from tool.competence import format_of
from tool.settings import reported, written

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)


@click.group()
def assessment() -> None:
    """Assessment of offices: the schemes that it goes by."""


@assessment.command("show")
def schemes_show() -> None:
    """Every scheme with its criteria."""
    from stats.assessments import schemes
    from tool.commands import app_of

    with app_of("stats").database.reading() as connection:
        found = schemes.every(connection)
    for scheme in found.values():
        click.echo(f"{scheme.id}  {scheme.name},自{scheme.valid_from}起,{scheme.full}分")
        for one in scheme.criteria:
            click.echo(f"  {one.id:<16} {one.weight:>4}  {one.name}  {one.indicator or '评议'}")


@assessment.command("import")
@click.argument("file", type=_FILE)
def schemes_import(file: Path) -> None:
    """Take a scheme over from a CSV or XLSX FILE; one with its id is replaced."""
    from stats.assessments import schemes
    from tool.commands import app_of

    with reported():
        made = schemes.read(file.read_bytes())
        written(
            app_of("stats"),
            "assessment-import",
            file,
            lambda unit: schemes.take(unit, made, file.name),
        )
    click.echo(f"{made.id}: {len(made.criteria)} criteria, {made.full} points")


@assessment.command("export")
@click.argument("id")
@click.argument("file", type=_NEW)
def schemes_export(id: str, file: Path) -> None:
    """Write a scheme to a CSV or XLSX FILE that can be taken over again."""
    from stats.assessments import schemes
    from tool.commands import app_of

    with app_of("stats").database.reading() as connection:
        found = schemes.every(connection)
    if id not in found:
        raise click.ClickException(f"no scheme {id}; there are {', '.join(found)}")
    file.write_bytes(schemes.file(found[id], format_of(file)))
    click.echo(f"{id} → {file.name}")


COMMANDS: tuple[click.Command, ...] = (assessment,)
