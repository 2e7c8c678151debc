"""标为紧急、直报、续报: that a matter is major or urgent, and what was reported of it, to whom, how and when (Art. 25)."""

from __future__ import annotations

from typing import Any

from contracts.codes import URGENT_TO
from contracts.public import seen_by, stamp
from kit import clock
from kit.identity import Actor
from kit.unit import Unit
from supervision.domain import procedure
from supervision.domain import urgent as rules
from supervision.duties import end_duty, find, open_duty
from supervision.handlers.steps import day, publish
from supervision.means import Means
from supervision.store import Case, UrgentMark, UrgentReport


def mark_urgent(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """标为紧急: after registration it turned out that the matter is major or urgent. Whoever found out, the office that
    has it or the site's petition office, owes the report, from now on: it was not known before (D12, Art. 25). Emits
    urgent.marked."""
    office = _knowing(case, actor, means)
    procedure.check_office(office, actor.office, site_wide=actor.kind == "tool")
    rules.check_markable(case.urgent, case.final_at is not None)
    case.urgent = True
    why = means.vault.seal(body["circumstances"], f"urgent_mark:{case.number}")
    unit.add(UrgentMark(case.number, office, why, unit.now))
    open_duty(unit, case, "urgent", office, unit.now, day(unit.now), means.calendar)
    data = {**case.told(), "office": office}
    case.offices = seen_by(case.offices, "urgent.marked", data)
    publish(unit, case, "urgent.marked", data, unit.now)
    return {}


def _knowing(case: Case, actor: Actor, means: Means) -> str:
    """Whose it is to mark: the petition office's where it acts, else whoever has the petition now."""
    root = means.directory.root()
    return root.id if root and actor.office == root.id else case.office or case.registered_by


def report_urgent(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """直报: to the own committee and government, the competent body, the joint meeting and the levels above, at
    once (D12, Art. 25). The first report ends the duty, on the day it is recorded: a time that is typed does not
    turn a red light green. Emits urgent.reported."""
    earlier = sorted(unit.all(UrgentReport, case.number), key=lambda report: report.ordinal)
    owed = find(unit, case.number, "urgent")
    rules.check_reportable(owed is not None, len(earlier), case.final_at is not None)
    office = owed.office if owed else _reporting(case, actor, earlier)
    procedure.check_office(office, actor.office, site_wide=actor.kind == "tool")
    first = earlier[0].reported_at if earlier else None
    rules.check_reported_at(body["reported_at"], clock.midnight(case.received_on), first, unit.now)
    end_duty(unit, case, unit.now, "urgent")
    report = _kept(unit, case, office, 1 + len(earlier), body, means)
    data = {
        "office": office,
        "ordinal": report.ordinal,
        "to": report.to,
        "method": report.method,
        "reported_at": stamp(report.reported_at),
    }
    publish(unit, case, "urgent.reported", data, unit.now)
    return {}


def _reporting(case: Case, actor: Actor, earlier: list[UrgentReport]) -> str:
    """Whose a further report is: of the body that has it now and of those that reported it before, as of whoever
    registered it (Art. 25 names every body)."""
    others = {case.office, *(report.office for report in earlier)}
    return actor.office if actor.office and actor.office in others else case.registered_by


def _kept(
    unit: Unit, case: Case, office: str, ordinal: int, body: dict[str, Any], means: Means
) -> UrgentReport:
    text = means.vault.seal(body["text"], f"urgent:{case.number}:{ordinal}")
    to = [body_ for body_ in URGENT_TO if body_ in body["to"]]
    report = UrgentReport(
        case.number, ordinal, office, to, body["method"], body["reported_at"], text, unit.now
    )
    unit.add(report)
    return report
