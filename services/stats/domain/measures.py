"""What is counted, at two grains: the case (件, a function of how it stands) and the step (件次 of an event).

A case's marks follow from its row alone: each measure names the instant whose day it counts on and what else
must hold. The same declaration is read here in Python, for the differences that an event makes, and in SQL,
for the list of cases behind a figure; so the two cannot part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, Protocol

# -- steps -----------------------------------------------------------------------------------------

MEASURES: dict[str, str] = {
    "petition.registered": "registered",
    "petition.located": "located",
    "petition.assigned": "assigned",
    "petition.signed": "signed",
    "petition.objected": "objected",
    "petition.returned": "returned",
    "petition.declined": "declined",
    "petition.withdrawn": "withdrawn",
    "petition.accepted": "accepted",
    "petition.extended": "extended",
    "petition.answered": "answered",
    "petition.served": "served",
    "petition.closed": "closed",
    "petition.reopened": "reopened",
    "petition.final": "final",
    "petition.rated": "rated",
    "review.requested": "review_requested",
    "review.decided": "review_decided",
    "duty.approaching": "approaching",
    "duty.missed": "missed",
    "urgent.reported": "urgent",
}
"""Event type → measure. `registered` is a case's own mark: there is one event of it, and its place comes later."""
REVIEW_SERVED = "review_served"
"""Services of review and re-review opinions: apart from 送达, which would else exceed the answers."""
TYPE_OF: dict[str, str] = {m: t for t, m in MEASURES.items()} | {REVIEW_SERVED: "petition.served"}
"""Measure → event type."""
FOLLOWED = (
    "petition.supplemented", "urgent.marked", "service.returned", "petition.linked", "petition.unlinked",
    "petition.contested", "petition.upheld", "assist.answered", "extension.requested", "extension.refused",
    "petition.rescheduled", "document.issued", "document.voided",
    "order.issued", "order.answered", "order.confirmed", "order.returned",
    "order.lifted", "petition.mediated", "petition.followed",
    "attachment.added", "reception.recorded", "reception.followed",
    "hearing.opened", "hearing.closed", "duty.lapsed", "petition.consulted", "petition.referred",
    "petition.designated", "petition.succeeded", "petition.recused",
)  # fmt: skip
"""Events that are kept, and count as no step."""


def step(type_: str, data: Mapping[str, Any]) -> str | None:
    """The measure that an event is a step of, if of any. A further report (续报) is part of the report of its
    matter, and no step of its own: the figure says how many matters were reported, not how often (Art. 25)."""
    if type_ == "petition.registered":
        return None
    if type_ == "urgent.reported" and data["ordinal"] > 1:
        return None
    if type_ == "petition.served" and data["stage"] != "handle":
        return REVIEW_SERVED
    return MEASURES.get(type_)


# -- cases -----------------------------------------------------------------------------------------

VISITS = ("visit", "visit_down")
ONLINE = ("web", "mobile", "wechat", "mailbox")
FORMS = ("letter", *VISITS, *ONLINE)
"""信、访、网: what the share of the net (网信占比) is taken of."""
SATISFIED = ("satisfied", "basic")


@dataclass(frozen=True)
class Measure:
    """One thing that is counted of cases.

    Args:
        day: the instant on whose day it counts; nothing is counted where there is none.
        where: columns and the values that they may have.
        amount: the column that is added up, where it is not the cases that are counted.
        receiver: it counts for the office that registered it, else for the one that has it now.
        limit: `day` is the end of a limit, which belongs to the day before it.
        window: `day` is the end of a time that is waited.
        stock: what stands at the end of a period (在办), not what happened in it.
        apart: conditions that no roll-up can hold (`stats.queries.cases`); served from the cases alone.
    """

    id: str
    day: str
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    amount: str | None = None
    receiver: bool = False
    limit: bool = False
    window: bool = False
    stock: bool = False
    apart: bool = False

    @property
    def ripens(self) -> bool:
        """Whether it is counted only once its day is over: nobody is late before, and nobody in time either."""
        return self.limit or self.window


FIRST = {"turn": ("first",)}
_BY_CASE = (
    Measure("registered", "registered_at", receiver=True),
    Measure("matter", "registered_at", FIRST, receiver=True),
    Measure("repeated", "registered_at", {"turn": ("repeat",)}, receiver=True),
    Measure("heads", "registered_at", amount="head_count", receiver=True),
    Measure("visit", "registered_at", {"channel": VISITS}, receiver=True),
    Measure("visit_heads", "registered_at", {"channel": VISITS}, "head_count", receiver=True),
    Measure("household", "registered_at", {"channel": VISITS}, "household_count", receiver=True),
    Measure("by_form", "registered_at", {"channel": FORMS}, receiver=True),
    Measure("online", "registered_at", {"channel": ONLINE}, receiver=True),
    Measure("open", "registered_at", stock=True),
    Measure("forward_due", "forward_due", {"forward_in_time": (True, False)}, receiver=True, limit=True),
    Measure("forward_in_time", "forward_due", {"forward_in_time": (True,)}, receiver=True, limit=True),
    Measure("accept_due", "accept_due", FIRST | {"accept_in_time": (True, False)}, limit=True),
    Measure("accept_in_time", "accept_due", FIRST | {"accept_in_time": (True,)}, limit=True),
    Measure("answer_due", "answer_due", FIRST | {"answer_in_time": (True, False)}, limit=True),
    Measure("answer_in_time", "answer_due", FIRST | {"answer_in_time": (True,)}, limit=True),
    Measure("close_due", "answer_due", {"close_in_time": (True, False)}, limit=True),
    Measure("close_in_time", "answer_due", {"close_in_time": (True,)}, limit=True),
    Measure("rate_due", "rate_due", window=True),
    Measure("rate_given", "rate_due", {"rating": (*SATISFIED, "unsatisfied")}, window=True),
    Measure("rating_given", "rated_at"),
    Measure("satisfied_sender", "rated_at", {"sender_rating": SATISFIED}),
    Measure("satisfied_body", "rated_at", {"rating": SATISFIED}),
    Measure("first_accepted", "accepted_at", FIRST),
    Measure("days_to_accept", "accepted_at", FIRST, "days_to_accept"),
    Measure("first_answered", "answered_at", FIRST),
    Measure("days_to_answer", "answered_at", FIRST, "days_to_answer"),
    Measure("case_closed", "closed_at"),
    Measure("sent_back", "closed_at", {"sent_back": (True,)}),
    Measure("repeat_due", "closed_at", FIRST, apart=True),
    Measure("unrepeated", "closed_at", FIRST, apart=True),
    Measure("case_assigned", "assigned_at"),
    Measure("bounced", "assigned_at", {"bounced": (True,)}),
    Measure("case_served", "served_at"),
    Measure("reviewed", "served_at", {"reviewed": (True,)}),
    Measure("review_done", "review_decided_at"),
    Measure("overturned", "review_decided_at", {"overturned": (True,)}),
)  # fmt: skip
CASE_MEASURES: dict[str, Measure] = {measure.id: measure for measure in _BY_CASE}
STEP_MEASURES = tuple(m for m in TYPE_OF if m not in CASE_MEASURES)


class Case(Protocol):
    """What marks are read from."""

    office: str | None
    registered_by: str
    ended_at: datetime | None


Mark = tuple[date, str, str, int]
"""The day, the measure, the office that it counts for, and how many."""
_INSTANT_BEFORE = timedelta(microseconds=1)


def marks(case: Case, day_of: Callable[[datetime], date]) -> Iterator[Mark]:
    """Everything that a case counts as, the way it stands. `day_of` tells an instant's day at the office."""
    receiver = case.registered_by
    holder = case.office or receiver
    for (instant_of, limit), measures in _BY_INSTANT:
        instant = instant_of(case)
        if instant is None:
            continue
        day = day_of(instant - _INSTANT_BEFORE if limit else instant)
        for measure, conditions in measures:
            for value_of, allowed in conditions:
                if value_of(case) not in allowed:
                    break
            else:
                n = 1 if measure.amount is None else getattr(case, measure.amount)
                if n:
                    yield day, measure.id, receiver if measure.receiver else holder, n
    if case.ended_at is not None:
        yield day_of(case.ended_at), "open", holder, -1


_Compiled = tuple[Measure, tuple[tuple[Callable[[Case], Any], tuple[Any, ...]], ...]]


def _compiled() -> Iterator[tuple[tuple[Callable[[Case], Any], bool], tuple[_Compiled, ...]]]:
    """Measures by the instant on whose day they count, and whether it is the end of a limit."""
    found: dict[tuple[str, bool], list[_Compiled]] = {}
    for m in _BY_CASE:
        if not m.apart:
            where = tuple((attrgetter(c), values) for c, values in m.where.items())
            found.setdefault((m.day, m.limit), []).append((m, where))
    for (instant, limit), measures in found.items():
        yield (attrgetter(instant), limit), tuple(measures)


_BY_INSTANT = tuple(_compiled())

# -- dimensions ------------------------------------------------------------------------------------

DIMENSIONS = ("day", "office", "division", "channel", "type")
"""What `/counts` groups by."""
TIMES = ("day", "month")
STEP_DIMENSIONS = ("office", "level", "division", "town", "channel", "type", "size")
"""What holds of a step for ever; category and 初次/重复 are corrected later, and are a case's."""
CASE_DIMENSIONS = (*STEP_DIMENSIONS, "category", "topic", "turn")
FOLDED = {"level": "office", "topic": "category"}
"""Dimensions that are read off another: the level of an office, the first level of a category (c05 of c050101)."""
TOPIC_LENGTH = 3
