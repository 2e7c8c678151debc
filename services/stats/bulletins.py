"""简报: drafted, changed, issued with the next number of its series and year, voided where wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, func, select

from contracts.public import path, stamp
from kit import clock
from kit.identity import Actor, Directory, Office
from kit.jobs import enqueue
from kit.unit import Unit
from kit.vault import Vault
from stats import printing
from stats.domain import bulletins as rules
from stats.domain.bulletins import DRAFT, ISSUED, VOID, code_of
from stats.domain.narrative import spoken
from stats.store import Bulletin, Series, bulletin, series

PRINT = "print-bulletin"
EDITION = "all"
"""Of a bulletin there is one."""
MOST = 1_000
"""Bulletins that a page has of a series, which has one a day or so; the page says where there are more."""


# -- steps -----------------------------------------------------------------------------------------


def begin(unit: Unit, office: Office, name: str) -> dict[str, Any]:
    """A new series."""
    known = _series(unit, office)
    rules.check_series(name, {row.name for row in known})
    ordinal = len(known) + 1
    unit.add(Series(office.id, ordinal, name, unit.now))
    return {"number": office.id, "series": ordinal}


def draft(
    unit: Unit, office: Office, body: Mapping[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """拟稿: the first text of a bulletin."""
    rules.check_known(body["series"], {row.ordinal for row in _series(unit, office)})
    id_ = f"{office.id}.bulletin-{unit.count(f'bulletins:{office.id}')}"
    unit.create(id_)
    unit.add(
        Bulletin(
            id_, office.id, body["series"], _sealed(vault, id_, "title", body), _sealed(vault, id_, "text", body),
            DRAFT, 1, unit.now, actor.id,
        )
    )  # fmt: skip
    return {"number": id_, "revision": 1}


def change(unit: Unit, row: Bulletin, body: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """修改, before it is issued."""
    rules.check_draft(row.state, row.revision, body["revision"])
    row.title, row.text = (_sealed(vault, row.id, name, body) for name in ("title", "text"))
    row.revision += 1
    return {"number": row.id, "revision": row.revision}


def issue(unit: Unit, row: Bulletin, revision: int, office: Office, actor: Actor) -> dict[str, Any]:
    """印发: the next number of its series and year; a job prints it. Emits report.published."""
    rules.check_draft(row.state, row.revision, revision)
    day = clock.local_date(unit.now)
    row.year, row.serial = day.year, unit.count(f"bulletin:{row.office}:{row.series}:{day.year}")
    row.state, row.issued_at, row.issued_by = ISSUED, unit.now, actor.id
    row.job = enqueue(unit, PRINT, {}, row.id, unit.now)
    data = {"id": row.id, "kind": "bulletin", "office": row.office,
            "since": day.isoformat(), "until": day.isoformat(), "lines": []}  # fmt: skip
    unit.emit(row.id, "report.published", data, path=path(office.division))
    return {"number": row.id, "code": code_of(row.year, row.serial)}


def void(
    unit: Unit, row: Bulletin, reason: str, office: Office, actor: Actor, vault: Vault
) -> dict[str, Any]:
    """作废: it keeps its number. Emits report.voided."""
    rules.check_void(row.state)
    row.state, row.void_at, row.void_by = VOID, unit.now, actor.id
    row.cause = vault.seal(reason, f"bulletin:{row.id}:cause")
    data = {"id": row.id, "kind": "bulletin", "office": row.office}
    unit.emit(row.id, "report.voided", data, path=path(office.division))
    return {"number": row.id}


def _series(unit: Unit, office: Office) -> list[Series]:
    unit.open([office.id])
    return unit.all(Series, office.id)


def _sealed(vault: Vault, id_: str, name: str, body: Mapping[str, Any]) -> bytes:
    return vault.seal(body[name], f"bulletin:{id_}:{name}")


def _open(vault: Vault, row: Any, name: str) -> str:
    return vault.open(getattr(row, name), f"bulletin:{row.id}:{name}")


# -- shown -----------------------------------------------------------------------------------------


def one(connection: Connection, vault: Vault, row: Any) -> dict[str, Any]:
    """One bulletin with its text."""
    return {
        **_told(row, vault),
        "series_name": _name(connection, row),
        "text": _open(vault, row, "text"),
        "cause": _open(vault, row, "cause") if row.cause else None,
        "revision": row.revision,
        "progress": printing.progress(connection, row),
        "problem": row.problem,
        "files": printing.files(connection, row.id, 1, EDITION),
    }


def found(connection: Connection, id_: str) -> Any:
    """The row of a bulletin, None where there is none."""
    return connection.execute(select(bulletin).where(bulletin.c.id == id_)).one_or_none()


def listed(
    connection: Connection, vault: Vault, office: str, year: int, own: bool
) -> dict[str, Any]:
    """An office's series with how many of a year stand, its bulletins of the year by number, and, for itself,
    its drafts. `total` counts all of a series, of which `MOST` are listed."""
    c = bulletin.c
    which = (c.office == office, (c.year == year) | (c.state == DRAFT if own else false()))
    order = (c.serial.desc().nulls_first(), c.drafted_at.desc(), c.id)
    place = func.row_number().over(partition_by=c.series, order_by=order).label("place")
    ranked = select(bulletin, place).where(*which).subquery()
    listed = select(ranked).where(ranked.c.place <= MOST).order_by(ranked.c.series, ranked.c.place)
    return {
        "series": _counted(connection, office, year, which),
        "bulletins": [_told(row, vault) for row in connection.execute(listed)],
    }


def _counted(
    connection: Connection, office: str, year: int, which: tuple[ColumnElement[bool], ...]
) -> list[dict[str, Any]]:
    """The series of an office: how many of the year stand issued, and how many there are of all."""
    c = bulletin.c
    issued = func.count().filter(c.state == ISSUED, c.year == year).label("issued")
    counts = select(c.series, issued, func.count().label("total")).where(*which).group_by(c.series)
    found = {row.series: row for row in connection.execute(counts)}
    known = select(series).where(series.c.office == office).order_by(series.c.ordinal)
    return [
        {
            "ordinal": row.ordinal,
            "name": row.name,
            "issued": found[row.ordinal].issued if row.ordinal in found else 0,
            "total": found[row.ordinal].total if row.ordinal in found else 0,
        }
        for row in connection.execute(known)
    ]


def fields(connection: Connection, row: Any, vault: Vault, directory: Directory) -> dict[str, Any]:
    """Every field that the form of a bulletin may use, by its name."""
    office = directory.get(row.office)
    return {
        "series": _name(connection, row),
        "year": row.year,
        "serial": row.serial,
        "code": code_of(row.year, row.serial),
        "issuer": office.name if office else row.office,
        "issued_on": spoken(clock.local_date(row.issued_at)),
        "title": _open(vault, row, "title"),
        "text": [line.strip() for line in _open(vault, row, "text").splitlines() if line.strip()],
    }


def _name(connection: Connection, row: Any) -> str:
    named = select(series.c.name).where(
        series.c.office == row.office, series.c.ordinal == row.series
    )
    return str(connection.execute(named).scalar_one())


def _told(row: Any, vault: Vault) -> dict[str, Any]:
    return {
        "id": row.id,
        "office": row.office,
        "series": row.series,
        "state": row.state,
        "year": row.year,
        "serial": row.serial,
        "code": code_of(row.year, row.serial) if row.serial else None,
        "title": _open(vault, row, "title"),
        "issued_at": stamp(row.issued_at) if row.issued_at else None,
        "void_at": stamp(row.void_at) if row.void_at else None,
    }
