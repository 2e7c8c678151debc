"""What rows show of themselves: a case, an affair, its duties and papers, as their pages have them. No SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.codes import STAGES
from contracts.public import stamp
from kit.identity import Actor, Directory
from kit.unit import View
from kit.vault import Vault
from supervision.domain import clocks
from supervision.domain.calendar import Calendar
from supervision.domain.papers import KINDS
from supervision.duties import heard, term
from supervision.offers import addressees, next_steps, order_steps
from supervision.papers import offered, served
from supervision.store import (
    Affair,
    Case,
    Claim,
    Contribution,
    Document,
    Duty,
    Extension,
    FollowUp,
    Mediation,
    Order,
    Proceeding,
    Reply,
    UrgentMark,
    UrgentReport,
)


def page(
    row: Case, view: View, vault: Vault, now: datetime, actor: Actor, directory: Directory
) -> dict[str, Any]:
    """One case as its page shows it. An opinion speaks to the petitioner once it is served; what offices
    write to one another does not."""
    public = actor.kind == "petitioner"
    proceedings = sorted(view.of(Proceeding), key=lambda p: (STAGES.index(p.stage), p.round))
    shown = [_proceeding(p, vault, public) for p in proceedings]
    root = directory.root()
    handled: dict[str, Any] = next((p for p in reversed(shown) if p["stage"] == "handle"), {})
    return {
        "petition": row.public(),
        "steps": _steps(row),
        "claims": [
            _claim(c, public and not handled.get("opinion")) for c in _by_ordinal(view, Claim)
        ],
        "proceedings": shown,
        "contributions": [] if public else [_contribution(c, vault) for c in view.of(Contribution)],
        "mediations": [] if public else [_mediation(m, vault) for m in _by_round(view, Mediation)],
        "follow_ups": [] if public else [_follow_up(f, vault) for f in _by_round(view, FollowUp)],
        "urgent_mark": None if public else _urgent_mark(view, vault),
        "urgent_reports": [] if public else _urgent_reports(view, vault),
        "orders": [] if public else _orders(view, vault, now),
        "addressees": [] if public or root is None else addressees(row, view, root.id),
        "extensions": [_extension(e, vault) for e in view.of(Extension)],
        "duties": [duty_of(duty, now) for duty in _shown(view, public)],
        "opinion": handled.get("opinion"),
        "outcome": handled.get("outcome"),
        "procedure": row.procedure,
        "final_reason": row.final_reason,
        "hearing": any(map(heard, view.of(Duty))),
        "papers": papers_of(row, view, public),
        "next_papers": [] if public else [vars(paper) for paper in offered(row, view.of)],
        "next_steps": [] if public else next_steps(row, view, directory),
        "sequence": f"supervision:{view.cursor.own}",
        "seen": view.seen,
    }


def papers_of(row: Case, view: View, public: bool) -> list[dict[str, Any]]:
    """The papers of a case, oldest first; a petitioner sees those that were for them."""
    found = _by_ordinal(view, Document)
    return [paper(p) for p in found if not public or public_paper(p, view)]


def public_paper(paper: Document, view: View) -> bool:
    """Whether the petitioner may have it: a notice at once, an opinion when it was served."""
    if KINDS[paper.kind].to != "petitioner" or paper.void_at or paper.kind == "receipt":
        return False
    return paper.kind in NOTICES or served(paper, view.of)


NOTICES = frozenset({"acceptance", "refusal", "no_longer", "guidance", "extension"})


def paper(row: Document) -> dict[str, Any]:
    return {
        "number": row.number,
        "ordinal": row.ordinal,
        "kind": row.kind,
        "office": row.office,
        "code": row.code,
        "issued_at": stamp(row.issued_at),
        "printed_at": stamp(row.printed_at) if row.printed_at else None,
        "sha256": row.sha256,
        "void_at": stamp(row.void_at) if row.void_at else None,
        "voided": row.voided,
    }


def affair_page(row: Affair, view: View, vault: Vault, now: datetime) -> dict[str, Any]:
    """One affair as its page shows it."""
    return {
        "affair": {
            "number": row.number,
            "kind": row.kind,
            "about": row.about,
            "opened_at": stamp(row.opened_at),
        },
        "orders": _orders(view, vault, now),
        "duties": [duty_of(duty, now) for duty in _in_order(view)],
        "next_steps": order_steps(view.of(Order), answered=True),
        "sequence": f"supervision:{view.cursor.own}",
        "seen": view.seen,
    }


def _orders(view: View, vault: Vault, now: datetime) -> list[dict[str, Any]]:
    """Every demand with its replies, and what was said of them; the texts opened."""
    duties = {f"{d.kind}:{d.round}": d for d in view.of(Duty)}
    return [
        {
            **demand(row, duties.get(row.owed or ""), now),
            "text": _opened(vault, row.text, f"order:{row.number}:{row.round}"),
            "replies": [_reply(r, vault) for r in _by_round(view, Reply) if r.order == row.round],
        }
        for row in _by_round(view, Order)
    ]


def demand(row: Order, owed: Duty | None, now: datetime) -> dict[str, Any]:
    return {
        "number": row.number,
        "round": row.round,
        "kind": row.kind,
        "issuer": row.issuer,
        "office": row.office,
        "reason": row.reason,
        "issued_at": stamp(row.issued_at),
        "state": row.state,
        "ended_at": stamp(row.ended_at) if row.ended_at else None,
        "duty": duty_of(owed, now) if owed else None,
    }


def _reply(row: Reply, vault: Vault) -> dict[str, Any]:
    key = f"{row.number}:{row.order}:{row.round}"
    return {
        "office": row.office,
        "text": _opened(vault, row.text, f"reply:{key}"),
        "at": stamp(row.at),
        "adopted": row.adopted,
        "verdict": row.verdict,
        "note": _opened(vault, row.note, f"verdict:{key}"),
        "decided_at": stamp(row.decided_at) if row.decided_at else None,
    }


def _mediation(row: Mediation, vault: Vault) -> dict[str, Any]:
    key = f"{row.number}:{row.round}"
    return {
        "round": row.round,
        "kind": row.kind,
        "office": row.office,
        "held_on": row.held_on.isoformat(),
        "parties": _opened(vault, row.parties, f"parties:{key}"),
        "agreed": row.agreed,
        "claims": row.claims,
        "text": _opened(vault, row.text, f"text:{key}"),
    }


def _follow_up(row: FollowUp, vault: Vault) -> dict[str, Any]:
    return {
        "round": row.round,
        "office": row.office,
        "followed_on": row.followed_on.isoformat(),
        "method": row.method,
        "result": row.result,
        "text": _opened(vault, row.text, f"follow_up:{row.number}:{row.round}"),
    }


def _urgent_mark(view: View, vault: Vault) -> dict[str, Any] | None:
    """标为紧急 after registration: by whom, when and why; None where it was not, or was registered as urgent."""
    for row in view.of(UrgentMark):
        why = vault.open(row.circumstances, f"urgent_mark:{row.number}")
        return {"office": row.office, "at": stamp(row.at), "circumstances": why}
    return None


def _urgent_reports(view: View, vault: Vault) -> list[dict[str, Any]]:
    """直报 and 续报, the first one first; what was said opened."""
    return [
        {
            "ordinal": row.ordinal,
            "office": row.office,
            "to": row.to,
            "method": row.method,
            "reported_at": stamp(row.reported_at),
            "text": vault.open(row.text, f"urgent:{row.number}:{row.ordinal}"),
            "at": stamp(row.at),
        }
        for row in _by_ordinal(view, UrgentReport)
    ]


def _opened(vault: Vault, blob: bytes | None, context: str) -> str | None:
    return vault.open(blob, context) if blob else None


def _by_round(view: View, row: type[Any]) -> list[Any]:
    return sorted(view.of(row), key=lambda found: found.round)


def explained(view: View, calendar: Calendar, now: datetime, actor: Actor) -> dict[str, Any]:
    """Why each deadline is what it is: the reckoning in words and day by day."""
    shown = _shown(view, actor.kind == "petitioner")
    return {"duties": [_reasons(duty, calendar, now) for duty in shown]}


def _shown(view: View, public: bool) -> list[Duty]:
    """The duties in order; what offices report of a matter among themselves is not the petitioner's (Art. 25)."""
    return [duty for duty in _in_order(view) if not (public and duty.kind == "urgent")]


def _in_order(view: View) -> list[Duty]:
    return sorted(view.of(Duty), key=lambda duty: (duty.started_at, duty.kind))


def _by_ordinal(view: View, row: type[Any]) -> list[Any]:
    return sorted(view.of(row), key=lambda found: found.ordinal)


def _reasons(row: Duty, calendar: Calendar, now: datetime) -> dict[str, Any]:
    rule, term_ = clocks.rule_of(row.rule), term(row)
    by_hours = rule.unit == "hour"
    return {
        **duty_of(row, now),
        "basis": rule.basis,
        "rule": rule.id,
        "ref": rule.ref,
        "starts": rule.starts,
        "ends": rule.ends,
        "pauses": row.pauses,
        "summary": clocks.summary(term_, calendar),
        "days": [] if by_hours else list(clocks.explain(term_, calendar)),
    }


def _steps(row: Case) -> dict[str, str | None]:
    instants = (
        "assigned_at", "signed_at", "accepted_at", "answered_at", "closed_at", "final_at", "rated_at",
    )  # fmt: skip
    steps = {name: stamp(at) if (at := getattr(row, name)) else None for name in instants}
    served = row.served_on.isoformat() if row.served_on else None
    return {"registered_at": stamp(row.registered_at), **steps, "served_on": served}


def _claim(row: Claim, hidden: bool) -> dict[str, Any]:
    outcome = None if hidden else row.outcome
    return {"ordinal": row.ordinal, "type": row.type, "branch": row.branch, "outcome": outcome}


def _proceeding(row: Proceeding, vault: Vault, public: bool) -> dict[str, Any]:
    hidden = public and row.served_on is None

    def opened(what: str, blob: bytes | None) -> str | None:
        return vault.open(blob, f"{what}:{row.number}:{row.stage}:{row.round}") if blob else None

    return {
        "stage": row.stage,
        "round": row.round,
        "office": row.office,
        "outside": row.outside,
        "requested_on": row.requested_on.isoformat(),
        "grounds": opened("grounds", row.grounds),
        "decided_at": stamp(row.decided_at) if row.decided_at else None,
        "outcome": None if hidden else row.outcome,
        "opinion": None if hidden else opened("opinion", row.opinion),
        "facts": None if hidden else opened("facts", row.facts),
        "basis": None if hidden else opened("basis", row.basis),
        "served_on": row.served_on.isoformat() if row.served_on else None,
        "service_method": row.service_method,
        "receipt": row.receipt,
    }


def _contribution(row: Contribution, vault: Vault) -> dict[str, Any]:
    text = vault.open(row.text, f"contribution:{row.number}:{row.round}:{row.office}")
    return {"office": row.office, "text": text, "at": stamp(row.at)}


def _extension(row: Extension, vault: Vault) -> dict[str, Any]:
    return {
        "round": row.round,
        "days": row.days,
        "reason": vault.open(row.reason, f"extension:{row.number}:{row.round}"),
        "asked_at": stamp(row.asked_at),
        "decided_at": stamp(row.decided_at) if row.decided_at else None,
        "approved": row.approved,
    }


def duty_of(row: Duty, now: datetime) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": row.kind,
        "round": row.round,
        "office": row.office,
        "owed_by": clocks.rule_of(row.rule).owed_by,
        "ground": row.ground,
        "started_at": stamp(row.started_at),
        "zero": row.zero.isoformat(),
        "due_at": stamp(row.due_at) if row.due_at else None,
        "state": row.state,
        "light": light(row, now),
        "missed_at": stamp(row.missed_at) if row.missed_at else None,
        "ended_at": stamp(row.ended_at) if row.ended_at else None,
    }


def light(row: Duty, now: datetime) -> str:
    """Green, yellow (warned) or red (missed); one rule for every duty. A window that closes unused is
    nobody's fault, and what is void was never late."""
    if row.state in ("lapsed", "void") or row.due_at is None:
        return "green"
    if row.missed_at or (row.ended_at or now) >= row.due_at:
        return "green" if clocks.rule_of(row.rule).lapses else "red"
    return "yellow" if row.warned_at and row.state == "open" else "green"
