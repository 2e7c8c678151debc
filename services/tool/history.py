"""A past that never went over the wire: lives of petitions, told by the services' own handlers.

The same handlers, rules and inbox that serve a running site run here on `MemoryStore`, each with the
clock standing where the life stands; what they leave behind is copied into the four schemas
(`tool.copying`). So a generated year is what a lived year would have been, and `petition audit` holds
for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import intake.handlers
import intake.store
import intake.subscriptions
import routing.handlers
import routing.store
import routing.subscriptions
import stats.store
import stats.subscriptions
import supervision.duties
import supervision.handlers
import supervision.store
import supervision.subscriptions
from contracts.flows import FLOWS
from kit.due import Due
from kit.identity import Actor, Directory, Office
from kit.inbox import Handler, Inbox
from kit.memory import MemoryStore
from kit.unit import LogEntry, Model, Unit, no_check
from kit.vault import Vault
from routing.domain.places import Place
from supervision.calendars import shipped
from supervision.means import Means
from tool.demo import Life
from tool.demo.detours import HELP_DAYS, Detour
from tool.demo.people import Person

ACTOR = Actor("tool", "petition generate", None, frozenset(), None)
MODELS: dict[str, Model] = {
    # whoever tells a life in memory hears it too: nothing on the way has to be checked
    model.source: replace(model, check=no_check)
    for model in (
        intake.store.MODEL,
        routing.store.MODEL,
        supervision.store.MODEL,
        stats.store.MODEL,
    )
}
PURPOSES = {
    "suggestion": "suggestion",
    "request": "request",
    "enquiry": "enquiry",
    "other": "other",
}
OPINIONS = {
    "supported": "经调查核实,您反映的情况属实。现答复如下:对您的合理诉求予以支持,由承办单位按时落实。",
    "explained": "经调查核实,现就您反映的情况说明如下:有关政策依据和办理过程已向您当面解释。",
    "not_supported": "经调查核实,您提出的诉求缺乏事实或法律依据,不予支持,理由已书面说明。",
    "settled": "经调解,双方已达成协议,由承办单位督促履行。",
}
TEXTS = {
    "objection": "该事项不属于本单位职责范围,请转有权处理的单位办理。",
    "returned": "情况属实,同意退回,重新转送。",
    "upheld": "经核实,该事项属于你单位职责范围,请继续办理。",
    "assisted": "本单位已对涉及的事项进行核实,有关情况随附,请主办单位汇总答复。",
    "longer": "情况复杂,需要进一步调查核实。",
    "parties": "信访人与承办单位",
    "grounds": "对处理意见认定的事实有不同看法,请求重新审查。",
}
ELSEWHERE = {
    "litigation": "人民法院",
    "administrative": "有权处理的行政机关",
    "arbitration": "劳动人事争议仲裁委员会",
    "outside_remit": "有权处理的机关、单位",
}
REVIEWS = {
    "upheld": "经审查,原意见认定事实清楚、依据正确,予以维持。",
    "changed": "经审查,原意见部分内容不当,予以变更,具体意见如下。",
}


@dataclass(frozen=True)
class Vaults:
    """The vaults of the services that seal what a person wrote."""

    intake: Vault
    routing: Vault
    supervision: Vault

    @classmethod
    def of(cls, key: bytes) -> Vaults:
        """Each service's own, of a site's key."""
        return cls(*(Vault(key, name) for name in ("intake", "routing", "supervision")))


class History:
    """Lives of petitions in memory, up to one instant."""

    def __init__(
        self, vaults: Vaults, offices: Iterable[Office], until: datetime, site: str
    ) -> None:
        self.vaults, self.until, self.site = vaults, until, site
        self.directory = Directory(offices)
        self.stores = {name: MemoryStore(model) for name, model in MODELS.items()}
        self.means = Means(vaults.supervision, shipped(), self.directory)
        self._handlers: dict[str, dict[str, Handler]] = {
            "intake": intake.subscriptions.SUBSCRIPTIONS,
            "routing": routing.subscriptions.SUBSCRIPTIONS,
            "supervision": supervision.subscriptions.subscriptions(shipped),
            "stats": stats.subscriptions.SUBSCRIPTIONS,
        }

        self._coming: dict[str, list[LogEntry]] = {name: [] for name in MODELS}

    def clear(self) -> None:
        """Forgets everything, for the next chunk."""
        self.stores = {name: MemoryStore(model) for name, model in MODELS.items()}

    def live(self, life: Life, number: str, first: str | None = None) -> None:
        """Lives one life up to `until`. `first` is the number of the petition that it repeats."""
        root = self.directory.root()
        assert root is not None, "a site has a petition office"
        at = life.registered_at
        self._do(
            "intake",
            at,
            lambda unit: intake.handlers.register(
                unit, number, _body(life), root.id, self.vaults.intake, at
            ),
        )
        for step in life.steps:
            if step.kind != "registered" and step.at <= self.until:
                self._due(number, step.at)
                self._step(Moment(life, number, first, step.at), step.kind)
        self._due(number, self.until)
        self._settle()

    def _step(self, now: Moment, kind: str) -> None:
        """One step, by the service that does it."""
        service, row, take = STEPS[kind]

        def work(unit: Unit) -> None:
            unit.open([now.number])
            found = unit.get(row, now.number)
            assert found is not None
            take(self, unit, found, now)

        self._do(service, now.at, work)

    def _due(self, number: str, until: datetime) -> None:
        """Lets pass what fell due in the meantime, each at its own moment."""
        self._hear("supervision")
        store = self.stores["supervision"]
        while True:
            waiting = [
                due
                for due in store.load(_DUE, [number])
                if due.fired_at is None and due.due_at <= until
            ]
            if not waiting:
                return
            at = min(due.due_at for due in waiting)

            def fire(unit: Unit, at: datetime = at) -> None:
                unit.open([number])
                for due in unit.all(Due, number):
                    if due.fired_at is None and due.due_at <= at:
                        supervision.duties.fire(unit, due)

            self._do("supervision", at, fire)

    # -- the bus in memory -------------------------------------------------------------------------

    def _do(self, service: str, at: datetime, work: Callable[[Unit], Any]) -> None:
        """One command, after the service has heard what was on its way to it."""
        self._hear(service)
        unit = self.stores[service].unit(at, self.site)
        work(unit)
        unit.flush()
        self._publish(service, unit.changes.events)

    def _publish(self, source: str, entries: list[LogEntry]) -> None:
        for consumer in FLOWS[source]:
            if consumer in self._coming:
                self._coming[consumer] += entries

    def _hear(self, consumer: str) -> None:
        """What is on its way to one service, each event at its own time, in one unit."""
        entries, self._coming[consumer] = self._coming[consumer], []
        if not entries:
            return
        unit = self.stores[consumer].unit(entries[0].event.time, self.site)
        for entry in entries:
            unit.now = max(unit.now, entry.event.time)
            Inbox(unit, self._handlers[consumer]).apply([(entry.event, entry.body)])
        unit.flush()
        self._publish(consumer, unit.changes.events)

    def _settle(self) -> None:
        """Everybody hears everything."""
        while any(self._coming.values()):
            for consumer in self._coming:
                self._hear(consumer)


_DUE = supervision.store.MODEL.mapping(Due)


@dataclass(frozen=True)
class Moment:
    """A step of a life: whose, and when."""

    life: Life
    number: str
    first: str | None
    at: datetime

    @property
    def dated(self) -> dict[str, Any]:
        """The body of a step that says nothing but when it was."""
        return {"at": self.at}

    @property
    def served(self) -> dict[str, Any]:
        """The body of a service."""
        return {"at": self.at, "method": "in_person", "served_on": _day(self.at)}

    @property
    def detour(self) -> Detour:
        """What is particular about the way."""
        assert self.life.detour is not None
        return self.life.detour


# -- the steps, as the services take them ----------------------------------------------------------

Take = Callable[[History, Unit, Any, Moment], Any]


def _located(history: History, unit: Unit, matter: Any, now: Moment) -> None:
    matter.locating = False
    routing.handlers.locate(unit, matter, Place(now.life.place, "generated"), "rule", now.at)


def _assigned(history: History, unit: Unit, matter: Any, now: Moment) -> None:
    matter.locating = False
    detour, helpers = now.life.detour, []
    if detour and detour.kind == "assisted":
        due_on = _day(now.at) + timedelta(days=HELP_DAYS)
        helpers = [{"office": detour.other, "due_on": due_on}]
    _assign(history, unit, matter, now, now.life.office, helpers)


def _sent_wrong(history: History, unit: Unit, matter: Any, now: Moment) -> None:
    matter.locating = False
    _assign(history, unit, matter, now, now.detour.other, [])


def _assign(
    history: History, unit: Unit, matter: Any, now: Moment, office: str, helpers: list[Any]
) -> None:
    body = {"office": office, "method": "transfer", "at": now.at, "assisting": helpers}
    routing.handlers.assign(unit, matter, body, ACTOR, history.directory)


def _objected(history: History, unit: Unit, matter: Any, now: Moment) -> None:
    body = {"reason": "outside_remit", "text": TEXTS["objection"]}
    officer = replace(ACTOR, kind="officer", office=matter.office)  # the body alone objects
    routing.handlers.raise_objection(unit, matter, body, officer, history.vaults.routing)


def _decided(agreed: bool) -> Take:
    def take(history: History, unit: Unit, matter: Any, now: Moment) -> None:
        body = {"agreed": agreed, "text": TEXTS["returned" if agreed else "upheld"]}
        vaults = history.vaults
        routing.handlers.decide_objection(
            unit, matter, body, ACTOR, vaults.routing, history.directory
        )

    return take


def _declined(history: History, unit: Unit, matter: Any, now: Moment) -> None:
    body = {"reason": now.detour.decline, "elsewhere": ELSEWHERE.get(now.detour.decline)}
    routing.handlers.decline(unit, matter, body, ACTOR, history.vaults.routing)


def _linked(history: History, unit: Unit, petition: Any, now: Moment) -> None:
    assert now.first is not None, "the number of what it repeats"
    first = replace(petition, number=now.first, repeat_of=None)
    intake.handlers.link(unit, petition, {}, ACTOR, first)


def _withdrawn(history: History, unit: Unit, petition: Any, now: Moment) -> None:
    intake.handlers.withdraw(unit, petition, {}, ACTOR, history.vaults.intake)


def _rated(history: History, unit: Unit, petition: Any, now: Moment) -> None:
    rating = dict.fromkeys(("petition_office", "responsible_office"), now.life.rating)
    body = rating | {"comment": None}
    intake.handlers.rate(unit, petition, body, ACTOR, history.vaults.intake)


def _case(handler: Callable[..., Any], body: Callable[[Moment], dict[str, Any]]) -> Take:
    """A step of supervision."""

    def take(history: History, unit: Unit, case: Any, now: Moment) -> None:
        handler(unit, case, body(now), ACTOR, history.means)

    return take


def _accepted(now: Moment) -> dict[str, Any]:
    simple = now.life.detour is not None and now.life.detour.kind == "simple"
    return now.dated | {"procedure": "simple" if simple else "ordinary", "claims": []}


def _answered(history: History, unit: Unit, case: Any, now: Moment) -> None:
    """An opinion, or the agreement that takes its place (Art. 33)."""
    outcome = now.life.outcome
    assert outcome is not None
    if outcome == "settled":
        agreement = {
            "kind": "mediation", "held_on": _day(now.at), "parties": TEXTS["parties"],
            "agreed": True, "text": OPINIONS[outcome], "claims": [],
        }  # fmt: skip
        supervision.handlers.mediate(unit, case, now.dated | agreement, ACTOR, history.means)
        return
    opinion = {"outcome": outcome, "opinion": OPINIONS[outcome]}
    supervision.handlers.answer(unit, case, now.dated | opinion, ACTOR, history.means)


def _review(now: Moment) -> dict[str, Any]:
    review = now.detour.review
    return now.dated | {"outcome": review, "opinion": REVIEWS[review]}


_ASKED = {"grounds": TEXTS["grounds"], "requested_on": None}
_LONGER = {"days": 30, "reason": TEXTS["longer"]}
_HANDLE = supervision.handlers
_SUPERVISION: dict[str, Take] = {
    "accepted": _case(_HANDLE.accept, _accepted),
    "assisted": _case(_HANDLE.assist, lambda now: now.dated | {"text": TEXTS["assisted"]}),
    "extension_asked": _case(_HANDLE.ask_extension, lambda now: now.dated | _LONGER),
    "extended": _case(_HANDLE.decide_extension, lambda now: now.dated | {"approved": True}),
    "extension_refused": _case(
        _HANDLE.decide_extension, lambda now: now.dated | {"approved": False}
    ),
    "answered": _answered,
    "served": _case(_HANDLE.serve, lambda now: now.served),
    "closed": _case(_HANDLE.close, lambda now: now.dated),
    "notified": _case(_HANDLE.notify, lambda now: now.served),
    "review_sought": _case(_HANDLE.seek_review, lambda now: now.dated | _ASKED),
    "review_decided": _case(_HANDLE.decide_review, _review),
    "review_served": _case(_HANDLE.serve_review, lambda now: now.served),
}
_SUPERVISION |= {f"re{name}": take for name, take in _SUPERVISION.items() if name[:3] == "rev"}
_ROUTING: dict[str, Take] = {
    "located": _located,
    "assigned": _assigned,
    "sent_wrong": _sent_wrong,
    "objected": _objected,
    "returned": _decided(agreed=True),
    "upheld": _decided(agreed=False),
    "declined": _declined,
    "signed": lambda _, unit, matter, now: routing.handlers.sign(unit, matter, now.dated, ACTOR),
}
_INTAKE: dict[str, Take] = {"linked": _linked, "withdrawn": _withdrawn, "rated": _rated}
STEPS: dict[str, tuple[str, type[Any], Take]] = {
    name: (service, row, take)
    for service, row, takes in (
        ("intake", intake.store.Petition, _INTAKE),
        ("routing", routing.store.Matter, _ROUTING),
        ("supervision", supervision.store.Case, _SUPERVISION),
    )
    for name, take in takes.items()
}
"""Kind of step → the service that does it, the row that it is done on, and how."""


def _day(at: datetime) -> Any:
    return at.astimezone(supervision.duties.ZONE).date()


def _body(life: Life) -> dict[str, Any]:
    """A life as the body of its registration."""
    people = [_person(life.petitioner, "petitioner")]
    people += [_person(p, "representative") for p in life.representatives if p != life.petitioner]
    agents = [_person(life.agent, "agent")] if life.agent else []
    return {
        "channel": life.channel,
        "type": PURPOSES[life.purpose],
        "category": life.category,
        "title": life.title,
        "text": life.text,
        "received_on": _day(life.received_at),
        "division": None,
        "head_count": max(life.head_count, len(people)),
        "household_count": life.household_count,
        "anonymous": False,
        "people": [*people, *agents],
        "complained_about": None,
        "accused": [],
        "postmarked_on": None,
        "barcode": None,
        "urgent": False,
        "simple": False,
        "confidential": False,
        "claims": [],
        "source_ref": None,
    }


def _person(person: Person, role: str) -> dict[str, Any]:
    return {
        "role": role,
        "name": person.name,
        "id_kind": "resident",
        "id_number": person.id_number,
        "phone": person.phone,
        "address": person.address,
    }
