"""A past that never went over the wire: lives of petitions, told by the services' own handlers.

The same handlers, rules and inbox that serve a running site run here on `MemoryStore`, each with the
clock standing where the life stands; what they leave behind is copied into the four schemas
(`tool.copying`). So a generated year is what a lived year would have been, and `petition audit` holds
for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
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
}


@dataclass(frozen=True)
class Vaults:
    """The vaults of the two services that seal what a person wrote."""

    intake: Vault
    supervision: Vault


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

    def live(self, life: Life, number: str) -> None:
        """Lives one life up to `until`."""
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
                self._step(life, number, step.kind, step.at)
        self._due(number, self.until)
        self._settle()

    # -- one step --------------------------------------------------------------------------------

    def _step(self, life: Life, number: str, kind: str, at: datetime) -> None:
        if kind == "located":
            place = Place(life.place, "generated")
            self._routed(number, at, lambda u, m: routing.handlers.locate(u, m, place, "rule", at))
        elif kind == "assigned":
            body = {"office": life.office, "method": "transfer", "at": at}
            self._routed(
                number,
                at,
                lambda u, m: routing.handlers.assign(u, m, body, ACTOR, self.directory),
            )
        elif kind == "signed":
            self._routed(number, at, lambda u, m: routing.handlers.sign(u, m, {"at": at}, ACTOR))
        elif kind == "rated":
            self._rate(life, number, at)
        else:
            self._handle(life, number, kind, at)

    def _routed(self, number: str, at: datetime, work: Callable[[Unit, Any], Any]) -> None:
        def step(unit: Unit) -> None:
            unit.open([number])
            matter = unit.get(routing.store.Matter, number)
            assert matter is not None
            matter.locating = False
            work(unit, matter)

        self._do("routing", at, step)

    def _handle(self, life: Life, number: str, kind: str, at: datetime) -> None:
        def step(unit: Unit) -> None:
            unit.open([number])
            case = unit.get(supervision.store.Case, number)
            assert case is not None
            body: dict[str, Any] = {"at": at}
            if kind == "accepted":
                body |= {"procedure": "ordinary", "claims": []}
                supervision.handlers.accept(unit, case, body, ACTOR, self.means)
            elif kind == "answered":
                assert life.outcome is not None
                body |= {"outcome": life.outcome, "opinion": OPINIONS[life.outcome]}
                supervision.handlers.answer(unit, case, body, ACTOR, self.means)
            elif kind == "served":
                body |= {"method": "in_person", "served_on": _day(at)}
                supervision.handlers.serve(unit, case, body, ACTOR, self.means)
            elif kind == "closed":
                supervision.handlers.close(unit, case, body, ACTOR, self.means)
            else:
                raise ValueError(f"unknown step {kind}")

        self._do("supervision", at, step)

    def _rate(self, life: Life, number: str, at: datetime) -> None:
        def step(unit: Unit) -> None:
            unit.open([number])
            petition = unit.get(intake.store.Petition, number)
            assert petition is not None
            body = {
                "petition_office": life.rating,
                "responsible_office": life.rating,
                "comment": None,
            }
            intake.handlers.rate(unit, petition, body, ACTOR, self.vaults.intake)

        self._do("intake", at, step)

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
