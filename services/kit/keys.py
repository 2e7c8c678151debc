"""The key folder: one vault key, and one Ed25519 pair for everyone who issues tokens.

vault.key       32 random bytes, the root of every key in `kit.vault`
<issuer>.pem    private key (PKCS 8), held only where that issuer runs
<issuer>.pub    public key, wanted wherever tokens are checked

The folder has mode 700 and its files 600. Services on separate machines are given only the files
they need: a file is asked for when it is used, and not before.
Source: GB/T 22239-2019, 8.1.4 (confidentiality of credentials and business data).
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SERVICES = ("intake", "routing", "supervision", "stats", "console")
ISSUERS = (*SERVICES, "tool")
VAULT_BYTES = 32
VAULT = "vault.key"


class KeyFileError(Exception):
    """A key file is missing, unreadable or not what its name says. One line, names the file."""


def folder(state: str | Path) -> Path:
    """The key folder below a state folder (`PETITION_STATE`)."""
    return Path(state) / "keys"


def ensure(folder: Path, issuers: Iterable[str] = ISSUERS) -> None:
    """Makes what is missing and never touches what is there; several processes may call it at once.

    Args:
        folder: made with mode 700 if it does not exist.
        issuers: whose pairs shall exist. One whose public key alone is here lives on another
            machine and keeps its pair.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / VAULT).exists():
        _publish(folder / VAULT, secrets.token_bytes(VAULT_BYTES))
    for issuer in issuers:
        _ensure_pair(folder, issuer)


def load_vault(folder: Path) -> bytes:
    """The vault's master key. Errors: KeyFileError."""
    key = _read(folder / VAULT)
    if len(key) != VAULT_BYTES:
        raise KeyFileError(f"{folder / VAULT}: {len(key)} bytes instead of {VAULT_BYTES}")
    return key


def load_private(folder: Path, issuer: str) -> Ed25519PrivateKey:
    """The key with which `issuer` signs. Errors: KeyFileError."""
    path = folder / f"{issuer}.pem"
    data = _read(path)
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError(f"{path}: not a private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path}: not an Ed25519 key")
    return key


def load_public(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Every public key in the folder by its issuer. Errors: KeyFileError."""
    if not folder.is_dir():
        raise KeyFileError(f"{folder}: no such key folder")
    return {path.stem: _load_public(path) for path in sorted(folder.glob("*.pub"))}


def _load_public(path: Path) -> Ed25519PublicKey:
    data = _read(path)
    try:
        key = serialization.load_pem_public_key(data)
    except ValueError as error:
        raise KeyFileError(f"{path}: not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"{path}: not an Ed25519 key")
    return key


def _ensure_pair(folder: Path, issuer: str) -> None:
    private, public = folder / f"{issuer}.pem", folder / f"{issuer}.pub"
    if public.exists():
        return
    if not private.exists():
        _publish(private, _private_pem(Ed25519PrivateKey.generate()))
    # read back: where two processes raced, both derive the public key from the one that won
    _publish(public, _public_pem(load_private(folder, issuer)))


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public_pem(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _publish(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all, and only if nobody was first.

    A hard link, unlike a rename, refuses to replace what is there: a key once seen never changes.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mode 600, O_EXCL
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Makes a new name survive a power cut: what was sealed with a lost key is lost with it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KeyFileError(f"{path}: no such key file") from error
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from error
