"""涉及多个机关、单位 (Art. 24): they consult, their common superior designates, or the joint meeting decides;
and what an abolished body had under way goes to its successor."""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.public import succeed
from kit import clock
from kit.identity import Actor, Directory
from kit.unit import Unit
from kit.vault import Vault
from routing.domain import dispute, remit
from routing.handlers.placing import check_body, check_named, name_office, publish, show
from routing.store import HELD, Deliberation, Matter


def consult(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, vault: Vault,
    directory: Directory,
) -> dict[str, Any]:  # fmt: skip
    """协商: the bodies concerned agree who answers and who assists, and it is sent there; or they do not,
    and it is referred to their common superior (Art. 24).

    Emits petition.consulted, then petition.assigned or petition.referred.
    """
    remit.check_open(matter.handling)
    remit.check_assign(matter.placing, matter.locating)
    dispute.check_undesignated(matter.designator)
    helpers = [item["office"] for item in body["assisting"]]
    dispute.check_consulted(
        offices=body["offices"], agreed=body["agreed"], lead=body["office"], assisting=helpers
    )
    dispute.check_held(body["held_on"], clock.local_date(unit.now))
    for office in body["offices"]:
        check_body(unit, matter, office, "offices", directory)
    if body["agreed"]:
        check_named(unit, matter, body, directory)
    _record(unit, matter, "consultation", body, actor, vault)
    data = {
        "offices": body["offices"],
        "agreed": body["agreed"],
        "held_on": body["held_on"].isoformat(),
        "lead": body["office"],
    }
    publish(unit, matter, "petition.consulted", data, None, unit.now)
    if body["agreed"]:
        name_office(unit, matter, body["office"], body, "person", None, unit.now, actor.office)
        return {"lifted": None}
    return {"lifted": _refer(unit, matter, body["offices"], directory)}


def _refer(unit: Unit, matter: Matter, offices: list[str], directory: Directory) -> str | None:
    """报请指定: up to whoever stands above all of them. Emits petition.referred."""
    root = directory.root()
    top = root.id if root else matter.registered_by
    next_ = dispute.lifted_to(top, [directory.superiors(office, unit.now) for office in offices])
    matter.designator, matter.lifted, matter.triage = next_.office, next_.lifted, next_.lifted
    show(matter, next_.office)
    data = {"to_office": next_.office, "lifted": next_.lifted, "cause": "disagreed"}
    publish(unit, matter, "petition.referred", data, None, unit.now)
    return next_.lifted


def designate(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, vault: Vault,
    directory: Directory,
) -> dict[str, Any]:  # fmt: skip
    """指定: the common superior names the office, with its reason (Art. 24).

    Emits petition.designated and petition.assigned.
    """
    return _decide(unit, matter, "superior", body, actor, vault, directory)


def convene(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, vault: Vault,
    directory: Directory,
) -> dict[str, Any]:  # fmt: skip
    """联席会议: where nobody stands above all of them the joint meeting decides; its day, who took part, the
    decision and the minutes are kept (Art. 24). Emits petition.designated and petition.assigned.
    """
    dispute.check_held(body["held_on"], clock.local_date(unit.now))
    for office in body["offices"]:
        check_body(unit, matter, office, "offices", directory)
    return _decide(unit, matter, "joint_meeting", body, actor, vault, directory)


def _decide(
    unit: Unit, matter: Matter, level: str, body: dict[str, Any], actor: Actor, vault: Vault,
    directory: Directory,
) -> dict[str, Any]:  # fmt: skip
    remit.check_open(matter.handling)
    dispute.check_designator(
        designator=matter.designator,
        level=matter.lifted,
        wanted=level,
        acting=actor.office,
        site_wide=actor.kind == "tool",
    )
    check_named(unit, matter, body, directory)
    by_office = matter.designator
    _record(unit, matter, level, body, actor, vault)
    held_on: date | None = body.get("held_on")
    data = {
        "by_office": by_office,
        "lifted": level,
        "offices": body.get("offices") or [],
        "held_on": held_on.isoformat() if held_on else None,
    }
    publish(unit, matter, "petition.designated", data, None, unit.now)
    name_office(unit, matter, body["office"], body, "person", None, unit.now, by_office)
    return {}


def _record(
    unit: Unit, matter: Matter, level: str, body: dict[str, Any], actor: Actor, vault: Vault
) -> None:
    """What was said stays here, sealed; events tell who took part and who answers."""
    ordinal = 1 + len(unit.all(Deliberation, matter.number))
    about = f"{matter.number}:{ordinal}"
    minutes = body.get("minutes")
    unit.add(
        Deliberation(
            number=matter.number,
            ordinal=ordinal,
            level=level,
            by_office=actor.office or matter.registered_by,
            held_on=body.get("held_on") or clock.local_date(unit.now),
            offices=body.get("offices") or [],
            agreed=body.get("agreed", True),
            office=body["office"],
            assisting=[item["office"] for item in body.get("assisting") or []],
            text=vault.seal(body["text"], f"deliberation:{about}"),
            minutes=vault.seal(minutes, f"minutes:{about}") if minutes else None,
            at=unit.now,
        )
    )


# -- bodies that were split, merged or abolished ---------------------------------------------------


def pass_on(unit: Unit, matter: Matter, was: str, directory: Directory) -> None:
    """承继: what an abolished body had goes to its one successor; where there are several, or none is named,
    the office above them chooses (Art. 24). Emits petition.succeeded or petition.referred."""
    if matter.handling in ("final", "withdrawn") or matter.orphan == was or not _holds(matter, was):
        return
    barred = set(matter.barred)
    heirs = [h for h in directory.heirs(was, unit.now) if barred.isdisjoint(directory.lineage(h))]
    if len(heirs) == 1:
        _succeed(unit, matter, was, heirs[0])
        return
    above = [
        o for o in directory.superiors(was, unit.now) if barred.isdisjoint(directory.lineage(o))
    ]
    common = (
        dispute.common_superior([directory.superiors(h, unit.now) for h in heirs])
        if heirs
        else None
    )
    root = directory.root()
    chooser = common or next(iter(above), None) or (root.id if root else matter.registered_by)
    matter.orphan, matter.chooser = was, chooser
    show(matter, chooser)
    data = {"to_office": chooser, "lifted": "superior", "cause": "succession"}
    publish(unit, matter, "petition.referred", data, None, unit.now)


def name_successor(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, vault: Vault,
    directory: Directory,
) -> dict[str, Any]:  # fmt: skip
    """明确承继单位: of several successors one, or, where it is not clear, whom its own committee or
    government names (Art. 24). Emits petition.succeeded."""
    dispute.check_successor(
        orphan=matter.orphan,
        chooser=matter.chooser,
        acting=actor.office,
        site_wide=actor.kind == "tool",
    )
    assert matter.orphan is not None
    check_body(unit, matter, body["office"], "office", directory)
    _record(unit, matter, "succession", body, actor, vault)
    _succeed(unit, matter, matter.orphan, body["office"])
    return {}


def _holds(matter: Matter, office: str) -> bool:
    return office in (*(getattr(matter, name) for name in HELD), *matter.assisting)


def _succeed(unit: Unit, matter: Matter, was: str, heir: str) -> None:
    """The successor stands where the body stood. Emits petition.succeeded."""
    succeed(matter, was, heir, *HELD)
    matter.assisting = [heir if office == was else office for office in matter.assisting]
    if matter.orphan == was:
        matter.orphan = matter.chooser = None
    show(matter, heir)
    data = {"from_office": was, "to_office": heir}
    publish(unit, matter, "petition.succeeded", data, None, unit.now)
