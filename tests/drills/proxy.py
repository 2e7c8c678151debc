"""A TCP proxy before the broker, in a process of its own, that cuts and swallows what passes.

    python -m tests.drills.proxy LISTEN TARGET

Commands on stdin, each answered by itself on stdout: `cut` lets half of the next piece of data pass on
every connection and resets both sides; `hole` swallows everything without closing anything, also of new
connections; `flow` lets new connections pass again (old ones have lost bytes and stay dead).
"""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

PIECE = 1 << 16
RESET = struct.pack("ii", 1, 0)


class Pair:
    """One connection and its other half."""

    def __init__(self, proxy: Relay, near: Any, far: Any) -> None:
        self.proxy, self.near, self.far = proxy, near, far
        self.cutting = False
        self.swallowing = proxy.hole

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copies one direction until it ends."""
        try:
            while data := await reader.read(PIECE):
                if self.cutting:
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    break
                if not self.swallowing:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        if not self.swallowing:
            self.reset()

    def reset(self) -> None:
        """Closes both sides as a lost network would: with a reset, without goodbye."""
        for writer in (self.near, self.far):
            sock = writer.get_extra_info("socket")
            if sock is not None and not writer.is_closing():
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()


class Relay:
    """All connections of the proxy."""

    def __init__(self, target: int) -> None:
        self.target, self.hole = target, False
        self.pairs: set[Pair] = set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A new client."""
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = Pair(self, writer, far)
        self.pairs.add(pair)
        await asyncio.gather(pair.pass_on(reader, far), pair.pass_on(far_reader, writer))
        self.pairs.discard(pair)

    def obey(self, command: str) -> None:
        """One command of the drill."""
        if command == "cut":
            for pair in self.pairs:
                pair.cutting = True
        elif command == "hole":
            self.hole = True
            for pair in self.pairs:
                pair.swallowing = True
        elif command == "flow":
            self.hole = False


async def serve(listen: int, target: int) -> None:
    """Until stdin ends."""
    relay = Relay(target)
    await asyncio.start_server(relay.accept, "127.0.0.1", listen)
    print("ready", flush=True)
    read = asyncio.get_running_loop().run_in_executor
    while line := await read(None, sys.stdin.readline):
        relay.obey(line.strip())
        print(line.strip(), flush=True)


class Proxy:
    """The handle that a drill holds."""

    def __init__(self, amqp_url: str, port: int) -> None:
        parts = urlsplit(amqp_url)
        host = parts.netloc.rpartition(":")[0]
        self.url = urlunsplit(parts._replace(netloc=f"{host}:{port}"))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.proxy", str(port), str(parts.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer("ready")

    def tell(self, command: str) -> None:
        """Returns when the proxy has obeyed."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        self._answer(command)

    def _answer(self, wanted: str) -> None:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline().strip()
        assert answer == wanted, f"the proxy said {answer!r} for {wanted!r}"

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def before(amqp_url: str, port: int) -> Iterator[Proxy]:
    """A proxy on `port` before a broker."""
    proxy = Proxy(amqp_url, port)
    try:
        yield proxy
    finally:
        proxy.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
