"""报告: drawn up from figures that are frozen, printed by a job, issued; an issued one never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from contracts.public import path, stamp
from kit.identity import Actor, Office
from kit.jobs import enqueue
from kit.unit import Unit
from kit.vault import Vault
from stats import printing
from stats.domain import reports as rules
from stats.domain.editions import OPEN, edition_for
from stats.domain.periods import Period, read
from stats.domain.reports import DRAWN, ISSUED, id_of, titled
from stats.store import Report, report

PRINT = "print-report"


# -- steps -----------------------------------------------------------------------------------------


def draw(
    unit: Unit, office: Office, period: Period, figures: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    """编制: another version, by the figures as they were counted now; what the office has added stays."""
    versions = _opened(unit, id_of(office.id, period))
    newest = versions[-1] if versions else None
    rules.check_drawing(newest.state if newest else None)
    addition = newest.addition if newest else None
    return _drawn(unit, office, period, len(versions) + 1, figures, addition, actor)


def supplement(
    unit: Unit, office: Office, period: Period, body: Mapping[str, Any], actor: Actor, vault: Vault
) -> dict[str, Any]:
    """补充内容: the same figures with other paragraphs of the office's own, as another version; none where empty."""
    versions = _opened(unit, id_of(office.id, period))
    newest = versions[-1] if versions else None
    rules.check_seen(newest.state if newest else None, len(versions), body["version"])
    assert newest is not None
    text = body["text"]
    addition = vault.seal(text, _context(newest.id)) if text else None
    return _drawn(unit, office, period, len(versions) + 1, newest.figures, addition, actor)


def _drawn(
    unit: Unit, office: Office, period: Period, version: int, figures: Mapping[str, Any],
    addition: bytes | None, actor: Actor,
) -> dict[str, Any]:  # fmt: skip
    """A version; a job prints it."""
    id_ = id_of(office.id, period)
    job = enqueue(unit, PRINT, {"version": version}, id_, unit.now)
    unit.add(
        Report(
            id_, version, office.id, period.kind, period.text, period.since, period.until,
            dict(figures), DRAWN, unit.now, actor.id, job, addition=addition,
        )
    )  # fmt: skip
    return {"number": id_, "version": version}


def issue(unit: Unit, office: Office, period: Period, version: int, actor: Actor) -> dict[str, Any]:
    """印发: from now on it does not change, and everybody of the staff may read it. Emits report.published, without
    small counts."""
    id_ = id_of(office.id, period)
    versions = _opened(unit, id_)
    row = versions[-1] if versions else None
    printed = row is not None and row.printed_at is not None
    rules.check_issuing(row.state if row else None, len(versions), version, printed)
    assert row is not None
    row.state, row.issued_at, row.issued_by = ISSUED, unit.now, actor.id
    counts = [line for line in row.figures[OPEN]["lines"] if line["denominator"] is None]
    data = {
        "id": id_,
        "kind": period.kind,
        "office": office.id,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "lines": [
            {"item": line["id"], "n": rules.outside(line["id"], line["numerator"])}
            for line in counts
        ],
    }
    unit.emit(id_, "report.published", data, path=path(office.division))
    return {"number": id_, "version": version}


def _opened(unit: Unit, id_: str) -> list[Report]:
    """The versions of a report, the first one first."""
    unit.open([id_])
    return sorted(unit.all(Report, id_), key=lambda row: row.version)


# -- shown -----------------------------------------------------------------------------------------


def newest(connection: Connection, id_: str, own: bool) -> Any:
    """The newest version of a report that a reader may see: of another office's, the issued one."""
    states = (DRAWN, ISSUED) if own else (ISSUED,)
    statement = (
        select(report)
        .where(report.c.id == id_, report.c.state.in_(states))
        .order_by(report.c.version.desc())
        .limit(1)
    )
    return connection.execute(statement).one_or_none()


def _context(id_: str) -> str:
    """What an addition is sealed for: it goes from version to version."""
    return f"report:{id_}:addition"


def addition_of(row: Any, vault: Vault) -> str:
    """补充内容 of a version; "" where there is none."""
    return "" if row.addition is None else vault.open(row.addition, _context(row.id))


def one(connection: Connection, vault: Vault, row: Any, own: bool) -> dict[str, Any]:
    """A report with its figures and files, in the edition for its reader."""
    edition = edition_for(own)
    return {
        **_told(row),
        "edition": edition,
        "figures": row.figures[edition],
        "tables": rules.headed(row.figures[edition]["tables"]),
        "addition": addition_of(row, vault),
        "progress": printing.progress(connection, row),
        "problem": row.problem,
        "files": printing.files(connection, row.id, row.version, edition),
    }


def listed(connection: Connection, reader: str | None, year: int) -> list[dict[str, Any]]:
    """The reports of periods that begin in a year: issued ones, and what the reader's own office has drawn up."""
    columns = [column for column in report.c if column.name not in ("figures", "addition")]
    statement = (
        select(*columns)
        .ext(distinct_on(report.c.id))
        .where(
            report.c.since.between(f"{year}-01-01", f"{year}-12-31"),
            (report.c.state == ISSUED) | (report.c.office == reader),
        )
        .order_by(report.c.id, report.c.version.desc())
    )
    rows = [_told(row) for row in connection.execute(statement)]
    return sorted(rows, key=lambda row: (row["office"], row["since"], row["until"]), reverse=True)


def _told(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "office": row.office,
        "kind": row.kind,
        "period": row.period,
        "name": titled(read(row.period)),
        "since": row.since.isoformat(),
        "until": row.until.isoformat(),
        "state": row.state,
        "version": row.version,
        "drawn_at": stamp(row.drawn_at),
        "issued_at": stamp(row.issued_at) if row.issued_at else None,
    }
