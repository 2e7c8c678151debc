"""What the register does with commands and with other services' events. One function each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.public import PublicFields, path, seen_by, succeed
from intake.domain import attachments, bodies, collective, documents, registration
from intake.store import Attachment, Claim, Person, Petition, Supplement, TimelineEntry
from kit import clock
from kit.envelope import Event
from kit.identity import Actor, aside
from kit.unit import Unit
from kit.vault import Vault

# -- commands --------------------------------------------------------------------------------------


def register(
    unit: Unit,
    number: str,
    body: dict[str, Any],
    office: str,
    vault: Vault,
    at: datetime,
    thresholds: Sequence[collective.Threshold] = collective.THRESHOLDS,
    about: bodies.About = bodies.NOBODY,
) -> dict[str, Any]:
    """Registers one petition (登记). The body was checked by `check` before.

    Args:
        office: the office that registers; for a petition filed online the site's petition office.
        at: the instant of registration; an office's old register may be imported with its own.
        thresholds: from how many persons on it is collective.
        about: the body complained about, as far as the directory knows it.
    Emits petition.registered.
    """
    sealed = registration.is_sealed(body["type"])
    petition = Petition(
        number=number,
        status="registered",
        placing="registered",
        handling=None,
        channel=body["channel"],
        type=body["type"],
        category=body["category"],
        head_count=body["head_count"],
        household_count=registration.households(body["channel"], body["household_count"]),
        received_on=body["received_on"],
        registered_at=at,
        registered_by=office,
        division=None,
        office=None,
        forward_due=None,
        accept_due=None,
        answer_due=None,
        review_due=None,
        chosen_division=body["division"],
        sealed=sealed,
        anonymous=body["anonymous"],
        title=None if sealed else body["title"] or body["text"][:30],
        text=None if sealed else body["text"],
        sealed_text=vault.seal(body["text"], f"petition.text:{number}") if sealed else None,
        complained_about=body["complained_about"],
        source_ref=body["source_ref"],
        offices=[office],
        barred=body["accused"],
        postmarked_on=body["postmarked_on"],
        barcode=body["barcode"],
        urgent=body["urgent"],
        confidential=body["confidential"],
        collective=collective.is_collective(body["head_count"], body["received_on"], thresholds),
    )
    unit.create(number)
    unit.add(petition)
    for ordinal, person in enumerate(body["people"], 1):
        unit.add(_person(number, ordinal, person, vault))
    claims = [_claim(petition, n, c, vault) for n, c in enumerate(_claims(body), 1)]
    for claim in claims:
        unit.add(claim)
    data = {
        "chosen_division": body["division"],
        "barred": petition.barred,
        "about_office": None if sealed else about.office,
        "about_level": None if sealed else about.level,
        "urgent": petition.urgent,
        "simple": body["simple"],
        "collective": petition.collective,
        "claims": [{"ordinal": c.ordinal, "type": c.type, "branch": c.branch} for c in claims],
    }
    publish(unit, petition, "petition.registered", data)
    return {"number": number, "sequence": "intake:1", "query_code": vault.code(number)}


def check(body: dict[str, Any], actor: Actor, now: datetime) -> None:
    """Raises `Refused` for a registration that the rules do not allow."""
    registration.check_registration(
        channel=body["channel"],
        received_on=body["received_on"],
        today=clock.local_date(now),
        anonymous=body["anonymous"],
        people=[person["role"] for person in body["people"]],
        head_count=body["head_count"],
        by_public=actor.kind in ("public", "petitioner"),
    )
    registration.check_households(body["channel"], body["household_count"], body["head_count"])
    registration.check_agent(
        body["channel"],
        [person["role"] for person in body["people"]],
        wanted=actor.kind != "tool" and not body["anonymous"],
    )
    registration.check_accused(body["type"], body["accused"])
    registration.check_simple(
        simple=body["simple"],
        type_=body["type"],
        head_count=body["head_count"],
        by_public=actor.kind in ("public", "petitioner"),
    )
    registration.check_letter(
        body["channel"], body["postmarked_on"], body["barcode"], body["received_on"]
    )


def withdraw(
    unit: Unit, petition: Petition, body: dict[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """撤回: the petitioner, or the clerk at their request, takes it back. Emits petition.withdrawn."""
    registration.check_withdrawal(status="withdrawn" if petition.withdrawn_at else petition.status)
    petition.withdrawn_at = unit.now
    publish(unit, petition, "petition.withdrawn", {})
    return {}


def supplement(
    unit: Unit, petition: Petition, body: dict[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """补充: the petitioner, or the clerk for them, adds to it. Emits petition.supplemented."""
    registration.check_supplement("withdrawn" if petition.withdrawn_at else petition.status)
    number, sequence, text = petition.number, unit.cursors[petition.number].own + 1, body["text"]
    sealed = vault.seal(text, f"supplement:{number}:{sequence}") if petition.sealed else None
    by = actor.kind == "petitioner"
    plain = None if petition.sealed else text
    unit.add(Supplement(number, sequence, unit.now, by, plain, sealed))
    publish(unit, petition, "petition.supplemented", {})
    return {}


def attach(
    unit: Unit,
    petition: Petition,
    body: dict[str, Any],
    actor: Actor,
    vault: Vault,
    limits: attachments.Limits,
    scanned: bool,
) -> dict[str, Any]:
    """添加附件: one file of the petitioner's, or the clerk's for them. Emits attachment.added.

    Args:
        body: `name`, `data`, its `digest`, and whether it says who petitions (`identity`).
        scanned: whether a scanner will look at it.
    """
    registration.check_supplement("withdrawn" if petition.withdrawn_at else petition.status)
    present = unit.all(Attachment, petition.number)
    name, data = attachments.clean_name(body["name"]), body["data"]
    attachments.check_size(name, len(data), [file.size for file in present], limits)
    kind = attachments.kind_of(name, data)
    ordinal, by = len(present) + 1, actor.kind == "petitioner"
    unit.add(
        Attachment(
            number=petition.number,
            ordinal=ordinal,
            name=vault.seal(name, f"attachment.name:{petition.number}:{ordinal}"),
            kind=kind.name,
            size=len(data),
            digest=body["digest"],
            at=unit.now,
            by_petitioner=by,
            # who petitions in confidence may show it in any paper: the registering office looks first
            identity=body["identity"] or (by and petition.confidential),
            state="waiting" if scanned else "unscanned",
        )
    )
    publish(unit, petition, "attachment.added", {"count": ordinal})
    return {"ordinal": ordinal}


def link(
    unit: Unit, petition: Petition, body: dict[str, Any], actor: Actor, first: Petition
) -> dict[str, Any]:
    """登记为重复件: a person confirms that it is the same person's same matter (初次/重复).

    Args:
        first: the earlier petition, or the first of its row. Emits petition.linked.
    """
    registration.check_link(
        number=petition.number,
        repeat_of=petition.repeat_of,
        to=first.number,
        earlier=first.registered_at <= petition.registered_at,
        hidden=[office for office in first.barred if not office.startswith("@")],
        barred=petition.barred,
        sealed=(first.sealed, petition.sealed),
    )
    petition.repeat_of, petition.contested_at = first.repeat_of or first.number, None
    publish(unit, petition, "petition.linked", {"repeat_of": petition.repeat_of})
    return {"repeat_of": petition.repeat_of}


def unlink(unit: Unit, petition: Petition, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """撤销重复件登记: it is a matter of its own. Emits petition.unlinked."""
    was = registration.check_linked(petition.repeat_of)
    petition.repeat_of = petition.contested_at = None
    publish(unit, petition, "petition.unlinked", {"repeat_of": was})
    return {}


def contest(unit: Unit, petition: Petition, body: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """信访人异议: the petitioner says that there are new facts. Emits petition.contested."""
    was = registration.check_linked(petition.repeat_of, petition.contested_at is not None)
    petition.contested_at = unit.now
    publish(unit, petition, "petition.contested", {"repeat_of": was})
    return {}


def rate(
    unit: Unit, petition: Petition, body: dict[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """The petitioner's own rating of both bodies (评价). Emits petition.rated."""
    registration.check_rating(status=petition.status, rated_at=petition.rated_at)
    petition.rated_at = unit.now
    petition.rating = {k: body[k] for k in ("petition_office", "responsible_office")}
    if body["comment"]:
        petition.rating_comment = vault.seal(body["comment"], f"rating:{petition.number}")
    publish(unit, petition, "petition.rated", dict(petition.rating))
    return {}


# -- events of other services ----------------------------------------------------------------------


def on_petition_event(unit: Unit, event: Event) -> None:
    """Routing's and supervision's steps: the public state and one line of the timeline."""
    petition = unit.get(Petition, event.subject)
    if petition is None:
        raise LookupError(f"{event.subject} is not in this register")
    petition.take(event.source, event.data["petition"])
    petition.offices = seen_by(petition.offices, event.type, event.data)
    if event.type == "petition.succeeded":
        succeed(petition, event.data["from_office"], event.data["to_office"], "registered_by")
    elif event.type == "petition.recused":
        petition.barred = [*petition.barred, aside(event.data["account"])]
    elif event.type == "urgent.marked":
        petition.urgent = True
    told = event.data.get("at")  # a light is told later than it turned, where the machine was off
    at = datetime.fromisoformat(told) if told else event.time
    _note(unit, event.subject, event.source, event.sequence, event.type, at, event.data)


# -- pieces ----------------------------------------------------------------------------------------


def publish(unit: Unit, petition: PublicFields, type_: str, data: dict[str, Any]) -> None:
    """Tells a fact with the public state, in secret where the petition is sealed, and notes it in the timeline."""
    sealed = isinstance(petition, Petition) and petition.sealed
    event = unit.emit(
        petition.number,
        type_,
        {"petition": petition.public(), **data},
        path=path(petition.division),
        sealed=sealed,
    )
    _note(unit, petition.number, "intake", event.sequence, type_, unit.now, data)


def _note(
    unit: Unit,
    number: str,
    source: str,
    sequence: int,
    type_: str,
    at: datetime,
    data: dict[str, Any],
) -> None:
    # the accused are nobody's to read but the services': not even in a sealed timeline; nor who stepped aside
    detail = {k: v for k, v in data.items() if k not in ("petition", "barred", "account")}
    if "petition" in data:  # a duty names the office that owes it
        detail.setdefault("office", data["petition"]["office"])
    unit.add(TimelineEntry(number, source, sequence, type_, at, detail))


def _claims(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The claims that were named; where none was, the petition is one claim."""
    return body["claims"] or [{"type": body["type"], "branch": None, "text": None}]


def _claim(petition: Petition, ordinal: int, claim: dict[str, Any], vault: Vault) -> Claim:
    text = claim["text"]
    sealed = (
        vault.seal(text, f"claim.text:{petition.number}:{ordinal}")
        if text and petition.sealed
        else None
    )
    plain = None if petition.sealed else text
    return Claim(petition.number, ordinal, claim["type"], claim["branch"], plain, sealed)


def _person(number: str, ordinal: int, person: dict[str, Any], vault: Vault) -> Person:
    def seal(field: str) -> bytes | None:
        value = person[field]
        return vault.seal(value, f"person.{field}:{number}:{ordinal}") if value else None

    def blind(field: str) -> bytes | None:
        value = person[field]
        if value and field == "id_number":
            value = documents.canonical(value)
        return vault.blind(value, field) if value else None

    name = seal("name")
    assert name is not None
    return Person(
        number=number,
        ordinal=ordinal,
        role=person["role"],
        name=name,
        id_kind=person["id_kind"] if person["id_number"] else None,
        id_number=seal("id_number"),
        phone=seal("phone"),
        address=seal("address"),
        name_index=vault.blind(person["name"], "name"),
        id_index=blind("id_number"),
        phone_index=blind("phone"),
    )
