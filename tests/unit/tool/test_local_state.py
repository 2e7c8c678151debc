"""State directories, ports and names of the private servers."""

import os
import signal
from pathlib import Path

import pytest

from tool.local import broker, ports, state
from tool.local.broker import Broker
from tool.local.signals import Stopped, StopSignals
from tool.local.state import LocalError, Lock, claim, own_dir, secret


def test_only_a_directory_we_made_is_claimed(tmp_path: Path) -> None:
    ours = tmp_path / "run"
    assert claim(ours) == claim(ours)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter").touch()
    with pytest.raises(LocalError, match="something else"):
        claim(tmp_path / "home")


def test_a_directory_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(LocalError, match="somebody else"):
        own_dir(tmp_path)


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(LocalError, match="somebody else"):
        own_dir(tmp_path / "link")


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    file = tmp_path / "password"
    assert secret(file) == secret(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_one_lock_at_a_time(tmp_path: Path) -> None:
    first, second = Lock(tmp_path), Lock(tmp_path)
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_ports_are_kept_unless_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: set[int] = set()
    monkeypatch.setattr(ports, "is_free", lambda port: port not in taken)
    file = tmp_path / "ports.json"
    first = ports.keep(file, ["a", "b"])
    assert len(set(first.values())) == 2
    assert set(first.values()) <= set(ports.RANGE)
    assert ports.keep(file, ["a", "b"]) == first == ports.load(file)
    taken.add(first["a"])
    later = ports.keep(file, ["a", "b"])
    assert later["a"] != first["a"]
    assert later["b"] == first["b"]


def test_a_name_cannot_end_the_erlang_literal() -> None:
    assert broker._binary("test-1.a_b") == '<<"test-1.a_b">>'
    for name in ('a">>, halt()', "信访", ""):
        with pytest.raises(ValueError, match="virtual host"):
            broker._binary(name)


def test_a_plugin_that_listens_somewhere_unknown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rabbitmq_stream"):
        Broker(tmp_path, tmp_path / "log", plugins=["rabbitmq_stream"])


def test_a_signal_acts_at_the_next_pause_only() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with StopSignals() as signals:
        signals.pause(0)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            signals.pause(60)
    assert signals.received == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before
