"""回避 (Art. 28): whoever has a direct interest in a matter steps aside, in every service."""

from __future__ import annotations

from typing import Any

from kit.audit import AuditEntry, to_row
from kit.identity import Actor, Directory, aside
from kit.unit import Unit
from routing.domain import recusal
from routing.handlers.placing import publish, show
from routing.store import Matter


def recuse(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, directory: Directory
) -> dict[str, Any]:
    """申请回避、决定回避: the officer declares it, or the head orders it. From here on that account neither
    reads the matter nor acts on it; where it is a head, the superior decides instead.

    Emits petition.recused.
    """
    account = body["account"] or actor.id
    office = (body["office"] if body["account"] else None) or actor.office or matter.registered_by
    by = "self" if account == actor.id else "head"
    recusal.check_recuse(
        by=by,
        head="head" in actor.roles or actor.kind == "tool",
        own=actor.kind == "tool" or directory.under(office, actor.office or ""),
        already=aside(account) in matter.barred,
    )
    head = "head" in actor.roles if by == "self" else body["head"]
    superior = next(iter(directory.superiors(office, unit.now)), None) if head else None
    matter.barred = [*matter.barred, aside(account)]
    show(matter, superior)
    data = {
        "account": account,
        "by_office": office,
        "by": by,
        "cause": body["cause"],
        "to_office": superior,
    }
    publish(unit, matter, "petition.recused", data, None, unit.now)
    told = {name: data[name] for name in ("account", "by_office", "by", "cause")}
    unit.audit(
        to_row(
            AuditEntry.by(
                actor,
                at=unit.now,
                action="recusal",
                subject=matter.number,
                route="POST /petitions/<number>/recusal",
                detail=told,
            )
        )
    )
    return {}
