"""Requests that two readers could cut in two ways: each is refused on the wire, and nothing more
is read from its connection."""

import kit.patched  # noqa: F401  isort: skip

import socket
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import eventlet
import pytest
from nameko.containers import ServiceContainer

from kit.http import Ops, Request, Server, page, route
from kit.identity import PUBLIC

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /post HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


class House(Ops):
    """Writes down what reaches a route."""

    name = "house"
    reached: ClassVar[list[str]] = []

    @page("POST", "/post", scope=PUBLIC, limit=1000)
    def post(self, request: Request) -> str:
        self.reached.append(request.path)
        return "posted"

    @route("GET", "/hidden", scope=PUBLIC)
    def hidden(self, request: Request) -> dict[str, Any]:
        self.reached.append(request.path)
        return {}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    container = ServiceContainer(House, {"HTTP_ADDRESS": "127.0.0.1:0", "max_workers": 2})
    container.start()
    yield container.shared_extensions[Server].port
    container.stop()


@pytest.fixture
def say(port: int) -> Iterator[Callable[[bytes], bytes]]:
    """Send bytes on a connection of their own; all that is answered until the server closes it."""
    House.reached.clear()
    client = socket.create_connection(("127.0.0.1", port), timeout=5)

    def exchange(data: bytes) -> bytes:
        client.sendall(data)
        answers = b""
        while piece := client.recv(65536):
            answers += piece
        try:  # whatever comes after a refusal comes too late
            client.sendall(HIDDEN)
            eventlet.sleep(0.02)
        except OSError:
            pass
        return answers

    yield exchange
    client.close()


def head(*lines: bytes) -> bytes:
    """A POST with these header lines, and a request hidden behind it."""
    return POST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + b"0\r\n\r\n" + HIDDEN


def line(first: bytes) -> bytes:
    return first + b"\r\nHost: a\r\n\r\n" + HIDDEN


def chunks(data: bytes) -> bytes:
    return CHUNKED + data + HIDDEN


LENGTH, CODING = b"Content-Length: 5", b"Transfer-Encoding: chunked"
REFUSED = {
    # where does the body end?
    "cl-te": (head(LENGTH, CODING), 400),
    "te-cl": (head(CODING, LENGTH), 400),
    "te-cl-0": (head(CODING, b"Content-Length: 0"), 400),
    "two-cl": (head(LENGTH, b"Content-Length: 6"), 400),
    "two-cl-alike": (head(LENGTH, LENGTH), 400),
    "cl-list": (head(b"Content-Length: 5, 5"), 400),
    "cl-negative": (head(b"Content-Length: -5"), 400),
    "cl-plus": (head(b"Content-Length: +5"), 400),
    "cl-hex": (head(b"Content-Length: 0x5"), 400),
    "cl-underscore": (head(b"Content-Length: 1_0"), 400),
    "cl-empty": (head(b"Content-Length:"), 400),
    "cl-spaces": (head(b"Content-Length: 5 5"), 400),
    "cl-large": (head(b"Content-Length: 1001"), 413),
    "cl-64-bit": (head(b"Content-Length: 18446744073709551615"), 413),
    "cl-overflow": (head(b"Content-Length: 18446744073709551621"), 400),
    "cl-huge": (head(b"Content-Length: " + b"9" * 400), 400),
    "two-te": (head(CODING, CODING), 400),
    "te-te": (head(CODING, b"Transfer-Encoding: identity"), 400),
    "te-identity": (head(b"Transfer-Encoding: identity"), 400),
    "te-unknown": (head(b"Transfer-Encoding: xchunked"), 400),
    "te-gzip-chunked": (head(b"Transfer-Encoding: gzip, chunked"), 501),
    "te-chunked-gzip": (head(b"Transfer-Encoding: chunked, gzip"), 400),
    "te-quoted": (head(b'Transfer-Encoding: "chunked"'), 400),
    "te-vertical-tab": (head(b"Transfer-Encoding:\x0bchunked"), 400),
    "te-http-1.0": (head(CODING).replace(b"HTTP/1.1", b"HTTP/1.0", 1), 400),
    # where does a header end?
    "obs-fold": (head(b"X: a", b" b"), 400),
    "obs-fold-te": (head(b"Transfer-Encoding:", b"\tchunked"), 400),
    "obs-fold-first": (b"POST /post HTTP/1.1\r\n Host: a\r\n\r\n" + HIDDEN, 400),
    "space-before-colon": (head(b"Transfer-Encoding : chunked"), 400),
    "tab-before-colon": (head(b"Content-Length\t: 5"), 400),
    "no-colon": (head(b"X"), 400),
    "no-name": (head(b": x"), 400),
    "nul-in-name": (head(b"X\x00: a"), 400),
    "nul-in-value": (head(b"X: a\x00b"), 400),
    "control-in-value": (head(b"X: a\x01b"), 400),
    "byte-in-name": (head(b"Content-Length\xad: 5"), 400),
    "lone-cr-in-value": (head(b"X: a\rContent-Length: 5"), 400),
    "lone-cr-at-end": (POST + b"X: a\r\r\n\r\n" + HIDDEN, 400),
    "cr-cr-lf-as-end": (POST + b"\r\r\n" + HIDDEN, 400),
    "bare-lf-in-value": (head(b"X: a\nContent-Length: 5"), 400),
    "bare-lf-at-end": (POST + b"\n" + HIDDEN, 400),
    "bare-lf-everywhere": (HIDDEN.replace(b"\r\n", b"\n"), 400),
    "two-hosts": (head(b"Host: b"), 400),
    "no-host": (b"GET /hidden HTTP/1.1\r\n\r\n", 400),
    # what is asked for?
    "no-version": (line(b"GET /hidden"), 400),
    "version-0.9": (line(b"GET /hidden HTTP/0.9"), 400),
    "version-1.2": (line(b"GET /hidden HTTP/1.2"), 505),
    "version-2": (line(b"GET /hidden HTTP/2.0"), 505),
    "version-long": (line(b"GET /hidden HTTP/1.10"), 400),
    "version-spaced": (line(b"GET /hidden HTTP/1.1 "), 400),
    "other-protocol": (line(b"GET /hidden RTSP/1.0"), 400),
    "two-spaces": (line(b"GET  /hidden HTTP/1.1"), 400),
    "two-spaces-behind": (line(b"GET /hidden  HTTP/1.1"), 400),
    "tab": (line(b"GET\t/hidden HTTP/1.1"), 400),
    "space-in-target": (line(b"GET /hidden HTTP/1.1 HTTP/1.1"), 400),
    "nul-in-target": (line(b"GET /hidden\x00 HTTP/1.1"), 400),
    "byte-in-target": (line(b"GET /hidden\xe4 HTTP/1.1"), 400),
    "fragment": (line(b"GET /hidden#x HTTP/1.1"), 400),
    "lone-cr-in-line": (line(b"GET /hidden HTTP/1.1\rX: a"), 400),
    "method-unknown": (line(b"FETCH /hidden HTTP/1.1"), 400),
    "method-small": (line(b"get /hidden HTTP/1.1"), 400),
    "absolute-other-scheme": (line(b"GET ftp://a/hidden HTTP/1.1"), 400),
    "absolute-with-fragment": (line(b"GET http://a/hidden#x HTTP/1.1"), 400),
    "absolute-without-host": (line(b"GET http:///hidden HTTP/1.1"), 400),
    "authority": (line(b"GET a:80 HTTP/1.1"), 400),
    "connect": (line(b"CONNECT a:443 HTTP/1.1"), 400),
    "connect-path": (line(b"CONNECT /hidden HTTP/1.1"), 400),
    "asterisk": (line(b"OPTIONS * HTTP/1.1"), 400),
    "asterisk-get": (line(b"GET * HTTP/1.1"), 400),
    "upgrade-h2c": (head(b"Connection: upgrade, http2-settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk"), 400),
    "upgrade-with-body": (head(b"Connection: upgrade", b"Upgrade: h2c", LENGTH), 400),
    "upgrade-websocket": (head(b"Connection: Upgrade", b"Upgrade: websocket"), 400),
    "h2-preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04" + HIDDEN, 505),
    "tls": (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + HIDDEN, 400),
    "space-before": (b" " + HIDDEN, 400),
    # where does a chunk end?
    "chunk-size-overflow": (chunks(b"10000000000000005\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-size-33-bit": (chunks(b"100000005\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-size-large": (chunks(b"3e9\r\nabcde\r\n0\r\n\r\n"), 413),
    "chunk-size-zeros": (chunks(b"0" * 300 + b"5\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-size-negative": (chunks(b"-5\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-size-0x": (chunks(b"0x5\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-size-underscore": (chunks(b"0_5\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-size-empty": (chunks(b"\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-size-spaced": (chunks(b"5 \r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-size-led": (chunks(b" 5\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-short": (chunks(b"4\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-long": (chunks(b"6\r\nabcde\r\n0\r\n\r\n"), 400),
    "chunk-no-crlf": (chunks(b"5\r\nabcde0\r\n\r\n"), 400),
    "chunk-bare-lf": (chunks(b"5\nabcde\n0\n\n"), 400),
    "chunk-bare-lf-after": (chunks(b"5\r\nabcde\n0\r\n\r\n"), 400),
    "chunk-lone-cr": (chunks(b"5\rabcde\r0\r\r"), 400),
    "extension-bare-lf": (chunks(b"5;x\nabcde\r\n0\r\n\r\n"), 400),
    "extension-lone-cr": (chunks(b"5;x\ra\r\nabcde\r\n0\r\n\r\n"), 400),
    "extension-empty": (chunks(b"5;\r\nabcde\r\n0\r\n\r\n"), 400),
    "extension-nul": (chunks(b"5;x=\x00\r\nabcde\r\n0\r\n\r\n"), 400),
    "extension-long": (chunks(b"5;x=" + b"y" * 300 + b"\r\nabcde\r\n0\r\n\r\n"), 400),
    "trailer-cl": (chunks(b"0\r\nContent-Length: 5\r\n\r\n"), 400),
    "trailer-te": (chunks(b"0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400),
    "trailer-fold": (chunks(b"0\r\nX: a\r\n b\r\n\r\n"), 400),
    "trailer-is-request": (chunks(b"0\r\n"), 400),
    "trailers-many": (chunks(b"0\r\n" + b"X: a\r\n" * 40 + b"\r\n"), 400),
    "chunk-end-bare-lf": (chunks(b"0\r\n\n"), 400),
}  # fmt: skip


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_nothing_reaches_a_route(say: Any, data: bytes, status: int):
    answers = say(data)
    assert answers.startswith(b"HTTP/1.1 %d " % status), answers
    assert answers.count(b"\r\nDate: ") == 1
    assert b"\r\nConnection: close\r\n" in answers
    assert b"\r\nContent-Type: application/problem+json\r\n" in answers
    assert House.reached == []


FORM = POST + b"Content-Length: 3\r\n\r\na=b"
TRAILING = {
    "garbage": FORM + b"\x00\x01\x02" + HIDDEN,
    "more-than-length": FORM + b"cd" + HIDDEN,
    "body-without-length": POST + b"\r\na=b" + HIDDEN,
    "after-last-chunk": CHUNKED + b"3\r\na=b\r\n0\r\n\r\nX" + HIDDEN,
    "broken-second": FORM + head(LENGTH, CODING),
}


@pytest.mark.parametrize("data", TRAILING.values(), ids=TRAILING)
def test_what_trails_a_good_request_is_refused(say: Any, data: bytes):
    answers = say(data)
    first, _, second = answers[1:].partition(b"HTTP/1.1 400 ")
    assert first.startswith(b"TTP/1.1 200 ") and b"\r\nConnection: close\r\n" in second
    assert House.reached == ["/post"]


def test_after_close_nothing_is_read(say: Any):
    answers = say(FORM.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + HIDDEN)
    assert answers.count(b"HTTP/1.1 200 ") == 1 and House.reached == ["/post"]


LAST = b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
TAKEN = {
    "body-like-a-request": POST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "chunk-like-a-request": CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN),
    "chunk-like-an-end": CHUNKED + b"9\r\na=\r\n0\r\n\r\n\r\n0\r\n\r\n",
    "extension": CHUNKED + b'3;x=y;z="a;b"\r\na=b\r\n0;x\r\nTrailer: 1\r\n\r\n',
    "absolute-form": FORM.replace(b"/post", b"http://b/post", 1),
    "blank-lines-before": b"\r\n\r\n" + FORM,
}


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
def test_what_looks_odd_but_is_plain_is_taken_as_one(say: Any, data: bytes):
    answers = say(data + LAST)
    assert answers.count(b"HTTP/1.1 200 ") == 2 and answers.endswith(b'{"status":"live"}')
    assert House.reached == ["/post"]
