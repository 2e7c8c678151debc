"""What routing does with commands and with other services' events. One function each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from contracts.public import fields_of, path
from kit.envelope import Event
from kit.identity import Actor, Directory
from kit.offices import OfficeRow
from kit.problems import Problem
from kit.unit import Unit
from routing.domain import remit
from routing.domain.places import Place
from routing.domain.remit import Choice
from routing.store import Matter

Responsible = Callable[[str, str | None], Choice]
"""(division, category) → the office that must answer."""


def undecided(_division: str, _category: str | None) -> Choice:
    """Where no directory is at hand: a person chooses."""
    return Choice(None, "no-directory")


IMPORTED = timedelta(minutes=1)
"""Registered so long before it came here: from an office's old register, which says itself where it
belongs. A machine that read the place meanwhile would date it today, and no later step could follow."""

# -- events of intake and supervision --------------------------------------------------------------


def on_registered(unit: Unit, event: Event, responsible: Responsible = undecided) -> None:
    """A new petition: a place chosen by a clerk decides at once, else its text has to be read.

    A sealed petition goes to the triage desk: no machine reads an accusation.
    """
    state = fields_of(event.data["petition"])
    chosen = event.data["chosen_division"]
    imported = event.time - state["registered_at"] > IMPORTED
    matter = Matter(
        **state,
        sealed=event.sealed,
        offices=[state["registered_by"]],
        barred=[],
        locating=chosen is None and not event.sealed and not imported,
        triage="sealed" if event.sealed else "imported" if imported else None,
    )
    unit.add(matter)
    if chosen:
        locate(unit, matter, Place(chosen, "chosen"), "person", event.time)
        if not event.sealed:
            assign_by_rule(unit, matter, responsible, event.time)


def on_followed(unit: Unit, event: Event) -> None:
    """A step of another service: the public state."""
    matter = unit.get(Matter, event.subject)
    if matter is None:
        raise LookupError(f"no matter {event.subject}")
    matter.take(event.source, event.data["petition"])


# -- rules -----------------------------------------------------------------------------------------


def read_place(unit: Unit, matter: Matter, place: Place, responsible: Responsible) -> None:
    """What the text said of the place: located and assigned where certain, else to the triage desk."""
    if not matter.locating:
        return
    matter.locating = False
    if place.code is None:
        matter.triage = place.rule
        return
    locate(unit, matter, place, "rule", unit.now)
    assign_by_rule(unit, matter, responsible, unit.now)


def locate(unit: Unit, matter: Matter, place: Place, by: str, at: datetime) -> None:
    """Sets the place of the matter. Emits petition.located."""
    was = path(matter.division)
    matter.division, matter.located_rule = place.code, place.rule
    if matter.status == "registered":
        matter.status = "located"
    _publish(unit, matter, "petition.located", {"by": by, "rule": place.rule}, was, at)


def assign_by_rule(unit: Unit, matter: Matter, responsible: Responsible, at: datetime) -> None:
    """Assigns where the directory names exactly one office, else leaves it to the triage desk."""
    choice = responsible(matter.division or "", matter.category)
    if choice.office is None:
        matter.triage = choice.rule
    else:
        _assign(unit, matter, choice.office, "transfer", "rule", choice.rule, at)


def _assign(
    unit: Unit, matter: Matter, office: str, method: str, by: str, rule: str | None, at: datetime
) -> None:
    matter.office, matter.method, matter.assigned_rule = office, method, rule
    matter.status, matter.triage, matter.assigned_at = "assigned", None, at
    if office not in matter.offices:
        matter.offices = [*matter.offices, office]
    data = {"by": by, "rule": rule, "method": method, "from_office": matter.registered_by}
    _publish(unit, matter, "petition.assigned", data, None, at)


# -- commands --------------------------------------------------------------------------------------


def place(unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """A person sets the place. Emits petition.located."""
    remit.check_assign(matter.status, locating=False)
    matter.locating, matter.triage = False, matter.triage or "placed"
    at = _at(body, actor, unit)
    locate(unit, matter, Place(body["division"], "person"), "person", at)
    return {}


def assign(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, directory: Directory
) -> dict[str, Any]:
    """A person names the office (转送, 交办, 自办). Emits petition.assigned."""
    remit.check_assign(matter.status, matter.locating)
    if directory.get(body["office"]) is None:
        raise Problem(422, "office-unknown", "单位目录中没有该单位。", "No such office in the directory.",
                      field="office")  # fmt: skip
    _assign(unit, matter, body["office"], body["method"], "person", None, _at(body, actor, unit))
    return {}


def sign(unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """签收: the office confirms that it has the matter. Emits petition.signed."""
    remit.check_sign(matter.status, matter.office, actor.office, site_wide=actor.kind == "tool")
    at = _at(body, actor, unit)
    matter.status, matter.signed_at = "signed", at
    _publish(unit, matter, "petition.signed", {}, None, at)
    return {}


def put_office(unit: Unit, values: dict[str, Any]) -> None:
    """Writes an office into the directory. Emits office.changed where something changed."""
    row = unit.get(OfficeRow, values["id"])
    if row is not None and vars(row) == values:
        return
    if row is None:
        unit.add(OfficeRow(**values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    data = {**values, "valid_from": None, "valid_to": None}
    unit.emit(values["id"], "office.changed", data, path=path(values["division"]))


# -- pieces ----------------------------------------------------------------------------------------


def _at(body: dict[str, Any], actor: Actor, unit: Unit) -> datetime:
    """When the step happened: now, save for an imported register."""
    at: datetime | None = body.get("at")
    if at is None:
        return unit.now
    if actor.kind != "tool" or at > unit.now:
        raise remit.Refused("time-by-hand", "办理时间由系统记录。",
                            "The time of a step is the system's.", "at", None, 422)  # fmt: skip
    return at


def _publish(
    unit: Unit, matter: Matter, type_: str, data: dict[str, Any], was: str | None, at: datetime
) -> None:
    unit.emit(
        matter.number,
        type_,
        {"petition": matter.public(), **data},
        path=path(matter.division),
        was=was,
        sealed=matter.sealed,
        at=at,
    )
