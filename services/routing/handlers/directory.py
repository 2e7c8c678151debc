"""The directory of offices: what stands in it, and what becomes of a body that is abolished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.public import path, stamp
from kit import clock
from kit.identity import Actor, Directory
from kit.offices import OfficeRow
from kit.problems import Problem
from kit.unit import Unit
from routing.domain import succession


def put_office(unit: Unit, values: dict[str, Any]) -> None:
    """Writes an office into the directory. Emits office.changed where something changed."""
    values = vars(OfficeRow(**values))
    row = unit.get(OfficeRow, values["id"])
    if row is not None and vars(row) == values:
        return
    if row is None:
        unit.add(OfficeRow(**values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    ends = {name: _stamp(values[name]) for name in ("valid_from", "valid_to")}
    unit.emit(values["id"], "office.changed", values | ends, path=path(values["division"]))


def put_offices(unit: Unit, offices: Sequence[dict[str, Any]]) -> int:
    """Writes the offices of a file. Returns how many changed; each emits office.changed."""
    unit.open([office["id"] for office in offices])
    for values in offices:
        put_office(unit, values)
    return len(unit.changes.events)


def abolish(
    unit: Unit, row: OfficeRow, body: dict[str, Any], actor: Actor, directory: Directory
) -> dict[str, Any]:
    """撤销、合并、分立: the body ends on a day, its successors go on (Art. 24). What it had under way follows
    it by one event a petition (routing.succession). Emits office.changed."""
    successors, on = body["successors"], body["on"]
    root = directory.root()
    succession.check_abolish(
        office=row.id,
        root=root.id if root else None,
        ended=row.valid_to is not None,
        successors=successors,
        on=on,
        today=clock.local_date(unit.now),
    )
    for id_ in successors:
        heir = directory.get(id_)
        if heir is None or heir.ended(unit.now):
            raise Problem(422, "office-unknown", "单位目录中没有该承继单位,或者该单位已撤销。",
                          "No such successor in the directory, or it was abolished itself.",
                          field="successors")  # fmt: skip
    put_office(unit, vars(row) | {"valid_to": clock.midnight(on), "successors": list(successors)})
    return {}


def _stamp(instant: datetime | None) -> str | None:
    return stamp(instant) if instant else None
