"""What is owed about no one petition: 三项建议 (D13, Art. 14, 40), the yearly report and assessment (D14)."""

from __future__ import annotations

from datetime import date
from typing import Any

from kit.identity import Actor, Office
from kit.unit import Unit
from supervision.domain import clocks, procedure
from supervision.domain import orders as rules
from supervision.domain.calendar import Calendar
from supervision.handlers.orders import demand
from supervision.handlers.steps import day
from supervision.means import Means
from supervision.store import Affair, Case, Order

SERIES = {"annual": "NB", "assess": "KH"}
PROPOSAL_SERIES = "JY"
"""建议, 年报, 考核: the letters in an affair's number."""


def propose(
    unit: Unit, number: str, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """三项建议: the site's petition office proposes to a body to improve its work, to better a policy or to hold
    somebody to account; feedback in writing is owed (Art. 40). Emits affair.issued.

    Args:
        number: the affair's, new.
    """
    root = means.directory.root()
    procedure.check_office(root.id if root else None, actor.office, actor.kind == "tool")
    assert root is not None
    if body["office"] not in means.directory or body["office"] == root.id:
        raise procedure.Refused("office-unknown", "请选择单位目录中的其他单位。",
                                "Choose another office of the directory.", "office", None, 422)  # fmt: skip
    rules.check_due(body["due_on"], day(unit.now))
    affair = Affair(
        number, body["kind"], root.division, [root.id, body["office"]], [], False, unit.now,
        body["about"],
    )  # fmt: skip
    unit.create(number)
    unit.add(affair)
    order = demand(
        unit, affair, body["kind"], root.id, body["office"], unit.now, means.calendar,
        body["due_on"],
    )  # fmt: skip
    order.text = means.vault.seal(body["text"], f"order:{number}:{order.round}")
    return {"number": number}


def check_about(case: Case | None, office: str) -> None:
    """A proposal that names a petition goes to nobody who may not know of it (Art. 30)."""
    if case is not None and (case.sealed or office not in case.offices):
        raise procedure.Refused("about-unseen", "该单位没有经办此信访件,建议中不能写明其编号。",
                                "The body has no part in that petition; do not name it.", "about",
                                "信访工作条例 第三十条", 422)  # fmt: skip


def start_year(unit: Unit, site: str, root: Office, kind: str, calendar: Calendar) -> str | None:
    """年度报告、年度考核: opens what is owed for the year that has just ended, once, unless its limit is over
    already: a site that began later owes nothing for a year before it. Emits affair.issued.

    Returns: the number, where it was opened now.
    """
    zero = date(day(unit.now).year - 1, 12, 31)
    number = f"{site}{SERIES[kind]}{zero.year}0001"
    unit.open([number])
    rule = clocks.rule_for(kind, zero, calendar.limits)
    last = clocks.last_day(clocks.Term(rule, zero, rule.length or 0), calendar)
    if unit.all(Order, number) or last is None or last < day(unit.now):
        return None
    unit.add(Affair(number, kind, root.division, [root.id], [], False, unit.now))
    demand(unit, unit.all(Affair, number)[0], kind, root.id, root.id, unit.now, calendar, zero=zero)
    return number
