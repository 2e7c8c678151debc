"""Which papers can be given now, for which step, and by which office: asked by the page and the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from supervision.domain.orders import LIFTED
from supervision.domain.papers import KINDS, refusal_of
from supervision.store import Case, Document, Extension, Mediation, Order, Proceeding, Reply

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
    for mediation in rows(Mediation):
        if mediation.agreed:
            yield Paper("agreement", f"mediation:{mediation.round}", mediation.office)
    for row in rows(Proceeding):
        if row.decided_at and not row.outside and row.outcome != "settled":
            yield Paper(OPINIONS[row.stage], f"{row.stage}:{row.round}", row.office)
    yield from _reports(case, rows)
    for order in rows(Order):
        if order.kind == "supervise" and order.state != LIFTED:
            yield Paper("order", f"order:{order.round}", order.issuer)
    for paper in rows(Document):
        if KINDS[paper.kind].to == "petitioner" and paper.kind != "receipt" and not paper.void_at:
            yield Paper("receipt", str(paper.ordinal), paper.office)


def _reports(case: Case, rows: Rows) -> Iterator[Paper]:
    """办结报告: what was reported to whoever demanded it (Art. 22(3)); of other matters once they are closed."""
    demands = [o for o in rows(Order) if o.kind == "report" and o.state != LIFTED]
    answered = {reply.order for reply in rows(Reply)}
    for demand in demands:
        if demand.round in answered:
            yield Paper("report", f"report:{demand.round}", demand.office)
    if case.closed_at and case.office and not demands:
        yield Paper("report", f"handle:{case.round}", case.office)


def mediation_of(paper: Document, rows: Rows) -> Mediation | None:
    """The mediation whose agreement a paper tells."""
    found: list[Mediation] = rows(Mediation)
    return next((m for m in found if f"mediation:{m.round}" == paper.about), None)


def proceeding_of(paper: Document, rows: Rows) -> Proceeding | None:
    """The proceeding that a paper is about: of an agreement and a report, the handling."""
    found: list[Proceeding] = rows(Proceeding)
    about = paper.about
    if mediation := mediation_of(paper, rows):
        about = f"handle:{mediation.handling}"
    elif about.startswith("report:"):
        decided = [p.round for p in found if p.stage == "handle" and p.decided_at]
        about = f"handle:{max(decided, default=1)}"
    return next((p for p in found if f"{p.stage}:{p.round}" == about), None)


def served(paper: Document, rows: Rows) -> bool:
    """Whether the step that a paper tells has been served."""
    found = proceeding_of(paper, rows)
    return found is not None and found.served_on is not None
