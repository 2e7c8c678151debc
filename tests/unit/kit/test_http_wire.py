"""Heads and bodies read strictly; replies written so that nothing can be smuggled in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.http.connection import Connection, Gone
from kit.http.limits import Memory
from kit.http.wire import Head, Reply
from kit.problems import Problem


class Wire:
    """A socket that delivers the given pieces, then the end of the stream."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.sent, self.shut = list(pieces), b"", []

    def recv(self, size: int) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        if len(piece) > size:
            self.pieces.insert(0, piece[size:])
        return piece[:size]

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def shutdown(self, how: int) -> None:
        self.shut.append(how)

    def close(self) -> None:
        self.pieces = []


def connection(*pieces: bytes, memory: Memory | None = None) -> tuple[Connection, Wire]:
    wire = Wire(*pieces)
    return Connection(wire, "192.0.2.1", memory or Memory()), wire


def parse_head(block: bytes) -> Head:
    conn, _ = connection(block + b"\r\n\r\n")
    head = conn.read_head()
    assert head is not None
    return head


def status_of(block: bytes) -> int:
    with pytest.raises(Problem) as caught:
        parse_head(block)
    return caught.value.status


def test_a_head_is_read():
    head = parse_head(
        b"POST /petitions/1?x=%E4 HTTP/1.1\r\nHost: a\r\nX-One:  1 \r\nx-one: 2\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\nContent-Length: 3"
    )
    assert (head.method, head.path, head.query) == ("POST", "/petitions/1", "x=%E4")
    assert head.headers["X-ONE"] == "1, 2" and head.headers.get("cookie") == "a=1; b=2"
    assert head.length == 3 and head.keep and not head.old


def test_header_lookup_takes_any_case():
    headers = parse_head(b"GET / HTTP/1.1\r\nHost: a").headers
    assert headers["HOST"] == headers.get("Host") == "a"
    with pytest.raises(KeyError):
        headers["X-None"]


def test_absolute_form_is_taken_as_its_path():
    head = parse_head(b"GET http://house.example/a?b HTTP/1.1\r\nHost: a")
    assert (head.path, head.query) == ("/a", "b")
    head = parse_head(b"GET http://house.example?b=/a HTTP/1.1\r\nHost: a")
    assert (head.path, head.query) == ("/", "b=/a")


@pytest.mark.parametrize(
    ("line", "keep"),
    [
        (b"HTTP/1.1\r\nHost: a", True),
        (b"HTTP/1.1\r\nHost: a\r\nConnection: Close", False),
        (b"HTTP/1.0", False),
        (b"HTTP/1.0\r\nConnection: Keep-Alive", True),
    ],
)
def test_whether_a_connection_is_kept(line: bytes, keep: bool):
    assert parse_head(b"GET / " + line).keep is keep


@pytest.mark.parametrize(
    "block",
    [
        b"GET /",
        b"GET  / HTTP/1.1\r\nHost: a",
        b"GET /a b HTTP/1.1\r\nHost: a",
        b"GET /\x00 HTTP/1.1\r\nHost: a",
        b"GET /  HTTP/1.1\r\nHost: a",
        b"GET\t/ HTTP/1.1\r\nHost: a",
        b"GET / RTSP/1.0",
        b"GET / HTTP/0.9",
        b"get / HTTP/1.1\r\nHost: a",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a",
        b"OPTIONS * HTTP/1.1\r\nHost: a",
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 3",
        b"GET a HTTP/1.1\r\nHost: a",
        b"GET /#x HTTP/1.1\r\nHost: a",
        b"GET http://a/#x HTTP/1.1\r\nHost: a",
        b"GET http:///x HTTP/1.1\r\nHost: a",
        b"GET http://a:b/x HTTP/1.1\r\nHost: a",
        b"G\xc3T / HTTP/1.1\r\nHost: a",
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded",
        b"GET / HTTP/1.1\r\nHost : a",
        b"GET / HTTP/1.1\r\nHost: a\nX: b",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00",
        b"GET / HTTP/1.1\r\nHost: a\r\nno colon",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked",
        b"GET / HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\nIdempotency-Key: b",
    ],
)
def test_what_is_ambiguous_is_refused(block: bytes):
    assert status_of(block) == 400


def test_unknown_versions_codings_and_expectations():
    assert status_of(b"PRI * HTTP/2.0") == 505
    assert status_of(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked") == 501
    assert status_of(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: coffee") == 417


def test_heads_arrive_in_pieces_and_pipelined():
    one = b"\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTT"
    conn, _ = connection(one[:7], one[7:25], one[25:], b"P/1.1\r\nHost: a\r\n\r\n")
    first, second = conn.read_head(), conn.read_head()
    assert first and second and (first.path, second.path) == ("/a", "/b")
    assert conn.read_head() is None


def test_another_protocol_is_refused_at_its_first_byte():
    conn, _ = connection(b"\x16\x03\x01\x02\x00")
    with pytest.raises(Problem):
        conn.read_head()


PARTS = st.sampled_from(
    [b"GET", b"POST", b" ", b"/a", b"HTTP/1.1", b"\r\n", b"\r", b"\n", b"Host: a", b":", b"\t",
     b"Content-Length: ", b"5", b"Transfer-Encoding: chunked", b"\x00", b"\xff", b"0"]
)  # fmt: skip


@given(st.lists(st.one_of(PARTS, st.binary(max_size=5)), max_size=40).map(b"".join))
def test_whatever_arrives_is_a_request_a_problem_or_the_end(data: bytes):
    conn, _ = connection(data, b"")
    try:
        while head := conn.read_head():
            assert head.path.startswith("/") and head.headers.get("host", "") is not None
            conn.read_body(head, 1000)
    except (Problem, Gone):
        pass


REQUEST = (
    b"POST /a?b HTTP/1.1\r\nHost: a\r\nEmpty:\r\nX: 1\r\nLast: \r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;x=y\r\nabc\r\n1\r\n\n\r\n0\r\nTrailer: 1\r\n\r\n"
)


@given(st.sets(st.integers(1, len(REQUEST) * 2)).map(sorted))
def test_however_it_is_cut_a_request_reads_the_same(cuts: list[int]):
    data = REQUEST * 2
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True) if a < b]
    conn, _ = connection(*pieces)
    for _ in range(2):
        head = conn.read_head()
        assert head is not None and (head.path, head.query, head.length) == ("/a", "b", None)
        assert head.headers == {
            "host": "a", "empty": "", "x": "1", "last": "", "transfer-encoding": "chunked"
        }  # fmt: skip
        assert conn.read_body(head, 10) == b"abc\n"
    assert conn.read_head() is None


def test_a_broken_head_is_refused_before_its_end():
    conn, _ = connection(b"GET / HTTP/1.1\nHost: a\n")
    with pytest.raises(Problem) as caught:
        conn.read_head()
    assert caught.value.status == 400


def test_too_many_headers_are_refused():
    assert status_of(b"GET / HTTP/1.1\r\nHost: a" + b"\r\nX: y" * 100) == 431
    assert len(parse_head(b"GET / HTTP/1.1\r\nHost: a" + b"\r\nX: y" * 99).headers["x"]) == 295


def test_a_head_without_end_is_refused():
    conn, _ = connection(b"GET / HTTP/1.1\r\n", *[b"X: " + b"y" * 997 + b"\r\n"] * 40)
    with pytest.raises(Problem) as caught:
        conn.read_head()
    assert caught.value.status == 431


def test_a_body_by_length():
    conn, _ = connection(b"ab", b"cde", b"f")
    assert conn.read_body(Head("POST", "/", "", None, length=5), 10) == b"abcde"  # type: ignore[arg-type]


def test_a_body_in_chunks():
    conn, head = chunked(b"3\r\nabc\r", b"\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n")
    assert conn.read_body(head, 10) == b"abcde"


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"3\r\nabcd\r\n0\r\n\r\n", 400),
        (b"-1\r\n\r\n", 400),
        (b"0x3\r\nabc\r\n", 400),
        (b"fffffffff\r\n", 400),
        (b"b\r\n", 413),
        (b"6\r\nabcdef\r\n5\r\nabcde\r\n", 413),
        (b"1" * 300, 400),
        (b"3;" + b"x" * 300 + b"\r\nabc\r\n", 400),
        (b"3\nabc\n0\n\n", 400),
        (b"3 \r\nabc\r\n", 400),
        (b"0\r\n" + b"a: b\r\n" * 40, 400),
    ],
)
def test_broken_chunks_are_refused(wire: bytes, status: int):
    conn, head = chunked(wire)
    with pytest.raises(Problem) as caught:
        conn.read_body(head, 10)
    assert caught.value.status == status


def chunked(*pieces: bytes) -> tuple[Connection, Head]:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    conn, _ = connection(head, *pieces)
    read = conn.read_head()
    assert read is not None
    return conn, read


def test_a_body_in_crumbs_is_refused():
    conn, head = chunked(b"1\r\nx\r\n" * 10_001, b"0\r\n\r\n")
    with pytest.raises(Problem) as caught:
        conn.read_body(head, 100_000)
    assert caught.value.status == 400


def test_a_body_too_large_is_not_read():
    conn, wire = connection(b"x" * 100)
    with pytest.raises(Problem) as caught:
        conn.read_body(Head("POST", "/", "", None, length=11), 10)  # type: ignore[arg-type]
    assert caught.value.status == 413 and len(wire.pieces) == 1


def test_a_client_that_leaves_in_its_body():
    conn, _ = connection(b"ab")
    with pytest.raises(Gone):
        conn.read_body(Head("POST", "/", "", None, length=5), 10)  # type: ignore[arg-type]


def test_a_client_that_asks_first_is_told_to_continue():
    conn, wire = connection(b"abc")
    head = parse_head(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3")
    assert conn.read_body(head, 10) == b"abc"
    assert wire.sent == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_late_body_is_answered_with_408_and_only_reading_ends():
    conn, wire = connection(b"")
    conn.expire()
    with pytest.raises(Problem) as caught:
        conn.read_body(Head("POST", "/", "", None, length=5), 10)  # type: ignore[arg-type]
    assert caught.value.status == 408 and wire.shut == [0]


def test_bodies_held_are_counted_and_given_back():
    memory = Memory(limit=10)
    conn, _ = connection(b"12345678", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", memory=memory)
    conn.read_body(Head("POST", "/", "", None, length=8), 100)  # type: ignore[arg-type]
    with pytest.raises(Problem) as caught:
        memory.take(3)
    assert caught.value.status == 429
    conn.close()
    memory.take(10)


def test_replies():
    conn, wire = connection()
    conn.send(Reply(200, [("A", "b")], b"body"), parse_head(b"GET / HTTP/1.1\r\nHost: a"), True)
    assert wire.sent.startswith(b"HTTP/1.1 200 OK\r\nDate: ")
    assert wire.sent.endswith(b"A: b\r\nContent-Length: 4\r\n\r\nbody")


def test_a_reply_to_head_has_the_length_but_no_body():
    conn, wire = connection()
    conn.send(Reply(200, [], b"body"), parse_head(b"HEAD / HTTP/1.1\r\nHost: a"), True)
    assert wire.sent.endswith(b"Content-Length: 4\r\n\r\n")


def test_a_streamed_reply():
    conn, wire = connection()
    pieces = (piece for piece in (b"abc", b"", b"d"))
    conn.send(Reply(200, [], pieces), parse_head(b"GET / HTTP/1.1\r\nHost: a"), True)
    assert wire.sent.endswith(b"chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")


def test_a_streamed_reply_to_an_old_client_ends_with_the_connection():
    conn, wire = connection()
    conn.send(Reply(200, [], iter([b"abc"])), parse_head(b"GET / HTTP/1.0"), False)
    assert wire.sent.endswith(b"Connection: close\r\n\r\nabc")


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x", "a\nb", "a\rb"])
def test_a_response_header_cannot_hold_a_line_break(value: str):
    conn, wire = connection()
    with pytest.raises(ValueError, match="line break"):
        conn.send(Reply(200, [("A", value)], b""), None, True)
    assert wire.sent == b""
