"""分流规则: the site's own rules of competence, every version kept, and how they have done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from psycopg2.extras import Json
from sqlalchemy import Connection, func, literal, select, union_all

from contracts.public import stamp
from kit.identity import Directory, Reach
from kit.unit import Unit
from routing.domain.competence import PLACE, Body, Book, Rule
from routing.store import VISIBLE, matter, rulebook


@dataclass(frozen=True)
class Rulebook:
    """One version; 0 where the site has no rules of its own."""

    version: int = 0
    rules: tuple[Rule, ...] = ()
    source: str | None = None
    imported_at: datetime | None = None


def current(connection: Connection) -> Rulebook:
    """The newest version."""
    newest = select(rulebook).order_by(rulebook.c.version.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    if row is None:
        return Rulebook()
    return Rulebook(row.version, tuple(_thawed(row.rules)), row.source, row.imported_at)


def take(unit: Unit, found: list[Rule], source: str, by: str) -> int:
    """Makes the rules of a file the site's. Returns how many rules are new, changed or gone."""
    cursor = unit.store.cursor  # type: ignore[attr-defined]
    cursor.execute(f"LOCK TABLE {rulebook.fullname} IN EXCLUSIVE MODE")
    cursor.execute(f"SELECT version, rules FROM {rulebook.fullname} ORDER BY version DESC LIMIT 1")
    version, frozen = cursor.fetchone() or (0, {"rules": []})
    before = set(_thawed(frozen))
    changed = len({rule.id for rule in before.symmetric_difference(found)})
    if changed:
        cursor.execute(
            f"INSERT INTO {rulebook.fullname} (version, rules, source, imported_by, imported_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            (version + 1, Json({"rules": [_frozen(r) for r in found]}), source, by, unit.now),
        )
    return changed


def _frozen(rule: Rule) -> dict[str, Any]:
    until = rule.valid_to.isoformat() if rule.valid_to else None
    return asdict(rule) | {"valid_from": rule.valid_from.isoformat(), "valid_to": until}


def _thawed(kept: Mapping[str, Any]) -> Iterator[Rule]:
    for row in kept["rules"]:
        until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
        yield Rule(
            **row
            | {
                "assisting": tuple(row["assisting"]),
                "valid_from": date.fromisoformat(row["valid_from"]),
                "valid_to": until,
            }
        )


# -- with the directory ----------------------------------------------------------------------------


def book(
    directory: Directory, rules: Iterable[Rule], parents: Mapping[str, str | None], at: datetime
) -> Book:
    """What answers for what: the offices that exist, and the rules, in which an abolished office is its one
    successor."""
    bodies = [
        Body(o.id, o.kind, o.division, o.level, o.categories, o.body_levels, o.parent)
        for o in directory
        if not o.ended(at)
    ]

    def standing(office: str) -> str:
        heirs = directory.heirs(office, at)
        found = directory.get(office)
        return heirs[0] if found and found.ended(at) and len(heirs) == 1 else office

    settled = [
        replace(r, lead=standing(r.lead), assisting=tuple(standing(o) for o in r.assisting))
        for r in rules
    ]
    return Book(bodies, settled, parents)


def version_of(directory: Directory, rules: int) -> str:
    """What names a state of the directory and the rules: decisions of one version were made by the same data."""
    offices = sorted(directory, key=lambda office: office.id)
    return f"{sha256(repr(offices).encode()).hexdigest()[:12]}/{rules}"


def named(rule: Rule, directory: Directory) -> dict[str, Any]:
    """A rule as its page shows it."""

    def office(id_: str) -> str:
        return "属地" if id_ == PLACE else directory.named(id_)

    return _frozen(rule) | {
        "lead_name": office(rule.lead),
        "assisting_names": [office(id_) for id_ in rule.assisting],
    }


def tallies(connection: Connection, reach: Reach, since: datetime) -> list[dict[str, Any]]:
    """How many petitions each rule placed since an instant, and how often that was taken back."""
    recent = (VISIBLE.where(reach), matter.c.registered_at >= since)

    def counted(column: Any, what: str) -> Any:
        rules = select(func.unnest(column).label("rule")).where(*recent).subquery()
        each = select(rules.c.rule, func.count().label("n"), literal(what).label("what"))
        return each.group_by(rules.c.rule)

    found: dict[str, dict[str, int]] = {}
    both = counted(matter.c.made, "made"), counted(matter.c.overturned, "overturned")
    for row in connection.execute(union_all(*both)):
        found.setdefault(row.rule, {"made": 0, "overturned": 0})[row.what] = row.n
    return [
        {"step": rule.partition(":")[0], "rule": rule.partition(":")[2], **counts}
        for rule, counts in sorted(found.items())
    ]


def shown(found: Rulebook, directory: Directory, counts: list[dict[str, Any]]) -> dict[str, Any]:
    """The page of rules."""
    return {
        "version": found.version,
        "source": found.source,
        "imported_at": stamp(found.imported_at) if found.imported_at else None,
        "rules": [named(rule, directory) for rule in found.rules],
        "tallies": counts,
    }
