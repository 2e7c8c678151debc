"""From events to facts and tallies; each event counts once, by the cursor it moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.public import fields_of, seen_by, succeed
from kit import clock
from kit.envelope import Event
from kit.identity import aside
from kit.unit import Unit
from stats.domain.measures import INSTANT, measure
from stats.store import Fact, Tally, Transition


def on_registered(unit: Unit, event: Event) -> None:
    """A new case."""
    state = fields_of(event.data["petition"])
    fact = Fact(
        **state, sealed=event.sealed, offices=[state["registered_by"]], barred=event.data["barred"]
    )
    unit.add(fact)
    _count(unit, event, fact, fact.registered_at)


def on_step(unit: Unit, event: Event) -> None:
    """Any later step of a case."""
    fact = unit.get(Fact, event.subject)
    if fact is None:
        raise LookupError(f"no fact {event.subject}")
    fact.take(event.source, event.data["petition"])
    fact.offices = seen_by(fact.offices, event.type, event.data)
    if event.type == "petition.succeeded":
        succeed(fact, event.data["from_office"], event.data["to_office"], "registered_by")
    elif event.type == "petition.recused":
        fact.barred = [*fact.barred, aside(event.data["account"])]
    if name := INSTANT.get(event.type):
        setattr(fact, name, event.time)
    _keep(fact, event.type, event.data)
    at = datetime.fromisoformat(event.data["at"]) if "at" in event.data else event.time
    _count(unit, event, fact, at)


def _keep(fact: Fact, type_: str, data: dict[str, Any]) -> None:
    if type_ == "petition.closed":
        fact.on_time = data["on_time"]
    elif type_ == "petition.answered":
        fact.outcome = data["outcome"]
    elif type_ == "petition.rated":
        fact.rating = data["responsible_office"]


def _count(unit: Unit, event: Event, fact: Fact, at: datetime) -> None:
    """One transition, and one more in its cell of the day's tally."""
    unit.add(Transition(event.subject, event.source, event.sequence, event.type, at, unit.now))
    if (counted := measure(event.type, event.data)) is None:
        return
    key = (
        clock.local_date(at),
        clock.local_date(unit.now),
        counted,
        fact.office or fact.registered_by,
        fact.division or "",
        fact.channel,
        fact.type,
    )
    cell = (*key, tuple(fact.barred))
    tally = unit.notes.get(cell)
    if tally is None:
        tally = unit.notes[cell] = Tally(*key, 0, list(fact.barred))
        unit.add(tally)
    tally.n += 1
