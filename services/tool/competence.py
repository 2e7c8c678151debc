"""`petition routing`: the rules of competence (分流规则), tried against a table before they are taken over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from tool.settings import reported, written

if TYPE_CHECKING:
    from routing.app import Routing
    from routing.domain.competence import Choice
    from routing.sheets import Known

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)
SHOWN = 40
"""Gaps printed; `--all` prints every one."""


@click.group()
def routing() -> None:
    """Which office answers for what: rules, trials, gaps."""


@routing.command("import")
@click.argument("file", type=_FILE)
def rules_import(file: Path) -> None:
    """Take the site's rules over from a CSV or XLSX FILE, all of them, as a new version."""
    click.echo(f"{take(routing_app(), 'rules', file)} rules new, changed or gone")


@routing.command("export")
@click.argument("file", type=_NEW)
def rules_export(file: Path) -> None:
    """Write the rules in force to a CSV or XLSX FILE that can be taken over again."""
    from routing import sheets

    found = routing_app().rulebook().rules
    file.write_bytes(sheets.rules_file(found, format_of(file)))
    click.echo(f"{len(found)} rules → {file.name}")


@routing.command("test")
@click.argument("file", type=_FILE)
@click.option("--rules", "draft", type=_FILE, help="try this file instead of the rules in force")
def trial(file: Path, draft: Path | None) -> None:
    """Ask every question of a CSV or XLSX FILE, and compare with the office that it expects.

    Columns: 区划, 内容分类, 被反映单位级别, 被反映单位, 日期, 承办单位 (an office; or 人工, where a person must
    choose), 协办单位 (may be missing). Exits with 1 where an answer is another.
    """
    from kit import sheet
    from routing import sheets

    app = routing_app()
    known = app.known()
    with reported():
        rules = sheets.rules(draft.read_bytes(), known) if draft else list(app.rulebook().rules)
        cases = sheet.read(
            file.read_bytes(), sheets.CASES, lambda cells: sheets.case(cells, known),
            lambda case: (case.asked, f"{case.asked}与前面的行不一致"), sheets.CASE_DETAILS,
        )  # fmt: skip
    book = app.book(rules)
    wrong = 0
    for number, case in enumerate(cases, 1):
        found = book.find(case.asked, case.on)
        fits = case.fits(found)
        wrong += not fits
        expected = "" if fits else f"  应为 {known.directory.named(case.office or '人工')}"
        click.echo(f"{'✓' if fits else '✗'} {number:>3} {told(found, known)}{expected}")
    click.echo(f"{len(cases)} cases, {wrong} wrong")
    if wrong:
        raise SystemExit(1)


@routing.command("check")
@click.option("--all", "everything", is_flag=True, help="print every gap")
def check(everything: bool) -> None:
    """Ask every (place, content, level of body complained about), and show where a person must choose."""
    from kit import clock
    from routing.domain.competence import BODY_LEVELS, gaps
    from routing.sheets import LEVELS

    app = routing_app()
    known = app.known()
    today = clock.local_date(clock.now())
    book = app.book(app.rulebook().rules)
    found = list(gaps(book, known.divisions, known.categories, today))
    levels = {code: word for word, code in LEVELS.items()} | {None: "—"}
    for gap in found if everything else found[:SHOWN]:
        names = "、".join(known.directory.named(office) for office in gap.candidates)
        click.echo(
            f"{known.divisions[gap.asked.division]}\t{known.categories[gap.asked.category or '']}\t"
            f"{levels[gap.asked.level]}\t{gap.why}\t{names}"
        )
    counts = Counter(gap.why for gap in found)
    seats = len({gap.asked.division for gap in found})
    click.echo(
        f"{len(known.divisions)} divisions × {len(known.categories)} categories × {len(BODY_LEVELS) + 1} levels;"
        f" gaps in {seats} seats: {dict(counts)}"
    )


def take(app: Routing, kind: str, file: Path) -> int:
    """Takes a file over with its audit row; or names all that is wrong with it."""
    with reported():
        write: Callable[[Any], int] = app.written(kind, file.read_bytes(), file.name, "operator")
        taken = written(app, f"{kind}-import", file, write)
    app.forget()
    return taken


def format_of(file: Path) -> str:
    """By its name: CSV or XLSX."""
    from kit.sheet import FORMATS

    format_ = file.suffix.removeprefix(".").lower()
    if format_ not in FORMATS:
        raise click.ClickException(f"{file.name}: {' or '.join(FORMATS)}")
    return format_


def told(found: Choice, known: Known) -> str:
    """A choice in one line: who, by what, with whom."""
    named = known.directory.named
    if found.office is None:
        names = "、".join(named(office) for office in found.candidates)
        return f"人工({found.rule}) {names}".rstrip()
    helped = "、".join(named(office) for office in found.assisting)
    return f"{named(found.office)}  规则 {found.rule},{found.principle}" + (
        f",协办 {helped}" if helped else ""
    )


def routing_app() -> Routing:
    from tool.commands import app_of

    return cast("Routing", app_of("routing"))


COMMANDS: tuple[click.Command, ...] = (routing,)
