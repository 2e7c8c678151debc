"""What stands on a paper: the case's own facts, and the people that intake names at print time.

Every form may use every field of `fields`; what a case does not have is empty. Nothing of it is kept but
in the printed file, which is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contracts.words import (
    BRANCHES,
    CHANNELS,
    DECLINE_TEXTS,
    ORDER_REASONS,
    OUTCOMES,
    RECEIPTS,
    REVIEW_OUTCOMES,
    SERVICE_METHODS,
)
from kit import clock
from kit.identity import Directory
from kit.vault import Vault
from supervision.domain.papers import KINDS
from supervision.domain.procedure import ORDINARY_BRANCH
from supervision.papers import Rows, mediation_of, proceeding_of
from supervision.store import (
    Case,
    Claim,
    Document,
    Duty,
    Extension,
    Order,
    Proceeding,
    Reply,
)

NOBODY = "信访人"


@dataclass(frozen=True)
class Told:
    """What intake says for a paper: who it is for, and the words of the petition.

    Args:
        names: of the people, the first one first; none where the petition is anonymous.
        hidden: whether they are kept from the office that gives the paper (保密).
        claims: the words of each claim by its ordinal.
    """

    names: tuple[str, ...] = ()
    address: str = ""
    title: str = ""
    hidden: bool = False
    claims: Mapping[int, str] = field(default_factory=dict)

    @property
    def addressee(self) -> str:
        """称谓: one name, or the first of several with their number."""
        if self.hidden:
            return f"{NOBODY}（保密）"
        if not self.names:
            return NOBODY
        first, others = self.names[0], len(self.names) - 1
        return f"{first}等{others + 1}人" if others else first


@dataclass(frozen=True)
class Source:
    """Where the fields of one paper come from."""

    paper: Document
    case: Case
    rows: Rows
    told: Told
    directory: Directory
    vault: Vault

    def office(self, id_: str | None) -> str:
        """The name of an office; its id where the directory does not know it."""
        found = self.directory.get(id_)
        return found.name if found else id_ or ""

    def opened(self, blob: bytes | None, what: str, row: Proceeding) -> list[str]:
        """The lines of a sealed text of a proceeding."""
        return self.lines(blob, f"{what}:{row.number}:{row.stage}:{row.round}")

    def lines(self, blob: bytes | None, context: str) -> list[str]:
        """The lines of a sealed text."""
        text = self.vault.open(blob, context) if blob else ""
        return [line.strip() for line in text.splitlines() if line.strip()]


def fields(source: Source) -> dict[str, Any]:
    """Every field that a form may use, by its name."""
    paper, case = source.paper, source.case
    told_of = _served_paper(source)
    row = proceeding_of(told_of or paper, source.rows)
    before = _before(source, row)
    return {
        "title_of_paper": KINDS[paper.kind].zh,
        "code": paper.code,
        "article": KINDS[paper.kind].article,
        "issuer": source.office(paper.office),
        "issued_on": zh(_day(paper.issued_at)),
        "number": case.number,
        "addressee": source.told.addressee,
        "address": source.told.address,
        "title": source.told.title,
        "receiver": source.office(_receiver(source)),
        "channel": CHANNELS[case.channel],
        "head_count": case.head_count,
        "received_on": zh(case.received_on),
        "accepted_on": zh(_day(case.accepted_at)),
        "answered_on": zh(_day(case.answered_at)),
        "closed_on": zh(_day(case.closed_at)),
        "accept_due": zh(last_day(case.accept_due)),
        "answer_due": zh(last_day(case.answer_due)),
        "report_due": zh(_due_of(source, "report")),
        "assisting": [
            {"office": source.office(duty.office), "due": zh(last_day(duty.due_at))}
            for duty in source.rows(Duty)
            if duty.kind == "assist" and duty.state != "void"
        ],
        "claims": _claims(source),
        "reason": DECLINE_TEXTS.get((case.declined or {}).get("cause", ""), ""),
        "reason_article": (case.declined or {}).get("article", ""),
        "note": source.lines(paper.note, f"note:{paper.number}:{paper.ordinal}"),
        "extension": _extension(source),
        "facts": source.opened(row.facts, "facts", row) if row else [],
        "opinion": _text(source, row),
        "parties": _agreed(source, "parties"),
        "basis": source.opened(row.basis, "basis", row) if row else [],
        "grounds": source.opened(row.grounds, "grounds", row) if row else [],
        "outcome": _outcome(row),
        "requested_on": zh(row.requested_on) if row else "",
        "before": {"office": source.office(before.office) if before else ""},
        "reviewer": _reviewer(source, row),
        "paper": {
            "title": KINDS[told_of.kind].zh if told_of else "",
            "code": told_of.code if told_of else "",
        },
        "served": _served(row),
        "report": _report(source),
        "order": _order(source),
    }


def zh(day: date | None) -> str:
    """2026年3月2日."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def last_day(due: datetime | None) -> date | None:
    return clock.last_day(due) if due else None


def _day(at: datetime | None) -> date | None:
    return clock.local_date(at) if at else None


def _due_of(source: Source, kind: str) -> date | None:
    found = [duty for duty in source.rows(Duty) if duty.kind == kind and duty.state != "void"]
    return last_day(max(found, key=lambda duty: duty.round).due_at) if found else None


def _receiver(source: Source) -> str | None:
    """The office that a paper between bodies goes to."""
    case, paper = source.case, source.paper
    if paper.kind == "report":
        return case.sender or case.registered_by
    addressed = (o.office for o in source.rows(Order) if f"order:{o.round}" == paper.about)
    return next(addressed, case.office)


def _served_paper(source: Source) -> Document | None:
    """The paper that a proof of service is about."""
    if source.paper.kind != "receipt":
        return None
    papers: list[Document] = source.rows(Document)
    return next(p for p in papers if str(p.ordinal) == source.paper.about)


def _before(source: Source, row: Proceeding | None) -> Proceeding | None:
    """The decision that a review is about."""
    stage = {"review": "handle", "rereview": "review"}.get(row.stage) if row else None
    found = [p for p in source.rows(Proceeding) if p.stage == stage and p.decided_at]
    return max(found, key=lambda p: p.round) if found else None


def _claims(source: Source) -> list[dict[str, Any]]:
    """The claims in their order; of an agreement, those that it settles."""
    mediation = mediation_of(source.paper, source.rows)
    found = sorted(source.rows(Claim), key=lambda claim: claim.ordinal)
    return [
        _claim(source, claim)
        for claim in found
        if mediation is None or claim.ordinal in mediation.claims
    ]


def _claim(source: Source, claim: Claim) -> dict[str, Any]:
    """A claim in words; where it has none of its own, the petition's title stands for it."""
    words = source.told.claims.get(claim.ordinal) or source.told.title
    return {
        "ordinal": claim.ordinal,
        "text": words,
        "branch": BRANCHES[claim.branch],
        "outcome": OUTCOMES[claim.outcome] if claim.outcome else "",
    }


def _text(source: Source, row: Proceeding | None) -> list[str]:
    """What was decided, or agreed."""
    if mediation_of(source.paper, source.rows):
        return _agreed(source, "text")
    return source.opened(row.opinion, "opinion", row) if row else []


def _agreed(source: Source, what: str) -> list[str]:
    row = mediation_of(source.paper, source.rows)
    return source.lines(getattr(row, what), f"{what}:{row.number}:{row.round}") if row else []


def _report(source: Source) -> list[str]:
    """办结报告: what was last written to whoever demanded it."""
    kind, _, round_ = source.paper.about.partition(":")
    found = [r for r in source.rows(Reply) if (kind, str(r.order)) == ("report", round_)]
    if not found:
        return []
    row = max(found, key=lambda reply: reply.round)
    return source.lines(row.text, f"reply:{row.number}:{row.order}:{row.round}")


def _order(source: Source) -> dict[str, Any]:
    """督办单: why, what is demanded, and until when."""
    rows = [o for o in source.rows(Order) if f"order:{o.round}" == source.paper.about]
    if source.paper.kind != "order" or not rows:
        return {"reason": "", "demand": [], "due": ""}
    (row,) = rows
    duty = next((d for d in source.rows(Duty) if f"{d.kind}:{d.round}" == row.owed), None)
    return {
        "reason": ORDER_REASONS.get(row.reason or "", ""),
        "demand": source.lines(row.text, f"order:{row.number}:{row.round}"),
        "due": zh(last_day(duty.due_at)) if duty else "",
    }


def _extension(source: Source) -> dict[str, Any]:
    found = [e for e in source.rows(Extension) if str(e.round) == source.paper.about]
    if source.paper.kind != "extension" or not found:
        return {"days": "", "reason": ""}
    (row,) = found
    reason = source.vault.open(row.reason, f"extension:{row.number}:{row.round}")
    return {"days": row.days, "reason": reason}


def _outcome(row: Proceeding | None) -> str:
    if row is None or row.outcome is None:
        return ""
    return OUTCOMES[row.outcome] if row.stage == "handle" else REVIEW_OUTCOMES[row.outcome]


def _reviewer(source: Source, row: Proceeding | None) -> str:
    """Who may be asked to review, "" where nobody can be (Art. 35, 36)."""
    if row is None or row.stage == "rereview" or row.outcome == "settled":
        return ""
    if all(claim.branch != ORDINARY_BRANCH for claim in source.rows(Claim)):
        return ""
    above = source.directory.superiors(row.office, source.paper.issued_at)
    return source.office(above[0]) if above else "上一级机关、单位"


def _served(row: Proceeding | None) -> dict[str, str]:
    if row is None or row.served_on is None:
        return {"method": "", "receipt": "", "on": ""}
    return {
        "method": SERVICE_METHODS[row.service_method or "other"],
        "receipt": RECEIPTS[row.receipt or "signed"],
        "on": zh(row.served_on),
    }
