"""Accounts: logging in with lock-out, and the demonstration accounts of a new site.

Source: GB/T 22239-2019, 8.1.4.1 (unique accounts, lock-out, no default passwords).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from console import passwords
from console.store import Account, account
from kit.audit import AuditEntry, to_row
from kit.db import Database
from kit.unit import Model, Unit
from kit.vault import Vault

FAILURES = 5
"""Wrong passwords in a row after which an account is locked."""
LOCKED = timedelta(minutes=15)
DEMO_FILE = "demo-accounts.json"

Hashing = Callable[[Callable[[str, str], bool], str, str], bool]
"""Runs `matches(password, encoded)` where it does not stop everybody else."""


def log_in(
    database: Database,
    model: Model,
    id: str | None,
    password: str,
    hashing: Hashing = lambda matches, *arguments: matches(*arguments),
) -> Account | None:
    """The account, or None: unknown, closed, locked or a wrong password all look the same.

    Args:
        id: of the account with the login that was typed (`find`), if there is one.
    """
    known = _load(database, model, id)
    right = hashing(passwords.matches, password, known.password if known else passwords.NOBODY)
    if known is None:
        _audit_stranger(database, model)
        return None
    with database.unit(model) as unit:
        unit.open([known.id])
        row = unit.get(Account, known.id)
        assert row is not None
        admitted = judge(row, right, unit.now)
        unit.audit(_entry(row.id, row.office, unit.now, admitted))
    return row if admitted else None


def judge(row: Account, right: bool, now: datetime) -> bool:
    """Whether a log-in succeeds now; keeps count of failures and locks at the fifth."""
    if not row.active or (row.locked_until is not None and now < row.locked_until):
        return False
    row.locked_until = None
    if right:
        row.failed = 0
        return True
    row.failed += 1
    if row.failed >= FAILURES:
        row.failed, row.locked_until = 0, now + LOCKED
    return False


def find(database: Database, login: str) -> str | None:
    """The id of the account with this login."""
    with database.connection() as connection:
        return connection.execute(
            select(account.c.id).where(account.c.login == login.strip().lower())
        ).scalar_one_or_none()


def create(unit: Unit, row: Account) -> None:
    """Adds an account. Emits account.changed."""
    unit.add(row)
    publish(unit, row)


def publish(unit: Unit, row: Account) -> None:
    """Tells that an account was made, changed or closed: no name in it."""
    data = {"id": row.id, "office": row.office, "roles": sorted(row.roles), "active": row.active}
    unit.emit(row.id, "account.changed", data)


def _load(database: Database, model: Model, id: str | None) -> Account | None:
    if id is None:
        return None
    with database.unit(model) as unit:
        unit.open([id])
        return unit.get(Account, id)


def _audit_stranger(database: Database, model: Model) -> None:
    with database.unit(model) as unit:
        unit.audit(_entry("unknown", None, unit.now, False))


def _entry(id: str, office: str | None, at: datetime, admitted: bool) -> dict[str, Any]:
    entry = AuditEntry(
        at=at,
        actor_kind="officer",
        actor=id,
        office=office,
        action="login",
        subject=id if id != "unknown" else None,
        route="/login",
        outcome="ok" if admitted else "denied",
    )
    return to_row(entry)


# -- demonstration accounts ------------------------------------------------------------------------


@dataclass(frozen=True)
class Demo:
    """A demonstration account: a post, never a person."""

    login: str
    post: str
    office: str | None
    roles: tuple[str, ...]
    what: str


def demo_accounts(petition_office: str, town: str, department: str) -> tuple[Demo, ...]:
    """One account for each kind of work.

    Args:
        petition_office, town, department: ids of the 信访局, of a town's 信访办 and of a department.
    """
    return (
        Demo("dengji", "登记岗", petition_office, ("clerk",), "信访局 登记员：登记来信来访"),
        Demo("fenliu", "分流岗", petition_office, ("triage",), "信访局 分流员：定属地、转送交办"),
        Demo("ducha", "督查岗", petition_office, ("head", "supervisor"),
             "信访局 督查员：看全市的信访件与期限"),
        Demo("zhen", "镇信访经办岗", town, ("clerk", "head"), "镇信访办 经办：签收、受理、答复、办结"),
        Demo("bumen", "部门信访经办岗", department, ("clerk",), "市级部门 经办：签收、受理、答复、办结"),
        Demo("shenji", "审计管理员", None, ("auditor",), "审计管理员：不看信访件"),
    )  # fmt: skip


def ensure_demo(
    database: Database, model: Model, vault: Vault, state: Path, accounts: Iterable[Demo]
) -> list[tuple[str, str, str]]:
    """Makes the demonstration accounts that are missing, and returns (login, password, what).

    A password is made at random when an account is made, and kept in a file of mode 600 in the state
    folder. An account whose password that file no longer holds is given a new one.
    """
    known = read_demo(state)
    wanted = list(accounts)
    fresh = {demo.login: passwords.make() for demo in wanted if demo.login not in known}
    hashed = {login: passwords.encode(password) for login, password in fresh.items()}
    _write_demo(state, known | fresh)
    with database.unit(model) as unit:
        unit.open([_demo_id(demo) for demo in wanted])
        for demo in wanted:
            _ensure(unit, demo, hashed.get(demo.login), known.get(demo.login, ""))
    return [(demo.login, (known | fresh)[demo.login], demo.what) for demo in wanted]


def read_demo(state: Path) -> dict[str, str]:
    """Passwords by login, as they were generated; empty before the first load."""
    path = state / DEMO_FILE
    if not path.exists():
        return {}
    found: dict[str, str] = json.loads(path.read_text())
    return found


def _ensure(unit: Unit, demo: Demo, hashed: str | None, known: str) -> None:
    row = unit.get(Account, _demo_id(demo))
    if row is None:
        password = hashed or passwords.encode(known)
        create(
            unit,
            Account(_demo_id(demo), demo.login, demo.post, None, demo.office, list(demo.roles),
                    password, True, unit.now),
        )  # fmt: skip
    elif hashed:
        row.password = hashed


def _demo_id(demo: Demo) -> str:
    return f"demo-{demo.login}"


def _write_demo(state: Path, passwords_by_login: dict[str, str]) -> None:
    """Whole or not at all, and for the owner's eyes only."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = state / f".{DEMO_FILE}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(passwords_by_login, file, indent=1)
    new.replace(state / DEMO_FILE)
