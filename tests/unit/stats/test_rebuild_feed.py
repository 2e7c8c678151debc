"""A service that is away for a moment, as it is while it is restarted, ends no rebuild."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest

from kit.events import BEGINNING, POSITION
from stats.rebuild.feed import Feed, Refused, Silent

Answer = tuple[int, bytes, str | None]
"""Status, body, position."""


class Service(HTTPServer):
    """A log that answers what it is told to, once each, and 500 afterwards."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, body, position = (
            self.server.answers.pop(0) if self.server.answers else (500, b"", None)
        )
        self.send_response(status)
        if position is not None:
            self.send_header(POSITION, position)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with Service() as server:
        monkeypatch.setenv("INTAKE_URL", f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def feed(say: Callable[[str], None] = lambda line: None) -> Feed:
    return Feed("intake", lambda: "token", say)


def test_it_is_asked_again_and_nothing_is_passed_over(service: Service) -> None:
    service.answers = [(200, b"a\nb\n", "7.2"), (503, b"", None), (200, b"c\n", "9.3")]
    said: list[str] = []
    log = feed(said.append)
    assert [log.page(), log.page()] == [[b"a", b"b"], [b"c"]]
    assert log.position == "9.3"
    assert [path.partition("after=")[2].partition("&")[0] for path in service.asked] == [
        BEGINNING,
        "7.2",
        "7.2",
    ]
    assert said == ["intake does not give its log: 503; it is asked for 300 s more"]


def test_who_is_in_a_hurry_does_not_wait(service: Service) -> None:
    with pytest.raises(Silent, match="intake does not give its log: 500"):
        feed().page(0.1)


@pytest.mark.parametrize("answer", [(200, b"a\n", None), (403, b"", None)])
def test_what_waiting_does_not_mend_is_told_at_once(service: Service, answer: Answer) -> None:
    service.answers = [answer]
    log = feed()
    with pytest.raises(Refused):
        log.page()
    assert log.position == BEGINNING


def test_who_is_told_to_end_waits_no_longer(service: Service) -> None:
    log, ended = feed(), Event()

    def read() -> None:
        with pytest.raises(Silent):
            list(log.pages())
        ended.set()

    Thread(target=read, daemon=True).start()
    while not service.asked:
        time.sleep(0.01)
    log.over.set()
    assert ended.wait(5)
