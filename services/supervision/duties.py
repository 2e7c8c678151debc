"""Opening, moving, ending and firing duties: one mechanism for whatever is owed (house.md 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.public import path, stamp
from kit.due import Due
from kit.unit import Unit
from supervision.domain import clocks
from supervision.domain.calendar import Calendar
from supervision.domain.clocks import Pause, Term
from supervision.store import Affair, Case, Duty, Holder

ZONE = ZoneInfo("Asia/Shanghai")
SETTLING = timedelta(minutes=10)
"""A register brought in from elsewhere opens duties that ended long ago; its later steps get this long to
arrive before the clock looks, so that what was done in time is not told as missed."""
WAIT, NEVER = "wait", datetime(9999, 1, 1, tzinfo=UTC)
"""An open duty that is paused, or red already, keeps its due row: it may be armed again."""
PUBLIC = {
    "forward": "forward_due", "accept": "accept_due", "inform": "accept_due", "answer": "answer_due",
    "simple_answer": "answer_due", "review": "review_due", "rereview": "review_due",
}  # fmt: skip
"""Kinds whose due date stands in the public state, and where."""

DEMANDED = ("order", "report", "confirm", "feedback")
"""What is owed because somebody demands it, whatever becomes of the petition."""
AFTER = (*DEMANDED, "urgent", "promise", "follow_up", "reopen")
"""What may still be owed where the way has ended. A major or urgent matter is reported whatever becomes of the
petition: it is the danger that is told of, not who petitioned (Art. 25). What somebody promised to a petitioner's face
is kept, or it is written down that it was not, also where the petition was declined or is final."""

Lapse = Callable[[Unit, Case, Duty, datetime], None]


def open_duty(
    unit: Unit, case: Holder, kind: str, office: str, started: datetime, zero: date,
    calendar: Calendar, last: date | None = None,
) -> Duty:  # fmt: skip
    """Opens a duty on a case or an affair, and the row that will fall due.

    Args:
        zero: the day of the event.
        last: the last day where whoever opens it sets one (D5), else by the rule in force on `zero`.
    """
    rule = clocks.rule_for(kind, max(zero, clocks.FORCE), calendar.limits)
    duty = Duty(
        number=case.number,
        kind=kind,
        round=1 + sum(d.kind == kind for d in unit.all(Duty, case.number)),
        office=office,
        rule=rule.id,
        ground=rule.ground,
        started_at=started,
        zero=zero,
        length=(last - zero).days if last else rule.length or 0,
        pauses=[],
        warn_at=None,
        due_at=None,
        state="open",
    )
    unit.add(duty)
    unit.add(Due(case.number, duty.item, "warn", unit.now))
    reckon(unit, case, duty, calendar)
    due = unit.get(Due, duty.item)
    if due is not None and due.due_at < unit.now:
        due.due_at = unit.now + SETTLING
    return duty


def reckon(unit: Unit, case: Holder, duty: Duty, calendar: Calendar) -> None:
    """Sets both instants anew, and the row that will fall due: at the start, and whenever an extension,
    a pause or a change of the calendar moves them."""
    duty.warn_at, duty.due_at = instants(duty, calendar)
    if name := PUBLIC.get(duty.kind):
        setattr(case, name, duty.due_at)
    due = unit.get(Due, duty.item)
    assert due is not None, "every open duty has its due row"
    if duty.due_at is None:  # it stands still, and may end where it was: what was told stays told
        due.kind, due.due_at = WAIT, NEVER
        return
    if duty.missed_at != duty.due_at:  # a crossing that has moved is to be told anew
        duty.missed_at = None
    if duty.warned_at != duty.warn_at:
        duty.warned_at = None
    if duty.missed_at:
        due.kind, due.due_at = WAIT, NEVER
        return
    due.kind = "warn" if duty.warn_at and not duty.warned_at else "miss"
    moment = crossing(duty, due.kind)
    assert moment is not None
    due.due_at = moment


def instants(duty: Duty, calendar: Calendar) -> tuple[datetime | None, datetime | None]:
    """When it warns and when it is over, by this calendar; None while it is paused."""
    rule = clocks.rule_of(duty.rule)
    if rule.unit == "hour":
        return None, duty.started_at + timedelta(hours=duty.length)
    last = clocks.last_day(term(duty), calendar)
    if last is None:
        return None, None
    return clocks.warn_at(rule, last, calendar, ZONE), clocks.due_at(last, ZONE)


def term(duty: Duty) -> Term:
    """The limit of a duty, as the domain reckons it."""
    pauses = tuple(_pause(text) for text in duty.pauses)
    return Term(clocks.rule_of(duty.rule), duty.zero, duty.length, pauses)


def _pause(text: str) -> Pause:
    since, _, until = text.partition("/")
    return Pause(date.fromisoformat(since), None if until == ".." else date.fromisoformat(until))


def heard(duty: Duty) -> bool:
    """Whether its limit stands still: a hearing is under way."""
    return duty.state == "open" and any(pause.endswith("/..") for pause in duty.pauses)


# -- pieces of a duty's life -----------------------------------------------------------------------


def find(unit: Unit, number: str, *kinds: str, office: str | None = None) -> Duty | None:
    """The open duty of one of these kinds; of one office where several owe the same."""
    for duty in unit.all(Duty, number):
        if duty.kind in kinds and duty.state == "open" and office in (None, duty.office):
            return duty
    return None


def end_duty(
    unit: Unit, case: Case, at: datetime, *kinds: str, state: str = "fulfilled",
    office: str | None = None,
) -> Duty | None:  # fmt: skip
    """Ends the open duty of one of these kinds, if there is one. Late is late: a crossing not yet
    noticed is told now, back-dated to the moment it happened. A void duty crosses nothing any more."""
    duty = find(unit, case.number, *kinds, office=office)
    if duty is not None:
        finish_duty(unit, duty, at, state)
    return duty


def void_all(unit: Unit, case: Case, at: datetime, *kinds: str) -> None:
    """Nobody owes these any longer; without kinds: nothing at all."""
    for duty in unit.all(Duty, case.number):
        if duty.state == "open" and (not kinds or duty.kind in kinds):
            finish_duty(unit, duty, at, "void")


def void_way(unit: Unit, case: Case, at: datetime, *also: str) -> None:
    """Nobody owes the steps on the way any longer; demands, and what is owed after the end, go on.

    Args:
        also: kinds of those that end nevertheless.
    """
    for duty in unit.all(Duty, case.number):
        if duty.state == "open" and (duty.kind not in AFTER or duty.kind in also):
            finish_duty(unit, duty, at, "void")


def wanted(kind: str, zero: date, calendar: Calendar) -> bool:
    """Whether the site wants this at all: a length of 0 says no."""
    return clocks.rule_for(kind, max(zero, clocks.FORCE), calendar.limits).length != 0


def finish_duty(unit: Unit, duty: Duty, at: datetime, state: str = "fulfilled") -> None:
    """Ends one duty (see `end_duty`)."""
    due = unit.get(Due, duty.item)
    if due is not None and due.fired_at is None:
        while state == "fulfilled" and due.fired_at is None and _passed(duty, due.kind, at):
            fire(unit, due)
        due.fired_at = due.fired_at or unit.now
    if duty.state == "open":  # a window may just have lapsed
        duty.state, duty.ended_at = state, at


def _passed(duty: Duty, kind: str, at: datetime) -> bool:
    moment = crossing(duty, kind)
    return moment is not None and moment <= at


def crossing(duty: Duty, kind: str) -> datetime | None:
    """When the light of this duty turned yellow (`warn`) or red (`miss`)."""
    if kind == WAIT:
        return None
    return duty.due_at if kind == "miss" else duty.warn_at


# -- what falls due --------------------------------------------------------------------------------

LAPSES: dict[str, Lapse] = {}
"""What follows where a window closes unused, by kind; `handlers` fills it in."""


def fire(unit: Unit, due: Due) -> None:
    """A due row's crossing: looks again, tells, and moves on to the next (kit.due.Fire).

    Emits duty.approaching, duty.missed or duty.lapsed, once each, with the time it happened.
    """
    number, kind, round_ = due.item.rsplit(":", 2)
    duty = unit.get(Duty, number, kind, int(round_))
    case: Holder | None = unit.get(Case, number) or unit.get(Affair, number)
    at = crossing(duty, due.kind) if duty else None
    if duty is None or case is None or at is None or duty.state != "open":
        due.fired_at = unit.now
        return
    if due.kind == "warn":
        duty.warned_at = at
        _tell(unit, case, duty, "duty.approaching", at)
        assert duty.due_at is not None
        due.kind, due.due_at = "miss", duty.due_at
        return
    due.kind, due.due_at = WAIT, NEVER  # red, and still owed: it may yet be extended
    if clocks.rule_of(duty.rule).lapses:
        due.fired_at = unit.now
        duty.state, duty.ended_at = "lapsed", at
        _tell(unit, case, duty, "duty.lapsed", at)
        if isinstance(case, Case) and (consequence := LAPSES.get(duty.kind)):
            consequence(unit, case, duty, at)
    else:
        duty.missed_at = at
        _tell(unit, case, duty, "duty.missed", at)


def _tell(unit: Unit, case: Holder, duty: Duty, type_: str, at: datetime) -> None:
    assert duty.due_at is not None
    unit.emit(
        case.number,
        case.event(type_),
        {
            **case.told(),
            "duty": duty.kind,
            "office": duty.office,
            "due_at": stamp(duty.due_at),
            "at": stamp(at),
        },
        path=path(case.division),
        sealed=case.sealed,
    )
