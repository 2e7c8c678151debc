"""A console in memory."""

from __future__ import annotations

import kit.patched  # noqa: F401  (first of all)

# isort: split
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nameko.containers import ServiceContainer

from console import accounts
from console.app import Tokens
from console.client import Calls
from console.gate import Gate
from console.lists import ListsCache
from console.pages import Pages
from console.store import MODEL
from kit.app import AppProvider
from kit.http import Client
from kit.identity import Actor, Authenticator, Issuer
from kit.vault import Vault
from tests.unit.console.browser import Desk
from tests.unit.console.fakes import OFFICES, FakeServices, MemoryDatabase, MemorySessions


class Web(Pages):
    """Pages alone."""

    name = "console.web"
    app = AppProvider()


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault(b"k" * 32, "console")


@pytest.fixture
def app(tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Any:
    keys = {name: Ed25519PrivateKey.generate() for name in ("console", "intake")}
    monkeypatch.setattr(accounts.passwords, "COST", 4)
    intake = Issuer(keys["intake"], "intake")
    database = MemoryDatabase()
    services = FakeServices(
        lambda number: intake.token(Actor("petitioner", number, None, frozenset(), number), 3600)
    )

    def log_in(login: str, password: str) -> Any:
        row = database.account(login)
        return accounts.log_in(database, MODEL, row.id if row else None, password)  # type: ignore[arg-type]

    return SimpleNamespace(
        database=database,
        model=MODEL,
        vault=vault,
        settings=SimpleNamespace(tz="Asia/Shanghai", state=tmp_path / "state", site="330282"),
        http=services,
        sessions=MemorySessions(),
        lists=ListsCache(lambda: Calls(services)),
        tokens=Tokens(Issuer(keys["console"], "console")),
        authenticator=Authenticator({name: key.public_key() for name, key in keys.items()}),
        log_in=log_in,
        staff=database.staff,
        titled=database.titled,
        audited=lambda *_: None,
    )


@pytest.fixture
def desk(app: Any) -> Iterator[Desk]:
    made = accounts.ensure_demo(app, {row[0]: row[1] for row in OFFICES})
    config = {"HTTP_ADDRESS": "", "APP": app, "PAGE_AUTHENTICATOR": Gate(app)}
    container = ServiceContainer(Web, config)
    container.start()
    yield Desk(Client(container), app, app.http, {login: password for login, password, _ in made})
    container.stop()
