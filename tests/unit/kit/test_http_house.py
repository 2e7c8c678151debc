"""The small rooms HTTP stands on: settings, clock, log, metrics."""

import io
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from marshmallow import Schema, ValidationError

from kit import clock, log, metrics
from kit.config import ConfigError, Settings
from kit.http import Instant, Line, Text

ENV = {"DATABASE_URL": "postgresql://u:secret@h/db", "AMQP_URL": "amqp://u:secret@h//"}


def test_defaults():
    settings = Settings.from_env("supervision", ENV)
    assert (settings.address, settings.port, settings.ops_port) == ("127.0.0.1", 8003, None)
    assert settings.site == "330282" and settings.keys == settings.state / "keys"
    assert settings.zone.key == "Asia/Shanghai" and settings.outbox_limit == 200_000
    assert "secret" not in repr(settings)


def test_a_service_may_have_its_own_database_port_and_address():
    own = {
        "INTAKE_DATABASE_URL": "postgresql://other/db",
        "INTAKE_PORT": "9001",
        "INTAKE_ADDRESS": "::1",
        "OPS_PORT": "9009",
        "PETITION_STATE": "/srv/state",
    }
    settings = Settings.from_env("intake", ENV | own)
    assert settings.database_url == "postgresql://other/db" and settings.port == 9001
    assert settings.ops_port == 9009 and settings.state == Path("/srv/state")


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"AMQP_URL": " "}, "AMQP_URL"),
        ({"INTAKE_PORT": "80a"}, "INTAKE_PORT"),
        ({"INTAKE_PORT": "70000"}, "INTAKE_PORT"),
        ({"MAX_WORKERS": "0"}, "MAX_WORKERS"),
        ({"OUTBOX_LIMIT": "-1"}, "OUTBOX_LIMIT"),
        ({"PETITION_SITE": "33x"}, "PETITION_SITE"),
        ({"PETITION_TZ": "Moon/Sea"}, "PETITION_TZ"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(wrong: dict[str, str], name: str):
    with pytest.raises(ConfigError) as caught:
        Settings.from_env("intake", ENV | wrong)
    assert name in str(caught.value) and "\n" not in str(caught.value)


@pytest.fixture
def _unshifted() -> Iterator[None]:
    yield
    clock.set_shift(timedelta())


@pytest.mark.usefixtures("_unshifted")
def test_the_clock_can_be_shifted():
    clock.set_shift(timedelta(days=-400))
    assert timedelta(days=399) < datetime.now(UTC) - clock.now() < timedelta(days=401)
    assert clock.now().tzinfo is UTC


def test_local_dates():
    instant = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)
    assert clock.local_date(instant) == date(2026, 3, 5)
    assert clock.local_date(instant, "UTC") == date(2026, 3, 4)
    with pytest.raises(ValueError, match="time zone"):
        clock.local_date(datetime(2026, 3, 4))


@pytest.fixture
def lines() -> Iterator[io.BytesIO]:
    """What a logger of its own writes; the process's logging stays as it is."""
    stream = io.BytesIO()
    logger = logging.getLogger("test.lines")
    handler = log.Lines(stream, "desk", "web")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)
    log.bind("", "")


def test_a_line(lines: io.BytesIO):
    log.bind("00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    logging.getLogger("test.lines").info("case.accepted", extra={"sequence": 3, "event": "x"})
    line = orjson.loads(lines.getvalue())
    assert line["event"] == "case.accepted" and line["correlation"] == "a" * 32
    assert (line["service"], line["role"], line["level"]) == ("desk", "web", "info")
    assert line["sequence"] == 3 and line["event_"] == "x"
    assert datetime.fromisoformat(line["time"]).tzinfo is not None


def test_nothing_a_person_wrote_gets_in(lines: io.BytesIO):
    logger = logging.getLogger("test.lines")
    logger.info("person %s", "张三", extra={"row": object()})
    try:
        int("张三")
    except ValueError:
        logger.exception("case.failed")
    text = lines.getvalue().decode()
    first, second = (orjson.loads(line) for line in text.splitlines())
    assert first["event"] == "person %s" and first["row"] == "<object>"
    assert second["error"]["type"] == "builtins.ValueError" and second["error"]["frames"]
    assert "张三" not in text


def test_an_error_of_the_program_keeps_its_text_and_a_databases_its_state():
    assert log.describe(ConnectionError("no route"))["text"] == "no route"

    class Refused(Exception):
        pgcode = "23505"

    assert log.describe(Refused("Key (id)=(3302) exists"))["sqlstate"] == "23505"


def test_a_cause_is_told():
    try:
        try:
            raise OSError("gone")
        except OSError as error:
            raise RuntimeError("data") from error
    except RuntimeError as error:
        told = log.describe(error)
    assert told["cause"]["text"] == "gone" and "text" not in told


def test_a_metric_is_made_once():
    one = metrics.counter("petition_http_test_total", "Test", ("a",))
    assert metrics.counter("petition_http_test_total", "Test", ("a",)) is one
    one.labels("x").inc()
    assert b'petition_http_test_total{a="x"} 1.0' in metrics.exposition()
    assert metrics.histogram("petition_http_test_seconds", "Test") is not None


class Form(Schema):
    text = Text(most=20)
    line = Line(most=5)
    at = Instant()


@pytest.mark.parametrize(
    ("given", "loaded"),
    [
        ({"text": " a\r\nb\tc "}, {"text": "a\nb\tc"}),
        ({"text": "e\u0301"}, {"text": "é"}),
        ({"line": " 李四 "}, {"line": "李四"}),
        ({"at": "2026-03-04T08:00:00+08:00"}, {"at": datetime(2026, 3, 4, tzinfo=UTC)}),
    ],
)
def test_fields(given: dict[str, Any], loaded: dict[str, Any]):
    assert Form().load(given) == loaded


@pytest.mark.parametrize(
    "given",
    [
        {"text": "   "},
        {"text": "a\x00"},
        {"text": "a\u202eb"},
        {"text": "x" * 21},
        {"line": "a\nb"},
        {"at": "2026-03-04T08:00:00"},
    ],
)
def test_refused_fields(given: dict[str, Any]):
    with pytest.raises(ValidationError):
        Form().load(given)
