"""A whole running site for tests: its own database, vhost, keys and processes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from console.accounts import read_demo
from kit import keys, migrations
from kit.identity import Actor, Issuer
from tests.servers import fresh_database, fresh_vhost, template_of
from tool.audit import Report, settled
from tool.local import ports
from tool.local.servers import Servers

SERVICES = ("intake", "routing", "supervision", "stats", "console")
READY_SECONDS = 40
TEMPLATE = "template_petition"


class Site:
    """One site. Processes are started by service name, or `service/role` for some of its roles."""

    def __init__(self, database_url: str, amqp_url: str, state: Path) -> None:
        self.database_url, self.amqp_url, self.state = database_url, amqp_url, state
        self.ports = ports.keep(state / "ports.json", SERVICES)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ops: dict[str, int] = {}
        self.accounts: dict[str, str] = {}
        self.extra_env: dict[str, str] = {}
        keys.ensure(state / "keys")
        self._issuer = Issuer(keys.load_private(state / "keys", "tool"), "tool")

    def free_port(self) -> int:
        """A port that nobody has: for a role without web, for a proxy."""
        taken = {*self.ports.values(), *self.ops.values()}
        while (port := random.choice(ports.RANGE)) in taken or not ports.is_free(port):
            pass
        return port

    @property
    def env(self) -> dict[str, str]:
        """The environment of every process of the site."""
        set_ports = {f"{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "AMQP_URL": self.amqp_url,
            "PETITION_STATE": str(self.state),
            "PYTHONWARNINGS": "ignore",
            # every address here is a number; eventlet's resolver is a fifth of a process's start
            "EVENTLET_NO_GREENDNS": "yes",
            **set_ports,
            **self.extra_env,
        }

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    # -- processes -------------------------------------------------------------------------------

    def start(self, name: str, wait: bool = True) -> None:
        """Starts `intake`, or roles of it: `intake/relay`, `intake/web,clock`."""
        service, _, role = name.partition("/")
        env = self.env
        if role and "web" not in role.split(","):
            self.ops[name] = self.free_port()
            env["OPS_PORT"] = str(self.ops[name])
        log = (self.state / f"{name.replace('/', '-')}.log").open("ab")
        command = [sys.executable, "-m", "tool.main", "run", service]
        if role:
            command += ["--roles", role.split("#")[0]]
        self.processes[name] = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        if wait:
            self.wait_ready(name)

    def start_all(self, names: tuple[str, ...] = SERVICES) -> None:
        for name in names:
            self.start(name, wait=False)
        for name in names:
            self.wait_ready(name)

    def start_jobs(self) -> None:
        """The plain process that prints papers and the like."""
        log = (self.state / "jobs.log").open("ab")
        command = [sys.executable, "-m", "tool.main", "run-jobs"]
        self.processes["jobs"] = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)

    def wait_ready(self, name: str) -> None:
        port = self.ops.get(name) or self.ports[name.partition("/")[0]]
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.processes[name].poll() is not None:
                break
            try:
                if requests.get(f"http://127.0.0.1:{port}/ready", timeout=2).ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{name} is not ready:\n{self.log(name)[-3000:]}")

    def stop(self, name: str, timeout: float = 20) -> int:
        """SIGTERM; returns the exit code."""
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(timeout)

    def kill(self, name: str) -> None:
        """kill -9."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop_all(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def log(self, name: str) -> str:
        return (self.state / f"{name.replace('/', '-')}.log").read_text(errors="replace")

    def petition(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command `petition` against this site."""
        command = [sys.executable, "-m", "tool.main", *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def load_demo(self, petitions: int = 0) -> None:
        """Directory, accounts, and so many petitions of the past year."""
        done = self.petition("demo", "load", "--petitions", str(petitions))
        assert done.returncode == 0, done.stdout + done.stderr
        self.accounts = read_demo(self.state)

    # -- talking to it ---------------------------------------------------------------------------

    def token(self, office: str | None = None, *roles: str) -> str:
        """A token of the command line, or of an officer of an office."""
        if office is None:
            actor = Actor("tool", "test", None, frozenset(), None)
        else:
            actor = Actor("officer", f"test@{office}", office, frozenset(roles or ("clerk",)), None)
        return self._issuer.token(actor, 3600)

    def post(
        self,
        service: str,
        path: str,
        body: dict[str, Any],
        *,
        token: str | None = None,
        seen: str | None = None,
        key: str | None = None,
    ) -> requests.Response:
        """One command; the tool's token unless told otherwise (`token=""`: nobody)."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        if token != "":
            headers["Authorization"] = f"Bearer {token or self.token()}"
        if seen:
            headers["Petition-Seen"] = seen
        return requests.post(self.url(service) + path, json=body, headers=headers, timeout=30)

    def get(self, service: str, path: str, token: str | None = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token()}"} if token != "" else {}
        return requests.get(self.url(service) + path, headers=headers, timeout=30)

    def audit(self, wait: float = 30) -> Report:
        """`petition audit`, waiting for what is under way."""
        return settled(self.database_url, wait)


@pytest.fixture(scope="session")
def template_database(servers: Servers) -> str:
    """A migrated, empty database to copy: its name."""
    return template_of(servers, TEMPLATE, migrations.migrate)


@contextmanager
def fresh_site(servers: Servers, template: str) -> Iterator[Site]:
    """A site with nothing started yet, gone after the block."""
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(servers, template))
        vhost = stack.enter_context(fresh_vhost(servers))
        state = stack.enter_context(tempfile.TemporaryDirectory(prefix="petition-site-"))
        site = Site(database, vhost, Path(state))
        stack.callback(site.stop_all)
        yield site


@pytest.fixture
def quiet_site(servers: Servers, template_database: str) -> Iterator[Site]:
    """A site of this test alone, nothing started."""
    with fresh_site(servers, template_database) as site:
        yield site


@pytest.fixture(scope="session")
def site(servers: Servers, template_database: str) -> Iterator[Site]:
    """A running site with the demonstration county, shared by the journeys."""
    with fresh_site(servers, template_database) as site:
        site.start_all()
        site.load_demo()
        yield site
