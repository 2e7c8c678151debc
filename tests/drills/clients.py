"""The clients of a drill, a process of its own: an open loop of registrations that never gives one up.

    python -m tests.drills.clients --intake 8001 --routing 8002 --supervision 8003 --keys DIR --out FILE

Each petition has one Idempotency-Key and is sent again, after a pause, until it is answered: that is
what a counter's client does whose server is away. One in `--lives` goes on through signature,
acceptance, answer, service and closure, so that every service's log is written while things break. One
in four tells no place: routing must read it out of the text. One in fifty is sent again although it was
answered, and must get the same number.

Every attempt becomes one line of FILE (JSON, monotonic seconds). A line on stdin ends the load; the
process ends when everything begun was answered, or after `GIVE_UP`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import sys
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from kit import keys
from kit.identity import Actor, Issuer
from tests.bench import traffic
from tests.people import OPINION

TIMEOUT = 30.0
"""Seconds for one attempt."""
PAUSE, LONGEST = 0.3, 8.0
"""Seconds between two attempts: doubled each time, so that a crowd does not keep a busy server busy."""
GIVE_UP = 240.0
"""Seconds after the end of the load for what is not yet answered."""
KEEP = 2.0
"""A connection idle for longer is not used again: the server may be closing it."""
REPEATS = 50
LOST = 0
"""Status of an attempt that got no answer."""


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    retry_after: float | None
    body: bytes

    @property
    def again(self) -> bool:
        """Whether a client sends the same again: nothing was decided."""
        return self.status in (LOST, 429) or self.status >= 500


class Door:
    """Kept-alive connections to one port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, request: bytes) -> Answer:
        """One attempt. A kept connection that turns out to be closed is replaced at once."""
        try:
            return await asyncio.wait_for(self._send(request), TIMEOUT)
        except (OSError, EOFError, TimeoutError, ValueError):
            return Answer(LOST, None, b"")

    async def _send(self, request: bytes) -> Answer:
        kept = self._take()
        if kept is not None:
            try:
                return await self._exchange(*kept, request)
            except (OSError, EOFError):
                pass
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        return await self._exchange(reader, writer, request)

    def _take(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if time.monotonic() - since < KEEP and not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> Answer:
        whole = False
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            body = await reader.readexactly(int(_header(head, b"content-length") or 0))
            whole = b"\r\nconnection: close" not in head
        finally:
            if whole:
                self._idle.append((time.monotonic(), reader, writer))
            else:
                writer.close()
        after = _header(head, b"retry-after")
        return Answer(int(head[9:12]), float(after) if after else None, body)


def _header(head: bytes, name: bytes) -> bytes | None:
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.partition(b"\r\n")[0].strip() if found else None


def _bodies() -> list[bytes]:
    """What is registered; every fourth body, from the second, tells no place."""
    bodies = [registration.body for registration in traffic.pool()]
    for i in range(1, len(bodies), 4):
        bodies[i] = orjson.dumps(orjson.loads(bodies[i]) | {"division": None})
    return bodies[: len(bodies) // 4 * 4]


class Clients:
    """The whole crowd."""

    def __init__(self, doors: dict[str, Door], folder: Path, out: Path, lives: int) -> None:
        self.doors, self.lives = doors, lives
        self._out = out.open("wb", buffering=0)
        self._run = secrets.token_hex(4)
        self._clerk = traffic.officer(folder, "330282-xfj", "clerk", "triage")
        actor = Actor("tool", "drill", None, frozenset(), None)
        self._tool = Issuer(keys.load_private(folder, "tool"), "tool").token(actor, 12 * 3600)
        self._bodies = _bodies()
        self._tasks: set[asyncio.Task[None]] = set()
        self.over = False

    async def load(self, rate: float) -> None:
        """Starts `rate` petitions a second at random moments until `over`."""
        planned, serial = time.monotonic(), 0
        while not self.over:
            planned += random.expovariate(rate)
            if (wait := planned - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            self._spawn(self._petition(serial, planned))
            serial += 1

    async def finish(self) -> None:
        """Waits for what was begun; what is not answered then is missing from the file."""
        deadline = time.monotonic() + GIVE_UP
        while self._tasks and (left := deadline - time.monotonic()) > 0:
            await asyncio.wait(self._tasks, timeout=left)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _petition(self, serial: int, planned: float) -> None:
        key = f"{self._run}-{serial}"
        body = self._bodies[serial % len(self._bodies)]
        request = traffic.command("/petitions", self._clerk, key, body)
        answer = await self._until_answered("intake", "register", key, request, planned)
        if answer.status != 201:
            return
        registered = orjson.loads(answer.body)
        if serial % REPEATS == 0:
            await self._until_answered("intake", "repeat", key, request, time.monotonic())
        if self.lives and serial % self.lives == 0:
            await self._life(key, registered["number"], registered["sequence"])

    async def _life(self, key: str, number: str, seen: str) -> None:
        """The rest of a petition's life, each step sent until it is done."""
        steps = (
            ("routing", f"/petitions/{number}/signature", {}),
            ("supervision", f"/cases/{number}/acceptance", {}),
            (
                "supervision",
                f"/cases/{number}/answer",
                OPINION,
            ),
            (
                "supervision",
                f"/cases/{number}/service",
                {"method": "in_person", "served_on": traffic.today()},
            ),
            ("supervision", f"/cases/{number}/closure", {}),
        )
        for service, path, body in steps:
            what = path.rpartition("/")[2]
            await asyncio.sleep(random.uniform(0.1, 0.6))
            request = traffic.command(path, self._tool, key, orjson.dumps(body), seen)
            answer = await self._until_answered(service, what, key, request, time.monotonic())
            if answer.status != 200:
                return
            seen = orjson.loads(answer.body)["sequence"]

    async def _until_answered(
        self, service: str, what: str, key: str, request: bytes, planned: float
    ) -> Answer:
        early = (404, 409) if what not in ("register", "repeat") else ()
        pause = PAUSE
        while True:
            sent = time.monotonic()
            answer = await self.doors[service].send(request)
            self._note(service, what, key, planned, sent, answer)
            if not answer.again and answer.status not in early:
                return answer
            await asyncio.sleep(max(pause, answer.retry_after or 0.0) * random.uniform(0.7, 1.3))
            pause = min(2 * pause, LONGEST)

    def _note(
        self, service: str, what: str, key: str, planned: float, sent: float, answer: Answer
    ) -> None:
        line: dict[str, Any] = {
            "service": service,
            "what": what,
            "key": key,
            "status": answer.status,
        }
        line |= {"planned": planned, "sent": sent, "done": time.monotonic()}
        if answer.status in (200, 201):
            line["number"] = orjson.loads(answer.body)["number"]
        elif answer.status:
            line["answer"] = answer.body[:300].decode("utf-8", "replace")
        self._out.write(orjson.dumps(line) + b"\n")


async def _watch_parent() -> None:
    """Ends the process with the drill that started it, however that ended."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1.0)
    os._exit(1)


async def crowd(options: argparse.Namespace) -> None:
    """Load until a line comes on stdin, then the rest."""
    doors = {name: Door(getattr(options, name)) for name in ("intake", "routing", "supervision")}
    clients = Clients(doors, options.keys, options.out, options.lives)
    watching = asyncio.create_task(_watch_parent())
    loading = asyncio.create_task(clients.load(options.rate))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    clients.over = True
    await loading
    await clients.finish()
    watching.cancel()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("intake", "routing", "supervision"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--lives", type=int, default=20, help="one in so many; 0: none")
    asyncio.run(crowd(parser.parse_args()))


if __name__ == "__main__":
    main()
