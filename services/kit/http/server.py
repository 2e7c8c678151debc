"""The listening side: accepts, bounds, watches and drains the connections of one container."""

import logging
import socket as sockets
from functools import partial
from time import monotonic
from typing import Any

import eventlet
from eventlet.green import socket as green
from eventlet.semaphore import Semaphore
from nameko.extensions import ProviderCollector
from nameko.web.server import WebServer

from kit import metrics
from kit.config import ConfigError
from kit.http.connection import Connection
from kit.http.door import Door
from kit.http.limits import Memory
from kit.problems import Problem

log = logging.getLogger("kit.http")

MAX_CONNECTIONS = 1000
"""Connections served at one time; others wait in the kernel's queue."""
BACKLOG = 512
WATCH_INTERVAL = 0.5
"""Seconds between two looks at the deadlines."""
DRAIN_TIME = 10.0
"""Seconds that running requests get to finish when the container stops."""
DEFAULT_ADDRESS = "127.0.0.1:8000"


class Server(WebServer):  # type: ignore[misc]
    """nameko's shared web server with bounds.

    Reads `container.config[key]`, "address:port" ("" listens nowhere: tests), where `key` is the
    service class's `address_key`, HTTP_ADDRESS by default.
    """

    def __init__(self) -> None:
        super().__init__()
        self._starting = False
        self._connections: set[Connection] = set()
        self._slots = Semaphore(MAX_CONNECTIONS)
        self._memory = Memory()
        self._drained: Any = None
        self.door: Door

    def address(self) -> tuple[str, int] | None:
        """Host and port to listen on, None for nowhere. Raises ConfigError."""
        key = getattr(self.container.service_cls, "address_key", "HTTP_ADDRESS")
        text = self.container.config.get(key, DEFAULT_ADDRESS)
        if text == "":
            return None
        host, _, port = text.rpartition(":")
        if not (host and port.isascii() and port.isdigit() and int(port) < 65536):
            raise ConfigError(f"{key} must be address:port, not {text!r}")
        return host.strip("[]"), int(port)

    @property
    def port(self) -> int:
        """The port listened on (of use where the address asked for port 0)."""
        number: int = self._sock.getsockname()[1]
        return number

    def start(self) -> None:
        """Listen, and serve what connects."""
        if self._starting:
            return
        self._starting = True
        self.door = Door(self.container, self._providers)
        address = self.address()
        if address is None:
            return
        self._sock = _listen(address)
        self._gt = self.container.spawn_managed_thread(self.run)
        self.container.spawn_managed_thread(self._watch)
        count = metrics.http_connections().labels(self.container.service_name.partition(".")[0])
        count.set_function(partial(len, self._connections))
        log.info("http.listening", extra={"port": self.port})

    def run(self) -> None:
        """Accept until told to stop. With all places taken, the longest idle connection goes."""
        while self._is_accepting:
            if not self._slots.acquire(blocking=False):
                self._shed()
                self._slots.acquire()
            try:
                sock, address = self._sock.accept()
            except OSError as error:  # out of file descriptors, or a client that left in the queue
                self._slots.release()
                log.warning("http.accept_failed", exc_info=error)
                eventlet.sleep(0.1)
                continue
            self.container.spawn_managed_thread(partial(self._serve, sock, address))

    def _shed(self) -> None:
        idle = [connection for connection in self._connections if connection.idle]
        if idle:
            min(idle, key=lambda connection: connection.deadline).hang_up()

    def _serve(self, sock: Any, address: Any) -> None:
        """A connection's life. Nothing that a client does may reach the container."""
        sock.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        connection = Connection(sock, address[0], self._memory)
        self._connections.add(connection)
        try:
            while self._exchange(connection):
                pass
        except (OSError, EOFError):
            pass  # the client has gone
        except Exception as error:
            log.error("http.connection_failed", exc_info=error)
        finally:
            self._connections.discard(connection)
            connection.close()
            self._slots.release()

    def _exchange(self, connection: Connection) -> bool:
        """One request and its answer; whether another may follow on this connection."""
        head = None
        try:
            head = connection.read_head()
            if head is None:
                return False
            reply = self.door.answer(head, connection.read_body)
        except Problem as problem:
            reply = self.door.refusal(problem)
            reply.close = True
        streamed = not isinstance(reply.body, bytes)
        keep = head is not None and head.keep and not reply.close and self._is_accepting
        keep = keep and not (streamed and head is not None and head.old)
        connection.send(reply, head, keep)
        if reply.close:
            connection.linger()
        return keep

    def _watch(self) -> None:
        """End what is late; looks at the deadlines of all connections."""
        while True:
            eventlet.sleep(WATCH_INTERVAL)
            now = monotonic()
            for connection in [c for c in self._connections if c.deadline < now]:
                connection.expire()

    def drain(self) -> None:
        """Accept no more, close what rests, wait (10 s at most) for requests in progress."""
        if self._drained is None:
            self._drained = eventlet.spawn(self._drain)
        self._drained.wait()

    def _drain(self) -> None:
        self._close_door()
        for connection in [c for c in self._connections if c.idle]:
            connection.hang_up()
        limit = monotonic() + DRAIN_TIME
        while self._connections and monotonic() < limit:
            eventlet.sleep(0.02)

    def _close_door(self) -> None:
        self._is_accepting = False
        if self._gt is not None:
            self._gt.kill()
        if self._sock is not None:
            self._sock.close()

    def stop(self) -> None:
        """Called by nameko once the entrypoints (which drain) and the workers are done."""
        self.drain()
        ProviderCollector.stop(self)

    def kill(self) -> None:
        """Close the door at once; the container kills the connections' greenthreads."""
        self._close_door()


def _listen(address: tuple[str, int]) -> Any:
    family = sockets.AF_INET6 if ":" in address[0] else sockets.AF_INET
    sock = green.socket(family, sockets.SOCK_STREAM)
    sock.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise ConfigError(f"cannot listen on {address[0]}:{address[1]}: {error.strerror}") from None
    sock.listen(BACKLOG)
    return sock
