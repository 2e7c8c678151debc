"""What can be done now, by whom: the steps that a page offers, each as its command will check it."""

from __future__ import annotations

from typing import Any

from kit.identity import Directory
from kit.unit import View
from supervision.domain import orders
from supervision.domain.procedure import STEPS, Step
from supervision.duties import heard
from supervision.handlers.orders import UNDER_SUPERVISION
from supervision.store import Case, Duty, Extension, Order, Proceeding, UrgentReport


def next_steps(row: Case, view: View, directory: Directory) -> list[dict[str, Any]]:
    """What a person can do now: `{"name", "office", "roles"}`, each as its command will check it; what is
    done to one order or report of several has its `round` too."""
    found = [step for step in STEPS.values() if row.status in step.before]
    steps = []
    for step in found:
        if step.by in ("event", "clock", "rule", "assistant") or not _offered(step.name, row, view):
            continue
        roles = ROLES.get(step.by, ["clerk", "head"])
        steps.append(
            {
                "name": COMMANDS.get(step.name, step.name),
                "office": _by(step, row, view),
                "roles": roles,
            }
        )
    if row.instead:  # the head stepped aside: the superior may decide
        steps += [s | {"office": row.instead} for s in steps if s["roles"] == ["head"]]
    for owed in view.of(Duty):
        if owed.state == "open" and owed.kind in ASKED:
            name, roles = ASKED[owed.kind]
            steps.append({"name": name, "office": owed.office, "roles": roles})
    steps += _further_reports(row, view)
    root = directory.root()
    steps += _marking(row, root.id if root else None)
    if root and row.status != "withdrawn" and addressees(row, view, root.id):
        steps.append({"name": "issue", "office": root.id, "roles": ["supervisor"]})
    return steps + order_steps(view.of(Order), answered=row.answered_at is not None)


def _further_reports(row: Case, view: View) -> list[dict[str, Any]]:
    """续报, after a first report: by whoever registered it, by the body that has it now, and by who reported it."""
    if row.final_at is not None or not view.of(UrgentReport):
        return []
    name, roles = ASKED["urgent"]
    before = (report.office for report in view.of(UrgentReport))
    offices = dict.fromkeys(filter(None, (row.registered_by, row.office, *before)))
    return [{"name": name, "office": office, "roles": roles} for office in offices]


def _marking(row: Case, root: str | None) -> list[dict[str, Any]]:
    """标为紧急, while it goes on as an ordinary one: by whoever has it, and by the site's petition office."""
    if row.urgent or row.final_at is not None:
        return []
    offices = dict.fromkeys(filter(None, (row.office or row.registered_by, root)))
    return [{"name": "mark_urgent", "office": office, "roles": REPORTS} for office in offices]


def addressees(row: Case, view: View, issuer: str) -> list[str]:
    """The bodies that can be ordered now: those that have or had it, with no order open."""
    busy = {o.office for o in view.of(Order) if o.kind in UNDER_SUPERVISION and not o.ended_at}
    return [office for office in row.offices if office != issuer and office not in busy]


def order_steps(rows: list[Order], *, answered: bool) -> list[dict[str, Any]]:
    """What can be done to each open demand, by its addressee or its issuer."""
    steps: list[dict[str, Any]] = []
    for row in rows:
        judged = orders.DEMANDS[row.kind].judged
        if row.state == orders.OPEN and (row.kind != "report" or answered):
            steps.append(_order_step("reply", row.office, BODY, row))
        if row.state == orders.ANSWERED:
            steps.append(_order_step("judge", row.issuer, ISSUER, row))
        if row.state in (orders.OPEN, orders.ANSWERED) and judged:
            steps.append(_order_step("lift", row.issuer, ISSUER, row))
    return steps


def _order_step(name: str, office: str, roles: list[str], row: Order) -> dict[str, Any]:
    return {"name": name, "office": office, "roles": roles, "round": row.round}


BODY, ISSUER = ["clerk", "head"], ["supervisor", "head", "triage"]
REPORTS = ["clerk", "head", "triage"]


ASKED = {
    "triage": ("resolve", ["triage", "clerk", "head"]),
    "assist": ("assist", ["clerk", "head"]),
    "urgent": ("report_urgent", REPORTS),
}
"""Duties that are a step by themselves: the command, and who may take it."""
ROLES = {"head": ["head"], "receiver": ["clerk", "head", "triage"]}
COMMANDS = {
    "redo": "serve_review", "serve_rereview": "serve_review", "seek_rereview": "seek_review",
    "decide_rereview": "decide_review",
}  # fmt: skip
"""Steps of two stages that are one command."""


def _by(step: Step, row: Case, view: View) -> str | None:
    """Whose step it is; None: any office that sees the petition may enter it for the petitioner."""
    if step.by == "petitioner":
        return None
    if step.by == "reviewer":
        return next(
            (p.office for p in view.of(Proceeding) if p.stage == row.stage and not p.served_on),
            None,
        )
    if step.by == "receiver":
        duties = [d for d in view.of(Duty) if d.state == "open" and d.kind in NOTIFY]
        return duties[0].office if duties else row.registered_by
    return row.office


NOTIFY = ("accept", "inform", "notify")


def _offered(name: str, row: Case, view: View) -> bool:
    """Whether a step that the status allows makes sense now."""
    open_kinds = {d.kind for d in view.of(Duty) if d.state == "open"}
    late = {d.kind for d in view.of(Duty) if d.state == "open" and d.missed_at}
    revoked = any(p.outcome == "revoked" and not p.served_on for p in view.of(Proceeding))
    if name == "ask_extension":
        asked = [
            e for e in view.of(Extension) if e.handling == row.round and e.approved is not False
        ]
        return "answer" in open_kinds - late and not asked
    if name == "decide_extension":
        return "answer" not in late and any(
            e.approved is None and e.handling == row.round for e in view.of(Extension)
        )
    if name == "answer":  # it waits for those that assist, while their time runs
        return not any(
            d.kind == "assist" and d.state == "open" and not d.missed_at for d in view.of(Duty)
        )
    if name == "decide_rereview":
        return not any(map(heard, view.of(Duty)))
    if name == "notify":
        return not open_kinds.isdisjoint(NOTIFY)
    if name in ("seek_review", "seek_rereview"):
        return name in open_kinds
    if name in ("serve_review", "serve_rereview"):
        return not revoked
    return revoked if name == "redo" else True
