"""The content of attachments: sealed piece by piece, so that no process ever holds a file twice."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from intake.store import piece
from kit.unit import Unit
from kit.vault import Vault

PIECE = 256 << 10
"""Bytes of one piece."""


def digest_of(data: bytes) -> bytes:
    """SHA-256, under which the content is kept once."""
    return sha256(data).digest()


def keep(unit: Unit, digest: bytes, data: bytes, vault: Vault) -> None:
    """Writes a content in the unit's transaction, unless it is kept already."""
    cursor: Any = unit.store.cursor  # type: ignore[attr-defined]
    cursor.execute(
        "INSERT INTO intake.content (digest, size) VALUES (%s, %s)"
        " ON CONFLICT DO NOTHING RETURNING 1",
        (digest, len(data)),
    )
    if cursor.fetchone() is None:
        return
    view = memoryview(data)
    for ordinal in pieces(len(data)):
        part = bytes(view[ordinal * PIECE : (ordinal + 1) * PIECE])
        sealed = vault.seal(part, _context(digest, ordinal))
        cursor.execute(
            "INSERT INTO intake.piece (digest, ordinal, sealed) VALUES (%s, %s, %s)",
            (digest, ordinal, sealed),
        )


def pieces(size: int) -> range:
    """The ordinals of the pieces of a content of this size."""
    return range(-(-size // PIECE))


def opened(connection: Connection, digest: bytes, ordinal: int, vault: Vault) -> bytes:
    """One piece in clear. Raises LookupError where it is missing."""
    found = select(piece.c.sealed).where(piece.c.digest == digest, piece.c.ordinal == ordinal)
    sealed = connection.execute(found).scalar_one_or_none()
    if sealed is None:
        raise LookupError("a piece of an attachment is missing")
    return vault.open_bytes(sealed, _context(digest, ordinal))


def _context(digest: bytes, ordinal: int) -> str:
    return f"content:{digest.hex()}:{ordinal}"
