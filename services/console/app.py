"""The console's parts beyond what every service has."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from console import accounts
from console.client import Calls, Http, Network
from console.lists import ListsCache
from console.sessions import Officer, Sessions
from console.store import MODEL, Account
from kit.app import App
from kit.config import Settings
from kit.identity import Actor, Issuer

TOKEN_SECONDS = 300
"""How long an officer's token is good."""
RENEW_SECONDS = 240
"""Age at which the next page makes a new one."""
REMEMBERED = 4096
HASHES = 2
"""Passwords hashed at one time: each takes 16 MB."""


class Tokens:
    """Short tokens for calls to the services, kept for a few minutes by session."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._made: OrderedDict[Officer, tuple[float, str]] = OrderedDict()

    def of(self, officer: Officer) -> str:
        """A token that says what the officer is now: changed roles make a new one."""
        at, token = self._made.pop(officer, (0.0, ""))
        now = time.monotonic()
        if not token or now - at > RENEW_SECONDS:
            actor = Actor("officer", officer.id, officer.office, officer.roles)
            at, token = now, self._issuer.token(actor, TOKEN_SECONDS)
        self._made[officer] = at, token
        if len(self._made) > REMEMBERED:
            self._made.popitem(last=False)
        return token


@dataclass
class Console(App):
    """The front desk's process."""

    def __post_init__(self) -> None:
        self.http: Http = Network()
        self.sessions = Sessions(self.database)
        self.lists = ListsCache(lambda: Calls(self.http))
        self.tokens = Tokens(self.issuer)
        self.hashing: accounts.Hashing = lambda matches, *arguments: matches(*arguments)
        self._hashes = threading.BoundedSemaphore(HASHES)

    def log_in(self, login: str, password: str) -> Account | None:
        """The account, or None for any reason."""
        id = accounts.find(self.database, login)
        return accounts.log_in(self.database, self.model, id, password, self._hash)

    def staff(self, offices: Collection[str]) -> list[Any]:
        """The open accounts of some offices."""
        return accounts.under(self.database, offices)

    def titled(self, id: str) -> str | None:
        """What an account is called where it signed."""
        return accounts.titled(self.database, id)

    def _hash(self, matches: Callable[[str, str], bool], password: str, encoded: str) -> bool:
        with self._hashes:
            return self.hashing(matches, password, encoded)


def build(settings: Settings) -> Console:
    """The app of one console process."""
    return Console.build(settings, MODEL)
