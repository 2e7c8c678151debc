"""The server on a loopback socket: slow, broken and leaving clients, limits, a graceful stop."""

import kit.patched  # noqa: F401  isort: skip

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import eventlet
import pytest
from nameko.containers import ServiceContainer

from kit.http import Ops, Request, Server, connection, page, route, server
from kit.identity import PUBLIC

GET = b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n"


class Slow(Ops):
    name = "slow"

    @route("GET", "/wait/<int:ms>", scope=PUBLIC)
    def wait(self, request: Request, ms: int) -> dict[str, Any]:
        eventlet.sleep(ms / 1000)
        return {"waited": ms}

    @route("GET", "/large", scope=PUBLIC)
    def large(self, request: Request) -> dict[str, Any]:
        return {"large": "x" * 20_000_000}

    @page("POST", "/form", scope=PUBLIC, limit=1000)
    def form(self, request: Request) -> str:
        return request.form["a"]


@pytest.fixture
def container() -> Iterator[ServiceContainer]:
    container = ServiceContainer(Slow, {"HTTP_ADDRESS": "127.0.0.1:0", "max_workers": 4})
    container.start()
    yield container
    container.stop()


@pytest.fixture
def dial(container: ServiceContainer) -> Iterator[Callable[[], socket.socket]]:
    port = container.shared_extensions[Server].port
    opened: list[socket.socket] = []

    def connect() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        return opened[-1]

    yield connect
    for client in opened:
        client.close()


def ask(client: socket.socket, data: bytes) -> bytes:
    """Send and read one answer with its body."""
    client.sendall(data)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.recv(65536) or b"\r\n\r\nend"
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body


def until_closed(client: socket.socket) -> bytes:
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data


def test_a_connection_is_kept(dial: Any):
    client = dial()
    for _ in range(3):
        assert ask(client, GET).startswith(b"HTTP/1.1 200 OK")


def test_pipelined_requests_are_answered_in_order(dial: Any):
    client = dial()
    client.sendall(b"GET /wait/30 HTTP/1.1\r\nHost: a\r\n\r\n" + GET.replace(b"\r\nHost", b"\r\nConnection: close\r\nHost"))  # fmt: skip
    data = until_closed(client)
    assert data.index(b'"waited"') < data.index(b'"live"')


def test_garbage_is_refused_and_cut(dial: Any):
    client = dial()
    client.sendall(b"\x16\x03\x01\x00\xa5garbage\r\n\r\n")
    assert until_closed(client).startswith(b"HTTP/1.1 400 ")


def test_an_oversized_head_is_refused(dial: Any):
    client = dial()
    client.sendall(b"GET / HTTP/1.1\r\nX: " + b"y" * 20000)
    assert until_closed(client).startswith(b"HTTP/1.1 431 ")


def test_an_oversized_body_is_refused_before_it_is_sent(dial: Any):
    client = dial()
    client.sendall(b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nstart")
    answer = until_closed(client)
    assert answer.startswith(b"HTTP/1.1 413 ") and b"Connection: close" in answer


def test_head_has_no_body_and_the_connection_goes_on(dial: Any):
    client = dial()
    client.sendall(b"HEAD /live HTTP/1.1\r\nHost: a\r\n\r\n")
    eventlet.sleep(0.1)
    assert client.recv(65536).endswith(b"\r\n\r\n")
    assert ask(client, GET).endswith(b'{"status":"live"}')


def test_a_form_in_chunks(dial: Any):
    answer = ask(
        dial(),
        b"POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        b"2\r\na=\r\n3\r\nxyz\r\n0\r\n\r\n",
    )
    assert answer.endswith(b"xyz")


def test_slow_bodies_hold_no_worker_and_are_cut(dial: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "BODY_TIME", 0.2)
    start = b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf"
    slow = [dial() for _ in range(100)]
    for client in slow:
        client.sendall(start)
    assert ask(dial(), b"GET /wait/0 HTTP/1.1\r\nHost: a\r\n\r\n").startswith(b"HTTP/1.1 200")
    for client in slow:
        assert until_closed(client).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_drips_is_cut(dial: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "HEAD_TIME", 0.3)
    client = dial()

    def drip() -> None:
        try:
            for byte in GET[:-2] * 100:
                client.sendall(bytes([byte]))
                eventlet.sleep(0.05)
        except OSError:
            pass

    eventlet.spawn(drip)
    assert until_closed(client).startswith(b"HTTP/1.1 408 ")


def test_an_idle_connection_is_closed_in_silence(dial: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "IDLE_TIME", 0.2)
    client = dial()
    assert until_closed(client) == b""


def test_a_client_that_does_not_read_its_answer_is_cut(
    dial: Any, container: ServiceContainer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "BODY_TIME", 0.1)
    monkeypatch.setattr(connection, "PACE", 1 << 30)
    client = dial()
    client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    web = container.shared_extensions[Server]
    with eventlet.Timeout(10):
        while not web._connections:
            eventlet.sleep(0.01)
        while web._connections:
            eventlet.sleep(0.05)


def test_a_client_that_leaves_harms_nothing(dial: Any, container: ServiceContainer):
    for data in (b"", b"GE", GET[:-2], GET, b"GET /wait/50 HTTP/1.1\r\nHost: a\r\n\r\n"):
        client = dial()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.sendall(data)
        client.close()
    eventlet.sleep(0.2)
    assert not container._died.ready()
    assert ask(dial(), GET).startswith(b"HTTP/1.1 200")


def test_with_all_places_taken_the_longest_idle_goes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 3)
    container = ServiceContainer(Slow, {"HTTP_ADDRESS": "127.0.0.1:0"})
    container.start()
    address = ("127.0.0.1", container.shared_extensions[Server].port)
    clients = [socket.create_connection(address, timeout=10) for _ in range(6)]
    try:
        for client in clients[::-1]:
            try:
                answered = ask(client, GET).startswith(b"HTTP/1.1 200")
            except OSError:
                answered = False
            if client is clients[-1]:
                assert answered
    finally:
        for client in clients:
            client.close()
        container.stop()


def test_running_requests_finish_when_the_container_stops(dial: Any, container: ServiceContainer):
    busy, idle = dial(), dial()
    ask(idle, GET)
    busy.sendall(b"GET /wait/300 HTTP/1.1\r\nHost: a\r\n\r\n")
    eventlet.sleep(0.1)
    stopping = eventlet.spawn(container.stop)
    assert until_closed(idle) == b""
    answer = until_closed(busy)
    assert answer.endswith(b'{"waited":300}') and b"Connection: close" in answer
    stopping.wait()
    with pytest.raises(OSError):
        dial()


PROCESS = """
import kit.patched, sys
from kit import log, runner
from kit.http import OpsService
log.configure("ops", "ops")
sys.exit(runner.run([OpsService], {"OPS_ADDRESS": "127.0.0.1:0"}))
"""
DYING = """
import kit.patched, sys, eventlet
from kit import log, runner
from kit.http import OpsService
from nameko.extensions import DependencyProvider

class Mortal(DependencyProvider):
    def start(self):
        self.container.spawn_managed_thread(self.die)
    def die(self):
        eventlet.sleep(0.1)
        raise OSError("a relay's end")

class Service(OpsService):
    mortal = Mortal()

log.configure("ops", "ops")
sys.exit(runner.run([Service], {"OPS_ADDRESS": "127.0.0.1:0"}))
"""
STUBBORN = """
import kit.patched, sys, os, signal, eventlet
from kit import log, runner
from kit.http import OpsService
from nameko.extensions import DependencyProvider

class Stubborn(DependencyProvider):
    def stop(self):
        eventlet.sleep(60)

class Service(OpsService):
    stubborn = Stubborn()

runner.DRAIN_TIME = 0.5
log.configure("ops", "ops")
eventlet.spawn_after(0.5, os.kill, os.getpid(), signal.SIGTERM)
sys.exit(runner.run([Service], {"OPS_ADDRESS": "127.0.0.1:0"}))
"""


def run_to_the_end(text: str) -> subprocess.CompletedProcess[bytes]:
    services = str(Path(server.__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": services}
    return subprocess.run([sys.executable, "-c", text], capture_output=True, timeout=20, env=env)


def test_a_death_ends_the_process_with_an_error():
    done = run_to_the_end(DYING)
    assert done.returncode == 1 and b"container.died" in done.stdout


def test_a_role_that_does_not_stop_is_killed():
    done = run_to_the_end(STUBBORN)
    assert done.returncode == 1 and b"process.killing" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_process_obeys_a_signal(number: int):
    services = str(Path(server.__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": services},
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if b"process.started" in line:
                break
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()


def test_a_process_that_cannot_listen_says_so_and_ends():
    taken = socket.create_server(("127.0.0.1", 0))
    done = run_to_the_end(PROCESS.replace(":0", f":{taken.getsockname()[1]}"))
    taken.close()
    assert done.returncode == 1 and b"cannot listen on 127.0.0.1" in done.stdout
