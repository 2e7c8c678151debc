"""Requests as finished bytes: what the load generator sends."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from kit import keys
from kit.identity import Actor, Issuer
from routing.domain.competence import Body, Book, Question
from tool.demo import Life, Site, generate_lives

POOL = 500
TOKEN_SECONDS = 12 * 3600
ZONE = ZoneInfo("Asia/Shanghai")
SEED = 20261124


@cache
def site() -> Site:
    """The demo county."""
    return Site.load()


def today() -> str:
    """Today in the office's time zone."""
    return datetime.now(ZONE).date().isoformat()


class Registration(NamedTuple):
    """A body of POST /petitions, and the office that a rule will find for it."""

    body: bytes
    office: str


@cache
def pool() -> list[Registration]:
    """Registrations as a counter would send them: a place is chosen, so that a rule finds the office.

    The demo's petitions, with two changes: those without a place are left out, and a category for
    which several departments are competent (a person would have to choose) is not told.
    """
    end = datetime.now(UTC).date()
    lives = generate_lives(4 * POOL, SEED, end - timedelta(days=60), end, site())
    bodies = [
        Body(o.id, o.kind, o.division, o.level, o.categories, (), o.parent) for o in site().offices
    ]
    book = Book(bodies, (), {c.id: c.parent for c in site().categories})
    found = (_registration(life, book) for life in lives if life.place)
    return [registration for registration in found if registration][:POOL]


def _registration(life: Life, book: Book) -> Registration | None:
    division = str(life.place).ljust(12, "0")
    for category in (life.category, None):
        if office := book.find(Question(division, category), date.today()).office:
            return Registration(orjson.dumps(_body(life, division, category)), office)
    return None


def _body(life: Life, division: str, category: str | None) -> dict[str, Any]:
    role = "representative" if life.representatives else "petitioner"
    people = [(role, person) for person in life.representatives or (life.petitioner,)]
    agents = [("agent", life.agent)] if life.agent else []
    return {
        "channel": life.channel,
        "type": life.purpose,
        "category": category,
        "title": life.title,
        "text": life.text,
        "received_on": today(),
        "division": division,
        "head_count": max(life.head_count, len(people)),
        "people": [
            {
                "role": role,
                "name": person.name,
                "id_number": person.id_number,
                "phone": person.phone,
                "address": person.address,
            }
            for role, person in [*people, *agents]
        ],
    }


def officer(folder: Path, office: str, *roles: str) -> str:
    """A token of an officer, signed by the command line's key (which may, for tests)."""
    issuer = Issuer(keys.load_private(folder, "tool"), "tool")
    actor = Actor("officer", f"bench-{office}", office, frozenset(roles or ("clerk",)))
    return issuer.token(actor, TOKEN_SECONDS)


class Keys:
    """Idempotency keys that nobody used before."""

    def __init__(self) -> None:
        self._run, self._count = secrets.token_hex(4), count()

    def next(self) -> str:
        return f"{self._run}-{next(self._count)}"


def get(path: str, token: str) -> bytes:
    """A read."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def command(path: str, token: str, key: str, body: bytes, seen: str = "") -> bytes:
    """A command. `seen` is what its sender has seen, `routing:5 supervision:3`."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n"
    )
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if seen:
        head += f"Petition-Seen: {seen}\r\n"
    return head.encode() + b"\r\n" + body


class Registrations:
    """Endless registrations at the counter of the petition bureau."""

    def __init__(self, token: str) -> None:
        self._keys, self._turn = Keys(), count()
        bureau = (
            "POST /petitions HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nIdempotency-Key: "
        )
        self._head = bureau.encode()
        self._tails = [b"\r\nContent-Length: %d\r\n\r\n%b" % (len(r.body), r.body) for r in pool()]

    def next(self) -> bytes:
        """One request, different from all before."""
        tail = self._tails[next(self._turn) % len(self._tails)]
        return self._head + self._keys.next().encode() + tail
