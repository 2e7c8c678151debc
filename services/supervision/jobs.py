"""What supervision does at its own pace, in the plain process of jobs: new deadlines, papers, forms."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import requests

from contracts.public import stamp
from kit import keys
from kit.config import Settings
from kit.identity import Issuer
from kit.jobs import YEAR_END, Job, Later, Task, unit_of
from kit.offices import directory_of
from kit.peers import service_url
from kit.templates import CHECK
from kit.unit import Unit
from kit.vault import Vault
from supervision import calendars
from supervision.domain.calendar import Calendar
from supervision.domain.orders import YEARLY
from supervision.duties import instants, reckon
from supervision.handlers.affairs import start_year
from supervision.handlers.papers import PRINT
from supervision.handlers.steps import publish
from supervision.printing import Source, Told, fields
from supervision.settings import RESCHEDULE
from supervision.store import (
    MODEL,
    Affair,
    Case,
    Claim,
    Document,
    DocumentFile,
    Duty,
    Extension,
    Holder,
    Mediation,
    Order,
    Proceeding,
    Reply,
)
from supervision.templates import TEMPLATES

PAGE = 100
"""Cases in one transaction."""


def reschedule(task: Task) -> dict[str, Any]:
    """Reckons every open deadline anew after a change of the calendar; one event for each case that moves.

    It may be done again: what was moved already stays where it is. Emits petition.rescheduled.
    """
    site, moved, last = Settings.from_env("supervision").site, 0, ""
    with task.engine.connect() as connection:
        calendar = calendars.read(connection)
    while numbers := _open(task, last):
        with unit_of(task, MODEL, site) as unit:
            unit.open(numbers)
            moved += sum(move(unit, number, calendar) for number in numbers)
        last = numbers[-1]
    return {"moved": moved}


def _open(task: Task, last: str) -> list[str]:
    """The next cases with an open deadline."""
    with task.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT DISTINCT number FROM duty WHERE state = 'open' AND due_at IS NOT NULL"
            " AND number > %s ORDER BY number LIMIT %s",
            (last, PAGE),
        )
        return [row.number for row in rows]


def move(unit: Unit, number: str, calendar: Calendar) -> bool:
    """Moves one case's open deadlines to where this calendar puts them; tells whether any moved."""
    case: Holder | None = unit.get(Case, number) or unit.get(Affair, number)
    moved = []
    for duty in unit.all(Duty, number):
        if case is None or duty.state != "open" or duty.due_at is None:
            continue
        warned, was = duty.warn_at, duty.due_at
        if instants(duty, calendar) == (warned, was):
            continue
        reckon(unit, case, duty, calendar)
        assert duty.due_at is not None
        moved.append({"duty": duty.kind, "was": stamp(was), "due_at": stamp(duty.due_at)})
    if case is not None and moved:
        publish(unit, case, "petition.rescheduled", {"duties": moved}, unit.now)
    return bool(moved)


# -- papers ----------------------------------------------------------------------------------------

TIMEOUT = (2, 5)
"""Seconds to connect to intake, and to wait for its answer."""


def print_paper(task: Task) -> dict[str, Any]:
    """Prints one paper: the form of its office, the case's facts, the people as intake names them now.

    Outside any transaction the people are asked for, with a service token; while intake is away the
    paper waits. The printed file is kept sealed, with the SHA-256 of what was printed.
    """
    from kit import docx
    from supervision import rendering

    settings, number = Settings.from_env("supervision"), str(task.subject)
    vault = Vault(keys.load_vault(settings.keys), "supervision")
    with unit_of(task, MODEL, settings.site) as unit:
        unit.open([number])
        case, paper = unit.get(Case, number), unit.get(Document, number, task.arguments["ordinal"])
        for kind in (Claim, Document, Duty, Extension, Mediation, Order, Proceeding, Reply):
            unit.all(kind, number)
    assert case is not None and paper is not None, "a paper is issued before it is printed"
    if paper.printed_at or paper.void_at:
        return {"printed": False}
    with task.engine.connect() as connection:
        directory = directory_of(connection, MODEL.tables)
        form = TEMPLATES.in_use(connection, directory, paper.office, paper.kind)
    told = people_of(settings, paper)
    rows = lambda kind: unit.all(kind, number)  # noqa: E731 - as it was when the unit was open
    source = Source(paper, case, rows, told, directory, vault)
    printed = docx.render(form or rendering.shipped(paper.kind), fields(source))
    _keep(task, settings.site, paper, printed, vault)
    return {"printed": True, "size": len(printed)}


def _keep(task: Task, site: str, paper: Document, printed: bytes, vault: Vault) -> None:
    number, ordinal = paper.number, paper.ordinal
    with unit_of(task, MODEL, site) as unit:
        unit.open([number])
        row = unit.get(Document, number, ordinal)
        assert row is not None
        if row.printed_at:
            return
        row.printed_at, row.sha256 = unit.now, sha256(printed).hexdigest()
        content = vault.seal(printed, f"paper:{number}:{ordinal}")
        unit.add(DocumentFile(number, ordinal, content, len(printed)))


def people_of(settings: Settings, paper: Document) -> Told:
    """Who a paper is for. Raises Later where intake does not answer."""
    issuer = Issuer(keys.load_private(settings.keys, "supervision"), "supervision")
    query = {"office": paper.office, "paper": paper.code, "officer": paper.issued_by}
    try:
        answer = requests.get(
            f"{service_url('intake')}/internal/petitions/{paper.number}/addressee",
            params=query,
            headers={"Authorization": f"Bearer {issuer.own()}"},
            timeout=TIMEOUT,
        )
    except requests.RequestException as error:
        raise Later(type(error).__name__) from error
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Later(str(answer.status_code))
    answer.raise_for_status()
    told = answer.json()
    return Told(
        names=tuple(told["names"]),
        address=told["address"],
        title=told["title"],
        hidden=told["hidden"],
        claims={claim["ordinal"]: claim["text"] for claim in told["claims"]},
    )


def check_template(task: Task) -> dict[str, Any]:
    """Tries an office's form on a made-up case."""
    from kit import docx
    from supervision.sample import sample

    return TEMPLATES.tried(task, lambda kind, form: docx.render(form, sample(kind)))


def year_end(task: Task) -> dict[str, Any]:
    """年度报告、年度考核: opens what the site's petition office owes for the year that has ended (D14, Art. 39,
    41). It runs every day and opens each once. Emits affair.issued."""
    site, opened = Settings.from_env("supervision").site, []
    with task.engine.connect() as connection:
        calendar = calendars.read(connection)
        root = directory_of(connection, MODEL.tables).root()
    for kind in YEARLY if root else ():
        with unit_of(task, MODEL, site) as unit:
            assert root is not None
            opened.append(start_year(unit, site, root, kind, calendar))
    return {"opened": [number for number in opened if number]}


JOBS: dict[str, Job] = {
    RESCHEDULE: reschedule,
    PRINT: print_paper,
    CHECK: check_template,
    YEAR_END: year_end,
}
