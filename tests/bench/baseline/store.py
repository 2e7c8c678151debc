"""What the plain pipeline writes: plain SQL, one transaction a step, each step once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
from psycopg2.extras import Json

from routing.domain.remit import Body
from stats.domain.measures import MEASURES
from supervision.calendars import shipped
from supervision.domain import clocks

ZONE = ZoneInfo("Asia/Shanghai")
STEPS = ("petition.registered", "petition.located", "petition.assigned")

_local = threading.local()


def connect(url: str) -> Any:
    """This thread's connection; autocommit, since every string below says itself where it begins."""
    connection = getattr(_local, "connection", None)
    if connection is None or connection.closed:
        connection = _local.connection = psycopg2.connect(url)
        connection.autocommit = True
    return connection


def insert(cursor: Any, table: str, rows: Sequence[Mapping[str, Any]], tail: str = "") -> str:
    """An INSERT with its values in it."""
    names = tuple(rows[0])
    holders = "(" + ", ".join(["%s"] * len(names)) + ")"
    columns = ", ".join(f'"{name}"' for name in names)
    values = [[row[name] for name in names] for row in rows]
    parts = ", ".join(cursor.mogrify(holders, row).decode() for row in values)
    return f"INSERT INTO {table} ({columns}) VALUES {parts}{tail}"


def claim(cursor: Any, key: Mapping[str, Any], day: date) -> int | None:
    """Begins a transaction, claims an idempotency key, takes the day's next number; None: key taken."""
    claimed = insert(cursor, "intake.command_key", [key], " ON CONFLICT DO NOTHING RETURNING 1")
    cursor.execute(
        f"BEGIN; WITH k AS ({claimed}) INSERT INTO intake.counter AS n (series, last)"
        f" SELECT 'petition:{day}', 1 FROM k ON CONFLICT (series) DO UPDATE SET last = n.last + 1 RETURNING last"
    )
    row = cursor.fetchone()
    return row[0] if row else None


def commit(cursor: Any, statements: Sequence[str]) -> None:
    """Does the rest of the transaction and commits it, in one round trip."""
    cursor.execute("; ".join([*statements, "COMMIT"]))


def put_matter(url: str, state: Mapping[str, Any], rule: str, at: datetime) -> None:
    """Routing: located by the clerk's choice, assigned by rule."""
    offices = [state["registered_by"], state["office"]]
    matter = {
        **state, "sealed": False, "offices": offices, "barred": [], "locating": False,
        "located_rule": "chosen", "assigned_rule": rule, "method": "transfer", "assigned_at": at,
        "round": 1, "final": False, "objection_closed": False, "returned_by": [],
    }  # fmt: skip
    with connect(url).cursor() as cursor:
        cursor.execute(insert(cursor, "routing.matter", [matter], " ON CONFLICT DO NOTHING"))


def put_case(url: str, state: Mapping[str, Any], at: datetime) -> None:
    """Supervision: the case and its claim, the duty to forward it, which the assignment has ended, and
    the two that the assignment opened."""
    number, sender = state["number"], state["registered_by"]
    received = date.fromisoformat(state["received_on"])
    duties = [
        _duty(number, "forward", sender, received, at, at),
        _duty(number, "accept", state["office"], at.astimezone(ZONE).date(), at),
        _duty(number, "object", state["office"], at.astimezone(ZONE).date(), at),
    ]
    case = {
        **state, "forward_due": duties[0]["due_at"], "accept_due": duties[1]["due_at"],
        "sealed": False, "offices": [sender, state["office"]], "barred": [], "step_at": at,
        "assigned_at": at, "round": 1, "stage": "handle", "sender": sender,
    }  # fmt: skip
    claim = {"number": number, "ordinal": 1, "type": state["type"], "branch": "31-6"}
    due = [
        {
            "subject": number, "item": f"{number}:{duty['kind']}:1", "kind": "warn",
            "due_at": duty["warn_at"] or duty["due_at"], "fired_at": duty.get("ended_at"),
        }
        for duty in duties
    ]  # fmt: skip
    once = " ON CONFLICT DO NOTHING"
    with connect(url).cursor() as cursor:
        cursor.execute(
            "; ".join(
                (
                    insert(cursor, 'supervision."case"', [case], once),
                    insert(cursor, "supervision.claim", [claim], once),
                    *(insert(cursor, "supervision.duty", [duty], once) for duty in duties),
                    *(insert(cursor, "supervision.due", [row], once) for row in due),
                )
            )
        )


def _duty(
    number: str, kind: str, office: str, zero: date, began: datetime, ended: datetime | None = None
) -> dict[str, Any]:
    """A duty with its instants, by the same rules as ours."""
    calendar, rule = shipped(), clocks.rule_for(kind, max(zero, clocks.FORCE))
    last = clocks.last_day(clocks.Term(rule, zero, rule.length or 0), calendar)
    assert last is not None
    return {
        "number": number, "kind": kind, "round": 1, "office": office, "rule": rule.id,
        "ground": rule.ground, "started_at": began, "zero": zero, "length": rule.length,
        "pauses": [], "warn_at": clocks.warn_at(rule, last, calendar, ZONE),
        "due_at": clocks.due_at(last, ZONE), "state": "fulfilled" if ended else "open",
        "ended_at": ended,
    }  # fmt: skip


def count(url: str, state: Mapping[str, Any], at: datetime) -> None:
    """Stats: the fact, its transitions, and one more in the tallies for every transition that is new."""
    registered, offices = state["registered_at"], [state["registered_by"], state["office"]]
    flags = dict.fromkeys(("sealed", "bounced", "extended", "sent_back", "reviewed"), False)
    fact = {
        **state, **flags, "offices": offices, "barred": [], "assigned_at": at, "size": "single",
        "turn": "first",
    }  # fmt: skip
    moments = (("intake", 1, registered), ("routing", 1, at), ("routing", 2, at))
    steps = [
        {
            "number": state["number"], "source": source, "sequence": sequence, "type": type_,
            "measure": MEASURES[type_], "office": state["office"], "division": state["division"],
            "at": moment, "recorded_at": at,
        }
        for type_, (source, sequence, moment) in zip(STEPS, moments, strict=True)
    ]  # fmt: skip
    day = at.astimezone(ZONE).date()
    with connect(url).cursor() as cursor:
        once = " ON CONFLICT DO NOTHING"
        new = insert(cursor, "stats.transition", steps, once + " RETURNING type")
        cell = cursor.mogrify(
            "%s, %s, m.measure, %s, %s, %s, %s, '', '', 'single', false, 1, '{}'",
            (day, day, state["office"], state["division"], state["channel"], state["type"]),
        ).decode()
        measures = ", ".join(f"('{type_}', '{MEASURES[type_]}')" for type_ in STEPS)
        cursor.execute(
            f"{insert(cursor, 'stats.fact', [fact], once)}; WITH new AS ({new}) INSERT INTO"
            " stats.tally (day, recorded_on, measure, office, division, channel, type, category, turn,"
            " size, apart, n, barred)"
            f" SELECT {cell} FROM new JOIN (VALUES {measures}) m (type, measure) USING (type)"
        )


def follow(url: str, state: Mapping[str, Any], rule: str, at: datetime) -> None:
    """Intake: the petition's place and office, and the two steps in its timeline."""
    number, office = state["number"], state["office"]
    lines = [
        note(number, "routing", 1, at, {"by": "person", "rule": "chosen", "office": None}),
        note(number, "routing", 2, at, {"by": "rule", "rule": rule, "office": office}),
    ]
    with connect(url).cursor() as cursor:
        petition = cursor.mogrify(
            "UPDATE intake.petition SET division = %s, office = %s, status = 'assigned',"
            " offices = %s WHERE number = %s AND office IS NULL",
            (state["division"], office, [state["registered_by"], office], number),
        ).decode()
        timeline = insert(cursor, "intake.timeline", lines, " ON CONFLICT DO NOTHING")
        cursor.execute(f"{petition}; {timeline}")


def note(
    number: str, source: str, sequence: int, at: datetime, detail: dict[str, Any]
) -> dict[str, Any]:
    """One line of the petition's timeline."""
    type_ = STEPS[0] if source == "intake" else STEPS[sequence]
    return {
        "number": number, "source": source, "sequence": sequence, "type": type_, "at": at,
        "detail": Json(detail),
    }  # fmt: skip


@cache
def directory(url: str) -> tuple[list[Body], dict[str, str | None]]:
    """Offices, and each category's parent; read once a process."""
    with connect(url).cursor() as cursor:
        cursor.execute("SELECT id, kind, division, categories FROM routing.office")
        offices = [Body(id_, kind, place, tuple(c)) for id_, kind, place, c in cursor.fetchall()]
        cursor.execute("SELECT id, parent FROM routing.category")
        return offices, dict(cursor.fetchall())
