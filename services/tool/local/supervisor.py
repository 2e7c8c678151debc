"""`make run`: the servers and every process of a site, started, watched and stopped together."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tool.local import ports
from tool.local.process import Process, tail
from tool.local.servers import Servers
from tool.local.signals import Stopped, StopSignals
from tool.local.state import LocalError, Lock, claim, own_dir, remove_tree

READY_SECONDS = 60
GRACE_SECONDS = 10
STOP_SECONDS = 120
STEADY_SECONDS = 60
"""A process that lived this long begins again with the shortest back-off."""
LONGEST_BACKOFF = 30.0
PLUGINS = ["rabbitmq_prometheus"]
DATABASE = VHOST = "petition"


@dataclass(frozen=True)
class Service:
    """One process of the site: its name, its `petition` command, its default port if any.

    An optional one is left out when the tool does not have its command.
    """

    name: str
    command: tuple[str, ...]
    port: int | None = None
    optional: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that sets the port."""
        return f"{self.name.upper()}_PORT"


SERVICES = (
    Service("console", ("run", "console"), 8000),
    Service("intake", ("run", "intake"), 8001),
    Service("routing", ("run", "routing"), 8002),
    Service("supervision", ("run", "supervision"), 8003),
    Service("stats", ("run", "stats"), 8004),
    Service("jobs", ("run-jobs",), optional=True),
)
"""What a site consists of."""


@dataclass
class Child:
    """A service's process and what the supervisor knows of its luck."""

    service: Service
    process: Process
    log: Path
    offset: int = 0  # where in the log this life of it begins
    started: float = 0.0
    backoff: float = 1.0
    due: float | None = field(default=None)  # when to start it again; None while it lives

    def start(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start the process."""
        self.offset = self.log.stat().st_size if self.log.exists() else 0
        self.process.spawn([*command, *self.service.command], env, self.log)
        self.started, self.due = time.monotonic(), None

    def postpone(self) -> float:
        """It died: set when to start it again. Returns the seconds until then."""
        now = time.monotonic()
        if now - self.started > STEADY_SECONDS:
            self.backoff = 1.0
        wait, self.backoff = self.backoff, min(self.backoff * 2, LONGEST_BACKOFF)
        self.due = now + wait
        return wait

    def last_words(self) -> str:
        """The end of what this life of it wrote."""
        return tail(self.log, since=self.offset)


class Supervisor:
    """One site on this machine, under one state directory."""

    def __init__(
        self,
        state: Path,
        command: Sequence[str] = ("petition",),
        services: Sequence[Service] = SERVICES,
        environment: Mapping[str, str] = os.environ,
        say: Callable[[str], None] = print,
    ) -> None:
        """
        Args:
            state: where everything is kept.
            command: how to call `petition`.
            services: what to run.
            environment: settings: DATABASE_URL, AMQP_URL, the ports; handed on to the processes.
            say: tells the person at the terminal.
        """
        self.state, self._command, self._services = state, list(command), services
        self._env, self._say = dict(environment), say
        self._signals = StopSignals()
        self._servers = Servers(state, PLUGINS, self._signals.pause)
        self._own_database = not environment.get("DATABASE_URL")
        self._own_broker = not environment.get("AMQP_URL")
        self._me = Process(state / "supervisor.json")
        self._children: list[Child] = []

    # The whole life

    def run(self) -> None:
        """Start everything, watch it until a signal comes, stop everything.

        Raises:
            LocalError: a run is on already, a port is taken, or something did not start.
        """
        with self._alone(), self._signals:
            self._me.remember(os.getpid())
            try:
                self._start()
                self._watch()
            except Stopped:
                self._say("stopping")
            finally:
                self._stop_all()
                self._me.record.unlink(missing_ok=True)

    def _start(self) -> None:
        own_dir(self.state / "processes")
        self._stop_leftovers()
        self._check_ports()
        self._start_servers()
        self._step("applying migrations", lambda: self._call("migrate"))
        self._step("starting the services", self._start_services)
        self._load_demo()
        self._say(self._addresses())
        if self._own_database:
            self._say(self._call("demo", "accounts").rstrip())
        self._say(f"Logs are in {self.state / 'log'}. Ctrl-C stops everything and keeps the data.")

    # For the other commands

    def up(self) -> dict[str, str]:
        """Start the two servers and leave them running. Returns what points a program at them."""
        with self._alone(), self._signals:
            self._start_servers()
        return self.urls()

    def down(self) -> None:
        """Stop a supervisor at work here, and whatever a killed one left running."""
        self._stop_supervisor()
        if self.state.exists():
            with self._alone():
                self._stop_leftovers()
                self._servers.stop()

    def reset(self) -> None:
        """Stop everything and delete the state."""
        self.down()
        if self.state.exists():
            with self._alone():
                self._servers.forget()
                remove_tree(self.state)

    def urls(self) -> dict[str, str]:
        """DATABASE_URL and AMQP_URL: those given, else those of the private servers.

        Raises:
            LocalError: a private server was never started.
        """
        names = ("DATABASE_URL", "AMQP_URL")
        urls: dict[str, str] = {name: self._env[name] for name in names if name in self._env}
        if self._own_database:
            urls["DATABASE_URL"] = self._servers.cluster.url_of(DATABASE)
        if self._own_broker:
            urls["AMQP_URL"] = self._servers.broker.url_of(VHOST)
        return urls

    def status(self) -> Iterator[tuple[str, str]]:
        """Name and state of each process: running with its pid, or stopped."""
        yield "supervisor", _describe(self._me)
        yield "database", "running" if self._servers.cluster.running() else "stopped"
        yield "broker", "running" if self._servers.broker.running() else "stopped"
        for service in self._services:
            yield service.name, _describe(self._process(service))

    # Starting

    def _stop_leftovers(self) -> None:
        """Stop the services of a supervisor that was killed; the servers are taken up."""
        records = (self.state / "processes").glob("*.json")
        _stop_together([Process(record) for record in records])

    def _check_ports(self) -> None:
        for service in self._services:
            port = self._port(service)
            if port is not None and not ports.is_free(port):
                raise LocalError(
                    f"port {port} ({service.name}) is taken: free it or set {service.variable}"
                )

    def _port(self, service: Service) -> int | None:
        text = self._env.get(service.variable, service.port)
        try:
            return None if service.port is None or text is None else int(text)
        except ValueError:
            raise LocalError(f"{service.variable} is not a port: {text}") from None

    def _start_servers(self) -> None:
        servers = self._servers
        if self._own_database and self._own_broker:
            self._step("starting the database and the broker", servers.start)
        elif self._own_broker:
            self._step("starting the broker", servers.broker.start)
        elif self._own_database:
            self._step("starting the database", servers.cluster.start)
        if self._own_broker:
            servers.broker.add_vhost(VHOST)
        if self._own_database and DATABASE not in servers.cluster.databases():
            servers.cluster.create_database(DATABASE)

    def _start_services(self) -> None:
        env = self._child_env()
        for service in self._services:
            log = self.state / "log" / f"{service.name}.log"
            child = Child(service, self._process(service), log)
            self._children.append(child)
            child.start(self._command, env)
        deadline = time.monotonic() + READY_SECONDS
        for child in self._children:
            while not self._ready(child):
                self._refuse_dead()
                if time.monotonic() > deadline:
                    raise LocalError(
                        f"{child.service.name} was not ready within {READY_SECONDS} s; "
                        f"{child.log} ends:\n{child.last_words()}"
                    )
                self._signals.pause(0.1)
        self._refuse_dead()

    def _refuse_dead(self) -> None:
        """A process that dies at its first start has a fault no restart will cure."""
        for child in self._children:
            if child.process.pid is None:
                raise LocalError(
                    f"{child.service.name} ended while starting; {child.log} ends:\n"
                    f"{child.last_words()}"
                )

    def _ready(self, child: Child) -> bool:
        port = self._port(child.service)
        return port is None or answers_ready(port)

    def _load_demo(self) -> None:
        """Fill a private database once; somebody else's is never written to unasked."""
        done = self.state / "demo-loaded"
        if self._own_database and not done.exists():
            self._step("loading the demonstration data", lambda: self._call("demo", "load"))
            done.touch()

    # Watching

    def _watch(self) -> None:
        """Restart what dies, until somebody asks to stop."""
        while True:
            self._watch_servers()
            for child in self._children:
                self._tend(child)
            self._signals.pause(0.5)

    def _watch_servers(self) -> None:
        for name, ours, server in (
            ("database", self._own_database, self._servers.cluster),
            ("broker", self._own_broker, self._servers.broker),
        ):
            if ours and not server.running():
                self._say(f"the {name} ended; starting it again. {server.log} ends:")
                self._say(tail(server.log))
                server.start()

    def _tend(self, child: Child) -> None:
        if child.due is not None:
            if time.monotonic() >= child.due:
                child.start(self._command, self._child_env())
        elif child.process.pid is None:
            wait = child.postpone()
            self._say(f"{child.service.name} ended; again in {wait:.0f} s. {child.log} ends:")
            self._say(child.last_words())

    # Stopping

    def _stop_all(self) -> None:
        """With plain pauses: stopping is not interrupted."""
        _stop_together([child.process for child in self._children])
        Servers(self.state, PLUGINS).stop()

    def _stop_supervisor(self) -> None:
        self._me.send(signal.SIGTERM)
        if not self._me.gone(STOP_SECONDS):
            raise LocalError(f"the supervisor (process {self._me.pid}) does not stop")

    # Small parts

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = Lock(claim(self.state))
        if not lock.take():
            raise LocalError(f"already running here ({self.state}); `petition local down` stops it")
        try:
            yield
        finally:
            lock.release()

    def _process(self, service: Service) -> Process:
        return Process(self.state / "processes" / f"{service.name}.json")

    def _step(self, what: str, action: Callable[[], object]) -> None:
        began = time.monotonic()
        action()
        self._say(f"{what}: {time.monotonic() - began:.1f} s")

    def _child_env(self) -> dict[str, str]:
        set_ports = {
            service.variable: str(port)
            for service in self._services
            if (port := self._port(service)) is not None
        }
        return self._env | self.urls() | set_ports | {"PETITION_STATE": str(self.state)}

    def _call(self, *words: str) -> str:
        """Run one `petition` command to its end, in its own session like every process of ours.

        Returns:
            What it printed.

        Raises:
            LocalError: it failed; with the end of what it said.
        """
        log = own_dir(self.state / "log") / f"{'-'.join(words)}.log"
        with log.open("wb") as out, log.open("rb") as back:
            process = subprocess.Popen(
                [*self._command, *words],
                env=self._child_env(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                while process.poll() is None:
                    self._signals.pause(0.05)
            finally:
                process.terminate()  # does nothing to one that has ended
                process.wait()
            if process.returncode:
                raise LocalError(f"petition {' '.join(words)} failed; {log} ends:\n{tail(log)}")
            return back.read().decode("utf-8", "replace")

    def _addresses(self) -> str:
        lines = [
            f"  {service.name:<12} http://127.0.0.1:{port}"
            for service in self._services
            if (port := self._port(service)) is not None
        ]
        if self._own_broker:
            metrics = self._servers.broker.ports["prometheus"]
            lines.append(f"  {'broker':<12} http://127.0.0.1:{metrics}/metrics")
        return "\n".join(["", *lines, ""])


def answers_ready(port: int) -> bool:
    """Whether the service on a loopback port says it is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _describe(process: Process) -> str:
    return f"running (process {process.pid})" if process.pid else "stopped"


def _stop_together(processes: Sequence[Process]) -> None:
    """Ask all to stop, then wait: the grace of all runs at the same time."""
    for process in processes:
        process.send(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        process.stop(grace=max(0.0, deadline - time.monotonic()))
