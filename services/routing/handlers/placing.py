"""Place, office, signature, objection, refusal; and what the other services tell. One function each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.public import fields_of, path, seen_by
from contracts.words import DECLINE_TEXTS
from kit import clock
from kit.envelope import Event
from kit.identity import Actor, Directory
from kit.problems import Problem
from kit.unit import Unit
from kit.vault import Vault
from routing.domain import dispute, remit
from routing.domain.competence import Choice, Question
from routing.domain.places import AUTOMATIC, READINGS, Place, check_alias, scope_of
from routing.store import AliasRow, Matter, Objection


@dataclass(frozen=True)
class Competence:
    """What is decided by: the directory and the rules as they are now.

    Args:
        find: the office that must answer; `version` is that of the directory and the rules.
        threshold: of an office: how sure a reading must be for what it registers to be assigned by rule; 0: never.
    """

    find: Callable[[Question], Choice] = lambda _: Choice(None, "no-directory")
    threshold: Callable[[str], float] = lambda _: AUTOMATIC
    version: str = ""


UNDECIDED = Competence()
"""Where no directory is at hand: a person chooses."""

IMPORTED = timedelta(minutes=1)
"""Registered so long before it came here: from an office's old register, which says itself where it
belongs. A machine that read the place meanwhile would date it today, and no later step could follow."""

# -- events of intake and supervision --------------------------------------------------------------


def on_registered(unit: Unit, event: Event, competence: Competence = UNDECIDED) -> None:
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
        barred=event.data["barred"],
        locating=chosen is None and not event.sealed and not imported,
        triage="sealed" if event.sealed else "imported" if imported else None,
        about_office=event.data["about_office"],
        about_level=event.data["about_level"],
    )
    unit.add(matter)
    if chosen:
        locate(unit, matter, Place(chosen, "chosen"), "person", event.time)
        if not event.sealed:
            assign_by_rule(unit, matter, competence, event.time)


def on_followed(unit: Unit, event: Event) -> None:
    """A step of another service: the public state."""
    _followed(unit, event)


def on_withdrawn(unit: Unit, event: Event) -> None:
    """Withdrawn: nobody has to place it any longer."""
    matter = _followed(unit, event)
    matter.triage, matter.locating = None, False


def on_lapsed(unit: Unit, event: Event) -> None:
    """A window closed: the body can no longer object (D4)."""
    matter = _followed(unit, event)
    if event.data["duty"] == "object":
        matter.objection_closed = True


def _followed(unit: Unit, event: Event) -> Matter:
    matter = unit.get(Matter, event.subject)
    if matter is None:
        raise LookupError(f"no matter {event.subject}")
    matter.take(event.source, event.data["petition"])
    matter.offices = seen_by(matter.offices, event.type, event.data)
    if event.type == "review.requested":
        matter.reviewer = event.data["office"]
    return matter


# -- rules -----------------------------------------------------------------------------------------


def read_place(unit: Unit, matter: Matter, place: Place, competence: Competence) -> None:
    """What the text said of the place: located and assigned where certain, else to the triage desk."""
    if not matter.locating:
        return
    matter.locating = False
    matter.suggested = list(place.candidates)
    matter.confidence, matter.places_version = place.confidence, place.version
    matter.reading = {
        "evidence": [[code, [list(span) for span in spans]] for code, spans in place.evidence],
        "roles": [list(role) for role in place.roles],
        "written": place.written,
    }
    if place.code is None:
        matter.triage = place.rule
        return
    locate(unit, matter, place, "rule", unit.now)
    assign_by_rule(unit, matter, competence, unit.now)


def locate(unit: Unit, matter: Matter, place: Place, by: str, at: datetime) -> None:
    """Sets the place of the matter. Emits petition.located."""
    was = path(matter.division)
    if matter.located_rule in READINGS and matter.division != place.code:
        matter.overturned = [*matter.overturned, f"place:{matter.located_rule}"]
    if by == "rule":
        matter.made = [*matter.made, f"place:{place.rule}"]
    matter.division, matter.located_rule = place.code, place.rule
    if matter.placing == "registered":
        matter.placed("located")
    data = {
        "by": by,
        "rule": place.rule,
        "confidence": place.confidence,
        "data_version": place.version,
    }
    publish(unit, matter, "petition.located", data, was, at)


def assign_by_rule(unit: Unit, matter: Matter, competence: Competence, at: datetime) -> None:
    """Assigns where rules and directory name exactly one office, else leaves it to the triage desk.

    What decided is kept either way: the rule, 属地 and 主管, those who may be chosen, and the data's version.
    """
    choice = competence.find(question(matter))
    matter.choice = asdict(choice) | {"version": competence.version}
    if choice.office is None:
        matter.triage = choice.rule
    elif not competence.threshold(matter.registered_by):
        matter.triage = "by-hand"
    else:
        until = clock.local_date(at) + timedelta(days=choice.assist_days)
        assisting = [{"office": office, "due_on": until} for office in choice.assisting]
        how = {"method": "transfer", "assisting": assisting}
        name_office(unit, matter, choice.office, how, "rule", choice.rule, at)


def question(matter: Matter) -> Question:
    """What a matter asks of the directory and the rules."""
    return Question(matter.division or "", matter.category, matter.about_level, matter.about_office)


def name_office(
    unit: Unit, matter: Matter, office: str, how: dict[str, Any], by: str, rule: str | None,
    at: datetime, sender: str | None = None,
) -> None:  # fmt: skip
    """Names the office. Emits petition.assigned."""
    matter.office, matter.method, matter.assigned_rule = office, how["method"], rule
    matter.placed("assigned")
    matter.triage, matter.assigned_at, matter.signed_at = None, at, None
    matter.sender = sender or matter.registered_by
    matter.round += 1
    matter.final, matter.objection_closed = matter.designator is not None, False
    matter.designator = matter.lifted = None
    assisting = how.get("assisting") or []
    matter.assisting = [item["office"] for item in assisting]
    show(matter, office, *matter.assisting)
    report_due = matter.report_due = how.get("report_due")
    decided: dict[str, Any] = (matter.choice or {}) if by == "rule" else {}
    if rule:
        matter.made = [*matter.made, f"office:{rule}"]
    data = {
        "by": by,
        "rule": rule,
        "principle": decided.get("principle"),
        "data_version": decided.get("version"),
        "method": how["method"],
        "from_office": matter.sender,
        "round": matter.round,
        "report_due": report_due.isoformat() if report_due else None,
        "final": matter.final,
        "assisting": [
            {"office": item["office"], "due_on": item["due_on"].isoformat()} for item in assisting
        ],
    }
    publish(unit, matter, "petition.assigned", data, None, at)


# -- commands --------------------------------------------------------------------------------------


def place(unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """A person sets the place. Emits petition.located."""
    remit.check_open(matter.handling)
    remit.check_assign(matter.placing, locating=False)
    matter.locating, matter.triage = False, matter.triage or "placed"
    at = _at(body, actor, unit)
    locate(unit, matter, Place(body["division"], "person"), "person", at)
    if name := body.get("alias"):
        _keep_alias(unit, matter, name, actor)
    return {}


def _keep_alias(unit: Unit, matter: Matter, name: str, actor: Actor) -> None:
    """本地别名: what the desk said that a name stands for is read with every text from now on."""
    check_alias(name, sealed=matter.sealed)
    place, today = matter.division or "", clock.local_date(unit.now)
    if (row := unit.get(AliasRow, matter.number, name)) is None:
        unit.add(
            AliasRow(
                matter.number, name, place, scope_of(place), today, None, actor.id, unit.now
            )
        )  # fmt: skip
    elif row.division != place or row.valid_to is not None:  # chosen anew
        row.division, row.scope, row.valid_from, row.valid_to = place, scope_of(place), today, None
        row.kept_by, row.kept_at = actor.id, unit.now


def assign(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, directory: Directory
) -> dict[str, Any]:
    """A person names the office (转送, 交办, 自办). Emits petition.assigned."""
    remit.check_open(matter.handling)
    remit.check_assign(matter.placing, matter.locating)
    dispute.check_undesignated(matter.designator)
    check_named(unit, matter, body, directory)
    at = _at(body, actor, unit)
    name_office(unit, matter, body["office"], body, "person", None, at, actor.office)
    return {}


def check_named(unit: Unit, matter: Matter, body: dict[str, Any], directory: Directory) -> None:
    """Those who are to answer and to assist: they exist, none is accused, each has its day."""
    office, today = body["office"], clock.local_date(unit.now)
    assisting = [(item["office"], item["due_on"]) for item in body.get("assisting") or []]
    check_body(unit, matter, office, "office", directory)
    for one, _ in assisting:
        check_body(unit, matter, one, "assisting", directory)
    remit.check_assisting(office, assisting, today)
    remit.check_report(body["method"], body.get("report_due"), today, body.get("at") is not None)


def check_body(unit: Unit, matter: Matter, id_: str, field: str, directory: Directory) -> None:
    """A body that is to have part in a matter: in the directory, not abolished, not accused."""
    office = directory.get(id_)
    if office is None:
        raise Problem(422, "office-unknown", "单位目录中没有该单位。",
                      "No such office in the directory.", field=field)  # fmt: skip
    if office.ended(unit.now):
        heirs = directory.heirs(id_, unit.now)
        names = "、".join(directory.named(heir) for heir in heirs)
        into = f"由{names}承继职权" if heirs else "承继单位尚未明确"
        raise Problem(422, "office-abolished", f"{office.name}已撤销,{into}。",
                      f"This office was abolished; its successor: {', '.join(heirs) or 'not named yet'}.",
                      field=field, rule="office-abolished", article="信访工作条例 第二十四条")  # fmt: skip
    dispute.check_assign_to(id_, matter.barred, directory.lineage(id_))


def show(matter: Matter, *offices: str | None) -> None:
    """These offices may see the matter from now on."""
    matter.offices = list(dict.fromkeys([*matter.offices, *filter(None, offices)]))


def sign(unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """签收: the office confirms that it has the matter. Emits petition.signed."""
    remit.check_open(matter.handling)
    remit.check_sign(matter.placing, matter.office, actor.office, site_wide=actor.kind == "tool")
    at = _at(body, actor, unit)
    matter.placed("signed")
    matter.signed_at = at
    publish(unit, matter, "petition.signed", {}, None, at)
    return {}


def raise_objection(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """提出异议: the body says with reasons that it is not competent (Art. 23). Emits petition.objected."""
    dispute.check_object(
        placing=matter.placing,
        handled=matter.handling is not None,
        office=matter.office,
        acting=actor.office,
        own=matter.method == "self",
        final=matter.final,
        objected=unit.get(Objection, matter.number, matter.round) is not None,
        closed=matter.objection_closed,
    )
    office = matter.office or ""
    text = vault.seal(body["text"], f"objection:{matter.number}:{matter.round}")
    unit.add(Objection(matter.number, matter.round, office, body["reason"], text, unit.now))
    matter.placed("objected")
    data = {"office": office, "cause": body["reason"], "round": matter.round}
    publish(unit, matter, "petition.objected", data, None, unit.now)
    return {}


def decide_objection(
    unit: Unit,
    matter: Matter,
    body: dict[str, Any],
    actor: Actor,
    vault: Vault,
    directory: Directory,
) -> dict[str, Any]:
    """核实异议: the sender agrees, and the papers go back, or upholds the assignment (Art. 23, 24).

    Emits petition.returned or petition.upheld.
    """
    site_wide = actor.kind == "tool"
    if matter.handling != "accepted":  # by the same body, a moment before it objected
        remit.check_open(matter.handling)
    dispute.check_arbitrate(
        placing=matter.placing, sender=matter.sender, acting=actor.office, site_wide=site_wide
    )
    objection = unit.get(Objection, matter.number, matter.round)
    assert objection is not None, "an objected matter has its objection"
    objection.agreed, objection.decided_at = body["agreed"], unit.now
    objection.answer = vault.seal(body["text"], f"arbitration:{matter.number}:{matter.round}")
    if not body["agreed"]:
        matter.placed("signed" if matter.signed_at else "assigned")
        publish(unit, matter, "petition.upheld", {"office": matter.office}, None, unit.now)
        return {"lifted": None}
    return {"lifted": _return(unit, matter, objection.office, directory)}


def _return(unit: Unit, matter: Matter, office: str, directory: Directory) -> str | None:
    """Takes the matter back from an office. Emits petition.returned."""
    root = directory.root()
    sender = matter.sender or matter.registered_by
    matter.returned_by = [*matter.returned_by, office]
    if matter.assigned_rule:
        matter.overturned = [*matter.overturned, f"office:{matter.assigned_rule}"]
    chains = [directory.superiors(body, unit.now) for body in matter.returned_by]
    top = root.id if root else sender
    next_ = dispute.after_return(len(matter.returned_by), sender, top, chains)
    matter.placed("located" if matter.division else "registered")
    matter.office, matter.signed_at = None, None
    matter.designator, matter.lifted = next_.office if next_.lifted else None, next_.lifted
    matter.triage = next_.lifted or "returned"
    matter.assisting, matter.report_due = [], None
    show(matter, next_.office)
    data = {
        "office": office,
        "to_office": next_.office,
        "bounces": len(matter.returned_by),
        "lifted": next_.lifted,
    }
    publish(unit, matter, "petition.returned", data, None, unit.now)
    return next_.lifted


def decline(
    unit: Unit, matter: Matter, body: dict[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """不予受理、不再受理、告知: a coded reason with its article; it stays registered. What is led to another
    procedure is told which body has it (Art. 23). Emits petition.declined.
    """
    owner = matter.office or matter.registered_by
    dispute.check_decline(
        placing=matter.placing,
        handled=matter.handling is not None,
        acting=actor.office,
        owner=owner,
        site_wide=actor.kind == "tool",
    )
    reason = dispute.DECLINES[body["reason"]]
    elsewhere = body.get("elsewhere")
    dispute.check_elsewhere(reason, elsewhere, imported=actor.kind == "tool")
    matter.placed("declined")
    matter.triage, matter.locating, matter.decline = None, False, reason.code
    matter.designator = matter.lifted = None
    if elsewhere:
        matter.elsewhere = vault.seal(elsewhere, f"elsewhere:{matter.number}")
    data = {"by_office": owner, "cause": reason.code, "article": reason.article}
    publish(unit, matter, "petition.declined", data, None, unit.now)
    return {"text": DECLINE_TEXTS[reason.code]}


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


def publish(
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
