"""`petition categories`: the tree of content categories (内容分类) and the words that suggest them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tool.settings import reported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sorting.tree import Category, Line

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_CHECK = click.option("--check", is_flag=True, help="say what is wrong, change nothing")


@click.group()
def categories() -> None:
    """Content categories: the site's tree, and the words that suggest them."""


@categories.command("import")
@click.argument("file", type=_FILE)
@_CHECK
def import_tree(file: Path, check: bool) -> None:
    """Put the tree of FILE (CSV, XLSX: 编号, 上级, 名称, 原编码, 启用日期, 停用日期, 并入) in place of the present one.

    A category that is in use may be renamed and ended, but not left out. Nothing is taken of a file with a fault.
    """
    from sorting.tree import COLUMNS
    from tool.categories import taking
    from tool.commands import app_of, operator

    with reported():
        lines = _lines(file, COLUMNS)
        count, changed = taking.take_tree(
            app_of("routing"),
            app_of("intake"),
            app_of("stats"),
            lines,
            operator(),
            file.name,
            check,
        )
    click.echo(
        f"{count} categories, {changed} new or changed{'; nothing written' if check else ''}"
    )


@categories.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write the tree to FILE, CSV or XLSX by its ending, as `import` takes it."""
    from kit import sheet
    from sorting.tree import COLUMNS, cells
    from tool.competence import format_of

    rows = _kept()
    file.write_bytes(sheet.write(COLUMNS, map(cells, rows.values()), format_of(file)))
    click.echo(f"{file}: {len(rows)} categories")


@categories.command("show")
@click.argument("id", required=False)
def show(id: str | None) -> None:
    """The tree, or all that is known of one category: its validity, successors, and the words for it."""
    from kit import clock

    rows = _kept()
    if id is not None and id not in rows:
        raise click.ClickException(f"没有内容分类 {id}")
    today = clock.local_date(clock.now())
    lines = _one(rows, id, today) if id else _tree(rows, None, today)
    for line in lines:
        click.echo(line)


@categories.command("words")
@click.argument("file", type=_FILE)
@_CHECK
def words(file: Path, check: bool) -> None:
    """Put the words of FILE (CSV, XLSX: 分类, 词, 权重 0-10) in place of the site's own before.

    They count beside the shipped ones; a shipped word that is named again has the weight given here, 0 silences it.
    """
    from sorting.words import COLUMNS
    from tool.categories import taking
    from tool.commands import app_of, operator

    with reported():
        lines = _lines(file, COLUMNS)
        count = taking.take_words(
            app_of("routing"), app_of("intake"), lines, operator(), file.name, check
        )
    click.echo(f"{count} words of the site's own{'; nothing written' if check else ''}")


def _lines(file: Path, columns: Sequence[str]) -> list[Line]:
    from kit import sheet
    from sorting.tree import Line

    return [Line(number, cells) for number, cells in sheet.lines(file.read_bytes(), columns)]


def _kept() -> dict[str, Category]:
    from tool.categories import taking
    from tool.commands import app_of

    with app_of("routing").database.reading() as connection:
        return taking.kept(connection)


def _tree(
    rows: Mapping[str, Category], parent: str | None, today: date, depth: int = 0
) -> Iterator[str]:
    for row in rows.values():
        if row.parent == parent:
            ended = "" if row.holds(today) else f"  {_validity(row)}"
            yield f"{'  ' * depth}{row.id} {row.name}{ended}"
            yield from _tree(rows, row.id, today, depth + 1)


def _one(rows: Mapping[str, Category], id: str, today: date) -> Iterator[str]:
    from sorting.tree import path
    from tool.categories import taking
    from tool.commands import app_of

    row = rows[id]
    yield f"{id} {' / '.join(above.name for above in path(id, rows))}"
    yield f"  原编码 {row.source_code or '无'};{_validity(row)}"
    if row.successors:
        yield f"  并入 {'、'.join(f'{heir} {rows[heir].name}' for heir in row.successors)}"
    for word, own in taking.speaking(app_of("intake"), id):
        yield f"  {word.weight:g} {word.word}{'(本站)' if own else ''}"
    yield from _tree(rows, id, today, 1)


def _validity(row: Category) -> str:
    since = f"自 {row.valid_from} 启用" if row.valid_from else ""
    until = f"自 {row.valid_to} 停用" if row.valid_to else ""
    return ",".join(filter(None, (since, until))) or "有效"


COMMANDS: tuple[click.Command, ...] = (categories,)
