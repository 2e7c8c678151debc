"""开始考核: the evidence is drawn from the figures, and frozen with the scheme, the groups and who checks whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kit import clock
from kit.identity import Actor, Directory, Office
from kit.problems import Problem, not_found
from kit.unit import Unit
from stats.app import Stats
from stats.assessments import schemes
from stats.assessments.rows import Assessment, ScoreSheet
from stats.domain import schemes as scheme_rules
from stats.domain import scoring
from stats.domain.assessment import SELF, Plan, check_plan
from stats.domain.indicators import INDICATORS
from stats.domain.schemes import Scheme
from stats.levels import higher
from stats.queries.editions import open_reach
from stats.queries.figures import Asker, count
from stats.queries.question import Question

SERIES = "KH"
WORK = {"registered": "登记", "assigned": "承办"}
"""What was registered by an office, and what was assigned to it: together how much work it had."""


def opened(
    app: Stats, actor: Actor, body: dict[str, Any]
) -> Callable[[Unit, Actor], dict[str, Any]]:
    """What opens an assessment, by the figures as they stand now.

    Counted is what everybody may count, so that nobody learns from another's evidence that there is a matter which
    is kept from them (Art. 30).
    """
    app.check_keeper(actor)
    directory = app.directory.get()
    organiser = directory.root()
    if organiser is None:
        raise not_found("本站的信访部门", "petition office of this site")
    plan = _plan(body, directory, organiser)
    with app.at_one_moment(actor) as asker:
        scheme = schemes.to_apply(asker.connection, body["scheme"])
        check_plan(plan, scheme, organiser.id, asker.today)
        evidence = drawn(replace(asker, reach=open_reach(directory)), scheme, plan)
    return lambda unit, actor: open_(unit, scheme, plan, evidence, organiser, actor)


def _plan(body: dict[str, Any], directory: Directory, organiser: Office) -> Plan:
    """Raises Problem 422 for an office that is none, is no more, or stands above the site."""
    at = clock.now()
    living = {office.id for office in directory if not office.ended(at)}
    living -= {office.id for office in higher(directory)}
    offices = frozenset(body["offices"] or living - {organiser.id})
    if not offices <= living:
        raise Problem(422, "office-unknown", "选定的单位不在本站目录中,或者已撤销。",
                      "An office that is none of this site, or is no more.", field="offices")  # fmt: skip
    return Plan(body["period"], offices, body["self_due"], body["peer_due"])


# -- the evidence ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What the figures say of an office: its work, and by criterion numerator and denominator."""

    registered: int
    assigned: int
    sides: Mapping[str, tuple[int, int]]

    @property
    def work(self) -> int:
        return self.registered + self.assigned


def drawn(asker: Asker, scheme: Scheme, plan: Plan) -> dict[str, Evidence]:
    """The evidence of every office, of its own cases alone (not of those under it)."""

    def counted(measure: str) -> Mapping[tuple[Any, ...], int]:
        question = Question(measure, plan.period.since, plan.period.until, by=("office",))
        return count(asker, question)[1]

    registered, assigned = (counted(INDICATORS[what].numerator) for what in WORK)
    sides = {}
    for criterion in scheme.measured:
        indicator = INDICATORS[criterion.indicator or ""]
        sides[criterion.id] = counted(indicator.numerator), counted(indicator.denominator or "")
    return {
        office: Evidence(
            registered.get((office,), 0),
            assigned.get((office,), 0),
            {id: (n.get((office,), 0), d.get((office,), 0)) for id, (n, d) in sides.items()},
        )
        for office in plan.offices
    }


# -- opening ---------------------------------------------------------------------------------------


def open_(
    unit: Unit, scheme: Scheme, plan: Plan, evidence: Mapping[str, Evidence], organiser: Office, actor: Actor
) -> dict[str, Any]:  # fmt: skip
    """开始考核: the scheme, the evidence, the groups and who checks whom are frozen."""
    day = clock.local_date(unit.now)
    serial = unit.count(f"{SERIES}{day.year}")
    id_ = f"{unit.site}{SERIES}{day.year}{serial:04d}"
    unit.open([id_])
    unit.add(
        Assessment(
            id_, organiser.id, scheme_rules.data(scheme), plan.period.text, plan.self_due,
            plan.peer_due, SELF, unit.now, actor.id,
        )
    )  # fmt: skip
    bands = {office: scoring.band_of(scheme, evidence[office].work) for office in plan.offices}
    known = {office: band for office, band in bands.items() if band is not None}
    checkers = scoring.checkers(known, day.year + serial)
    for office in sorted(plan.offices):
        said, band = evidence[office], bands[office]
        checker = None if band is None else checkers[office] or organiser.id
        sides = {id: list(each) for id, each in said.sides.items()}
        unit.add(ScoreSheet(id_, office, said.registered, said.assigned, band, checker, sides, []))
    return {"number": id_}
