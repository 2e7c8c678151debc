"""`petition rules`: the limits that a site sets itself, as dated data. What the law sets is not the site's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tool import csvfile
from tool.csvfile import Unreadable

if TYPE_CHECKING:
    from supervision.domain.clocks import Rule

COLUMNS = ("种类", "期限", "单位", "预警", "启用日期")
UNITS = {"日": "day", "工作日": "working", "个工作日": "working", "小时": "hour"}
WORDS = {"day": "日", "working": "个工作日", "hour": "小时"}


def read(path: Path) -> list[Rule]:
    """The limits of a CSV file: 种类 is the kind or its Chinese name. Raises Unreadable with every fault."""
    return csvfile.read(
        path,
        COLUMNS,
        _rule,
        lambda rule: ((rule.kind, rule.valid_from), f"{rule.zh}在{rule.valid_from}有两个期限"),
    )


def _rule(row: dict[str, str]) -> Rule:
    from supervision.domain.clocks import BASED, Unchangeable, version

    meant = [kind for kind, rule in BASED.items() if rule.zh == row["种类"]] or [row["种类"]]
    if len(meant) > 1:
        raise ValueError(f"「{row['种类']}」有几种,请写其中之一:{'、'.join(meant)}")
    kind = meant[0]
    try:
        since = date.fromisoformat(row["启用日期"])
    except ValueError:
        raise ValueError(f"启用日期「{row['启用日期']}」须为 2027-01-01 的形式") from None
    if not row["期限"].isdecimal() or not (row["预警"] or "0").isdecimal():
        raise ValueError("期限和预警须为数字")
    if row["单位"] not in UNITS:
        raise ValueError(f"单位「{row['单位']}」须为「日」「工作日」或「小时」")
    try:
        return version(kind, since, int(row["期限"]), UNITS[row["单位"]], int(row["预警"] or "0"))
    except Unchangeable as error:
        raise ValueError(str(error)) from None


def write(app: Any, rules: list[Rule], source: str) -> int:
    """Takes limits over, in one transaction with its audit row. Returns how many were new. A duty that is open
    keeps the rule that it began under, so a version that is in force already is not rewritten.

    Errors: Unreadable for a limit that would begin in the past, or that is there with other figures.
    """
    from kit import clock
    from kit.audit import AuditEntry, to_row
    from tool.parking import operator

    with app.database.unit(app.model) as unit:
        cursor = unit.store.cursor
        cursor.execute("SELECT kind, valid_from, length, unit, warn FROM supervision.rule")
        known = {(kind, since): tuple(rest) for kind, since, *rest in cursor.fetchall()}
        fresh = [r for r in rules if known.get((r.kind, r.valid_from)) != _figures(r)]
        today = clock.local_date(unit.now)
        if late := [r for r in fresh if r.valid_from < today]:
            raise Unreadable(
                [f"{r.zh}:启用日期{r.valid_from}已过,不能改变过去的期限" for r in late]
            )
        for rule in fresh:
            cursor.execute(_UPSERT, (rule.kind, rule.valid_from, *_figures(rule), source, unit.now))
        if fresh:
            entry = AuditEntry.by(
                operator(), at=unit.now, action="rules-import", subject=None, route="petition rules", reason=source,
            )  # fmt: skip
            unit.audit(to_row(entry, app.vault))
        return len(fresh)


def _figures(rule: Rule) -> tuple[int, str, int]:
    assert rule.length is not None
    return rule.length, rule.unit, rule.warn


_UPSERT = (
    "INSERT INTO supervision.rule (kind, valid_from, length, unit, warn, source, imported_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (kind, valid_from) DO UPDATE SET"
    " length = excluded.length, unit = excluded.unit, warn = excluded.warn,"
    " source = excluded.source, imported_at = excluded.imported_at"
)


def shown(app: Any) -> Iterator[str]:
    """One line a limit: the law's, the built-in ones, and the site's own versions below their kind."""
    from supervision import calendars
    from supervision.domain.clocks import BASED, LAW

    with app.database.reading() as connection:
        own = calendars.limits(connection)
    for kind, rule in BASED.items():
        fixed = "法定,不能更改" if rule.basis == LAW else "本站可以更改"
        length = "逐件指定" if rule.length is None else f"{rule.length}{WORDS[rule.unit]}"
        yield f"{kind:<16} {rule.zh}:{length},预警{rule.warn};{fixed};{rule.ground}"
        for version in own:
            if version.kind == kind:
                yield (
                    f"{'':<16} └ 自{version.valid_from}起:{version.length}{WORDS[version.unit]},"
                    f"预警{version.warn}"
                )


@click.group()
def rules() -> None:
    """Limits: the law's, and those that this site sets itself."""


@rules.command("show")
def rules_show() -> None:
    """Every limit, and from when on the site's own versions hold."""
    from tool.commands import app_of

    for line in shown(app_of("supervision")):
        click.echo(line)


@rules.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def rules_import(file: Path) -> None:
    """Take over limits from a CSV FILE (种类, 期限, 单位, 预警, 启用日期); what is open keeps its own."""
    from tool.commands import app_of

    with csvfile.reported():
        found = read(file)
        fresh = write(app_of("supervision"), found, file.name)
    click.echo(f"{len(found)} limits, {fresh} new or changed; what is open keeps its own")


COMMANDS: tuple[click.Command, ...] = (rules,)
