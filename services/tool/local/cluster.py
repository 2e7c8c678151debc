"""A private PostgreSQL cluster: own port, password and data; loopback only."""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
from psycopg2 import sql

from tool.local import ports
from tool.local.process import Process, children, identity, tail, working_in
from tool.local.state import (
    LocalError,
    acting_as,
    database_account,
    own_dir,
    reachable,
    secret,
    write_secret,
)

USER = "petition"
ADMIN_DATABASE = "postgres"
OLDEST = 15
START_SECONDS = 120  # after a crash it first replays what was not yet in the tables
STOP_SECONDS = 60

INITDB = (
    *("--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"),
    # Sorting by code point: fast, the same everywhere, and fit for LIKE 'prefix%'.
    *("--locale=C.UTF-8", "--lc-collate=C"),
)

SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'

# Two cores, short transactions, every commit on disk.
fsync = on
synchronous_commit = on
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '8MB'
maintenance_work_mem = '64MB'
random_page_cost = 1.1
jit = off                               # compiling costs more than our queries take
max_parallel_workers_per_gather = 1
wal_compression = on
wal_buffers = '16MB'
checkpoint_timeout = '15min'
checkpoint_completion_target = 0.9
max_wal_size = '2GB'

# Queue tables (outbox, due) turn over completely many times an hour.
autovacuum_naptime = '10s'
autovacuum_vacuum_scale_factor = 0.05
autovacuum_analyze_scale_factor = 0.02
autovacuum_vacuum_cost_limit = 1000
autovacuum_max_workers = 2

# A statement carries personal data, and so does the detail of an error (the key that clashed).
# Neither may reach the log; the client is told both.
log_min_error_statement = 'panic'
log_min_duration_statement = -1
log_statement = 'none'
log_error_verbosity = 'terse'
"""

ACCESS = """\
host all         all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
"""


class Cluster:
    """One PostgreSQL cluster under one directory; its data elsewhere where it could not be read."""

    def __init__(self, home: Path, log: Path, pause: Callable[[float], None] = time.sleep) -> None:
        """
        Args:
            home: keeps password, port and, where PostgreSQL's account can reach it, the data.
            log: the server's log.
            pause: waits so many seconds between two looks; may raise to give up waiting.
        """
        self.home, self.log, self._pause = home, log, pause
        self._server = Process(home / "server.json", pause)

    @property
    def url(self) -> str:
        """The administrator's URL, on the database `postgres`."""
        return self.url_of(ADMIN_DATABASE)

    def url_of(self, database: str) -> str:
        """The administrator's URL on a database.

        Raises:
            LocalError: the cluster was never started.
        """
        port = ports.load(self.home / "ports.json").get("database")
        if port is None:
            raise LocalError("the private database was never started")
        password = secret(self.home / "password")
        return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{database}"

    def running(self) -> bool:
        """Whether the server's process lives; start() returns only when it also answers."""
        return self._server.pid is not None

    def start(self) -> None:
        """Start the server, or take up the one an earlier run left, and wait until it serves.

        Raises:
            LocalError: PostgreSQL is not installed, or did not come up; with the end of its log.
        """
        if not self.running():
            self._launch()
        self._await_ready()

    def _launch(self) -> None:
        own_dir(self.home, passable=True)
        account, data = database_account(), self._data()
        if not (data / "PG_VERSION").exists():
            self._initialise(data, account)
        self._clear_stale_lock(data)
        port = ports.keep(self.home / "ports.json", ["database"])["database"]
        self._give(data / "postgresql.conf", SETTINGS.format(port=port), account)
        self._give(data / "pg_hba.conf", ACCESS, account)
        self._server.spawn([_program("postgres"), "-D", data], _env(), self.log, account)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.running() or time.monotonic() > deadline:
                raise LocalError(f"PostgreSQL did not start; {self.log} ends:\n{tail(self.log)}")
            self._pause(0.05)

    def _answers(self) -> bool:
        try:
            psycopg2.connect(self.url, connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop the server in good order: roll back what is open, write everything down."""
        self._server.stop(signal.SIGINT, STOP_SECONDS)

    def ask_to_stop(self) -> None:
        """Begin to stop without waiting, so that several servers can stop side by side."""
        self._server.send(signal.SIGINT)

    def kill(self) -> None:
        """End the server and its backends at once, as a power cut would."""
        pid = self._server.pid
        backends = children(pid) if pid else {}
        self._server.kill()
        for backend, who in backends.items():
            # They leave by themselves when they next look up; a long query looks up late.
            if identity(backend) == who:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(backend, signal.SIGKILL)
        while any(identity(backend) == who for backend, who in backends.items()):
            self._pause(0.02)

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def forget(self) -> None:
        """Stop, and delete the data where it is kept elsewhere; home is the caller's to delete."""
        self.stop()
        if (pointer := self._pointer()).exists():
            elsewhere = Path(pointer.read_text())
            if _is_ours(elsewhere, database_account()):
                shutil.rmtree(elsewhere)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database.

        Args:
            name: its name.
            template: a database nobody is connected to, to copy.

        Returns:
            Its URL.
        """
        command = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            command += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self.execute(command)
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there; connections to it are closed."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self.execute(statement.format(sql.Identifier(name)))

    def databases(self) -> set[str]:
        """The names of all databases."""
        return {str(row[0]) for row in self.execute(sql.SQL("SELECT datname FROM pg_database"))}

    def execute(self, statement: sql.Composable) -> list[tuple[object, ...]]:
        """Run one statement as administrator, outside a transaction; returns its rows if any."""
        connection = psycopg2.connect(self.url)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def _pointer(self) -> Path:
        return self.home / "data.at"

    def _data(self) -> Path:
        """The data directory: below home, or elsewhere if PostgreSQL's account cannot get there.

        Raises:
            LocalError: the place elsewhere is gone or is not ours.
        """
        account, pointer = database_account(), self._pointer()
        if not pointer.exists():
            if reachable(self.home, account):
                return self.home / "data"
            # Named for the checkout, so that whoever finds it knows whose it is.
            mark = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
            made = tempfile.mkdtemp(prefix=f"petition-{mark}-", dir="/var/tmp")  # mode 700
            if account:
                os.chown(made, account.pw_uid, account.pw_gid)
            pointer.write_text(made)
        elsewhere = Path(pointer.read_text())
        if not _is_ours(elsewhere, account):
            raise LocalError(f"the database in {elsewhere} is gone; `make reset` begins anew")
        return elsewhere / "data"

    def _initialise(self, data: Path, account: pwd.struct_passwd | None) -> None:
        """Make the data directory, whole or not at all."""
        unfinished = data.with_name("data.new")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        if account:
            os.chown(unfinished, account.pw_uid, account.pw_gid)
        with tempfile.NamedTemporaryFile("w", dir="/var/tmp") as password:  # readable by it
            if account:
                os.fchown(password.fileno(), account.pw_uid, account.pw_gid)
            password.write(secret(self.home / "password"))
            password.flush()
            done = subprocess.run(
                [_program("initdb"), *INITDB, f"--pwfile={password.name}", "-D", str(unfinished)],
                env=_env(),
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
                **acting_as(account),
            )
        if done.returncode:
            raise LocalError(f"initdb failed:\n{done.stderr or done.stdout}")
        unfinished.rename(data)

    def _clear_stale_lock(self, data: Path) -> None:
        """Remove PostgreSQL's lock file when nothing works in the data directory any more.

        After a power cut the process id in it may have passed to another program, and PostgreSQL
        would refuse to start for ever. Backends of a killed server get time to leave; if one stays
        the file stays too, and PostgreSQL says what is wrong.
        """
        deadline = time.monotonic() + 10
        while busy := working_in(data.resolve()):
            if time.monotonic() > deadline:
                raise LocalError(f"{data} is in use by process {busy[0]}, which is not ours")
            self._pause(0.1)
        (data / "postmaster.pid").unlink(missing_ok=True)

    @staticmethod
    def _give(path: Path, text: str, account: pwd.struct_passwd | None) -> None:
        """Write a file that PostgreSQL's account owns, replacing whatever is there."""
        fresh = path.with_name(path.name + ".new")
        write_secret(fresh, text)
        if account:
            os.chown(fresh, account.pw_uid, account.pw_gid)
        fresh.replace(path)


def _is_ours(path: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether a directory is a real one, and PostgreSQL's account alone may enter it."""
    if not path.is_dir() or path.is_symlink():
        return False
    found = path.stat()
    owner = account.pw_uid if account else os.geteuid()
    return found.st_uid == owner and not found.st_mode & 0o077


def _program(name: str) -> str:
    """A program of the newest PostgreSQL installed.

    Raises:
        LocalError: there is none of version OLDEST or later.
    """
    found = {
        int(path.parts[-3]): path
        for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
        if path.parts[-3].isdigit() and int(path.parts[-3]) >= OLDEST
    }
    if not found:
        raise LocalError(f"PostgreSQL {OLDEST} or newer is not installed (make setup tells more)")
    return str(found[max(found)])


def _env() -> dict[str, str]:
    """A PostgreSQL program's whole environment; PGDATA and the like are not inherited."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
