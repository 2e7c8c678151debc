"""文书: numbered, printed by a job, voided where wrong."""

from __future__ import annotations

from typing import Any

from kit.identity import Actor
from kit.jobs import enqueue
from kit.unit import Unit
from supervision.domain import papers
from supervision.domain import procedure as rules
from supervision.handlers.steps import day, publish
from supervision.means import Means
from supervision.papers import offered, served
from supervision.store import Case, Document

PRINT = "print-paper"


def give_paper(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """出具文书: takes the next number of the office, the year and the kind, and has it printed.

    Emits document.issued.
    """
    kind = body["kind"]
    wanted = [paper for paper in _offered(unit, case) if paper.kind == kind]
    if body.get("about"):
        wanted = [paper for paper in wanted if paper.about == body["about"]]
    papers.check_due(kind, bool(wanted), _given(unit, case, kind))
    paper = wanted[0]
    rules.check_office(paper.office, actor.office, site_wide=actor.kind == "tool")
    year = day(unit.now).year
    serial = unit.count(f"paper:{paper.office}:{kind}:{year}")
    row = Document(
        number=case.number,
        ordinal=1 + len(unit.all(Document, case.number)),
        kind=kind,
        about=paper.about,
        office=paper.office,
        year=year,
        serial=serial,
        code=papers.number_of(kind, year, serial),
        issued_at=unit.now,
        issued_by=actor.id,
    )
    if body.get("note"):
        row.note = means.vault.seal(body["note"], f"note:{row.number}:{row.ordinal}")
    unit.add(row)
    enqueue(unit, PRINT, {"ordinal": row.ordinal}, case.number, unit.now)
    publish(unit, case, "document.issued", _told(row), unit.now)
    return {"code": row.code, "ordinal": row.ordinal}


def void_paper(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """作废: the paper was wrong; its number stays taken, and another may be given. Emits document.voided."""
    row = unit.get(Document, case.number, body["ordinal"])
    if row is None:
        raise rules.Refused("paper-unknown", f"没有第{body['ordinal']}份文书。",
                            f"There is no paper {body['ordinal']}.", None, None, 404)  # fmt: skip
    rules.check_office(row.office, actor.office, site_wide=actor.kind == "tool")
    was_served = served(row, lambda kind: unit.all(kind, case.number))
    papers.check_void(row.code, voided=row.void_at is not None, served=was_served)
    row.void_at, row.voided = unit.now, body["cause"]
    publish(unit, case, "document.voided", {**_told(row), "cause": body["cause"]}, unit.now)
    return {}


def _offered(unit: Unit, case: Case) -> list[Any]:
    return offered(case, lambda kind: unit.all(kind, case.number))


def _given(unit: Unit, case: Case, kind: str) -> str | None:
    """The number of the last paper of a kind that stands."""
    found = [d for d in unit.all(Document, case.number) if d.kind == kind and not d.void_at]
    return found[-1].code if found else None


def _told(row: Document) -> dict[str, Any]:
    return {"kind": row.kind, "paper": row.code, "office": row.office}
