"""Passwords: made, hashed and compared.

scrypt (RFC 7914) from the standard library, with a salt of each account's own. N=2^14, r=8, p=5 is
OWASP's equivalent of its first recommendation with the least memory: 16 MB and about 0.2 s a look.
The parameters stand in the hash, so that a later version may raise them and still read old ones.
"""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import secrets

COST, BLOCK, PARALLEL = 14, 8, 5
"""log2 of N, r and p."""
SALT, KEY = 16, 32
MEMORY = 64 << 20
MOST = 128
"""Characters of a typed password that are looked at: more is refused, not hashed."""
M_MMAP_THRESHOLD = -3
"""Of <malloc.h>."""
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def give_back_large_blocks() -> None:
    """Has freed blocks of a megabyte and more returned to the system at once.

    glibc raises its threshold for that to the largest block it has seen, 16 MB here, and keeps one in the
    arena of every thread that ever hashed: 26 log-ins took a process from 97 to 431 MB. Other libraries of
    C have no such call, and no such habit.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 1 << 20)


def make() -> str:
    """A new password of about 79 bits, `k7qm-2xrd-9wpa-t4hn`."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def encode(password: str) -> str:
    """The hash to store: `scrypt$14$8$5$<salt>$<key>`."""
    salt = secrets.token_bytes(SALT)
    key = _derive(password, salt, COST, BLOCK, PARALLEL)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${salt.hex()}${key.hex()}"


def matches(password: str, encoded: str) -> bool:
    """Whether a typed password is the one that was encoded."""
    if len(password) > MOST:
        return False
    _, cost, block, parallel, salt, key = encoded.split("$")
    derived = _derive(password, bytes.fromhex(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(derived, bytes.fromhex(key))


def _derive(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=1 << cost, r=block, p=parallel, maxmem=MEMORY, dklen=KEY
    )


NOBODY = f"scrypt${COST}${BLOCK}${PARALLEL}${'0' * 2 * SALT}${'0' * 2 * KEY}"
"""Compared with where there is no such login, so that both take the same time."""
