"""调解、和解 (Art. 33): what the parties agree, claim by claim; on everything, it is the answer."""

from __future__ import annotations

from typing import Any

from kit.identity import Actor
from kit.unit import Unit
from supervision.domain import procedure as rules
from supervision.handlers.handling import answered
from supervision.handlers.steps import agreements, claims, day, publish, step
from supervision.means import Means
from supervision.store import Case, Mediation


def mediate(
    unit: Unit, case: Case, body: dict[str, Any], actor: Actor, means: Means
) -> dict[str, Any]:
    """调解、和解: what was tried and what was agreed (Art. 33). Where every claim is settled, the agreement is
    the answer: it is served like an opinion, and no review is open.

    Emits petition.mediated, and petition.answered where nothing is left to decide.
    """
    rules.check_step("mediate", case.status)
    known = [c.ordinal for c in claims(unit, case)]
    open_ = [n for n in known if n not in agreements(unit, case)]
    chosen = body["claims"] or (open_ if body["agreed"] else [])
    today = day(unit.now)
    assert case.accepted_at is not None
    rules.check_mediated(
        body["agreed"], chosen, open_, body["text"], body["held_on"], day(case.accepted_at), today
    )
    at = step(unit, case, "mediate", body, actor, case.office)
    round_ = 1 + len(unit.all(Mediation, case.number))

    def seal(what: str) -> bytes | None:
        text = body[what]
        return means.vault.seal(text, f"{what}:{case.number}:{round_}") if text else None

    parties = seal("parties")
    assert parties is not None and case.office is not None
    unit.add(
        Mediation(
            case.number, round_, case.round, body["kind"], case.office, body["held_on"],
            parties, body["agreed"], sorted(chosen), seal("text"), at,
        )
    )  # fmt: skip
    data = {
        "kind": body["kind"],
        "held_on": body["held_on"].isoformat(),
        "agreed": body["agreed"],
        "claims": sorted(chosen),
    }
    publish(unit, case, "petition.mediated", data, at)
    settled = set(known) <= agreements(unit, case)
    if settled:
        step(unit, case, "settle", body, actor, case.office)
        outcomes = dict.fromkeys(known, "settled")
        answered(unit, case, at, "settled", outcomes, {"opinion": body["text"]}, means)
    return {"settled": settled}
