"""`petition calendar`: the days that are not what their weekday says, and what a change of them moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from tool import csvfile

COLUMNS = ("日期", "类型", "名称")
KINDS = {"班": True, "上班": True, "调休": True, "休": False, "放假": False, "休息": False}
SETTLING = timedelta(seconds=15)
"""Services read the calendar anew within ten seconds; deadlines are moved after that."""


@dataclass(frozen=True)
class Day:
    """One day of a file."""

    day: date
    working: bool
    name: str


def read(path: Path) -> list[Day]:
    """The days of a CSV file with the columns 日期, 类型 (班 or 休) and 名称. Raises Unreadable."""
    return csvfile.read(path, COLUMNS, _day, lambda day: (day.day, f"{day.day} 与前面的行不一致"))


def _day(row: dict[str, str]) -> Day:
    kind, name = row["类型"], row["名称"]
    try:
        day = date.fromisoformat(row["日期"])
    except ValueError:
        raise ValueError(f"日期「{row['日期']}」须为 2027-01-01 的形式") from None
    if kind not in KINDS:
        raise ValueError(f"类型「{kind}」须为「班」或「休」")
    if not name or len(name) > 40:
        raise ValueError("名称须为1至40字")
    return Day(day, KINDS[kind], name)


def write(app: Any, days: list[Day], source: str) -> tuple[int, int | None]:
    """Takes days over into the calendar, in one transaction with its audit row. Returns how many were new or
    changed, and the job that moves open deadlines; none where nothing changed."""
    from kit import clock
    from kit.audit import AuditEntry, to_row
    from kit.jobs import enqueue
    from supervision.jobs import RESCHEDULE
    from tool.parking import operator

    with app.database.unit(app.model) as unit:
        cursor = unit.store.cursor
        cursor.execute("SELECT day, working, name FROM supervision.calendar_day")
        known = {day: (working, name) for day, working, name in cursor.fetchall()}
        fresh = [d for d in days if known.get(d.day) != (d.working, d.name)]
        if not fresh:
            return 0, None
        for day in fresh:
            cursor.execute(_UPSERT, (day.day, day.working, day.name, source, unit.now))
        entry = AuditEntry.by(
            operator(), at=unit.now, action="calendar-import", subject=None, route="petition calendar", reason=source,
        )  # fmt: skip
        unit.audit(to_row(entry, app.vault))
        return len(fresh), enqueue(unit, RESCHEDULE, run_at=clock.now() + SETTLING)


_UPSERT = (
    "INSERT INTO supervision.calendar_day (day, working, name, source, imported_at)"
    " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (day) DO UPDATE SET working = excluded.working,"
    " name = excluded.name, source = excluded.source, imported_at = excluded.imported_at"
)


def shown(app: Any, year: int) -> Iterator[str]:
    """One line a special day of a year, and whether the year is known."""
    from supervision import calendars

    with app.database.reading() as connection:
        calendar = calendars.read(connection)
    for day, (working, name) in sorted(calendar.special.items()):
        if day.year == year:
            yield f"{day}  {'班' if working else '休'}  {name}"
    if year > calendar.known_through:
        yield f"{year} 年放假安排尚未公布:只按周末计算"


@click.group()
def calendar() -> None:
    """Working days: the State Council's, and what this office was told."""


@calendar.command("show")
@click.argument("year", type=click.IntRange(2004, 2100))
def calendar_show(year: int) -> None:
    """The days of a year that are not what their weekday says."""
    from tool.commands import app_of

    for line in shown(app_of("supervision"), year):
        click.echo(line)


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def calendar_import(file: Path) -> None:
    """Take over days from a CSV FILE (日期, 类型 班/休, 名称); open deadlines move with it."""
    from tool.commands import app_of

    with csvfile.reported():
        days = read(file)
    changed, job = write(app_of("supervision"), days, file.name)
    click.echo(
        f"{len(days)} days, {changed} new or changed"
        + (f"; job {job} moves open deadlines" if job else "")
    )


COMMANDS: tuple[click.Command, ...] = (calendar,)
