"""Reads of cases and duties. Every list, count and page goes through the scope function `VISIBLE`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    tuple_,
)

from contracts.public import prefix, stamp
from kit.identity import Reach
from kit.vault import Vault
from supervision import views
from supervision.duties import NEVER
from supervision.store import (
    VISIBLE,
    VISIBLE_AFFAIR,
    Case,
    Document,
    Duty,
    Order,
    affair,
    case,
    document,
    document_file,
    duty,
    order,
)

COUNT_LIMIT = 10_000
"""A list says "more than ten thousand" rather than count a million rows for a page of twenty."""


def register(connection: Connection, reach: Reach, wanted: dict[str, Any]) -> dict[str, Any]:
    """文书登记簿: the papers of one office, kind and year, newest first, voided ones too. The numbers have no
    gaps: a paper of a petition that this reader may not see stands there without it."""
    chosen = [document.c[name] == wanted[name] for name in ("office", "kind", "year")]
    if wanted["before"]:
        chosen.append(document.c.serial < wanted["before"])
    seen = document.c.number.in_(select(case.c.number).where(VISIBLE.where(reach)))
    rows = connection.execute(
        select(document, seen.label("seen"))
        .where(*chosen)
        .order_by(document.c.serial.desc())
        .limit(wanted["limit"] + 1)
    ).all()
    found = rows[: wanted["limit"]]
    more = len(rows) > len(found)
    return {"papers": [_listed(row) for row in found], "next": found[-1].serial if more else None}


def printed(connection: Connection, paper: Document, vault: Vault) -> bytes:
    """The printed file of a paper, opened."""
    content = connection.execute(
        select(document_file.c.content).where(
            document_file.c.number == paper.number, document_file.c.ordinal == paper.ordinal
        )
    ).scalar_one()
    return vault.open_bytes(bytes(content), f"paper:{paper.number}:{paper.ordinal}")


def _listed(row: Any) -> dict[str, Any]:
    values = {name: value for name, value in row._mapping.items() if name != "seen"}
    shown = views.paper(Document(**values))
    return shown if row.seen else shown | {"number": None, "ordinal": None}


def orders(connection: Connection, reach: Reach, query: dict[str, Any], now: datetime) -> Any:
    """督办台账: every demand within reach, those on petitions and those on affairs; the earliest due first."""
    which = [] if query["state"] == "all" else [order.c.ended_at.is_(None)]
    found: list[dict[str, Any]] = []
    seen = VISIBLE.where(reach), VISIBLE_AFFAIR.where(reach)
    for holder, visible in zip((case, affair), seen, strict=True):
        statement = (
            select(order, duty)
            .join(holder, holder.c.number == order.c.number)
            .outerjoin(duty, and_(duty.c.number == order.c.number, _runs_for_it()))
            .where(visible, *which)
            .order_by(order.c.issued_at.desc())
            .limit(ORDERS)
        ).set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
        for row in connection.execute(statement).mappings():
            owed = Duty(**_part(row, "duty")) if row["supervision_duty_number"] else None
            found.append(
                {
                    **views.demand(Order(**_part(row, "order")), owed, now),
                    "affair": holder is affair,
                }
            )
    ended = NEVER.isoformat()
    return {"orders": sorted(found, key=lambda o: (o["duty"] or {}).get("due_at") or ended)}


ORDERS = 500
"""Rows of the account book: a list for people, not an export."""


def _runs_for_it() -> ColumnElement[bool]:
    return order.c.owed == func.concat(duty.c.kind, ":", duty.c.round)


def _part(row: Any, table: str) -> dict[str, Any]:
    """The columns of one of two tables that were read together."""
    before = f"supervision_{table}_"
    return {k.removeprefix(before): v for k, v in row.items() if k.startswith(before)}


def cases(
    connection: Connection, reach: Reach, query: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """One page of the list, the count it belongs to, and where the next page starts; what is urgent with the
    light of its report."""
    where = [VISIBLE.where(reach), *_filters(query)]
    keys = (case.c.registered_at, case.c.number)
    statement: Select[Any] = select(case).where(*where)
    if query["after"]:
        statement = statement.where(tuple_(*keys) < tuple_(*place(query["after"])))
    statement = statement.order_by(*(key.desc() for key in keys)).limit(query["limit"] + 1)
    rows = [Case(**row._mapping) for row in connection.execute(statement)]
    more = len(rows) > query["limit"]
    rows = rows[: query["limit"]]
    counted = select(case.c.number).where(*where).limit(COUNT_LIMIT + 1).subquery()
    total = connection.execute(select(func.count()).select_from(counted)).scalar_one()
    last = rows[-1] if more else None
    reports = _urgent_duties(connection, reach, [row.number for row in rows if row.urgent], now)
    return {
        "cases": [{**row.public(), "urgent": reports.get(row.number)} for row in rows],
        "total": total,
        "next": f"{stamp(last.registered_at)}~{last.number}" if last else None,
    }


def _urgent_duties(
    connection: Connection, reach: Reach, numbers: list[str], now: datetime
) -> dict[str, Any]:
    """The duty to report of each of these, as it stands (D12)."""
    if not numbers:
        return {}
    statement = (
        select(duty)
        .join(case, case.c.number == duty.c.number)
        .where(VISIBLE.where(reach), duty.c.number.in_(numbers), duty.c.kind == "urgent")
    )
    rows = [Duty(**row._mapping) for row in connection.execute(statement)]
    return {row.number: views.duty_of(row, now) for row in rows}


def place(after: str) -> tuple[datetime, str]:
    """Where a page ended. Raises ValueError for a text that no page gave."""
    at, _, number = after.partition("~")
    return datetime.fromisoformat(at), number


def _filters(query: dict[str, Any]) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [
        case.c[name] == query[name]
        for name in ("status", "office", "channel", "type")
        if query[name]
    ]
    if query["division"]:
        filters.append(case.c.division.startswith(prefix(query["division"]), autoescape=True))
    if query["numbers"] is not None:
        filters.append(case.c.number.in_([n for n in query["numbers"].split(",") if n]))
    if query["light"]:
        filters.append(_has_light(query["light"]))
    if query["urgent"]:
        filters += [case.c.urgent, *_report_is(query["urgent"])]
    return filters


def _report_is(state: str) -> list[ColumnElement[bool]]:
    """Which of the urgent ones: still owing their report, late with it, or all."""
    of_case = and_(duty.c.number == case.c.number, duty.c.kind == "urgent")
    found = {"owed": duty.c.state == "open", "late": duty.c.missed_at.is_not(None)}
    return [exists().where(of_case, found[state])] if state in found else []


def _has_light(colour: str) -> ColumnElement[bool]:
    running = (duty.c.state == "open", duty.c.due_at.is_not(None))
    mine = and_(duty.c.number == case.c.number, *running)
    red = exists().where(mine, duty.c.missed_at.is_not(None))
    yellow = exists().where(mine, duty.c.warned_at.is_not(None), duty.c.missed_at.is_(None))
    if colour == "red":
        return red
    return yellow if colour == "yellow" else and_(~red, ~yellow)


def desk(connection: Connection, reach: Reach, office: str | None, now: datetime) -> dict[str, Any]:
    """What waits for one office (or for everyone within reach): counts by step, open duties by due date."""
    where = [VISIBLE.where(reach)]
    if office:
        where.append(or_(case.c.office == office, case.c.registered_by == office))
    counts: dict[str, int] = dict(
        connection.execute(
            select(case.c.status, func.count())
            .where(
                *where, case.c.status.in_(("assigned", "signed", "accepted", "answered", "served"))
            )
            .group_by(case.c.status)
        ).all()
    )
    duties = _open_duties(connection, reach, office)
    lights = {"green": 0, "yellow": 0, "red": 0}
    for row in duties:
        lights[views.light(row, now)] += 1
    return {
        "to_sign": counts.get("assigned", 0),
        "to_accept": counts.get("signed", 0),
        "to_answer": counts.get("accepted", 0),
        "to_serve": counts.get("answered", 0),
        "to_close": counts.get("served", 0),
        "lights": lights,
        "duties": [views.duty_of(row, now) for row in duties[:50]],
    }


def _open_duties(connection: Connection, reach: Reach, office: str | None) -> list[Duty]:
    found: list[Duty] = []
    seen = VISIBLE.where(reach), VISIBLE_AFFAIR.where(reach)
    for holder, visible in zip((case, affair), seen, strict=True):
        statement = (
            select(duty)
            .join(holder, holder.c.number == duty.c.number)
            .where(duty.c.state == "open", visible)
            .order_by(duty.c.due_at)
            .limit(5000)
        )
        if office:
            statement = statement.where(duty.c.office == office)
        found += [Duty(**row._mapping) for row in connection.execute(statement)]
    return sorted(found, key=lambda row: row.due_at or NEVER)
