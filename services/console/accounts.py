"""Accounts: logging in with lock-out, and the demonstration accounts of a new site.

Source: GB/T 22239-2019, 8.1.4.1 (unique accounts, lock-out, no default passwords).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from console import passwords
from console.store import Account, account
from kit.app import App
from kit.audit import AuditEntry, to_row
from kit.db import Database
from kit.unit import Model, Unit

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


def under(database: Database, offices: Collection[str]) -> list[Any]:
    """The open accounts of some offices, by office and post."""
    columns = (account.c.id, account.c.login, account.c.post, account.c.office, account.c.roles)
    with database.connection() as connection:
        return list(
            connection.execute(
                select(*columns)
                .where(account.c.office.in_(sorted(offices)), account.c.active)
                .order_by(account.c.office, account.c.post, account.c.login)
            )
        )


def titled(database: Database, id: str) -> str | None:
    """What an account is called where it signed: its post and login, also of one that is closed by now; never whose it
    is."""
    with database.connection() as connection:
        row = connection.execute(
            select(account.c.post, account.c.login).where(account.c.id == id)
        ).one_or_none()
    return f"{row.post}（{row.login}）" if row else None


def move(database: Database, model: Model, ids: Collection[str], heir: str) -> int:
    """The officers of a body that was abolished belong to its successor: how many. Emits account.changed."""
    with database.unit(model) as unit:
        unit.open(sorted(ids))
        for id in ids:
            row = unit.get(Account, id)
            assert row is not None
            row.office = heir
            publish(unit, row)
    return len(ids)


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
    office: str | None
    roles: tuple[str, ...]
    post: str
    work: str

    @property
    def id(self) -> str:
        return f"demo-{self.login}"


BUREAU, TOWN, DEPARTMENT = "330282-xfj", "330282121-xfb", "330282-rsj"
"""Offices of the demonstration county: its 信访局, 周巷镇, 人社局."""
DEMOS = (
    Demo("dengji", BUREAU, ("clerk",), "登记岗", "登记来信来访"),
    Demo("fenliu", BUREAU, ("triage",), "分流岗", "定属地、转送交办"),
    Demo("ducha", BUREAU, ("head", "supervisor"), "督查岗", "看全市的信访件和期限"),
    Demo("zhen", TOWN, ("clerk", "head"), "信访经办岗", "签收、受理、答复、送达、办结"),
    Demo("bumen", DEPARTMENT, ("clerk",), "信访经办岗", "签收、受理、答复、送达、办结"),
    Demo("juzhang", DEPARTMENT, ("head",), "负责人岗", "审批延期"),
    Demo("shenji", None, ("auditor",), "审计管理员", "审计，不看信访件"),
)


def ensure_demo(app: App, offices: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Makes the demonstration accounts that are missing, and returns (login, password, what).

    A password is made at random when its account is made, and kept in a file of mode 600 in the state
    folder; an account whose password that file does not hold is given a new one.

    Args:
        app: the console's.
        offices: names by id; accounts of offices that are not among them are left out.
    """
    wanted = [demo for demo in DEMOS if demo.office is None or demo.office in offices]
    state = app.settings.state
    known = read_demo(state)
    fresh = {demo.login: passwords.make() for demo in wanted if demo.login not in known}
    _write_demo(state, known | fresh)
    with app.database.unit(app.model) as unit:
        unit.open([demo.id for demo in wanted])
        for demo in wanted:
            _ensure(unit, demo, fresh.get(demo.login), known.get(demo.login, ""))
    return [(demo.login, (known | fresh)[demo.login], _what(demo, offices)) for demo in wanted]


def read_demo(state: Path) -> dict[str, str]:
    """Passwords by login, as they were generated; empty before the first load."""
    path = state / DEMO_FILE
    if not path.exists():
        return {}
    found: dict[str, str] = json.loads(path.read_text())
    return found


def _ensure(unit: Unit, demo: Demo, fresh: str | None, known: str) -> None:
    row = unit.get(Account, demo.id)
    if row is None:
        password = passwords.encode(fresh or known)
        row = Account(demo.id, demo.login, demo.post, None, demo.office, list(demo.roles), password,
                      True, unit.now)  # fmt: skip
        create(unit, row)
    elif fresh:
        row.password = passwords.encode(fresh)


def _what(demo: Demo, offices: Mapping[str, str]) -> str:
    office = f"{offices[demo.office]} " if demo.office else ""
    return f"{office}{demo.post}：{demo.work}"


def _write_demo(state: Path, by_login: Mapping[str, str]) -> None:
    """Whole or not at all, and for the owner's eyes only."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = state / f".{DEMO_FILE}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(by_login, file, indent=1)
    new.replace(state / DEMO_FILE)
