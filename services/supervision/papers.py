"""Which papers can be given now, for which step, and by which office: asked by the page and the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from supervision.domain.papers import KINDS, refusal_of
from supervision.store import Case, Document, Extension, Proceeding

Rows = Callable[[type[Any]], list[Any]]
"""The rows of one class of the case: of a unit or of a view."""
OPINIONS = {"handle": "opinion", "review": "review", "rereview": "rereview"}


@dataclass(frozen=True)
class Paper:
    """A paper that can be given: `about` tells which step of the case it is for."""

    kind: str
    about: str
    office: str


def offered(case: Case, rows: Rows) -> list[Paper]:
    """What can be given now and was not, or was voided."""
    given = {(d.kind, d.about) for d in rows(Document) if not d.void_at}
    return [paper for paper in _due(case, rows) if (paper.kind, paper.about) not in given]


def _due(case: Case, rows: Rows) -> Iterator[Paper]:
    """Every paper for which there is a step, in the order of the procedure."""
    if case.assigned_at and case.sender and case.method in ("transfer", "assign"):
        kind = "transfer" if case.method == "transfer" else "assignment"
        yield Paper(kind, str(case.assigned_at.isoformat()), case.sender)
    if case.declined:
        yield Paper(refusal_of(case.declined["cause"]), "1", case.declined["by_office"])
    if case.accepted_at and case.office:
        yield Paper("acceptance", "1", case.office)
    for extension in rows(Extension):
        if extension.approved:
            yield Paper("extension", str(extension.round), case.office or "")
    for row in rows(Proceeding):
        if row.decided_at and not row.outside:
            yield Paper(_opinion(row), f"{row.stage}:{row.round}", row.office)
    if case.closed_at and case.office:
        yield Paper("report", str(case.round), case.office)
    for paper in rows(Document):
        if KINDS[paper.kind].to == "petitioner" and paper.kind != "receipt" and not paper.void_at:
            yield Paper("receipt", str(paper.ordinal), paper.office)


def _opinion(row: Proceeding) -> str:
    """A settlement has a paper of its own (Art. 33)."""
    return "agreement" if row.outcome == "settled" else OPINIONS[row.stage]


def served(paper: Document, rows: Rows) -> bool:
    """Whether the step that a paper tells has been served."""
    stage, _, round_ = paper.about.partition(":")
    return any(p.served_on for p in rows(Proceeding) if (p.stage, str(p.round)) == (stage, round_))
