"""One client's connection: bounded reads, total deadlines, replies in one piece.

What the bytes mean, llhttp says (kit.http.wire). The loop around it is our own instead of
eventlet.wsgi (docs/adr/0004): that one has no total deadline, so a client that sends a byte now and
then holds it for ever. A deadline is a number on the connection; the server's one watch looks at
all of them twice a second and shuts down the sockets that are late. A timer for each request would
cost more.
"""

from socket import SHUT_RD, SHUT_RDWR, SHUT_WR
from time import monotonic
from typing import Any, Protocol

from kit.http.limits import Memory
from kit.http.wire import (
    BODILESS,
    Head,
    Parser,
    Reply,
    as_chunks,
    encode_head,
    malformed,
    too_large,
)

HEAD_LIMIT = 16 << 10
"""Bytes of request line and headers."""
HEAD_TIME = 10.0
"""Seconds for the whole head, from its first byte."""
BODY_TIME = 10.0
"""Seconds for the whole body, and one more for every 64 KiB."""
IDLE_TIME = 75.0
"""Seconds a kept connection may rest; longer than a proxy keeps its own (nginx: 60)."""
LINGER_TIME = 1.0
"""Seconds a refused client may take to read the refusal."""
PACE = 64 << 10
"""Bytes a second that a client must manage, in both directions."""
FOREVER = float("inf")

_CHUNK_LINE_LIMIT = 256
_CHUNK_LIMIT = 1 << 32
_CHUNKS = 10_000  # chunks of a byte or two cost the server far more than the client
_TRAILERS = 32


class Gone(ConnectionResetError):
    """The client left in the middle of its request."""


class Socket(Protocol):
    """What a connection needs of a (green) socket."""

    def recv(self, size: int) -> bytes: ...

    def sendall(self, data: bytes) -> Any: ...

    def shutdown(self, how: int) -> None: ...

    def close(self) -> None: ...


class Connection:
    """One client's connection. The server's watch calls `expire` when `deadline` has passed."""

    __slots__ = ("_buffer", "_held", "_memory", "_parser", "_sock", "_writing", "deadline", "idle",
                 "late", "remote")  # fmt: skip

    def __init__(self, sock: Socket, remote: str, memory: Memory) -> None:
        self._sock, self.remote, self._memory = sock, remote, memory
        self._buffer, self._held = b"", 0
        self._parser = Parser()
        self.idle, self.late, self._writing = True, False, False
        self.deadline = monotonic() + IDLE_TIME

    def read_head(self) -> Head | None:
        """The next request's head; None when the client has gone or said nothing for too long.

        Raises Problem 400, 408, 417, 431, 501, 505; the connection is of no further use then.
        """
        self._release()
        if not self._await_request():
            return None
        parser, fed = Parser(), 0
        while (end := self._buffer.find(b"\r\n\r\n", max(0, fed - 3), HEAD_LIMIT + 4)) < 0:
            if len(self._buffer) > HEAD_LIMIT:
                raise malformed("head-too-large", "请求头过大。", "The head is too large.", 431)
            parser.feed(self._buffer[fed:])
            fed = len(self._buffer)
            self._more()
        block, self._buffer = self._buffer[: end + 4], self._buffer[end + 4 :]
        self.deadline, self._parser = FOREVER, parser
        parser.feed(block[fed:])
        return parser.head(block, self.remote)

    def _await_request(self) -> bool:
        """Wait for a request's first byte, past blank lines (RFC 9112, 2.2); False: none comes."""
        self.idle, self.deadline = True, monotonic() + IDLE_TIME
        while not (line := self._buffer.lstrip(b"\r\n")):
            self._buffer = self._sock.recv(HEAD_LIMIT)
            if self.late or not self._buffer:
                return False
        self.idle, self.deadline = False, monotonic() + HEAD_TIME
        self._buffer = line
        if not 65 <= line[0] <= 90:  # TLS, for one: say so before waiting for a head's end
            raise malformed("bad-request-line", "请求行无法识别。", "This is no HTTP request.")
        return True

    def _release(self) -> None:
        self._memory.free(self._held)
        self._held = 0

    def read_body(self, head: Head, limit: int) -> bytes:
        """The request's body, of at most `limit` bytes.

        Raises Problem 400, 408, 413, 429; Gone.
        """
        if head.length == 0:
            return b""
        if head.length is not None and head.length > limit:
            raise too_large(limit)
        if head.expects and not self._buffer:
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.deadline = monotonic() + BODY_TIME + (head.length or limit) / PACE
        body = self._chunks(limit) if head.length is None else self._exactly(head.length)
        self.deadline = FOREVER
        return body

    def _exactly(self, size: int) -> bytes:
        if len(self._buffer) < size:
            pieces = [self._buffer]
            missing = size - len(self._buffer)
            while missing > 0:
                self._buffer = b""
                self._more()
                pieces.append(self._buffer)
                missing -= len(self._buffer)
            self._buffer = b"".join(pieces)
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return body

    def _chunks(self, limit: int) -> bytes:
        """Chunk by chunk, never beyond one: llhttp reads them, but keeps a chunk's size to itself.

        The size is wanted before the chunk has come, and so read a second time here.
        """
        parser, total, count = self._parser, 0, 0
        while size := self._chunk_size(parser):
            total, count = total + size, count + 1
            if total > limit:
                raise too_large(limit)
            if count > _CHUNKS:
                raise malformed("bad-chunk", "分块过多。", f"More than {_CHUNKS} chunks.")
            parser.feed(self._exactly(size + 2))
        for _ in range(_TRAILERS):
            parser.feed(self._line())
            if parser.done:
                break
        body = b"".join(parser.pieces)
        if not parser.done or len(body) != total:
            raise malformed("bad-chunk", "分块传输无法识别。", "The chunks have no end.")
        return body

    def _chunk_size(self, parser: Parser) -> int:
        line = self._line()
        parser.feed(line)
        size = int(line.partition(b";")[0], 16)
        if size >= _CHUNK_LIMIT:
            raise malformed("bad-chunk", "分块传输无法识别。", "A chunk makes no sense.")
        return size

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n", 0, _CHUNK_LINE_LIMIT) + 1) == 0:
            if len(self._buffer) >= _CHUNK_LINE_LIMIT:
                raise malformed("bad-chunk", "分块传输无法识别。", "A chunk makes no sense.")
            self._more()
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        return line

    def _more(self) -> None:
        """Take in what arrives next; raises Problem 408 or 429, Gone."""
        data = self._sock.recv(PACE)
        if self.late:
            raise malformed("too-slow", "发送请求过慢，连接已断开。", "Too slow; cut.", 408)
        if not data:
            raise Gone("the client has gone")
        self._memory.take(len(data))
        self._held += len(data)
        self._buffer += data

    def send(self, reply: Reply, head: Head | None, keep: bool) -> None:
        """Write `reply` to the request `head` (None: it could not be read).

        Raises OSError when the client has gone or takes the answer in too slowly.
        """
        old = head is not None and head.old
        bodiless = reply.status in BODILESS or (head is not None and head.method == "HEAD")
        self._writing = True
        lines = encode_head(reply, keep, old)
        if isinstance(reply.body, bytes):
            self._write(lines if bodiless else lines + reply.body)
        else:
            self._write(lines)
            for piece in () if bodiless else reply.body if old else as_chunks(reply.body):
                self._write(piece)
        self._writing, self.deadline = False, FOREVER

    def _write(self, data: bytes) -> None:
        self.deadline = monotonic() + BODY_TIME + len(data) / PACE
        self._sock.sendall(data)

    def expire(self) -> None:
        """Wake whoever waits on this connection: its time is up.

        Reading alone is ended where an answer can still be given.
        """
        self.late, self.deadline = True, FOREVER
        _quietly(self._sock.shutdown, SHUT_RDWR if self._writing else SHUT_RD)

    def hang_up(self) -> None:
        """Ask an idle connection to end. A request that has just arrived is still answered."""
        _quietly(self._sock.shutdown, SHUT_RD)

    def linger(self) -> None:
        """After a refusal: let the client read it, by taking in a little of what it still sends.

        Closing at once with unread data would reset the connection and the answer with it.
        """
        self.deadline = monotonic() + LINGER_TIME
        _quietly(self._sock.shutdown, SHUT_WR)
        for _ in range(16):
            if self.late or not _quietly(self._sock.recv, PACE):
                return

    def close(self) -> None:
        """Close the socket and give back what was held."""
        self._release()
        _quietly(self._sock.close)


def _quietly(call: Any, *args: Any) -> Any:
    try:
        return call(*args)
    except OSError:
        return None
