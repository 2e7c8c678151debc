"""Where a run keeps its state, and who may have it."""

import fcntl
import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import IO, Any


class LocalError(Exception):
    """Something the person at the terminal can act on; the message says what."""


def checkout() -> Path:
    """The checkout this package belongs to, or the working directory when it was installed."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").exists() else Path.cwd()


def state_dir() -> Path:
    """Where `make run` keeps its state: $PETITION_STATE, else .run/site in the checkout."""
    given = os.environ.get("PETITION_STATE")
    return Path(given).absolute() if given else checkout() / ".run" / "site"


def own_dir(path: Path, passable: bool = False) -> Path:
    """Make a directory of ours, or take the one we made.

    Args:
        path: the directory; those above it are made as needed.
        passable: whether, when we are root, others may pass through it without looking into it:
            PostgreSQL refuses to run as root, and its account has to reach its data.

    Raises:
        LocalError: it cannot be made, or belongs to somebody else.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid != os.geteuid():
            raise LocalError(f"{path} belongs to somebody else")
        path.chmod(0o711 if passable and os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise LocalError(f"cannot keep state in {path}: {error.strerror}") from error
    return path


MARK = "made-by-petition-local"


def claim(state: Path) -> Path:
    """Make the state directory, or take the one we made: only such a one may be deleted later.

    Raises:
        LocalError: there is a directory with something else in it, or it cannot be made.
    """
    if state.is_dir() and any(state.iterdir()) and not (state / MARK).exists():
        raise LocalError(f"{state} holds something else; choose another PETITION_STATE")
    own_dir(state, passable=True)
    (state / MARK).touch()
    return state


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def secret(path: Path) -> str:
    """The secret kept in a file, made up at first use."""
    if not path.exists():
        write_secret(path, secrets.token_hex(16))
    return path.read_text()


def database_account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: the account postgres when we are root, else ourselves (None).

    Raises:
        LocalError: we are root and there is no such account.
    """
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise LocalError("PostgreSQL cannot run as root and there is no user postgres") from None


def acting_as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments that make subprocess run a program as this account, None being ourselves."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def reachable(path: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether an account can pass through a directory and all above it."""
    # Asked of the system itself: ACLs and mounts decide too, not only the mode bits.
    asked = subprocess.run(
        ["/usr/bin/test", "-x", path], cwd="/", check=False, **acting_as(account)
    )
    return asked.returncode == 0


class Lock:
    """One run at a time per state directory; the system frees it when its holder dies."""

    def __init__(self, state: Path) -> None:
        """
        Args:
            state: the state directory, which must exist.
        """
        self._path = state / "lock"
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Take the lock unless somebody holds it. Returns whether we have it."""
        file = self._path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let the next one have it."""
        if self._file:
            self._file.close()
            self._file = None


def remove_tree(path: Path) -> None:
    """Delete a directory of ours if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
