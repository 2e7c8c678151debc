"""A private RabbitMQ node: own ports, epmd, cookie, data; loopback only."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from tool.local import ports
from tool.local.process import Process, tail
from tool.local.state import LocalError, own_dir, secret, write_secret

USER = "petition"
NODE = "petition@localhost"  # the same for every node: each has an epmd to itself
START_SECONDS = 90
STOP_SECONDS = 30

# Plugins that listen, and the prefix of their settings. By default they take a fixed port on all
# interfaces, so each is given a loopback port of its own; no other listening plugin is allowed.
LISTENERS = {"rabbitmq_prometheus": "prometheus.tcp", "rabbitmq_management": "management.tcp"}
SILENT = {"rabbitmq_shovel", "rabbitmq_shovel_management", "rabbitmq_federation"}

SETTINGS = """\
default_user = {user}
default_pass = {password}
loopback_users = none
listeners.tcp.default = 127.0.0.1:{amqp}
disk_free_limit.absolute = 200MB
# The default of 512 MB is kept in memory up to three times over.
raft.wal_max_size_bytes = 67108864
log.console = true
log.console.use_colors = off
log.file = false
"""


class Broker:
    """One RabbitMQ node and the epmd that goes with it, under one directory."""

    def __init__(
        self,
        home: Path,
        log: Path,
        plugins: Sequence[str] = (),
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        Args:
            home: keeps configuration, cookie, password, ports and data.
            log: the node's log.
            plugins: what to enable; of those that listen, see LISTENERS.
            pause: waits so many seconds between two looks; may raise to give up waiting.

        Raises:
            ValueError: a plugin that would listen where we do not know.
        """
        if unknown := set(plugins) - SILENT - set(LISTENERS):
            raise ValueError(f"may open a port to the world: {', '.join(sorted(unknown))}")
        self.home, self.log, self._plugins, self._pause = home, log, plugins, pause
        self._node = Process(home / "node.json", pause)
        self._epmd = Process(home / "epmd.json", pause)

    @property
    def ports(self) -> dict[str, int]:
        """amqp, distribution, epmd and, where enabled, prometheus and management."""
        return ports.load(self.home / "ports.json")

    @property
    def url(self) -> str:
        """The administrator's AMQP URL on the default virtual host."""
        return self.url_of("/")

    def url_of(self, vhost: str) -> str:
        """The administrator's AMQP URL on a virtual host.

        Raises:
            LocalError: the broker was never started.
        """
        if not self.ports:
            raise LocalError("the private broker was never started")
        password = secret(self.home / "password")
        path = vhost.replace("/", "%2F")
        return f"amqp://{USER}:{password}@127.0.0.1:{self.ports['amqp']}/{path}"

    def running(self) -> bool:
        """Whether the node's process lives; start() returns only when it also answers."""
        return self._node.pid is not None

    def start(self) -> None:
        """Start the node, or take up the one an earlier run left, and wait until it serves.

        Raises:
            LocalError: RabbitMQ is not installed, or did not come up; with the end of its log.
        """
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """The first half of start(): set it going without waiting.

        Raises:
            LocalError: RabbitMQ is not installed.
        """
        if self.running():
            return
        self._epmd.stop()  # a lone one is of no use: nodes register only when they start
        self._configure()
        epmd = shutil.which("epmd") or _installed("/usr/lib/erlang/erts-*/bin/epmd")
        listen = ["-port", self.ports["epmd"], "-address", "127.0.0.1"]
        # In the foreground, so that it is a process we know and can stop.
        self._epmd.spawn([epmd, *map(str, listen)], self._env(), self.log)
        self._node.spawn([self._program("rabbitmq-server")], self._server_env(), self.log)

    def await_ready(self) -> None:
        """The second half of start(): wait until the node has opened its listeners.

        Raises:
            LocalError: it ended, or took longer than START_SECONDS.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if not self.running() or time.monotonic() > deadline:
                raise LocalError(f"RabbitMQ did not start; {self.log} ends:\n{tail(self.log)}")
            self._pause(0.1)

    def _ready(self) -> bool:
        try:
            return self.eval("rabbit_boot_state:get()") == "ready"
        except LocalError:
            return False

    def stop(self) -> None:
        """Stop the node in good order, then its epmd."""
        self.ask_to_stop()
        self._node.stop(grace=STOP_SECONDS)
        self._epmd.stop()

    def ask_to_stop(self) -> None:
        """Begin to stop without waiting, so that several servers can stop side by side."""
        if self.running() and self._plugins:
            # The statistics handler's last act is a call to the very process that is stopping
            # it: five seconds until it gives up. It has nothing to say, so it goes first.
            with contextlib.suppress(LocalError):
                self.eval("gen_event:delete_handler(rabbit_event, rabbit_mgmt_db_handler, stop)")
        self._node.send(signal.SIGTERM)

    def kill(self) -> None:
        """End node and epmd at once, as a power cut would."""
        self._node.kill()
        self._epmd.kill()

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def add_vhost(self, name: str) -> str:
        """Make a virtual host (if it is not there) on which the administrator may do everything.

        Args:
            name: letters, digits, dot, hyphen, underscore.

        Returns:
            Its AMQP URL.
        """
        host, anything = _binary(name), '<<".*">>'
        self.eval(
            f"ok = rabbit_vhost:add({host}, {_binary(USER)}), "
            f"rabbit_auth_backend_internal:set_permissions({_binary(USER)}, {host}, "
            f"{anything}, {anything}, {anything}, {_binary(USER)})"
        )
        return self.url_of(name)

    def delete_vhost(self, name: str) -> None:
        """Delete a virtual host with its exchanges and queues; connections to it are closed."""
        self.eval(f"rabbit_vhost:delete({_binary(name)}, {_binary(USER)})")

    def eval(self, expressions: str) -> str:
        """Evaluate Erlang in the node: about 5 ms, where rabbitmqctl needs half a second.

        Args:
            expressions: without the closing full stop.

        Returns:
            The value as Erlang writes it.

        Raises:
            LocalError: the node does not answer, or the evaluation failed.
        """
        # a name of its own: those that erl_call makes up (-r) follow from the second, and of two that ask in the
        # same one, as two runs of tests do, the node turns one away
        name = f"call-{uuid4().hex}"
        done = subprocess.run(
            [_installed("/usr/lib/erlang/erts-*/bin/erl_call"), "-sname", NODE, "-h", name, "-e"],
            input=expressions + ".\n",
            env=self._env(),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer := re.fullmatch(r"\{ok, (.*)\}\s*", done.stdout, re.DOTALL):
            return answer[1]
        raise LocalError(f"the broker did not answer: {done.stdout or done.stderr}")

    def ctl(self, *args: str) -> str:
        """Run rabbitmqctl against this node.

        Returns:
            What it printed.

        Raises:
            LocalError: it failed; with what it said.
        """
        done = subprocess.run(
            [self._program("rabbitmqctl"), "--quiet", *args],
            env=self._env(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LocalError(f"rabbitmqctl {' '.join(args)}: {done.stderr or done.stdout}")
        return done.stdout

    def _configure(self) -> None:
        """Choose the ports and write every file the node reads."""
        own_dir(self.home)
        listening = [plugin for plugin in self._plugins if plugin in LISTENERS]
        chosen = ports.keep(
            self.home / "ports.json", ["amqp", "distribution", "epmd", *map(_short, listening)]
        )
        password = secret(self.home / "password")
        text = SETTINGS.format(user=USER, password=password, amqp=chosen["amqp"])
        for plugin in listening:
            prefix = LISTENERS[plugin]
            text += f"{prefix}.ip = 127.0.0.1\n{prefix}.port = {chosen[_short(plugin)]}\n"
        write_secret(self.home / "rabbitmq.conf", text)
        (self.home / "enabled_plugins").write_text(f"[{','.join(self._plugins)}].")
        secret(self.home / ".erlang.cookie")
        (self.home / ".erlang.cookie").chmod(0o400)  # Erlang insists

    def _env(self) -> dict[str, str]:
        """What every program of the node's needs; nothing is inherited from the caller."""
        return {
            "PATH": os.defpath + ":/usr/sbin:/sbin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.home),  # the cookie is there
            "ERL_EPMD_PORT": str(self.ports.get("epmd", 0)),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",  # not the system's
            "RABBITMQ_CTL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    def _server_env(self) -> dict[str, str]:
        home = str(self.home)
        return self._env() | {
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.ports["amqp"]),
            "RABBITMQ_DIST_PORT": str(self.ports["distribution"]),
            "RABBITMQ_MNESIA_BASE": f"{home}/data",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
            # Named although absent: else the system's in /etc/rabbitmq are read as well.
            "RABBITMQ_CONFIG_FILES": f"{home}/conf.d",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{home}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/enabled_plugins",
            "RABBITMQ_PID_FILE": f"{home}/pid",
            # The script then becomes the node instead of waiting for it: one process, one pid.
            "RABBITMQ_ALLOW_INPUT": "true",
            "RABBITMQ_SERVER_START_ARGS": "-noinput",
            # Idle schedulers sleep rather than spin: the cores are shared with everything else.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none"
            " -kernel inet_dist_use_interface {127,0,0,1}",
        }

    @staticmethod
    def _program(name: str) -> str:
        # Not Debian's wrappers on the PATH: they insist on the account rabbitmq.
        return _installed(f"/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/{name}")


def _installed(pattern: str) -> str:
    """The newest file that matches an absolute glob."""
    found = sorted(Path("/").glob(pattern.lstrip("/")))
    if not found:
        raise LocalError(f"not installed: {pattern} (make setup tells what is missing)")
    return str(found[-1])


def _short(plugin: str) -> str:
    return plugin.removeprefix("rabbitmq_")


def _binary(text: str) -> str:
    """An Erlang binary of a name, which may hold nothing that could end the literal."""
    if not re.fullmatch(r"[\w.-]+|/", text, re.ASCII):
        raise ValueError(f"not a name for a virtual host: {text!r}")
    return f'<<"{text}">>'
