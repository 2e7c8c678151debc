"""What stats does at its own pace, in the plain process of jobs: it prints reports and bulletins, and tries forms."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from kit import clock, keys
from kit.config import Settings
from kit.jobs import Job, Task, unit_of
from kit.offices import directory_of
from kit.templates import CHECK, Unfit
from kit.vault import Vault
from stats import bulletins, printing, reports
from stats.domain.editions import EDITIONS
from stats.domain.periods import read
from stats.store import MODEL, Bulletin, Printed, Report, bulletin, report
from stats.templates import BULLETIN, TEMPLATES, WORKBOOK

Files = dict[tuple[str, str], bytes]
"""Printed files by edition and format."""
Form = Callable[[str], bytes]
"""The form of a kind."""


def print_report(task: Task) -> dict[str, Any]:
    """Prints one version of a report in both editions, as DOCX and XLSX, from its frozen figures."""
    key = report.c.id == task.subject, report.c.version == task.arguments["version"]
    with task.engine.connect() as connection:
        row = connection.execute(select(report).where(*key)).one()
    if row.printed_at:
        return {"printed": False}
    return _printed(task, row, lambda form: _report(row, form))


def _report(row: Any, form: Form) -> Files:
    from stats import reporting

    word, book, files = form(row.kind), form(WORKBOOK), Files()
    period, drawn_on = read(row.period), clock.local_date(row.drawn_at)
    addition = reports.addition_of(row, _vault())
    for edition in EDITIONS:
        fields = reporting.fields(row.figures[edition], period, edition, drawn_on, addition)
        files[edition, "docx"] = reporting.written(word, fields)
        files[edition, "xlsx"] = reporting.tabulated(book, fields)
    return files


def print_bulletin(task: Task) -> dict[str, Any]:
    """Prints one issued bulletin."""
    with task.engine.connect() as connection:
        row = connection.execute(select(bulletin).where(bulletin.c.id == task.subject)).one()
    if row.printed_at:
        return {"printed": False}
    return _printed(task, row, lambda form: _bulletin(task, row, form))


def _bulletin(task: Task, row: Any, form: Form) -> Files:
    from kit import docx

    with task.engine.connect() as connection:
        directory = directory_of(connection, MODEL.tables)
        fields = bulletins.fields(connection, row, _vault(), directory)
    return {(bulletins.EDITION, "docx"): docx.render(form(BULLETIN), fields)}


def check_template(task: Task) -> dict[str, Any]:
    """Tries an office's form on made-up figures."""
    from kit import docx
    from stats import reporting
    from stats.sample import sample

    def attempt(kind: str, form: bytes) -> object:
        if kind == BULLETIN:
            return docx.render(form, sample(kind))
        fill = reporting.tabulated if kind == WORKBOOK else reporting.written
        return fill(form, sample(kind))

    return TEMPLATES.tried(task, attempt)


# -- printing --------------------------------------------------------------------------------------


def _printed(task: Task, row: Any, fill: Callable[[Form], Files]) -> dict[str, Any]:
    """Prints on the forms of the row's office; where one of them cannot be filled in, on those that come with
    the software, and says so."""
    from stats import reporting

    def form(kind: str) -> bytes:
        with task.engine.connect() as connection:
            directory = directory_of(connection, MODEL.tables)
            own = TEMPLATES.in_use(connection, directory, row.office, kind)
        return own or reporting.shipped(kind)

    try:
        files, problem = fill(form), None
    except Unfit as unfit:
        files, problem = fill(reporting.shipped), f"{unfit};已改用随系统提供的模板"
    _keep(task, files, problem)
    return {"printed": True, "size": sum(map(len, files.values()))}


def _keep(task: Task, files: Files, problem: str | None) -> None:
    version, vault, id_ = task.arguments.get("version", 1), _vault(), str(task.subject)
    of_report = task.kind == reports.PRINT
    with unit_of(task, MODEL, Settings.from_env("stats").site) as unit:
        unit.open([id_])
        row: Any = unit.get(Report, id_, version) if of_report else unit.get(Bulletin, id_)
        if row.printed_at:
            return
        row.printed_at, row.problem = unit.now, problem
        for (edition, format_), content in files.items():
            sealed = vault.seal(content, printing.context(id_, version, edition, format_))
            hash_ = sha256(content).hexdigest()
            unit.add(Printed(id_, version, edition, format_, sealed, hash_, len(content)))


def _vault() -> Vault:
    return Vault(keys.load_vault(Settings.from_env("stats").keys), "stats")


JOBS: dict[str, Job] = {
    reports.PRINT: print_report,
    bulletins.PRINT: print_bulletin,
    CHECK: check_template,
}
