"""Tokens: JSON Web Tokens signed with Ed25519 (RFC 7519, RFC 8037); few make, all check them.

Who may speak for whom is a table: a stolen key of one issuer makes no tokens of another's kind.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.types import Options

from kit import clock
from kit.identity.actor import PUBLIC_ACTOR, ROLES, Actor
from kit.keys import SERVICES
from kit.problems import Problem

ALGORITHM = "EdDSA"
MAX_TOKEN = 4096  # characters; nothing longer is even parsed
OWN_SECONDS = 300
SKEW = 60  # seconds by which another machine's clock may be ahead

_SERVICE = frozenset({"service"})
KINDS_BY_ISSUER: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(SERVICES, _SERVICE),
    "console": _SERVICE | {"officer"},
    "intake": _SERVICE | {"petitioner"},
    "tool": frozenset({"tool", "officer", "service"}),  # officers: demonstration and tests
}
# times are compared below, with the one clock that a test site can shift
_OPTIONS: Options = {
    "require": ["iss", "sub", "iat", "exp"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


def may_issue(issuer: str, kind: str, id: str) -> bool:
    """Whether `issuer` may vouch for such an actor. A service speaks for itself alone."""
    if kind not in KINDS_BY_ISSUER.get(issuer, ()):
        return False
    return kind != "service" or issuer in ("tool", id)


class Issuer:
    """Makes tokens with one private key.

    Errors: ValueError for an issuer that no one would trust.
    """

    def __init__(self, private_key: Ed25519PrivateKey, issuer: str) -> None:
        if issuer not in KINDS_BY_ISSUER:
            raise ValueError(f"no such issuer: {issuer}")
        self._key = private_key
        self._issuer = issuer

    def token(self, actor: Actor, ttl_seconds: float) -> str:
        """A signed token for `actor`, good for `ttl_seconds`.

        Errors: ValueError for an actor this issuer may not vouch for.
        """
        if not may_issue(self._issuer, actor.kind, actor.id):
            raise ValueError(f"{self._issuer} issues no tokens for {actor.kind} {actor.id}")
        now = clock.now().timestamp()
        claims = {
            "iss": self._issuer,
            "sub": actor.id,
            "kind": actor.kind,
            "office": actor.office,
            "roles": sorted(actor.roles),
            "petition": actor.petition,
            "iat": int(now),
            "exp": int(now + ttl_seconds),
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def own(self) -> str:
        """A short-lived token of the service itself, for the internal routes of another."""
        return self.token(Actor("service", self._issuer, None, frozenset(), None), OWN_SECONDS)


class Authenticator:
    """Turns an Authorization header into an actor, remembering what it has verified.

    Args:
        public_keys: by issuer, from `kit.keys.load_public`.
        remember: verified tokens kept, least recently used out first.
    """

    def __init__(self, public_keys: Mapping[str, Ed25519PublicKey], remember: int = 4096) -> None:
        self._keys = public_keys
        self._remember = remember
        self._seen: OrderedDict[str, tuple[Actor, int]] = OrderedDict()

    def actor(self, header: str | None) -> Actor:
        """The actor behind `Bearer <token>`; the public where there is no header.

        Errors: Problem 401 for anything that is not a valid token of now.
        """
        if not header:
            return PUBLIC_ACTOR
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise _invalid()
        now = clock.now().timestamp()
        # taken out and put back at the end: that is what makes it least recently *used*
        known = self._seen.pop(token, None) or self._verify(token, now)
        if now >= known[1]:
            raise _expired()
        self._seen[token] = known
        if len(self._seen) > self._remember:
            self._seen.popitem(last=False)
        return known[0]

    def _verify(self, token: str, now: float) -> tuple[Actor, int]:
        """The actor and the second of expiry of a token signed by a known issuer."""
        if len(token) > MAX_TOKEN:
            raise _invalid()
        try:
            claims = self._claims(token)
            actor = _actor(claims)
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise _invalid() from error
        if claims["iat"] > now + SKEW or not may_issue(claims["iss"], actor.kind, actor.id):
            raise _invalid()
        return actor, claims["exp"]

    def _claims(self, token: str) -> dict[str, Any]:
        """The claims, once the signature of the issuer they name is verified.

        The algorithm is ours to say, not the token's, and the keys are Ed25519 objects: neither
        `none` nor an HMAC over the public key gets through (RFC 8725, 3.1).
        """
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        key = self._keys.get(issuer) if isinstance(issuer, str) else None
        if key is None:
            raise jwt.InvalidIssuerError
        return jwt.decode(token, key, algorithms=[ALGORITHM], issuer=issuer, options=_OPTIONS)


def _actor(claims: Mapping[str, Any]) -> Actor:
    """Errors: ValueError, TypeError for claims that no issuer of ours writes."""
    times = (claims["exp"], claims["iat"])
    texts = (claims.get("office"), claims.get("petition"))
    if not all(type(time) is int for time in times):
        raise TypeError("times are whole seconds")
    if not all(text is None or isinstance(text, str) for text in texts):
        raise TypeError("office and petition are text")
    # a role this version does not know gives nothing
    roles = frozenset(claims.get("roles") or ()) & ROLES.keys()
    return Actor(claims.get("kind", ""), claims["sub"], texts[0], roles, texts[1])


def _invalid() -> Problem:
    return _refusal(
        "token-invalid", "登录凭证无效，请重新登录。", "The token is not valid; log in again."
    )


def _expired() -> Problem:
    return _refusal(
        "token-expired", "登录已过期，请重新登录。", "The token has expired; log in again."
    )


def _refusal(code: str, detail: str, detail_en: str) -> Problem:
    """401 as RFC 6750 asks for it."""
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, code, detail, detail_en, headers=headers)
