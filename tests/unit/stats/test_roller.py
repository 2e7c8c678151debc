"""The roller's turn: figures are rolled up whatever there is to compact."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from stats import clock


class Database:
    @contextmanager
    def connection(self):  # type: ignore[no-untyped-def]
        yield None


def test_what_cannot_be_compacted_does_not_keep_it_from_rolling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    def compact(_: object) -> int:
        raise TimeoutError

    monkeypatch.setattr(clock, "roll", lambda *_: done.append("rolled") or 0)
    monkeypatch.setattr(clock, "floor_of", lambda _: None)
    monkeypatch.setattr(clock, "compact", compact)
    roller = clock.Roller()
    roller.container = SimpleNamespace(config={"DATABASE": Database()})
    for _ in range(2):
        with pytest.raises(TimeoutError):
            roller.turn()
    assert done == ["rolled", "rolled"]
